"""Reading of files: one entry point for tables of votes, matrices, folders and other formats."""

import warnings
from collections.abc import Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path

from voteshift.arguments import checked
from voteshift.errors import InputError, UsageError, did_you_mean, quote
from voteshift.readers import builtin
from voteshift.readers.findings import DataWarning, Finding, Notes
from voteshift.readers.formats import FORMATS, find_format
from voteshift.readers.options import ReadOptions, read_options, settings_beside
from voteshift.readers.record import Record, note_totals
from voteshift.readers.text import is_folder
from voteshift.rollcalls import RollCalls

__all__ = ["load", "read"]

builtin.add_formats()


@checked
def read(
    path: str | PathLike[str],
    format: str | None = None,
    *,
    codes: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    date_format: str | None = None,
    encoding: str | None = None,
) -> RollCalls:
    """Read roll calls from a file or folder.

    Parameters
    ----------
    path : path
        The file or folder. The page `docs/formats.md` describes the formats. The format is detected from the
        contents of the file.

        A table of votes is a text file in UTF-8, an Excel workbook or a Parquet file. A text file may be
        compressed with gzip or xz. Commas, tabs or semicolons separate its cells. From a workbook the sheet
        ``votes`` is read, else the first sheet that is not hidden. A table has one of two layouts. A folder
        of tables can also be read.

        *One row per vote.* Three columns are read:

        - the member: ``member`` or ``iso3``, else ``name_as_printed``, ``state``, ``country`` or ``name``;
        - the vote: ``vote``;
        - the roll call: ``rollcall``, ``record``, ``rcid`` or ``id``. Without a column of roll calls, the
        file is one roll call, and the name of the file is its id.

        Further columns describe the roll call. These columns must have the same value in all rows of a roll
        call:

        - ``date``: a date such as 2021-03-23;
        - ``symbol`` (or ``resolution``, else ``draft``), ``title``, ``subject``, ``session``, ``family``;
        - ``amendment``: "yes" or "no";
        - ``yes``, ``no``, ``abstain``: the declared totals;
        - ``reconciled``: "no" if the source contradicts its own totals.

        The column ``group`` (or ``regional_group`` or ``party``) describes the member and must have the same
        value in all rows of a member. Other columns are not read. A second column of vote words is an error.

        *A matrix.* The rows are members and the columns are roll calls. A cell is blank if the member has no
        seat in the roll call. The column ``member`` or ``iso3``, else the first column, contains the members.
        If the table has a column ``rollcall``, ``record`` or ``rcid``, its rows are roll calls and its other
        columns are members. Rows and columns that describe members or roll calls (``party``, ``date``) are
        kept. Rows and columns that summarise the votes must agree with the votes. These rows and columns are
        left out with a warning.

        *A folder.* The file ``votes.csv`` has one of the two layouts above. The file ``rollcalls.csv`` has
        one row per roll call. Optionally, ``members.csv`` or ``states.csv`` has a name and a group for each
        member. All columns of ``rollcalls.csv`` and of ``members.csv`` or ``states.csv`` are kept.
    format : str, optional
        Name of the format: ``voteshift``, ``netcdf``, ``rda`` (pscl), ``kh`` (.ord), ``voteview``,
        ``voeten``, ``undl``, ``folder``, ``table``, or the name of a format that
        `voteshift.readers.register_reader` added. By default the format is detected from the contents.
    codes : mapping of str to str, optional
        The vote word for each code of a table or folder, for instance ``{"Ja": "yes", "6": "no"}``. The code
        ``""`` is a blank cell. Capitals and surrounding spaces do not matter. A code replaces the meaning
        that voteshift gives to the same word. By default only the words of voteshift are read, because codes
        differ between sources.
    columns : mapping of str to str, optional
        The name in voteshift for columns of a table or folder, for instance ``{"Stimme": "vote"}``.
    date_format : str, optional
        The form of the dates in the notation of `datetime.datetime.strptime`, for instance ``"%d.%m.%Y"``. A
        date that does not have this form is an error. By default dates are written 2021-03-23, because
        03/05/2021 may be two days.
    encoding : str, optional
        The encoding of text files, for instance ``"cp1252"``. The default is UTF-8, because a wrong encoding
        damages names without an error.

    Returns
    -------
    RollCalls
        The record. Members are in the order in which they first occur, or in the order of the table of
        members. If most members are states, their ids are ISO3 codes, whatever the spelling in the file, and
        their names and regional groups are added. Otherwise the ids are the ids in the file.

    Raises
    ------
    InputError
        If the file does not follow this description, a vote word is unknown, a member is listed twice in a
        roll call, or votes and declared totals differ. The error names file, line and remedy. Only the first
        error is raised; `voteshift.readers.check_file` lists all errors. Also if the file ``voteshift.toml``
        has an unknown key or value.
    UsageError
        If an argument is not valid, names a column that the file does not have, or does not apply to the
        format of the file.

    Warns
    -----
    DataWarning
        If the file contains data that you should check, for instance votes in a roll call without a row in
        ``rollcalls.csv``. These data are read and kept.

    Notes
    -----
    If the folder of the file contains a file ``voteshift.toml``, its keys ``codes``, ``columns``,
    ``date_format`` and ``encoding`` apply to all tables in the folder. The arguments have priority.
    `voteshift.readers.examine` and `voteshift check` state what was read from this file.
    """
    notes = Notes(options=read_options(codes, columns, date_format, encoding))
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
        Collects all findings except differences between votes and totals, which `note_totals` collects. Its
        options are completed by those of a file ``voteshift.toml``.
    format : str, optional
        As in `read`.

    Raises
    ------
    InputError
        If the file cannot be read at all because of an error.
    UsageError
        If the user states something that does not apply to the file.
    """
    detected = find_format(path, format)
    notes.format = detected.name
    stated = notes.options
    _refuse_unused(stated, detected.name, path)
    if detected.takes:
        notes.settings = settings_beside(path)
        notes.options = stated.over(notes.settings)
    try:
        record = detected.load(path, notes)
    except InputError:
        if notes.columns and not is_folder(path):  # of a folder, the error may hide further tables
            _refuse_lacking(stated, notes, path)
        raise
    finally:
        notes.findings[:] = [
            replace(finding, column=finding.column and notes.printed(finding.column))
            for finding in notes.findings
        ]
    _refuse_unused(stated, notes.format, path)
    _refuse_lacking(stated, notes, path)
    if record.polarity is not None and record.polarity not in record.members.index:
        notes.warning(
            f"the polarity member {quote(record.polarity)} is not among the members",
            path,
            id=record.polarity,
            remedy="choose another polarity member for ideal-point models",
        )
    return record


def _refuse_unused(stated: ReadOptions, format: str, path: Path) -> None:
    """Raise an error for an argument that a format does not use."""
    unused = [name for name in stated.set_names() if name not in FORMATS[format].takes]
    if unused:
        raise UsageError(
            f"{unused[0]}= does not apply to the format '{format}'",
            file=path,
            remedy=f"leave out {unused[0]}=; it applies to tables",
        )


def _refuse_lacking(stated: ReadOptions, notes: Notes, path: Path) -> None:
    """Raise an error for an argument that names a column that no table has."""
    for name in stated.columns:
        if name not in notes.columns:
            raise UsageError(
                f"columns= names {quote(name)}, which is not a column of the file",
                file=path,
                remedy=did_you_mean(name, sorted(notes.columns)),
            )


def _first(notes: Notes) -> InputError:
    return notes.errors[0].to_error(others=len(notes.errors) - 1)
