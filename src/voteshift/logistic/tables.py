"""Tables of estimates as text: numbers written as everywhere else, for a session and for a notebook."""

from collections.abc import Collection
from html import escape

import pandas as pd

from voteshift.writing import NONE, number, p_cell, signed

__all__ = ["Printed", "written"]

_DIGITS = 3


class Printed(str):
    """A text that shows itself as it is, in a session and in a notebook."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return the text."""
        return str(self)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self)}</pre>"


def written(table: pd.DataFrame, *, changes: Collection[str] = ()) -> pd.DataFrame:
    """Return a table with its numbers as text; the column ``p_value`` as p-values.

    Parameters
    ----------
    table : DataFrame
        Columns that are not of floating-point numbers are left as they are.
    changes : collection of str
        Columns that carry their sign, a plus too.

    Returns
    -------
    DataFrame
        With three decimals, and an en dash where there is no number.
    """

    def cell(name: str, value: float) -> str:
        if name == "p_value":
            return p_cell(value)
        if pd.isna(value):
            return NONE
        return signed(value, _DIGITS) if name in changes else number(value, _DIGITS)

    return table.assign(
        **{
            str(name): [cell(str(name), value) for value in table[name]]
            for name in table.select_dtypes("float")
        }
    )
