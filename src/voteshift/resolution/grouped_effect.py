"""The member effect with effects of groups on versions: members of a group move together on one version.

On the scale without member effects, the votes of member i on version v follow

    x_iv . beta_v + w_g(i)v,    w_gv ~ N(0, s^2),

with an independent effect w for every group and version (Bradlow, Wainer & Wang 1999,
https://doi.org/10.1007/BF02294533; `voteshift.resolution.group_effects` has the same model for tests). A
member that did not vote on a version then votes there as the members of its group did, more than position and
member effect explain.

An effect of a group on a version is the discrimination of the version on an indicator of the group. So the
model is that of `fit_member_effect` with further columns of positions, whose discriminations have a separate
prior. The standard deviation s takes a few values. The posterior probability of each value is its prior
probability times the likelihood with all other parameters integrated out.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.objective import Priors
from voteshift.resolution.effect_posterior import EffectDraws, draw_items
from voteshift.resolution.marginal import NOISE_SD, FamilyVotes
from voteshift.resolution.member_effect import MemberEffectFit, fit_member_effect, with_covariates

__all__ = ["GroupedEffect", "draw_grouped_items", "fit_grouped_effect", "group_indicators"]

Floats = NDArray[np.float64]
#: Values of s in standard deviations of the noise. The search starts in the middle and continues while the
#: probability is not negligible.
_SPREADS: Final = 2.0 ** np.arange(-3.0, 3.0)
_FIRST: Final = (1, 2, 3)
_DEEPEST: Final = 5.0  # below the maximum of the log probability: values beyond are left out


@dataclass(frozen=True, eq=False)
class GroupedEffect:
    """Posterior of s, and the member effect given every value of s.

    Attributes
    ----------
    spreads : ndarray, shape (n_values,)
        Values of s on the scale without member effects.
    probability : ndarray, shape (n_values,)
        Posterior probability of every value.
    fits : tuple of MemberEffectFit
        The member effect given every value.
    """

    spreads: Floats
    probability: Floats
    fits: tuple[MemberEffectFit, ...]

    @property
    def likeliest(self) -> MemberEffectFit:
        """The member effect given the most probable value of s."""
        return self.fits[int(self.probability.argmax())]


def group_indicators(group: NDArray[np.intp]) -> Floats:
    """Return a column for every group, 1 for its members and 0 for all others.

    Parameters
    ----------
    group : ndarray of int, shape (n_members,)
        Group of each member, from 0 to n_groups - 1; -1 if the member has no group.

    Returns
    -------
    ndarray, shape (n_members, n_groups)
    """
    return np.asarray(group[:, None] == np.arange(int(group.max(initial=-1)) + 1), dtype=np.float64)


def fit_grouped_effect(
    votes: FamilyVotes,
    positions: Floats,
    indicators: Floats,
    priors: Priors,
    *,
    prior: tuple[float, float] | None = None,
    covariates: Floats | None = None,
    persistence: tuple[float, float] | None = None,
) -> GroupedEffect:
    """Approximate the posterior of s, rho, sigma and the items, with fixed positions.

    The prior of s is a half-Cauchy distribution whose scale is the standard deviation of the noise, as Gelman
    (2006, https://doi.org/10.1214/06-BA117A) recommends for few groups.

    Parameters
    ----------
    votes, positions, priors, prior, covariates, persistence
        As in `fit_member_effect`.
    indicators : ndarray, shape (n_members, n_groups)
        As `group_indicators` returns them.

    Raises
    ------
    NotUsableError
        If the information matrix of the items at the end of a search is not positive definite.
    """
    wide = with_covariates(positions, indicators)
    n_groups, n_items = indicators.shape[1], len(votes.kinds)
    fits: dict[int, MemberEffectFit] = {}
    log_probability: dict[int, float] = {}

    def add(place: int) -> None:
        spread = _SPREADS[place] * NOISE_SD[votes.link]
        fits[place] = fit_member_effect(
            votes,
            wide,
            priors,
            prior=prior,
            covariates=covariates,
            persistence=persistence,
            further_sds=np.full(n_groups, spread),
        )
        # The evidence leaves out the constants of normal priors. The values of s are even in log s.
        constant = -n_groups * n_items * np.log(spread)
        half_cauchy = np.log(_SPREADS[place]) - np.log1p(_SPREADS[place] ** 2)
        log_probability[place] = fits[place].rho.log_evidence + constant + half_cauchy

    for place in _FIRST:
        add(place)
    while True:
        places = sorted(fits)
        floor = max(log_probability.values()) - _DEEPEST
        outside = [
            place
            for place, end in ((places[0] - 1, places[0]), (places[-1] + 1, places[-1]))
            if 0 <= place < len(_SPREADS) and log_probability[end] > floor
        ]
        if not outside:
            break
        for place in outside:
            add(place)
    log_p = np.array([log_probability[place] for place in places])
    p = np.exp(log_p - log_p.max())
    return GroupedEffect(
        _SPREADS[places] * NOISE_SD[votes.link], p / p.sum(), tuple(fits[place] for place in places)
    )


def draw_grouped_items(effect: GroupedEffect, positions: Floats, rng: np.random.Generator) -> EffectDraws:
    """Draw s, rho, items and log sigma from their posterior given the positions of every draw.

    Parameters
    ----------
    effect : GroupedEffect
        The approximate posterior.
    positions : ndarray, shape (n_draws, n_dates, n_members, n_dims + n_groups + n_means)
        Draws of the positions, the indicators of groups and covariates.
    rng : Generator
        Source of randomness.
    """
    n_draws = len(positions)
    value = rng.choice(len(effect.fits), size=n_draws, p=effect.probability)
    shape = (n_draws, len(effect.likeliest.votes.kinds), positions.shape[-1] + 2)
    items, log_sd = np.empty(shape), np.empty(n_draws)
    rho = np.zeros(n_draws) if effect.likeliest.has_persistence else None
    for place in np.unique(value):
        rows = value == place
        drawn = draw_items(effect.fits[place], positions[rows], rng)
        items[rows], log_sd[rows] = drawn.items, drawn.log_sd
        if rho is not None and drawn.persistence is not None:
            rho[rows] = drawn.persistence
    return EffectDraws(items, log_sd, rho)
