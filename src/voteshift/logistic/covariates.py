"""Read a table of covariates from a file."""

import re
from os import PathLike
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from voteshift.errors import InputError, quote
from voteshift.logistic.arguments import check_type
from voteshift.readers.findings import Notes
from voteshift.readers.table import Table, read_table

__all__ = ["read_covariates"]

_BLANK: Final = ("", "NA", "NaN", "nan", ".", "..")
_DECIMAL_COMMA: Final = re.compile(r"[+-]?\d+,\d+")


def read_covariates(path: str | Path) -> pd.DataFrame:
    """Read covariates from a table.

    A blank, NA, NaN, ``.`` or ``..`` is a missing value, except in the columns ``member``, ``iso3``
    and ``year``.

    Parameters
    ----------
    path : path
        A table in UTF-8, with cells separated by commas, semicolons or tabs, and a column ``member`` or
        ``iso3``. If values differ by year, the file also has a column ``year``. A year is written as 2019 or
        2019.0.

    Raises
    ------
    InputError
        If the file cannot be read, two columns have the same name, a row has too many or too few cells or
        names no member, a year is not a whole number, or numbers are written with a decimal comma.
    """
    check_type(path, (str, PathLike), "path", "give the path of a table")
    notes = Notes()
    cells = read_table(Path(path), notes)
    if notes.errors:
        raise notes.errors[0].to_error()
    columns = {}
    for name in cells.names:
        if name in ("iso3", "member"):
            columns[name] = _members(cells, name)
        else:
            columns[name] = _years(cells) if name == "year" else _values(cells, name)
    return pd.DataFrame(columns)


def _members(cells: Table, name: str) -> pd.Series:
    texts = cells[name]
    if (blank := np.flatnonzero(texts == "")).size:
        raise InputError(
            f"column '{name}' is blank",
            file=cells.file,
            line=cells.line(int(blank[0])),
            remedy="fill in the id of the member",
        )
    return pd.Series(texts, dtype=str)


def _years(cells: Table) -> pd.Series:
    texts = pd.Series(cells["year"], dtype=str).str.removesuffix(".0")
    if (wrong := np.flatnonzero(~texts.str.fullmatch(r"\d{1,4}"))).size:
        row = int(wrong[0])
        raise InputError(
            f"year is {quote(texts.iloc[row])}",
            file=cells.file,
            line=cells.line(row),
            remedy="write a year such as 2019",
        )
    return texts.astype(int)


def _values(cells: Table, name: str) -> pd.Series:
    texts = pd.Series(cells[name], dtype=str)
    present = ~texts.isin(_BLANK)
    if present.any() and texts[present].str.fullmatch(_DECIMAL_COMMA).all():
        row = int(present.to_numpy().argmax())
        raise InputError(
            f"{quote(texts.iloc[row])} in column {quote(name)} has a decimal comma",
            file=cells.file,
            line=cells.line(row),
            remedy="write numbers with a decimal point",
        )
    values = texts.where(present)
    numbers = pd.to_numeric(values, errors="coerce")
    # A column that contains one word is a column of words.
    return numbers if numbers.notna().equals(present) else values
