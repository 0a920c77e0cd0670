"""The iterations behind a picture, and how they are called there."""

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

#: What pictures without a model are made of: an explanation, or a record and the name of a family.
Source = Explanation | RollCalls

_LONGEST = 22


def consecutive(source: Source, family: str | None) -> tuple[pd.DataFrame, tuple[Account, ...]]:
    """Return the iterations with their tallies, and the exact account of each consecutive pair.

    Parameters
    ----------
    source : Explanation or RollCalls
        What to draw.
    family : str or None
        Which family of a record; an explanation knows its own.

    Raises
    ------
    UsageError
        If a record comes without a family, or an explanation with one.
    """
    if isinstance(source, Explanation):
        if family is not None:
            raise UsageError("an explanation has one family", remedy="leave the family out")
        n_pairs = len(source.rollcalls) - 1
        return source.rollcalls, tuple(step.account for step in source.steps[:n_pairs])
    if family is None:
        raise UsageError("which family?", remedy="name one; `families()` lists them")
    iterations = iterations_of(source, family)
    ids = list(iterations.rollcalls.index)
    accounts = tuple(account_step(iterations, old, new) for old, new in pairwise(ids))
    return iterations.rollcalls[["symbol", "date", "title"]].join(iterations.tally()), accounts


def names(rollcalls: pd.DataFrame) -> list[str]:
    """Return the symbol of each roll call, its id where it has none."""
    return distinct(rollcall_labels(rollcalls), _LONGEST)


def years(rollcalls: pd.DataFrame) -> list[str]:
    """Return the shortest dates that differ between the roll calls, symbols where dates do not."""
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
