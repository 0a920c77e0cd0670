"""Likelihood ratio of one shared item against separate items of the versions, with NumPy arrays.

The statistic is computed for the record and for bootstrap replicates.
"""

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.objective import Link
from voteshift.resolution.group_effects import GroupEffectFits, GroupVotes, draw_spreads, fit_with_groups
from voteshift.resolution.items import ItemFits, fit_items, log_likelihoods
from voteshift.resolution.marginal import NOISE_SD, inflation
from voteshift.resolution.noise import quantile
from voteshift.resolution.replicates import ReplicateFits, fit_replicates

__all__ = ["Comparison", "compare", "compare_with_effect", "compare_with_groups"]

Floats = NDArray[np.float64]
#: Starting values of sigma for the record, in standard deviations of the noise. The better fit is used.
_STARTS: Final = (0.5, 4.0)
#: Starting values of the standard deviation of group effects for the record, and its least starting value for
#: the replicates, in standard deviations of the noise.
_GROUP_STARTS: Final = (0.2, 0.8)
_LEAST_GROUP_START: Final = 0.15
#: Maximum number of steps of fits with group effects. Few replicates need more, and each step takes time.
_STEPS_RECORD, _STEPS_REPLICATES = 200, 30


@dataclass(frozen=True, slots=True)
class Comparison:
    """Likelihood ratios of the record and of its replicates, and the convergence of the fits.

    Attributes
    ----------
    observed : float
        Likelihood ratio of the record.
    null : ndarray, shape (n_replicates,)
        Likelihood ratios of the replicates, which are drawn under the null hypothesis.
    observed_converged : bool
        True if the fits to the record converged.
    unconverged : int
        Number of replicates whose fits did not converge.
    sd : float, optional
        Sigma, the standard deviation of the member effect under the null hypothesis; None without member
        effects.
    group_sd : float, optional
        Standard deviation of the effects of a group on a version under the null hypothesis, on the latent
        scale; None without group effects.
    """

    observed: float
    null: Floats
    observed_converged: bool
    unconverged: int
    sd: float | None = None
    group_sd: float | None = None


def compare(
    votes: NDArray[np.int8], held: Floats, drawn: Floats, link: Link, rng: np.random.Generator
) -> Comparison:
    """Return the likelihood ratios of the record and of the replicates.

    Parameters
    ----------
    votes : ndarray of int8, shape (n_members, n_versions)
        Votes on record.
    held : ndarray, shape (n_dates, n_members, n_dims)
        Fixed positions used in all fits, at a single date for all versions or at the date of each version.
    drawn : ndarray, shape (n_replicates, n_dates, n_members, n_dims)
        Draws of the positions, from which the votes of the replicates are drawn.
    """
    observed, sure, one = _statistics(votes[:, None], held, link)
    cuts = one.cutpoints[0]
    n_members, n_versions = votes.shape
    eta = np.einsum("rvid,d->riv", drawn, one.discriminations[0])
    noise = quantile(rng.random((len(drawn), n_members, n_versions)), link)
    latent = eta + noise
    codes = (latent > cuts[0]).astype(np.int8) + (latent > cuts[1])
    codes = np.where(votes >= 0, codes, np.int8(-1))
    null, done, _ = _statistics(np.ascontiguousarray(codes.transpose(1, 0, 2)), held, link)
    return Comparison(float(observed[0]), null, bool(sure[0]), int((~done).sum()))


