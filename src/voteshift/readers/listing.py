"""Lists of votes from a table, and the checks of a table with one row per vote."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voteshift.columns import (
    MEMBER_ATTRIBUTES,
    MEMBER_GROUPS,
    MEMBER_IDS,
    MEMBER_NAMES,
    ROLLCALL_IDS,
    squeeze,
    summary_of,
)
from voteshift.errors import InputError, quote
from voteshift.readers.facts import fact_columns
from voteshift.readers.findings import Finding, Notes
from voteshift.readers.names import state_id
from voteshift.readers.options import ReadOptions
from voteshift.readers.table import Column, Table

__all__ = ["FILL_IN", "Listing", "filled", "first_rows", "list_long"]

#: The remedy for a row without a member or roll call.
FILL_IN: Final = "fill in the cell, or remove the row"
_GROUPS: Final = (
    "iso3",
    "state",
    "country",
)  # columns that may contain the home of a member
_FURTHER_VOTE: Final = re.compile(r"vote[\s_.-]*\d+", re.ASCII | re.IGNORECASE)
_ROW_NUMBERS: Final = ("record", "id")  # columns that may only number the rows of a table


@dataclass(frozen=True, slots=True)
class Listing:
    """Votes as listed, before the checks: n rows of (member, roll call, vote word).

    Parameters
    ----------
    file : Path
        The file of the votes.
    members, rollcalls, words : ndarray of object
        The distinct members, roll calls and vote words, each in the order of first occurrence.
    member, rollcall, word : ndarray of int, shape (n,)
        For each vote, the positions in `members`, `rollcalls` and `words`.
    lines : ndarray of int64, shape (n,)
        The line of each vote in the file.
    names : ndarray of object or None
        The name of each of `members`, if the table has both an id and a name.
    rows : ndarray of int or None
        The row of the table for each vote, if the table has one row per vote; None for a matrix.
    column : str or None
        The column of the vote words; None for a matrix, in which each roll call is a column.
    codes : str or None
        A description of the valid codes, if the format uses codes instead of words.
    groups : ndarray of object or None
        The group of each of `members`; in a table with one row per vote, the group in the first row.
    changing : Column or None
        The group at each vote, if a member has several groups.
    used : tuple of str or None
        The columns that were read; None for a matrix, in which all columns are read.
    attributes : dict of ndarray of object, or None
        Further descriptions of each of `members` in a matrix, by the name of the column.
    facts : Table or None
        Descriptions of `rollcalls` in a matrix: one row for each roll call, in the order of `rollcalls`.
    """

    file: Path
    members: NDArray[np.object_]
    rollcalls: NDArray[np.object_]
    words: NDArray[np.object_]
    member: NDArray[np.intp]
    rollcall: NDArray[np.intp]
    word: NDArray[np.intp]
    lines: NDArray[np.int64]
    names: NDArray[np.object_] | None = None
    rows: NDArray[np.intp] | None = None
    column: str | None = None
    codes: str | None = None
    groups: NDArray[np.object_] | None = None
    changing: Column | None = None
    used: tuple[str, ...] | None = None
    attributes: dict[str, NDArray[np.object_]] | None = None
    facts: Table | None = None


def list_long(table: Table, stem: str, notes: Notes) -> Listing:
    """Return the votes in a table with one row per vote; arguments and errors as in `list_votes`."""
    vote = table.need("the votes", "vote")
    who = table.need("the members", *MEMBER_IDS, *MEMBER_NAMES)
    key = table.find(*ROLLCALL_IDS)
    rows = filled(table, who, "member", notes)
    if key is not None:
        rows = np.intersect1d(rows, filled(table, key, "roll call", notes), assume_unique=True)
        rollcall, rollcalls = table.column(key).factorize(rows)
    else:
        rollcall, rollcalls = np.zeros(len(rows), dtype=np.intp), _one(stem)[: len(rows)]
    member, members = table.column(who).factorize(rows)
    _refuse_row_numbers(table, key, len(rows), len(rollcalls), len(members))
    _refuse_groups(table, who, rows, member, members)
    again = np.flatnonzero(np.bincount(member) > 1)
    if key is None and len(again) > max(1, len(members) // 2):
        first, second = table.lines[rows[np.flatnonzero(member == again[0])[:2]]]
        table.need(
            "the roll call, and most members are listed more than once "
            f"({quote(str(members[again[0]]))} on lines {first} and {second})",
            *ROLLCALL_IDS,
        )
    word, words = table.column(vote).factorize(rows)
    _refuse_summaries(table, member, members, rows)
    printed = _printed(table, members) if who.lower() in MEMBER_IDS else None
    first = rows[first_rows(member, len(members))]
    _refuse_other_votes(table, vote, tuple(filter(None, (who, key, printed))), key is not None, notes.options)
    group = table.find(*MEMBER_GROUPS)
    if group == who:
        group = None
    changes = group is not None and (_codes(table, group, rows) != _codes(table, group, first[member])).any()
    return Listing(
        table.file,
        members,
        rollcalls,
        words,
        member,
        rollcall,
        word,
        table.lines[rows],
        names=None if printed is None else table.column(printed).take(first),
        groups=None if group is None else table.column(group).take(first),
        changing=_at_each_vote(table.column(group), rows) if group is not None and changes else None,
        rows=rows,
        column=vote,
        used=tuple(name for name in (vote, who, key, printed, group) if name is not None),
    )


def _at_each_vote(column: Column, rows: NDArray[np.intp]) -> Column:
    codes, labels = column.factorize(rows)
    return Column(codes.astype(np.int32), labels)


def _codes(table: Table, column: str, rows: NDArray[np.intp]) -> NDArray[np.int32]:
    return table.column(column).codes[rows]


def _printed(table: Table, members: NDArray[np.object_]) -> str | None:
    """Return the column with the names of members; a column of states only if the members are states."""
    states = sum(state_id(str(label)) is not None for label in members)
    places = MEMBER_NAMES if 2 * states > len(members) else ()
    return table.find("name_as_printed", "name", *places)


def _refuse_summaries(
    table: Table, member: NDArray[np.intp], members: NDArray[np.object_], rows: NDArray[np.intp]
) -> None:
    """Raise an error for rows of totals or results, which would be read as the votes of a member."""
    for position, label in enumerate(members):
        if summary_of(str(label)) in ("outcome", "total"):
            raise InputError(
                f"{quote(str(label))} looks like a summary of the votes, not like a member",
                file=table.file,
                line=table.line(int(rows[np.flatnonzero(member == position)[0]])),
                id=str(label),
                remedy=(
                    "remove the rows of this summary; if the rows are the votes of a member, change its name"
                ),
            )


def _refuse_other_votes(
    table: Table, vote: str, used: tuple[str, ...], has_rollcalls: bool, options: ReadOptions
) -> None:
    """Raise an error for a second column of vote words, because only one column of votes is read.

    A table without a column of roll calls may be a matrix in which one roll call has the name 'vote'. For a
    table of this kind, one cell with a vote word in the second column is enough for the error.
    """
    described = {squeeze(name) for name in (vote, *used, *MEMBER_ATTRIBUTES, *fact_columns(table))}
    for name in table.names:
        column = table.column(name)
        texts = [str(label) for label in column.labels if label]
        if squeeze(name) in described or not texts or not all(map(options.is_vote, texts)):
            continue
        n_filled = int(np.count_nonzero((column.labels != "")[column.codes]))
        if n_filled > has_rollcalls or _FURTHER_VOTE.fullmatch(name):
            raise InputError(
                f"columns {quote(vote)} and {quote(name)} both contain votes, but only "
                f"{quote(vote)} would be read",
                file=table.file,
                line=table.header,
                remedy=(
                    f"remove the column {quote(name)}, or keep only this column and change its name to 'vote'"
                )
                if has_rollcalls
                else f"in a matrix, rename the roll call {quote(vote)}; in a table with one row per vote, "
                f"add a column 'rollcall' or remove {quote(name)}",
            )


def _refuse_row_numbers(table: Table, key: str | None, n_rows: int, n_rollcalls: int, n_members: int) -> None:
    """Raise an error if the column of roll calls numbers the rows: each roll call would have one vote."""
    if key is None or key.lower() not in _ROW_NUMBERS or n_members < 2 or n_rollcalls < n_rows:
        return
    raise InputError(
        f"no two rows have the same value of '{key}', so each row would be a roll call with one vote",
        file=table.file,
        line=table.header,
        remedy=f"name the column of roll calls 'rollcall'; if the file is one roll call, remove '{key}'",
    )


def _refuse_groups(
    table: Table,
    who: str,
    rows: NDArray[np.intp],
    member: NDArray[np.intp],
    members: NDArray[np.object_],
) -> None:
    """Raise an error if several persons have the same member, for instance the state that they represent."""
    name = table.find("name")
    if name is None or name == who or who.lower() not in _GROUPS:
        return
    position, names = table.column(name).factorize(rows)
    persons = np.array([bool(label) and state_id(str(label)) is None for label in names], dtype=bool)
    pairs = np.unique(member * np.int64(len(names)) + position)
    owner, label = pairs // len(names), pairs % len(names)
    owner, label = owner[persons[label]], label[persons[label]]
    several = np.flatnonzero(np.bincount(owner, minlength=1) > 1)
    if not len(several):
        return
    one, other = (quote(str(names[index])) for index in label[owner == several[0]][:2])
    raise InputError(
        f"{quote(str(members[several[0]]))} in column '{who}' stands for both {one} and {other}",
        file=table.file,
        line=table.header,
        id=str(members[several[0]]),
        remedy=(
            f"choose which column contains the members, '{name}' or '{who}', and rename this column to "
            "'member'"
        ),
    )


def first_rows(codes: NDArray[np.intp], n: int) -> NDArray[np.intp]:
    """Return the first row with each of `n` codes, or row 0 for a code that does not occur."""
    first = np.zeros(n, dtype=np.intp)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return first


def filled(table: Table, column: str, what: str, notes: Notes) -> NDArray[np.intp]:
    """Return the rows in which a column is not blank; each blank cell is an error in `notes`."""
    cells = table.column(column)
    blank = (cells.labels == "")[cells.codes]

    def complain(row: int) -> Finding:
        message = f"the row does not name a {what}"
        return Finding("error", message, str(table.file), table.line(row), column or None, None, FILL_IN)

    notes.each(np.flatnonzero(blank), complain)
    return np.flatnonzero(~blank)


def _one(label: str) -> NDArray[np.object_]:
    return np.array([label], dtype=object)
