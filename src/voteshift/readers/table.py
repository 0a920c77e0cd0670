"""From text to a table of text cells in which every row knows its line."""

import csv
from array import array
from contextlib import suppress
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path
from sys import intern
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import InputError
from voteshift.readers.findings import Finding, Notes, shown
from voteshift.readers.text import read_text, stem_of

__all__ = ["Table", "read_table"]

_DELIMITERS: Final = (",", "\t", ";")
_BATCH: Final = 1 << 10  # rows that stay in the processor's cache: 1 << 16 takes three times as long
_NAMED: Final = 12  # columns that a message lists
_ENOUGH: Final = 100_000  # characters that tell the delimiter; below the csv module's limit for one cell


@dataclass(frozen=True, slots=True)
class Table:
    """A table as a file holds it: names of columns, cells of text.

    Parameters
    ----------
    file : Path
        Where it stands.
    names : tuple of str
        Names of the columns as printed, without surrounding space.
    cells : tuple of ndarray of object, each of shape (n_rows,)
        One array of `str` per column, without surrounding space.
    lines : ndarray of int64, shape (n_rows,)
        The line of the file on which each row begins, the first line being 1.
    header : int
        The line of the header.
    """

    file: Path
    names: tuple[str, ...]
    cells: tuple[NDArray[np.object_], ...]
    lines: NDArray[np.int64]
    header: int = 1

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.lines)

    def find(self, *names: str) -> str | None:
        """Return the first of `names` that is a column, whatever its case.

        Raises
        ------
        InputError
            If two columns differ in nothing but case.
        """
        for name in names:
            hits = [printed for printed in self.names if printed.lower() == name]
            if len(hits) > 1:
                raise InputError(
                    f"columns {shown(hits[0])} and {shown(hits[1])} have one name",
                    file=self.file,
                    line=self.header,
                    remedy="rename or remove one of them",
                )
            if hits:
                return hits[0]
        return None

    def need(self, what: str, *names: str, otherwise: str = "") -> str:
        """Return the first of `names` that is a column; `otherwise` adds to the remedy.

        Raises
        ------
        InputError
            If none is; it says which columns there are.
        """
        found = self.find(*names)
        if found is None:
            raise InputError(
                f"no column says {what}: the columns are {_listed(self.names)}",
                file=self.file,
                line=self.header,
                remedy=f"name that column {_either(names)}{otherwise}",
            )
        return found

    def __getitem__(self, name: str) -> NDArray[np.object_]:
        """Return the cells of a column by its printed name."""
        return self.cells[self.names.index(name)]

    def line(self, row: int) -> int:
        """Return the line on which a row begins."""
        return int(self.lines[row])


def read_table(path: Path, notes: Notes) -> Table:
    """Read a delimited file; comma, tab or semicolon is told by the header.

    Parameters
    ----------
    path : Path
        The file.
    notes : Notes
        Takes an error for every row that has more or fewer cells than the header; such rows are not in the
        table. Empty lines are no rows.

    Raises
    ------
    InputError
        If the file cannot be read as text, its quotes do not close, its header is faulty, or it has no rows.
    """
    text = read_text(path)
    reader = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text, path), strict=True)
    begins = header = 1
    names: tuple[str, ...] = ()
    columns: list[list[str]] = []
    lines, batch = array("q"), list[list[str]]()
    ragged: list[tuple[int, int]] = []
    try:
        for row in reader:
            if len(row) == len(names) and names:
                batch.append(row)
                lines.append(begins)
                if len(batch) == _BATCH:
                    _move(batch, columns)
            elif not names and row:
                header, names = begins, _header(row, path, begins)
                columns = [[] for _ in names]
            elif row:
                ragged.append((begins, len(row)))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"the row cannot be split into cells: {error}",
            file=path,
            line=begins,
            remedy='close every quote; write a quote within a quoted cell twice: ""',
        ) from None
    _move(batch, columns)
    if not lines and not ragged:
        raise InputError("the file has a header and no rows", file=path, line=header, remedy="give it rows")

    def complain(index: int) -> Finding:
        line, cells = ragged[index]
        message = f"the row has {cells} cells, the header {len(names)}"
        return Finding("error", message, str(path), line, remedy="quote cells that hold a delimiter")

    notes.each(range(len(ragged)), complain)
    cells = tuple(_as_array(column) for column in columns)
    return Table(path, names, cells, np.array(lines, dtype=np.int64), header)


def _delimiter(text: str, path: Path) -> str:
    """Return the tab where the file is called so, else what splits the first rows evenly.

    If several do, the first of comma, tab, semicolon; if none does, what splits the header into most cells.
    """
    if stem_of(path) + ".tsv" in path.name:
        return "\t"
    start = text[:_ENOUGH]

    def merit(mark: str) -> tuple[bool, int]:
        rows = csv.reader(StringIO(start, newline=""), delimiter=mark)
        with suppress(csv.Error):
            widths = [len(row) for row in islice(rows, 20) if row]
            if len(text) > _ENOUGH and len(widths) > 1:
                widths.pop()  # may be cut short
            evenly = widths[0] > 1 and len(set(widths)) == 1
            return (evenly, 0 if evenly else widths[0])
        return (False, 0)

    return max(_DELIMITERS, key=merit)


def _header(row: list[str], path: Path, line: int) -> tuple[str, ...]:
    names = tuple(cell.strip() for cell in row)
    for position, name in enumerate(names):
        if not name and position:  # the first may be blank: a table of row names, as R and pandas write it
            raise InputError(
                f"column {position + 1} has no name", file=path, line=line, remedy="name it or remove it"
            )
        if name in names[:position]:
            raise InputError(
                f"two columns are named {shown(name)}",
                file=path,
                line=line,
                remedy="rename or remove one of them",
            )
    return names


def _move(batch: list[list[str]], columns: list[list[str]]) -> None:
    """Empty a batch of rows into the columns; cells with the same text become one object."""
    for column, cells in zip(columns, zip(*batch, strict=True), strict=False):
        column.extend(map(intern, map(str.strip, cells)))
    batch.clear()


def _as_array(column: list[str]) -> NDArray[np.object_]:
    cells = np.empty(len(column), dtype=object)
    cells[:] = column
    return cells


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(map(shown, names[:_NAMED])) + more


def _either(names: tuple[str, ...]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
