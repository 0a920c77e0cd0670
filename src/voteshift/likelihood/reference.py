"""The ordered-response likelihood in plain NumPy: slow, readable, and what the compiled kernels are held to.

For a vote of category c on an item with cutpoints kappa, by a member at position x,

    P(y <= c) = F(kappa_c - x . beta),    F logistic.

With upper = kappa_c - eta and lower = kappa_{c-1} - eta (infinite at the ends), and s the logistic function,

    P(y = c) = s(upper) - s(lower) = s(upper) s(-lower) (1 - exp(lower - upper)),

so log P is a sum of three terms that neither cancel nor underflow, thin middle categories included.
"""

from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

from voteshift.likelihood.design import Design, Evaluation

__all__ = ["cross_information", "evaluate_reference", "vote_terms"]

Information = Literal["observed", "expected"]
Floats = NDArray[np.float64]


def cut_bounds(
    codes: NDArray[np.int8], n_categories: NDArray[np.int8], cutpoints: Floats
) -> tuple[Floats, Floats]:
    """Return lower and upper cutpoint of every vote, infinite at the ends.

    Parameters
    ----------
    codes : ndarray of int8, shape (n_members, n_columns)
        Categories; negative entries give arbitrary finite bounds and must be masked by the caller.
    n_categories : ndarray of int8, shape (n_columns,)
        K of each column.
    cutpoints : ndarray, shape (n_columns, 2)
        Cutpoints of each column.
    """
    first, second = cutpoints[:, 0], cutpoints[:, 1]
    lower = np.where(codes == 0, -np.inf, np.where(codes == 1, first, second))
    upper = np.where(codes == 0, first, np.where((codes == 1) & (n_categories == 3), second, np.inf))
    return lower, upper


def vote_terms(
    eta: Floats, lower: Floats, upper: Floats
) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
    """Return log P and its derivatives by the two bounds, vote by vote.

    Parameters
    ----------
    eta, lower, upper : ndarray
        Linear predictor and the cutpoints around the category voted for, ``lower < upper``.

    Returns
    -------
    tuple of ndarray
        ``log_p``, ``d_lower``, ``d_upper``, ``d_lower_lower``, ``d_lower_upper``, ``d_upper_upper``.
        Derivatives by eta follow from ``d_eta = -(d_lower + d_upper)``.
    """
    above, below = upper - eta, lower - eta
    width = upper - lower
    open_ended = ~np.isfinite(width)
    safe = np.where(open_ended, 1.0, width)
    thin = np.where(open_ended, 0.0, 1.0 / np.expm1(safe))
    log_width = np.where(open_ended, 0.0, np.log(-np.expm1(-safe)))
    log_p = log_expit(above) + log_expit(-below) + log_width
    d_upper = np.where(np.isinf(upper), 0.0, expit(-above) + thin)
    d_lower = np.where(np.isinf(lower), 0.0, -expit(below) - thin)
    bend = thin * (1.0 + thin)
    d_upper_upper = np.where(np.isinf(upper), 0.0, -expit(above) * expit(-above) - bend)
    d_lower_lower = np.where(np.isinf(lower), 0.0, -expit(below) * expit(-below) - bend)
    return log_p, d_lower, d_upper, d_lower_lower, bend, d_upper_upper


def category_probabilities(eta: Floats, cutpoints: Floats, n_categories: int) -> Floats:
    """Return P(category) with categories last: ``eta.shape + (n_categories,)``."""
    bounds = np.concatenate(([-np.inf], cutpoints[: n_categories - 1], [np.inf]))
    columns = [
        np.exp(vote_terms(eta, np.full(eta.shape, low), np.full(eta.shape, high))[0])
        for low, high in pairwise(bounds)
    ]
    return np.stack(columns, axis=-1)


def _expected_terms(
    eta: Floats, n_categories: NDArray[np.int8], cutpoints: Floats
) -> tuple[Floats, Floats, Floats]:
    """Fisher information by (first cut, second cut): E[score score'] over the categories of each column."""
    first = np.zeros_like(eta)
    mixed = np.zeros_like(eta)
    second = np.zeros_like(eta)
    for category in range(3):
        codes = np.broadcast_to(np.int8(category), eta.shape)
        lower, upper = cut_bounds(codes, n_categories, cutpoints)
        live = np.broadcast_to(category < n_categories, eta.shape)
        lower, upper = np.where(live, lower, -np.inf), np.where(live, upper, np.inf)
        log_p, d_lower, d_upper, *_ = vote_terms(eta, lower, upper)
        p = np.where(live, np.exp(log_p), 0.0)
        by_first = d_upper if category == 0 else d_lower if category == 1 else np.zeros_like(eta)
        by_second = np.zeros_like(eta) if category == 0 else d_upper if category == 1 else d_lower
        first += p * by_first**2
        mixed += p * by_first * by_second
        second += p * by_second**2
    return first, mixed, second


