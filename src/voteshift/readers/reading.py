"""Read other people's files: one door for tables of votes, matrices and folders."""

import warnings
from os import PathLike
from pathlib import Path
from typing import Final

from voteshift.errors import InputError
from voteshift.readers.described import facts_beside_votes, facts_of_table
from voteshift.readers.facts import ROLLCALL_IDS
from voteshift.readers.findings import DataWarning, Finding, Notes
from voteshift.readers.listing import list_votes
from voteshift.readers.members import member_table
from voteshift.readers.record import Record, assemble, note_totals
from voteshift.readers.table import read_table
from voteshift.readers.text import is_folder, stem_of
from voteshift.readers.voeten import is_voeten, read_voeten
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
    if is_voeten(table):
        return read_voeten(table, None, None, notes)
    listing = list_votes(table, stem_of(path), notes)
    return assemble(listing, facts_beside_votes(table, listing, notes), None, notes)


def _load_folder(folder: Path, notes: Notes) -> Record:
    try:
        present = sorted(entry.name for entry in folder.iterdir())
    except OSError as error:
        raise InputError(
            f"the folder cannot be listed: {error.strerror}", file=folder, remedy="check its permissions"
        ) from None
    described = read_table(_needed(folder, present, "rollcalls"), notes)
    votes = read_table(_needed(folder, present, "votes"), notes)
    if is_voeten(votes):
        issues = _optional(folder, present, "issues")
        return read_voeten(votes, described, read_table(issues, notes) if issues else None, notes)
    who = _optional(folder, present, "members") or _optional(folder, present, "states")
    members = member_table(read_table(who, notes), notes) if who else None
    if votes.find("vote"):
        votes.need("which roll call it is", *ROLLCALL_IDS)
    return assemble(list_votes(votes, "", notes), facts_of_table(described, notes), members, notes)


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
