"""Items with two terms over a grid of positions: values, and updates of the EM algorithm.

An item is a row of cutpoints kappa_1 < kappa_2 and coefficients b and c. The probability of a category of
rank at most m is F(kappa_m - b s - c t), with logistic F and two terms s and t of the position. In one
dimension, the terms are x and x^2. In a plane, they are the two coordinates. The updates maximise the
expected log-likelihood of votes with uncertain positions by Fisher scoring.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logsumexp, ndtri

__all__ = [
    "LINE",
    "MIDDLE",
    "PLANE",
    "Grid",
    "Updated",
    "Values",
    "evaluate_items",
    "expected_logs",
    "is_monotone",
    "log_prior",
    "mean_probabilities",
    "rescale_items",
    "terms_of",
    "update_items",
    "update_monotone_items",
    "variances_at",
]

Floats = NDArray[np.float64]
#: Turning points between minus this number and this number are in the middle 80 % of N(0, 1).
MIDDLE: Final = float(ndtri(0.9))
_REACH: Final = 3.6  # largest distance of a node from 0
_LINE_NODES, _PLANE_NODES = 61, 25  # along an axis
_CUT_SD: Final = 5.0  # prior standard deviation of cutpoints
_EXTREME: Final = 500.0  # logit beyond which probabilities are 0 or 1
_HALVINGS: Final = 12
_LONGEST: Final = 2.0  # change of a parameter in one step
_ROUNDING: Final = 1e-9
_EDGE_STEPS: Final = 3  # scoring steps of an item whose turning point is at the edge of the middle


@dataclass(frozen=True, slots=True)
class Values:
    """Items evaluated at every node of the grid.

    Attributes
    ----------
    logs : ndarray, shape (n_rollcalls, n_nodes, 3)
        Log probability of every rank.
    below, above : ndarray, shape (2, n_rollcalls, n_nodes)
        Probability of a vote below and above each cutpoint.
    """

    logs: Floats
    below: Floats
    above: Floats


@dataclass(frozen=True, slots=True)
class Updated:
    """Items after an update.

    Attributes
    ----------
    items : ndarray, shape (n_rollcalls, 4)
        Two cutpoints, slope b and curvature c.
    covariances : ndarray, shape (n_rollcalls, 4, 4)
        Covariances of these parameters given the positions, from the information before the update; 0 for a
        c that is not free.
    log_det : ndarray, shape (n_rollcalls,)
        Log determinant of the covariances.
    determined : ndarray, shape (n_rollcalls,)
        Number of parameters that the votes determine and not the prior: from 0 to 4.
    """

    items: Floats
    covariances: Floats
    log_det: Floats
    determined: Floats


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid of positions, with the standard normal mass of every node.

    Attributes
    ----------
    nodes : ndarray, shape (n_nodes, n_dims)
        Positions.
    log_mass : ndarray, shape (n_nodes,)
        Log mass of every node.
    """

    nodes: Floats
    log_mass: Floats


def _make_grid(nodes: Floats) -> Grid:
    log_mass = -0.5 * (nodes**2).sum(axis=1)
    return Grid(nodes, log_mass - logsumexp(log_mass))


def _plane_nodes() -> Floats:
    axis = np.linspace(-_REACH, _REACH, _PLANE_NODES)
    square = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    return np.asarray(square[(square**2).sum(axis=1) <= _REACH**2])


LINE: Final = _make_grid(np.linspace(-_REACH, _REACH, _LINE_NODES)[:, None])
PLANE: Final = _make_grid(_plane_nodes())


def terms_of(positions: Floats) -> Floats:
    """Return the terms that b and c multiply: x and x^2, or the two coordinates; shape (n_nodes, 2)."""
    return positions if positions.shape[1] == 2 else np.column_stack([positions, positions**2])


