"""Elimination of the periods before a member's first vote and after its last vote.

In these periods, only the random walk of the member informs its deviation: the prior precision connects it
to the deviations of neighbouring periods and to no other parameter. The deviations are eliminated from the
ends towards the votes, each by one division. What remains is a dense block for each period with the members
that voted in it, or before and after it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.dynamic.walk import Walk

__all__ = ["Ends", "build_ends", "find_rows"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
_LARGE = 2_000_000  # elements of the blocks of all members; smaller blocks are not reduced


def find_rows(walk: Walk) -> tuple[Ints, ...]:
    """Return the members in the dense block of each period.

    If the blocks of all members are large, these are the members between their first and their last vote.
    Otherwise they are all members. With groups, they are always all members, because steps of groups enter
    the prior of every deviation.
    """
    n_periods, n_members = walk.seen.shape
    if walk.n_groups or n_periods * n_members**2 <= _LARGE:
        return (np.arange(n_members),) * n_periods
    inside = np.maximum.accumulate(walk.seen, axis=0)
    inside &= np.maximum.accumulate(walk.seen[::-1], axis=0)[::-1]
    return tuple(np.flatnonzero(row) for row in inside)


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """Deviations that are eliminated one by one, because they depend only on a neighbouring period.

    Attributes
    ----------
    first, last : ndarray of int, shape (n_members,)
        First and last period of each member in the dense blocks.
    links : ndarray, shape (n_periods - 1, n_members)
        Minus the precision between successive periods.
    pivots : ndarray, shape (n_periods, n_members)
        Diagonal of the information after elimination of the ends.
    """

    first: Ints
    last: Ints
    links: Floats
    pivots: Floats

    @property
    def outside(self) -> NDArray[np.bool_]:
        """True for the deviations that are eliminated, shape (n_periods, n_members)."""
        period = np.arange(len(self.pivots))[:, None]
        return (period < self.first) | (period > self.last)

    def fold(self, right: Floats) -> None:
        """Carry right-hand sides, shape (n_periods, n_members, k), from the ends to the dense blocks."""
        n_periods = len(right)
        for t in range(1, n_periods):
            members = np.flatnonzero(t <= self.first)
            ratio = self.links[t - 1, members] / self.pivots[t - 1, members]
            right[t, members] += ratio[:, None] * right[t - 1, members]
        for t in range(n_periods - 2, -1, -1):
            members = np.flatnonzero(t >= self.last)
            ratio = self.links[t, members] / self.pivots[t + 1, members]
            right[t, members] += ratio[:, None] * right[t + 1, members]

    def unfold(self, result: Floats, right: Floats | None = None) -> None:
        """Complete a solution from the dense blocks to the ends; `right` is that of `fold`, or 0."""
        for t, other, members in self._outwards():
            total = self.links[min(t, other), members][:, None] * result[other, members]
            if right is not None:
                total += right[t, members]
            result[t, members] = total / self.pivots[t, members][:, None]

    def unfold_variances(self, variances: Floats, covariances: Floats) -> None:
        """Complete variances, and covariances of successive periods, from the dense blocks to the ends."""
        for t, other, members in self._outwards():
            pivots = self.pivots[t, members]
            ratio = self.links[min(t, other), members] / pivots
            covariances[min(t, other), members] = ratio * variances[other, members]
            variances[t, members] = 1.0 / pivots + ratio**2 * variances[other, members]

    def _outwards(self) -> list[tuple[int, int, Ints]]:
        """Return periods of the ends, each with the neighbour on which it depends and its members."""
        n_periods = len(self.pivots)
        before = [(t, t + 1, np.flatnonzero(t < self.first)) for t in range(n_periods - 2, -1, -1)]
        return before + [(t, t - 1, np.flatnonzero(t > self.last)) for t in range(1, n_periods)]


def build_ends(rows: tuple[Ints, ...], diagonal: Floats, links: Floats) -> Ends:
    """Eliminate the ends.

    Parameters
    ----------
    rows : tuple of ndarray of int
        Members in the dense block of each period; the periods of every member are successive.
    diagonal : ndarray, shape (n_periods, n_members)
        Diagonal of the information.
    links : ndarray, shape (n_periods - 1, n_members)
        Minus the precision between successive periods.
    """
    n_periods, n_members = diagonal.shape
    first, last = np.full(n_members, n_periods), np.full(n_members, -1)
    for t, members in enumerate(rows):
        first[members] = np.minimum(first[members], t)
        last[members] = t
    pivots = diagonal.copy()
    for t in range(1, n_periods):
        members = np.flatnonzero(t <= first)
        pivots[t, members] -= links[t - 1, members] ** 2 / pivots[t - 1, members]
    for t in range(n_periods - 2, -1, -1):
        members = np.flatnonzero(t >= last)
        pivots[t, members] -= links[t, members] ** 2 / pivots[t + 1, members]
    return Ends(first, last, links, pivots)
