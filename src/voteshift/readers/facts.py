"""Columns that describe roll calls: names of the columns, and valid values of the cells."""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
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

_NO_NA: Final = 'leave the cell of a missing value blank; in R, use write.csv(..., na = "")'

_ASK_FORM: Final = "give the form of the dates, for instance date_format='%d.%m.%Y'"

T = TypeVar("T")


def facts_of(
    table: Table,
    ids: NDArray[np.object_],
    rows: NDArray[np.intp],
    notes: Notes,
    *,
    extras: bool = False,
) -> pd.DataFrame:
    """Return the descriptions of roll calls from a table.

    Parameters
    ----------
    table : Table
        The table.
    ids : ndarray of str, shape (n_rollcalls,)
        The ids of the roll calls.
    rows : ndarray of int, shape (n_rollcalls,)
        The row of the table that describes each roll call.
    notes : Notes
        Collects an error for every invalid cell in a column of dates, of counts, or of yes and no.
    extras : bool, default False
        Whether to keep columns with unknown names, as text.

    Returns
    -------
    DataFrame
        One row for each of `ids`, which are the index. The frame contains the following columns if the table
        has them: ``date``, ``symbol``, ``title``, ``subject``, ``session``, ``family``, ``amendment``,
        ``reconciled``, ``yes``, ``no``, ``abstain``. ``symbol`` is the column ``symbol``, else the symbol of
        the resolution, else the symbol of the draft.
    """
    facts: dict[str, Any] = {}
    used = {table.find(*ROLLCALL_IDS)}

    def column_of(*names: str) -> str | None:
        column = table.find(*names)
        used.add(column)
        return column

    if (column := column_of("date")) is not None:
        form = notes.options.date_format
        remedy = (
            f"write dates as 2021-03-23, or {_ASK_FORM}"
            if form is None
            else (f"write dates in the form {quote(form)}, or {_ASK_FORM}")
        )
        days = _parsed(table, column, ids, rows, partial(_day, form=form), "NaT", remedy, notes)
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
            remedy = "write a whole number, or leave the cell blank if the total is unknown"
            counts = _parsed(table, column, ids, rows, _count, None, remedy, notes)
            facts[name] = pd.array(counts, dtype="Int64")
    if extras:
        facts |= {
            name: table.column(name).take(rows).tolist() for name in table.names if name and name not in used
        }
    return pd.DataFrame(facts, index=pd.Index(ids, dtype=object))


def fact_columns(table: Table) -> list[str]:
    """Return the columns of a table that describe the roll call, with their names in the file."""
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
    """Warn that NA, R's missing value, is read as text. Roll calls with the title NA form a family."""
    where = [position for position, cell in enumerate(cells) if cell == "NA"]
    if where:
        others = f", and {len(where) - 1} other{'s' * (len(where) > 2)}" if len(where) > 1 else ""
        notes.warning(
            f"'NA' in column '{notes.printed(column)}' of roll call {ids[where[0]]}{others} is read as text, "
            "not as a missing value",
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
    """Return the parsed cell of each roll call; the value is `blank` if the cell is blank or not valid."""
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
        cell = table[column][row]
        message = f"roll call {rollcall} has the value {quote(cell)} in column '{notes.printed(column)}'"
        what = _NO_NA if cell == "NA" else remedy
        return Finding("error", message, str(table.file), table.line(row), column, rollcall, what)

    notes.each(wrong, complain)
    return values


def _day(cell: str, form: str | None) -> str:
    if form is not None:
        return datetime.strptime(cell, form).date().isoformat()
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
