"""Random draws of votes from the ordered-response model."""

import numpy as np
from numpy.typing import NDArray

from voteshift.likelihood.terms import AnyLink, cumulative

__all__ = ["draw_categories", "draw_codes"]

Floats = NDArray[np.float64]
_ROWS = 256


def draw_codes(
    positions: Floats,
    discriminations: Floats,
    cutpoints: Floats,
    n_categories: NDArray[np.int8],
    period: NDArray[np.int32],
    *,
    link: AnyLink,
    rng: np.random.Generator,
) -> NDArray[np.int8]:
    """Draw the category of every member in every roll call.

    Parameters
    ----------
    positions : ndarray, shape (n_periods, n_members, n_dims)
        Ideal points.
    discriminations, cutpoints : ndarray, shape (n_rollcalls, n_dims) and (n_rollcalls, 2)
        Parameters of each roll call's item.
    n_categories : ndarray of int8, shape (n_rollcalls,)
        Number of categories, 2 or 3. With two categories, the second cutpoint is not used.
    period : ndarray of int32, shape (n_rollcalls,)
        Period of each roll call.
    link : {"logit", "probit"} or Noise
        Distribution of the noise.
    rng : Generator
        Source of randomness.

    Returns
    -------
    ndarray of int8, shape (n_members, n_rollcalls)
        Categories 0 .. K - 1. The function goes through blocks of members to save memory.
    """
    n_members, n_rollcalls = positions.shape[1], len(period)
    second = np.where(n_categories == 3, cutpoints[:, 1], np.inf)
    codes = np.empty((n_members, n_rollcalls), dtype=np.int8)
    for begin in range(0, n_members, _ROWS):
        rows = slice(begin, min(begin + _ROWS, n_members))
        eta = np.empty((rows.stop - begin, n_rollcalls))
        for moment in np.unique(period):
            columns = period == moment
            eta[:, columns] = positions[moment, rows] @ discriminations[columns].T
        codes[rows] = draw_categories(eta, cutpoints[:, 0], second, link, rng)
    return codes


def draw_categories(
    eta: Floats, first: Floats, second: Floats, link: AnyLink, rng: np.random.Generator
) -> NDArray[np.int8]:
    """Draw a category for every linear predictor.

    Parameters
    ----------
    eta : ndarray
        Linear predictors.
    first, second : ndarray, broadcastable
        Cutpoints. The second is infinite if an item has two categories.
    link : {"logit", "probit"} or Noise
        Distribution of the noise. A `Noise` has no quantile function, so its votes are drawn from their
        probabilities instead of their latent values.
    rng : Generator
        Source of randomness.
    """
    if isinstance(link, str):
        noise = rng.logistic if link == "logit" else rng.normal
        latent = noise(size=eta.shape) + eta
        return (latent > first).astype(np.int8) + (latent > second)
    uniform = rng.random(eta.shape)
    # An infinite cutpoint has no votes above it, whatever F says of infinity.
    above = np.isfinite(second) & (
        uniform > cumulative(np.where(np.isfinite(second), second, 0.0) - eta, link)
    )
    return np.asarray((uniform > cumulative(first - eta, link)).astype(np.int8) + above)
