"""The group of every member at a vote and in a period."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import UsageError, did_you_mean, quote
from voteshift.quantities.position_draws import PositionDraws
from voteshift.rollcalls import RollCalls

__all__ = ["belonging", "group_of_votes", "groups_in_periods"]


def group_of_votes(rollcalls: RollCalls, by: str) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Return the names of the groups, and the group of every member in every roll call.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    by : str
        Column of `RollCalls.members`. In the column "group", the group on the day of the vote counts.

    Returns
    -------
    names : tuple of str
        Names of the groups, sorted. A member without a group has the name "".
    codes : ndarray of int32, shape (n_members, n_rollcalls)
        Position in `names`.

    Raises
    ------
    UsageError
        If there is no such column, or no member has a group.
    """
    frame = rollcalls.members
    if by not in frame.columns:
        raise UsageError(
            f"members have no column {quote(by)}", remedy=f"choose from {', '.join(frame.columns)}"
        )
    if by == "group":
        names, codes = rollcalls.group_codes()
    else:
        labels = frame[by].fillna("").astype(str).to_numpy(str)
        names = tuple(sorted(set(labels.tolist())))
        number = np.searchsorted(np.array(names), labels).astype(np.int32)
        codes = np.broadcast_to(number[:, None], rollcalls.votes.shape)
    if not set(names) - {""}:
        raise UsageError(f"no member has a {by}", remedy=f"give members a group in the column {quote(by)}")
    return names, codes


def groups_in_periods(
    rollcalls: RollCalls, by: str, drawn: PositionDraws, *, needed: Collection[str] = ()
) -> NDArray[np.object_]:
    """Return the group of every member in every period, shape (n_periods, n_members).

    Parameters
    ----------
    rollcalls : RollCalls
        The record, with the groups.
    by : str
        Column of `RollCalls.members`.
    drawn : PositionDraws
        The members, periods and roll calls of the fit.
    needed : collection of str
        Groups that must be among the groups of these members.

    Returns
    -------
    ndarray of str
        The group on the day of the last vote of the member in the period. The group is "" if the member cast
        no vote in the period, or has no group.

    Raises
    ------
    UsageError
        If the record does not have the fitted members and roll calls, there is no such column, no member has
        a group, or a group that is needed is unknown.
    """
    rows = rollcalls.members.index.get_indexer(drawn.members)
    columns = rollcalls.rollcalls.index.get_indexer(drawn.rollcalls)
    for what, ids, places in (("member", drawn.members, rows), ("roll call", drawn.rollcalls, columns)):
        if (places < 0).any():
            name = str(ids[int(np.argmax(places < 0))])
            raise UsageError(
                f"{what} {name} was fitted but is not in this record",
                id=name,
                remedy="pass the record to which the model was fitted",
            )
    names, codes = group_of_votes(rollcalls, by)
    days = rollcalls.rollcalls["date"].to_numpy("datetime64[s]")[columns]
    result = np.full(drawn.present.shape, "", dtype=object)
    for row in range(len(result)):
        inside = np.flatnonzero(drawn.period_of == row)
        chosen = columns[inside[np.argsort(days[inside], kind="stable")]]
        cast = rollcalls.votes[np.ix_(rows, chosen)] >= 0
        last = cast.shape[1] - 1 - np.argmax(cast[:, ::-1], axis=1)
        label = np.array(names, dtype=object)[codes[rows, chosen[last]]]
        result[row] = np.where(cast.any(axis=1), label, "")
    seen = sorted(set(result.ravel().tolist()) - {""})
    for name in needed:
        if name not in seen:
            raise UsageError(
                f"no member of the fit has the {by} {quote(name)}", remedy=did_you_mean(name, seen)
            )
    return result


def belonging(
    groups: NDArray[np.object_], present: NDArray[np.bool_], row: int, name: str
) -> NDArray[np.bool_]:
    """Return True for the members of a group that voted in a period, shape (n_members,)."""
    return np.asarray((groups[row] == name) & present[row])
