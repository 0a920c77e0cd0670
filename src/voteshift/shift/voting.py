"""Probabilities of votes on a version, with and without a member effect on the resolution."""

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import NotUsableError, Unavailable
from voteshift.ideal.interface import Fit
from voteshift.ideal.links import need_standard
from voteshift.resolution.member_effect import MemberEffectFit
from voteshift.resolution.refit import Others, fit_without
from voteshift.rollcalls import RollCalls
from voteshift.shift.account import iterations_of
from voteshift.shift.counterfactual import latent_of, mix, same_votes
from voteshift.shift.effect_draws import EffectForm, effect_latent
from voteshift.shift.latent import chances

__all__ = ["Voting", "family_in", "voting"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Voting:
    """Probabilities of votes on one version.

    Attributes
    ----------
    plain : ndarray, shape (n_draws, n_members, 3)
        P(no, abstain, yes) given positions alone.
    member_effect : ndarray, shape (n_draws, n_members, 3), or None
        The same with member effects, drawn given the votes on the resolution.
    fitted : MemberEffectFit, Unavailable or None
        The fit of the member effect, or the reason why there is no fit; None if it was not requested.
    """

    plain: Floats
    member_effect: Floats | None
    fitted: MemberEffectFit | Unavailable | None


def family_in(rollcalls: RollCalls, fit: Fit, version: str) -> list[str]:
    """Return the versions of the same resolution in a fit, in date order, including this version."""
    family = str(rollcalls.rollcalls.loc[version, "family"])
    if not family:
        return [version]
    return [name for name in iterations_of(rollcalls, family).rollcalls.index if name in fit.rollcall_ids]


def voting(
    rollcalls: RollCalls,
    fit: Fit,
    version: str,
    who: list[str],
    *,
    member_effect: bool | Fit,
    n_draws: int,
    seed: int,
) -> Voting:
    """Draw the probabilities of votes on a version, with positions at its date.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    fit : Fit
        A fit that contains the version and the members.
    version : str
        Id of a roll call.
    who : list of str
        The members.
    member_effect : bool or Fit
        Also estimate a member effect on the resolution from the member's votes on the versions in the fit.
        For members without a vote on these versions, the effect is drawn from its distribution over members.
        The fit must contain two versions. Positions come from the same model fitted without the resolution;
        this fit can be passed in place of True.
    n_draws, seed : int
        Number of draws of the normal approximation, and seed of the random numbers.

    Raises
    ------
    UsageError
        If the fit has other members or votes than the record.
    """
    iterations = family_in(rollcalls, fit, version)
    same_votes(rollcalls, fit, iterations)
    votes = rollcalls.select(members=fit.member_ids, rollcalls=iterations).votes
    rows = np.asarray((votes >= 0).any(axis=1)) | np.asarray(fit.member_ids.isin(who))
    present = [fit.categories_of(rollcall) for rollcall in iterations]
    drawn = latent_of(fit.draw(n_draws, iterations, seed), present, rows, moves=fit.periods is not None)
    link = need_standard(fit.link, "explanations")
    base = mix(iterations, fit.member_ids[rows], votes[rows], drawn, None, present, link, seed)
    column, wanted = iterations.index(version), base.members.get_indexer(who)
    plain = base.chances(column, column)[:, wanted]
    has_others = not isinstance(member_effect, (bool, np.bool_))
    if not has_others and not member_effect:
        return Voting(plain, None, None)
    if len(iterations) < 2:
        return Voting(
            plain, None, Unavailable("a member effect needs two versions of the resolution in the fit")
        )
    try:
        others = cast("Others", member_effect) if has_others else fit_without(rollcalls, fit, iterations)
        # Predictions of past votes were not more accurate with state dependence or means by seat history.
        latent, fitted = effect_latent(
            rollcalls,
            base,
            others,
            n_draws=n_draws,
            seed=seed,
            form=EffectForm(state_dependence=False, by_seats=False),
            wanted=wanted,
        )
    except NotUsableError as error:
        return Voting(plain, None, Unavailable(str(error)))
    return Voting(plain, chances(latent, column, column, base.link)[:, wanted], fitted)
