"""The ordered-response likelihood in plain NumPy: slow and readable, the reference for the compiled kernels.

For a vote of category c on an item with cutpoints kappa, by a member at position x,

    P(y <= c) = F(kappa_c - x . beta),    F logistic, normal or given by a `Noise`.

The module `voteshift.likelihood.terms` computes the terms of a single vote; this module sums them over votes.
"""

from itertools import combinations_with_replacement
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from voteshift.likelihood.design import Design, Evaluation
from voteshift.likelihood.terms import AnyLink, vote_terms

__all__ = ["Information", "cross_information_reference", "evaluate_reference"]

Information = Literal["observed", "expected"]
Floats = NDArray[np.float64]


class _CellTerms(NamedTuple):
    """Terms of each cell, by eta and by each cutpoint of its item. The terms are 0 if no vote was cast."""

    log_p: Floats
    by_eta: Floats
    by_first: Floats
    by_second: Floats
    info_eta: Floats
    info_eta_first: Floats
    info_eta_second: Floats
    info_first: Floats
    info_mixed: Floats
    info_second: Floats


def _bounds(codes: NDArray[np.int8], three: NDArray[np.bool_], cutpoints: Floats) -> tuple[Floats, Floats]:
    """Return lower and upper cutpoint of every cell, infinite at the ends; no vote is treated as a 0."""
    # The second cutpoint of an item with two categories may be anything, nan included.
    first, second = cutpoints[:, 0], np.where(three, cutpoints[:, 1], cutpoints[:, 0] + 1.0)
    lower = np.where(codes <= 0, -np.inf, np.where(codes == 1, first, second))
    upper = np.where(codes <= 0, first, np.where((codes == 1) & three, second, np.inf))
    return lower, upper


def _terms_of(
    codes: NDArray[np.int8], eta: Floats, three: NDArray[np.bool_], cutpoints: Floats, link: AnyLink
) -> _CellTerms:
    """Evaluate every cell as a vote with its code, by the first and the second cutpoint of its item."""
    terms = vote_terms(eta, *_bounds(codes, three, cutpoints), link)
    low, middle, high = codes <= 0, codes == 1, codes == 2

    def first(of_lower: Floats, of_upper: Floats) -> Floats:
        return np.where(low, of_upper, np.where(middle, of_lower, 0.0))

    def second(of_lower: Floats, of_upper: Floats) -> Floats:
        return np.where(middle, of_upper, np.where(high, of_lower, 0.0))

    return _CellTerms(
        terms.log_p,
        terms.by_eta,
        first(terms.by_lower, terms.by_upper),
        second(terms.by_lower, terms.by_upper),
        terms.info_eta,
        first(terms.info_eta_lower, terms.info_eta_upper),
        second(terms.info_eta_lower, terms.info_eta_upper),
        first(terms.info_lower, terms.info_upper),
        np.where(middle, terms.info_lower_upper, 0.0),
        second(terms.info_lower, terms.info_upper),
    )


def _expected(eta: Floats, three: NDArray[np.bool_], cutpoints: Floats, link: AnyLink) -> tuple[Floats, ...]:
    """Return six information terms of `_CellTerms` as E[score score'] over the categories of each cell."""
    total = np.zeros((6, *eta.shape))
    for category in range(3):
        codes = np.full(eta.shape, category, dtype=np.int8)
        terms = _terms_of(codes, eta, three, cutpoints, link)
        p = np.where(three | (category < 2), np.exp(terms.log_p), 0.0)
        scores = (terms.by_eta, terms.by_first, terms.by_second)
        total += [p * left * right for left, right in combinations_with_replacement(scores, 2)]
    return tuple(total)


def _cells(
    design: Design,
    positions: Floats,
    discriminations: Floats,
    cutpoints: Floats,
    columns: slice | NDArray[np.intp],
    link: AnyLink,
    information: Information,
) -> tuple[_CellTerms, Floats]:
    """Return the terms of each cell of some columns, and the position of each member in its period."""
    items = design.item[columns]
    codes = np.minimum(design.part(columns), design.n_categories[items] - np.int8(1))
    met = positions[design.period[columns]].transpose(1, 0, 2)
    eta = np.einsum("ijd,jd->ij", met, discriminations[items])
    three, cuts = design.n_categories[items] == 3, cutpoints[items]
    terms = _terms_of(codes, eta, three, cuts, link)
    if information == "expected":
        terms = _CellTerms(*terms[:4], *_expected(eta, three, cuts, link))
    return _CellTerms(*(np.where(codes >= 0, term, 0.0) for term in terms)), met


