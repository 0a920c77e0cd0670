"""Writing of voteshift's own format, which `voteshift.readers.own` describes."""

import json
from collections.abc import Iterator
from gzip import GzipFile
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd

from voteshift.errors import UsageError, quote
from voteshift.files import whole_file
from voteshift.readers.own import ALIGNED, BLOCKS_VERSION, FORMAT_NAME, KINDS, LETTERS, STORED, VERSION
from voteshift.rollcalls import RollCalls
from voteshift.spells import write_spells
from voteshift.store import iterate_columns

__all__ = ["kind_of", "plain_cells", "write_own"]


def write_own(rollcalls: RollCalls, path: Path) -> None:
    """Write a record in voteshift's own format, compressed with gzip if the name ends in ``.gz``.

    A record in blocks is written in blocks, which `voteshift.read` maps into memory, unless it is compressed.

    Raises
    ------
    UsageError
        If a column contains values other than text, numbers, truth values and dates.
    InputError
        If the file cannot be written.
    """
    with whole_file(path) as beside, beside.open("wb") as raw:
        if path.name.lower().endswith(".gz"):
            with GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0) as packed:
                _write(rollcalls, packed)
        elif rollcalls.store.is_matrix:
            _write(rollcalls, raw)
        else:
            _write_blocks(rollcalls, raw)


def _write_blocks(rollcalls: RollCalls, out: IO[bytes]) -> None:
    store, documents = rollcalls.store, _documents(rollcalls, letters=False)
    header = next(documents)
    lines = b"".join(map(_line, documents))
    arrays = {name: np.ascontiguousarray(getattr(store, name), dtype=kind) for name, kind in STORED.items()}
    sizes = {name: array.size for name, array in arrays.items()}
    text = _line({**header, "version": BLOCKS_VERSION, "lines": len(lines), "arrays": sizes}) + lines
    out.write(text + b"\n" * (-len(text) % ALIGNED))
    for array in arrays.values():
        out.write(array.data)


def _line(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode("utf-8") + b"\n"


def _write(rollcalls: RollCalls, out: "IO[bytes] | GzipFile") -> None:
    for document in _documents(rollcalls):
        out.write(_line(document))


def _documents(rollcalls: RollCalls, *, letters: bool = True) -> Iterator[Any]:
    members, frame = rollcalls.members, rollcalls.rollcalls
    groups = {"groups": write_spells(rollcalls.groups)} if len(rollcalls.groups) else {}
    yield {
        "format": FORMAT_NAME,
        "version": VERSION,
        "source": rollcalls.source,
        "polarity": rollcalls.polarity,
        "members": len(members),
        "rollcalls": len(frame),
        "member_columns": [[str(name), kind_of(members[name])] for name in members.columns],
        "rollcall_columns": [[str(name), kind_of(frame[name])] for name in frame.columns],
        **groups,
    }
    yield from map(list, zip(members.index, *(plain_cells(members[name]) for name in members), strict=True))
    if not letters:
        columns = [plain_cells(frame[name]) for name in frame.columns]
        yield from map(list, zip(frame.index, *columns, strict=True))
        return
    letter_of = np.array([LETTERS[vote].encode() for vote in sorted(LETTERS)], dtype="S1")
    columns = [plain_cells(frame[name]) for name in frame.columns]
    for position, (label, codes) in enumerate(
        zip(frame.index, iterate_columns(rollcalls.store), strict=True)
    ):
        votes = letter_of[codes.astype(np.intp) - min(LETTERS)].tobytes().decode()
        yield [label, votes, *(column[position] for column in columns)]


def kind_of(column: pd.Series) -> str:
    """Return the kind of a column, one of `voteshift.readers.own.KINDS`.

    Raises
    ------
    UsageError
        If the type of the column is not one of these kinds.
    """
    if isinstance(column.dtype, pd.StringDtype):
        return "text"
    name = str(column.dtype)
    if name not in KINDS:
        raise UsageError(
            f"column {quote(column.name)} has the type {name}, which the format cannot store",
            remedy="convert the column to text, numbers, truth values or dates, or drop the column",
        )
    return name


def plain_cells(column: pd.Series) -> list[Any]:
    """Return the cells of a column as values that JSON can store; a missing cell is None.

    Raises
    ------
    UsageError
        If a cell is not text, a number or a truth value.
    """
    dates = kind_of(column) == "datetime64[s]"
    cells = []
    for value in column.tolist():
        cell = value.item() if isinstance(value, np.generic) else value
        if isinstance(cell, list | dict | tuple | set):
            pass
        elif pd.isna(cell):
            cell = None
        elif dates:
            cell = cell.isoformat()
        elif isinstance(cell, float) and not np.isfinite(cell):
            cell = "inf" if cell > 0 else "-inf"
        if not isinstance(cell, str | int | float | None):
            raise UsageError(
                f"column {quote(column.name)} contains {quote(cell)}, which is not text, a number or a "
                "truth value",
                remedy="convert the column to text, or drop the column",
            )
        cells.append(cell)
    return cells