def variances_at(covariances: Floats, terms: Floats) -> Floats:
    """Return the variances of cutpoint minus linear predictor at the nodes, shape (2, n_rollcalls, n_nodes).

    Parameters
    ----------
    covariances : ndarray, shape (n_rollcalls, 4, 4)
        Covariances of items.
    terms : ndarray, shape (n_nodes, 2)
        The terms that b and c multiply.
    """
    products = (terms[:, :, None] * terms[:, None, :]).reshape(len(terms), 4)
    of_terms = covariances[:, 2:, 2:].reshape(-1, 4) @ products.T
    across = covariances[:, :2, 2:].transpose(1, 0, 2) @ terms.T
    alone = np.stack([covariances[:, cut, cut] for cut in range(2)])
    return np.asarray(alone[:, :, None] - 2.0 * across + of_terms)


def expected_logs(values: Values, variances: Floats) -> Floats:
    """Return expected log probabilities under uncertain items, shape (n_rollcalls, n_nodes, 3).

    The expectation is to the second order in the deviation of an item from its mode.

    Parameters
    ----------
    values : Values
        The items at the nodes.
    variances : ndarray, shape (2, n_rollcalls, n_nodes)
        From `variances_at`.
    """
    low, high = 0.5 * values.below * values.above * variances
    return values.logs - np.stack([low, low + high, high], axis=2)


def mean_probabilities(items: Floats, variances: Floats, terms: Floats) -> Floats:
    """Return probabilities averaged over uncertain items, shape (n_rollcalls, n_nodes, 3).

    The average of a logistic function over a normal distribution is that of MacKay (1992,
    https://doi.org/10.1162/neco.1992.4.5.720): the logit is divided by sqrt(1 + pi v / 8).

    Parameters
    ----------
    items : ndarray, shape (n_rollcalls, 4)
        Two cutpoints and the coefficients b and c.
    variances : ndarray, shape (2, n_rollcalls, n_nodes)
        From `variances_at`.
    terms : ndarray, shape (n_nodes, 2)
        The terms that b and c multiply.
    """
    both = np.isfinite(items[:, 1])
    variance = np.where(both[:, None], variances.mean(axis=0), variances[0])
    z = items.T[:2, :, None] - items[:, 2:] @ terms.T
    low, high = expit(z / np.sqrt(1.0 + np.pi * variance / 8.0))
    return np.stack([low, high - low, 1.0 - high], axis=2)


def rescale_items(items: Floats, centre: Floats, scale: Floats) -> Floats:
    """Return items for positions u, where x = centre + scale u, with the same linear predictors.

    Parameters
    ----------
    items : ndarray, shape (n_rollcalls, 4)
        Two cutpoints and the coefficients b and c, for positions x.
    centre : ndarray, shape (n_dims,)
        Position x of u = 0.
    scale : ndarray, shape (n_dims, n_dims)
        Matrix of the linear map.
    """
    cuts, b, c = items[:, :2], items[:, 2], items[:, 3]
    if len(centre) == 2:
        return np.column_stack([cuts - items[:, 2:] @ centre[:, None], items[:, 2:] @ scale])
    middle, unit = float(centre[0]), float(scale[0, 0])
    moved = cuts - (b * middle + c * middle**2)[:, None]
    return np.column_stack([moved, unit * (b + 2.0 * c * middle), unit**2 * c])


def evaluate_items(items: Floats, terms: Floats) -> Values:
    """Evaluate items at the nodes of a grid.

    Parameters
    ----------
    items : ndarray, shape (n_rollcalls, 4)
        Two cutpoints and the coefficients b and c. The second cutpoint is infinite with two categories.
    terms : ndarray, shape (n_nodes, 2)
        The terms that b and c multiply.
    """
    return _evaluate(items[:, :2], items[:, 2:] @ terms.T)


def log_prior(items: Floats, sds: Floats) -> Floats:
    """Return the log prior density of items without its constant, shape (n_rollcalls,).

    Parameters
    ----------
    items : ndarray, shape (n_rollcalls, 2 + n_terms)
        Two cutpoints and the coefficients.
    sds : ndarray, shape (n_terms,)
        Prior standard deviations of the coefficients.
    """
    cuts = np.where(np.isfinite(items[:, :2]), items[:, :2], 0.0) / _CUT_SD
    return np.asarray(-0.5 * ((cuts**2).sum(axis=1) + ((items[:, 2:] / sds) ** 2).sum(axis=1)))


