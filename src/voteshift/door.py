"""Checks and completion of the data frames of which a record is made."""

import re
from collections.abc import Hashable, Iterable
from typing import Any, Final, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import InputError, UsageError, did_you_mean, quote
from voteshift.families import assign_families
from voteshift.votes import Vote, parse_vote

__all__ = [
    "CODES",
    "FrameField",
    "OptionalFrameField",
    "as_pandas",
    "codes",
    "complete",
    "holding",
    "lookup",
    "numbers",
    "only_once",
    "period",
    "read_dates",
]

#: The days that Python can write.
_FIRST_DAY: Final = np.datetime64("0001-01-01", "s")
_LAST_DAY: Final = np.datetime64("9999-12-31", "s")
_DATE: Final = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)
#: Every code a cell can have.
CODES: Final = frozenset(int(vote) for vote in Vote)
#: Columns of truth values, and their default value.
_FLAGS: Final = {"amendment": False, "reconciled": True}
_COLUMNS: Final = {
    "member": ("name", "group"),
    "rollcall": ("symbol", "title", "subject", "session", "amendment"),
}


class FrameField:
    """A field that returns a copy of its data frame, so that changing the copy does not change the record."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._at = f"_{name}"

    @overload
    def __get__(self, instance: None, owner: type) -> "FrameField": ...
    @overload
    def __get__(self, instance: object, owner: type) -> pd.DataFrame: ...
    def __get__(self, instance: object | None, owner: type) -> "pd.DataFrame | FrameField":
        if instance is None:
            raise AttributeError(self._at)  # a field without a default
        frame: pd.DataFrame = instance.__dict__[self._at]
        return frame.copy()

    def __set__(self, instance: object, frame: pd.DataFrame) -> None:
        instance.__dict__[self._at] = frame


class OptionalFrameField(FrameField):
    """A field for a data frame whose default is None."""

    def __get__(self, instance: object | None, owner: type) -> Any:
        """Return a copy of the data frame; None is the default of the field."""
        if instance is None:
            return None
        frame = instance.__dict__[self._at]
        return None if frame is None else frame.copy()


def as_pandas(frame: Any, index: str | None = None) -> pd.DataFrame:
    """Return any data frame that narwhals supports (polars, PyArrow, Modin, ...) as a pandas data frame.

    Parameters
    ----------
    frame : data frame
        A pandas data frame is returned unchanged.
    index : str, optional
        The column that becomes the index if the data frame has no index. If there is no such column, the
        first column becomes the index.

    Raises
    ------
    UsageError
        If `frame` is not a data frame.
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


def complete(frame: pd.DataFrame, what: str) -> pd.DataFrame:
    """Copy a data frame of members or roll calls into the form that all modules of the package use.

    Parameters
    ----------
    frame : DataFrame
        Indexed by id.
    what : {"member", "rollcall"}
        The unit of the rows. It becomes the name of the index. Ids, names, groups, symbols, titles, subjects,
        sessions and families become text, and missing cells become blank. Missing columns are added.

    Raises
    ------
    InputError
        If an id is missing, an id or a column occurs twice, a date cannot be read, or a value is not True or
        False in a column of truth values.
    """
    for name in frame.columns[frame.columns.duplicated()][:1]:
        raise InputError(
            f"the data frame of {what}s has two columns named {quote(name)}",
            remedy="rename or drop one of the two columns",
        )
    if frame.index.hasnans:
        raise InputError(f"a {what} has no id", remedy="write an id in every row of the index")
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
        frame["date"] = read_dates(frame.get("date", pd.Series(pd.NaT, index=frame.index)))
        frame["family"] = _text(frame["family"]) if "family" in frame.columns else assign_families(frame)
    return frame


def _text(column: pd.Series) -> pd.Series:
    """Return cells as text: missing cells become blank, and numbers are written in digits."""
    missing = column.isna()
    if pd.api.types.is_string_dtype(column) and not missing.any():
        return column
    cells = ["" if blank else _digits(cell) for cell, blank in zip(column, missing, strict=True)]
    return pd.Series(cells, index=column.index, dtype=object)