def _statistics(
    codes: NDArray[np.int8], held: Floats, link: Link
) -> tuple[Floats, NDArray[np.bool_], ItemFits]:
    """Return the likelihood ratio of every replicate, whether its fits converged, and the shared items.

    Parameters
    ----------
    codes : ndarray of int8, shape (n_members, n_replicates, n_versions)
        Votes.
    held : ndarray, shape (n_dates, n_members, n_dims)
        Fixed positions.
    """
    n_members, n_replicates, n_versions = codes.shape
    flat = codes.reshape(n_members, -1)
    replicate = np.repeat(np.arange(n_replicates), n_versions)
    version = np.tile(np.arange(n_versions), n_replicates)
    period = (version if len(held) > 1 else np.zeros_like(version)).astype(np.int32)
    separate = fit_items(flat, period, held, np.arange(flat.shape[1]), link)
    one = fit_items(flat, period, held, replicate, link)
    shared = ItemFits(one.discriminations[replicate], one.cutpoints[replicate], one.converged[replicate])
    under_null = log_likelihoods(flat, period, held, shared, link)
    # Because of the ridge, the likelihood of a separate item can be slightly below the likelihood of the
    # shared item.
    # The maximum with separate items is at least the maximum with the shared item.
    under_own = np.maximum(log_likelihoods(flat, period, held, separate, link), under_null)
    ratio = 2.0 * (under_own - under_null).reshape(n_replicates, n_versions).sum(axis=1)
    done = one.converged & separate.converged.reshape(n_replicates, n_versions).all(axis=1)
    return ratio, done, one


def compare_with_effect(
    votes: NDArray[np.int8], held: Floats, drawn: Floats, link: Link, rng: np.random.Generator
) -> Comparison:
    """Return the same likelihood ratios as `compare`, with member effects under both hypotheses.

    The likelihood can have several maxima in sigma. The fits to the record start from two values of sigma,
    and the fit with the higher likelihood is used. The fits to a replicate start once, from the parameters
    that generated the replicate. With three starts, the 95 % quantiles of the replicates change by less than
    0.3 % (a nightly test of three resolutions).
    """
    n_members, n_versions = votes.shape
    period = np.arange(n_versions) if len(held) > 1 else np.zeros(n_versions, dtype=np.intp)
    plain = fit_items(votes, period.astype(np.int32), held, np.zeros(n_versions, dtype=np.intp), link)
    tries = [
        _fit_both(votes[:, None], period, held, link, (plain.discriminations, plain.cutpoints, log_sd))
        for log_sd in np.log(np.array(_STARTS)[:, None] * NOISE_SD[link])
    ]
    one, separate = (max(fits, key=lambda fit: float(fit.value[0])) for fits in zip(*tries, strict=True))
    observed, sure = _ratio(one, separate)
    slopes, cuts, sd = one.latent(link)
    eta = np.einsum("rvid,d->riv", drawn, slopes[0])
    latent = eta + sd * rng.standard_normal((len(drawn), n_members, 1))
    latent = latent + quantile(rng.random((len(drawn), n_members, n_versions)), link)
    codes = (latent > cuts[0, 0]).astype(np.int8) + (latent > cuts[0, 1])
    codes = np.where(votes >= 0, codes, np.int8(-1)).transpose(1, 0, 2)
    null, done = _ratio(*_fit_both(codes, period, held, link, (one.slopes, one.cuts, one.log_sd)))
    return Comparison(float(observed[0]), null, bool(sure[0]), int((~done).sum()), sd)


