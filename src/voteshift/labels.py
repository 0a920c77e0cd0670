"""The names under which a person reads of roll calls, members and groups."""

from typing import Final

import pandas as pd

__all__ = ["group_name", "member_name", "rollcall_labels"]

#: Regional groups of the United Nations, by the code the bundled record gives them.
_GROUPS: Final = {
    "AFRICAN": "Africa",
    "ASIA_PACIFIC": "Asia-Pacific",
    "EEG": "Eastern Europe",
    "GRULAC": "Latin America and the Caribbean",
    "WEOG": "Western Europe and Others",
}
#: Official names that a sentence shortens; every other name is written as the record has it.
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
        Roll calls; the column ``symbol`` may be missing, and so may cells of it.

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


def group_name(group: str) -> str:
    """Return the name of a group: of a regional group of the United Nations in full, else as it is.

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
