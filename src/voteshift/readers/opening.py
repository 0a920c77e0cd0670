"""Opening of tables: text, workbooks, Parquet, Stata and JSON, and the tables in a folder."""

from pathlib import Path
from typing import Final

from voteshift.errors import InputError
from voteshift.readers.findings import Notes
from voteshift.readers.foreign import refuse_foreign
from voteshift.readers.layouts import rename_columns
from voteshift.readers.sheets import is_sheet, read_sheet
from voteshift.readers.stored import is_json, is_stata, read_json, read_stata
from voteshift.readers.table import Table, read_table
from voteshift.readers.text import head_of

__all__ = ["find_file", "list_folder", "need_file", "open_table"]

_SUFFIXES: Final = (".csv", ".csv.gz", ".csv.xz", ".tsv", ".xlsx", ".parquet", ".dta", ".json")


def open_table(path: Path, notes: Notes) -> Table:
    """Read a file as a table of text, with the names of columns that the user states.

    Raises
    ------
    InputError
        If the file cannot be read as a table.
    """
    head = head_of(path)
    notes.files.append(path)
    refuse_foreign(path, head)
    if is_sheet(head):
        table = read_sheet(path, head, notes)
    elif is_stata(head):
        table = read_stata(path)
    elif is_json(head):
        table = read_json(path)
    else:
        table = read_table(path, notes)
    return rename_columns(table, notes)


def list_folder(folder: Path) -> list[str]:
    """Return the names of the files in a folder, sorted."""
    try:
        return sorted(entry.name for entry in folder.iterdir())
    except OSError as error:
        raise InputError(
            f"the folder cannot be listed: {error.strerror}",
            file=folder,
            remedy=("check the permissions of the folder"),
        ) from None


def need_file(folder: Path, present: list[str], stem: str) -> Path:
    """Return the table with a name in a folder, for instance ``votes.csv`` or ``votes.xlsx``.

    Raises
    ------
    InputError
        If the folder has no such table, or several.
    """
    path = find_file(folder, present, stem)
    if path is None:
        held = ", ".join(present[:8]) or "nothing"
        raise InputError(
            f"the folder has no {stem}.csv; the folder contains {held}",
            file=folder,
            remedy="add the file: a folder needs rollcalls.csv and votes.csv, plain or as .gz or .xz",
        )
    return path


def find_file(folder: Path, present: list[str], stem: str) -> Path | None:
    """Return the table with a name in a folder, or None if there is no such table."""
    held = [stem + suffix for suffix in _SUFFIXES if stem + suffix in present]
    if len(held) > 1:
        raise InputError(
            f"the folder has both {held[0]} and {held[1]}", file=folder, remedy="remove one of the two files"
        )
    return folder / held[0] if held else None
