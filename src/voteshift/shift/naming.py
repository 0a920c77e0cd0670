"""The names that a person gives a version, and the window that a model of a family is fitted to."""

import re
from typing import Final

from voteshift.errors import InputError, UsageError
from voteshift.rollcalls import RollCalls

__all__ = ["EVERYONE", "model_window", "name_council", "name_iteration", "name_version", "record_years"]

#: The council of every member that a fit places.
EVERYONE: Final = "all"
_YEAR: Final = re.compile(r"\d{4}", re.ASCII)


def name_iteration(rollcalls: RollCalls, name: str, family: str | None) -> str:
    """Return the id of the roll call a person means.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    name : str
        An id, a symbol, or a year in which the family was voted once.
    family : str or None
        The family a year is read in: a slug, a title, or words that name one family.

    Raises
    ------
    UsageError
        If it names nothing, or several roll calls.
    """
    if not _is_year(rollcalls, name):
        return rollcalls.rollcall_id(name)
    if family is None:
        raise UsageError(f"{name} names no roll call without a family", remedy="give a symbol, or the family")
    frame = rollcalls.select(family=family).rollcalls
    ids = list(frame.index[(frame["date"].dt.year == int(name)).to_numpy(bool)])
    if len(ids) != 1:
        years = ", ".join(str(year) for year in sorted(frame["date"].dt.year.dropna().astype(int)))
        raise UsageError(
            f"{frame['family'].iloc[0]} was voted {len(ids)} times in {name}",
            remedy=f"name one vote by its symbol or id; it was voted in {years}",
        )
    return str(ids[0])


def name_version(rollcalls: RollCalls, name: str, family: str | None) -> str:
    """Return the id of the roll call a person means, as `name_iteration` does.

    A year without a family is read in that of `RollCalls.family_slug`: the default one, or the only one.
    """
    if family is None and _is_year(rollcalls, name):
        family = rollcalls.family_slug()
    return name_iteration(rollcalls, name, family)


def _is_year(rollcalls: RollCalls, name: str) -> bool:
    return name not in rollcalls.rollcalls.index and _YEAR.fullmatch(name) is not None


def name_council(rollcalls: RollCalls, name: str, version: str) -> str:
    """Return the id of the roll call whose voters a person means, or `EVERYONE`.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    name : str
        An id, a symbol, ``"all"``, or a year in which the version's family was voted once.
    version : str
        Id of the version.

    Raises
    ------
    UsageError
        As `name_iteration`.
    """
    if name == EVERYONE:
        return EVERYONE
    return name_iteration(rollcalls, name, str(rollcalls.rollcalls.loc[version, "family"]) or None)


def record_years(rollcalls: RollCalls) -> tuple[str, str]:
    """Return the first and the last year of a record.

    Raises
    ------
    InputError
        If no roll call has a date.
    """
    years = rollcalls.rollcalls["date"].dropna().dt.year
    if years.empty:
        raise InputError("no roll call has a date", remedy="give since= and until=")
    return str(years.min()), str(years.max())


def model_window(rollcalls: RollCalls, *asked: str) -> tuple[str, str]:
    """Return the years a model is fitted to by default.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    *asked : str
        Ids of the roll calls a question is about.

    Returns
    -------
    tuple of str
        From two years before the first of them, and of all iterations of their families, to the year of the
        last.

    Raises
    ------
    UsageError
        If a roll call is unknown.
    InputError
        If none of them has a date.
    """
    frame = rollcalls.rollcalls
    chosen = rollcalls.select(rollcalls=dict.fromkeys(asked)).rollcalls
    families = set(chosen["family"]) - {""}
    dates = frame["date"][frame["family"].isin(families) | frame.index.isin(chosen.index)].dropna()
    if dates.empty:
        raise InputError("none of the roll calls asked about has a date", remedy="give since= and until=")
    return str(dates.min().year - 2), str(dates.max().year)
