"""Objects of class ``rollcall`` of the R package pscl, in files that R's ``save`` wrote.

The package `rdata` parses the file. It builds R's data types and runs no code from the file.
"""

import warnings
from bz2 import BZ2Decompressor
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.budget import PARSED
from voteshift.errors import InputError, escape_text
from voteshift.readers.rda import need_sound
from voteshift.readers.text import read_chunks
from voteshift.readers.voteview import CAST_CODES
from voteshift.rollcalls import RollCalls
from voteshift.votes import CAST, Vote

__all__ = ["parse_r", "refuse_objects", "rollcalls_of", "sniff_rda"]

_MAGIC: Final = (b"RDX2\n", b"RDX3\n", b"RDA2\n", b"RDA3\n")
_RDS: Final = (b"X\n\0\0\0\x02", b"X\n\0\0\0\x03")
_BZIP: Final = b"BZh"
_MOST_NUMBERS: Final = 1 << 24
_MOST_TEXTS: Final = 1 << 20
_SAVE: Final = "in R, use save(x, file = ...), where x is an object from pscl::rollcall or pscl::readKH"
_POOLE_ROSENTHAL: Final = {1, 2, 3}


T = TypeVar("T")


class _RollCall(dict[str, Any]):
    """An R list of class rollcall."""


def sniff_rda(head: bytes) -> bool:
    """Return True if the first bytes, decompressed from gzip or xz, show a file of R."""
    return head.startswith((*_MAGIC, *_RDS, _BZIP))


