"""The flow of votes from one version to the next, with the members that joined and left."""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from voteshift.plots.style import (
    COLOURS,
    HATCHES,
    INK,
    ON,
    VOTE_ORDER,
    canvas,
    inches_high,
    styled,
    vote_legend,
)
from voteshift.plots.versions import Source, consecutive, day_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["flow", "flow_table"]

_AWAY: Final = "not a member"
_NODE: Final = 0.15  # width of a column of votes, in steps
_LANE: Final = 0.36  # end of the lanes of members that left, in steps from the column
_GAP: Final = 0.045  # between votes, in shares of the largest council
_HEIGHT: Final = 3.5  # inches
_STEP: Final = 1.55
_LETTERS: Final = 8.0  # points


def flow_table(source: Source, family: str | None = None) -> pd.DataFrame:
    """Count members by their votes in two consecutive versions.

    Parameters
    ----------
    source : Explanation or RollCalls
        An explanation, or a record. A record needs `family`.
    family : str, optional
        A slug, a title, or words that occur in the title of one family of the record only.

    Returns
    -------
    DataFrame
        One row per combination of two votes that occurs. ``old``, ``new``: ids of the two roll calls.
        ``before``, ``after``: the two votes (yes, abstain, no, absent, not a member). ``members``: the number
        of members. ``who``: the ids of these members. In each step, the rows without "not a member" in
        ``before`` add up to the old council.

    Raises
    ------
    UsageError
        If a record is passed without a family or with an unknown family, or an explanation with a family.
    InputError
        If a version has no date.
    """
    _, accounts = consecutive(source, family)
    order = {name: index for index, name in enumerate((*VOTE_ORDER, _AWAY))}
    rows = []
    for account in accounts:
        groups = account.members.groupby(["old", "new"], sort=False)
        for (before, after), part in sorted(groups, key=lambda item: (order[item[0][0]], order[item[0][1]])):
            rows.append((account.old, account.new, before, after, len(part), tuple(part.index)))
    return pd.DataFrame(rows, columns=["old", "new", "before", "after", "members", "who"])


