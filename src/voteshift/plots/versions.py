"""The versions that a picture shows, and their names."""

from collections.abc import Sequence
from itertools import pairwise

import pandas as pd

from voteshift.errors import UsageError
from voteshift.labels import rollcall_labels
from voteshift.plots.style import distinct
from voteshift.rollcalls import RollCalls
from voteshift.shift.account import Account, account_step, iterations_of
from voteshift.shift.explanation import Explanation

__all__ = ["Source", "consecutive", "day_names", "names", "years"]

#: The source of pictures without a model: an explanation, or a record and the name of a family.
Source = Explanation | RollCalls

_LONGEST = 22


def consecutive(source: Source, family: str | None) -> tuple[pd.DataFrame, tuple[Account, ...]]:
    """Return the versions with their tallies, and the exact account of each consecutive pair.

    Parameters
    ----------
    source : Explanation or RollCalls
        The explanation or the record to draw.
    family : str or None
        The family of a record; None for an explanation, which has one family.

    Raises
    ------
    UsageError
        If a record is passed without a family, or an explanation with a family.
    """
    if isinstance(source, Explanation):
        if family is not None:
            raise UsageError("family is given, but an explanation has only one family", remedy="omit family")
        n_pairs = len(source.rollcalls) - 1
        return source.rollcalls, tuple(step.account for step in source.steps[:n_pairs])
    if family is None:
        raise UsageError(
            "family is missing", remedy="name a family of the record: `families()` lists all families"
        )
    iterations = iterations_of(source, family)
    ids = list(iterations.rollcalls.index)
    accounts = tuple(account_step(iterations, old, new) for old, new in pairwise(ids))
    return iterations.rollcalls[["symbol", "date", "title"]].join(iterations.tally()), accounts


def names(rollcalls: pd.DataFrame) -> list[str]:
    """Return the symbol of each roll call, or its id if it has no symbol."""
    return distinct(rollcall_labels(rollcalls), _LONGEST)


def years(rollcalls: pd.DataFrame) -> list[str]:
    """Return the shortest form of dates that differs between all roll calls, or else symbols."""
    dates = rollcalls["date"]
    if not dates.isna().any():
        for pattern in ("%Y", "%Y-%m", "%Y-%m-%d"):
            written: Sequence[str] = [f"{date:{pattern}}" for date in dates]
            if len(set(written)) == len(written):
                return list(written)
    return names(rollcalls)


def day_names(rollcalls: pd.DataFrame) -> list[str]:
    """Return symbol and day of each roll call, on two lines."""
    return [
        name if pd.isna(date) else f"{name}\n{date:%Y-%m-%d}"
        for name, date in zip(names(rollcalls), rollcalls["date"], strict=True)
    ]