def evaluate_reference(
    design: Design,
    positions: Floats,
    discriminations: Floats,
    cutpoints: Floats,
    *,
    link: AnyLink = "logit",
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
        Cutpoints kappa, increasing. The second cutpoint of an item with two categories is not used.
    link : {"logit", "probit"} or Noise
        Distribution of the noise.
    information : {"observed", "expected"}, optional
        The information whose blocks are returned; None returns no blocks.

    Returns
    -------
    Evaluation
        Value, gradient and blocks.
    """
    terms, met = _cells(
        design, positions, discriminations, cutpoints, slice(None), link, information or "observed"
    )
    n_dims = positions.shape[2]
    slopes = discriminations[design.item]
    g_positions = np.zeros_like(positions)
    np.add.at(g_positions, design.period, np.einsum("ij,jd->jid", terms.by_eta, slopes))
    g_slopes = np.zeros_like(discriminations)
    np.add.at(g_slopes, design.item, np.einsum("ij,ijd->jd", terms.by_eta, met))
    g_cuts = np.zeros_like(cutpoints)
    np.add.at(g_cuts, design.item, np.stack([terms.by_first.sum(0), terms.by_second.sum(0)], axis=1))
    value = float(terms.log_p.sum())
    if information is None:
        return Evaluation(value, g_positions, g_slopes, g_cuts)
    h_positions = np.zeros((*positions.shape, n_dims))
    np.add.at(h_positions, design.period, np.einsum("ij,jd,je->jide", terms.info_eta, slopes, slopes))
    blocks = np.empty((design.n_rollcalls, n_dims + 2, n_dims + 2))
    blocks[:, :n_dims, :n_dims] = np.einsum("ij,ijd,ije->jde", terms.info_eta, met, met)
    blocks[:, :n_dims, n_dims] = np.einsum("ij,ijd->jd", terms.info_eta_first, met)
    blocks[:, :n_dims, n_dims + 1] = np.einsum("ij,ijd->jd", terms.info_eta_second, met)
    blocks[:, n_dims:, :n_dims] = blocks[:, :n_dims, n_dims:].transpose(0, 2, 1)
    blocks[:, n_dims, n_dims] = terms.info_first.sum(0)
    blocks[:, n_dims + 1, n_dims + 1] = terms.info_second.sum(0)
    blocks[:, n_dims, n_dims + 1] = blocks[:, n_dims + 1, n_dims] = terms.info_mixed.sum(0)
    h_items = np.zeros((design.n_items, n_dims + 2, n_dims + 2))
    np.add.at(h_items, design.item, blocks)
    return Evaluation(value, g_positions, g_slopes, g_cuts, h_positions, h_items)


def cross_information_reference(
    design: Design,
    positions: Floats,
    discriminations: Floats,
    cutpoints: Floats,
    *,
    columns: slice | NDArray[np.intp] = slice(None),
    link: AnyLink = "logit",
    information: Information = "observed",
) -> Floats:
    """Return minus the mixed second derivatives between positions and items, vote by vote.

    Parameters
    ----------
    design, positions, discriminations, cutpoints
        As in `evaluate_reference`.
    columns : slice or ndarray of int
        The roll calls to evaluate. If there are many members and roll calls, call the function on parts of
        the roll calls.
    link : {"logit", "probit"} or Noise
        Distribution of the noise.
    information : {"observed", "expected"}
        The observed information contains the score on its diagonal, because eta is a product. The expected
        information does not contain the score.

    Returns
    -------
    ndarray, shape (n_members, n_columns, n_dims, n_dims + 2)
        Each block is between the position of a member in the period of a roll call and the parameters of its
        item (discriminations, first cutpoint, second cutpoint). Blocks are 0 if no vote was cast.
    """
    terms, met = _cells(design, positions, discriminations, cutpoints, columns, link, information)
    n_dims = positions.shape[2]
    slopes = discriminations[design.item[columns]]
    out = np.empty((*terms.log_p.shape, n_dims, n_dims + 2))
    out[..., :n_dims] = np.einsum("ij,jd,ije->ijde", terms.info_eta, slopes, met)
    if information == "observed":
        out[..., range(n_dims), range(n_dims)] -= terms.by_eta[..., None]
    out[..., n_dims] = np.einsum("ij,jd->ijd", terms.info_eta_first, slopes)
    out[..., n_dims + 1] = np.einsum("ij,jd->ijd", terms.info_eta_second, slopes)
    return out
