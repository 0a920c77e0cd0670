"""The noise of a vote: drawn from the model, or given the vote that it made.

A vote is the category of eta + e between the cutpoints of its roll call, e logistic or normal. A vote on
record bounds e: lower - eta < e < upper - eta.
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
    """Return the z with P(e <= z) = p."""
    values: Floats = logit(p) if link == "logit" else ndtri(p)
    return values


def between(lower: Floats, upper: Floats, uniform: Floats, link: Link) -> Floats:
    """Draw noise that lies between two bounds, by inverting its distribution function.

    Parameters
    ----------
    lower, upper : ndarray, broadcastable
        Bounds; either may be infinite.
    uniform : ndarray
        Uniform numbers in [0, 1), one for every draw.
    link : {"logit", "probit"}
        Distribution of the noise.

    Returns
    -------
    ndarray
        Within the bounds. Both in the upper tail are mirrored into the lower one, where probabilities keep
        their relative precision; so far out that the probability underflows, the nearer bound is returned.
    """
    mirrored = lower > 0
    a, b = np.where(mirrored, -upper, lower), np.where(mirrored, -lower, upper)
    low, high = cumulative(a, link), cumulative(b, link)
    inside = np.clip(quantile(low + uniform * (high - low), link), a, b)
    inside = np.where(np.isfinite(inside), inside, np.where(np.isfinite(b), b, a))
    return np.where(mirrored, -inside, inside)
