"""Columns that describe roll calls: their names, and the values that their cells may hold."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.columns import ROLLCALL_FLAGS, ROLLCALL_IDS, ROLLCALL_SYMBOLS, ROLLCALL_TEXTS
from voteshift.errors import quote
from voteshift.readers.findings import Finding, Notes
from voteshift.readers.table import Table
from voteshift.votes import CAST

__all__ = ["fact_columns", "facts_of"]

_DAY: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ]00:00(?::00)?)?", re.ASCII)
_COUNT: Final = re.compile(r"(\d{1,9})(?:\.0+)?", re.ASCII)
_TRUTH: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}

_NO_NA: Final = 'leave the cell blank if it is missing: in R, write.csv(..., na = "")'

T = TypeVar("T")


def facts_of(
    table: Table,
    ids: NDArray[np.object_],
    rows: NDArray[np.intp],
    notes: Notes,
    *,
    extras: bool = False,
) -> pd.DataFrame:
    """Return the description of each roll call in a table.

    Parameters
    ----------
    table : Table
        The table.
    ids : ndarray of str, shape (n_rollcalls,)
        The roll calls.
    rows : ndarray of int, shape (n_rollcalls,)
        The row of the table that describes each of them.
    notes : Notes
        Takes an error for every cell that is not a date, a count or yes or no, as its column requires.
    extras : bool, default False
        Whether to keep columns with unknown names, as text.

    Returns
    -------
    DataFrame
        Index `ids`; of ``date``, ``symbol``, ``title``, ``subject``, ``session``, ``family``,
        ``amendment``, ``reconciled``, ``yes``, ``no``, ``abstain`` those that the table has. ``symbol`` is
        the column of that name, else the resolution's symbol, else the draft's.
    """
    facts: dict[str, Any] = {}
    used = {table.find(*ROLLCALL_IDS)}

    def column_of(*names: str) -> str | None:
        column = table.find(*names)
        used.add(column)
        return column

    if (column := column_of("date")) is not None:
        days = _parsed(table, column, ids, rows, _day, "NaT", "write dates as 2021-03-23", notes)
        facts["date"] = np.array(days, dtype="datetime64[s]")
    symbols = [
        table.column(column).take(rows)
        for name in ROLLCALL_SYMBOLS
        if (column := table.find(name)) is not None
    ]
    if symbols:
        facts["symbol"] = [next(filter(None, cells), "") for cells in zip(*symbols, strict=True)]
        column_of("symbol", "unres")
    for name, called in ROLLCALL_TEXTS.items():
        if (column := column_of(*called)) is not None:
            facts[name] = table.column(column).take(rows).tolist()
            _note_na(facts[name], column, ids, rows, table, notes)
    for name, (called, blank) in ROLLCALL_FLAGS.items():
        if (column := column_of(*called)) is not None:
            flags = _parsed(table, column, ids, rows, _flag, blank, "write yes or no", notes)
            facts[name] = np.array(flags, dtype=bool)
    for name in CAST:
        if (column := column_of(name)) is not None:
            remedy = "write a whole number, or nothing if unknown"
            counts = _parsed(table, column, ids, rows, _count, None, remedy, notes)
            facts[name] = pd.array(counts, dtype="Int64")
    if extras:
        facts |= {
            name: table.column(name).take(rows).tolist() for name in table.names if name and name not in used
        }
    return pd.DataFrame(facts, index=pd.Index(ids, dtype=object))


def fact_columns(table: Table) -> list[str]:
    """Return the columns of a table that describe the roll call, by their names in the file."""
    single = [(name,) for name in ("date", *ROLLCALL_SYMBOLS, *CAST)]
    named = [*single, *ROLLCALL_TEXTS.values(), *(called for called, _ in ROLLCALL_FLAGS.values())]
    return [column for called in named if (column := table.find(*called)) is not None]


def _note_na(
    cells: list[str],
    column: str,
    ids: NDArray[np.object_],
    rows: NDArray[np.intp],
    table: Table,
    notes: Notes,
) -> None:
    """Warn that NA, R's word for a missing value, is read as text: as a title it forms a family."""
    where = [position for position, cell in enumerate(cells) if cell == "NA"]
    if where:
        others = f", and {len(where) - 1} other{'s' * (len(where) > 2)}" if len(where) > 1 else ""
        notes.warning(
            f"roll call {ids[where[0]]}{others} has NA for {column}, which is read as text",
            table.file,
            table.line(int(rows[where[0]])),
            column=column,
            id=str(ids[where[0]]),
            remedy=_NO_NA,
        )


def _parsed(
    table: Table,
    column: str,
    ids: NDArray[np.object_],
    rows: NDArray[np.intp],
    parse: Callable[[str], T],
    blank: T,
    remedy: str,
    notes: Notes,
) -> list[T]:
    """Parse a cell per roll call; `blank` stands for one that is empty, or that is noted as wrong."""
    values: list[T] = []
    wrong: list[int] = []
    for position, cell in enumerate(table.column(column).take(rows)):
        try:
            values.append(parse(cell) if cell else blank)
        except ValueError:
            values.append(blank)
            wrong.append(position)

    def complain(position: int) -> Finding:
        row, rollcall = int(rows[position]), str(ids[position])
        message = f"roll call {rollcall} has {quote(table[column][row])} for {column}"
        what = _NO_NA if table[column][row] == "NA" else remedy
        return Finding("error", message, str(table.file), table.line(row), column, rollcall, what)

    notes.each(wrong, complain)
    return values


def _day(cell: str) -> str:
    match = _DAY.fullmatch(cell)
    if match is None:
        raise ValueError(cell)
    return date.fromisoformat(match[1]).isoformat()


def _count(cell: str) -> int | None:
    match = _COUNT.fullmatch(cell)
    if match is None:
        raise ValueError(cell)
    return int(match[1])


def _flag(cell: str) -> bool:
    if cell.lower() not in _TRUTH:
        raise ValueError(cell)
    return _TRUTH[cell.lower()]
