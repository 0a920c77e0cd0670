"""The terms of single votes: log P of a category and its derivatives, with relative error below 1e-12.

For a vote between the cutpoints lower and upper, with eta the linear predictor,

    log P = log[F(above) - F(below)],    above = upper - eta,  below = lower - eta,

with F logistic, normal or given by a `Noise`, and lower or upper infinite for the categories at the ends.
This formula loses precision if the category is narrow, and it underflows in the tails. It is therefore never
computed in this form; see `_logit`, `_probit` and `_other`. Derivatives by eta are computed separately, and
not as minus the sum of the derivatives by the cutpoints: the latter are of order 1 / width, and their sum is
of order 1.
"""

from itertools import pairwise
from typing import Literal, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfcx, expit, log_expit, log_ndtr, ndtr

__all__ = [
    "AnyLink",
    "Link",
    "Noise",
    "VoteTerms",
    "category_probabilities",
    "cumulative",
    "log_cumulative",
    "log_probabilities",
    "vote_terms",
]

Link = Literal["logit", "probit"]
Floats = NDArray[np.float64]


class Noise(Protocol):
    """A distribution function F of the noise that is symmetric about 0."""

    @property
    def name(self) -> str:
        """Name of the link."""

    def derivatives(self, z: Floats) -> tuple[Floats, Floats, Floats]:
        """Return log F(z) and its first two derivatives, in the shape of z."""


AnyLink: TypeAlias = Link | Noise

LOG_SQRT_2PI = 0.5 * np.log(2.0 * np.pi)
# Gauss-Legendre on [0, 1/2], the upper half of a symmetric rule with 20 nodes on [-1/2, 1/2].
_NODES, _WEIGHTS = (rule[10:] / 2.0 for rule in np.polynomial.legendre.leggauss(20))
# Gauss-Legendre with 5 nodes on each of 8 parts of [0, 1].
_PANELS = ((np.arange(8)[:, None] + 0.5 + np.polynomial.legendre.leggauss(5)[0] / 2.0) / 8.0).ravel()
_PANEL_WEIGHTS = np.tile(np.polynomial.legendre.leggauss(5)[1] / 16.0, 8)
# Widths, and distances of log F between the ends, below which the middle category is integrated; and the
# length of the integral in lengths over which the density falls by a factor e.
_NARROW, _LOST, _REACH = 0.01, 1e-7, 35.0


class VoteTerms(NamedTuple):
    """Log P of votes and its derivatives, arrays of one shape; "info" is minus a second derivative.

    Derivatives by an infinite cutpoint are 0.
    """

    log_p: Floats
    by_eta: Floats
    by_lower: Floats
    by_upper: Floats
    info_eta: Floats
    info_eta_lower: Floats
    info_eta_upper: Floats
    info_lower: Floats
    info_lower_upper: Floats
    info_upper: Floats


def vote_limits(
    cutpoints: Floats, codes: NDArray[np.int8], n_categories: NDArray[np.int8]
) -> tuple[Floats, Floats]:
    """Return the cutpoints around the category of each vote, infinite at the ends of the scale.

    Parameters
    ----------
    cutpoints : ndarray, shape (n_votes, 2)
        Cutpoints of the item of each vote. With two categories, only the first is used.
    codes, n_categories : ndarray of int, shape (n_votes,)
        Category of each vote, 0 to K - 1, and K.
    """
    rows = np.arange(len(codes))
    lower = np.where(codes > 0, cutpoints[rows, np.maximum(codes - 1, 0)], -np.inf)
    upper = np.where(codes < n_categories - 1, cutpoints[rows, np.minimum(codes, 1)], np.inf)
    return lower, upper


def cumulative(z: Floats, link: AnyLink) -> Floats:
    """Return F(z)."""
    if isinstance(link, str):
        values: Floats = expit(z) if link == "logit" else ndtr(z)
        return values
    return np.exp(link.derivatives(z)[0])


def log_cumulative(z: Floats, link: AnyLink) -> Floats:
    """Return log F(z), with full relative precision in the tails."""
    if isinstance(link, str):
        values: Floats = log_expit(z) if link == "logit" else log_ndtr(z)
        return values
    return link.derivatives(z)[0]


def vote_terms(
    eta: Floats, lower: Floats | float, upper: Floats | float, link: AnyLink = "logit"
) -> VoteTerms:
    """Return log P and its derivatives, vote by vote.

    Parameters
    ----------
    eta, lower, upper : ndarray or float, broadcastable
        Linear predictor and the cutpoints around the category of the vote, ``lower < upper``. One of the two
        cutpoints can be infinite.
    link : {"logit", "probit"} or Noise
        Distribution of the noise.

    Returns
    -------
    VoteTerms
        The relative error of ``log_p`` and of the first derivatives is at most 1e-12. This holds if abs(eta)
        is at most 40 (logit) or 30 (probit), and cutpoints are at least 1e-9 apart. With a `Noise`, the error
        also depends on its function.
    """
    eta, lower, upper = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (eta, lower, upper)))
    if isinstance(link, str):
        return _logit(eta, lower, upper) if link == "logit" else _probit(eta, lower, upper)
    return _other(eta, lower, upper, link)


