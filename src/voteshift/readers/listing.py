"""Who voted how, as a table lists it: one row per vote, or a matrix."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import InputError
from voteshift.readers.facts import MEMBER_GROUPS, MEMBER_IDS, MEMBER_NAMES, ROLLCALL_IDS
from voteshift.readers.findings import Finding, Notes, shown
from voteshift.readers.names import state_id
from voteshift.readers.table import Table
from voteshift.votes import parse_vote

__all__ = ["FILL_IN", "Listing", "filled", "first_rows", "list_votes", "vote_code"]

#: The remedy for a row that does not say whom or what it is about.
FILL_IN: Final = "fill it in, or remove the row"
#: What R writes of a matrix of 0 and 1, or of truth values, and missing.
_NUMBER: Final = re.compile(r"-?\d{1,3}|NA|TRUE|FALSE", re.ASCII | re.IGNORECASE)
#: What a first column is called whose rows are roll calls, in a table that does not say so.
_OF_ROLLCALLS: Final = (
    "symbol", "resolution", "draft", "unres", "title", "motion", "bill", "question", "date", "division",
)  # fmt: skip
_GROUPS: Final = ("iso3", "state", "country")  # what may say where a member is from, beside its name
_FURTHER_VOTE: Final = re.compile(r"vote[\s_.-]*\d+", re.ASCII | re.IGNORECASE)
_ROW_NUMBERS: Final = ("record", "id")  # what may number the rows of a table
_NO_FACTS: Final = (
    "; what is said of members stands in members.csv of a folder, of roll calls in rollcalls.csv"
)
_WHERE_MATRIX: Final = ROLLCALL_IDS[:-1]  # "id" could be the member's as well


@dataclass(frozen=True, slots=True)
class Listing:
    """Votes as listed, nothing believed yet: n rows of (member, roll call, word).

    Parameters
    ----------
    file : Path
        Where they stand.
    members, rollcalls, words : ndarray of object
        The distinct labels, in the order in which they first occur.
    member, rollcall, word : ndarray of int, shape (n,)
        Positions in these.
    lines : ndarray of int64, shape (n,)
        The line on which each vote stands.
    names : ndarray of object or None
        What is printed beside each of `members`, where the table has both an id and a name.
    rows : ndarray of int or None
        For one row per vote: the row of the table for each of the n, else None.
    column : str or None
        The column the words stand in; None for a matrix, where it is the roll call.
    codes : str or None
        What a vote may be, where the format has codes of its own in the place of words.
    groups : ndarray of object or None
        The group of each of `members`, where the table says one of each and the same throughout.
    used : tuple of str or None
        The columns that all this was read from; None for a matrix, which is read whole.
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
    used: tuple[str, ...] | None = None


def list_votes(table: Table, stem: str, notes: Notes) -> Listing:
    """Find the votes in a table.

    Parameters
    ----------
    table : Table
        With a column ``vote``: one row per vote, a column of `MEMBER_IDS` or `MEMBER_NAMES` and, unless the
        table is one roll call, one of `ROLLCALL_IDS`. Else a matrix: the first column holds members and every
        other one is a roll call; or, if the first is called as in `ROLLCALL_IDS`, the other way round.
    stem : str
        Id of the roll call where the table is one roll call.
    notes : Notes
        Takes an error for every row that does not say whose vote it is, or in which roll call.

    Raises
    ------
    InputError
        If the table is neither, says of no vote in which roll call it was cast and lists most members more
        than once, numbers its rows where the roll call is to stand, or holds several persons where the member
        is to stand.
    """
    if table.find("vote") is not None:
        _refuse_further_votes(table)
        return _long(table, stem, notes)
    foreign = _foreign_to_matrix(table)
    if foreign is not None:
        matrix = f", or give a matrix of vote words, members by roll calls: {foreign}"
        table.need("how members voted", "vote", otherwise=matrix)
    return _matrix(table, notes)


