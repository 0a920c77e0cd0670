"""Results as small HTML tables for notebooks. All text is escaped, and long tables are shortened."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import date
from html import escape

import numpy as np
import pandas as pd

from voteshift.writing import MINUS, NONE

__all__ = ["Shown", "html_table"]

_MOST = 30  # rows
_CELL = "padding:.15em .6em;text-align:{};border-bottom:1px solid #ddd;white-space:nowrap"


class Shown(ABC):
    """A result with a table, which notebooks show below its sentences."""

    __slots__ = ()

    @abstractmethod
    def tidy(self) -> pd.DataFrame:
        """Return every number of the result."""

    def _title(self) -> str:
        """Return the title."""
        return type(self).__name__

    def _said(self) -> Iterable[str]:
        """Return the sentences that are shown with the table."""
        return ()

    def _table(self) -> pd.DataFrame:
        """Return the table to show."""
        return self.tidy()

    def _repr_html_(self) -> str:
        """Show title, sentences and table in a notebook."""
        return html_table(self._title(), self._table(), self._said())


def html_table(
    title: str, frame: pd.DataFrame, notes: Iterable[str] = (), *, most: int = _MOST, rest: str = "`tidy()`"
) -> str:
    """Return a table as HTML, with a title and sentences above.

    Parameters
    ----------
    title : str
        The title.
    frame : DataFrame
        The table. Its index is shown if the index has a name.
    notes : iterable of str
        Sentences.
    most : int
        Largest number of rows shown. A sentence below the table counts the rows left out.
    rest : str
        The attribute or method that returns all rows.

    Returns
    -------
    str
        HTML without scripts and without styles for the rest of the page. All text of the result is escaped.
    """
    shown = frame.head(most)
    named = [name for name in shown.index.names if name is not None]
    shown = shown.reset_index(allow_duplicates=True) if named else shown
    words = [not pd.api.types.is_numeric_dtype(kind) for kind in shown.dtypes]
    heads = [_cell("th", str(name), left) for name, left in zip(shown.columns, words, strict=True)]
    rows = [
        "".join(_cell("td", _written(value), left) for value, left in zip(row, words, strict=True))
        for row in shown.itertuples(index=False, name=None)
    ]
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    sentences = "".join(f"<p>{escape(sentence)}</p>" for sentence in notes if sentence)
    left_out = len(frame) - len(shown)
    more = f"<p>{left_out} more row{'' if left_out == 1 else 's'}: {escape(rest)}.</p>" if left_out else ""
    table = f"<table><thead><tr>{''.join(heads)}</tr></thead><tbody>{body}</tbody></table>"
    return f"<div><p><b>{escape(title)}</b></p>{sentences}{table}{more}</div>"


def _cell(tag: str, text: str, left: bool) -> str:
    return f'<{tag} style="{_CELL.format("left" if left else "right")}">{escape(text)}</{tag}>'


def _written(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return NONE
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (float, np.floating)):
        return f"{value:.4g}".replace("-", MINUS)
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    return str(value)