def log_probabilities(eta: Floats, lower: Floats, upper: Floats, link: AnyLink = "logit") -> Floats:
    """Return log P, vote by vote: `log_p` of `vote_terms`, faster without the derivatives.

    Parameters
    ----------
    eta, lower, upper, link
        As in `vote_terms`.
    """
    if link != "logit":
        return vote_terms(eta, lower, upper, link).log_p
    ends_below = np.isinf(lower)
    closed = ~(ends_below | np.isinf(upper))
    if not closed.any():
        end: Floats = log_expit(np.where(ends_below, upper - eta, eta - lower))
        return end
    middle: Floats = np.where(closed, _log_width(np.where(closed, upper - lower, 1.0)), 0.0)
    return log_expit(upper - eta) + log_expit(eta - lower) + middle


def _log_width(width: Floats) -> Floats:
    """Return log(1 - exp(-width)): by log1p where it is near 1, by expm1 where it is near 0."""
    return np.where(width > 0.7, np.log1p(-np.exp(-width)), np.log(-np.expm1(-width)))


def _logit(eta: Floats, lower: Floats, upper: Floats) -> VoteTerms:
    """Compute terms for logistic noise from P = s(above) s(-below) (1 - exp(lower - upper)), s logistic."""
    above, below = upper - eta, lower - eta
    ends_below, ends_above = np.isinf(lower), np.isinf(upper)
    closed = ~(ends_below | ends_above)
    width = np.where(closed, upper - lower, 1.0)
    thin = np.where(closed, np.exp(-width) / -np.expm1(-width), 0.0)
    bend = thin * (1.0 + thin)
    bend_above, bend_below = expit(above) * expit(-above), expit(below) * expit(-below)
    # s(below) - s(-above), of which either may be far larger than the difference.
    high, low = np.maximum(below, -above), np.minimum(below, -above)
    by_eta = np.where(below < -above, -1.0, 1.0) * expit(high) * expit(-low) * -np.expm1(low - high)
    return VoteTerms(
        log_p=log_expit(above) + log_expit(-below) + np.where(closed, _log_width(width), 0.0),
        by_eta=by_eta,
        by_lower=np.where(ends_below, 0.0, -expit(below) - thin),
        by_upper=np.where(ends_above, 0.0, expit(-above) + thin),
        info_eta=bend_above + bend_below,
        info_eta_lower=-bend_below,
        info_eta_upper=-bend_above,
        info_lower=bend_below + bend,
        info_lower_upper=-bend,
        info_upper=bend_above + bend,
    )


def _mills(u: Floats) -> Floats:
    """Mills ratio (1 - Phi(u)) / phi(u)."""
    ratio: Floats = np.sqrt(np.pi / 2.0) * erfcx(u / np.sqrt(2.0))
    return ratio


def _probit(eta: Floats, lower: Floats, upper: Floats) -> VoteTerms:
    """Compute terms for normal noise: end categories by the Mills ratio, the middle by `_probit_middle`."""
    above, below = upper - eta, lower - eta
    ends_below, ends_above = np.isinf(lower), np.isinf(upper)
    closed = ~(ends_below | ends_above)
    side = np.where(ends_below, 1.0, -1.0)
    z = np.where(ends_below, above, np.where(ends_above, -below, 0.0))
    # Not as one over the Mills ratio, which overflows a little before erfcx becomes infinite and this 0.
    hazard = np.sqrt(2.0 / np.pi) / erfcx(-z / np.sqrt(2.0))
    bend = hazard * (z + hazard)
    end = VoteTerms(
        log_p=log_ndtr(z),
        by_eta=-side * hazard,
        by_lower=np.where(ends_below, 0.0, -hazard),
        by_upper=np.where(ends_below, hazard, 0.0),
        info_eta=bend,
        info_eta_lower=np.where(ends_below, 0.0, -bend),
        info_eta_upper=np.where(ends_below, -bend, 0.0),
        info_lower=np.where(ends_below, 0.0, bend),
        info_lower_upper=np.zeros_like(z),
        info_upper=np.where(ends_below, bend, 0.0),
    )
    if not closed.any():
        return end
    middle = _probit_middle(
        np.where(closed, below, -1.0), np.where(closed, above, 1.0), upper - lower, closed
    )
    return VoteTerms(
        *(np.where(closed, inside, outside) for inside, outside in zip(middle, end, strict=True))
    )


