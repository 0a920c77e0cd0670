"""What a person calls an iteration, and the window a model of a family is fitted to."""

import re
from typing import Final

from voteshift.errors import UsageError
from voteshift.rollcalls import RollCalls

__all__ = ["EVERYONE", "model_window", "name_iteration"]

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
    if name in rollcalls.rollcalls.index or not _YEAR.fullmatch(name):
        return rollcalls.rollcall_id(name)
    if family is None:
        raise UsageError(f"{name} names no roll call without a family", remedy="give a symbol, or the family")
    found = rollcalls.select(family=family).rollcalls
    ids = list(found.index[(found["date"].dt.year == int(name)).to_numpy(bool)])
    if len(ids) != 1:
        years = ", ".join(str(year) for year in sorted(found["date"].dt.year.dropna().astype(int)))
        raise UsageError(
            f"{found['family'].iloc[0]} was voted {len(ids)} times in {name}",
            remedy=f"name one vote by its symbol or id; it was voted in {years}",
        )
    return str(ids[0])


def model_window(rollcalls: RollCalls, family: str) -> tuple[str, str]:
    """Return the years a model of a family is fitted to by default.

    Returns
    -------
    tuple of str
        Two years before the first iteration, and the year of the last.
    """
    years = rollcalls.select(family=family).rollcalls["date"].dt.year.dropna().astype(int)
    return str(years.min() - 2), str(years.max())
