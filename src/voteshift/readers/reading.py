"""Read other people's files: one door for tables of votes, matrices and folders."""

import warnings
from os import PathLike
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import InputError
from voteshift.readers.facts import ROLLCALL_IDS, fact_columns, facts_of, refuse_general_assembly
from voteshift.readers.findings import DataWarning, Finding, Notes, shown
from voteshift.readers.listing import FILL_IN, Listing, list_votes
from voteshift.readers.members import member_table
from voteshift.readers.record import Facts, Record, assemble, note_totals
from voteshift.readers.table import Table, read_table
from voteshift.readers.text import is_folder, stem_of
from voteshift.rollcalls import RollCalls

__all__ = ["load", "read"]

_SUFFIXES: Final = (".csv", ".csv.gz", ".csv.xz")


def read(path: str | PathLike[str]) -> RollCalls:
    """Read roll calls from a file or folder.

    Parameters
    ----------
    path : path
        One of three layouts, told apart by what they hold; files may be plain, gzip or xz, separated by
        commas, tabs or semicolons, in UTF-8.

        *One row per vote*: a column for the member (``member`` or ``iso3``, else ``name_as_printed``,
        ``state``, ``country`` or ``name``), a column ``vote``, and one for the roll call (``rollcall``,
        ``record``, ``rcid`` or ``id``; without it the file is one roll call, called as the file is). Columns
        that say something of a roll call must say the same in all its rows: ``date`` (2021-03-23),
        ``symbol`` (or ``resolution``, else ``draft``), ``title``, ``subject``, ``session``, ``family``,
        ``amendment`` (yes or no), declared totals ``yes``, ``no``, ``abstain``, and ``reconciled`` (no: the
        totals are known not to fit). Other columns are not read.

        *A matrix*: members in the first column, every other column a roll call, blank where a member has no
        seat. If the first column is called ``rollcall``, ``record`` or ``rcid``, its rows are the roll calls.

        *A folder*: ``votes.csv`` in either layout above and ``rollcalls.csv`` with one row per roll call;
        where there is one, ``members.csv`` or ``states.csv`` with a name and a group for each member.
        Columns of these two that mean nothing to voteshift are carried along.

    Returns
    -------
    RollCalls
        Members in the order in which they first occur (or stand in the table of members). Where most members
        are states, their ids are ISO3 codes, whatever spelling the file uses, and name and regional group
        are filled in; else ids are as printed.

    Raises
    ------
    InputError
        With file, line and remedy, if anything is not as described, a vote word is unknown, a member is
        listed twice in a roll call, or votes and declared totals differ. `voteshift.readers.check_file`
        lists all errors where this names the first.

    Warns
    -----
    DataWarning
        Where data are taken that a person should look at, for instance votes in a roll call that
        ``rollcalls.csv`` lacks. Nothing is dropped.
    """
    notes = Notes()
    try:
        record = load(Path(path), notes)
    except InputError as error:
        if not notes.errors:
            raise
        notes.findings.append(Finding.of(error, path))
        raise _first(notes) from None
    heard = notes.warnings
    note_totals(record, notes)
    if notes.errors:
        raise _first(notes)
    for finding in heard:
        warnings.warn(DataWarning(str(finding)), stacklevel=2)
    return record.to_rollcalls(source=Path(path).name)


def load(path: Path, notes: Notes) -> Record:
    """Read a file or folder as far as it can be read.

    Parameters
    ----------
    path : Path
        As in `read`.
    notes : Notes
        Takes everything that is wrong with it, except whether totals add up: see `note_totals`.

    Raises
    ------
    InputError
        If it is wrong in a way that leaves nothing to judge.
    """
    if is_folder(path):
        return _load_folder(path, notes)
    table = read_table(path, notes)
    refuse_general_assembly(table)
    listing = list_votes(table, stem_of(path), notes)
    return assemble(listing, _facts_beside_votes(table, listing, notes), None, notes)


