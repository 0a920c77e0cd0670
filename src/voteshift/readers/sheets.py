"""Tables that are not text files: Excel workbooks and Parquet files."""

import re
from datetime import date, datetime
from itertools import islice
from math import isnan
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from voteshift.budget import COLUMNS, PACKED_COLUMNS, TABLE_CELLS
from voteshift.errors import InputError, UsageError, escape_text
from voteshift.readers.findings import Notes
from voteshift.readers.table import (
    Builder,
    Column,
    Table,
    header_of,
    trimmed,
    without_blank_rows,
)
from voteshift.readers.workbook import rows_of

__all__ = ["cell_text", "is_sheet", "read_sheet"]

_ZIP, _PARQUET = b"PK\x03\x04", b"PAR1"
_BATCH: Final = 1 << 10
_NO_NAME: Final = re.compile(r"__index_level_\d+__", re.ASCII)
_AS_CSV: Final = "save the table as CSV in UTF-8"


def is_sheet(head: bytes) -> bool:
    """Return True if the first bytes of a file show a workbook or a Parquet file."""
    return head.startswith((_ZIP, _PARQUET))


def read_sheet(path: Path, head: bytes, notes: Notes) -> Table:
    """Read a sheet of an Excel workbook, or a Parquet file, as a table of text.

    Parameters
    ----------
    path : Path
        The file.
    head : bytes
        The first bytes of the file.
    notes : Notes
        Collects the warnings about a workbook: other sheets with cells are not read, and cells are merged.

    Returns
    -------
    Table
        The cells as text: days as 2021-03-23, whole numbers without a decimal point, truth values as yes and
        no, missing cells as blanks. The line of a row is the number of the row in the sheet. In a Parquet
        file the first row is line 2, as in a CSV file.

    Raises
    ------
    InputError
        If the file is damaged, or is too large after decompression.
    UsageError
        If the file is in Parquet and pyarrow is not installed.
    """
    try:
        table = _parquet(path) if head.startswith(_PARQUET) else _workbook(path, notes)
    except (InputError, UsageError):
        raise
    except Exception as error:  # noqa: BLE001  a damaged file may raise any exception
        reason = escape_text(str(error) or type(error).__name__)[:200]
        raise InputError(f"the file cannot be read: {reason}", file=path, remedy=_AS_CSV) from None
    if table is None:
        raise InputError("the file is empty", file=path, remedy="write a table with a header and rows")
    if not len(table):
        raise InputError(
            "the file has a header and no rows", file=path, line=table.header, remedy="add rows of votes"
        )
    return table


def _workbook(path: Path, notes: Notes) -> Table | None:
    builder: Builder | None = None
    rows, number = rows_of(path, notes), 0
    while batch := list(islice(rows, _BATCH)):
        lines = list(range(number + 1, number + len(batch) + 1))
        number += len(batch)
        texts = [[cell_text(cell).strip() for cell in row] for row in batch]
        if builder is None:
            index = next((k for k, row in enumerate(texts) if any(row)), None)
            if index is None:
                continue
            builder = Builder(path, header_of(trimmed(texts[index]), path, lines[index]), lines[index])
            texts, lines = texts[index + 1 :], lines[index + 1 :]
        width = len(builder.names)
        kept = [k for k, row in enumerate(texts) if any(row)]
        wide = next((k for k in kept if any(texts[k][width:])), None)
        if wide is not None:
            raise InputError(
                f"the row has a cell to the right of the {width} columns of the header",
                file=path,
                line=lines[wide],
                remedy="write a name for the column in the header, or delete the cell",
            )
        if kept:
            fitted = [(texts[k] + [""] * width)[:width] for k in kept]
            builder.add(fitted, [lines[k] for k in kept])
    return None if builder is None else builder.table()


def _parquet(path: Path) -> Table:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise UsageError(
            "reading Parquet needs pyarrow",
            file=path,
            remedy="run pip install 'voteshift[parquet]', or save the table as CSV",
        ) from None
    with parquet.ParquetFile(path) as file:
        about = file.metadata
        shape, size = (about.num_rows, about.num_columns), path.stat().st_size
        cells = shape[0] * shape[1]
        plain = sum(about.row_group(group).total_byte_size for group in range(about.num_row_groups))
        if shape[1] > COLUMNS or cells > TABLE_CELLS.limit(size) or plain > PACKED_COLUMNS.limit(size):
            raise InputError(
                f"the file of {size} bytes unpacks to {shape[0]} rows of {shape[1]} cells, {plain >> 20} MiB",
                file=path,
                remedy=_AS_CSV,
            )
        schema = file.schema_arrow
    # Text is read as dictionary codes of the file: a long cell is stored once, even if many rows repeat it.
    coded = [field.name for field in schema if _is_text(field.type, pa)]
    with parquet.ParquetFile(path, read_dictionary=coded) as file:
        table = _index_first(file.read(use_threads=False))
    names = header_of(list(table.column_names), path, 1)
    columns = []
    for column in table.columns:
        packed = pa.chunked_array(column, type=column.type).combine_chunks()
        if not pa.types.is_dictionary(packed.type):
            packed = packed.dictionary_encode()
        texts = np.array(
            [*(cell_text(cell).strip() for cell in packed.dictionary.to_pylist()), ""], dtype=object
        )
        same, labels = pd.factorize(texts)
        codes = same[packed.indices.fill_null(len(texts) - 1).to_numpy(zero_copy_only=False).astype(np.intp)]
        first, present = pd.factorize(codes)
        columns.append(Column(first.astype(np.int32), np.asarray(labels, dtype=object)[present]))
    lines = np.arange(len(columns[0].codes) if columns else 0, dtype=np.int64) + 2
    return without_blank_rows(Table(path, names, tuple(columns), lines))


def _is_text(kind: Any, pa: Any) -> bool:
    return any(
        test(kind)
        for test in (
            pa.types.is_string,
            pa.types.is_large_string,
            pa.types.is_binary,
            pa.types.is_large_binary,
        )
    )


def _index_first(table: Any) -> Any:
    """Move the index of a pandas data frame before the columns; pandas writes the index after them."""
    index = (table.schema.pandas_metadata or {}).get("index_columns", [])
    names = [name for name in index if isinstance(name, str) and name in table.column_names]
    if not names:
        return table
    table = table.select([*names, *(name for name in table.column_names if name not in names)])
    return table.rename_columns(["" if _NO_NAME.fullmatch(name) else name for name in table.column_names])


def cell_text(cell: Any) -> str:
    """Return a cell as text: days as 2021-03-23, whole numbers without a decimal point, blanks if missing."""
    if cell is None or isinstance(cell, str):
        return cell or ""
    if isinstance(cell, bytes):
        return cell.decode("utf-8")  # as some programs write text; other types of cells are errors
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return "" if isnan(cell) else str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        whole = (cell.hour, cell.minute, cell.second, cell.microsecond) == (0, 0, 0, 0)
        return cell.date().isoformat() if whole else cell.isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)