def _column_terms(
    design: Design,
    positions: Floats,
    discriminations: Floats,
    cutpoints: Floats,
    columns: slice,
    information: Information,
) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats, Floats]:
    """Log P, score by the two cutpoints, information by the two cutpoints, positions met: per vote."""
    items = design.item[columns]
    codes = design.codes[:, columns]
    met = positions[design.period[columns]].transpose(1, 0, 2)
    eta = np.einsum("ijd,jd->ij", met, discriminations[items])
    kinds, cuts = design.n_categories[items], cutpoints[items]
    lower, upper = cut_bounds(codes, kinds, cuts)
    log_p, d_lower, d_upper, d_ll, d_lu, d_uu = vote_terms(eta, lower, upper)
    cast = codes >= 0
    zero = np.zeros_like(eta)
    first = np.where(codes == 0, d_upper, np.where(codes == 1, d_lower, zero))
    second = np.where(codes == 1, d_upper, np.where(codes == 2, d_lower, zero))
    if information == "observed":
        info_first = -np.where(codes == 0, d_uu, np.where(codes == 1, d_ll, zero))
        info_mixed = -np.where((codes == 1) & (kinds == 3), d_lu, zero)
        info_second = -np.where(codes == 1, d_uu, np.where(codes == 2, d_ll, zero))
    else:
        info_first, info_mixed, info_second = _expected_terms(eta, kinds, cuts)
    masked = [
        np.where(cast, term, 0.0) for term in (log_p, first, second, info_first, info_mixed, info_second)
    ]
    return masked[0], masked[1], masked[2], masked[3], masked[4], masked[5], met


def evaluate_reference(
    design: Design,
    positions: Floats,
    discriminations: Floats,
    cutpoints: Floats,
    *,
    information: Information | None = None,
) -> Evaluation:
    """Evaluate log-likelihood, gradient and information blocks with whole-matrix NumPy.

    Parameters
    ----------
    design : Design
        Votes, periods and items.
    positions : ndarray, shape (n_periods, n_members, n_dims)
        Ideal points.
    discriminations : ndarray, shape (n_items, n_dims)
        Discriminations beta.
    cutpoints : ndarray, shape (n_items, 2)
        Cutpoints kappa, increasing; the second is not used where an item has two categories.
    information : {"observed", "expected"}, optional
        Which information to return blocks of; None for none.

    Returns
    -------
    Evaluation
        Value, gradient and blocks.
    """
    log_p, first, second, i_first, i_mixed, i_second, met = _column_terms(
        design, positions, discriminations, cutpoints, slice(None), information or "observed"
    )
    n_dims = positions.shape[2]
    score = -(first + second)
    slopes = discriminations[design.item]
    g_positions = np.zeros_like(positions)
    np.add.at(g_positions, design.period, np.einsum("ij,jd->jid", score, slopes))
    g_slopes = np.zeros_like(discriminations)
    np.add.at(g_slopes, design.item, np.einsum("ij,ijd->jd", score, met))
    g_cuts = np.zeros_like(cutpoints)
    np.add.at(g_cuts, design.item, np.stack([first.sum(0), second.sum(0)], axis=1))
    if information is None:
        return Evaluation(float(log_p.sum()), g_positions, g_slopes, g_cuts)
    weight = i_first + 2.0 * i_mixed + i_second
    h_positions = np.zeros((*positions.shape, n_dims))
    np.add.at(h_positions, design.period, np.einsum("ij,jd,je->jide", weight, slopes, slopes))
    blocks = np.empty((design.n_rollcalls, n_dims + 2, n_dims + 2))
    blocks[:, :n_dims, :n_dims] = np.einsum("ij,ijd,ije->jde", weight, met, met)
    blocks[:, :n_dims, n_dims] = -np.einsum("ij,ijd->jd", i_first + i_mixed, met)
    blocks[:, :n_dims, n_dims + 1] = -np.einsum("ij,ijd->jd", i_second + i_mixed, met)
    blocks[:, n_dims:, :n_dims] = blocks[:, :n_dims, n_dims:].transpose(0, 2, 1)
    blocks[:, n_dims, n_dims] = i_first.sum(0)
    blocks[:, n_dims + 1, n_dims + 1] = i_second.sum(0)
    blocks[:, n_dims, n_dims + 1] = blocks[:, n_dims + 1, n_dims] = i_mixed.sum(0)
    h_items = np.zeros((design.n_items, n_dims + 2, n_dims + 2))
    np.add.at(h_items, design.item, blocks)
    return Evaluation(float(log_p.sum()), g_positions, g_slopes, g_cuts, h_positions, h_items)


def cross_information(
    design: Design,
    positions: Floats,
    discriminations: Floats,
    cutpoints: Floats,
    *,
    columns: slice = slice(None),
    information: Information = "observed",
) -> Floats:
    """Return minus the mixed second derivatives between positions and items, vote by vote.

    Parameters
    ----------
    design, positions, discriminations, cutpoints
        As in `evaluate_reference`.
    columns : slice
        The roll calls to do; take tiles of them when members times roll calls is large.
    information : {"observed", "expected"}
        The observed one holds the score on its diagonal (eta is a product); its expectation does not.

    Returns
    -------
    ndarray, shape (n_members, n_columns, n_dims, n_dims + 2)
        Block between the position of a member in the period of the roll call and (discriminations,
        first cutpoint, second cutpoint) of its item; 0 where no vote was cast.
    """
    _, first, second, i_first, i_mixed, i_second, met = _column_terms(
        design, positions, discriminations, cutpoints, columns, information
    )
    n_dims = positions.shape[2]
    slopes = discriminations[design.item[columns]]
    weight = i_first + 2.0 * i_mixed + i_second
    out = np.empty((*first.shape, n_dims, n_dims + 2))
    out[..., :n_dims] = np.einsum("ij,jd,ije->ijde", weight, slopes, met)
    if information == "observed":
        out[..., range(n_dims), range(n_dims)] += (first + second)[..., None]
    out[..., n_dims] = -np.einsum("ij,jd->ijd", i_first + i_mixed, slopes)
    out[..., n_dims + 1] = -np.einsum("ij,jd->ijd", i_second + i_mixed, slopes)
    return out
