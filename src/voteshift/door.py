"""Checks and completion of everything that enters the container of roll calls."""

from collections.abc import Hashable, Iterable
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import InputError, UsageError, did_you_mean, quote
from voteshift.families import assign_families
from voteshift.votes import Vote, parse_vote

__all__ = [
    "CODES",
    "as_pandas",
    "codes",
    "complete",
    "frozen",
    "holding",
    "lookup",
    "numbers",
    "only_once",
]

#: The days that Python can write.
_FIRST_DAY: Final = np.datetime64("0001-01-01", "s")
_LAST_DAY: Final = np.datetime64("9999-12-31", "s")
#: Every code a cell can have.
CODES: Final = frozenset(int(vote) for vote in Vote)
#: Columns of truth values, and what a roll call of which nothing is said has there.
_FLAGS: Final = {"amendment": False, "reconciled": True}
_COLUMNS: Final = {
    "member": ("name", "group"),
    "rollcall": ("symbol", "title", "subject", "session", "amendment"),
}


def as_pandas(frame: Any, index: str | None = None) -> pd.DataFrame:
    """Return any data frame that narwhals knows (polars, PyArrow, Modin, ...) as one of pandas.

    Parameters
    ----------
    frame : data frame
        One of pandas is returned as it is.
    index : str, optional
        The column that becomes the index of a frame that has none: this one, else the first.

    Raises
    ------
    UsageError
        If it is not a data frame.
    """
    if isinstance(frame, pd.DataFrame):
        return frame
    import narwhals as nw

    try:
        frame_like = nw.from_native(frame)
    except TypeError:
        raise UsageError(
            f"{type(frame).__name__} is not a data frame",
            remedy="give a data frame of pandas, polars or PyArrow",
        ) from None
    eager = frame_like.collect() if isinstance(frame_like, nw.LazyFrame) else frame_like
    table = pd.DataFrame({name: eager[name].to_list() for name in eager.columns})
    if index is None or not len(table.columns):
        return table
    return table.set_index(index if index in table.columns else table.columns[0])


def frozen(votes: NDArray[Any]) -> NDArray[np.int8]:
    """Return votes over memory that nobody can make writable: that of a `bytes` object."""
    base: Any = votes
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, bytes) and votes.dtype == np.int8 and votes.flags.c_contiguous:
        return votes
    return np.frombuffer(votes.astype(np.int8, copy=False).tobytes(), dtype=np.int8).reshape(votes.shape)


def complete(frame: pd.DataFrame, what: str) -> pd.DataFrame:
    """Copy a frame of members or roll calls into the form that every part of the package reads.

    Parameters
    ----------
    frame : DataFrame
        Indexed by id.
    what : {"member", "rollcall"}
        What its rows are, and the name its index gets. Ids, names, groups, symbols, titles, subjects,
        sessions and families become text, blank where missing; missing columns are added.

    Raises
    ------
    InputError
        If an id is missing, an id or a column occurs twice, a date cannot be read or a truth value is none.
    """
    for name in frame.columns[frame.columns.duplicated()][:1]:
        raise InputError(f"the frame of {what}s has two columns {quote(name)}", remedy="rename or drop one")
    if frame.index.hasnans:
        raise InputError(f"a {what} has no id", remedy="give each an id")
    frame = frame.copy()
    frame.index = pd.Index([str(label) for label in frame.index], name=what, dtype=object)
    only_once(frame.index, what)
    for name in _COLUMNS[what]:
        if name not in frame.columns:
            frame[name] = _FLAGS.get(name, "")
        elif name not in _FLAGS:
            frame[name] = _text(frame[name])
    if what == "rollcall":
        for name in _FLAGS.keys() & set(frame.columns):
            frame[name] = _truths(frame[name])
        frame["date"] = _dates(frame.get("date", pd.Series(pd.NaT, index=frame.index)))
        frame["family"] = _text(frame["family"]) if "family" in frame.columns else assign_families(frame)
    return frame