def parse_r(path: Path) -> Mapping[str, Any]:
    """Return the objects in a file of R by their names; the object of ``saveRDS`` has the name "object".

    Parameters
    ----------
    path : Path
        A file that R's ``save`` or ``saveRDS`` wrote, compressed or not.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    return _guarded(path, lambda: _objects(path))


def rollcalls_of(objects: Mapping[str, Any], path: Path) -> RollCalls | None:
    """Return the only rollcall object of a file, or None if there is no such object.

    Parameters
    ----------
    objects : mapping of str to object
        The objects of the file, as `parse_r` returns them.
    path : Path
        The file.

    Returns
    -------
    RollCalls or None
        Yea is read as yes, nay as no, and ``notInLegis`` as not a member. A missing vote is NOT_RECORDED,
        since the object does not state a reason. If the object uses the codes of Poole and Rosenthal, 7 and 8
        (present) are abstentions and 9 (not voting) is ABSENT.

    Raises
    ------
    InputError
        If the object is not valid, or there are several rollcall objects.
    """
    named = {name: value for name, value in objects.items() if isinstance(value, _RollCall)}
    if not named:
        return None
    if len(named) > 1:
        raise refuse_objects(objects, path)
    ((name, rollcall),) = named.items()
    return _guarded(path, lambda: _rollcalls(rollcall, name))


def refuse_objects(objects: Mapping[str, Any], path: Path) -> InputError:
    """Return the error for a file that does not contain exactly one record of votes."""
    number = sum(isinstance(value, _RollCall) for value in objects.values())
    held = ", ".join(map(repr, list(objects)[:8])) or "nothing"
    return InputError(
        f"the file contains {number} objects of class rollcall; the objects in the file are {held}",
        file=path,
        remedy=_SAVE,
    )


def _objects(path: Path) -> Mapping[str, Any]:
    content = _content(path)
    alone = content.startswith(_RDS)
    if alone:
        content = b"RDX3\n" + content
    if not content.startswith(_MAGIC):  # or rdata would unpack whatever is inside
        raise InputError("the archive does not contain an R file", file=path, remedy=_SAVE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        need_sound(content)
        objects = _parsed(content)
    if alone:
        return {"object": objects}
    if not isinstance(objects, dict):
        raise InputError("the file contains no named objects")
    return objects


def _guarded(path: Path, work: Callable[[], T]) -> T:
    """Call a function; its errors name the file, and any other exception means that the file is damaged."""
    try:
        return work()
    except InputError as error:
        raise InputError(error.message, file=path, id=error.id, remedy=error.remedy or _SAVE) from None
    except Exception as error:  # noqa: BLE001  a damaged file fails anyhow
        reason = escape_text(str(error) or type(error).__name__)[:200]
        raise InputError(f"the R file cannot be read: {reason}", file=path, remedy=_SAVE) from None


def _content(path: Path) -> bytes:
    parts, size, unpack = [], 0, None
    limit = PARSED.limit(path.stat().st_size) if path.is_file() else 0
    for number, chunk in enumerate(read_chunks(path)):
        if not number and chunk.startswith(_BZIP):
            unpack = BZ2Decompressor()
        try:
            part = chunk if unpack is None else unpack.decompress(chunk, limit + 1 - size)
        except (OSError, EOFError) as error:
            raise InputError(
                f"the compressed file is damaged: {error}",
                file=path,
                remedy="download or write the file again",
            ) from None
        size += len(part)
        if size > limit:
            raise InputError(
                f"the file unpacks to more than {limit >> 20} MiB",
                file=path,
                remedy=("in R, save only the object of class rollcall"),
            )
        parts.append(part)
    return b"".join(parts)


def _parsed(content: bytes) -> Any:
    import rdata

    def tagged(value: Any, attributes: Mapping[str, Any]) -> Any:  # noqa: ARG001  rdata passes both
        return _RollCall(value)

    constructors = {**rdata.conversion.DEFAULT_CLASS_MAP, "rollcall": tagged}

    # R writes 1:n as (n, start, step), and numbers that became text as numbers; both are expanded here.
    expanded: Counter[bytes] = Counter()

    def bounded(kind: bytes, length: Callable[[Any], float], most: int) -> Callable[[Any], Any]:
        expand = rdata.parser.DEFAULT_ALTREP_MAP[kind]

        def expand_if_short(state: Any) -> Any:
            count = length(state)
            if not 0 <= count <= most - expanded[kind]:
                raise InputError("the file contains a sequence that is longer than any record of votes")
            expanded[kind] += int(count)
            return expand(state)

        return expand_if_short

    def first(state: Any) -> float:
        return float(np.ravel(state.value)[0])

    altreps = dict(rdata.parser.DEFAULT_ALTREP_MAP)
    for kind in (b"compact_intseq", b"compact_realseq"):
        altreps[kind] = bounded(kind, first, _MOST_NUMBERS)
    kind = b"deferred_string"
    altreps[kind] = bounded(kind, lambda state: np.size(state.value[0].value), _MOST_TEXTS)
    parsed = rdata.parser.parse_data(content, altrep_constructor_dict=altreps)
    return rdata.conversion.convert(parsed, constructor_dict=constructors)


def _rollcalls(rollcall: _RollCall, name: str) -> RollCalls:
    table = rollcall.get("votes")
    cells = np.asarray(table)
    if cells.ndim != 2 or cells.dtype.kind not in "iuf":
        raise InputError(f"'votes' of the object {name} is not a matrix of numbers")
    votes = _votes(cells.astype(float), rollcall.get("codes"))
    members, labels = _labels(table, 0, cells.shape[0]), _labels(table, 1, cells.shape[1])
    source = _word(rollcall.get("desc")) or name
    return RollCalls(
        votes,
        _members(rollcall.get("legis.data"), members),
        _facts(rollcall.get("vote.data"), labels),
        source=source,
    )


def _votes(cells: NDArray[np.float64], codes: Any) -> NDArray[np.int8]:
    code_sets = codes if isinstance(codes, dict) else {}
    sets = {key: _numbers(code_sets.get(key)) for key in ("yea", "nay", "notInLegis", "missing")}
    if not sets["yea"] or not sets["nay"]:
        raise InputError("the object has no codes for yea and nay")
    votes = np.full(cells.shape, np.iinfo(np.int8).min, dtype=np.int8)
    votes[np.isnan(cells)] = Vote.NOT_RECORDED
    votes[np.isin(cells, list(sets["missing"]))] = Vote.NOT_RECORDED
    if sets["yea"] == _POOLE_ROSENTHAL:
        for code in sets["missing"] & {7, 8, 9}:
            votes[cells == code] = CAST_CODES[int(code)]
    votes[np.isin(cells, list(sets["notInLegis"]))] = Vote.NOT_MEMBER
    votes[np.isin(cells, list(sets["yea"]))] = Vote.YES
    votes[np.isin(cells, list(sets["nay"]))] = Vote.NO
    unknown = np.argwhere(votes == np.iinfo(np.int8).min)
    if len(unknown):
        row, column = unknown[0]
        raise InputError(
            f"vote {cells[row, column]:g} in row {row + 1}, column {column + 1} is not among the codes"
        )
    return votes


def _numbers(values: Any) -> set[float]:
    if values is None:
        return set()
    numbers = np.asarray(values, dtype=float).ravel()
    return set(numbers[~np.isnan(numbers)].tolist())


def _labels(table: Any, axis: int, n: int) -> list[str]:
    """Return the names of rows or columns, or numbers if there are no names."""
    dims = getattr(table, "dims", ())
    coordinate = table.coords.get(dims[axis]) if len(dims) == 2 else None
    if coordinate is None:
        return [str(k + 1) for k in range(n)]
    labels = [str(label) for label in np.asarray(coordinate)]
    if len(set(labels)) < n:
        labels = [
            f"{label} ({k + 1})" if labels.count(label) > 1 else label for k, label in enumerate(labels)
        ]
    return labels


def _members(data: Any, ids: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(index=pd.Index(ids, dtype=object))
    if isinstance(data, pd.DataFrame) and len(data) == len(ids):
        for column in data.columns:
            frame["group" if column == "party" else str(column)] = _texts(data[column])
    if "name" not in frame.columns:
        frame["name"] = ids
    return frame


def _facts(data: Any, ids: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(index=pd.Index(ids, dtype=object))
    if not isinstance(data, pd.DataFrame) or len(data) != len(ids):
        return frame
    texts = {str(column): _texts(data[column]) for column in data.columns}
    for ours, theirs in (("title", "description"), ("title", "question"), ("symbol", "bill")):
        if theirs in texts and ours not in frame.columns:
            frame[ours] = texts[theirs]
    if "date" in data.columns:
        frame["date"] = _days(data["date"])
    for name, cells in texts.items():
        if name not in frame.columns and name not in ("date", "session", *CAST):
            frame[name] = cells
    return frame


def _days(column: pd.Series) -> Any:
    """Return dates from R's numbers of days since 1970, or from text."""
    if column.dtype.kind in "iuf":
        return pd.to_datetime(column.to_numpy(float), unit="D", errors="coerce")
    return pd.to_datetime(pd.Series(_texts(column)), errors="coerce", format="ISO8601").to_numpy()


def _texts(column: pd.Series) -> list[str]:
    cells = [value.item() if isinstance(value, np.generic) else value for value in column.tolist()]
    return [
        ""
        if pd.isna(cell)
        else str(int(cell))
        if isinstance(cell, float) and cell.is_integer()
        else str(cell)
        for cell in cells
    ]


def _word(value: Any) -> str:
    values = np.atleast_1d(np.asarray(value, dtype=object))
    return str(values[0]) if len(values) and isinstance(values[0], str) else ""
