"""Votes that repeat an earlier vote, and draws of member effects under state dependence.

With state dependence, a vote repeats the member's vote before it with probability rho. Otherwise, and always
for the first vote of a member, it is drawn from the model.
"""

import functools
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from voteshift.likelihood.terms import Link
from voteshift.likelihood.threads import core_count, together

__all__ = ["draw_persistent_effects", "previous_votes", "repeated_votes"]

Floats = NDArray[np.float64]
_AT_A_TIME: Final = 25
#: Points of the grid over the member effect for each unit of sigma and a single vote, and its largest point.
_DENSITY: Final[dict[Link, float]] = {"logit": 1.2, "probit": 1.6}
_REACH: Final = 5.0


def previous_votes(codes: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return the last vote that every member cast before each version; -1 if it had cast none.

    Parameters
    ----------
    codes : ndarray of int8, shape (n_members, n_versions)
        0 no, 1 abstain, 2 yes; negative for no vote. Versions are in date order.
    """
    previous = np.full(codes.shape, -1, dtype=np.int8)
    for version in range(1, codes.shape[1]):
        earlier = codes[:, version - 1]
        previous[:, version] = np.where(earlier >= 0, earlier, previous[:, version - 1])
    return previous


def repeated_votes(codes: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Return True for votes that equal the vote that the member cast before them."""
    return np.asarray((codes >= 0) & (codes == previous_votes(codes)))


@functools.cache
def _kernel() -> Callable[..., Any]:
    from voteshift.likelihood import kernels_persistence
    from voteshift.likelihood.compiling import compiled

    return compiled(kernels_persistence.draw, kernels_persistence.signature())  # type: ignore[no-untyped-call]


def draw_persistent_effects(
    codes: NDArray[np.int8],
    date: NDArray[np.intp],
    positions: Floats,
    slopes: Floats,
    cuts: Floats,
    sd: Floats,
    persistence: Floats,
    uniform: Floats,
    *,
    link: Link,
) -> Floats:
    """Draw standardised member effects given the members' votes, under state dependence.

    Parameters
    ----------
    codes, date, positions, slopes, cuts, sd, uniform, link
        As in `draw_member_effects`.
    persistence : ndarray, shape (n_draws,)
        Probability rho that a vote repeats the member's vote before it.

    Returns
    -------
    ndarray, shape (n_draws, n_members)
        A member without a vote has a draw from N(0, 1).

    Notes
    -----
    With state dependence the density of the member effect is not log-concave. It is computed on an even grid,
    and its distribution function is inverted, with a linear density between points.
    """
    drawn = np.ascontiguousarray(ndtri(uniform))
    votes = max(1, int((codes >= 0).sum(axis=1).max(initial=1)))
    arguments = (
        np.ascontiguousarray(codes, np.int8),
        repeated_votes(codes),
        np.ascontiguousarray(date, np.int64),
        *(
            np.ascontiguousarray(part, np.float64)
            for part in (positions, slopes, cuts, sd, persistence, uniform)
        ),
        2.0 * _REACH * float(np.sqrt(votes)) * _DENSITY[link],
        _REACH,
        link == "probit",
    )
    parts = iter([(k, min(k + _AT_A_TIME, len(sd))) for k in range(0, len(sd), _AT_A_TIME)])
    kernel = _kernel()

    def work() -> None:
        # An iterator over a list hands every part to one thread alone.
        for begin, end in parts:
            kernel(*arguments, begin, end, drawn)

    together(work, min(core_count(), -(-len(sd) // _AT_A_TIME)))
    return drawn
