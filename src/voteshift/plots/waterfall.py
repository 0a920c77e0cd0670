"""The components of the change in a step, from the old tally to the new tally, with their intervals."""

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from voteshift.errors import NotUsableError, UsageError
from voteshift.plots.style import COLOURS, HATCHES, INK, MUTED, canvas, styled
from voteshift.plots.versions import years
from voteshift.shift.explanation import Explanation
from voteshift.shift.parts import ModelParts
from voteshift.votes import CAST
from voteshift.writing import with_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["waterfall", "waterfall_table"]

_ROW: Final = 0.21  # inches
_WIDTH: Final = 4.5
_LETTERS: Final = 8.0
_HEADING: Final = 1.1  # rows that the name of a category takes
_TALLY: Final = "tally"
_ROOM: Final = 0.02  # of the span of the votes, beyond either end


def waterfall_table(why: Explanation, step: int = 0) -> pd.DataFrame:
    """Return the bars of one step: the old tally, the components of the change, and the new tally.

    Parameters
    ----------
    why : Explanation
        The explanation to draw.
    step : int
        The index of the step, from 0.

    Returns
    -------
    DataFrame
        One row per bar, for yes, no and abstain.
        ``category``: yes, no or abstain.
        ``component``: the component of the change, or ``tally`` for the first and the last bar.
        ``label``: the name of the bar.
        ``begin``, ``end``: the ends of the bar in votes.
        ``estimate``: ``end`` - ``begin``.
        ``conf_low``, ``conf_high``: the interval of a component.
        The bar of a component begins at the end of the bar before it. The bars of tallies begin at 0.

    Raises
    ------
    UsageError
        If there is no such step.
    NotUsableError
        If the step has no model.
    """
    if not -len(why.steps) <= step < len(why.steps):
        raise UsageError(
            f"there is no step {step}: {why.family} has {len(why.steps)} steps",
            remedy="count steps from 0, or from the end with -1",
        )
    chosen = why.steps[step]
    if not isinstance(chosen.model, ModelParts):
        raise NotUsableError(f"this step has no model: {chosen.model}")
    called = dict(zip(why.rollcalls.index, years(why.rollcalls), strict=True))
    parts = chosen.model.rows
    rows = []
    for name in CAST:
        total = float(why.rollcalls.loc[chosen.old, name])
        rows.append((name, _TALLY, called[chosen.old], 0.0, total, np.nan, np.nan))
        for part in parts[parts["category"] == name].itertuples(index=False):
            rows.append(
                (
                    name,
                    part.component,
                    part.component,
                    total,
                    total + part.estimate,
                    part.conf_low,
                    part.conf_high,
                )
            )
            total += part.estimate
        after = float(why.rollcalls.loc[chosen.new, name])  # the end of the parts, except for rounding
        rows.append((name, _TALLY, called[chosen.new], 0.0, after, np.nan, np.nan))
    columns = ["category", "component", "label", "begin", "end", "conf_low", "conf_high"]
    table = pd.DataFrame(rows, columns=columns)
    table.insert(5, "estimate", table["end"] - table["begin"])
    return table


def waterfall(why: Explanation, step: int = 0, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the components of the change in one step, from the old tally to the new tally.

    Parameters
    ----------
    why : Explanation
        The explanation to draw.
    step : int
        The index of the step, from 0.
    ax : Axes, optional
        Axes to draw on; by default the axes of a new figure.

    Returns
    -------
    Axes
        Each component is a bar that begins at the end of the bar above it. The line at the end of a bar shows
        the interval of the component.

    Raises
    ------
    UsageError
        If there is no such step.
    NotUsableError
        If the step has no model.
    """
    table = waterfall_table(why, step)
    with styled():
        ax = canvas(ax, _WIDTH, 0.75 + _ROW * (len(table) + len(CAST) * _HEADING))
        _draw(ax, table, why.level)
    return ax


def _draw(ax: "Axes", table: pd.DataFrame, level: float) -> None:
    block = table["category"].map({name: index for index, name in enumerate(CAST)})
    rows = np.arange(len(table)) + _HEADING * (1 + block.to_numpy())
    low, high = table["begin"] + table["conf_low"], table["begin"] + table["conf_high"]
    largest = float(np.nanmax([table["end"].max(), high.max()]))
    lowest = min(0.0, float(np.nanmin([table["end"].min(), low.min()])))
    span = largest - lowest
    for height, row in zip(rows, table.itertuples(index=False), strict=True):
        is_tally = row.component == _TALLY
        ax.barh(
            height,
            row.end - row.begin,
            left=row.begin,
            height=0.72,
            facecolor=COLOURS[row.category],
            hatch=HATCHES[row.category],
            edgecolor=INK,
            linewidth=0.6,
            alpha=1.0 if is_tally else 0.75,
        )
        if not is_tally:
            # The mean of a skewed part may be outside its interval, so the line is drawn from its ends.
            ends = (row.begin + row.conf_low, row.begin + row.conf_high)
            ax.plot(ends, (height, height), color=INK, linewidth=1.1, marker="|", markersize=6)
    for name in CAST:
        inside = np.flatnonzero(table["category"] == name)
        for above, below in pairwise(inside):
            end = table["end"].iloc[above]
            ax.plot([end, end], [rows[above] + 0.36, rows[below] - 0.36], color=MUTED, linewidth=0.7)
        heading = (0.015 * span, rows[inside[0]] - 0.85)  # clear of the line at 0
        ax.text(*heading, name, ha="left", va="center", fontweight="bold")
    column = largest + (_ROOM + 0.03) * span
    for height, row in zip(rows, table.itertuples(index=False), strict=True):
        if row.component == _TALLY:
            text = f"{row.end:.0f}"
        else:
            text = with_interval(row.estimate, row.conf_low, row.conf_high)
        ax.text(column, height, text, ha="left", va="center", fontsize=_LETTERS)
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_yticks(rows, table["label"])
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(rows[-1] + 0.7, -0.1)
    # Room for the caps of intervals and the edges of bars, which the end of the axis would cut in half.
    ax.set_xlim(lowest - (_ROOM * span if lowest < 0 else 0.0), largest + _ROOM * span)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(f"votes; lines are {100 * level:g}% intervals")
