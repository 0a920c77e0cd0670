"""Draws of items, of sigma and of member effects from their posterior, given draws of the positions."""

from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import interpolate

from voteshift.likelihood.item_draws import ItemModel, move_items
from voteshift.likelihood.member_effects import draw_member_effects
from voteshift.resolution.marginal import NOISE_SD, FamilyVotes, member_marginal
from voteshift.resolution.member_effect import MemberEffectFit

__all__ = ["draw_items", "draw_standard_effects"]

Floats = NDArray[np.float64]
_SWEEPS: Final = 8  # of the Markov chain of every draw
_STEP: Final = 1e-4  # of a position, in derivatives
#: Quantiles of sigma at which the derivatives by positions are computed; draws use the nearest of them.
_ANCHORS: Final = np.array([0.05, 0.3, 0.7, 0.95])


def draw_items(fit: MemberEffectFit, positions: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw items and log sigma from their posterior given the positions of every draw.

    Every draw starts from the approximate posterior: log sigma from its distribution, and items from a normal
    distribution given sigma, whose mode follows the positions to first order. The normal distribution is
    poor if the votes on a version are nearly separated by position. `move_items` then moves every draw
    towards the posterior. After 8 sweeps, the ends of the intervals of expected switchers are within one or
    two members of those of a long chain.

    Parameters
    ----------
    fit : MemberEffectFit
        The approximate posterior.
    positions : ndarray, shape (n_draws, n_dates, n_members, n_dims)
        Draws of the positions, at a single date or at the date of each version.
    rng : Generator
        Source of randomness.

    Returns
    -------
    items : ndarray, shape (n_draws, n_items, n_dims + 2)
        On the scale without member effects.
    log_sd : ndarray, shape (n_draws,)
        Log of sigma.
    """
    sigma, n_draws = fit.sigma, len(positions)
    log_sd = sigma.quantile(rng.random(n_draws))
    noise = rng.standard_normal((n_draws, sigma.covariance.shape[1]))
    anchors = np.unique(_nearest(sigma.log_sd, sigma.quantile(_ANCHORS)))
    node, anchor = _nearest(sigma.log_sd, log_sd), _nearest(sigma.log_sd[anchors], log_sd)
    shifts = positions - fit.positions
    pull = np.empty_like(noise)
    for place, mixed in enumerate(_mixed_information(fit, int(one)) for one in anchors):
        rows = anchor == place
        pull[rows] = np.einsum("ktid,tidp->kp", shifts[rows], mixed)
    modes = sigma.items.reshape(len(sigma.log_sd), -1)
    drawn = np.asarray(interpolate.interp1d(sigma.log_sd, modes, axis=0)(log_sd), dtype=np.float64)
    for one in np.unique(node):
        rows, covariance = node == one, sigma.covariance[one]
        drawn[rows] += pull[rows] @ covariance + noise[rows] @ np.linalg.cholesky(covariance).T
    votes = fit.votes
    model = ItemModel(
        votes.codes,
        votes.item,
        votes.kinds,
        fit.item_precision,
        (*fit.prior, float(sigma.log_sd[-1])),
        NOISE_SD[votes.link],
        votes.link,
    )
    items = drawn.reshape(n_draws, *sigma.items.shape[1:])
    roots = _conditional_roots(sigma.covariance, items.shape[1])
    moved = move_items(model, positions, items, log_sd, roots, node, n_sweeps=_SWEEPS, rng=rng)
    return moved.items, moved.log_sd


def _conditional_roots(covariance: Floats, n_items: int) -> Floats:
    """Return Cholesky factors of the covariance of every item given all other items, at every node."""
    width = covariance.shape[1] // n_items
    information = np.linalg.inv(covariance).reshape(len(covariance), n_items, width, n_items, width)
    blocks = np.einsum("njajb->njab", information)
    return np.asarray(np.linalg.cholesky(np.linalg.inv(blocks)))


def _nearest(nodes: Floats, values: Floats) -> NDArray[np.intp]:
    """Return the index of the nearest node of every value."""
    return np.asarray(np.abs(values[:, None] - nodes).argmin(axis=1))


def _mixed_information(fit: MemberEffectFit, node: int) -> Floats:
    """Return the derivative of the gradient of the items by every position, at one node.

    Returns
    -------
    ndarray, shape (n_dates, n_members, n_dims, n_parameters)
    """
    items, log_sd = fit.sigma.items[node], float(fit.sigma.log_sd[node])
    mixed = np.empty((*fit.positions.shape, items.size))
    for date, dimension in product(range(len(fit.positions)), range(fit.positions.shape[-1])):
        step = np.zeros_like(fit.positions)
        step[date, :, dimension] = _STEP
        ahead, behind = (
            member_marginal(fit.votes, fit.positions + sign * step, items, log_sd).gradient[:, :-1]
            for sign in (1, -1)
        )
        mixed[date, :, dimension] = (ahead - behind) / (2 * _STEP)
    return mixed


def draw_standard_effects(
    votes: FamilyVotes,
    positions: Floats,
    slopes: Floats,
    cutpoints: Floats,
    sd: Floats,
    rows: NDArray[np.intp],
    rng: np.random.Generator,
) -> Floats:
    """Draw standardised member effects given the members' votes.

    Parameters
    ----------
    votes : FamilyVotes
        The votes.
    positions, slopes, cutpoints, sd
        As in `draw_member_effects`.
    rows : ndarray of int
        Rows of the members whose effect is drawn.
    rng : Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (n_draws, n_rows)
        The random numbers are the same as in a draw of all members.
    """
    n_versions = len(votes.item)
    uniform = rng.random((len(sd), votes.n_members))[:, rows]
    return draw_member_effects(
        votes.codes[rows],
        np.zeros(n_versions, dtype=np.intp) if positions.shape[1] == 1 else np.arange(n_versions),
        positions[:, :, rows],
        slopes,
        cutpoints,
        sd,
        np.maximum(uniform, np.finfo(float).tiny),
        link=votes.link,
    )