def _text(column: pd.Series) -> pd.Series:
    """Return text: a missing cell is a blank one, and a number is its digits."""
    missing = column.isna()
    if pd.api.types.is_string_dtype(column) and not missing.any():
        return column
    cells = ["" if blank else _digits(cell) for cell, blank in zip(column, missing, strict=True)]
    return pd.Series(cells, index=column.index, dtype=object)


def _digits(cell: object) -> str:
    """Return a cell as text: a number that a missing neighbour turned into 46.0 is 46."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _truths(column: pd.Series) -> pd.Series:
    """Return truth values, blanks as the default; the word "no" would pass for true."""
    if column.dtype == bool:
        return column
    name = str(column.name)
    values = [_FLAGS[name] if pd.isna(value) else value for value in column]
    for label, value in zip(column.index, values, strict=True):
        if not isinstance(value, (bool, np.bool_)):
            raise InputError(
                f"roll call {label} has {quote(value)} for {name}",
                id=str(label),
                remedy="use True and False",
            )
    return pd.Series(values, index=column.index, dtype=bool)


def numbers(column: pd.Series) -> pd.Series:
    """Return declared totals as numbers, blanks missing."""
    for label, value in column.items():
        if isinstance(value, (complex, np.complexfloating, bool, np.bool_, list, tuple, dict)):
            raise InputError(
                f"roll call {label} declares {quote(value)} {column.name}",
                id=str(label),
                remedy="use whole numbers",
            )
    try:
        return pd.to_numeric(column).astype("Float64")
    except (ValueError, TypeError):
        numbers = pd.to_numeric(column, errors="coerce")
        label = str(column.index[np.flatnonzero(numbers.isna() & column.notna())[0]])
        raise InputError(
            f"roll call {label} declares {quote(column[label])} {column.name}",
            id=label,
            remedy="use whole numbers",
        ) from None


def _dates(column: pd.Series) -> pd.Series:
    """Return days; numbers are none (20210323 would be a moment of 1970), nor is 03/05/2021, which is two."""
    if column.dtype.kind != "M":
        for label, value in column.items():
            if isinstance(value, (int, float, np.number)) and not pd.isna(value):
                raise InputError(
                    f"roll call {label} has a number, {quote(value)}, for its date",
                    id=str(label),
                    remedy="write dates as 2021-03-23",
                )
    try:
        days = pd.to_datetime(column, format="ISO8601").astype("datetime64[s]")
        for label in days.index[(days < _FIRST_DAY) | (days > _LAST_DAY)][:1]:
            raise InputError(
                f"roll call {label} is dated in a year before 1 or after 9999",
                id=str(label),
                remedy="write dates as 2021-03-23",
            )
        return days
    except InputError:
        raise
    except (ValueError, TypeError) as error:
        for label, value in column.items():
            try:
                pd.to_datetime(pd.Series([value]), format="ISO8601")
            except (ValueError, TypeError):
                raise InputError(
                    f"roll call {label} has the date {quote(value)}",
                    id=str(label),
                    remedy="write dates as 2021-03-23",
                ) from None
        remedy = "write dates as 2021-03-23, without a time zone"
        raise InputError("the dates are written in different ways", remedy=remedy) from error


def lookup(index: pd.Index, wanted: pd.Series, what: str) -> NDArray[np.intp]:
    """Find ids by their text: a file's 27478 is the roll call "27478"."""
    labels = {label: str(label) for label in wanted.unique()}
    position = pd.Index([str(label) for label in index], dtype=object).get_indexer(
        pd.Index(wanted.map(labels), dtype=object)
    )
    unknown = np.flatnonzero(position < 0)
    if len(unknown):
        name = str(wanted.iloc[int(unknown[0])])
        raise InputError(
            f"{what} {quote(name)} has votes but is not in the list of {what}s",
            id=name,
            remedy="add it to the list, or remove the votes",
        )
    return position