def is_monotone(items: Floats) -> NDArray[np.bool_]:
    """Return True for items without a turning point in the middle 80 % of positions."""
    return np.asarray(np.abs(items[:, 2]) >= 2.0 * MIDDLE * np.abs(items[:, 3]) - _ROUNDING)


def update_items(
    counts: Floats, items: Floats, values: Values, sds: Floats, terms: Floats, *, straight: bool = False
) -> Updated:
    """Take one step of Fisher scoring in every item, halved until the expected log posterior rises.

    Parameters
    ----------
    counts : ndarray, shape (n_rollcalls, n_nodes, 3)
        Expected number of votes of every rank at every node.
    items : ndarray, shape (n_rollcalls, 4)
        Two cutpoints and the coefficients b and c.
    values : Values
        The items at the nodes.
    sds : ndarray, shape (2,)
        Prior standard deviations of b and c.
    terms : ndarray, shape (n_nodes, 2)
        The terms that b and c multiply.
    straight : bool
        True if c is 0 in all items.
    """
    width = 3 if straight else 4
    result, covariances = np.zeros((len(items), 4)), np.zeros((len(items), 4, 4))
    result[:, :width], covariances[:, :width, :width] = _score(
        counts, items[:, :width], values, terms[:, : width - 2], sds[: width - 2]
    )
    log_det = np.linalg.slogdet(covariances[:, :width, :width])[1]
    shares = np.einsum("jaa->ja", covariances[:, :width, :width]) * _precision(sds[: width - 2])
    return Updated(result, covariances, np.asarray(log_det, dtype=np.float64), width - shares.sum(axis=1))


def update_monotone_items(
    counts: Floats, items: Floats, values: Values, sds: Floats, terms: Floats
) -> Updated:
    """Update items on the line so that no turning point is in the middle 80 % of positions.

    The parameters are those of `update_items`. The expected log posterior is concave, so an item whose free
    maximum violates the restriction has its restricted maximum at an edge: b = t and c = t / (2 MIDDLE) or
    c = -t / (2 MIDDLE), for some t.
    """
    free = update_items(counts, items, values, sds, terms)
    outside = ~is_monotone(free.items)
    if not outside.any():
        return free
    counts, start = counts[outside], items[outside]
    candidates, heights = [], []
    for ratio in (0.5 / MIDDLE, -0.5 / MIDDLE):
        basis = terms @ np.array([[1.0], [ratio]])
        sd = 1.0 / np.sqrt(1.0 / sds[:1] ** 2 + ratio**2 / sds[1:] ** 2)
        inner = start[:, :3]
        for _ in range(_EDGE_STEPS):
            here = _evaluate(inner[:, :2], inner[:, 2:] @ basis.T)
            inner = _score(counts, inner, here, basis, sd)[0]
        here = _evaluate(inner[:, :2], inner[:, 2:] @ basis.T)
        candidates.append(np.column_stack([inner, ratio * inner[:, 2]]))
        heights.append((counts * here.logs).sum(axis=(1, 2)) + log_prior(inner, sd))
    result = free.items.copy()
    result[outside] = np.where((heights[0] >= heights[1])[:, None], *candidates)
    return replace(free, items=result)


def _evaluate(cuts: Floats, eta: Floats) -> Values:
    """Return probabilities for linear predictors, shape (n_rollcalls, n_nodes)."""
    z = np.clip(cuts.T[:, :, None] - eta, -_EXTREME, _EXTREME)
    small = np.exp(-np.abs(z))
    rest = np.log1p(small)
    log_below, log_above = np.minimum(z, 0.0) - rest, -np.maximum(z, 0.0) - rest
    whole = 1.0 / (1.0 + small)
    below, above = np.where(z >= 0.0, whole, small * whole), np.where(z >= 0.0, small * whole, whole)
    middle = log_below[1] + log_above[0] + np.log(_gap(cuts))[:, None]
    return Values(np.stack([log_below[0], middle, log_above[1]], axis=2), below, above)


