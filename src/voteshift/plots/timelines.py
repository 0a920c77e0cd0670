"""Every family of a record over time. Each vote is a small bar of its shares."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from voteshift.errors import UsageError
from voteshift.plots.rows import NO_FAMILY, family_canvas, name_rows
from voteshift.plots.style import COLOURS, INK, VOTE_ORDER, styled, vote_legend
from voteshift.rollcalls import RollCalls

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["timelines", "timelines_table"]

_BAR: Final = 0.012  # width of a bar, in shares of the time shown


def timelines_table(rollcalls: RollCalls) -> pd.DataFrame:
    """Return every version of every family with its tally and shares.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.

    Returns
    -------
    DataFrame
        ``family``, ``title``, ``rollcall``, ``date``.
        ``yes``, ``no``, ``abstain``, ``absent``, ``members``: the tally.
        ``share_yes``, ``share_no``, ``share_abstain``, ``share_absent``: shares of the seats.
        Families are in order of their first vote.

    Raises
    ------
    UsageError
        If no resolution has several versions.
    """
    families = rollcalls.families().sort_values(["first", "last"], kind="stable")
    if families.empty:
        raise UsageError("no resolution of this record has two versions", remedy=NO_FAMILY)
    rows = [
        (slug, row["title"], rollcall) for slug, row in families.iterrows() for rollcall in row["rollcalls"]
    ]
    table = pd.DataFrame(rows, columns=["family", "title", "rollcall"])
    table = table.join(rollcalls.rollcalls["date"], on="rollcall").join(rollcalls.tally(), on="rollcall")
    for name in VOTE_ORDER:
        table[f"share_{name}"] = table[name] / table["members"]
    return table


def timelines(rollcalls: RollCalls, *, highlight: str | None = None, ax: "Axes | None" = None) -> "Axes":
    """Draw every family of a record over time.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    highlight : str, optional
        A family to set in bold.
    ax : Axes, optional
        Axes to draw on; by default the axes of a new figure, as high as the families need.

    Returns
    -------
    Axes
        A line per family. Each vote is a bar of the shares of yes, abstain, no and absent, from below.

    Raises
    ------
    UsageError
        If no resolution has several versions, or the family to highlight is unknown.
    """
    table = timelines_table(rollcalls)
    bold = None if highlight is None else rollcalls.family_slug(highlight)
    with styled():
        ax = family_canvas(ax, table["family"].nunique(), besides=0.8)
        _draw(ax, table, bold)
    return ax


def _plain(vote: str) -> dict[str, Any]:
    """Return the style of a share, without a hatch because bars are thin."""
    return {"facecolor": COLOURS[vote], "edgecolor": INK, "linewidth": 0.25}


def _draw(ax: "Axes", table: pd.DataFrame, bold: str | None) -> None:
    from matplotlib.collections import PolyCollection
    from matplotlib.dates import date2num

    slugs = list(dict.fromkeys(table["family"]))
    row_of = {slug: index for index, slug in enumerate(slugs)}
    rows = table["family"].map(row_of)
    dates = table["date"]
    span = max(dates.max() - dates.min(), pd.Timedelta(days=365))
    reach = _BAR * span / 2
    for slug, part in table.groupby("family", sort=False):
        row = row_of[str(slug)]
        ax.plot(part["date"], [row] * len(part), color="#b8b8b8", linewidth=0.6, zorder=1)
    number: Any = date2num  # matplotlib has no types for it
    left, right = number(dates - reach), number(dates + reach)
    below = rows.to_numpy(float) + 0.4  # rows count downwards: yes stands at the foot of a bar
    for name in VOTE_ORDER:
        above = below - 0.8 * table[f"share_{name}"].to_numpy(float)
        corners = [(left, below), (left, above), (right, above), (right, below)]
        boxes = np.stack([np.stack(corner, axis=-1) for corner in corners], axis=1)[above < below]
        # One collection, not a patch per vote, because a record contains hundreds of votes.
        ax.add_collection(PolyCollection(list(boxes), **_plain(name), zorder=2))
        below = above
    name_rows(ax, slugs, bold)
    ax.set_xlim(dates.min() - 0.02 * span, dates.max() + 0.02 * span)
    vote_legend(ax, {name for name in VOTE_ORDER if table[name].any()}, above=True, look=_plain)
