"""Random elections on plain arrays: fill seats within groups, and compare a statistic with its distribution.

Under the null those elected are a draw without replacement from those who stand, group by group, so every set
of the same sizes is as likely: a permutation test.
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
        With the members actually elected, in every draw of votes never cast.
    random : ndarray, shape (n_elections,)
        With members drawn.
    p_more, p_fewer : float
        (1 + number of elections whose statistic is at least, or at most, that observed in the same draw) /
        (1 + number of elections).
    """

    observed: Floats
    random: Floats
    p_more: float
    p_fewer: float

    @property
    def p_value(self) -> float:
        """Both sides: twice the smaller of the two, at most 1."""
        return min(1.0, 2 * min(self.p_more, self.p_fewer))

    def as_far_as(self, change: float) -> float:
        """Return the share of elections, one more counted, that go as far as a change in its direction."""
        reached = self.random * np.sign(change) >= abs(change) - _TIE
        return (1 + int(reached.sum())) / (1 + len(self.random))


def draw_elections(
    pool: NDArray[np.intp], seats: NDArray[np.intp], n_elections: int, rng: np.random.Generator
) -> Bools:
    """Fill the seats of every group at random.

    Parameters
    ----------
    pool : ndarray of int, shape (n_members,)
        Group each member stands in; -1 for those who do not stand.
    seats : ndarray of int, shape (n_groups,)
        Seats of each group, at most as many as stand.
    n_elections : int
        How many elections.
    rng : Generator
        Random numbers.

    Returns
    -------
    ndarray of bool, shape (n_elections, n_members)
        Who is elected: within a group every set of its size is as likely.
    """
    elected = np.zeros((n_elections, len(pool)), dtype=bool)
    rows = np.arange(n_elections)[:, None]
    for group, n_seats in enumerate(seats):
        standing = np.flatnonzero(pool == group)
        if n_seats > len(standing):
            raise ValueError(f"{n_seats} seats for {len(standing)} that stand")
        if n_seats:
            order = rng.random((n_elections, len(standing))).argsort(axis=1)
            elected[rows, standing[order[:, :n_seats]]] = True
    return elected


def redraw(scores: Floats, base: Floats, joined: Bools, elected: Bools) -> Tails:
    """Compare the statistic of the members that joined with that of members drawn.

    Parameters
    ----------
    scores : ndarray, shape (n_draws, n_members)
        What each member adds to the statistic with a seat, in every draw of votes never cast.
    base : ndarray, shape (n_draws,)
        What is the same whoever is elected.
    joined : ndarray of bool, shape (n_members,)
        Who was elected.
    elected : ndarray of bool, shape (n_elections, n_members)
        From `draw_elections`.

    Returns
    -------
    Tails
        Election b meets draw b modulo n_draws, and is compared with those who joined in the same draw. Given
        scores that do not vary between draws the p-values are exact: at most alpha with probability at most
        alpha under the null (Davison & Hinkley 1997, section 4.3). Over draws they are averages, posterior
        predictive p-values (Meng 1994, https://doi.org/10.1214/aos/1176325622), which err on the side of
        caution where votes never cast are uncertain.
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
