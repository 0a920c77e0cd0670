"""voteshift's own format: lines of JSON that store a complete record.

The first line is an object that describes the record. One line follows for each member: an array of the id
and the cells of its columns. Then one line follows for each roll call: an array of the id, a string with one
letter per member, and the cells of its columns. The file may be compressed with gzip or xz.

A record in blocks (see `voteshift.store`) is written in version 2, unless the file is compressed. The lines
of roll calls then have no string of letters. The arrays of the store follow the lines, as little-endian
bytes: ``ends``, ``columns``, ``rows`` and ``codes``. They begin at the next multiple of 64 bytes. The header
states the number of bytes of the lines after it, and the lengths of the arrays. The arrays are mapped into
memory, so that the votes of a record can be larger than the memory.
"""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from voteshift.errors import InputError, escape_text, quote
from voteshift.readers.text import LONGEST_LINE, read_lines
from voteshift.rollcalls import RollCalls
from voteshift.spells import read_spells
from voteshift.store import Store
from voteshift.votes import Vote

__all__ = [
    "ALIGNED",
    "BLOCKS_VERSION",
    "FORMAT_NAME",
    "KINDS",
    "LETTERS",
    "STORED",
    "VERSION",
    "column_of",
    "read_own",
    "sniff_own",
]

FORMAT_NAME: Final = "voteshift"
VERSION: Final = 1
#: The version of files with blocks.
BLOCKS_VERSION: Final = 2
#: The arrays of a store in a file, and their types.
STORED: Final = {"ends": "<i8", "columns": "<i4", "rows": "<i4", "codes": "<i1"}
#: The arrays begin at a multiple of this number of bytes.
ALIGNED: Final = 64
#: The letter for each vote.
LETTERS: Final = {
    Vote.YES: "Y",
    Vote.NO: "N",
    Vote.ABSTAIN: "A",
    Vote.ABSENT: "X",
    Vote.NOT_RECORDED: "R",
    Vote.NOT_MEMBER: ".",
}
#: Kinds of columns, by their pandas type; text means both string types.
KINDS: Final = ("text", "object", "bool", "boolean", "int64", "Int64", "float64", "Float64", "datetime64[s]")

_BAD: Final = 127
_TABLE: Final = bytes(
    {ord(letter): int(vote) & 0xFF for vote, letter in LETTERS.items()}.get(byte, _BAD) for byte in range(256)
)
_AGAIN: Final = "write the file again with `voteshift convert`"


def sniff_own(head: bytes) -> bool:
    """Return True if the first bytes of a file show this format."""
    return head.lstrip(b"\xef\xbb\xbf").startswith(b'{"format": "voteshift"')


def read_own(path: Path) -> RollCalls:
    """Read a file in voteshift's own format.

    Parameters
    ----------
    path : Path
        The file, plain or compressed with gzip or xz.

    Raises
    ------
    InputError
        If the file is incomplete or has a later version of the format, or if a line does not follow the
        format. The error names the line.
    """
    first = _first_line(path)
    has_blocks = first is not None and first.get("version") == BLOCKS_VERSION
    lines = _documents(path, _lines_before_blocks(path) if has_blocks else read_lines(path))
    header = _header(next(lines, (1, None))[1], path)
    member_columns, rollcall_columns = header["member_columns"], header["rollcall_columns"]
    members = [
        _row(line, row, 1 + len(member_columns), path) for line, row in _some(lines, header["members"])
    ]
    rollcalls: list[list[Any]] = []
    votes: list[bytes] = []
    where: dict[str | None, int] = {}
    for number, row in _some(lines, header["rollcalls"]):
        cells = _row(number, row, (1 if has_blocks else 2) + len(rollcall_columns), path)
        if not has_blocks:
            votes.append(_votes(cells.pop(1), len(members), number, path))
        rollcalls.append(cells)
        where[cells[0]] = number
    extra = next(lines, None)
    if extra is not None or len(members) < header["members"] or len(rollcalls) < header["rollcalls"]:
        announced, held = header["members"] + header["rollcalls"], len(members) + len(rollcalls)
        raise InputError(
            f"the file announces {announced} members and roll calls, but contains "
            f"{'more' if extra else held}",
            file=path,
            line=extra[0] if extra else None,
            remedy="the file is damaged; download or write the file again",
        )
    shape = len(members), len(rollcalls)
    if has_blocks:
        values: Any = _mapped(path, shape)
    else:
        values = np.frombuffer(b"".join(votes), dtype=np.int8).reshape(shape[::-1]).T
    try:
        return RollCalls(
            values,
            _frame(members, member_columns),
            _frame(rollcalls, rollcall_columns),
            polarity=header["polarity"],
            source=header["source"],
            groups=read_spells(header.get("groups", [])),
        )
    except InputError as error:
        line = where.get(error.id)
        raise InputError(error.message, file=path, line=line, id=error.id, remedy=error.remedy) from None
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(
            f"a cell does not fit its column: {escape_text(str(error))[:120]}", file=path, remedy=_AGAIN
        ) from None


