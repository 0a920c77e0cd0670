"""The names of columns and of their values in tables and notes."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from voteshift.labels import group_name, member_name, version_names
from voteshift.prose import write_day

__all__ = ["TIMES", "describe_level", "name_column", "name_levels"]

#: Columns of the panel whose name in tables differs from the name in code.
_COLUMNS: Final = {
    "rollcall": "roll call",
    "years_on_council": "years on council",
    "lagged_vote": "lagged vote",
    "position_se": "standard error of the position",
}
#: Columns with the time of a vote.
TIMES: Final = frozenset({"rollcall", "symbol", "version", "date", "year"})
#: Columns whose values are clear without the name of the column: "2020", "Africa", "Germany".
_CLEAR: Final = TIMES | {"group", "member", "name"}


def name_column(column: str) -> str:
    """Return the name of a column of the panel. A column that the user added keeps its name.

    Examples
    --------
    >>> name_column("years_on_council"), name_column("gdp_per_head")
    ('years on council', 'gdp_per_head')
    """
    return _COLUMNS.get(column, column)


def describe_level(column: str, text: str, *, contrast: bool) -> str:
    """Return the label of a value or a contrast, with the name of the column if the value needs it.

    Examples
    --------
    >>> describe_level("year", "2020 against 2018", contrast=True)
    '2020 against 2018'
    >>> describe_level("sponsor", "1 against 0", contrast=True)
    'sponsor (1 against 0)'
    >>> describe_level("sponsor", "1", contrast=False)
    'sponsor = 1'
    """
    if column in _CLEAR:
        return text
    return f"{name_column(column)} ({text})" if contrast else f"{name_column(column)} = {text}"


def name_levels(frame: pd.DataFrame, column: str, levels: Sequence[Any]) -> list[str]:
    """Return the names of values of a column.

    Parameters
    ----------
    frame : DataFrame
        One row per vote. Columns ``rollcall``, ``symbol``, ``date`` and ``name`` of a panel are used if
        present.
    column : str
        The column of the values, or an expression of columns.
    levels : sequence
        The values.

    Returns
    -------
    list of str
        A roll call is named by its year, or by its day if two roll calls share a year. Members and regional
        groups have their full names. Other values are unchanged. If two values would have the same name, all
        values keep their codes.
    """
    names = {"rollcall": _name_versions, "symbol": _name_versions, "member": _name_members}.get(column)
    named = names(frame, column) if names else {}
    texts = [named.get(level, _write_level(column, level)) for level in levels]
    if column == "date" and len({text[-4:] for text in texts}) == len(texts):
        texts = [text[-4:] for text in texts]
    return texts if len(set(texts)) == len(texts) else list(map(str, levels))


def _name_versions(frame: pd.DataFrame, column: str) -> dict[Any, str]:
    """Return the names of roll calls by their id or symbol; empty if the frame has no dates."""
    if not {"rollcall", "symbol", "date"} <= set(frame.columns):
        return {}
    table = frame[["rollcall", "symbol", "date"]].drop_duplicates()
    if table[column].duplicated().any() or not pd.api.types.is_datetime64_any_dtype(table["date"]):
        return {}
    return dict(zip(table[column], version_names(table.set_index("rollcall")).values(), strict=True))


def _name_members(frame: pd.DataFrame, column: str) -> dict[Any, str]:
    """Return the names of members by their id; empty if the frame has no names."""
    if "name" not in frame.columns:
        return {}
    table = frame[[column, "name"]].dropna().drop_duplicates(column)
    return {member: member_name(str(name)) for member, name in zip(table[column], table["name"], strict=True)}


def _write_level(column: str, level: Any) -> str:
    if isinstance(level, date | np.datetime64):
        return write_day(pd.Timestamp(level))
    if isinstance(level, float | np.floating):
        return str(int(level)) if float(level).is_integer() else str(float(level))
    text = str(level)
    return group_name(text) if column == "group" else member_name(text) if column == "name" else text
