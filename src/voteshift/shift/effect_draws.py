"""Draws of the member effect, and of votes that were not cast, with the member effect.

Positions and their uncertainty come from all other roll calls. The votes on the resolution determine its
items and the member effects; they do not change positions.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import NotUsableError
from voteshift.resolution.effect_posterior import draw_items, draw_standard_effects
from voteshift.resolution.marginal import inflation
from voteshift.resolution.member_effect import (
    PERSISTENCE,
    MemberEffectFit,
    family_votes,
    fit_member_effect,
    seat_history,
    with_covariates,
)
from voteshift.resolution.refit import Others, positions_at
from voteshift.rollcalls import RollCalls
from voteshift.shift.counterfactual import (
    Counterfactual,
    cutpoint_distance,
    mix,
    with_cutpoints,
)
from voteshift.shift.latent import Latent
from voteshift.shift.missing_category import absent_categories
from voteshift.streams import Stream, start_stream
from voteshift.votes import CATEGORIES

__all__ = ["effect_counterfactual", "effect_latent"]

Floats = NDArray[np.float64]


def effect_counterfactual(
    rollcalls: RollCalls,
    base: Counterfactual,
    others: Others,
    *,
    n_draws: int,
    seed: int,
    prior: tuple[float, float] | None = None,
    state_dependence: bool = True,
    by_seats: bool = True,
) -> tuple[Counterfactual, MemberEffectFit]:
    """Draw every vote on every version as `counterfactual` does, with member effects.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    base : Counterfactual
        The draws without member effects, with the same versions, members and votes.
    others : IdealFit, DynamicFit, PosteriorFit or DynamicPosterior
        A fit of all other roll calls.
    n_draws, seed : int
        Number of draws of the normal approximation or of the posterior, and seed of the random numbers.
    prior : tuple of float, optional
        Mean and standard deviation of the prior of log sigma, as in `fit_member_effect`.
    state_dependence : bool
        Estimate the probability that a member repeats its last vote on the resolution. If False, it is 0.
    by_seats : bool
        Let the mean of the member effect depend on seat history, because seats are not drawn at random. If
        False, or if no member voted on two versions, the mean is the same for all members.

    Raises
    ------
    NotUsableError
        If a member cast no other vote, or the fit did not converge.
    """
    with_effect, fit = effect_latent(
        rollcalls,
        base,
        others,
        n_draws=n_draws,
        seed=seed,
        prior=prior,
        state_dependence=state_dependence,
        by_seats=by_seats,
    )
    iterations, present = (
        list(base.rollcalls),
        [tuple(np.array(CATEGORIES)[kinds]) for kinds in fit.votes.kinds],
    )
    distance = cutpoint_distance(others) if with_effect.moves and absent_categories(present) else None
    if distance is not None:
        uniform = start_stream(seed, Stream.CUTPOINTS_MEMBER_EFFECTS).random((n_draws, len(iterations)))
        with_effect = with_cutpoints(with_effect, base.votes, present, uniform, distance, base.link)
    return mix(iterations, base.members, base.votes, with_effect, None, present, base.link, seed), fit


def effect_latent(
    rollcalls: RollCalls,
    base: Counterfactual,
    others: Others,
    *,
    n_draws: int,
    seed: int,
    wanted: NDArray[np.intp] | None = None,
    prior: tuple[float, float] | None = None,
    state_dependence: bool = True,
    by_seats: bool = True,
) -> tuple[Latent, MemberEffectFit]:
    """Draw positions, items and member effects as `effect_counterfactual` does.

    Parameters
    ----------
    rollcalls, base, others, n_draws, seed, prior, state_dependence, by_seats
        As in `effect_counterfactual`.
    wanted : ndarray of int, optional
        Rows of the members whose member effect is drawn; NaN for all others. By default all members.

    Raises
    ------
    NotUsableError
        As in `effect_counterfactual`.
    """
    iterations = list(base.rollcalls)
    votes = family_votes(base.votes, base.link)
    placed = positions_at(rollcalls, others, iterations, list(base.members), n_draws, seed)
    mode, positions = placed.centre, placed.draws
    # Members with two votes are compared with those that came and left; without them, only the prior remains.
    voted_twice = bool(((base.votes >= 0).sum(axis=1) > 1).any())
    history = seat_history(base.votes) if by_seats and voted_twice else None
    fit = fit_member_effect(
        votes,
        mode,
        others.prior_sds,
        prior=prior,
        covariates=history,
        persistence=PERSISTENCE if state_dependence else None,
    )
    if not fit.converged:
        raise NotUsableError("the fit of the member effect did not converge")
    rng = start_stream(seed, Stream.MEMBER_EFFECTS)
    if history is not None:
        positions = with_covariates(positions, history)
    drawn = draw_items(fit, positions, rng)
    items, log_sd = drawn.items, drawn.log_sd
    cutpoints = votes.cutpoints(items, log_sd)
    slopes = inflation(log_sd, votes.link)[:, None, None] * items[..., :-2]
    rows = np.arange(votes.n_members) if wanted is None else wanted
    member_effect = np.full((n_draws, votes.n_members), np.nan)
    z = draw_standard_effects(
        votes, positions, slopes, cutpoints, np.exp(log_sd), rows, rng, persistence=drawn.persistence
    )
    member_effect[:, rows] = np.exp(log_sd)[:, None] * z
    latent = Latent(
        positions, slopes, cutpoints, member_effect, np.exp(log_sd), placed.paths, drawn.persistence
    )
    return latent, replace(
        fit,
        log_sd_draws=log_sd,
        persistence_draws=drawn.persistence,
        mean_draws=items[:, 0, items.shape[-1] - 2 - fit.n_means : -2],
    )
