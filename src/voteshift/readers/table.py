"""From text to a table of text cells in which every row knows its line."""

import csv
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from io import StringIO
from itertools import chain, islice
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.budget import COLUMNS, TABLE_CELLS
from voteshift.errors import InputError, quote
from voteshift.readers.findings import Finding, Notes
from voteshift.readers.text import read_lines
from voteshift.votes import is_vote

__all__ = ["Builder", "Column", "Table", "header_of", "read_table", "trimmed", "without_blank_rows"]

_DELIMITER_NAMES: Final = {",": "commas", "\t": "tabs", ";": "semicolons"}
_DELIMITERS: Final = tuple(_DELIMITER_NAMES)
_BATCH: Final = 1 << 10  # rows that stay in the processor's cache: 1 << 16 takes three times as long
_BETWEEN: Final = re.compile(r"[\s_.-]")  # what divides the words of a column's name; R writes Roll.call
_NAMED: Final = 12  # columns that a message lists
_ENOUGH: Final = (
    100_000  # characters by which the delimiter is detected; below the csv module's limit for one cell
)
#: A table with more text in distinct cells is refused before it fills the memory.
MOST_TEXT: Final = 1 << 28
_CELLS_A_BATCH: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Column:
    """A column of text: its distinct texts, and the position of each cell among them.

    Parameters
    ----------
    codes : ndarray of int32, shape (n_rows,)
        Position of each cell's text in `labels`.
    labels : ndarray of object
        The distinct texts, in the order in which they first occur.
    """

    codes: NDArray[np.int32]
    labels: NDArray[np.object_]

    def take(self, rows: "NDArray[np.intp] | slice" = slice(None)) -> NDArray[np.object_]:
        """Return the text of some rows."""
        return self.labels[self.codes[rows]]

    def factorize(self, rows: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
        """Return the codes of some rows and the labels that occur there, in the order of those rows."""
        codes, present = pd.factorize(self.codes[rows])
        return codes, self.labels[present]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it stands in a file: names of columns, cells of text.

    Parameters
    ----------
    file : Path
        The file of the table.
    names : tuple of str
        Names of the columns as printed, without surrounding space.
    columns : tuple of Column
        The cells, without surrounding space.
    lines : ndarray of int64, shape (n_rows,)
        The line of the file on which each row begins, the first line being 1.
    header : int
        The line of the header.
    """

    file: Path
    names: tuple[str, ...]
    columns: tuple[Column, ...]
    lines: NDArray[np.int64]
    header: int = 1

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.lines)

    def find(self, *names: str) -> str | None:
        """Return the first of `names` that is a column; case and separators of words do not matter.

        Raises
        ------
        InputError
            If the names of two columns differ in these alone.
        """
        squeezed = _spellings(self.names)
        for name in names:
            hits = squeezed.get(_squeezed(name), [])
            if len(hits) > 1:
                raise InputError(
                    f"columns {quote(hits[0])} and {quote(hits[1])} have the same name",
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
            If none is; the message lists the columns.
        """
        column = self.find(*names)
        if column is None:
            raise InputError(
                f"no column contains {what}: the columns are {_listed(self.names)}",
                file=self.file,
                line=self.header,
                remedy=f"name that column {_either(names)}{otherwise}",
            )
        return column

    def __getitem__(self, name: str) -> NDArray[np.object_]:
        """Return the cells of a column by its printed name."""
        return self.column(name).take()

    def column(self, name: str) -> Column:
        """Return a column by its printed name."""
        return self.columns[self.names.index(name)]

    def line(self, row: int) -> int:
        """Return the line on which a row begins."""
        return int(self.lines[row])


class _Coder(dict[str, int]):
    """A number for each distinct cell; cells that differ in surrounding space alone share one."""

    def __init__(self) -> None:
        self.labels: list[str] = []
        self.size = 0

    def __missing__(self, cell: str) -> int:
        stripped = cell.strip()
        if stripped == cell:
            code = len(self.labels)
            self.labels.append(stripped)
            self.size += len(stripped)
        else:
            code = self[stripped]
        self[cell] = code
        return code


class Builder:
    """Collects the rows of a table, a batch at a time.

    Parameters
    ----------
    file : Path
        The file of the rows.
    names : sequence of str
        Names of the columns.
    header : int
        The line of the header.
    """

    def __init__(self, file: Path, names: Sequence[str], header: int) -> None:
        self.file, self.names, self.header = file, tuple(names), header
        self._limit = TABLE_CELLS.limit(file.stat().st_size)
        self._coders = [_Coder() for _ in names]
        self._codes = [array("i") for _ in names]
        self._lines = array("q")

    def add(self, rows: Sequence[Sequence[str]], lines: Iterable[int]) -> None:
        """Take rows with as many cells as there are columns, and the line each begins on.

        Raises
        ------
        InputError
            If the table exceeds the limits on cells or text.
        """
        self._lines.extend(lines)
        size = 0
        for coder, codes, cells in zip(self._coders, self._codes, zip(*rows, strict=True), strict=False):
            codes.extend(map(coder.__getitem__, cells))
            size += coder.size
        if size > MOST_TEXT or len(self._lines) * len(self.names) > self._limit:
            raise InputError(
                f"the table has more than {self._limit:,} cells, the most for a file of its size, or more "
                f"than {MOST_TEXT >> 20} MiB of text",
                file=self.file,
                line=self._lines[-1],
                remedy="split it by session or year; unpack it first if it is an archive",
            )

    def table(self) -> Table:
        """Return the table of all rows taken."""
        columns = []
        for coder, codes in zip(self._coders, self._codes, strict=True):
            labels = np.empty(len(coder.labels), dtype=object)
            labels[:] = coder.labels
            columns.append(Column(np.frombuffer(codes, dtype=np.int32), labels))
        return Table(
            self.file, self.names, tuple(columns), np.array(self._lines, dtype=np.int64), self.header
        )


def read_table(path: Path, notes: Notes) -> Table:
    """Read a table whose cells are separated by commas, tabs or semicolons, whatever the file is called.

    Parameters
    ----------
    path : Path
        The file.
    notes : Notes
        Takes an error for every row that has more or fewer cells than the header, or a cell under no name;
        such rows are not in the table. Empty lines, rows of blank cells, and blank columns beyond the last
        name of the header do not count: spreadsheets write them. Takes a warning where the name of the file
        promises tabs and its cells are separated otherwise.

    Raises
    ------
    InputError
        If the file cannot be read as text, its quotes do not close, its header is faulty, or it has no rows.
    """
    lines = read_lines(path)
    start, cut = _beginning(lines)
    if not start.strip() and not cut:
        raise InputError("the file is empty", file=path, remedy="give a table with a header and rows")
    every = chain(StringIO(start, newline=""), lines)
    reader = csv.reader(
        every, delimiter=_delimiter(start, cut, path, notes), skipinitialspace=True, strict=True
    )
    builder: Builder | None = None
    ragged: list[tuple[int, int]] = []
    full, begins, batch = 0, 1, list[list[str]]()
    while True:
        batch.clear()
        try:
            batch.extend(
                islice(reader, 1 if builder is None else max(1, min(_BATCH, _CELLS_A_BATCH // full)))
            )
        except csv.Error as error:
            raise InputError(
                f"the row cannot be split into cells: {error}",
                file=path,
                line=begins + sum(map(_height, batch)),
                remedy='close every quote; write a quote within a quoted cell twice: ""',
            ) from None
        if not batch:
            break
        where, begins = _begins(batch, begins, reader.line_num), reader.line_num + 1
        if builder is None:
            first = next((k for k, row in enumerate(batch) if any(cell.strip() for cell in row)), None)
            if first is None:
                continue
            full = len(batch[first])
            builder = Builder(path, header_of(trimmed(batch[first]), path, where[first]), where[first])
            del batch[: first + 1]
            where = where[first + 1 :]
        if not all(len(row) == full for row in batch):
            ragged += [
                (line, len(row)) for line, row in zip(where, batch, strict=True) if row and len(row) != full
            ]
            sound = [k for k, row in enumerate(batch) if len(row) == full]
            batch[:], where = [batch[k] for k in sound], [where[k] for k in sound]
        width = len(builder.names)
        if full > width:
            beyond = [any(cell.strip() for cell in row[width:]) for row in batch]
            ragged += [(line, 0) for line, nameless in zip(where, beyond, strict=True) if nameless]
            sound = [k for k, nameless in enumerate(beyond) if not nameless]
            batch[:], where = [batch[k][:width] for k in sound], [where[k] for k in sound]
        if batch:
            builder.add(batch, where)
    if builder is None:
        raise InputError("the file is empty", file=path, remedy="give a table with a header and rows")
    table = without_blank_rows(builder.table())
    if not len(table) and not ragged:
        raise InputError(
            "the file has a header and no rows", file=path, line=builder.header, remedy="give it rows"
        )

    def complain(index: int) -> Finding:
        line, cells = ragged[index]
        if not cells:
            message = f"the row has a cell beyond the {len(table.names)} columns of the header"
            return Finding("error", message, str(path), line, remedy="name the column, or empty the cell")
        message = f"the row has {cells} cells, the header {full}"
        return Finding("error", message, str(path), line, remedy="quote cells that hold a delimiter")

    notes.each(range(len(ragged)), complain)
    return table


def without_blank_rows(table: Table) -> Table:
    """Return a table without the rows in which every cell is blank."""
    blank = np.ones(len(table), dtype=bool)
    for column in table.columns:
        blank &= (column.labels == "")[column.codes]
    if not blank.any():
        return table
    kept = np.flatnonzero(~blank)
    columns = tuple(Column(column.codes[kept], column.labels) for column in table.columns)
    return replace(table, columns=columns, lines=table.lines[kept])


def trimmed(row: list[str]) -> list[str]:
    """Return a row without the blank cells at its end."""
    width = max((k + 1 for k, cell in enumerate(row) if cell.strip()), default=0)
    return row[:width]


def _begins(batch: list[list[str]], first: int, last: int) -> Sequence[int]:
    """Return the line on which each row of a batch begins; most batches hold one row a line."""
    if last - first + 1 == len(batch):
        return range(first, last + 1)
    where = [first]
    for row in batch[:-1]:
        where.append(where[-1] + _height(row))
    return where


def _height(row: list[str]) -> int:
    """Count the lines of a row: quoted cells may go over several."""
    pairs = sum(cell.count("\r\n") for cell in row)
    return 1 + sum(cell.count("\n") + cell.count("\r") for cell in row) - pairs


def _beginning(lines: Iterator[str]) -> tuple[str, bool]:
    """Return lines enough to detect the delimiter, and whether more may follow."""
    drawn: list[str] = []
    size = 0
    for line in lines:
        drawn.append(line)
        size += len(line)
        if size > _ENOUGH:
            return "".join(drawn), True
    return "".join(drawn), False


def _delimiter(text: str, cut: bool, path: Path, notes: Notes) -> str:
    """Return the character that separates cells: the one that splits the first rows evenly.

    If several do, the one that leaves most votes in cells of their own ("Name, first name;Motion 1"), then
    the first of comma, tab, semicolon; if none does, the one that splits the header into most cells. In a
    file called .tsv or .tab the tab comes first among those that split evenly, and where none does.
    """
    merits = {mark: _merit(text[:_ENOUGH], cut, mark) for mark in _DELIMITERS}
    best = max(merits, key=merits.__getitem__)
    if not _promises_tabs(path):
        return best
    (best_splits, best_width), (tab_splits, tab_width) = merits[best], merits["\t"]
    if tab_splits or (not best_splits and tab_width > 1):
        return "\t"
    if best_splits or best_width > 1:
        notes.warning(
            f"the name of the file promises tabs, but {_DELIMITER_NAMES[best]} separate its cells",
            path,
            remedy="rename the file to .csv",
        )
    return best


def _merit(start: str, cut: bool, mark: str) -> tuple[bool, int]:
    """Return whether a character splits the first rows evenly, and into how many votes, else cells."""
    rows = csv.reader(StringIO(start, newline=""), delimiter=mark, skipinitialspace=True)
    with suppress(csv.Error):
        drawn = [row for row in islice(rows, 20) if row]
        if cut and len(drawn) > 1:
            drawn.pop()  # may be cut short
        width = len(drawn[0])
        evenly = width > 1 and all(len(row) == width for row in drawn)
        return (evenly, sum(map(is_vote, chain.from_iterable(drawn))) if evenly else width)
    return (False, 0)


def _promises_tabs(path: Path) -> bool:
    """Return whether the name of a file says that tabs separate cells, before any suffix of compression."""
    name = path.name.lower()
    return name.removesuffix(".gz").removesuffix(".xz").endswith((".tsv", ".tab"))


def header_of(row: list[str], path: Path, line: int) -> tuple[str, ...]:
    """Return the names of columns as a header gives them.

    Raises
    ------
    InputError
        If a name is blank or given twice.
    """
    if len(row) > COLUMNS:
        raise InputError(
            f"the header has {len(row)} columns; a table has at most {COLUMNS}",
            file=path,
            line=line,
            remedy="split the table; or write one row per vote, with the columns member, rollcall and vote",
        )
    names = tuple(cell.strip() for cell in row)
    seen: set[str] = set()
    for position, name in enumerate(names):
        if not name and position:  # the first may be blank: a table of row names, as R and pandas write it
            raise InputError(
                f"column {position + 1} has no name", file=path, line=line, remedy="name it or remove it"
            )
        if name in seen:
            raise InputError(
                f"two columns are named {quote(name)}",
                file=path,
                line=line,
                remedy="rename or remove one of them",
            )
        seen.add(name)
    return names


@lru_cache(maxsize=8)
def _spellings(names: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the columns by their names in lower case without separators of words."""
    squeezed: dict[str, list[str]] = {}
    for name in names:
        squeezed.setdefault(_squeezed(name), []).append(name)
    return squeezed


def _squeezed(name: str) -> str:
    return _BETWEEN.sub("", name.lower())


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(map(quote, names[:_NAMED])) + more


def _either(names: tuple[str, ...]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
