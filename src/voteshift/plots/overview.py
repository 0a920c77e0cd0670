"""Switching, attendance and turnover in each step of every resolution that has several versions."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from voteshift.errors import UsageError, did_you_mean
from voteshift.plots.rows import NO_FAMILY, family_canvas, name_rows
from voteshift.plots.style import INK, styled
from voteshift.rollcalls import RollCalls
from voteshift.shift.overview import Overview
from voteshift.shift.overview import overview as overview_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["overview", "overview_table"]

_FACES: Final = {"switching": "#595959", "attendance": "#d9a441", "turnover": "#b9d3e6"}
#: The side of 0 on which a bar is drawn; attendance begins where switching ends.
_SIDES: Final = {"switching": -1.0, "attendance": -1.0, "turnover": 1.0}


def overview_table(source: Overview | RollCalls) -> pd.DataFrame:
    """Return the net votes moved by switching, attendance and turnover in every step of every family.

    Parameters
    ----------
    source : Overview or RollCalls
        The result of `voteshift.overview`, or a record.

    Returns
    -------
    DataFrame
        One row per step and component; attendance has rows only for steps in which a stayer voted once.
        ``family``, ``title``, ``old``, ``new``: the step.
        ``component``: switching, attendance or turnover.
        ``estimate``: net votes moved, see `voteshift.shift.overview.votes_moved`.
        ``begin``, ``end``: the ends of the bar in votes. Switching is left of 0, attendance left of
        switching, turnover right of 0. Families are in decreasing order of the votes moved. The first step is
        next to 0.

    Raises
    ------
    UsageError
        If no resolution has several versions with dates.
    """
    overview = source if isinstance(source, Overview) else overview_of(source)
    if overview.steps.empty:
        raise UsageError("no resolution of this record has two versions with dates", remedy=NO_FAMILY)
    total = overview.families[[f"moved_{component}" for component in _SIDES]].sum(axis=1)
    order = (
        total[total.index.isin(overview.steps["family"])].sort_values(ascending=False, kind="stable").index
    )
    parts = []
    for component, side in _SIDES.items():
        shown = overview.steps
        if component == "attendance":
            shown = shown[shown["voted_once"] > 0]
        steps = shown[["family", "old", "new"]].assign(
            component=component, estimate=shown[f"moved_{component}"]
        )
        end = side * steps.groupby("family", sort=False)["estimate"].cumsum()
        if component == "attendance":
            end -= steps["family"].map(overview.families["moved_switching"])
        parts.append(steps.assign(begin=end - side * steps["estimate"], end=end))
    table = pd.concat(parts, ignore_index=True)
    table.insert(1, "title", table["family"].map(overview.families["title"]))
    place = {family: index for index, family in enumerate(order)}
    return table.sort_values("family", key=lambda column: column.map(place), kind="stable", ignore_index=True)


def overview(
    source: Overview | RollCalls, *, highlight: str | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Draw the net votes moved by switching, attendance and turnover in every step of every family.

    Parameters
    ----------
    source : Overview or RollCalls
        The result of `voteshift.overview`, or a record.
    highlight : str, optional
        Slug of a family to set in bold.
    ax : Axes, optional
        Axes to draw on; by default the axes of a new figure, as high as the families need.

    Returns
    -------
    Axes
        A row per family. Net votes moved by switching and, further out, by attendance are to the left of 0,
        by turnover to the right. Each piece of a bar is a step.

    Raises
    ------
    UsageError
        If no resolution has several versions with dates, or the family to highlight is unknown.
    """
    table = overview_table(source)
    slugs = table["family"].unique()
    if highlight is not None and highlight not in slugs:
        raise UsageError(f"no family has the slug {highlight!r}", remedy=did_you_mean(highlight, slugs))
    with styled():
        ax = family_canvas(ax, len(slugs), besides=1.0)
        _draw(ax, table, highlight)
    return ax


def _draw(ax: "Axes", table: pd.DataFrame, bold: str | None) -> None:
    from matplotlib.patches import Patch

    slugs = list(dict.fromkeys(table["family"]))
    rows = table["family"].map({slug: index for index, slug in enumerate(slugs)})
    keys = []
    for component, colour in _FACES.items():
        here = (table["component"] == component) & (table["estimate"] > 0)
        if component == "attendance" and not here.any():
            continue
        ax.barh(
            rows[here],
            (table["end"] - table["begin"])[here],
            left=table["begin"][here],
            height=0.72,
            facecolor=colour,
            edgecolor="#ffffff",
            linewidth=0.4,
        )
        sums = table.loc[table["component"] == component, "estimate"].sum()
        keys.append(
            Patch(facecolor=colour, edgecolor=INK, linewidth=0.5, label=f"{component}: {sums:g} votes")
        )
    ax.axvline(0.0, color=INK, linewidth=0.6)
    name_rows(ax, slugs, bold)
    reach = float(np.abs(table["end"]).max())
    ax.set_xlim(-1.05 * max(reach, 1.0), 1.05 * max(reach, 1.0))
    ax.xaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    ax.set_xlabel("net votes moved, summed over the steps; each piece is a step")
    ax.legend(handles=keys, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(keys))
