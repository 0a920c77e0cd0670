"""Groups that change: spells of members in groups, and the group of a member on the day of a vote."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import InputError, quote

__all__ = [
    "SPELL_COLUMNS",
    "Spells",
    "complete_spells",
    "find_spells",
    "group_codes",
    "number_groups",
    "read_spells",
    "write_spells",
]

#: The columns of a table of spells.
SPELL_COLUMNS: Final = ("member", "group", "from", "to")
_EXAMPLE: Final = "write one row per spell with the columns 'member', 'group', 'from' and 'to'"

Days = NDArray[np.datetime64]
Codes = NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Spells:
    """The spells of the members whose group changes, and the members whose spells are unknown.

    Parameters
    ----------
    table : DataFrame
        One row per spell: ``member``, ``group``, ``from`` and ``to``, which are the first and the last day
        on which a vote of the member in this group is recorded.
    undated : tuple of str
        Members with several groups and a vote without a date.
    contradictory : tuple of (str, str)
        Members with several groups on one day, each with the first such day.
    """

    table: pd.DataFrame
    undated: tuple[str, ...]
    contradictory: tuple[tuple[str, str], ...]

    @property
    def unknown(self) -> tuple[str, ...]:
        """The members whose spells are unknown."""
        return (*self.undated, *(member for member, _ in self.contradictory))


def find_spells(
    members: NDArray[np.object_],
    groups: NDArray[np.object_],
    votes: tuple[Codes, Codes, Codes],
    days: Days,
) -> Spells:
    """Find the spells of the members whose group changes, from the group at each vote.

    Parameters
    ----------
    members, groups : ndarray of str
        The ids of the members and the names of the groups, each without repetition.
    votes : tuple of 3 ndarrays of int, each of shape (n_votes,)
        For each vote, the positions of its member in `members`, of its group in `groups`, and of its roll
        call in `days`.
    days : ndarray of datetime64[s], shape (n_rollcalls,)
        The day of each roll call; NaT if it is unknown.
    """
    member, group, rollcall = votes
    has = np.zeros((len(members), len(groups)), dtype=bool)
    has[member, group] = True
    rows = np.flatnonzero((has.sum(axis=1) > 1)[member])
    cast = pd.DataFrame({"member": member[rows], "group": group[rows], "day": days[rollcall[rows]]})
    undated = pd.unique(cast["member"][cast["day"].isna()])
    cast = cast[~cast["member"].isin(undated)].drop_duplicates()
    cast = cast.sort_values(["member", "day"], kind="stable")
    twice = cast[cast.duplicated(["member", "day"])].drop_duplicates("member")
    contradictory = tuple(
        (str(members[who]), f"{day:%Y-%m-%d}") for who, day in zip(twice["member"], twice["day"], strict=True)
    )
    cast = cast[~cast["member"].isin(twice["member"])]
    run = ((cast["member"] != cast["member"].shift()) | (cast["group"] != cast["group"].shift())).cumsum()
    spells = cast.groupby(run.to_numpy()).agg(
        member=("member", "first"), group=("group", "first"), begin=("day", "min"), end=("day", "max")
    )
    table = pd.DataFrame(
        {
            "member": members[spells["member"].to_numpy(np.intp)],
            "group": groups[spells["group"].to_numpy(np.intp)],
            "from": spells["begin"].to_numpy("datetime64[s]"),
            "to": spells["end"].to_numpy("datetime64[s]"),
        }
    )
    return Spells(table, tuple(str(members[who]) for who in undated), contradictory)


def complete_spells(frame: Any, members: pd.Index) -> pd.DataFrame:
    """Check a table of spells, and return it in the order of the members and of time.

    Parameters
    ----------
    frame : DataFrame or None
        One row per spell, with the columns `SPELL_COLUMNS`; None if no group changes.
    members : Index
        The ids of the members.

    Raises
    ------
    InputError
        If a column is missing or unknown, a member is unknown, a day cannot be read, a spell ends before it
        begins, or two spells of a member overlap.
    """
    if frame is None:
        empty = np.array([], dtype="datetime64[s]")
        blank = np.array([], dtype=object)
        return pd.DataFrame({"member": blank, "group": blank, "from": empty, "to": empty})
    for name in {*SPELL_COLUMNS} ^ {*frame.columns}:
        what = "has an unknown" if name in frame.columns else "lacks the"
        raise InputError(f"the data frame of groups {what} column {quote(name)}", remedy=_EXAMPLE)
    table = pd.DataFrame(
        {
            "member": [str(label) for label in frame["member"]],
            "group": ["" if pd.isna(group) else str(group) for group in frame["group"]],
            "from": _days(frame, "from"),
            "to": _days(frame, "to"),
        }
    ).astype({"member": object, "group": object})
    position = members.get_indexer(pd.Index(table["member"], dtype=object))
    for label in table["member"][position < 0][:1]:
        raise InputError(
            f"the data frame of groups has the unknown member {quote(label)}",
            id=label,
            remedy="correct the id, or add the member",
        )
    order = np.lexsort([table["from"].to_numpy(), position])
    table, position = table.iloc[order].reset_index(drop=True), position[order]
    begin, end = table["from"].to_numpy(), table["to"].to_numpy()
    for row in np.flatnonzero(end < begin)[:1]:
        raise InputError(
            f"a spell of member {table['member'][row]} ends before it begins",
            id=table["member"][row],
            remedy="write the first day in 'from' and the last day in 'to'",
        )
    for row in np.flatnonzero((position[1:] == position[:-1]) & (begin[1:] <= end[:-1]))[:1]:
        raise InputError(
            f"two spells of member {table['member'][row]} overlap: {table['group'][row]} and "
            f"{table['group'][row + 1]} on {table['from'][row + 1]:%Y-%m-%d}",
            id=table["member"][row],
            remedy="end a spell before the next spell begins",
        )
    return table


def number_groups(groups: pd.Series) -> NDArray[np.intp]:
    """Return the number of each member's group; -1 for members without a group or alone in a group.

    Parameters
    ----------
    groups : Series of str, index ``member``
        Names of groups. Groups are numbered by their first member in the order of ids, so that the numbers do
        not depend on the names.
    """
    names = groups.fillna("").astype(str)
    names = names.where(names.map(names.value_counts()) > 1, "")
    ordered = [name for name in dict.fromkeys(names.sort_index()) if name]
    return names.map({name: number for number, name in enumerate(ordered)}).fillna(-1).to_numpy(np.intp)


def group_codes(
    groups: pd.Series, spells: pd.DataFrame, dates: pd.Series
) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Return the group of every member on the day of every roll call.

    Parameters
    ----------
    groups : Series of str, index member
        The last group of each member.
    spells : DataFrame
        The spells of the members whose group changes, as `complete_spells` returns them.
    dates : Series of datetime64, index roll call
        The day of each roll call.

    Returns
    -------
    names : tuple of str
        The names of the groups, sorted; a member without a group has the name "".
    codes : ndarray of int32, shape (n_members, n_rollcalls)
        The position in `names`. On a day between two spells, the earlier spell counts; before the first
        spell, the first spell counts. A roll call without a date has the last group of each member.
    """
    last = groups.fillna("").astype(str).to_numpy(str)
    names = tuple(sorted({*last.tolist(), *spells["group"]}))
    code_of = {name: code for code, name in enumerate(names)}
    column = np.array([code_of[name] for name in last.tolist()], dtype=np.int32)
    shape = (len(groups), len(dates))
    if not len(spells):
        return names, np.broadcast_to(column[:, None], shape)
    codes = np.repeat(column[:, None], len(dates), axis=1)
    days = dates.to_numpy("datetime64[s]")
    dated = np.flatnonzero(~np.isnat(days))
    rows = groups.index.get_indexer(pd.Index(spells["member"], dtype=object))
    of_spell = np.array([code_of[name] for name in spells["group"]], dtype=np.int32)
    begins = spells["from"].to_numpy("datetime64[s]")
    for row in np.unique(rows):
        spell = np.flatnonzero(rows == row)
        place = np.searchsorted(begins[spell], days[dated], side="right") - 1
        codes[row, dated] = of_spell[spell][np.maximum(place, 0)]
    return names, codes


