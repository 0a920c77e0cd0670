"""Random elections on plain arrays: fill seats within groups, and compare a statistic with its distribution.

Under the null the elected members are a draw without replacement from the candidates, group by group. Every
set of the same sizes is then equally likely, so this is a permutation test.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Tails", "draw_elections", "redraw"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_TIE: Final = 1e-9
_CHUNK: Final = 2_000


@dataclass(frozen=True, slots=True)
class Tails:
    """A statistic and its distribution over random elections.

    Attributes
    ----------
    observed : ndarray, shape (n_draws,)
        The statistic with the members actually elected, in every draw of votes never cast.
    random : ndarray, shape (n_elections,)
        The statistic with members drawn at random.
    p_more, p_fewer : float
        (1 + number of elections whose statistic is at least, or at most, the observed statistic of the same
        draw) / (1 + number of elections).
    """

    observed: Floats
    random: Floats
    p_more: float
    p_fewer: float

    @property
    def p_value(self) -> float:
        """Two-sided p-value: twice the smaller of `p_more` and `p_fewer`, at most 1."""
        return min(1.0, 2 * min(self.p_more, self.p_fewer))

    def as_far_as(self, change: float) -> float:
        """Return (1 + elections at least as large as a change, in its direction) / (1 + all elections)."""
        reached = self.random * np.sign(change) >= abs(change) - _TIE
        return (1 + int(reached.sum())) / (1 + len(self.random))


def draw_elections(
    pool: NDArray[np.intp], seats: NDArray[np.intp], n_elections: int, rng: np.random.Generator
) -> Bools:
    """Fill the seats of every group at random.

    Parameters
    ----------
    pool : ndarray of int, shape (n_members,)
        Group in which each member is a candidate; -1 for members that are not candidates.
    seats : ndarray of int, shape (n_groups,)
        Seats of each group, at most the number of candidates.
    n_elections : int
        Number of elections.
    rng : Generator
        Random numbers.

    Returns
    -------
    ndarray of bool, shape (n_elections, n_members)
        True for elected members. Within a group, all sets of as many candidates as there are seats are
        equally likely.
    """
    elected = np.zeros((n_elections, len(pool)), dtype=bool)
    rows = np.arange(n_elections)[:, None]
    for group, n_seats in enumerate(seats):
        standing = np.flatnonzero(pool == group)
        if n_seats > len(standing):
            raise ValueError(f"{n_seats} seats for {len(standing)} candidates")
        if n_seats:
            order = rng.random((n_elections, len(standing))).argsort(axis=1)
            elected[rows, standing[order[:, :n_seats]]] = True
    return elected


def redraw(scores: Floats, base: Floats, joined: Bools, elected: Bools) -> Tails:
    """Compare the statistic of the members that joined with the statistic of members drawn at random.

    Parameters
    ----------
    scores : ndarray, shape (n_draws, n_members)
        Contribution of each member to the statistic if it has a seat, in every draw of votes never cast.
    base : ndarray, shape (n_draws,)
        The part of the statistic that does not depend on the elected members.
    joined : ndarray of bool, shape (n_members,)
        The members actually elected.
    elected : ndarray of bool, shape (n_elections, n_members)
        The random elections, from `draw_elections`.

    Returns
    -------
    Tails
        Election b uses draw b modulo n_draws, and is compared with the members that joined in the same draw.
        If scores do not vary between draws, the p-values are exact: at most alpha with probability at most
        alpha under the null (Davison & Hinkley 1997, section 4.3). Otherwise they are averages over draws,
        posterior predictive p-values (Meng 1994, https://doi.org/10.1214/aos/1176325622). These p-values are
        conservative if the votes that were not cast are uncertain.
    """
    n_draws = len(scores)
    observed = scores @ joined
    random = np.empty(len(elected))
    for begin in range(0, len(elected), _CHUNK):
        rows = np.arange(begin, min(begin + _CHUNK, len(elected)))
        random[rows] = (elected[rows] * scores[rows % n_draws]).sum(axis=1)
    draw = np.arange(len(elected)) % n_draws
    n = 1 + len(elected)
    more = (1 + int((random >= observed[draw] - _TIE).sum())) / n
    fewer = (1 + int((random <= observed[draw] + _TIE).sum())) / n
    return Tails(observed + base, random + base[draw], more, fewer)