def positions(index: pd.Index, wanted: Iterable[str] | None, what: str) -> NDArray[np.intp]:
    """Return where ids stand in an index; all of it where none are named.

    Raises
    ------
    UsageError
        If an id is unknown or named twice, or the argument does not hold ids.
    """
    if wanted is None:
        return np.arange(len(index))
    if not isinstance(wanted, Iterable):
        raise UsageError(f"{what}s are selected by ids, not by {quote(wanted)}", remedy="give a list of ids")
    names = [wanted] if isinstance(wanted, str) else [str(name) for name in wanted]
    rows = index.get_indexer(pd.Index(names, dtype=object))
    seen: set[str] = set()
    for name, where in zip(names, rows, strict=True):
        if where < 0:
            raise UsageError(f"no {what} has the id {quote(name)}", id=name, remedy=did_you_mean(name, index))
        if name in seen:
            raise UsageError(f"{what} {quote(name)} is named twice", id=name, remedy="name it once")
        seen.add(name)
    return rows


def holding(column: pd.Series, text: object) -> NDArray[np.bool_]:
    """Return which cells of text hold a text, whatever its case.

    Raises
    ------
    UsageError
        If the text to search for is not a string.
    """
    if not isinstance(text, str):
        raise UsageError(f"{column.name} is searched for a text, not for {quote(text)}", remedy="give words")
    return column.str.contains(text, case=False, regex=False).to_numpy(bool)


def codes(column: pd.Series) -> NDArray[np.int8]:
    """Turn words or codes into codes, by the distinct values.

    Numbers with a 1 and no 2, or with a 2 and no 0, are refused: where 1 means yes, 2 is abstain or no. Words
    and numbers together are refused.
    """
    code_of: dict[Hashable, int] = {}
    try:
        values = column.unique().tolist()
    except TypeError:
        raise InputError(
            "a vote is a list or another container", remedy="give words: yes, no, abstain, absent"
        ) from None
    for value in values:
        try:
            code_of[value] = _code(value)
        except (KeyError, TypeError):
            remedy = "votes are yes, no, abstain, absent, not recorded"
            raise InputError(f"unknown vote {quote(value)}", remedy=remedy) from None
    numbers = [value for value in code_of if not isinstance(value, str)]
    if numbers and len(numbers) < len(code_of):
        word = next(value for value in code_of if isinstance(value, str))
        raise InputError(
            f"the votes are words and numbers: {quote(word)} and {quote(numbers[0])}",
            remedy="give words alone",
        )
    codes = set(code_of.values())
    if numbers and Vote.ABSTAIN in codes and Vote.YES not in codes:
        raise InputError(
            "the votes are numbers, with a 1 and without a 2: as codes 1 is abstain and 2 is yes",
            remedy="where 1 means yes, give words: frame.replace({1: 'yes', 0: 'no'})",
        )
    if numbers and Vote.YES in codes and Vote.NO not in codes:
        raise InputError(
            "the votes are numbers, with a 2 and without a 0: as codes 2 is yes and 0 is no",
            remedy="give words, for instance frame.replace({1: 'yes', 2: 'abstain', 3: 'no'})",
        )
    return np.array([code_of[value] for value in column], dtype=np.int8)


def _code(value: object) -> int:
    if isinstance(value, str):
        return int(parse_vote(value))
    if (
        isinstance(value, (int, np.integer, float, np.floating))
        and not isinstance(value, bool)
        and value in CODES
    ):
        return int(value)
    raise KeyError(value)


def only_once(labels: pd.Index, what: str) -> None:
    """Refuse ids that occur twice.

    Raises
    ------
    InputError
        Naming the first.
    """
    if labels.has_duplicates:
        twice = labels[labels.duplicated()][0]
        raise InputError(
            f"{what} id {quote(twice)} occurs twice", id=str(twice), remedy="give each a different id"
        )
