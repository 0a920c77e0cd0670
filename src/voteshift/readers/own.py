"""voteshift's own format: lines of JSON that store a complete record.

The first line is an object that describes the record. One line follows for each member: an array of the id
and the cells of its columns. Then one line follows for each roll call: an array of the id, a string with one
letter per member, and the cells of its columns. The file may be compressed with gzip or xz.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from voteshift.errors import InputError, escape_text, quote
from voteshift.readers.text import read_lines
from voteshift.rollcalls import RollCalls
from voteshift.spells import read_spells
from voteshift.votes import Vote

__all__ = ["FORMAT_NAME", "KINDS", "LETTERS", "VERSION", "column_of", "read_own", "sniff_own"]

FORMAT_NAME: Final = "voteshift"
VERSION: Final = 1
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
    lines = _documents(path)
    header = _header(next(lines, (1, None))[1], path)
    member_columns, rollcall_columns = header["member_columns"], header["rollcall_columns"]
    members = [
        _row(line, row, 1 + len(member_columns), path) for line, row in _some(lines, header["members"])
    ]
    rollcalls: list[list[Any]] = []
    votes: list[bytes] = []
    where: dict[str | None, int] = {}
    for number, row in _some(lines, header["rollcalls"]):
        cells = _row(number, row, 2 + len(rollcall_columns), path)
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
    matrix = np.frombuffer(b"".join(votes), dtype=np.int8).reshape(len(rollcalls), len(members)).T
    try:
        return RollCalls(
            matrix,
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


def _documents(path: Path) -> Iterator[tuple[int, Any]]:
    for line, text in enumerate(read_lines(path), 1):
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
    if document.get("version") != VERSION or isinstance(document["version"], bool):  # True equals 1
        raise refuse(
            f"the file has version {quote(document.get('version'))} of the format, not {VERSION}",
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
