"""Periods of roll calls in which each member has one position, and the time between periods."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import InputError, UsageError

__all__ = ["Periods", "find_periods"]

Floats = NDArray[np.float64]
_DAYS = 365.25
_SHOWN = 5


@dataclass(frozen=True, slots=True, eq=False)
class Periods:
    """Periods in the order of time.

    Attributes
    ----------
    name : str
        "year", "session" or another column.
    labels : tuple of str
        Label of each period.
    of_rollcall : ndarray of int, shape (n_rollcalls,)
        Rank of the period of each roll call, from 0.
    times : ndarray, shape (n_periods,)
        Time of each period in years: the year itself, or the mean date of the roll calls of the period.
    """

    name: str
    labels: tuple[str, ...]
    of_rollcall: NDArray[np.intp]
    times: Floats

    @property
    def gaps(self) -> Floats:
        """Years from each period to the next, shape (n_periods - 1,)."""
        return np.diff(self.times)


def find_periods(rollcalls: pd.DataFrame, name: str) -> Periods:
    """Divide roll calls into periods.

    Parameters
    ----------
    rollcalls : DataFrame, index rollcall
        Roll calls with the column ``date`` and the column that `name` names.
    name : str
        "year", which is the year of the date, or the name of any column, such as "session".

    Raises
    ------
    UsageError
        If there is no such column, or two chambers use one number for sessions of different years.
    InputError
        If a roll call has no date or no period, two periods have the same mean date, or there is only one
        period.
    """
    dates = rollcalls["date"]
    _refuse(rollcalls.index[dates.isna()], "date")
    if name == "year":
        values = dates.dt.year.astype(str)
    elif name in rollcalls.columns:
        _refuse_shared_sessions(rollcalls, name)
        values = rollcalls[name]
        _refuse(rollcalls.index[values.isna() | (values.astype(str) == "")], name)
        values = values.astype(str)
    else:
        columns = ", ".join(map(str, rollcalls.columns))
        raise UsageError(
            f"periods is {name!r}, which is not a column of the roll calls", remedy=f"columns are: {columns}"
        )
    years = dates.dt.year + (dates.dt.day_of_year - 1) / _DAYS
    times = values.astype(float) if name == "year" else years
    ordered = times.groupby(values).mean().sort_values(kind="stable")
    if len(ordered) < 2:
        raise InputError(
            f"all roll calls have the {name} {ordered.index[0]}, but a dynamic model needs two periods",
            remedy="widen the window, or fit a static model",
        )
    clash = np.flatnonzero(np.diff(ordered.to_numpy()) <= 0)
    if len(clash):
        one, other = ordered.index[clash[0]], ordered.index[clash[0] + 1]
        raise InputError(
            f"the periods {one!r} and {other!r} of {name} have the same mean date, so these periods cannot "
            "be ordered",
            remedy="give the two periods different dates, or the same label",
        )
    rank = pd.Series(np.arange(len(ordered)), index=ordered.index)
    return Periods(name, tuple(map(str, ordered.index)), rank[values].to_numpy(), ordered.to_numpy(float))


def _refuse_shared_sessions(rollcalls: pd.DataFrame, name: str) -> None:
    """Validate that sessions with the same number in two chambers are not more than a year apart."""
    if name != "session" or "chamber" not in rollcalls.columns:
        return
    dated = rollcalls.assign(label=rollcalls[name].astype(str))
    means = dated.groupby(["label", "chamber"])["date"].mean().groupby("label")
    apart = (means.max() - means.min()).dt.days
    clash = apart.index[apart > _DAYS]
    if len(clash):
        raise UsageError(
            f"two chambers have a session {clash[0]}, and the mean dates of the two sessions are "
            f"{apart[clash[0]] / _DAYS:.0f} years apart, so sessions cannot be common periods",
            remedy="use periods='year'",
        )


def _refuse(without: pd.Index, what: str) -> None:
    if not len(without):
        return
    some = ", ".join(map(str, without[:_SHOWN])) + (" ..." if len(without) > _SHOWN else "")
    raise InputError(
        f"{len(without)} roll calls have no {what}: {some}",
        id=str(without[0]),
        remedy=f"give these roll calls a {what}, leave out these roll calls, or choose other periods",
    )
