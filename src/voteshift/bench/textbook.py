"""Code for comparison: value and gradient written in NumPy as in a textbook, with whole matrices in float64.

The code was written before the kernels were tuned and has not changed since. The code does not treat tails
and rare categories specially.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_ndtr, ndtr

__all__ = ["binary_logit", "binary_probit", "ordered"]

Codes = NDArray[np.int8]
Floats = NDArray[np.float64]


def binary_logit(
    codes: Codes, positions: Floats, slopes: Floats, cuts: Floats
) -> tuple[float, Floats, Floats, Floats]:
    """Return value and gradient (positions, slopes, cuts) of P(1) = s(x b - k) over the votes cast."""
    eta = np.outer(positions, slopes) - cuts
    cast = codes >= 0
    signed = np.where(codes == 1, eta, -eta)
    value = -np.logaddexp(0.0, -signed)[cast].sum()
    residual = np.where(cast, codes - expit(eta), 0.0)
    return value, residual @ slopes, positions @ residual, -residual.sum(axis=0)


def binary_probit(
    codes: Codes, positions: Floats, slopes: Floats, cuts: Floats
) -> tuple[float, Floats, Floats, Floats]:
    """Return value and gradient (positions, slopes, cuts) of P(1) = Phi(x b - k) over the votes cast."""
    eta = np.outer(positions, slopes) - cuts
    cast = codes >= 0
    sign = np.where(codes == 1, 1.0, -1.0)
    log_p = log_ndtr(sign * eta)
    value = log_p[cast].sum()
    score = np.where(cast, sign * np.exp(-0.5 * eta**2 - log_p) / np.sqrt(2.0 * np.pi), 0.0)
    return value, score @ slopes, positions @ score, -score.sum(axis=0)


def ordered(
    codes: Codes,
    positions: Floats,
    slopes: Floats,
    first: Floats,
    second: Floats,
    link: Literal["logit", "probit"] = "logit",
) -> tuple[float, Floats, Floats, Floats, Floats]:
    """Return value and gradient (positions, slopes, first, second cut) of three ordered categories."""
    eta = np.outer(positions, slopes)
    below, above = first - eta, second - eta
    if link == "logit":
        low, high = expit(below), expit(above)
        d_low, d_high = low * (1.0 - low), high * (1.0 - high)
    else:
        low, high = ndtr(below), ndtr(above)
        d_low = np.exp(-0.5 * below**2) / np.sqrt(2.0 * np.pi)
        d_high = np.exp(-0.5 * above**2) / np.sqrt(2.0 * np.pi)
    cast = codes >= 0
    votes = np.where(cast, codes, 0)
    p = np.take_along_axis(np.stack([low, high - low, 1.0 - high]), votes[None].astype(np.int64), axis=0)[0]
    value = np.log(p)[cast].sum()
    by_first = cast * np.where(votes == 0, d_low, np.where(votes == 1, -d_low, 0.0)) / p
    by_second = cast * np.where(votes == 1, d_high, np.where(votes == 2, -d_high, 0.0)) / p
    score = -(by_first + by_second)
    return value, score @ slopes, positions @ score, by_first.sum(axis=0), by_second.sum(axis=0)
