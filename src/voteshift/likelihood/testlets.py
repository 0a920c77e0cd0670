"""Log-likelihoods of many sets of votes on one resolution, with member effects integrated out."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from voteshift.likelihood.terms import Link
from voteshift.likelihood.threads import core_count, together

__all__ = ["Testlets", "evaluate_testlets"]

Floats = NDArray[np.float64]
#: Spacing of the grid in units of the latent scale for a single vote, and its largest point in standard
#: deviations. The bump that n votes of one member leave of the member effect is narrower by the root of n.
_COARSE: Final[dict[Link, tuple[float, float]]] = {"logit": (1.8, 5.0), "probit": (1.4, 5.0)}
_PRECISE: Final[dict[Link, tuple[float, float]]] = {"logit": (0.6, 6.0), "probit": (0.7, 6.0)}
_FEWEST = 21
#: Largest number of sets that a thread takes at a time, and the number of shares of a few sets.
_AT_A_TIME, _SHARES = 25, 8


@dataclass(frozen=True, slots=True)
class Testlets:
    """Log-likelihoods of sets of votes with their derivatives.

    The n_parameters parameters are the discriminations and two cutpoints of each item, then the standard
    deviation of the member effect. Derivatives by a parameter that an item does not have are 0.

    Attributes
    ----------
    value : ndarray, shape (n_sets,)
    gradient : ndarray, shape (n_sets, n_parameters)
    information : ndarray, shape (n_sets, n_parameters, n_parameters)
        Minus the second derivative.
    complete : ndarray, of the same shape
        The expected information if the member effects were known, which is never negative.
    """

    value: Floats
    gradient: Floats
    information: Floats
    complete: Floats


@functools.cache
def _kernel() -> Callable[..., Any]:
    from voteshift.likelihood import kernels_testlet
    from voteshift.likelihood.compiling import compiled

    return compiled(kernels_testlet.sweep, kernels_testlet.signature())  # type: ignore[no-untyped-call]


def _size_grid(
    codes: NDArray[np.int8], sd: Floats, link: Link, *, precise: bool
) -> tuple[NDArray[np.int64], float]:
    """Return the number of grid points of every set, shape (n_sets,), and the largest grid point."""
    spacing, reach = (_PRECISE if precise else _COARSE)[link]
    votes = max(1, int((codes >= 0).sum(axis=2).max(initial=1)))
    half = np.ceil(reach * np.abs(sd) * np.sqrt(votes) / spacing).astype(np.int64)
    return np.maximum(2 * half + 1, _FEWEST), reach


def evaluate_testlets(
    codes: NDArray[np.int8],
    date: NDArray[np.intp],
    item: NDArray[np.intp],
    positions: Floats,
    slopes: Floats,
    cuts: Floats,
    sd: Floats,
    *,
    persistence: Floats | None = None,
    link: Link = "logit",
    precise: bool = False,
) -> Testlets:
    """Return the log-likelihood of every set of votes, with the member effect integrated out.

    P(y_iv <= c) = F(kappa_c - x_i . beta - sigma z_i) with z_i ~ N(0, 1) shared by the member's votes. This
    is a testlet model (Bradlow, Wainer & Wang 1999, https://doi.org/10.1007/BF02294533). The integral is a
    sum over an equally spaced grid (Trefethen & Weideman 2014, https://doi.org/10.1137/130932132). For a
    smooth integrand with normal tails this rule converges geometrically. A Gauss-Hermite rule of the same
    size loses precision when sigma is several times the noise, so that the likelihood of z is nearly a step
    function; the grid does not.

    Parameters
    ----------
    codes : ndarray of int8, shape (n_members, n_sets, n_versions)
        0 no, 1 abstain, 2 yes; negative for no vote.
    date, item : ndarray of int, shape (n_versions,)
        Index of the positions at each version, and item of each version.
    positions : ndarray, shape (n_dates, n_members, n_dims)
        Positions, the same for all sets.
    slopes, cuts : ndarray, shape (n_sets, n_items, n_dims) and (n_sets, n_items, 2)
        Discriminations, and the cutpoints no|abstain and abstain|yes. If an item lacks a category, a cutpoint
        is infinite or both are equal, and its only cutpoint is the first of its two cutpoint parameters.
    sd : ndarray, shape (n_sets,)
        Standard deviation sigma of the member effect.
    persistence : ndarray, shape (n_sets,), optional
        State dependence rho: the probability that a vote repeats the vote that the member cast before it.
        With probability 1 - rho, and always for the first vote of a member, a vote is drawn from the model. 0
        by default. Versions are in date order.
    link : {"logit", "probit"}
        Distribution of the noise.
    precise : bool
        Use a grid on which a fit converges to its last digits. By default, the error is about 1e-5 for each
        member. In both cases, the number of points is proportional to sigma and to the root of the largest
        number of votes of a member, so that the error does not grow with sigma.
    """
    n_sets, n_items, n_dims = slopes.shape
    width = n_items * (n_dims + 2) + 1
    result = Testlets(
        np.zeros(n_sets),
        np.zeros((n_sets, width)),
        np.zeros((n_sets, width, width)),
        np.zeros((n_sets, width, width)),
    )
    points, reach = _size_grid(codes, sd, link, precise=precise)
    three = np.isfinite(cuts).all(axis=2) & (cuts[..., 0] < cuts[..., 1])
    arguments = (
        np.ascontiguousarray(codes, np.int8),
        np.ascontiguousarray(date, np.int64),
        np.ascontiguousarray(item, np.int64),
        np.ascontiguousarray(positions, np.float64),
        np.ascontiguousarray(slopes, np.float64),
        np.ascontiguousarray(cuts, np.float64),
        np.ascontiguousarray(three, np.bool_),
        np.ascontiguousarray(sd, np.float64),
        np.zeros(n_sets) if persistence is None else np.ascontiguousarray(persistence, np.float64),
        points,
        reach,
        link == "probit",
    )
    # Sets are independent: the size of a share changes no number, and does not depend on the machine.
    size = min(_AT_A_TIME, max(1, n_sets // _SHARES))
    parts = iter([(k, min(k + size, n_sets)) for k in range(0, n_sets, size)])
    kernel = _kernel()

    def work() -> None:
        # An iterator over a list hands every part to one thread alone.
        for begin, end in parts:
            kernel(*arguments, begin, end, result.value, result.gradient, result.information, result.complete)

    together(work, min(core_count(), -(-n_sets // size)))
    return result
