"""The likelihood ratio of one item against an item each, on plain arrays: of the record and of replicates."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.objective import Link
from voteshift.resolution.items import ItemFits, fit_items, log_likelihoods
from voteshift.resolution.marginal import NOISE_SD
from voteshift.resolution.noise import quantile
from voteshift.resolution.replicates import ReplicateFits, fit_replicates

__all__ = ["Comparison", "compare", "compare_with_effect"]

Floats = NDArray[np.float64]
#: Where sigma starts for the record, in standard deviations of the noise: the better of the two ends counts.
_STARTS: Final = (0.5, 4.0)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The statistic of the record and of its replicates, and which fits converged."""

    observed: float
    null: Floats
    observed_converged: bool
    unconverged: int
    sd: float | None = None


def compare(
    votes: NDArray[np.int8], held: Floats, drawn: Floats, link: Link, rng: np.random.Generator
) -> Comparison:
    """Return the statistic of the record and of the replicates.

    Parameters
    ----------
    votes : ndarray of int8, shape (n_members, n_versions)
    held : ndarray, shape (n_dates, n_members, n_dims)
        One date for all versions, or one for each.
    drawn : ndarray, shape (n_replicates, n_dates, n_members, n_dims)
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
    """Return the likelihood ratio of every replicate, whether its fits converged, and the one-item fits.

    Parameters
    ----------
    codes : ndarray of int8, shape (n_members, n_replicates, n_versions)
    held : ndarray, shape (n_dates, n_members, n_dims)
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
    # The ridge may leave a roll call's own item a little below the shared one; the maximum is at least that.
    under_own = np.maximum(log_likelihoods(flat, period, held, separate, link), under_null)
    ratio = 2.0 * (under_own - under_null).reshape(n_replicates, n_versions).sum(axis=1)
    done = one.converged & separate.converged.reshape(n_replicates, n_versions).all(axis=1)
    return ratio, done, one


def compare_with_effect(
    votes: NDArray[np.int8], held: Floats, drawn: Floats, link: Link, rng: np.random.Generator
) -> Comparison:
    """Compare as `compare` does, with member effects in both hypotheses.

    The likelihood may have more than one maximum in sigma. The fits of the record start from either end and
    the higher one counts; those of a replicate start from the parameters it is drawn from, once: starting
    them three times moves their 95 % quantiles by less than 0.3 % (a nightly test of three resolutions).
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


def _fit_both(
    codes: NDArray[np.int8],
    period: NDArray[np.intp],
    held: Floats,
    link: Link,
    start: tuple[Floats, Floats, Floats],
) -> tuple[ReplicateFits, ReplicateFits]:
    """Return the fits with one item and with an item each, which the first one starts.

    Parameters
    ----------
    codes : ndarray of int8, shape (n_members, n_replicates, n_versions)
    period : ndarray of int, shape (n_versions,)
    held : ndarray, shape (n_dates, n_members, n_dims)
    """
    n_versions = codes.shape[2]
    one = fit_replicates(codes, period, np.zeros(n_versions, dtype=np.intp), held, link, start)
    separate = fit_replicates(
        codes, period, np.arange(n_versions), held, link, (one.slopes, one.cuts, one.log_sd)
    )
    return one, separate


def _ratio(one: ReplicateFits, separate: ReplicateFits) -> tuple[Floats, NDArray[np.bool_]]:
    """Return likelihood ratios, and whether both fits converged."""
    # As in `_statistics`: the maximum with an item each is at least that with one.
    return 2.0 * np.maximum(separate.value - one.value, 0.0), one.converged & separate.converged
