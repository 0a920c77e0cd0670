"""Tables of estimates as text, for a Python session, a notebook and a paper."""

from collections.abc import Collection, Mapping
from html import escape

import pandas as pd

from voteshift.notebook import Shown
from voteshift.writing import MINUS, NONE, decimals, number, p_cell, signed

__all__ = ["Printed", "Tabled", "label_rows", "quantile_names", "written"]

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
    shown = written(table.drop(columns="term")).set_index("label")
    return shown.rename(columns={**words, **quantile_names(level)})


def quantile_names(level: float) -> dict[str, str]:
    """Return names of the two ends of an interval: "5 %" and "95 %" for the level 0.9."""
    ends = {"conf_low": 0.5 - level / 2, "conf_high": 0.5 + level / 2}
    return {name: f"{100 * end:g} %" for name, end in ends.items()}


class Tabled(Shown):
    """A result with a table for a paper. A subclass has the coverage of its intervals as `_coverage`."""

    __slots__ = ()

    @property
    def _coverage(self) -> float:
        """Coverage of the intervals."""
        raise NotImplementedError

    def _for_paper(self) -> pd.DataFrame:
        """Return the rows of the table for a paper, by default all rows."""
        return self.tidy()

    def summary_frame(self) -> pd.DataFrame:
        """Return the table with numbers as text and words as headings, for instance for great_tables.

        Returns
        -------
        DataFrame of str
            The rows of `tidy`. The columns of the ends of the intervals are named after their quantiles, such
            as "5 %" and "95 %".
        """
        table = self._for_paper().drop(columns="level", errors="ignore")
        whole = {name: table[name].astype(str) for name in table if name not in table.select_dtypes("float")}
        headings = {str(name): str(name).replace("_", " ") for name in table}
        return written(table.assign(**whole)).rename(columns=headings | quantile_names(self._coverage))

    def summary(self) -> Printed:
        """Return the sentences and the table as text."""
        return Printed(
            "\n".join([self._title(), *self._said(), "", self.summary_frame().to_string(index=False)])
        )

    def to_latex(self) -> str:
        """Return the table of `summary_frame` as a LaTeX tabular, with all characters escaped.

        The tabular uses the rules of the LaTeX package booktabs. Minus signs are in math mode.
        """
        frame = self.summary_frame()
        latex: str = frame.to_latex(
            index=False, escape=True, column_format=_columns(self._for_paper(), frame)
        )
        return latex.replace(MINUS, "$-$").replace(NONE, "--")


def _columns(table: pd.DataFrame, shown: pd.DataFrame) -> str:
    """Return the alignment of the columns: numbers on the right, text on the left."""
    numeric = {str(name).replace("_", " ") for name in table.select_dtypes("number")}
    return "".join("r" if name in numeric or str(name).endswith(" %") else "l" for name in shown)