def _probit_middle(below: Floats, above: Floats, width: Floats, closed: NDArray[np.bool_]) -> VoteTerms:
    """Compute terms for normal noise and two finite cutpoints, by the width of the interval between them.

    The interval is first reflected so that its midpoint m is not negative. Reflection changes the sign of
    eta, swaps the cutpoints and changes their signs.
    """
    width = np.where(closed, width, 2.0)
    centre = 0.5 * (above + below)
    flip = centre < 0.0
    m = np.abs(centre)
    narrow = width * np.maximum(1.0, m) <= 4.0
    a, b = np.where(flip, -above, below), np.where(flip, -below, above)
    # Either way is given harmless numbers where the other is taken.
    one = _narrow(np.where(narrow, m, 0.0), np.where(narrow, width, 1.0))
    other = _wide(
        *(np.where(narrow, safe, of) for safe, of in ((10.0, a), (20.0, b), (15.0, m), (10.0, width)))
    )
    log_p, mean, low, high, info, info_low, info_high, low_low, high_high = (
        np.where(narrow, a, b) for a, b in zip(one, other, strict=True)
    )
    return VoteTerms(
        log_p=log_p,
        by_eta=np.where(flip, -mean, mean),
        by_lower=-np.where(flip, high, low),
        by_upper=np.where(flip, low, high),
        info_eta=info,
        info_eta_lower=np.where(flip, info_high, info_low),
        info_eta_upper=np.where(flip, info_low, info_high),
        info_lower=np.where(flip, high_high, low_low),
        info_lower_upper=-low * high,
        info_upper=np.where(flip, low_low, high_high),
    )


def _narrow(m: Floats, w: Floats) -> tuple[Floats, ...]:
    """Integrate the normal over m -+ w / 2 by quadrature, with z = m + w s and positive terms only.

    P = phi(m) w S, with S the integral of exp(-m w s - w**2 s**2 / 2) over -1/2 < s < 1/2. The exponent stays
    below 4, so that 20 nodes are exact to rounding. Nodes are paired by symmetry, so that the mean of s (an
    odd function of m) keeps its relative precision near m = 0.
    """
    slope = (m * w)[..., None] * _NODES
    mass = 2.0 * _WEIGHTS * np.exp(-0.5 * (w[..., None] * _NODES) ** 2)
    even = (mass * np.cosh(slope)).sum(axis=-1)
    mean_s = -(mass * _NODES * np.sinh(slope)).sum(axis=-1) / even
    square_s = (mass * _NODES**2 * np.cosh(slope)).sum(axis=-1) / even
    edge = np.exp(-(w**2) / 8.0) / (w * even)
    low, high = edge * np.exp(0.5 * m * w), edge * np.exp(-0.5 * m * w)
    mean = 2.0 * edge * np.sinh(0.5 * m * w)
    return (
        -0.5 * m**2 - LOG_SQRT_2PI + np.log(w) + np.log(even),
        mean,
        low,
        high,
        1.0 - w**2 * (square_s - mean_s**2),
        -low * w * (0.5 + mean_s),
        -high * w * (0.5 - mean_s),
        low * (low - (m - 0.5 * w)),
        high * (high + (m + 0.5 * w)),
    )


def _wide(a: Floats, b: Floats, m: Floats, w: Floats) -> tuple[Floats, ...]:
    """Compute P = Phi(b) - Phi(a) for a wide interval a < z < b with midpoint m >= 0.

    If the interval is to the right of 0, P = phi(a) [R(a) - exp(-m w) R(b)], with R the Mills ratio; phi(a)
    is kept as a separate factor because it can underflow. If the interval contains 0, P is 1 minus two tails.
    """
    ratio = np.exp(-m * w)
    tail = a > 0.0
    tails = np.where(tail, _mills(np.abs(a)) - ratio * _mills(b), 1.0)
    outside = np.where(tail, 0.0, ndtr(-b) + ndtr(a))
    density = np.exp(-0.5 * np.where(tail, 0.0, a) ** 2 - LOG_SQRT_2PI)
    low = np.where(tail, 1.0 / tails, density / (1.0 - outside))
    high = ratio * low
    mean = low * -np.expm1(-m * w)
    return (
        np.where(tail, -0.5 * a**2 - LOG_SQRT_2PI + np.log(tails), np.log1p(-outside)),
        mean,
        low,
        high,
        mean**2 + high * b - low * a,
        low * (a - mean),
        -high * (b - mean),
        low * (low - a),
        high * (high + b),
    )