def _long(table: Table, stem: str, notes: Notes) -> Listing:
    vote = table.need("how members voted", "vote")
    who = table.need("who voted", *MEMBER_IDS, *MEMBER_NAMES)
    which = table.find(*ROLLCALL_IDS)
    rows = filled(table, who, "member", notes)
    if which is not None:
        rows = np.intersect1d(rows, filled(table, which, "roll call", notes), assume_unique=True)
        rollcall, rollcalls = table.column(which).factorize(rows)
    else:
        rollcall, rollcalls = np.zeros(len(rows), dtype=np.intp), _one(stem)[: len(rows)]
    member, members = table.column(who).factorize(rows)
    _refuse_row_numbers(table, which, len(rows), len(rollcalls), len(members))
    _refuse_groups(table, who, rows, member, members)
    again = np.flatnonzero(np.bincount(member) > 1)
    if which is None and len(again) > max(1, len(members) // 2):
        first, second = table.lines[rows[np.flatnonzero(member == again[0])[:2]]]
        table.need(
            "which roll call a vote is of, and most members are listed more than once "
            f"({shown(str(members[again[0]]))} on lines {first} and {second})",
            *ROLLCALL_IDS,
        )
    word, words = table.column(vote).factorize(rows)
    printed = table.find(*MEMBER_NAMES) if who.lower() in MEMBER_IDS else None
    first = rows[first_rows(member, len(members))]
    group = table.find(*MEMBER_GROUPS)
    if group == who or (group is not None and _changes(table, group, rows, first[member], notes)):
        group = None
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
        rows=rows,
        column=vote,
        used=tuple(name for name in (vote, who, which, printed, group) if name is not None),
    )


def _changes(
    table: Table, column: str, rows: NDArray[np.intp], before: NDArray[np.intp], notes: Notes
) -> bool:
    """Warn where a column does not say the same of a member throughout: one group is all a member has."""
    cells = table.column(column)
    differs = np.flatnonzero(cells.codes[rows] != cells.codes[before])
    if len(differs):
        there, here = int(before[differs[0]]), int(rows[differs[0]])
        one, other = (shown(str(cells.take(np.array([row]))[0])) for row in (there, here))
        notes.warning(
            f"{column} is not read as the group of members: of one member it says {one} on line "
            f"{table.line(there)} and {other} here",
            table.file,
            table.line(here),
            column=column,
            remedy="give each member one group, in this column or in members.csv of a folder, or remove it",
        )
    return bool(len(differs))


def _refuse_further_votes(table: Table) -> None:
    """Refuse columns vote, vote2, vote3 (or vote, vote.1): all but the first would be left out."""
    further = [name for name in table.names if _FURTHER_VOTE.fullmatch(name)]
    if further:
        raise InputError(
            f"beside the column of votes there is {shown(further[0])}: one of them would not be read",
            file=table.file,
            line=table.header,
            remedy="in a matrix call no column vote alone; with one row per vote, rename the other",
        )


def _refuse_row_numbers(
    table: Table, which: str | None, n_rows: int, n_rollcalls: int, n_members: int
) -> None:
    """Refuse a column that numbers the rows: every one would be a roll call in which one member votes."""
    if which is None or which.lower() not in _ROW_NUMBERS or n_members < 2 or n_rollcalls < n_rows:
        return
    raise InputError(
        f"no two rows have the same {which}: each would be a roll call of its own, with one vote",
        file=table.file,
        line=table.header,
        remedy=f"call the column of roll calls rollcall; where the file is one roll call, remove {which}",
    )


def _refuse_groups(
    table: Table,
    who: str,
    rows: NDArray[np.intp],
    member: NDArray[np.intp],
    members: NDArray[np.object_],
) -> None:
    """Refuse a column of states that several persons are from: their votes would be those of one member."""
    name = table.find("name")
    if name is None or name == who or who.lower() not in _GROUPS:
        return
    said, names = table.column(name).factorize(rows)
    persons = np.array([bool(label) and state_id(str(label)) is None for label in names], dtype=bool)
    pairs = np.unique(member * np.int64(len(names)) + said)
    owner, label = pairs // len(names), pairs % len(names)
    owner, label = owner[persons[label]], label[persons[label]]
    several = np.flatnonzero(np.bincount(owner, minlength=1) > 1)
    if not len(several):
        return
    one, other = (shown(str(names[at])) for at in label[owner == several[0]][:2])
    raise InputError(
        f"{shown(str(members[several[0]]))} in column {who} stands for {one} and for {other}",
        file=table.file,
        line=table.header,
        id=str(members[several[0]]),
        remedy=f"call the column that names the members member, whether that is {name} or {who}",
    )