def _gap(cuts: Floats) -> Floats:
    """Return 1 - exp(kappa_1 - kappa_2), the factor of the probability of the middle rank."""
    return np.asarray(-np.expm1(cuts[:, 0] - cuts[:, 1]))


def _score(
    counts: Floats, items: Floats, values: Values, basis: Floats, sds: Floats
) -> tuple[Floats, Floats]:
    """Return items after a scoring step, and the inverse of the information before it.

    Parameters
    ----------
    counts : ndarray, shape (n_rollcalls, n_nodes, 3)
        Expected numbers of votes.
    items : ndarray, shape (n_rollcalls, 2 + n_terms)
        Cutpoints and coefficients.
    values : Values
        The items at the nodes.
    basis : ndarray, shape (n_nodes, n_terms)
        The terms that the coefficients multiply.
    sds : ndarray, shape (n_terms,)
        Prior standard deviations of the coefficients.
    """
    n_items, width = items.shape
    (low, high), (over_low, over_high) = values.below, values.above
    gap = _gap(items[:, :2])[:, None]
    by_low, by_high = low / (high * gap), over_high / (over_low * gap)  # densities / P(middle rank)
    density_low, density_high = low * over_low, high * over_high
    score_low = counts[:, :, 0] * over_low - counts[:, :, 1] * by_low
    score_high = counts[:, :, 1] * by_high - counts[:, :, 2] * high
    total = counts.sum(axis=2)
    both = -total * density_low * by_high
    info_low = total * density_low * (over_low + by_low)
    info_high = total * density_high * (high + by_high)
    gradient, information = np.empty((n_items, width)), np.empty((n_items, width, width))
    for row, (score, info) in enumerate(((score_low, info_low), (score_high, info_high))):
        gradient[:, row] = score.sum(axis=1)
        information[:, row, row] = info.sum(axis=1)
        information[:, row, 2:] = information[:, 2:, row] = -(info + both) @ basis
    information[:, 0, 1] = information[:, 1, 0] = both.sum(axis=1)
    gradient[:, 2:] = -(score_low + score_high) @ basis
    products = (basis[:, :, None] * basis[:, None, :]).reshape(len(basis), -1)
    information[:, 2:, 2:] = ((info_low + 2.0 * both + info_high) @ products).reshape(
        n_items, width - 2, width - 2
    )
    precision = _precision(sds)
    gradient -= precision * np.where(np.isfinite(items), items, 0.0)
    information[:, np.arange(width), np.arange(width)] += precision
    covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
    move = np.einsum("jab,jb->ja", covariance, gradient)
    move *= np.minimum(1.0, _LONGEST / np.maximum(np.abs(move).max(axis=1, keepdims=True), _ROUNDING))
    height = (counts * values.logs).sum(axis=(1, 2)) + log_prior(items, sds)
    result, left, length = items.copy(), np.arange(n_items), 1.0
    for _ in range(_HALVINGS):
        trial = items[left] + length * move[left]
        ordered = np.flatnonzero(trial[:, 1] > trial[:, 0])
        rows, trial = left[ordered], trial[ordered]
        logs = _evaluate(trial[:, :2], trial[:, 2:] @ basis.T).logs
        rises = (counts[rows] * logs).sum(axis=(1, 2)) + log_prior(trial, sds) >= height[rows] - _ROUNDING
        result[rows[rises]] = trial[rises]
        left = np.setdiff1d(left, rows[rises], assume_unique=True)
        if not len(left):
            break
        length /= 2.0
    return result, covariance


def _precision(sds: Floats) -> Floats:
    """Return the prior precision of two cutpoints and the coefficients."""
    return np.concatenate([np.full(2, _CUT_SD**-2), sds**-2])
