"""Draws of items, of sigma and of member effects from their posterior, given draws of the positions."""

from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voteshift.likelihood.item_draws import ItemModel, move_items
from voteshift.likelihood.member_effects import draw_member_effects
from voteshift.likelihood.persistence import draw_persistent_effects
from voteshift.resolution.marginal import NOISE_SD, FamilyVotes, member_marginal, with_means
from voteshift.resolution.member_effect import MemberEffectFit

__all__ = ["EffectDraws", "draw_items", "draw_standard_effects"]

Floats = NDArray[np.float64]
_SWEEPS: Final = 8  # of the Markov chain of every draw
_STEP: Final = 1e-4  # of a position, in derivatives
#: Quantiles of sigma at which the derivatives by positions are computed; draws use the nearest of them.
_ANCHORS: Final = np.array([0.05, 0.3, 0.7, 0.95])


@dataclass(frozen=True, slots=True, eq=False)
class EffectDraws:
    """Draws of the items and of the distribution of member effects.

    Attributes
    ----------
    items : ndarray, shape (n_draws, n_items, n_dims + n_means + 2)
        On the scale without member effects. The coefficients of the member effect's mean follow the
        discriminations, and are the same in every item.
    log_sd : ndarray, shape (n_draws,)
        Log of sigma.
    persistence : ndarray, shape (n_draws,), or None
        State dependence rho; None if it was not estimated.
    """

    items: Floats
    log_sd: Floats
    persistence: Floats | None


def draw_items(fit: MemberEffectFit, positions: Floats, rng: np.random.Generator) -> EffectDraws:
    """Draw rho, items and log sigma from their posterior given the positions of every draw.

    Every draw starts from the approximate posterior: rho and log sigma from their distributions, and items
    from a normal distribution given both, whose mode follows the positions to first order. The normal
    distribution is poor if the votes on a version are nearly separated by position. `move_items` then moves
    every draw towards the posterior given rho. After 8 sweeps, the ends of the intervals of expected
    switchers are within one or two members of those of a long chain.

    Parameters
    ----------
    fit : MemberEffectFit
        The approximate posterior.
    positions : ndarray, shape (n_draws, n_dates, n_members, n_dims + n_means)
        Draws of the positions, at a single date or at the date of each version, and covariates.
    rng : Generator
        Source of randomness.
    """
    n_draws = len(positions)
    size = fit.sigma.covariance.shape[1]
    log_sd = rng.random(n_draws)
    noise = rng.standard_normal((n_draws, size))
    rho, part = None, np.zeros(n_draws, dtype=np.intp)
    if fit.has_persistence:
        rho = fit.rho.quantile(rng.random(n_draws))
        part = fit.rho.nearby(rho, rng.random(n_draws))
    drawn = np.empty((n_draws, size))
    node = np.empty(n_draws, dtype=np.intp)
    roots: list[Floats] = []
    shape = fit.sigma.items.shape[1:]
    n_items = shape[0]
    for place in np.unique(part):
        rows, sigma = part == place, fit.rho.sigmas[place]
        log_sd[rows] = sigma.quantile(log_sd[rows])
        nearest = _nearest(sigma.log_sd, log_sd[rows])
        node[rows] = nearest + sum(len(root) for root in roots)
        drawn[rows] = _start_draws(fit, int(place), positions[rows], log_sd[rows], nearest, noise[rows])
        roots.append(_conditional_roots(sigma.covariance, n_items, fit.n_means))
    votes = fit.votes
    model = ItemModel(
        votes.codes,
        votes.item,
        votes.kinds,
        fit.item_precision,
        (*fit.prior, float(max(sigma.log_sd[-1] for sigma in fit.rho.sigmas))),
        NOISE_SD[votes.link],
        votes.link,
    )
    items = drawn[:, : n_items * shape[1]].reshape(n_draws, *shape)
    if fit.n_means:
        items = with_means(items, drawn[:, n_items * shape[1] :])
        blank = np.zeros((n_items, fit.n_means))
        precision = np.concatenate([fit.item_precision[:, :-2], blank, fit.item_precision[:, -2:]], axis=1)
        model = replace(model, precision=precision)
    root = np.concatenate(roots)
    moved = move_items(
        model, positions, items, log_sd, root, node, n_sweeps=_SWEEPS, rng=rng, persistence=rho
    )
    return EffectDraws(moved.items, moved.log_sd, rho)


