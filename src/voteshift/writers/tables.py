"""Writing of tables: one row per vote, a matrix, or a folder of three tables."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import pandas as pd

from voteshift.files import whole_file, whole_folder
from voteshift.rollcalls import RollCalls
from voteshift.spells import SPELL_COLUMNS, write_spells
from voteshift.store import iterate_columns, iterate_rows
from voteshift.votes import Vote

__all__ = ["guard_of", "table_text", "write_folder", "write_long", "write_rows", "write_wide"]

#: Characters that begin a formula in a spreadsheet, in normal and in full width.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
#: Columns of a table of votes that describe the roll call; a column without any value is left out.
_FACTS: Final = (
    "date", "symbol", "title", "subject", "session", "amendment", "family", "yes", "no", "abstain",
    "reconciled",
)  # fmt: skip
_WORDS: Final = [Vote(code).word for code in range(min(Vote), max(Vote) + 1)]


def guard_of(formulas: bool) -> Callable[[str], str]:
    """Return the function for each cell: it writes an apostrophe before formulas, unless `formulas`."""
    return str if formulas else _safe


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def write_long(rollcalls: RollCalls, path: Path, *, formulas: bool = False) -> None:
    """Write one row per seat and roll call: member, name, roll call, vote, description of the roll call.

    Parameters
    ----------
    rollcalls : RollCalls
        The record. A row is written only for a member with a seat. Therefore members without any seat and
        roll calls without any seat are not in the file. Groups of members, and columns that `read` does not
        read, are not in the file either.
    path : Path
        The file. Tabs separate the cells if its name ends in ``.tsv``, otherwise commas.
    formulas : bool, default False
        True if cells that a spreadsheet reads as formulas stay unchanged.
    """
    frame, guard = rollcalls.rollcalls, guard_of(formulas)
    facts = {
        name: list(map(guard, cells))
        for name in _FACTS
        if name in frame and any(cells := _cells(frame[name]))
    }
    members = list(map(guard, rollcalls.members.index))
    names = list(map(guard, _cells(rollcalls.members["name"])))
    named = any(names)

    def rows() -> Iterator[list[str]]:
        every = zip(map(guard, frame.index), iterate_columns(rollcalls.store), strict=True)
        for position, (label, codes) in enumerate(every):
            described = [cells[position] for cells in facts.values()]
            for row in np.flatnonzero(codes != Vote.NOT_MEMBER).tolist():
                who = [members[row], names[row]] if named else [members[row]]
                yield [*who, label, _WORDS[codes[row] - min(Vote)], *described]

    head = ["member", "name"] if named else ["member"]
    with whole_file(path) as beside:
        write_rows(beside, [*head, "rollcall", "vote", *facts], rows(), _delimiter(path))


def write_wide(rollcalls: RollCalls, path: Path, *, formulas: bool = False) -> None:
    """Write only the matrix of vote words, members by roll calls; arguments as in `write_long`."""
    words = np.array([*_WORDS], dtype=object)
    words[Vote.NOT_MEMBER - min(Vote)] = ""

    guard = guard_of(formulas)

    def rows() -> Iterator[list[str]]:
        every = zip(map(guard, rollcalls.members.index), iterate_rows(rollcalls.store), strict=True)
        for member, codes in every:
            yield [member, *words[codes.astype(np.intp) - min(Vote)]]

    with whole_file(path) as beside:
        write_rows(beside, ["member", *map(guard, rollcalls.rollcalls.index)], rows(), _delimiter(path))


def write_folder(rollcalls: RollCalls, path: Path, *, formulas: bool = False) -> None:
    """Write a folder with ``votes.csv`` (a matrix), ``rollcalls.csv`` and ``members.csv``.

    If groups change, ``groups.csv`` contains their spells. All columns are written, as text. The arguments
    are the same as in `write_long`. `path` must not exist yet.
    """
    frame, members, guard = rollcalls.rollcalls, rollcalls.members, guard_of(formulas)
    with whole_folder(path) as folder:
        write_wide(rollcalls, folder / "votes.csv", formulas=formulas)
        for name, table in (("rollcall", frame), ("member", members)):
            columns = [list(map(guard, _cells(table[column]))) for column in table.columns]
            rows = map(list, zip(map(guard, table.index), *columns, strict=True))
            write_rows(folder / f"{name}s.csv", [name, *map(str, table.columns)], rows)
        if len(rollcalls.groups):
            spells = [list(map(guard, row)) for row in write_spells(rollcalls.groups)]
            write_rows(folder / "groups.csv", [*SPELL_COLUMNS], spells)


def write_rows(path: Path, header: list[str], rows: Iterable[list[str]], delimiter: str = ",") -> None:
    """Write a header and rows of text to a file, without changes to the cells."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        _write(handle, header, rows, delimiter)


def table_text(frame: pd.DataFrame) -> str:
    """Return a table of results as the text of a CSV file.

    Parameters
    ----------
    frame : DataFrame
        The table, written without its index. Numbers are written with all digits, and missing cells are
        blank. An apostrophe is written before text that a spreadsheet reads as a formula.
    """

    def cell(value: Any) -> str:
        if isinstance(value, str):
            return _safe(value)
        return "" if pd.isna(value) else str(value)

    columns = [map(cell, frame[name].tolist()) for name in frame.columns]
    out = io.StringIO(newline="")
    _write(out, [_safe(str(name)) for name in frame.columns], zip(*columns, strict=True), ",")
    return out.getvalue()


def _write(handle: IO[str], header: list[str], rows: Iterable[Iterable[str]], delimiter: str) -> None:
    writer = csv.writer(handle, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)


def _cells(column: pd.Series) -> list[str]:
    """Return cells as text: missing cells as blanks, dates as days, truth values as yes and no."""
    return [_cell(value) for value in column.tolist()]


def _cell(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _delimiter(path: Path) -> str:
    return "\t" if path.name.lower().endswith(".tsv") else ","
