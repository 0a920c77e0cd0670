"""Pictures of a logistic model, and the table that each picture shows."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from voteshift.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from voteshift.logistic.effects import Effects
    from voteshift.logistic.intercept_results import RandomInterceptResult
    from voteshift.logistic.results import Estimates

__all__ = ["coefficient_rows", "effect_rows", "plot_coefficients", "plot_effects"]


def coefficient_rows(
    result: "Estimates | RandomInterceptResult", *, intercepts: bool = False
) -> pd.DataFrame:
    """Return the table that a picture of coefficients shows, from top to bottom.

    Parameters
    ----------
    result : Estimates or RandomInterceptResult
    intercepts : bool
        If True, also show intercepts, cutpoints and the standard deviation of intercepts.

    Returns
    -------
    DataFrame
        ``label``, ``estimate``, ``conf_low``, ``conf_high``.
    """
    table = result.tidy()
    if not intercepts:
        table = table[[not term.constant for term in result.terms]]
    return table[["label", "estimate", "conf_low", "conf_high"]].reset_index(drop=True)


def effect_rows(effects: "Effects", *, category: str | None = None) -> pd.DataFrame:
    """Return the table that a picture of average marginal effects shows, from top to bottom.

    Parameters
    ----------
    effects : Effects
    category : str, optional
        One category of the outcome; all by default.

    Returns
    -------
    DataFrame
        ``label``, ``category``, ``estimate``, ``conf_low``, ``conf_high``.

    Raises
    ------
    UsageError
        If the outcome has no such category.
    """
    table = effects.tidy()
    if category is not None:
        if category not in set(table["category"]):
            raise UsageError(
                f"category is {category!r}", remedy=f"give one of {', '.join(table['category'].unique())}"
            )
        table = table[table["category"] == category]
    columns = ["label", "category", "estimate", "conf_low", "conf_high"]
    return table[columns].reset_index(drop=True)


def plot_coefficients(
    result: "Estimates | RandomInterceptResult", ax: "Axes | None" = None, *, intercepts: bool = False
) -> "Axes":
    """Draw coefficients with their intervals on the logit scale.

    Parameters
    ----------
    result : Estimates or RandomInterceptResult
    ax : Axes, optional
        Axes to draw on; by default the axes of a new figure.
    intercepts : bool
        If True, also show intercepts, cutpoints and the standard deviation of intercepts.

    Returns
    -------
    Axes
        The axes, with one line per term. The first term is at the top.
    """
    rows = coefficient_rows(result, intercepts=intercepts)
    ax = _forest(rows.assign(category=""), ax)
    kind = "conditional coefficient" if "estimand" in result.tidy().columns else "coefficient"
    ax.set_xlabel(f"{kind}, with {100 * result.level:g} % interval")
    return ax


def plot_effects(effects: "Effects", ax: "Axes | None" = None, *, category: str | None = None) -> "Axes":
    """Draw average marginal effects on the probability, with their intervals.

    Parameters
    ----------
    effects : Effects
    ax : Axes, optional
        Axes to draw on; by default the axes of a new figure.
    category : str, optional
        One category of the outcome; all by default, each with its own marker.

    Returns
    -------
    Axes
        The axes, with one line per contrast and its categories below each other.

    Raises
    ------
    UsageError
        If the outcome has no such category.
    """
    ax = _forest(effect_rows(effects, category=category), ax)
    ax.set_xlabel(f"average change in probability, with {100 * effects.level:g} % interval")
    return ax


def _forest(rows: pd.DataFrame, ax: "Axes | None") -> "Axes":
    """Draw one line per label, with the categories of a label below each other."""
    from matplotlib import pyplot as plt

    labels = list(dict.fromkeys(rows["label"]))
    categories = list(dict.fromkeys(rows["category"]))
    if ax is None:
        height = 1.0 + 0.28 * len(rows)
        _, ax = plt.subplots(figsize=(7.0, height), layout="constrained")
    spread = 0.25 * (np.arange(len(categories)) - (len(categories) - 1) / 2)
    for number, name in enumerate(categories):
        part: Any = rows[rows["category"] == name]
        heights = [
            labels.index(label) + (spread[number] if len(categories) > 1 else 0.0) for label in part["label"]
        ]
        reach = np.abs(part[["conf_low", "conf_high"]].to_numpy().T - part["estimate"].to_numpy())
        ax.errorbar(
            part["estimate"],
            heights,
            xerr=reach,
            fmt="os^D"[number % 4],
            markersize=5,
            capsize=2,
            color=f"C{number}",
            label=name or None,
        )
    ax.axvline(0.0, color="0.6", linewidth=0.8, zorder=0)
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    if len(categories) > 1:
        # Above the axes, because intervals can cover every corner of the picture.
        ax.legend(frameon=False, ncols=len(categories), loc="lower center", bbox_to_anchor=(0.5, 1.0))
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    return ax