def flow(source: Source, family: str | None = None, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the flow of votes from one version to the next.

    Every column is a council. Ribbons join the votes of its members with their votes in the next council.
    Ribbons of members that left or joined end or begin below the columns. Ribbons of members that switched
    are dark.

    Parameters
    ----------
    source : Explanation or RollCalls
        An explanation, or a record. A record needs `family`.
    family : str, optional
        A slug, a title, or words that occur in the title of one family of the record only.
    ax : Axes, optional
        Axes to draw on; by default the axes of a new figure.

    Returns
    -------
    Axes
        Time is on the horizontal axis, and numbers of members are on the vertical axis.

    Raises
    ------
    UsageError, InputError
        As `flow_table`.
    """
    rollcalls, _ = consecutive(source, family)
    table = flow_table(source, family)
    with styled():
        ax = canvas(ax, 1.3 + _STEP * (len(rollcalls) - 1), _HEIGHT)
        _draw(ax, table, rollcalls)
    return ax


@dataclass(frozen=True, slots=True)
class _Column:
    """The lower end and the height of each vote in the column of one council."""

    base: dict[str, float]
    height: dict[str, float]


def _columns(rollcalls: pd.DataFrame, line: float) -> list[_Column]:
    """Stack the votes of each council. Each vote is at least one line of text high, to show its number."""
    tallies = rollcalls[list(VOTE_ORDER)].to_numpy(float)
    gap = _GAP * tallies.sum(axis=1).max()
    columns = []
    for counts in tallies:
        top, base = 0.0, {}
        for name, count in zip(VOTE_ORDER, counts, strict=True):
            room = max(count, line) if count else 0.0
            base[name] = top - (room + count) / 2
            top -= room + (gap if count else 0.0)
        columns.append(_Column(base, dict(zip(VOTE_ORDER, counts, strict=True))))
    return columns


def _layout(
    ax: "Axes", table: pd.DataFrame, rollcalls: pd.DataFrame
) -> tuple[list[_Column], float, float, float]:
    """Return columns, height of the lanes, lower end of the picture, and height of a text line in seats."""
    largest = float(rollcalls[list(VOTE_ORDER)].sum(axis=1).max())
    moved = table[(table["before"] == _AWAY) | (table["after"] == _AWAY)]
    lanes = moved.groupby(["old", "new", moved["before"] == _AWAY])["members"].sum()
    widest = lanes.max() if len(lanes) else 0
    inches = 0.85 * inches_high(ax)
    line = 0.0
    for _ in range(3):  # the height of a line in seats and the height of the picture depend on each other
        columns = _columns(rollcalls, line)
        lane = min(min(column.base.values()) for column in columns) - 0.1 * largest
        lower = lane - widest - (1.6 * line if len(moved) else 0.0)
        line = -lower * _LETTERS * 1.25 / 72 / inches
    return columns, lane, lower, line


def _draw(ax: "Axes", table: pd.DataFrame, rollcalls: pd.DataFrame) -> None:
    columns, lane, lower, line = _layout(ax, table, rollcalls)
    ids = list(rollcalls.index)
    for index, (old, new) in enumerate(pairwise(ids)):
        part = table[(table["old"] == old) & (table["new"] == new)]
        _step(ax, part, index, columns[index], columns[index + 1], lane)
    for index, column in enumerate(columns):
        _nodes(ax, index, column, line)
    for index, name in enumerate(day_names(rollcalls)):
        ax.text(index, 0.3 * line, name, ha="center", va="bottom", fontsize=_LETTERS, linespacing=1.2)
    ax.set_xlim(-0.35, len(ids) - 0.65)
    ax.set_ylim(lower, 0.2 * line)
    ax.set_axis_off()
    vote_legend(ax, {name for name in VOTE_ORDER if any(column.height[name] for column in columns)})


def _step(ax: "Axes", part: pd.DataFrame, index: int, old: _Column, new: _Column, lane: float) -> None:
    """Draw the ribbons of one step, and write the numbers of members that left and joined."""
    out = {name: old.base[name] + old.height[name] for name in VOTE_ORDER}
    into = {name: new.base[name] + new.height[name] for name in VOTE_ORDER}
    left_top = joined_top = lane
    for row in part.itertuples(index=False):
        x0, x1 = index + _NODE / 2, index + 1 - _NODE / 2
        if row.before == _AWAY:
            begin, joined_top = joined_top, joined_top - row.members
            x0 = index + 1 - _LANE
        else:
            begin = out[row.before]
            out[row.before] -= row.members
        if row.after == _AWAY:
            end, left_top = left_top, left_top - row.members
            x1 = index + _LANE
        else:
            end = into[row.after]
            into[row.after] -= row.members
        _ribbon(ax, (x0, x1), (begin, end), row)
    left = int(part.loc[part["after"] == _AWAY, "members"].sum())
    joined = int(part.loc[part["before"] == _AWAY, "members"].sum())
    ends = ((left, "left", index + _LANE, "right"), (joined, "joined", index + 1 - _LANE, "left"))
    for count, word, x, side in ends:
        if count:
            ax.text(x, lane - count - 0.5, f"{count} {word}", ha=side, va="top", fontsize=_LETTERS)


def _ribbon(ax: "Axes", x: tuple[float, float], top: tuple[float, float], row: Any) -> None:
    """Draw one flow between two heights."""
    members, before, after = float(row.members), str(row.before), str(row.after)
    along = np.linspace(0, 1, 30)
    ease = along * along * (3 - 2 * along)
    upper = top[0] + (top[1] - top[0]) * ease
    switched = _AWAY not in (before, after) and before != after
    vote = after if before == _AWAY else before
    ax.fill_between(
        x[0] + (x[1] - x[0]) * along,
        upper - members,
        upper,
        facecolor=COLOURS[vote],
        alpha=0.95 if switched else 0.35,
        hatch=HATCHES[vote] if switched else None,
        edgecolor=INK if switched else "none",
        linewidth=0.4,
        zorder=2 if switched else 1,
    )


def _nodes(ax: "Axes", index: int, column: _Column, line: float) -> None:
    """Draw the votes of one council with their numbers."""
    for name in VOTE_ORDER:
        height, base = column.height[name], column.base[name]
        if not height:
            continue
        ax.bar(
            index,
            height,
            width=_NODE,
            bottom=base,
            facecolor=COLOURS[name],
            hatch=HATCHES[name],
            edgecolor=INK,
            linewidth=0.6,
            zorder=3,
        )
        inside = height >= 0.9 * line
        paper = COLOURS[name] if inside else "#ffffff"
        ax.text(
            index if inside else index - 0.7 * _NODE,
            base + height / 2,
            f"{height:.0f}",
            ha="center" if inside else "right",
            va="center",
            fontsize=_LETTERS,
            color=ON[name] if inside else INK,
            bbox={"facecolor": paper, "edgecolor": "none", "pad": 0.8},
            zorder=4,
        )
