"""Draws of member effects from their posterior, given positions, items and votes."""

import functools
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from voteshift.likelihood.terms import Link
from voteshift.likelihood.threads import core_count, together

__all__ = ["draw_member_effects"]

Floats = NDArray[np.float64]
_AT_A_TIME: Final = 25


@functools.cache
def _kernel() -> Callable[..., Any]:
    from voteshift.likelihood import kernels_member_effects
    from voteshift.likelihood.compiling import compiled

    return compiled(kernels_member_effects.draw, kernels_member_effects.signature())  # type: ignore[no-untyped-call]


def draw_member_effects(
    codes: NDArray[np.int8],
    date: NDArray[np.intp],
    positions: Floats,
    slopes: Floats,
    cuts: Floats,
    sd: Floats,
    uniform: Floats,
    *,
    link: Link,
) -> Floats:
    """Draw the standardised member effect z of every member, in every draw of positions and items.

    P(y_iv <= c) = F(kappa_c - x_i . beta - sigma z_i) with z_i ~ N(0, 1). Each draw inverts the distribution
    function of the posterior of z_i, which is computed on points chosen for this posterior. The error of the
    distribution is below 0.005 in total variation for every sigma.

    Parameters
    ----------
    codes : ndarray of int8, shape (n_members, n_versions)
        0 no, 1 abstain, 2 yes; negative for no vote.
    date : ndarray of int, shape (n_versions,)
        Index of the positions at each version.
    positions : ndarray, shape (n_draws, n_dates, n_members, n_dims)
        Positions.
    slopes, cuts : ndarray, shape (n_draws, n_versions, n_dims) and (n_draws, n_versions, 2)
        Discriminations, and the cutpoints no|abstain and abstain|yes, which may be infinite.
    sd : ndarray, shape (n_draws,)
        Standard deviation sigma of the member effect.
    uniform : ndarray, shape (n_draws, n_members)
        Uniform random numbers in (0, 1).
    link : {"logit", "probit"}
        Distribution of the noise.

    Returns
    -------
    ndarray, shape (n_draws, n_members)
        A member without a vote has a draw from N(0, 1).
    """
    drawn = np.ascontiguousarray(ndtri(uniform))
    arguments = (
        np.ascontiguousarray(codes, np.int8),
        np.ascontiguousarray(date, np.int64),
        *(np.ascontiguousarray(part, np.float64) for part in (positions, slopes, cuts, sd, uniform)),
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
