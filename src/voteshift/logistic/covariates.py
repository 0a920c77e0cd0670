"""Read a table of covariates from a file."""

from os import PathLike
from pathlib import Path
from typing import Final

import pandas as pd

from voteshift.errors import InputError
from voteshift.logistic.arguments import check_type

__all__ = ["read_covariates"]

_KEYS: Final = ("iso3", "member", "year")
_BLANK: Final = ("", "NA", "NaN", "nan", ".", "..")


def read_covariates(path: str | Path) -> pd.DataFrame:
    """Read covariates from a CSV file.

    A blank, NA, NaN, ``.`` or ``..`` is a missing value, except in the columns ``member``, ``iso3``
    and ``year``.

    Parameters
    ----------
    path : path
        A CSV file in UTF-8 with a column ``member`` or ``iso3``. If values differ by year, the file also has
        a column ``year``. A year is written as 2019 or 2019.0.

    Raises
    ------
    InputError
        If the file cannot be read, two columns have the same name, a row names no member, or a year is not a
        whole number.
    """
    check_type(path, (str, PathLike), "path", "give the path of a CSV file")
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError("no such file", file=path, remedy="check the path") from None
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(
            f"the file cannot be read as a table: {error}".splitlines()[0],
            file=path,
            remedy="give a CSV in UTF-8",
        ) from None
    table.columns = table.columns.str.strip()
    if table.columns.has_duplicates:
        again = str(table.columns[table.columns.duplicated()][0])
        raise InputError(
            f"two columns have the name {again!r}", file=path, line=1, remedy="rename one of these columns"
        )
    for name in {"iso3", "member"} & set(table.columns):
        table[name] = table[name].str.strip()
        if (table[name] == "").any():
            row = int((table[name] == "").to_numpy().argmax())
            raise InputError(
                f"column '{name}' is blank", file=path, line=row + 2, remedy="fill in the id of the member"
            )
    if "year" in table.columns:
        table["year"] = table["year"].str.strip().str.removesuffix(".0")
        wrong = ~table["year"].str.fullmatch(r"\d{1,4}")
        if wrong.any():
            row = int(wrong.to_numpy().argmax())
            raise InputError(
                f"year is {table['year'].iloc[row]!r}",
                file=path,
                line=row + 2,
                remedy="write a year such as 2019",
            )
        table["year"] = table["year"].astype(int)
    for name in table.columns:
        if name in _KEYS:
            continue
        values = table[name].where(~table[name].str.strip().isin(_BLANK))
        numbers = pd.to_numeric(values, errors="coerce")
        # A column that contains one word is a column of words.
        table[name] = numbers if numbers.notna().equals(values.notna()) else values
    return table
