"""The group of every member in every period."""

from collections.abc import Collection

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import UsageError, did_you_mean, quote
from voteshift.rollcalls import RollCalls

__all__ = ["belonging", "groups_in_periods"]


def groups_in_periods(
    rollcalls: RollCalls,
    by: str,
    members: pd.Index,
    periods: tuple[str, ...] | None,
    *,
    needed: Collection[str] = (),
) -> NDArray[np.object_]:
    """Return the group of every member in every period, shape (n_periods, n_members).

    Parameters
    ----------
    rollcalls : RollCalls
        The record, with the groups.
    by : str
        Column of `RollCalls.members`.
    members : Index
        Ids of the members of the fit.
    periods : tuple of str or None
        Labels of the periods; None in a static fit, which has one row.
    needed : collection of str
        Groups that must be among the groups of these members.

    Returns
    -------
    ndarray of str
        A member without a group has the group "". The groups of a record are constant, so the rows are equal.

    Raises
    ------
    UsageError
        If a member is not in the record, there is no such column, no member has a group, or a group that is
        needed is unknown.
    """
    frame = rollcalls.members
    missing = members[~members.isin(frame.index)]
    if len(missing):
        raise UsageError(
            f"member {missing[0]} was fitted but is not in this record",
            id=str(missing[0]),
            remedy="pass the record to which the model was fitted",
        )
    if by not in frame.columns:
        raise UsageError(
            f"members have no column {quote(by)}", remedy=f"choose from {', '.join(frame.columns)}"
        )
    labels = frame.loc[members, by].fillna("").astype(str).to_numpy(object)
    names = sorted(set(labels) - {""})
    if not names:
        raise UsageError(
            f"no member of the fit has a {by}", remedy=f"give members a group in the column {quote(by)}"
        )
    for name in needed:
        if name not in names:
            raise UsageError(
                f"no member of the fit has the {by} {quote(name)}", remedy=did_you_mean(name, names)
            )
    return np.tile(labels, (1 if periods is None else len(periods), 1))


def belonging(
    groups: NDArray[np.object_], present: NDArray[np.bool_], row: int, name: str
) -> NDArray[np.bool_]:
    """Return True for the members of a group that voted in a period, shape (n_members,)."""
    return np.asarray((groups[row] == name) & present[row])


def group_of_votes(rollcalls: RollCalls, by: str) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """Return the names of the groups, and the group of every member in every roll call.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    by : str
        Column of `RollCalls.members`.

    Returns
    -------
    names : tuple of str
    group : ndarray of int, shape (n_members, n_rollcalls)
        Number of the group, or -1 without a group. The groups of a record are constant.

    Raises
    ------
    UsageError
        If there is no such column, or no member has a group.
    """
    labels = groups_in_periods(rollcalls, by, rollcalls.members.index, None)[0]
    names = sorted(set(labels) - {""})
    number = np.array([names.index(label) if label else -1 for label in labels], dtype=np.intp)
    return tuple(names), np.broadcast_to(number[:, None], rollcalls.votes.shape)
