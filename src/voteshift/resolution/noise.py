"""The noise of a vote: its distribution, and draws of the noise given the vote on record.

The latent value of a vote is eta + e, where the noise e is logistic or normal. The cutpoints of the roll call
divide the latent values into categories. A vote on record therefore bounds e: lower - eta < e < upper - eta.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr, ndtri

from voteshift.ideal.objective import Link

__all__ = ["between", "cumulative", "quantile"]

Floats = NDArray[np.float64]


def cumulative(z: Floats, link: Link) -> Floats:
    """Return P(e <= z)."""
    values: Floats = expit(z) if link == "logit" else ndtr(z)
    return values


def quantile(p: Floats, link: Link) -> Floats:
    """Return the number z for which P(e <= z) = p."""
    values: Floats = logit(p) if link == "logit" else ndtri(p)
    return values


def between(lower: Floats, upper: Floats, uniform: Floats, link: Link) -> Floats:
    """Draw noise between two bounds by inversion of the distribution function.

    Parameters
    ----------
    lower, upper : ndarray, broadcastable
        Bounds of the noise. Each bound may be infinite.
    uniform : ndarray
        Uniform random numbers in [0, 1), one for every draw.
    link : {"logit", "probit"}
        Distribution of the noise.

    Returns
    -------
    ndarray
        Draws within the bounds.

    Notes
    -----
    If the lower bound is positive, both bounds are mirrored into the lower tail, where probabilities keep
    their relative precision. If the bounds are so far in the tail that the probability underflows, the bound
    closer to 0 is returned.
    """
    mirrored = lower > 0
    a, b = np.where(mirrored, -upper, lower), np.where(mirrored, -lower, upper)
    low, high = cumulative(a, link), cumulative(b, link)
    inside = np.clip(quantile(low + uniform * (high - low), link), a, b)
    inside = np.where(np.isfinite(inside), inside, np.where(np.isfinite(b), b, a))
    return np.where(mirrored, -inside, inside)