def _first_line(path: Path) -> dict[str, Any] | None:
    """Return the header of a file that is not compressed; None if there is no header."""
    try:
        with path.open("rb") as file:
            header = json.loads(file.readline(LONGEST_LINE))
    except (OSError, ValueError, RecursionError):
        return None  # read as text, the file leads to an error that says what is wrong
    return header if isinstance(header, dict) else None


def _blocks_of(path: Path) -> tuple[int, int, dict[str, int]]:
    """Return the end of the lines in a file with blocks, where the arrays begin, and their lengths.

    Raises
    ------
    InputError
        If the header contradicts the size of the file.
    """
    with path.open("rb") as file:
        first = file.readline(LONGEST_LINE)
    header = json.loads(first)
    n_text, sizes = header.get("lines"), header.get("arrays")
    whole = isinstance(sizes, dict) and set(sizes) == set(STORED)
    numbers = [n_text, *sizes.values()] if whole else [None]
    if all(isinstance(number, int) and not isinstance(number, bool) and number >= 0 for number in numbers):
        end = len(first) + n_text
        begin = -(-end // ALIGNED) * ALIGNED
        n_bytes = sum(sizes[name] * np.dtype(kind).itemsize for name, kind in STORED.items())
        if begin + n_bytes == path.stat().st_size:
            return end, begin, sizes
    raise InputError(
        "the header does not fit the size of the file",
        file=path,
        line=1,
        remedy="the file is damaged; download or write the file again",
    )


def _lines_before_blocks(path: Path) -> Iterator[str]:
    end, _, _ = _blocks_of(path)
    with path.open("rb") as file:
        for number, line in enumerate(BytesIO(file.read(end)), 1):
            try:
                yield line.decode("utf-8")
            except UnicodeDecodeError:
                raise InputError(
                    "the line is not text in UTF-8", file=path, line=number, remedy=_AGAIN
                ) from None


def _mapped(path: Path, shape: tuple[int, int]) -> Store:
    """Map the arrays of a store into memory."""
    _, begin, sizes = _blocks_of(path)
    content = np.memmap(path, dtype=np.uint8, mode="r", offset=begin)
    arrays, place = {}, 0
    for name, kind in STORED.items():
        end = place + sizes[name] * np.dtype(kind).itemsize
        arrays[name] = np.asarray(content[place:end]).view(kind)
        place = end
    try:
        return Store(shape, **arrays | {"ends": arrays["ends"].reshape(-1, 2)})
    except ValueError as error:
        raise InputError(f"the blocks contradict each other: {error}", file=path, remedy=_AGAIN) from None


def _documents(path: Path, lines: Iterator[str]) -> Iterator[tuple[int, Any]]:
    for line, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            yield line, json.loads(text)
        except RecursionError:
            raise InputError("the line is nested too deeply", file=path, line=line, remedy=_AGAIN) from None
        except ValueError as error:
            reason = escape_text(str(error))[:120]
            raise InputError(f"the line is not JSON: {reason}", file=path, line=line, remedy=_AGAIN) from None


def _some(lines: Iterator[tuple[int, Any]], n: int) -> Iterator[tuple[int, Any]]:
    for _ in range(n):
        line = next(lines, None)
        if line is None:
            return
        yield line


def _header(document: object, path: Path) -> dict[str, Any]:
    def refuse(message: str, remedy: str = _AGAIN) -> InputError:
        return InputError(message, file=path, line=1, remedy=remedy)

    if not isinstance(document, dict) or document.get("format") != FORMAT_NAME:
        raise refuse("the first line is not a header of voteshift's own format")
    version = document.get("version")
    if version not in (VERSION, BLOCKS_VERSION) or isinstance(version, bool):  # True equals 1
        raise refuse(
            f"the file has version {quote(version)} of the format, not {VERSION} or {BLOCKS_VERSION}",
            "update voteshift",
        )
    for name in ("members", "rollcalls"):
        count = document.get(name)
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise refuse(f"'{name}' is not a number of lines")
    for name in ("member_columns", "rollcall_columns"):
        columns = document.get(name)
        good = isinstance(columns, list) and all(
            isinstance(column, list)
            and len(column) == 2
            and isinstance(column[0], str)
            and column[1] in KINDS
            for column in columns
        )
        if not good or len({column[0] for column in document[name]}) < len(document[name]):
            raise refuse(f"'{name}' is not a list of different names, each with a kind ({', '.join(KINDS)})")
    if not isinstance(document.get("source", ""), str) or not isinstance(
        document.get("polarity"), str | None
    ):
        raise refuse("'source' or 'polarity' is not text")
    return {"source": "", "polarity": None} | document


def _row(line: int, row: object, width: int, path: Path) -> list[Any]:
    if not isinstance(row, list) or len(row) != width or not isinstance(row[0], str):
        raise InputError(
            f"the line is not an array of {width} cells that begins with an id",
            file=path,
            line=line,
            remedy=_AGAIN,
        )
    if any(isinstance(cell, (list, dict)) for cell in row):
        raise InputError(
            "a cell is not text, a number, true, false or null", file=path, line=line, remedy=_AGAIN
        )
    return row


def _votes(letters: object, n_members: int, line: int, path: Path) -> bytes:
    encoded = letters.encode("ascii", "replace").translate(_TABLE) if isinstance(letters, str) else b""
    if len(encoded) != n_members or bytes([_BAD]) in encoded:
        raise InputError(
            f"the votes are not {n_members} letters from {''.join(LETTERS.values())}",
            file=path,
            line=line,
            remedy=_AGAIN,
        )
    return encoded


def _frame(rows: list[list[Any]], columns: list[list[str]]) -> pd.DataFrame:
    index = pd.Index([row[0] for row in rows], dtype=object)
    cells = {name: [row[position] for row in rows] for position, (name, _) in enumerate(columns, start=1)}
    return pd.DataFrame({name: column_of(cells[name], kind, index) for name, kind in columns}, index=index)


def column_of(cells: list[Any], kind: str, index: pd.Index) -> pd.Series:
    """Return plain cells, None if missing, as a column of one of the `KINDS`.

    Raises
    ------
    ValueError
        If a cell has another kind.
    """
    for cell in cells:
        if not _fits(cell, kind):
            raise ValueError(f"{quote(str(cell))} in a column of kind {kind}")
    plain = pd.Series(cells, index=index, dtype=object)
    if kind == "text":
        return plain.astype(pd.Series([""]).dtype)
    if kind == "float64":
        return plain.map(lambda cell: np.nan if cell is None else float(cell)).astype(kind)
    if kind == "Float64":
        return pd.Series([None if cell is None else float(cell) for cell in cells], index=index, dtype=kind)
    if kind == "datetime64[s]":
        return pd.to_datetime(plain, format="ISO8601").astype(kind)
    return plain.astype(kind)


def _fits(cell: object, kind: str) -> bool:
    """Return True if the writer can write a plain cell into a column of this kind."""
    if cell is None:
        return kind not in ("bool", "int64")
    if kind.startswith("bool"):
        return isinstance(cell, bool)
    if kind in ("text", "datetime64[s]"):
        return isinstance(cell, str)
    if kind == "object":
        return True
    if isinstance(cell, str):
        return kind.casefold() == "float64" and cell in ("inf", "-inf")
    return isinstance(cell, int if kind.casefold() == "int64" else (int, float)) and not isinstance(
        cell, bool
    )
