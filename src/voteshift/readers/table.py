"""Reading of a text file as a table of text cells, with the line of every row."""

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
from voteshift.readers.options import ReadOptions
from voteshift.readers.text import read_lines

__all__ = ["Builder", "Column", "Table", "header_of", "read_table", "trimmed", "without_blank_rows"]

_DELIMITER_NAMES: Final = {",": "commas", "\t": "tabs", ";": "semicolons"}
_DELIMITERS: Final = tuple(_DELIMITER_NAMES)
_BATCH: Final = 1 << 10  # rows that stay in the processor's cache: 1 << 16 takes three times as long
_BETWEEN: Final = re.compile(r"[\s_.-]")  # separators of words in a column's name; R writes Roll.call
_NAMED: Final = 12  # columns that a message lists
_ENOUGH: Final = (
    100_000  # characters from which the delimiter is detected; below the csv module's limit for one cell
)
#: Largest amount of text in distinct cells. A table with more text is an error, because it could fill the
#: memory.
MOST_TEXT: Final = 1 << 28
_CELLS_A_BATCH: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Column:
    """A column of text: the distinct texts, and the position of the text of each cell in them.

    Parameters
    ----------
    codes : ndarray of int32, shape (n_rows,)
        The position of the text of each cell in `labels`.
    labels : ndarray of object
        The distinct texts, in the order in which they first occur.
    """

    codes: NDArray[np.int32]
    labels: NDArray[np.object_]

    def take(self, rows: "NDArray[np.intp] | slice" = slice(None)) -> NDArray[np.object_]:
        """Return the text of some rows."""
        return self.labels[self.codes[rows]]

    def factorize(self, rows: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
        """Return the codes of some rows and the labels that occur in these rows, in their order."""
        codes, present = pd.factorize(self.codes[rows])
        return codes, self.labels[present]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as written in a file: names of columns and cells of text.

    Parameters
    ----------
    file : Path
        The file of the table.
    names : tuple of str
        The names of the columns as in the file, without surrounding space.
    columns : tuple of Column
        The cells, without surrounding space.
    lines : ndarray of int64, shape (n_rows,)
        The line of the file on which each row begins, counted from 1.
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
        """Return the first of `names` that is the name of a column, ignoring case and separators of words.

        Raises
        ------
        InputError
            If the names of two columns differ only in case and separators of words.
        """
        squeezed = _spellings(self.names)
        for name in names:
            hits = squeezed.get(_squeezed(name), [])
            if len(hits) > 1:
                raise InputError(
                    f"columns {quote(hits[0])} and {quote(hits[1])} have the same name except for capitals "
                    "and separators",
                    file=self.file,
                    line=self.header,
                    remedy="rename or remove one of the two columns",
                )
            if hits:
                return hits[0]
        return None

    def need(self, what: str, *names: str, otherwise: str = "") -> str:
        """Return the first of `names` that is the name of a column; `otherwise` is added to the remedy.

        Raises
        ------
        InputError
            If no column has one of the names; the message lists the columns.
        """
        column = self.find(*names)
        if column is None:
            raise InputError(
                f"no column contains {what}: the columns are {_listed(self.names)}",
                file=self.file,
                line=self.header,
                remedy=(
                    f"name the column '{_either(names)}', or give columns={{'NAME': '{names[0]}'}}{otherwise}"
                ),
            )
        return column

    def __getitem__(self, name: str) -> NDArray[np.object_]:
        """Return the cells of a column, selected by its name in the file."""
        return self.column(name).take()

    def column(self, name: str) -> Column:
        """Return a column, selected by its name in the file."""
        return self.columns[self.names.index(name)]

    def line(self, row: int) -> int:
        """Return the line on which a row begins."""
        return int(self.lines[row])


class _Coder(dict[str, int]):
    """A code for each distinct cell; cells that differ only in surrounding space have the same code."""

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
    """Collects the rows of a table, batch by batch.

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
        """Add rows, each with one cell per column, and the lines on which they begin.

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
                f"the table has more than {self._limit:,} cells, the limit for a file of this size, or more "
                f"than {MOST_TEXT >> 20} MiB of text",
                file=self.file,
                line=self._lines[-1],
                remedy="split the table by session or year; if the file is compressed, unpack the file first",
            )

    def table(self) -> Table:
        """Return the table of all rows that were added."""
        columns = []
        for coder, codes in zip(self._coders, self._codes, strict=True):
            labels = np.empty(len(coder.labels), dtype=object)
            labels[:] = coder.labels
            columns.append(Column(np.frombuffer(codes, dtype=np.int32), labels))
        return Table(
            self.file, self.names, tuple(columns), np.frombuffer(self._lines, dtype=np.int64), self.header
        )


