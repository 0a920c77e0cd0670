"""Probabilities of votes and simulated votes in draws of a posterior, as NumPy arrays."""

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.laplace import JointDraws
from voteshift.likelihood.draw import draw_categories
from voteshift.likelihood.terms import AnyLink, cumulative, log_cumulative

__all__ = [
    "all_probabilities",
    "blocks",
    "cast_cells",
    "linear_predictors",
    "log_probabilities",
    "new_votes",
    "some_draws",
]

Floats = NDArray[np.float64]
_CELLS = 2_000_000


def cast_cells(codes: NDArray[np.int8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return row and column of every vote cast, in the order of roll calls."""
    column, member = np.nonzero(codes.T >= 0)
    return member, column


def blocks(n_draws: int, n_cells: int) -> Iterator[NDArray[np.intp]]:
    """Split draws into blocks of at most two million array elements, or of a single draw."""
    size = max(1, _CELLS // max(n_cells, 1))
    for begin in range(0, n_draws, size):
        yield np.arange(begin, min(begin + size, n_draws))


def linear_predictors(draws: JointDraws, member: NDArray[np.intp], column: NDArray[np.intp]) -> Floats:
    """Return x . beta for pairs of a member and a roll call.

    Parameters
    ----------
    draws : JointDraws
        Positions of shape (n_draws, n_members, n_dims), or in a dynamic model (n_draws, n_rollcalls,
        n_members, n_dims), and the items of the roll calls.
    member, column : ndarray of int, shape (n_pairs,)
        Row of the member and column of the roll call of each pair.

    Returns
    -------
    ndarray, shape (n_draws, n_pairs)
    """
    positions = draws.positions
    of_pairs = positions[:, column, member] if positions.ndim == 4 else positions[:, member]
    return np.asarray(np.einsum("kvd,kvd->kv", of_pairs, draws.discriminations[:, column]))


def some_draws(draws: JointDraws, chosen: NDArray[np.intp]) -> JointDraws:
    """Return the draws with the selected row numbers."""
    return JointDraws(draws.positions[chosen], draws.discriminations[chosen], draws.cutpoints[chosen])


def all_probabilities(draws: JointDraws, kinds: NDArray[np.int8], link: AnyLink) -> Floats:
    """Return P(category) of every member in every roll call, with full relative precision in the tails.

    Parameters
    ----------
    draws : JointDraws
        As in `linear_predictors`.
    kinds : ndarray of int8, shape (n_rollcalls,)
        Number of categories K of each roll call.
    link : {"logit", "probit"} or Noise
        Distribution of the noise.

    Returns
    -------
    ndarray, shape (n_draws, n_members, n_rollcalls, 3)
        Probabilities of the categories 0 to K - 1. If a roll call has two categories, the third probability
        is 0.
    """
    letters = "kjid,kjd->kij" if draws.positions.ndim == 4 else "kid,kjd->kij"
    eta = np.einsum(letters, draws.positions, draws.discriminations)
    three = kinds == 3
    below, above = (draws.cutpoints[:, None, :, end] - eta for end in (0, 1))
    # Both ends of the middle category are computed as tail probabilities, to keep their relative precision.
    right = below + above > 0
    middle = cumulative(np.where(right, -below, above), link) - cumulative(
        np.where(right, -above, below), link
    )
    return np.stack(
        [
            cumulative(below, link),
            np.where(three, middle, cumulative(-below, link)),
            np.where(three, cumulative(-above, link), 0.0),
        ],
        axis=-1,
    )


def log_probabilities(
    codes: NDArray[np.int8], kinds: NDArray[np.int8], eta: Floats, cutpoints: Floats, link: AnyLink
) -> Floats:
    """Return the log-probability of votes, with full relative precision in the tails.

    Parameters
    ----------
    codes : ndarray of int8, shape (n_votes,)
        The category of each vote, 0 to K - 1.
    kinds : ndarray of int8, shape (n_votes,)
        Number of categories K of each vote's roll call.
    eta : ndarray, shape (n_draws, n_votes)
        Linear predictors.
    cutpoints : ndarray, shape (n_draws, n_votes, 2)
        Cutpoints of the roll call of each vote. With two categories, only the first cutpoint is used.
    link : {"logit", "probit"} or Noise
        Distribution of the noise.

    Returns
    -------
    ndarray, shape (n_draws, n_votes)
    """
    tail = partial(log_cumulative, link=link)
    low = codes == 0
    high = (codes == kinds - 1) & ~low
    middle = ~(low | high)
    result = np.empty_like(eta)
    result[:, low] = tail(cutpoints[:, low, 0] - eta[:, low])
    last = np.where(kinds[high] == 3, 1, 0)
    result[:, high] = tail(eta[:, high] - cutpoints[:, np.flatnonzero(high), last])
    below, above = (cutpoints[:, middle, end] - eta[:, middle] for end in (0, 1))
    if link == "logit":
        result[:, middle] = tail(above) + tail(-below) + _log1mexp(above - below)
    else:  # both ends are computed as tail probabilities, to keep their relative precision
        right = below + above > 0
        near, far = tail(np.where(right, -below, above)), tail(np.where(right, -above, below))
        result[:, middle] = near + _log1mexp(near - far)
    return result


def _log1mexp(distance: Floats) -> Floats:
    """Return log(1 - exp(-distance)) of positive distances."""
    with np.errstate(divide="ignore"):
        return np.asarray(
            np.where(distance > np.log(2.0), np.log1p(-np.exp(-distance)), np.log(-np.expm1(-distance)))
        )


def new_votes(
    kinds: NDArray[np.int8], eta: Floats, cutpoints: Floats, link: AnyLink, rng: np.random.Generator
) -> NDArray[np.int8]:
    """Simulate votes with codes 0 to K - 1; the arguments are the same as for `log_probabilities`."""
    second = np.where(kinds == 3, cutpoints[..., 1], np.inf)
    return draw_categories(eta, cutpoints[..., 0], second, link, rng)
