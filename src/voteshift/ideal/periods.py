"""Periods of roll calls in which each member has one position, and the time between periods."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import InputError, UsageError, quote

__all__ = ["Periods", "find_periods"]

Floats = NDArray[np.float64]
_DAYS = 365.25
_SHOWN = 5
_INTEGER = re.compile(r"-?\d{1,9}", re.ASCII)
_LARGEST = 1e9
_NUMBERED = "pass periods= the name of a column of integers, such as 'term'"


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
        Time of each period, in `unit`: the year itself, the mean date of the roll calls of the period, or the
        number of the period if roll calls have no dates.
    unit : str
        Unit of time: "year", or the name of the column if roll calls have no dates.
    """

    name: str
    labels: tuple[str, ...]
    of_rollcall: NDArray[np.intp]
    times: Floats
    unit: str = "year"

    @property
    def gaps(self) -> Floats:
        """Time from each period to the next in `unit`, shape (n_periods - 1,)."""
        return np.diff(self.times)


def find_periods(rollcalls: pd.DataFrame, name: str) -> Periods:
    """Divide roll calls into periods.

    Parameters
    ----------
    rollcalls : DataFrame, index rollcall
        Roll calls with the column ``date`` and the column that `name` names.
    name : str
        "year", which is the year of the date, or the name of any column, such as "session" or "term". The
        mean dates of its periods give the time between periods. If no roll call has a date, the column must
        contain integers, and the time between two periods is the difference of their integers.

    Raises
    ------
    UsageError
        If there is no such column, or two chambers use one number for sessions of different years.
    InputError
        If a roll call has no period, or some roll calls have no date. Also if there are no dates and a period
        is not an integer, two periods have the same mean date, or there is only one period.
    """
    dates = rollcalls["date"]
    if name == "year":
        _refuse(rollcalls.index[dates.isna()], "date", _NUMBERED)
        values = dates.dt.year.astype(str)
    elif name in rollcalls.columns:
        values = rollcalls[name]
        _refuse(rollcalls.index[values.isna() | (values.astype(str) == "")], name)
        if dates.isna().all():
            return _numbered_periods(values)
        _refuse(rollcalls.index[dates.isna()], "date")
        _refuse_shared_sessions(rollcalls, name)
        values = values.astype(str)
    else:
        columns = ", ".join(map(str, rollcalls.columns))
        raise UsageError(
            f"periods is {name!r}, which is not a column of the roll calls", remedy=f"columns are: {columns}"
        )
    years = dates.dt.year + (dates.dt.day_of_year - 1) / _DAYS
    times = values.astype(float) if name == "year" else years
    ordered = times.groupby(values).mean().sort_values(kind="stable")
    _refuse_one_period(name, ordered.index)
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


def _numbered_periods(values: pd.Series) -> Periods:
    """Return the periods of roll calls without dates, from the integers in a column."""
    numbers = []
    for rollcall, value in values.items():
        try:
            numbers.append(_integer(value))
        except (TypeError, ValueError):
            raise InputError(
                f"no roll call has a date, and the {values.name} {quote(value)} of roll call {rollcall} is "
                "not an integer, so the periods cannot be ordered",
                id=str(rollcall),
                remedy=f"write integers in the column {quote(values.name)}, or give every roll call a date",
            ) from None
    times, of_rollcall = np.unique(np.array(numbers), return_inverse=True)
    _refuse_one_period(str(values.name), times)
    return Periods(
        str(values.name),
        tuple(map(str, times.tolist())),
        of_rollcall.astype(np.intp),
        times.astype(np.float64),
        str(values.name),
    )


def _integer(value: object) -> int:
    """Return an integer from a number or text; 46.0, a whole number in a column of floats, is 46."""
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, (float, np.floating)) and value.is_integer() and abs(float(value)) < _LARGEST:
        return int(value)
    raise ValueError(value)


def _refuse_one_period(name: str, labels: "pd.Index | NDArray[np.int_]") -> None:
    if len(labels) < 2:
        raise InputError(
            f"all roll calls have the {name} {labels[0]}, but a dynamic model needs two periods",
            remedy="widen the window, or fit a static model",
        )


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


def _refuse(without: pd.Index, what: str, otherwise: str = "choose other periods") -> None:
    if not len(without):
        return
    some = ", ".join(map(str, without[:_SHOWN])) + (" ..." if len(without) > _SHOWN else "")
    raise InputError(
        f"{len(without)} roll calls have no {what}: {some}",
        id=str(without[0]),
        remedy=f"give these roll calls a {what}, leave out these roll calls, or {otherwise}",
    )
