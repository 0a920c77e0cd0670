"""Names that a user gives a version, and the window to which a model of a family is fitted."""

import re
from typing import Final

from voteshift.errors import InputError, UsageError
from voteshift.rollcalls import RollCalls

__all__ = ["EVERYONE", "model_window", "name_council", "name_iteration", "name_version", "record_years"]

#: The council of all members with a position in the fit.
EVERYONE: Final = "all"
_YEAR: Final = re.compile(r"\d{4}", re.ASCII)


def name_iteration(rollcalls: RollCalls, name: str, family: str | None) -> str:
    """Return the id of the roll call that a name refers to.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    name : str
        An id, a symbol, or a year in which the family was voted on exactly once.
    family : str or None
        The family to search if `name` is a year: a slug, a title, or words that match one family.

    Raises
    ------
    UsageError
        If the name matches no roll call, or several roll calls.
    """
    if not _is_year(rollcalls, name):
        return rollcalls.rollcall_id(name)
    if family is None:
        raise UsageError(
            f"the year {name} alone does not identify a roll call",
            remedy=("pass family=, or pass a symbol or an id"),
        )
    frame = rollcalls.select(family=family).rollcalls
    ids = list(frame.index[(frame["date"].dt.year == int(name)).to_numpy(bool)])
    if len(ids) != 1:
        years = ", ".join(str(year) for year in sorted(frame["date"].dt.year.dropna().astype(int)))
        raise UsageError(
            f"{frame['family'].iloc[0]} was voted on {len(ids)} times in {name}",
            remedy=f"pass the symbol or id of one vote; this family was voted on in {years}",
        )
    return str(ids[0])


def name_version(rollcalls: RollCalls, name: str, family: str | None) -> str:
    """Return the id of the roll call that a name refers to, as `name_iteration` does.

    A year without a family is searched in the family that `RollCalls.family_slug` returns: the default
    family, or the only family of the record.
    """
    if family is None and _is_year(rollcalls, name):
        family = rollcalls.family_slug()
    return name_iteration(rollcalls, name, family)


def _is_year(rollcalls: RollCalls, name: str) -> bool:
    return name not in rollcalls.rollcalls.index and _YEAR.fullmatch(name) is not None


def name_council(rollcalls: RollCalls, name: str, version: str) -> str:
    """Return the id of the roll call whose voting members a name refers to, or `EVERYONE`.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    name : str
        An id, a symbol, ``"all"``, or a year in which the version's family was voted on exactly once.
    version : str
        Id of the version.

    Raises
    ------
    UsageError
        If the name matches no roll call, or several roll calls.
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
    """Return the years to which a model is fitted by default.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    *asked : str
        Ids of the roll calls to explain or predict.

    Returns
    -------
    tuple of str
        First and last year: two years before the first, and the year of the last, of these roll calls and all
        versions of their families.

    Raises
    ------
    UsageError
        If a roll call is unknown.
    InputError
        If none of these roll calls has a date.
    """
    frame = rollcalls.rollcalls
    chosen = rollcalls.select(rollcalls=dict.fromkeys(asked)).rollcalls
    families = set(chosen["family"]) - {""}
    dates = frame["date"][frame["family"].isin(families) | frame.index.isin(chosen.index)].dropna()
    if dates.empty:
        raise InputError("none of the requested roll calls has a date", remedy="give since= and until=")
    return str(dates.min().year - 2), str(dates.max().year)