def read_table(path: Path, notes: Notes) -> Table:
    """Read a table whose cells are separated by commas, tabs or semicolons; the name of the file is ignored.

    Parameters
    ----------
    path : Path
        The file.
    notes : Notes
        Collects an error for every row that has more or fewer cells than the header, or a cell in a column
        without a name. These rows are left out of the table. Empty lines, rows of blank cells, and blank
        columns to the right of the header are skipped without an error, since spreadsheets write them.
        Collects a warning if the suffix of the file is .tsv or .tab and tabs do not separate its cells.

    Raises
    ------
    InputError
        If the file cannot be read as text, a quote is not closed, the header is not valid, or there are no
        rows.
    """
    lines = read_lines(path, notes.options.encoding)
    start, cut = _beginning(lines)
    if not start.strip() and not cut:
        raise InputError("the file is empty", file=path, remedy="write a table with a header and rows")
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
                remedy='close every quote; within a quoted cell, write a quote twice: ""',
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
        raise InputError("the file is empty", file=path, remedy="write a table with a header and rows")
    table = without_blank_rows(builder.table())
    if not len(table) and not ragged:
        raise InputError(
            "the file has a header and no rows", file=path, line=builder.header, remedy="add rows of votes"
        )

    def complain(index: int) -> Finding:
        line, cells = ragged[index]
        if not cells:
            message = f"the row has a cell to the right of the {len(table.names)} columns of the header"
            return Finding(
                "error",
                message,
                str(path),
                line,
                remedy="write a name for the column in the header, or delete the cell",
            )
        message = f"the row has {cells} cells, but the header has {full}"
        return Finding(
            "error", message, str(path), line, remedy="put cells that contain a delimiter in quotes"
        )

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
    """Return the line on which each row of a batch begins; in most batches every row is one line."""
    if last - first + 1 == len(batch):
        return range(first, last + 1)
    where = [first]
    for row in batch[:-1]:
        where.append(where[-1] + _height(row))
    return where


def _height(row: list[str]) -> int:
    """Count the lines of a row: a quoted cell may contain line ends."""
    pairs = sum(cell.count("\r\n") for cell in row)
    return 1 + sum(cell.count("\n") + cell.count("\r") for cell in row) - pairs


def _beginning(lines: Iterator[str]) -> tuple[str, bool]:
    """Return the first lines, from which the delimiter is detected, and whether more lines may follow."""
    drawn: list[str] = []
    size = 0
    for line in lines:
        drawn.append(line)
        size += len(line)
        if size > _ENOUGH:
            return "".join(drawn), True
    return "".join(drawn), False


def _delimiter(text: str, cut: bool, path: Path, notes: Notes) -> str:
    """Return the character that separates cells: the character that splits the first rows evenly.

    If several characters split the rows evenly, the character that leaves the most cells with exactly one
    vote word is chosen ("Name, first name;Motion 1"), then the first of comma, tab and semicolon. If no
    character splits them evenly, the character that splits the header into the most cells is chosen. In a
    file with the suffix .tsv or .tab the tab has priority, if it splits the rows evenly or if no character
    does.
    """
    merits = {mark: _merit(text[:_ENOUGH], cut, mark, notes.options) for mark in _DELIMITERS}
    best = max(merits, key=merits.__getitem__)
    if not _promises_tabs(path):
        return best
    (best_splits, best_width), (tab_splits, tab_width) = merits[best], merits["\t"]
    if tab_splits or (not best_splits and tab_width > 1):
        return "\t"
    if best_splits or best_width > 1:
        notes.warning(
            f"the suffix of the file means tabs, but {_DELIMITER_NAMES[best]} separate the cells",
            path,
            remedy="rename the file to .csv",
        )
    return best


def _merit(start: str, cut: bool, mark: str, options: ReadOptions) -> tuple[bool, int]:
    """Return whether a character splits the first rows evenly, and the number of votes, else of cells."""
    rows = csv.reader(StringIO(start, newline=""), delimiter=mark, skipinitialspace=True)
    with suppress(csv.Error):
        drawn = [row for row in islice(rows, 20) if row]
        if cut and len(drawn) > 1:
            drawn.pop()  # may be cut short
        width = len(drawn[0])
        evenly = width > 1 and all(len(row) == width for row in drawn)
        return (evenly, sum(map(options.is_vote, chain.from_iterable(drawn))) if evenly else width)
    return (False, 0)


def _promises_tabs(path: Path) -> bool:
    """Return True if the suffix of a file is .tsv or .tab; .gz or .xz may follow."""
    name = path.name.lower()
    return name.removesuffix(".gz").removesuffix(".xz").endswith((".tsv", ".tab"))


def header_of(row: list[str], path: Path, line: int) -> tuple[str, ...]:
    """Return the names of the columns in a header.

    Raises
    ------
    InputError
        If a name is blank or occurs twice, or there are too many columns.
    """
    if len(row) > COLUMNS:
        raise InputError(
            f"the header has {len(row)} columns; a table has at most {COLUMNS}",
            file=path,
            line=line,
            remedy="split the table, or write one row per vote with the columns 'member', 'rollcall', 'vote'",
        )
    names = tuple(cell.strip() for cell in row)
    seen: set[str] = set()
    for position, name in enumerate(names):
        if not name and position:  # the first name may be blank: R and pandas write row names so
            raise InputError(
                f"column {position + 1} has no name",
                file=path,
                line=line,
                remedy="write a name in the header, or remove the column",
            )
        if name in seen:
            raise InputError(
                f"two columns are named {quote(name)}",
                file=path,
                line=line,
                remedy="rename or remove one of the two columns",
            )
        seen.add(name)
    return names


@lru_cache(maxsize=8)
def _spellings(names: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the columns by their names in lower case and without separators of words."""
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
    # The caller writes the first and the last quotation mark.
    return "' or '".join(filter(None, ("', '".join(names[:-1]), names[-1])))
