"""Tables that are no text: Excel workbooks and Parquet files."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from math import isnan
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

import numpy as np
import pandas as pd

from voteshift.errors import InputError, UsageError
from voteshift.readers.findings import one_line
from voteshift.readers.table import MOST_CELLS, Builder, Column, Table, header_of, trimmed, without_blank_rows

__all__ = ["is_sheet", "read_sheet"]

_ZIP, _PARQUET = b"PK\x03\x04", b"PAR1"
_BATCH: Final = 1 << 10
_MOST_BYTES: Final = 1 << 29
_MOST_RATIO: Final = 400
_FREE: Final = 1 << 22
_MOST_CELLS_A_BYTE: Final = 100
_MOST_COLUMNS: Final = 1 << 15
_AS_CSV: Final = "save the table as CSV in UTF-8"


def is_sheet(head: bytes) -> bool:
    """Return whether a file begins as a workbook or a Parquet file does."""
    return head.startswith((_ZIP, _PARQUET))


def read_sheet(path: Path, head: bytes) -> Table:
    """Read the first sheet of an Excel workbook, or a Parquet file, as a table of text.

    Parameters
    ----------
    path : Path
        The file.
    head : bytes
        Its first bytes.

    Returns
    -------
    Table
        Days as 2021-03-23, whole numbers without a point, truth values as yes and no, blanks where a cell is
        missing. The line of a row is its row in the sheet; in Parquet the first row is line 2, as in a CSV
        file.

    Raises
    ------
    InputError
        If the file is damaged, or unpacks to more than a table would.
    UsageError
        If what reads Parquet is not installed.
    """
    try:
        table = _parquet(path) if head.startswith(_PARQUET) else _workbook(path)
    except (InputError, UsageError):
        raise
    except (Exception, RecursionError, MemoryError) as error:  # noqa: BLE001  whatever a damaged file provokes
        reason = one_line(str(error) or type(error).__name__)[:200]
        raise InputError(f"the file cannot be read: {reason}", file=path, remedy=_AS_CSV) from None
    if table is None:
        raise InputError("the file is empty", file=path, remedy="give a table with a header and rows")
    if not len(table):
        raise InputError(
            "the file has a header and no rows", file=path, line=table.header, remedy="give it rows"
        )
    return table


def _workbook(path: Path) -> Table | None:
    builder: Builder | None = None
    rows, number = _excel(path), 0
    while batch := list(islice(rows, _BATCH)):
        lines = list(range(number + 1, number + len(batch) + 1))
        number += len(batch)
        texts = [[_text(cell) for cell in row] for row in batch]
        if builder is None:
            at = next((k for k, row in enumerate(texts) if any(row)), None)
            if at is None:
                continue
            builder = Builder(path, header_of(trimmed(texts[at]), path, lines[at]), lines[at])
            texts, lines = texts[at + 1 :], lines[at + 1 :]
        width = len(builder.names)
        kept = [k for k, row in enumerate(texts) if any(row)]
        wide = next((k for k in kept if any(texts[k][width:])), None)
        if wide is not None:
            raise InputError(
                f"the row has a cell beyond the {width} columns of the header",
                file=path,
                line=lines[wide],
                remedy="give the column a name, or empty the cell",
            )
        if kept:
            fitted = [(texts[k] + [""] * width)[:width] for k in kept]
            builder.add(fitted, [lines[k] for k in kept])
    return None if builder is None else builder.table()


def _excel(path: Path) -> Iterator[tuple[Any, ...]]:
    _refuse_bombs(path)
    from openpyxl import load_workbook

    with path.open("rb") as file:  # a path would be judged by its suffix
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            yield from _narrow(book.worksheets[0].iter_rows(values_only=True), path)
        finally:
            book.close()


def _narrow(rows: Iterable[tuple[Any, ...]], path: Path) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        if len(row) > _MOST_COLUMNS:
            raise InputError(f"a row has {len(row)} cells", file=path, remedy=_AS_CSV)
        yield row


def _refuse_bombs(path: Path) -> None:
    """Refuse an archive that unpacks to more than a workbook of votes would, before it is unpacked."""
    try:
        with ZipFile(path) as archive:
            parts = archive.infolist()
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InputError(f"the workbook is damaged: {error}", file=path, remedy="save it again") from None
    size = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if size > _MOST_BYTES or (size > _FREE and size > _MOST_RATIO * max(packed, 1)):
        raise InputError(
            f"the workbook unpacks to {size >> 20} MiB, {size // max(packed, 1)} times its size",
            file=path,
            remedy=_AS_CSV,
        )


def _parquet(path: Path) -> Table:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise UsageError(
            "reading Parquet needs pyarrow",
            file=path,
            remedy="pip install 'voteshift[parquet]', or write CSV",
        ) from None
    with parquet.ParquetFile(path) as file:
        shape, size = (file.metadata.num_rows, file.metadata.num_columns), path.stat().st_size
        cells = shape[0] * shape[1]
        if shape[1] > _MOST_COLUMNS or cells > MOST_CELLS or cells > _FREE + _MOST_CELLS_A_BYTE * size:
            raise InputError(
                f"the file of {size} bytes unpacks to {shape[0]} rows of {shape[1]} cells",
                file=path,
                remedy=_AS_CSV,
            )
        names = header_of(list(file.schema_arrow.names), path, 1)
        table = file.read(use_threads=False)
    columns = []
    for column in table.columns:
        packed = pa.chunked_array(column, type=column.type).combine_chunks()
        if not pa.types.is_dictionary(packed.type):
            packed = packed.dictionary_encode()
        texts = np.array([*(_text(cell).strip() for cell in packed.dictionary.to_pylist()), ""], dtype=object)
        same, labels = pd.factorize(texts)
        codes = same[packed.indices.fill_null(len(texts) - 1).to_numpy(zero_copy_only=False).astype(np.intp)]
        first, present = pd.factorize(codes)
        columns.append(Column(first.astype(np.int32), np.asarray(labels, dtype=object)[present]))
    lines = np.arange(len(columns[0].codes) if columns else 0, dtype=np.int64) + 2
    return without_blank_rows(Table(path, names, tuple(columns), lines))


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return "" if isnan(cell) else str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        whole = (cell.hour, cell.minute, cell.second, cell.microsecond) == (0, 0, 0, 0)
        return cell.date().isoformat() if whole else cell.isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)
