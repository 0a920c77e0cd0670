"""Printed names of roll calls, members and groups."""

from typing import Final

import pandas as pd

from voteshift.prose import write_day

__all__ = ["group_name", "member_label", "member_name", "rollcall_labels", "version_names"]

#: Regional groups of the United Nations, by the code the bundled record gives them.
_GROUPS: Final = {
    "AFRICAN": "Africa",
    "ASIA_PACIFIC": "Asia-Pacific",
    "EEG": "Eastern Europe",
    "GRULAC": "Latin America and the Caribbean",
    "WEOG": "Western Europe and Others",
}
#: Official names that a sentence shortens; every other name is written as in the record.
_SHORT: Final = {
    "Bolivia (Plurinational State of)": "Bolivia",
    "Democratic Republic of the Congo": "DR Congo",
    "Iran (Islamic Republic of)": "Iran",
    "Micronesia (Federated States of)": "Micronesia",
    "United States of America": "United States",
    "Venezuela (Bolivarian Republic of)": "Venezuela",
}


def rollcall_labels(rollcalls: pd.DataFrame) -> pd.Series:
    """Return the symbol of each roll call, or its id where it has no symbol.

    Parameters
    ----------
    rollcalls : DataFrame, index ``rollcall``
        Roll calls. The column ``symbol`` and any of its cells can be missing.

    Returns
    -------
    Series of str, same index

    Examples
    --------
    >>> rollcall_labels(pd.DataFrame({"symbol": ["A/RES/1", None]}, index=["17", "18"])).tolist()
    ['A/RES/1', '18']
    """
    ids = pd.Series([str(label) for label in rollcalls.index], index=rollcalls.index, dtype=object)
    if "symbol" not in rollcalls.columns:
        return ids
    symbols = rollcalls["symbol"].astype(object)
    return symbols.where(symbols.notna() & (symbols != ""), ids).map(str)


def version_names(rollcalls: pd.DataFrame) -> dict[str, str]:
    """Return the shortest name of every version: its year, its day, or its symbol and day.

    Parameters
    ----------
    rollcalls : DataFrame, index ``rollcall``
        ``symbol`` and ``date`` of the versions. If a version has no date, all versions are named by their
        symbols. If the names are not distinct, all versions are named by their ids.

    Examples
    --------
    >>> dates = pd.to_datetime(["2018-03-23", "2020-06-22"])
    >>> version_names(pd.DataFrame({"symbol": ["A/1", "A/2"], "date": dates}, index=["17", "18"]))
    {'17': '2018', '18': '2020'}
    """
    symbols = list(rollcall_labels(rollcalls))
    candidates = [symbols]
    if not rollcalls["date"].isna().any():
        days = [write_day(date) for date in rollcalls["date"]]
        candidates = [
            [str(date.year) for date in rollcalls["date"]],
            days,
            [f"{symbol} ({day})" for symbol, day in zip(symbols, days, strict=True)],
        ]
    ids = list(map(str, rollcalls.index))
    names = next((names for names in candidates if len(set(names)) == len(names)), ids)
    return dict(zip(ids, names, strict=True))


def group_name(group: str) -> str:
    """Return the name of a group. A regional group of the United Nations gets its full name.

    Examples
    --------
    >>> group_name("WEOG"), group_name("Greens")
    ('Western Europe and Others', 'Greens')
    """
    return _GROUPS.get(group, group)


def member_name(name: str) -> str:
    """Return the name of a member as a sentence writes it.

    Examples
    --------
    >>> member_name("Bolivia (Plurinational State of)"), member_name("Smith (Texas)")
    ('Bolivia', 'Smith (Texas)')
    """
    return _SHORT.get(name, name)


def member_label(member: str, name: str) -> str:
    """Return the label of a member in a table or picture: the id, and the name if the id is a number.

    Examples
    --------
    >>> member_label("15429", "KYL"), member_label("15429", ""), member_label("CHN", "China")
    ('KYL (15429)', '15429', 'CHN')
    """
    return f"{name} ({member})" if member.isdecimal() and name not in ("", member) else member