def _other(eta: Floats, lower: Floats, upper: Floats, noise: Noise) -> VoteTerms:
    """Compute terms for any symmetric noise from log F and its first two derivatives."""
    above, below = upper - eta, lower - eta
    ends_below, ends_above = np.isinf(lower), np.isinf(upper)
    closed = ~(ends_below | ends_above)
    side = np.where(ends_below, 1.0, -1.0)
    log_p, slope, bend = noise.derivatives(np.where(ends_below, above, np.where(ends_above, -below, 0.0)))
    end = VoteTerms(
        log_p=log_p,
        by_eta=-side * slope,
        by_lower=np.where(ends_below, 0.0, -slope),
        by_upper=np.where(ends_below, slope, 0.0),
        info_eta=-bend,
        info_eta_lower=np.where(ends_below, 0.0, bend),
        info_eta_upper=np.where(ends_below, bend, 0.0),
        info_lower=np.where(ends_below, 0.0, -bend),
        info_lower_upper=np.zeros_like(log_p),
        info_upper=np.where(ends_below, -bend, 0.0),
    )
    if not closed.any():
        return end
    middle = _middle(below[closed], above[closed], (upper - lower)[closed], noise)
    for outside, inside in zip(end, middle, strict=True):
        outside[closed] = inside
    return end


def _log_density(z: Floats, noise: Noise) -> tuple[Floats, Floats]:
    """Return log f(z) and f'(z) / f(z), from the lower tail, where F keeps its relative precision."""
    log_p, slope, bend = noise.derivatives(-np.abs(z))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(slope > 0.0, slope + bend / slope, 0.0)
        return log_p + np.log(slope), np.where(z > 0.0, -ratio, ratio)


def _middle(a: Floats, b: Floats, width: Floats, noise: Noise) -> VoteTerms:
    """Compute terms of a < z < b from F and the densities at both ends.

    Integrals replace differences between the ends if these lose their precision: in narrow intervals, and
    far from 0 if F does not go to 0.
    """
    right = a + b > 0.0
    near, far = (noise.derivatives(np.where(right, -one, other))[0] for one, other in ((a, b), (b, a)))
    (log_low, bend_low), (log_high, bend_high) = (_log_density(z, noise) for z in (a, b))
    narrow = width < _NARROW
    lost = narrow | (near - far < _LOST)
    log_p = near + _log_width(np.where(lost, 1.0, near - far))
    growth, mean = np.zeros_like(log_p), np.zeros_like(log_p)
    if lost.any():
        rate = np.abs(np.where(right, bend_low, bend_high))[lost]
        span = np.minimum(width[lost], _REACH / np.maximum(rate, 1e-300))
        log_p[lost], mean[lost], slope = _integrate(
            np.where(right, a, b)[lost], np.where(right[lost], span, -span), noise
        )
        growth[narrow] = slope[narrow[lost]] * width[narrow]
    low = np.exp(log_low - log_p)
    high = np.where(narrow, low * np.exp(growth), np.exp(log_high - log_p))
    by_eta = np.where(lost, -mean, low - high)
    rise = bend_high - bend_low + bend_high * np.expm1(growth)
    bend = np.where(narrow, low * rise, high * bend_high - low * bend_low)
    return VoteTerms(
        log_p=log_p,
        by_eta=by_eta,
        by_lower=-low,
        by_upper=high,
        info_eta=by_eta**2 - bend,
        info_eta_lower=-low * (by_eta + bend_low),
        info_eta_upper=high * (by_eta + bend_high),
        info_lower=low * (low + bend_low),
        info_lower_upper=-low * high,
        info_upper=high * (high - bend_high),
    )


def _integrate(begin: Floats, span: Floats, noise: Noise) -> tuple[Floats, Floats, Floats]:
    """Return the log of the integral of f over begin + (0, span), and the means of f' / f by f and by z."""
    log_f, bend = _log_density(begin[:, None] + span[:, None] * _PANELS, noise)
    highest = log_f.max(axis=1)
    mass = _PANEL_WEIGHTS * np.exp(log_f - highest[:, None])
    total = mass.sum(axis=1)
    log_p = highest + np.log(total) + np.log(np.abs(span))
    return log_p, np.sum(mass * bend, axis=1) / total, np.sum(_PANEL_WEIGHTS * bend, axis=1)


def category_probabilities(
    eta: Floats, cutpoints: Floats, n_categories: int, link: AnyLink = "logit"
) -> Floats:
    """Return P(category) with categories last.

    Parameters
    ----------
    eta : ndarray
        Linear predictors.
    cutpoints : ndarray, shape (2,)
        Cutpoints of the item, increasing. The second cutpoint of an item with two categories is not used.
    n_categories : int
        Number of categories of the item, 2 or 3.
    link : {"logit", "probit"}
        Distribution of the noise.

    Returns
    -------
    ndarray, shape ``eta.shape + (n_categories,)``
    """
    bounds = [-np.inf, *cutpoints[: n_categories - 1].tolist(), np.inf]
    columns = [np.exp(vote_terms(eta, low, high, link).log_p) for low, high in pairwise(bounds)]
    return np.stack(columns, axis=-1)