def _rollcalls_in_rows(table: Table) -> bool:
    """Return whether the first column of a matrix says that its rows are roll calls.

    Raises
    ------
    InputError
        If they look like roll calls and it does not say so: members and roll calls would change places.
    """
    first, heads = table.names[0], table.names[1:]
    if any(table.find(name) == first for name in _WHERE_MATRIX):
        return True
    if any(table.find(name) == first for name in (*MEMBER_IDS, *MEMBER_NAMES)):
        return False
    why = f"the first column is {shown(first)}" if table.find(*_OF_ROLLCALLS) == first else ""
    if not why and 2 * sum(map(_is_state, heads)) > len(heads):
        labels = table.columns[0].labels
        if 2 * sum(map(_is_state, labels)) < len(labels):
            why = "the columns are states and the rows are not"
    if why:
        raise InputError(
            f"the rows look like roll calls: {why}",
            file=table.file,
            line=table.header,
            remedy="call the first column rollcall, or member if its rows are members all the same",
        )
    return False


def _is_state(label: str) -> bool:
    return state_id(label) is not None


def _foreign_to_matrix(table: Table) -> str | None:
    """Return why a table is no matrix, or None if it may be: most cells of all its columns are vote words."""
    if _rollcalls_in_rows(table) and (flag := table.find("amendment", "amend", "reconciled")):
        return f"column {shown(flag)} is no member{_NO_FACTS}"
    if len(table.names) < 2:
        return "there is but one column; the header is the first row, cells are parted by comma, tab or ;"
    known = filled = 0
    for name, column in zip(table.names[1:], table.columns[1:], strict=True):
        counts = dict(
            zip(column.labels, np.bincount(column.codes, minlength=len(column.labels)), strict=True)
        )
        counts.pop("", None)
        words = sum(int(n) for word, n in counts.items() if vote_code(word) is not None)
        if not words and counts:
            numbers = all(_NUMBER.fullmatch(str(cell)) for cell in counts)
            why = ": numbers and TRUE are not taken for votes, write yes and no" if numbers else _NO_FACTS
            return f"column {shown(name)} holds no vote{why}"
        known, filled = known + words, filled + int(sum(counts.values()))
    return None if 2 * known >= filled > 0 else "most cells hold no vote"


def _matrix(table: Table, notes: Notes) -> Listing:
    rows = filled(table, table.names[0], "label", notes)
    labels = table.columns[0].take()
    first = pd.Series(labels[rows]).drop_duplicates()

    def complain(row: int) -> Finding:
        label = str(labels[row])
        message = f"{label} has a row on line {table.line(int(np.argmax(labels == label)))} and another here"
        return Finding(
            "error", message, str(table.file), table.line(row), None, label, "keep one row of each"
        )

    notes.each(np.delete(rows, first.index), complain)
    rows = rows[first.index]
    labels, lines = labels[rows], table.lines[rows]
    heads = np.array(table.names[1:], dtype=object)
    cells = np.array([column.take(rows) for column in table.columns[1:]], dtype=object).T
    filled_row, filled_column = np.nonzero(cells != "")
    word, words = _distinct(cells[filled_row, filled_column])
    at = lines[filled_row]
    if _rollcalls_in_rows(table):
        return Listing(table.file, heads, labels, words, filled_column, filled_row, word, at)
    return Listing(table.file, labels, heads, words, filled_row, filled_column, word, at)


def vote_code(word: str) -> int | None:
    """Return the code of a vote word, or None where it is none."""
    try:
        return int(parse_vote(word))
    except KeyError:
        return None


def first_rows(codes: NDArray[np.intp], n: int) -> NDArray[np.intp]:
    """Return for each of `n` codes the first row that holds it, row 0 for a code that no row holds."""
    first = np.zeros(n, dtype=np.intp)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return first


def filled(table: Table, column: str, what: str, notes: Notes) -> NDArray[np.intp]:
    """Return the rows in which a column is filled, noting the others."""
    cells = table.column(column)
    blank = (cells.labels == "")[cells.codes]

    def complain(row: int) -> Finding:
        message = f"the row names no {what}"
        return Finding("error", message, str(table.file), table.line(row), column or None, None, FILL_IN)

    notes.each(np.flatnonzero(blank), complain)
    return np.flatnonzero(~blank)


def _distinct(cells: NDArray[np.object_]) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    codes, labels = pd.factorize(cells)
    return codes, np.asarray(labels, dtype=object)


def _one(label: str) -> NDArray[np.object_]:
    return np.array([label], dtype=object)