def _digits(cell: object) -> str:
    """Return a cell as text: 46.0, a whole number in a column with missing cells, is written 46."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _truths(column: pd.Series) -> pd.Series:
    """Return truth values, with the default for blank cells. Text is an error: bool("no") is True."""
    if column.dtype == bool:
        return column
    name = str(column.name)
    values = [_FLAGS[name] if pd.isna(value) else value for value in column]
    for label, value in zip(column.index, values, strict=True):
        if not isinstance(value, (bool, np.bool_)):
            raise InputError(
                f"roll call {label} has {quote(value)} in column '{name}'",
                id=str(label),
                remedy="write True or False",
            )
    return pd.Series(values, index=column.index, dtype=bool)


def numbers(column: pd.Series) -> pd.Series:
    """Return declared totals as numbers; blank cells become missing values."""
    for label, value in column.items():
        if isinstance(value, (complex, np.complexfloating, bool, np.bool_, list, tuple, dict)):
            raise InputError(
                f"roll call {label} has {quote(value)} in column '{column.name}'",
                id=str(label),
                remedy="write whole numbers in the columns of declared totals",
            )
    try:
        return pd.to_numeric(column).astype("Float64")
    except (ValueError, TypeError):
        numbers = pd.to_numeric(column, errors="coerce")
        label = str(column.index[np.flatnonzero(numbers.isna() & column.notna())[0]])
        raise InputError(
            f"roll call {label} has {quote(column[label])} in column '{column.name}'",
            id=label,
            remedy="write whole numbers in the columns of declared totals",
        ) from None


def read_dates(column: pd.Series) -> pd.Series:
    """Return dates as days.

    Numbers are an error, because pandas reads 20210323 as a time in 1970. A date such as 03/05/2021 is an
    error, because the month can be March or May.
    """
    if column.dtype.kind != "M":
        for label, value in column.items():
            if isinstance(value, (int, float, np.number)) and not pd.isna(value):
                raise InputError(
                    f"the date of roll call {label} is the number {quote(value)}",
                    id=str(label),
                    remedy="write dates as 2021-03-23",
                )
    try:
        days = pd.to_datetime(column, format="ISO8601").astype("datetime64[s]")
        for label in days.index[(days < _FIRST_DAY) | (days > _LAST_DAY)][:1]:
            raise InputError(
                f"the date of roll call {label} is in a year before 1 or after 9999",
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
                    f"the date of roll call {label} is {quote(value)}, which cannot be read",
                    id=str(label),
                    remedy="write dates as 2021-03-23",
                ) from None
        remedy = "write all dates as 2021-03-23, without a time zone"
        raise InputError("the dates are written in several formats", remedy=remedy) from error


def lookup(index: pd.Index, wanted: pd.Series, what: str) -> NDArray[np.intp]:
    """Return the positions of ids in an index. Ids are compared as text: 27478 in a file is "27478"."""
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
            remedy="add the id to the list, or remove the votes",
        )
    return position


def positions(index: pd.Index, wanted: Iterable[str] | None, what: str) -> NDArray[np.intp]:
    """Return the positions of ids in an index, or all positions if `wanted` is None.

    Raises
    ------
    UsageError
        If an id is unknown or occurs twice, or the argument does not contain ids.
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
            raise UsageError(f"{what} {quote(name)} is named twice", id=name, remedy="name each id only once")
        seen.add(name)
    return rows


def holding(column: pd.Series, text: object) -> NDArray[np.bool_]:
    """Return True for cells that contain a text, in upper or lower case.

    Raises
    ------
    UsageError
        If the text to search for is not a string.
    """
    if not isinstance(text, str):
        raise UsageError(f"{column.name} is {quote(text)}, not text", remedy="give the text to search for")
    return column.str.contains(text, case=False, regex=False).to_numpy(bool)


def codes(column: pd.Series) -> NDArray[np.int8]:
    """Convert votes, written as words or as codes, into codes.

    Numbers that include 1 but not 2, or 2 but not 0, raise an error, because the source may use 1 for yes.
    Words and numbers in one column raise an error too.
    """
    code_of: dict[Hashable, int] = {}
    try:
        values = column.unique().tolist()
    except TypeError:
        raise InputError(
            "a cell contains a list or another container instead of a vote",
            remedy="give words: yes, no, abstain, absent",
        ) from None
    for value in values:
        try:
            code_of[value] = _code(value)
        except (KeyError, TypeError):
            remedy = "write yes, no, abstain, absent or not recorded"
            raise InputError(f"unknown vote {quote(value)}", remedy=remedy) from None
    numbers = [value for value in code_of if not isinstance(value, str)]
    if numbers and len(numbers) < len(code_of):
        word = next(value for value in code_of if isinstance(value, str))
        raise InputError(
            f"the votes mix words and numbers: {quote(word)} and {quote(numbers[0])}",
            remedy="write all votes as words",
        )
    codes = set(code_of.values())
    if numbers and Vote.ABSTAIN in codes and Vote.YES not in codes:
        raise InputError(
            "the votes are numbers and include 1 but not 2, so their meaning is unclear: for voteshift, 1 "
            "means abstain and 2 means yes",
            remedy=(
                "replace the numbers by words; if 1 means yes in your data, use frame.replace({1: 'yes', "
                "0: 'no'})"
            ),
        )
    if numbers and Vote.YES in codes and Vote.NO not in codes:
        raise InputError(
            "the votes are numbers and include 2 but not 0, so their meaning is unclear: for voteshift, 2 "
            "means yes and 0 means no",
            remedy=(
                "replace the numbers by words, for instance with frame.replace({1: 'yes', 2: 'abstain', "
                "3: 'no'})"
            ),
        )
    if column.dtype != object:  # one type: each different vote is looked up once
        place, labels = pd.factorize(column, use_na_sentinel=False)
        return np.array([code_of[value] for value in labels.tolist()], dtype=np.int8)[place]
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
    """Check that no id occurs twice.

    Raises
    ------
    InputError
        If an id occurs twice. The message names the first such id.
    """
    if labels.has_duplicates:
        twice = labels[labels.duplicated()][0]
        raise InputError(
            f"{what} id {quote(twice)} occurs twice", id=str(twice), remedy="use a different id in each row"
        )


def period(text: object) -> pd.Period:
    """Return the day, month or year that a text in ISO form names.

    Raises
    ------
    UsageError
        If the text is not a date.
    """
    written = str(text)
    try:
        if _DATE.fullmatch(written):
            return pd.Period(written)
    except ValueError:
        pass
    raise UsageError(f"{quote(written)} is not a date", remedy="write 2021, 2021-03 or 2021-03-23")
