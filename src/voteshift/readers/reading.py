"""Reading of files: one entry point for tables of votes, matrices, folders and other formats."""

import warnings
from os import PathLike
from pathlib import Path

from voteshift.arguments import checked
from voteshift.errors import InputError, quote
from voteshift.readers import builtin
from voteshift.readers.findings import DataWarning, Finding, Notes
from voteshift.readers.formats import find_format
from voteshift.readers.record import Record, note_totals
from voteshift.rollcalls import RollCalls

__all__ = ["load", "read"]

builtin.add_formats()


@checked
def read(path: str | PathLike[str], format: str | None = None) -> RollCalls:
    """Read roll calls from a file or folder.

    Parameters
    ----------
    path : path
        A file or folder in one of the formats that `docs/formats.md` describes; the contents decide which.
        A table is a text file in UTF-8 (plain, gzip or xz; separated by commas, tabs or semicolons), an Excel
        workbook (its sheet ``votes``, else the first that is not hidden) or a Parquet file. It has one of
        three layouts.

        *One row per vote*: a column for the member (``member`` or ``iso3``, else ``name_as_printed``,
        ``state``, ``country`` or ``name``), a column ``vote``, and one for the roll call (``rollcall``,
        ``record``, ``rcid`` or ``id``; without it the file is one roll call with the name of the file).
        Columns that describe a roll call must have the same value in all its rows: ``date`` (2021-03-23),
        ``symbol`` (or ``resolution``, else ``draft``), ``title``, ``subject``, ``session``, ``family``,
        ``amendment`` (yes or no), declared totals ``yes``, ``no``, ``abstain``, and ``reconciled`` (no: the
        source contradicts its totals). ``group`` (or ``regional_group`` or ``party``) describes the member,
        and must have one value for each. Other columns are not read; a second column of vote words is an
        error.

        *A matrix*: members in a column ``member`` or ``iso3``, else in the first, every other column a roll
        call, blank where a member has no seat. With a column ``rollcall``, ``record`` or ``rcid`` the rows
        are the roll calls. Rows and columns that describe members or roll calls (``party``, ``date``) are
        kept; those that summarise the votes must agree with them, and are left out with a warning.

        *A folder*: ``votes.csv`` in either layout above, ``rollcalls.csv`` with one row per roll call, and
        optionally ``members.csv`` or ``states.csv`` with a name and a group for each member. All columns of
        the last three are kept.
    format : str, optional
        Name of the format; by default it is detected from the contents: ``voteshift``, ``netcdf``, ``rda``
        (pscl), ``kh`` (.ord), ``voteview``, ``voeten``, ``undl``, ``folder``, ``table``, or one that
        `voteshift.readers.register_reader` added.

    Returns
    -------
    RollCalls
        Members in the order in which they first occur (or stand in the table of members). Where most members
        are states, their ids are ISO3 codes for any spelling in the file, and name and regional group are
        filled in; else ids are those of the file.

    Raises
    ------
    InputError
        With file, line and remedy, if the file departs from this description, a vote word is unknown, a
        member is listed twice in a roll call, or votes and declared totals differ. The error is the first;
        `voteshift.readers.check_file` lists all.

    Warns
    -----
    DataWarning
        If data are read that you should check, for instance votes in a roll call that ``rollcalls.csv``
        lacks. Nothing is dropped.
    """
    notes = Notes()
    try:
        record = load(Path(path), notes, format)
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


def load(path: Path, notes: Notes, format: str | None = None) -> Record:
    """Read a file or folder as far as it can be read.

    Parameters
    ----------
    path : Path
        As in `read`.
    notes : Notes
        Takes all findings except those on totals: see `note_totals`.
    format : str, optional
        As in `read`.

    Raises
    ------
    InputError
        If an error leaves nothing to read.
    """
    detected = find_format(path, format)
    notes.format = detected.name
    record = detected.load(path, notes)
    if record.polarity is not None and record.polarity not in record.members.index:
        notes.warning(
            f"the polarity member {quote(record.polarity)} is not among the members",
            path,
            id=record.polarity,
            remedy="choose another polarity member for ideal-point models",
        )
    return record


def _first(notes: Notes) -> InputError:
    return notes.errors[0].to_error(others=len(notes.errors) - 1)
