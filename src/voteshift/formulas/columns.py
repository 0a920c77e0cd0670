"""The kinds of columns (numbers, text, dates), and checks that a formula can use them."""

from collections.abc import Collection, Iterable
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from voteshift.errors import InputError, UsageError

__all__ = ["Kind", "check_columns", "check_frame", "find_kind", "take_columns"]

Kind = Literal["numbers", "text", "dates"]
_TEXT: Final = (str, np.str_)
_TRUTH: Final = (bool, np.bool_)


def check_frame(frame: Any, argument: str) -> pd.DataFrame:
    """Convert a data frame of any library to a data frame of pandas.

    Parameters
    ----------
    frame : DataFrame of pandas, polars, PyArrow, ...
    argument : str
        Name of the argument, for errors.

    Raises
    ------
    UsageError
        If `frame` is not a data frame.
    InputError
        If two columns have the same name.
    """
    from voteshift.door import as_pandas

    try:
        table = as_pandas(frame)
    except UsageError:
        raise UsageError(
            f"{argument} is of type {type(frame).__name__}",
            remedy="give a data frame of pandas, polars or PyArrow",
        ) from None
    if table.columns.has_duplicates:
        name = table.columns[table.columns.duplicated()][0]
        raise InputError(
            f"two columns of {argument} have the name {name!r}", remedy=("rename one of the two columns")
        )
    return table


def find_kind(values: pd.Series, name: str) -> Kind:
    """Return the kind of a column without missing values.

    Raises
    ------
    InputError
        If the column contains objects, or both text and numbers. The error names the first such row.
    """
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        categories = pd.Series(dtype.categories)
        if len(categories):
            find_kind(categories, name)
        return "text"
    if isinstance(dtype, pd.StringDtype):
        return "text"
    if pd.api.types.is_bool_dtype(dtype) or (
        pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_complex_dtype(dtype)
    ):
        return "numbers"
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return "dates"
    if not pd.api.types.is_object_dtype(dtype):
        raise InputError(
            f"column {name!r} is of type {dtype}", remedy=("convert the column to numbers or text")
        )
    types = [type(value) for value in values]
    if all(kind in _TEXT for kind in types) or all(kind in _TRUTH for kind in types):
        return "text"
    row = next((number for number, kind in enumerate(types) if kind not in _TEXT), 0)
    where = f"row {values.index[row]!r}"
    if any(kind in _TEXT for kind in types):
        raise InputError(
            f"column {name!r} contains text and also a value of type {types[row].__name__} in {where}",
            remedy=f"convert all values to text, frame[{name!r}].astype(str), or all to numbers",
        )
    raise InputError(
        f"column {name!r} contains a value of type {types[row].__name__} in {where}",
        remedy=(
            f"convert the column: pandas.to_numeric(frame[{name!r}]) for numbers, .astype(str) for categories"
        ),
    )


def check_columns(
    frame: pd.DataFrame, names: Iterable[str], numeric: Collection[str], categorical: Collection[str]
) -> None:
    """Check that every column is of a kind that the formula can use.

    Parameters
    ----------
    frame : DataFrame
        A table without missing values in these columns.
    names, numeric, categorical : collection of str
        All columns of the formula; the columns in arithmetic or in functions of numbers; the columns that
        occur only in C().

    Raises
    ------
    InputError
        If a column contains objects, or both text and numbers.
    UsageError
        If text is used in arithmetic, or a date outside C().
    """
    for name in names:
        kind = find_kind(frame[name], name)
        if name in numeric and kind != "numbers":
            raise UsageError(
                f"column {name!r} contains {kind}, but is used in arithmetic or a function of numbers",
                remedy=f"write C({name}) to use the column as categories, or convert the column to numbers",
            )
        if kind == "dates" and name not in categorical:
            raise UsageError(
                f"column {name!r} contains dates, but a formula uses dates only as categories",
                remedy=f"write C({name}) for one category per date, or use a column with the year",
            )


def take_columns(frame: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """Return columns in the types that formulaic reads: every type of text becomes object."""
    taken = frame[list(names)]
    text = [name for name in taken.columns if isinstance(taken[name].dtype, pd.StringDtype)]
    return taken.astype(dict.fromkeys(text, object)) if text else taken
