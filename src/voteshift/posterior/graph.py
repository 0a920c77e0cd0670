"""The log-likelihood as a plain PyTensor graph, which can be read and changed.

The graph computes the same value as the compiled kernel.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytensor.tensor as pt

from voteshift.ideal.links import CustomLink
from voteshift.likelihood import Design
from voteshift.likelihood.terms import AnyLink

__all__ = ["log_likelihood_graph", "log_probabilities"]

_SQRT_2 = np.float64(np.sqrt(2.0))


def log_likelihood_graph(
    design: Design, positions: Any, discriminations: Any, cutpoints: Any, *, link: AnyLink
) -> Any:
    """Return the sum of log-probabilities of the votes cast.

    Parameters
    ----------
    design : Design
        Votes, periods and items.
    positions, discriminations, cutpoints : tensors
        Shapes (n_periods, n_members, n_dims), (n_items, n_dims) and (n_items, 2).
    link : {"logit", "probit"} or CustomLink
        Distribution of the noise.
    """
    member, column = np.nonzero(design.codes >= 0)
    item = design.item[column]
    eta = (positions[design.period[column], member] * discriminations[item]).sum(axis=-1)
    return log_probabilities(
        design.codes[member, column], design.n_categories[item], eta, cutpoints[item], link=link
    ).sum()


def log_probabilities(codes: Any, n_categories: Any, eta: Any, cutpoints: Any, *, link: AnyLink) -> Any:
    """Return the log-probability of each vote.

    Parameters
    ----------
    codes, n_categories : ndarray of int8, shape (n_votes,)
        The category of each vote, and the number of categories of its item.
    eta : tensor, shape (n_votes,)
        Linear predictors.
    cutpoints : tensor, shape (n_votes, 2)
        Cutpoints of the items.
    link : {"logit", "probit"} or CustomLink
        Distribution of the noise.

    Notes
    -----
    Votes in the lowest, middle and highest category are computed separately. With a conditional expression,
    infinite values of the unused branch would enter the gradient. The probability of the lowest category is
    P(y <= 0), of the highest category P(y > last), and of the middle category the difference between the
    distribution functions at its two cutpoints.
    """
    low = np.flatnonzero(codes == 0)
    middle = np.flatnonzero((codes == 1) & (n_categories == 3))
    high = np.flatnonzero((codes == n_categories - 1) & (codes > 0))
    last = n_categories[high] - 2
    tail = _log_cdf(link)
    above = cutpoints[middle, 1] - eta[middle]
    below = cutpoints[middle, 0] - eta[middle]
    if link == "logit":
        inside = tail(above) + tail(-below) + pt.log1mexp(below - above)
    else:
        # Both ends are computed as tail probabilities, to keep their relative precision.
        right = below + above > 0
        near, far = pt.switch(right, -below, above), pt.switch(right, -above, below)
        inside = tail(near) + pt.log1mexp(tail(far) - tail(near))
    result = pt.zeros(eta.shape)
    result = pt.set_subtensor(result[low], tail(cutpoints[low, 0] - eta[low]))
    result = pt.set_subtensor(result[high], tail(eta[high] - cutpoints[high, last]))
    return pt.set_subtensor(result[middle], inside)


def _log_cdf(link: AnyLink) -> Callable[[Any], Any]:
    """Return the function of a PyTensor variable that gives log F."""
    if isinstance(link, str):
        return {"logit": _log_logistic, "probit": _log_normal}[link]
    if isinstance(link, CustomLink):
        return link.log_cdf
    raise TypeError(f"link is of type {type(link).__name__}, but must be a name or a CustomLink")


def _log_logistic(z: Any) -> Any:
    """Return the log of the logistic distribution function."""
    return -pt.softplus(-z)


def _log_normal(z: Any) -> Any:
    """Return the log of the normal distribution function."""
    # PyTensor's log_ndtr does not always have a Numba implementation. erfcx has one and does not underflow in
    # the lower tail. In the upper tail 1 - P is small, and log1p keeps its precision.
    left, right = pt.minimum(z, np.float64(0.0)), pt.maximum(z, np.float64(0.0))
    tail = pt.log(np.float64(0.5) * pt.erfcx(-left / _SQRT_2)) - np.float64(0.5) * left**2
    return pt.switch(z < 0, tail, pt.log1p(-np.float64(0.5) * pt.erfc(right / _SQRT_2)))
