"""Draws of the member effect, and of votes that were not cast, with the member effect.

Positions and their uncertainty come from all other roll calls. The votes on the resolution determine its
items and the member effects; they do not change positions.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import NotUsableError
from voteshift.resolution.effect_posterior import draw_items, draw_standard_effects
from voteshift.resolution.grouped_effect import draw_grouped_items, fit_grouped_effect, group_indicators
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
from voteshift.spells import number_groups
from voteshift.streams import Stream, start_stream
from voteshift.votes import CATEGORIES

__all__ = ["USUAL", "EffectForm", "effect_counterfactual", "effect_latent"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class EffectForm:
    """The form of the member effects.

    Attributes
    ----------
    prior : tuple of float, optional
        Mean and standard deviation of the prior of log sigma, as in `fit_member_effect`.
    state_dependence : bool
        Estimate the probability that a member repeats its last vote on the resolution. If False, it is 0.
    by_seats : bool
        Let the mean of the member effect depend on seat history, because seats are not drawn at random. If
        False, or if no member voted on two versions, the mean is the same for all members.
    by_groups : bool
        Add an effect of every group on every version. If False, or if the record does not assign the members
        to two or more groups, there is none.
    """

    prior: tuple[float, float] | None = None
    state_dependence: bool = True
    by_seats: bool = True
    by_groups: bool = False


#: The form of an explanation's member effects.
USUAL: Final = EffectForm()


def effect_counterfactual(
    rollcalls: RollCalls,
    base: Counterfactual,
    others: Others,
    *,
    n_draws: int,
    seed: int,
    form: EffectForm = USUAL,
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
    form : EffectForm
        The form of the member effects.

    Raises
    ------
    NotUsableError
        If a member cast no other vote, or the fit did not converge.
    """
    with_effect, fit = effect_latent(rollcalls, base, others, n_draws=n_draws, seed=seed, form=form)
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
    form: EffectForm,
    wanted: NDArray[np.intp] | None = None,
) -> tuple[Latent, MemberEffectFit]:
    """Draw positions, items and member effects as `effect_counterfactual` does.

    Parameters
    ----------
    rollcalls, base, others, n_draws, seed, form
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
    history = seat_history(base.votes) if form.by_seats and voted_twice else None
    persistence = PERSISTENCE if form.state_dependence else None
    rng = start_stream(seed, Stream.MEMBER_EFFECTS)
    group = number_groups(rollcalls.members.loc[base.members, "group"])
    if form.by_groups and group.max(initial=-1) > 0:
        indicators = group_indicators(group)
        grouped = fit_grouped_effect(
            votes,
            mode,
            indicators,
            others.prior_sds,
            prior=form.prior,
            covariates=history,
            persistence=persistence,
        )
        fit, fits = grouped.likeliest, grouped.fits
        positions = with_covariates(positions, indicators)
    else:
        grouped = None
        fit = fit_member_effect(
            votes, mode, others.prior_sds, prior=form.prior, covariates=history, persistence=persistence
        )
        fits = (fit,)
    if not all(one.converged for one in fits):
        raise NotUsableError("the fit of the member effect did not converge")
    if history is not None:
        positions = with_covariates(positions, history)
    if grouped is None:
        drawn = draw_items(fit, positions, rng)
    else:
        drawn = draw_grouped_items(grouped, positions, rng)
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
