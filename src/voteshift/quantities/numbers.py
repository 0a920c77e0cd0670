"""Statistics of a chamber in every draw of the positions of its members. Arrays in, arrays out.

In every function, the first axis of an array of draws is the draw, and the second axis is the member.
"""

from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import UsageError

__all__ = [
    "Interval",
    "Place",
    "Split",
    "interval",
    "interval_of_ranks",
    "mean_by_group",
    "median_of",
    "pivots",
    "rank_members",
    "split_change",
    "spread_of",
    "statistic_of",
    "votes_needed",
]

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]
_EXACT = 1e-9


@dataclass(frozen=True, slots=True)
class Interval:
    """Mean, standard deviation and central interval over draws, each of shape (n,)."""

    estimate: Floats
    std_error: Floats
    conf_low: Floats
    conf_high: Floats


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order of members in every draw.

    Attributes
    ----------
    position : ndarray, shape (n_draws,)
        The position at the place.
    share : ndarray, shape (n_members,)
        Share of draws in which each member holds the place.
    """

    position: Floats
    share: Floats


@dataclass(frozen=True, slots=True)
class Split:
    """The change of a statistic between two periods, split into two parts that add up in every draw.

    Attributes
    ----------
    change, replacement, movement : ndarray, shape (n_draws,)
        The change, the part of members that left, came or changed their group, and the part of members that
        stayed and moved.
    """

    change: Floats
    replacement: Floats
    movement: Floats


def interval(draws: Floats, level: float) -> Interval:
    """Compute mean, standard deviation and central interval of each column of draws.

    Parameters
    ----------
    draws : ndarray, shape (n_draws,) or (n_draws, n)
        Draws of one or several statistics.
    level : float
        Coverage.
    """
    columns = draws.reshape(len(draws), -1)
    low, high = np.quantile(columns, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    return Interval(columns.mean(axis=0), columns.std(axis=0), low, high)


def interval_of_ranks(ranks: Whole, level: float) -> Interval:
    """Compute mean, standard deviation and an interval of whole numbers of each column of ranks.

    Parameters
    ----------
    ranks : ndarray of int, shape (n_draws, n_members)
        The result of `rank_members`.
    level : float
        Coverage. At most (1 - level) / 2 of the draws are below the interval, and as many are above.
    """
    ends = [0.5 - level / 2, 0.5 + level / 2]
    low, high = np.quantile(ranks, ends, axis=0, method="inverted_cdf")
    return Interval(ranks.mean(axis=0), ranks.std(axis=0), low.astype(float), high.astype(float))


def rank_members(positions: Floats) -> Whole:
    """Rank the members in every draw: 1 is the most negative position.

    Parameters
    ----------
    positions : ndarray, shape (n_draws, n_members)

    Returns
    -------
    ndarray of int, shape (n_draws, n_members)
        Equal positions are ranked in the order of members.
    """
    order = np.argsort(positions, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, positions.shape[1] + 1)[None], axis=1)
    return ranks


def _places(positions: Floats, ranks: list[int]) -> Place:
    """Return the mean position of the members at some ranks, and how often each member has one of them."""
    order = np.argsort(positions, axis=1, kind="stable")[:, [rank - 1 for rank in ranks]]
    counts = np.bincount(order.ravel(), minlength=positions.shape[1])
    return Place(np.take_along_axis(positions, order, axis=1).mean(axis=1), counts / len(positions))


def median_of(positions: Floats) -> Place:
    """Return the median position in every draw, and how often each member is the median member.

    Parameters
    ----------
    positions : ndarray, shape (n_draws, n_members)

    Returns
    -------
    Place
        With an even number of members, the two middle members are both median members: the position is the
        mean of the two, and the shares add up to 2.
    """
    n = positions.shape[1]
    return _places(positions, [(n + 1) // 2] if n % 2 else [n // 2, n // 2 + 1])


def votes_needed(majority: float, n_members: int) -> int:
    """Return the number of votes that a majority needs.

    Parameters
    ----------
    majority : float or int
        A share from 0.5 to 1, or a whole number of votes. One half means more than half of the members. Any
        other share means at least this share.
    n_members : int
        Number of members.

    Raises
    ------
    UsageError
        If the majority is not more than half of the members, or more than all.
    """
    is_number = isinstance(majority, (int, float, np.integer, np.floating)) and not isinstance(majority, bool)
    is_count = isinstance(majority, (int, np.integer)) and majority != 1
    needed = 0
    if is_number and is_count:
        needed = int(majority)
    elif is_number and 0.5 <= majority <= 1:
        half = floor(n_members / 2) + 1
        needed = half if majority == 0.5 else max(ceil(majority * n_members - _EXACT), half)
    if not n_members < 2 * needed <= 2 * n_members:
        raise UsageError(
            f"majority is {majority!r}, for {n_members} members",
            remedy=f"give a share from 0.5 to 1, or a number of votes from {n_members // 2 + 1} to "
            f"{n_members}",
        )
    return needed


def pivots(positions: Floats, needed: int) -> tuple[Place, Place]:
    """Return the two pivots of a majority: the members without whom neither side has enough votes.

    Parameters
    ----------
    positions : ndarray, shape (n_draws, n_members)
    needed : int
        Number of votes that a majority needs, more than half of the members.

    Returns
    -------
    low, high : Place
        The `needed`-th member from the positive side and from the negative side (Krehbiel 1998, Pivotal
        Politics, chapter 2). With an odd number of members and a simple majority, both are the median member.
    """
    n = positions.shape[1]
    return _places(positions, [n - needed + 1]), _places(positions, [needed])


def mean_by_group(positions: Floats, belongs: NDArray[np.bool_]) -> Floats:
    """Return the mean position of every group in every draw.

    Parameters
    ----------
    positions : ndarray, shape (n_draws, n_members)
    belongs : ndarray of bool, shape (n_groups, n_members)
        The members of each group. A group without members has the mean NaN.

    Returns
    -------
    ndarray, shape (n_draws, n_groups)
    """
    sizes = belongs.sum(axis=1)
    sums = np.where(belongs.any(axis=0), positions, 0.0) @ belongs.T.astype(float)
    return np.divide(sums, sizes, out=np.full(sums.shape, np.nan), where=sizes > 0)


def spread_of(positions: Floats) -> Floats:
    """Return the standard deviation of positions over members in every draw, shape (n_draws,)."""
    return np.asarray(positions.std(axis=1))


def statistic_of(name: str, positions: Floats, belongs: NDArray[np.bool_]) -> Floats:
    """Return a statistic of a chamber in every draw.

    Parameters
    ----------
    name : {"median", "spread", "group_mean", "group_distance"}
        The statistic. The distance is the mean of the first group minus the mean of the second group.
    positions : ndarray, shape (n_draws, n_members)
    belongs : ndarray of bool, shape (n_groups, n_members)
        For the statistics of groups, the members of each group. Otherwise one row: the members of the
        chamber.

    Returns
    -------
    ndarray, shape (n_draws,)
    """
    if name in ("median", "spread"):
        inside = positions[:, belongs[0]]
        return np.median(inside, axis=1) if name == "median" else spread_of(inside)
    means = mean_by_group(positions, belongs)
    return means[:, 0] if name == "group_mean" else means[:, 0] - means[:, 1]


def split_change(
    name: str,
    positions: tuple[Floats, Floats],
    seated: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    belongs: tuple[NDArray[np.bool_], NDArray[np.bool_]],
) -> Split:
    """Split the change of a statistic into replacement and movement.

    Parameters
    ----------
    name : str
        The statistic, as in `statistic_of`.
    positions : pair of ndarray, shape (n_draws, n_members)
        Positions before and after.
    seated : pair of ndarray of bool, shape (n_members,)
        Members with a position before and after.
    belongs : pair of ndarray of bool, shape (n_groups, n_members)
        Members of the chamber, or of each group, before and after; all of them have a position then.

    Returns
    -------
    Split

    Notes
    -----
    Members that stay have two positions. Members that leave have only the position before, and new members
    only the position after, so no position is extrapolated. Two mixed chambers are computed: the old members
    after those who stay have moved, and the new members before those who stay have moved. Each part is the
    mean of its two differences (the Shapley value of two factors).
    """
    stays = seated[0] & seated[1]
    old = statistic_of(name, positions[0], belongs[0])
    new = statistic_of(name, positions[1], belongs[1])
    moved = statistic_of(name, np.where(stays, positions[1], positions[0]), belongs[0])
    replaced = statistic_of(name, np.where(stays, positions[0], positions[1]), belongs[1])
    movement = 0.5 * ((moved - old) + (new - replaced))
    replacement = 0.5 * ((replaced - old) + (new - moved))
    return Split(new - old, replacement, movement)
