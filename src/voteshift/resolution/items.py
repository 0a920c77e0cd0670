"""Fits of many ordered-response items at the same time, given fixed positions.

Given the positions, the log-likelihood of an item is concave in its discriminations and cutpoints (Pratt
1981, https://doi.org/10.2307/2287052), and the items are independent. A thousand bootstrap replicates are a
thousand items of one design, and Newton's method updates them together.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.newton import Evaluation, concave, maximise
from voteshift.ideal.objective import Link
from voteshift.likelihood import Design
from voteshift.likelihood import evaluate as evaluate_votes
from voteshift.likelihood.terms import vote_terms
from voteshift.resolution.noise import quantile
from voteshift.rollcalls import present_categories

__all__ = ["RIDGE", "ItemFits", "fit_items", "log_likelihoods", "step_lengths"]

Floats = NDArray[np.float64]
#: Ridge penalty. This number times the sum of squared parameters is subtracted from the log-likelihood, so
#: that a maximum exists even if the votes are separated.
RIDGE: Final = 1e-4
_STEPS, _TOLERANCE = 200, 1e-10
_REACH, _CLOSING = 2.0, 0.8


@dataclass(frozen=True, slots=True)
class ItemFits:
    """Items at the maximum of the likelihood.

    Attributes
    ----------
    discriminations : ndarray, shape (n_items, n_dims)
        Discriminations.
    cutpoints : ndarray, shape (n_items, 2)
        Cutpoints no|abstain and abstain|yes. If no member chose a category, they are equal or infinite.
    converged : ndarray of bool, shape (n_items,)
        True if the fit of the item converged.
    """

    discriminations: Floats
    cutpoints: Floats
    converged: NDArray[np.bool_]


def log_likelihoods(
    codes: NDArray[np.int8], period: NDArray[np.int32], positions: Floats, items: ItemFits, link: Link
) -> Floats:
    """Return the log-likelihood of every roll call.

    Parameters
    ----------
    codes : ndarray of int8, shape (n_members, n_rollcalls)
        0 no, 1 abstain, 2 yes. Negative numbers mean that no vote was cast.
    period : ndarray of int32, shape (n_rollcalls,)
        Period of each roll call: index into `positions`.
    positions : ndarray, shape (n_periods, n_members, n_dims)
        Fixed positions.
    items : ItemFits
        One item for each roll call.
    link : {"logit", "probit"}
        Distribution of the noise.
    """
    member, column = np.nonzero(codes >= 0)
    code = codes[member, column].astype(np.intp)
    ends = np.full((len(items.cutpoints), 1), np.inf)
    bounds = np.concatenate([-ends, items.cutpoints, ends], axis=1)
    eta = (positions[period[column], member] * items.discriminations[column]).sum(axis=1)
    lower, upper = bounds[column, code], bounds[column, code + 1]
    certain = np.isneginf(lower) & np.isposinf(upper)  # only one category was chosen
    log_p = np.zeros(len(code))
    log_p[~certain] = vote_terms(eta[~certain], lower[~certain], upper[~certain], link).log_p
    return np.bincount(column, log_p, minlength=codes.shape[1]).astype(float)


def fit_items(
    codes: NDArray[np.int8],
    period: NDArray[np.int32],
    positions: Floats,
    item: NDArray[np.intp],
    link: Link,
) -> ItemFits:
    """Fit items by maximum likelihood with a small ridge penalty, given fixed positions.

    Parameters
    ----------
    codes, period, positions, link
        As in `log_likelihoods`.
    item : ndarray of int, shape (n_rollcalls,)
        Item of each roll call, from 0 to n_items - 1. Every item has at least one roll call.

    Returns
    -------
    ItemFits
        The fitted items. If only one category was chosen in an item, its discriminations are 0 and its
        cutpoints are infinite, so that this category has probability 1.
    """
    n_items, n_dims = int(item.max()) + 1, positions.shape[-1]
    present = np.zeros((n_items, 3), dtype=bool)
    np.logical_or.at(present, item, present_categories(codes))
    three = np.asarray(present.all(axis=1))
    lowest = present.argmax(axis=1)
    point = np.zeros((n_items, n_dims + 2))
    point[:, n_dims:] = _start(codes, item, present, link)
    certain = present.sum(axis=1) < 2
    fitted = np.flatnonzero(~certain)
    reach = max(1.0, float(np.abs(positions).max()))
    binary = np.where(codes < 0, -1, codes > lowest[item]).astype(np.int8)
    ranked = np.where(three[item], codes, binary)

    def evaluate(current: Floats, rows: NDArray[np.intp]) -> Evaluation:
        active = fitted[rows]
        columns = np.flatnonzero(np.isin(item, active))
        design = Design(
            np.ascontiguousarray(ranked[:, columns]),
            np.ascontiguousarray(period[columns]),
            np.searchsorted(active, item[columns]).astype(np.int32),
            np.where(three[active], 3, 2).astype(np.int8),
            len(positions),
        )
        evaluation = evaluate_votes(
            design,
            positions,
            current[:, :n_dims],
            current[:, n_dims:],
            link=link,
            information="observed",
        )
        if evaluation.item_information is None:
            raise ValueError("the evaluation returned no information matrices of the items")
        gradient = np.column_stack([evaluation.discriminations, evaluation.cutpoints]) - 2 * RIDGE * current
        curvature = evaluation.item_information + 2 * RIDGE * np.eye(n_dims + 2)
        gradient[~three[active], -1] = 0.0  # items with two categories have no second cutpoint
        curvature[~three[active], -1, -1] = 1.0
        return concave(gradient, curvature)

    def move(current: Floats, step: Floats, rows: NDArray[np.intp]) -> Floats:
        return current + step_lengths(current, step, three[fitted[rows]], reach)[:, None] * step

    maxima = maximise(evaluate, point[fitted], move, tolerance=_TOLERANCE, slack=np.inf, max_steps=_STEPS)
    # The last step needs no further evaluation.
    point[fitted] = move(maxima.point, maxima.step, np.arange(len(fitted)))
    converged = certain.copy()
    converged[fitted] = maxima.converged
    first, second = point[:, n_dims], np.where(three, point[:, n_dims + 1], point[:, n_dims])
    cuts = np.column_stack([np.where(present[:, 0], first, -np.inf), np.where(present[:, 2], second, np.inf)])
    slopes = point[:, :n_dims]
    cuts[certain] = np.where(present[certain][:, [0, 2]], [np.inf, -np.inf], [-np.inf, np.inf])
    slopes[certain] = 0.0
    return ItemFits(slopes, cuts, converged)


def step_lengths(items: Floats, step: Floats, three: NDArray[np.bool_], reach: float) -> Floats:
    """Return how much of each step to take, at most 1.

    The change of eta and of the cutpoints is bounded, and cutpoints keep their order.

    Parameters
    ----------
    items, step : ndarray, shape (..., n_dims + 2)
        Discriminations and cutpoints of every item, and the step from them.
    three : ndarray of bool, shape (...)
        True for the items with two cutpoints.
    reach : float
        Largest absolute value of a position.
    """
    size = reach * np.abs(step[..., :-2]).sum(axis=-1) + np.abs(step[..., -2:]).max(axis=-1)
    gap, change = items[..., -1] - items[..., -2], step[..., -1] - step[..., -2]
    with np.errstate(divide="ignore", invalid="ignore"):
        until = np.where(three & (change < 0.0), -_CLOSING * gap / change, np.inf)
    lengths: Floats = np.minimum(np.minimum(1.0, _REACH / np.maximum(size, 1e-300)), until)
    return lengths


def _start(codes: NDArray[np.int8], item: NDArray[np.intp], present: NDArray[np.bool_], link: Link) -> Floats:
    """Return starting cutpoints from the shares of the categories.

    An item with two categories has one cutpoint, which is in the first column.
    """
    counts = np.zeros(present.shape)
    for code in range(present.shape[1]):
        np.add.at(counts[:, code], item, (codes == code).sum(axis=0))
    counts = np.where(present, counts + 0.5, 0.0)
    counts[~present.any(axis=1)] = 1.0  # no member voted; the value is not used
    below = np.cumsum(counts / counts.sum(axis=1, keepdims=True), axis=1)[:, :2]
    three = np.asarray(present.all(axis=1))
    lowest = present.argmax(axis=1)
    only = np.take_along_axis(below, np.minimum(lowest, 1)[:, None], axis=1)
    cuts = quantile(np.clip(np.where(three[:, None], below, only), 1e-6, 1 - 1e-6), link)
    cuts[~three, 1] = cuts[~three, 0] + 1.0  # not used
    return cuts
