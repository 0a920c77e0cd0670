"""Seats by regional group, coloured by vote."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from voteshift.errors import UsageError
from voteshift.labels import group_name
from voteshift.plots.style import (
    COLOURS,
    INK,
    ON,
    VOTE_ORDER,
    canvas,
    distinct,
    styled,
    text_inches,
    vote_legend,
)
from voteshift.plots.versions import years
from voteshift.rollcalls import RollCalls
from voteshift.shift.account import iterations_of
from voteshift.votes import Vote

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["seats", "seats_table"]

_ABREAST: Final = 14  # largest number of seats in a line
_CELL: Final = 0.24  # inches
_LETTERS: Final = 6.0
_LONGEST: Final = 10
_NAMES: Final = 8.0


def seats_table(rollcalls: RollCalls, family: str | None = None) -> pd.DataFrame:
    """Return one row per seat: member, group, vote, and place in the picture.

    Parameters
    ----------
    rollcalls : RollCalls
        The record, or the few roll calls to draw.
    family : str, optional
        Draw the versions of this family of the record.

    Returns
    -------
    DataFrame
        ``rollcall``, ``group``, ``member``: the seat, with the group on the day of the roll call.
        ``vote``: yes, abstain, no or absent. Members that are not recorded count as absent.
        ``line``: the line of the seat within its group and roll call, from 0.
        ``place``: the place of the seat in this line, from 0.
        Seats are in order of vote, then of id.

    Raises
    ------
    UsageError
        If `family` does not name one family, or no member has a seat.
    """
    chosen = rollcalls if family is None else iterations_of(rollcalls, family)
    words = {int(Vote.NOT_RECORDED): "absent", **{int(v): v.word for v in Vote if v is not Vote.NOT_RECORDED}}
    names, group = chosen.group_codes()
    order = {name: index for index, name in enumerate(VOTE_ORDER)}
    rows = []
    for column, rollcall in enumerate(chosen.rollcalls.index):
        codes = chosen.votes[:, column]
        seated = np.flatnonzero(codes != Vote.NOT_MEMBER)
        rows += [
            (rollcall, names[group[row, column]], chosen.members.index[row], words[int(codes[row])])
            for row in seated
        ]
    if not rows:
        raise UsageError("there is no seat to draw", remedy="choose roll calls in which members have seats")
    table = pd.DataFrame(rows, columns=["rollcall", "group", "member", "vote"])
    when = {rollcall: index for index, rollcall in enumerate(chosen.rollcalls.index)}
    table = table.sort_values(
        ["group", "rollcall", "vote", "member"],
        key=lambda column: column.map({"rollcall": when, "vote": order}.get(str(column.name), str)),
        kind="stable",
        ignore_index=True,
    )
    place = table.groupby(["group", "rollcall"], sort=False).cumcount()
    table["line"], table["place"] = place // _ABREAST, place % _ABREAST
    return table


def seats(rollcalls: RollCalls, family: str | None = None, *, ax: "Axes | None" = None) -> "Axes":
    """Draw every seat of a few roll calls, by regional group and vote.

    Parameters
    ----------
    rollcalls : RollCalls
        The record, or the few roll calls to draw.
    family : str, optional
        Draw the versions of this family of the record.
    ax : Axes, optional
        Axes to draw on; by default the axes of a new figure.

    Returns
    -------
    Axes
        A block per group. Each block has one or more lines per roll call, and each line has a square per
        seat. No votes have a thick frame.

    Raises
    ------
    UsageError
        If `family` does not name one family, or no member has a seat.
    """
    table = seats_table(rollcalls, family)
    chosen = rollcalls if family is None else iterations_of(rollcalls, family)
    called = dict(zip(chosen.rollcalls.index, years(chosen.rollcalls), strict=True))
    with styled():
        members = table["member"].unique()
        labels = dict(zip(members, distinct(members, _LONGEST), strict=True))
        cell = max(_CELL, 0.07 + max(text_inches(name, _LETTERS) for name in labels.values()))
        spread = int(table["place"].max()) + 1
        margin = 0.25 + max(text_inches(name, _NAMES) for name in called.values())
        lines, heads = _lines(table)
        width = max(margin + cell * spread + 0.2, 3.2)
        ax = canvas(ax, width, 0.6 + _CELL * (max(lines.values()) + 1.2))
        _draw(ax, table, labels, lines, heads, called)
    return ax


def _lines(table: pd.DataFrame) -> tuple[dict[tuple[str, str, int], float], dict[str, float]]:
    """Return the distance of every line of seats and of every heading from the top, in seats."""
    lines: dict[tuple[str, str, int], float] = {}
    heads: dict[str, float] = {}
    height = 0.0
    for group, part in table.groupby("group", sort=False):
        heads[str(group)] = height
        height += 1.0
        for key in part[["rollcall", "line"]].drop_duplicates().itertuples(index=False):
            lines[(str(group), str(key.rollcall), int(key.line))] = height
            height += 1.0
        height += 0.3
    return lines, heads


def _framed(vote: str) -> dict[str, Any]:
    """Return the style of a seat. Votes differ in their frames, because hatches would hide the letters."""
    return {
        "facecolor": COLOURS[vote],
        "edgecolor": INK,
        "linewidth": 1.3 if vote == "no" else 0.4,
        "linestyle": ":" if vote == "absent" else "-",
    }


def _draw(
    ax: "Axes",
    table: pd.DataFrame,
    labels: dict[str, str],
    lines: dict[tuple[str, str, int], float],
    heads: dict[str, float],
    called: dict[str, str],
) -> None:
    from matplotlib.patches import Rectangle

    for row in table.sort_values("vote", key=lambda column: column == "no").itertuples(index=False):
        y = lines[(row.group, row.rollcall, row.line)]
        ax.add_patch(Rectangle((row.place + 0.05, y + 0.05), 0.9, 0.9, **_framed(row.vote)))
        ax.text(
            row.place + 0.5,
            y + 0.5,
            labels[row.member],
            ha="center",
            va="center",
            fontsize=_LETTERS,
            color=ON[row.vote],
        )
    how: dict[str, Any] = {"va": "center", "fontsize": _NAMES}
    for group, y in heads.items():
        ax.text(0.05, y + 0.5, group_name(group) or "no group", ha="left", fontweight="bold", **how)
    for (_, rollcall, line), y in lines.items():
        if line == 0:
            ax.text(-0.2, y + 0.5, called[rollcall], ha="right", **how)
    ax.set_xlim(0, int(table["place"].max()) + 1)
    ax.set_ylim(max(lines.values()) + 1.1, 0)
    ax.set_axis_off()
    vote_legend(ax, set(table["vote"]), look=_framed)
