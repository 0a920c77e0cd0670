"""The columns that a model uses: of which kind they are, and whether a formula can use that kind."""

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
    """Return a data frame of any library as one of pandas.

    Parameters
    ----------
    frame : DataFrame of pandas, polars, PyArrow, ...
    argument : str
        Its name in an error.

    Raises
    ------
    UsageError
        If it is not a data frame.
    InputError
        If two of its columns have one name.
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
        raise InputError(f"two columns of {argument} are called {name!r}", remedy="rename one")
    return table


def find_kind(values: pd.Series, name: str) -> Kind:
    """Return the kind of a column without missing values.

    Raises
    ------
    InputError
        If it holds objects, or both text and numbers, with the row of the first.
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
        raise InputError(f"{name!r} is of type {dtype}", remedy="convert it to numbers or text")
    types = [type(value) for value in values]
    if all(kind in _TEXT for kind in types) or all(kind in _TRUTH for kind in types):
        return "text"
    row = next((number for number, kind in enumerate(types) if kind not in _TEXT), 0)
    where = f"row {values.index[row]!r}"
    if any(kind in _TEXT for kind in types):
        raise InputError(
            f"{name!r} holds text and also a value of type {types[row].__name__} in {where}",
            remedy=f"make it all text, frame[{name!r}].astype(str), or all numbers",
        )
    raise InputError(
        f"{name!r} holds a value of type {types[row].__name__} in {where}",
        remedy=f"convert it: pandas.to_numeric(frame[{name!r}]) for numbers, .astype(str) for categories",
    )


def check_columns(
    frame: pd.DataFrame, names: Iterable[str], numeric: Collection[str], categorical: Collection[str]
) -> None:
    """Check that every column of a formula is of a kind its place there can use.

    Parameters
    ----------
    frame : DataFrame
        Without missing values in these columns.
    names, numeric, categorical : collection of str
        All columns; those in arithmetic or functions of numbers; those only in C().

    Raises
    ------
    InputError
        If a column holds objects, or both text and numbers.
    UsageError
        If text stands in arithmetic, or a date outside C().
    """
    for name in names:
        kind = find_kind(frame[name], name)
        if name in numeric and kind != "numbers":
            raise UsageError(
                f"{name!r} holds {kind} and stands in arithmetic or in a function of numbers",
                remedy=f"take it as categories, C({name}), or make a column of numbers",
            )
        if kind == "dates" and name not in categorical:
            raise UsageError(
                f"{name!r} holds dates, which have no slope",
                remedy=f"take the year, or one category for each date, C({name})",
            )


def take_columns(frame: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """Return columns as formulaic reads them: text as objects, whatever pandas calls its type."""
    taken = frame[list(names)]
    text = [name for name in taken.columns if isinstance(taken[name].dtype, pd.StringDtype)]
    return taken.astype(dict.fromkeys(text, object)) if text else taken
