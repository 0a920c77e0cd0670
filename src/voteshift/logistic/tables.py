"""Tables of estimates as text, for a Python session and for a notebook."""

from collections.abc import Collection, Mapping
from html import escape

import pandas as pd

from voteshift.writing import NONE, decimals, number, p_cell, signed

__all__ = ["Printed", "label_rows", "written"]

_DIGITS = 3
_OF_ESTIMATE = ("estimate", "conf_low", "conf_high")


class Printed(str):
    """A text that is shown without quotes in a Python session and in a notebook."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return the text."""
        return str(self)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self)}</pre>"


def written(table: pd.DataFrame, *, changes: Collection[str] = ()) -> pd.DataFrame:
    """Return a table with its numbers formatted as text. The column ``p_value`` is formatted as p-values.

    Parameters
    ----------
    table : DataFrame
        Only columns of floating-point numbers are formatted.
    changes : collection of str
        Columns whose numbers are written with their sign, including a plus.

    Returns
    -------
    DataFrame
        Numbers have three decimals, or more if an estimate and its interval are small. A missing number is an
        en dash.
    """
    sizes = table[[name for name in _OF_ESTIMATE if name in table]].to_numpy(float)
    digits = [decimals(*row) for row in sizes]

    def cell(name: str, value: float, small: int) -> str:
        if name == "p_value":
            return p_cell(value)
        if pd.isna(value):
            return NONE
        places = small if name in (*_OF_ESTIMATE, "std_error") else _DIGITS
        return signed(value, places) if name in changes else number(value, places)

    return table.assign(
        **{
            str(name): [
                cell(str(name), value, small) for value, small in zip(table[name], digits, strict=True)
            ]
            for name in table.select_dtypes("float")
        }
    )


def label_rows(table: pd.DataFrame, level: float, words: Mapping[str, str]) -> pd.DataFrame:
    """Return a table of terms as text, indexed by the labels of the terms.

    Parameters
    ----------
    table : DataFrame
        Columns ``term``, ``label``, ``conf_low``, ``conf_high`` and others.
    level : float
        Coverage of the intervals. The two columns of their ends are named after the quantiles.
    words : mapping of str to str
        Names of other columns in the result.
    """
    low, high = (f"{100 * end:g} %" for end in (0.5 - level / 2, 0.5 + level / 2))
    shown = written(table.drop(columns="term")).set_index("label")
    return shown.rename(columns={**words, "conf_low": low, "conf_high": high})