def compare_with_groups(
    votes: NDArray[np.int8],
    held: Floats,
    drawn: Floats,
    group: NDArray[np.intp],
    link: Link,
    rng: np.random.Generator,
) -> Comparison:
    """Return the likelihood ratios with member effects and effects of groups on versions in both hypotheses.

    The votes of a group can move together from one version to another although the item is the same. Both
    hypotheses have an effect of every group on every version, with a standard deviation that is estimated
    under each hypothesis, and the replicates draw these effects. The likelihoods are those of
    `fit_group_effects`.

    Parameters
    ----------
    group : ndarray of int, shape (n_members,)
        Group of each member, from 0 to n_groups - 1; -1 if the member has no group.
    """
    n_members, n_versions = votes.shape
    n_groups = int(group.max()) + 1
    period = np.arange(n_versions) if len(held) > 1 else np.zeros(n_versions, dtype=np.intp)
    plain = fit_items(votes, period.astype(np.int32), held, np.zeros(n_versions, dtype=np.intp), link)
    starts = NOISE_SD[link] * np.array(list(product(_STARTS, _GROUP_STARTS)))
    tried = np.repeat(votes[:, None], len(starts), axis=1)
    tries = fit_with_groups(
        tried,
        period,
        held,
        group,
        link,
        (
            plain.discriminations,
            plain.cutpoints,
            np.log(starts[:, 0]),
            np.zeros((len(starts), n_groups, n_versions)),
            starts[:, 1],
        ),
        max_steps=_STEPS_RECORD,
    )
    best_one, best_separate = (int(fit.value.argmax()) for fit in tries)
    one, separate = tries
    observed = 2.0 * max(float(separate.value[best_separate] - one.value[best_one]), 0.0)
    sure = bool(one.converged[best_one] and separate.converged[best_separate])
    slopes, cuts = one.slopes[best_one, 0], one.cuts[best_one, 0]
    log_sd, spread = one.log_sd[best_one], float(one.spread[best_one])
    stretch = float(inflation(log_sd, link))
    shared_item = GroupVotes(tried, period, held, group, link, one_item=True)
    spreads = draw_spreads(shared_item, one, best_one, len(drawn), rng)
    effects = spreads[:, None, None] * rng.standard_normal((len(drawn), n_groups, n_versions))
    # Members without a group have the last effect, which is 0.
    shared = np.concatenate([effects, np.zeros((len(drawn), 1, n_versions))], axis=1)[:, group]
    latent = stretch * (np.einsum("rvid,d->riv", drawn, slopes) + shared)
    latent = latent + np.exp(log_sd) * rng.standard_normal((len(drawn), n_members, 1))
    latent = latent + quantile(rng.random((len(drawn), n_members, n_versions)), link)
    codes = (latent > stretch * cuts[0]).astype(np.int8) + (latent > stretch * cuts[1])
    codes = np.ascontiguousarray(np.where(votes >= 0, codes, np.int8(-1)).transpose(1, 0, 2))
    start = np.maximum(spreads, _LEAST_GROUP_START * NOISE_SD[link])
    fits = fit_with_groups(
        codes,
        period,
        held,
        group,
        link,
        (slopes[None], cuts[None], np.full(len(drawn), log_sd), effects, start),
        max_steps=_STEPS_REPLICATES,
    )
    null, done = _ratio(*fits)
    return Comparison(observed, null, sure, int((~done).sum()), float(np.exp(log_sd)), stretch * spread)


def _fit_both(
    codes: NDArray[np.int8],
    period: NDArray[np.intp],
    held: Floats,
    link: Link,
    start: tuple[Floats, Floats, Floats],
) -> tuple[ReplicateFits, ReplicateFits]:
    """Return the fits with one shared item and with separate items.

    The fits with separate items start from the fits with one shared item.

    Parameters
    ----------
    codes : ndarray of int8, shape (n_members, n_replicates, n_versions)
        Votes.
    period : ndarray of int, shape (n_versions,)
        Index into the dates of `held`.
    held : ndarray, shape (n_dates, n_members, n_dims)
        Fixed positions.
    """
    n_versions = codes.shape[2]
    one = fit_replicates(codes, period, np.zeros(n_versions, dtype=np.intp), held, link, start)
    separate = fit_replicates(
        codes, period, np.arange(n_versions), held, link, (one.slopes, one.cuts, one.log_sd)
    )
    return one, separate


def _ratio(
    one: ReplicateFits | GroupEffectFits, separate: ReplicateFits | GroupEffectFits
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the likelihood ratios, and whether both fits converged."""
    # As in `_statistics`: the maximum with separate items is at least the maximum with the shared item.
    return 2.0 * np.maximum(separate.value - one.value, 0.0), one.converged & separate.converged
