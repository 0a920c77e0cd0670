"""The expected tally of every council under every version, as a heat map."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from voteshift.errors import NotUsableError, UsageError
from voteshift.plots.style import INK, canvas, styled
from voteshift.plots.versions import day_names, years
from voteshift.shift.explanation import Explanation
from voteshift.votes import CAST, CATEGORIES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["councils", "councils_table"]

_IN_FULL: Final = 4  # largest number of versions with complete tallies in the cells
_LETTERS: Final = 8.0


def councils_table(why: Explanation) -> pd.DataFrame:
    """Return one row per council and version: the expected tally with intervals, and the tally on record.

    Parameters
    ----------
    why : Explanation
        The explanation to draw.

    Returns
    -------
    DataFrame
        ``council``, ``version``: roll-call ids. ``yes``, ``no``, ``abstain``: the expected tally. Each number
        has an interval in the columns with the endings ``_low`` and ``_high``. ``on_record``: the tally
        yes-no-abstain ("28-1-17") if the council voted on the version, else "".

    Raises
    ------
    NotUsableError
        If no model was fitted.
    """
    cells = why.expected()
    if cells.empty:
        raise NotUsableError(f"expected tallies need a model, but no model was fitted: {why.why_no_model}")
    wide = cells.set_index(["council", "version", "category"]).unstack("category")  # noqa: PD010
    frame = pd.DataFrame(index=wide.index)
    for name in CAST:
        frame[name] = wide[("estimate", name)]
        frame[f"{name}_low"], frame[f"{name}_high"] = wide[("conf_low", name)], wide[("conf_high", name)]
    ids = list(dict.fromkeys(cells["version"]))
    frame = frame.reindex(pd.MultiIndex.from_product([ids, ids], names=["council", "version"])).reset_index()
    tallies = why.rollcalls
    frame["on_record"] = [
        "-".join(str(int(tallies.loc[version, name])) for name in CAST) if council == version else ""
        for council, version in zip(frame["council"], frame["version"], strict=True)
    ]
    return frame


def councils(why: Explanation, category: str = "yes", *, ax: "Axes | None" = None) -> "Axes":
    """Draw the expected tally of every council under every version.

    Parameters
    ----------
    why : Explanation
        The explanation to draw.
    category : {"yes", "no", "abstain"}
        The category whose expected votes determine the shade.
    ax : Axes, optional
        Axes to draw on; by default the axes of a new figure.

    Returns
    -------
    Axes
        A row per council, a column per version. The cells on the diagonal have a frame. With up to four
        versions, they also show the tally on record.

    Raises
    ------
    UsageError
        If there is no such category.
    NotUsableError
        If no model was fitted.
    """
    if category not in CATEGORIES:
        raise UsageError(f"category must be one of {', '.join(CATEGORIES)}, not {category!r}")
    table = councils_table(why)
    n = table["council"].nunique()
    with styled():
        in_full = n <= _IN_FULL
        width, height = (1.1 + 1.15 * n, 1.0 + 0.55 * n) if in_full else (1.3 + 0.5 * n, 1.1 + 0.3 * n)
        ax = canvas(ax, width, height)
        _draw(ax, table, why.rollcalls, category)
    return ax


def _draw(ax: "Axes", table: pd.DataFrame, rollcalls: pd.DataFrame, category: str) -> None:
    from matplotlib.patches import Rectangle

    ids = list(table["version"].unique())
    values = table[category].to_numpy().reshape(len(ids), len(ids))
    low, high = float(values.min()), float(values.max())
    span = max(high - low, 2.0)  # votes: smaller differences are not shown
    # The lighter half of the greys: dark letters are legible on every cell.
    # Drawn as cells, not as an image: it stays sharp, and a page needs no embedded picture.
    edges = np.arange(len(ids) + 1) - 0.5
    ax.pcolormesh(edges, edges, values, cmap="Greys", vmin=low - 0.1 * span, vmax=high + 1.1 * span)
    ax.invert_yaxis()
    for index, row in enumerate(table.itertuples(index=False)):
        cell = divmod(index, len(ids))
        ax.text(
            cell[1],
            cell[0],
            _cell(row, category, in_full=len(ids) <= _IN_FULL),
            ha="center",
            va="center",
            fontsize=_LETTERS,
            linespacing=1.3,
        )
        if cell[0] == cell[1]:
            ax.add_patch(
                Rectangle(
                    (cell[1] - 0.47, cell[0] - 0.44), 0.94, 0.88, fill=False, edgecolor=INK, linewidth=1.2
                )
            )
    chosen = rollcalls.loc[ids]
    names = day_names(chosen) if len(ids) <= _IN_FULL else years(chosen)
    ax.set_xticks(np.arange(len(ids)), names)
    ax.set_yticks(np.arange(len(ids)), years(chosen))
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.set_xlabel("version")
    ax.set_ylabel("council")
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)


def _cell(row: Any, category: str, *, in_full: bool) -> str:
    if not in_full:
        return f"{getattr(row, category):.1f}"
    tally = "-".join(f"{getattr(row, name):.1f}" for name in CAST)
    record = str(row.on_record)
    return f"{tally}\non record {record}" if record else tally