def write_spells(spells: pd.DataFrame) -> list[list[str]]:
    """Return the rows of a table of spells as text, with days such as 2021-03-23."""
    days = [spells[name].dt.strftime("%Y-%m-%d") for name in ("from", "to")]
    return [list(row) for row in zip(spells["member"], spells["group"], *days, strict=True)]


def read_spells(rows: object) -> pd.DataFrame | None:
    """Return the table of spells whose rows `write_spells` returned; None without rows.

    Raises
    ------
    InputError
        If the rows are not lists of four texts.
    """
    good = isinstance(rows, list) and all(
        isinstance(row, list)
        and len(row) == len(SPELL_COLUMNS)
        and all(isinstance(cell, str) for cell in row)
        for row in rows
    )
    if not good:
        raise InputError("'groups' is not a list of spells, each with four texts", remedy=_EXAMPLE)
    return pd.DataFrame(rows, columns=[*SPELL_COLUMNS], dtype=object) if rows else None


def _days(frame: pd.DataFrame, name: str) -> Days:
    column = frame[name]
    written = column.dtype.kind == "M" or all(isinstance(cell, str | date) for cell in column)
    days = pd.to_datetime(column, format="ISO8601", errors="coerce") if written else None
    if days is None or days.isna().any():
        raise InputError(
            f"column {quote(name)} of the data frame of groups has a cell that is not a day",
            remedy="write days as 2021-03-23",
        )
    return days.to_numpy("datetime64[s]")