def _load_folder(folder: Path, notes: Notes) -> Record:
    try:
        present = sorted(entry.name for entry in folder.iterdir())
    except OSError as error:
        raise InputError(
            f"the folder cannot be listed: {error.strerror}", file=folder, remedy="check its permissions"
        ) from None
    described = read_table(_needed(folder, present, "rollcalls"), notes)
    refuse_general_assembly(described)
    votes = read_table(_needed(folder, present, "votes"), notes)
    refuse_general_assembly(votes)
    who = _optional(folder, present, "members") or _optional(folder, present, "states")
    members = member_table(read_table(who, notes), notes) if who else None
    if votes.find("vote"):
        votes.need("which roll call it is", *ROLLCALL_IDS)
    return assemble(list_votes(votes, "", notes), _facts_of_folder(described, notes), members, notes)


def _facts_beside_votes(table: Table, listing: Listing, notes: Notes) -> Facts:
    """Take the facts of each roll call from its first row, and check that the others agree."""
    n = len(listing.rollcalls)
    if listing.rows is None:
        frame = pd.DataFrame(index=pd.Index(listing.rollcalls, dtype=object))
        return Facts(table.file, frame, np.zeros(n, dtype=np.int64))
    first = np.empty(n, dtype=np.intp)
    first[listing.rollcall[::-1]] = listing.rows[::-1]
    speaker = first[listing.rollcall]
    for column in fact_columns(table):
        cells = table[column]
        _note_changes(
            np.flatnonzero(cells[listing.rows] != cells[speaker]), column, table, listing, speaker, notes
        )
    frame = facts_of(table, listing.rollcalls, first, notes)
    return Facts(table.file, frame, table.lines[first])


def _note_changes(
    rows: NDArray[np.intp],
    column: str,
    table: Table,
    listing: Listing,
    speaker: NDArray[np.intp],
    notes: Notes,
) -> None:
    def complain(at: int) -> Finding:
        here, there = int(listing.rows[at]) if listing.rows is not None else at, int(speaker[at])
        rollcall = str(listing.rollcalls[listing.rollcall[at]])
        message = (
            f"{column} of roll call {rollcall} is {shown(table[column][there])} on line {table.line(there)} "
            f"and {shown(table[column][here])} here"
        )
        remedy = "write the same in every row of a roll call"
        return Finding("error", message, str(table.file), table.line(here), column, rollcall, remedy)

    notes.each(rows, complain)


def _facts_of_folder(table: Table, notes: Notes) -> Facts:
    which = table.need("which roll call it is", *ROLLCALL_IDS)
    first: dict[str, int] = {}
    for row, rollcall in enumerate(table[which].tolist()):
        before = first.setdefault(rollcall, row)
        if not rollcall:
            notes.error(
                "the row names no roll call", table.file, table.line(row), column=which, remedy=FILL_IN
            )
        elif before != row:
            notes.error(
                f"roll call {rollcall} has a row on line {table.line(before)} and another here",
                table.file,
                table.line(row),
                id=rollcall,
                remedy="give every roll call an id of its own",
            )
    first.pop("", None)
    rows = np.array(list(first.values()), dtype=np.intp)
    frame = facts_of(table, np.array(list(first), dtype=object), rows, notes, extras=True)
    return Facts(table.file, frame, table.lines[rows])


def _needed(folder: Path, present: list[str], stem: str) -> Path:
    path = _optional(folder, present, stem)
    if path is None:
        held = ", ".join(present[:8]) or "nothing"
        raise InputError(
            f"the folder has no {stem}.csv; it holds {held}",
            file=folder,
            remedy="a folder needs rollcalls.csv and votes.csv, plain or as .gz or .xz",
        )
    return path


def _optional(folder: Path, present: list[str], stem: str) -> Path | None:
    held = [stem + suffix for suffix in _SUFFIXES if stem + suffix in present]
    if len(held) > 1:
        raise InputError(
            f"the folder has both {held[0]} and {held[1]}", file=folder, remedy="keep one of them"
        )
    return folder / held[0] if held else None


def _first(notes: Notes) -> InputError:
    return notes.errors[0].to_error(others=len(notes.errors) - 1)