def _start_draws(
    fit: MemberEffectFit,
    place: int,
    positions: Floats,
    log_sd: Floats,
    node: NDArray[np.intp],
    noise: Floats,
) -> Floats:
    """Return draws of items and means from the approximate posterior at one node of rho.

    Returns
    -------
    ndarray, shape (n_draws, n_parameters)
    """
    from scipy.interpolate import interp1d  # loading it takes longer than most commands

    sigma = fit.rho.sigmas[place]
    quantiles = _ANCHORS if len(fit.rho.nodes) == 1 else np.array([0.5])
    anchors = np.unique(_nearest(sigma.log_sd, sigma.quantile(quantiles)))
    anchor = _nearest(sigma.log_sd[anchors], log_sd)
    shifts = positions - fit.positions
    moved = np.flatnonzero(shifts.any(axis=(0, 1, 2)))  # covariates are the same in all draws
    pull = np.empty_like(noise)
    for number, one in enumerate(anchors):
        rows = anchor == number
        if rows.any():
            mixed = _mixed_information(fit, place, int(one), moved)
            pull[rows] = np.einsum("ktid,tidp->kp", shifts[rows][..., moved], mixed)
    modes = np.column_stack([sigma.items.reshape(len(sigma.log_sd), -1), sigma.means])
    drawn = np.asarray(interp1d(sigma.log_sd, modes, axis=0)(log_sd), dtype=np.float64)
    for one in np.unique(node):
        rows, covariance = node == one, sigma.covariance[one]
        drawn[rows] += pull[rows] @ covariance + noise[rows] @ np.linalg.cholesky(covariance).T
    return drawn


def _conditional_roots(covariance: Floats, n_items: int, n_means: int) -> Floats:
    """Return Cholesky factors of the covariance of every item given all other parameters, at every node.

    The rows and columns of the means, which follow the discriminations of an item, are 0.
    """
    size = covariance.shape[1] - n_means
    width = size // n_items
    information = np.linalg.inv(covariance)[:, :size, :size]
    blocks = np.einsum("njajb->njab", information.reshape(len(covariance), n_items, width, n_items, width))
    root = np.asarray(np.linalg.cholesky(np.linalg.inv(blocks)))
    if not n_means:
        return root
    wide = np.zeros((*root.shape[:2], width + n_means, width + n_means))
    kept = np.delete(np.arange(width + n_means), np.arange(width - 2, width - 2 + n_means))
    wide[:, :, kept[:, None], kept] = root
    return wide


def _nearest(nodes: Floats, values: Floats) -> NDArray[np.intp]:
    """Return the index of the nearest node of every value."""
    return np.asarray(np.abs(values[:, None] - nodes).argmin(axis=1))


def _mixed_information(fit: MemberEffectFit, place: int, node: int, dimensions: NDArray[np.intp]) -> Floats:
    """Return the derivative of the gradient of the items by positions, at one node of rho and sigma.

    Returns
    -------
    ndarray, shape (n_dates, n_members, n_dimensions, n_parameters)
    """
    sigma, rho = fit.rho.sigmas[place], float(fit.rho.nodes[place])
    items, log_sd = sigma.items[node], float(sigma.log_sd[node])
    means = sigma.means[node] if fit.n_means else None
    n_dates, n_members = fit.positions.shape[:2]
    mixed = np.empty((n_dates, n_members, len(dimensions), sigma.covariance.shape[1]))
    for date, (column, dimension) in product(range(n_dates), enumerate(dimensions)):
        step = np.zeros_like(fit.positions)
        step[date, :, dimension] = _STEP
        ahead, behind = (
            member_marginal(
                fit.votes, fit.positions + sign * step, items, log_sd, means=means, persistence=rho
            ).gradient[:, :-1]
            for sign in (1, -1)
        )
        mixed[date, :, column] = (ahead - behind) / (2 * _STEP)
    return mixed


def draw_standard_effects(
    votes: FamilyVotes,
    positions: Floats,
    slopes: Floats,
    cutpoints: Floats,
    sd: Floats,
    rows: NDArray[np.intp],
    rng: np.random.Generator,
    *,
    persistence: Floats | None = None,
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
    persistence : ndarray, shape (n_draws,), optional
        State dependence rho; 0 by default.

    Returns
    -------
    ndarray, shape (n_draws, n_rows)
        The random numbers are the same as in a draw of all members.
    """
    n_versions = len(votes.item)
    uniform = rng.random((len(sd), votes.n_members))[:, rows]
    arguments = (
        votes.codes[rows],
        np.zeros(n_versions, dtype=np.intp) if positions.shape[1] == 1 else np.arange(n_versions),
        positions[:, :, rows],
        slopes,
        cutpoints,
        sd,
    )
    uniform = np.maximum(uniform, np.finfo(float).tiny)
    if persistence is None:
        return draw_member_effects(*arguments, uniform, link=votes.link)
    return draw_persistent_effects(*arguments, persistence, uniform, link=votes.link)
