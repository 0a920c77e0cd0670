"""A score test of the dependence of the votes on one resolution on a further dimension.

Given positions x and member effects, the votes on version v of a resolution follow

    P(y_iv <= c) = F(kappa_vc - x_i . beta_v - gamma z_i - sigma u_i),    u_i ~ N(0, 1),

where z_i is the position of the member on a further dimension. With gamma, the mean of the member effect
depends on z_i. The null hypothesis is gamma = 0. The statistic is the efficient score of gamma: the
derivative of the log-likelihood by gamma at the fit with gamma = 0, without the part that items and sigma
explain (Rao 1948, https://doi.org/10.1017/S0305004100023987). Replicates are not fitted: their scores are
computed at the parameters that generated them.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import NotUsableError
from voteshift.ideal.objective import Link
from voteshift.likelihood.testlets import evaluate_testlets
from voteshift.resolution.items import RIDGE, fit_items
from voteshift.resolution.marginal import NOISE_SD, inflation
from voteshift.resolution.noise import quantile
from voteshift.resolution.replicates import HIGHEST, LOWEST, ReplicateFits, fit_replicates
from voteshift.rollcalls import present_categories

__all__ = ["FurtherSlope", "measure_further_slope"]

Floats = NDArray[np.float64]
#: Starting values of sigma, in standard deviations of the noise. The better fit is used.
_STARTS: Final = (0.5, 4.0)
_ROUNDING: Final = 1e-9  # of statistics that are compared


@dataclass(frozen=True, slots=True)
class FurtherSlope:
    """The slope of the votes on a further dimension, of the record and of replicates without such a slope.

    Slopes are one-step estimates: the efficient score divided by its information. They are on the scale
    without member effects, as the discriminations of the items.

    Attributes
    ----------
    estimate : float
        The slope gamma that all versions share.
    null : ndarray, shape (n_replicates,)
        The slopes of replicates that are drawn with gamma = 0.
    discriminations : ndarray, shape (n_versions, n_dims)
        Discriminations of the versions at the fit with gamma = 0.
    sd : float
        Sigma, the standard deviation of the member effect, on the latent scale.
    converged : bool
        True if the fit with gamma = 0 converged.
    """

    estimate: float
    null: Floats
    discriminations: Floats
    sd: float
    converged: bool

    @property
    def std_error(self) -> float:
        """Standard deviation of the slope over the replicates."""
        return float(self.null.std(ddof=1))

    @property
    def p_value(self) -> float:
        """Share of replicates, the record included, whose slope is at least as far from 0."""
        as_far = np.abs(self.null) >= abs(self.estimate) - _ROUNDING
        return float((1 + as_far.sum()) / (len(self.null) + 1))


def measure_further_slope(
    votes: NDArray[np.int8],
    held: Floats,
    place: Floats,
    drawn: Floats,
    link: Link,
    rng: np.random.Generator,
) -> FurtherSlope:
    """Estimate the slope of the votes on a further dimension, for the record and for replicates without one.

    Parameters
    ----------
    votes : ndarray of int8, shape (n_members, n_versions)
        Votes on record: 0 no, 1 abstain, 2 yes; negative for no vote.
    held : ndarray, shape (n_dates, n_members, n_dims)
        Fixed positions used in all evaluations, at a single date or at the date of each version.
    place : ndarray, shape (n_members,)
        Positions on the further dimension.
    drawn : ndarray, shape (n_replicates, n_dates, n_members, n_dims)
        Draws of the positions, from which the votes of the replicates are drawn.
    link : {"logit", "probit"}
        Distribution of the noise.
    rng : numpy.random.Generator
        Random numbers of the replicates.

    Raises
    ------
    NotUsableError
        If the votes contain no information on the slope.
    """
    n_members, n_versions = votes.shape
    date = np.arange(n_versions) if len(held) > 1 else np.zeros(n_versions, dtype=np.intp)
    fit = _fit(votes, date, held, link)
    slopes, cuts, sd = fit.latent(link)
    latent = np.einsum("rvid,vd->riv", drawn, slopes) + sd * rng.standard_normal((len(drawn), n_members, 1))
    latent = latent + quantile(rng.random((len(drawn), n_members, n_versions)), link)
    codes = (latent > cuts[:, 0]).astype(np.int8) + (latent > cuts[:, 1])
    codes = np.where(votes >= 0, codes, np.int8(-1)).transpose(1, 0, 2)
    # A version in which all votes are the same contains no information.
    certain = present_categories(votes).sum(axis=1) < 2
    every = np.concatenate([votes[:, None], codes], axis=1)
    n_sets = every.shape[1]
    further = np.broadcast_to(place[None, :, None], (*held.shape[:2], 1))
    evaluated = evaluate_testlets(
        np.where(certain, np.int8(-1), every),
        date,
        np.arange(n_versions),
        np.concatenate([held, further], axis=2),
        np.repeat(np.column_stack([slopes, np.zeros(n_versions)])[None], n_sets, axis=0),
        np.repeat(cuts[None], n_sets, axis=0),
        np.full(n_sets, sd),
        link=link,
    )
    slope = _one_step(evaluated.gradient, evaluated.information[1:].mean(axis=0), n_versions, fit, link)
    slope /= float(inflation(fit.log_sd[0], link))
    return FurtherSlope(float(slope[0]), slope[1:], fit.slopes[0], sd, bool(fit.converged[0]))


def _fit(votes: NDArray[np.int8], date: NDArray[np.intp], held: Floats, link: Link) -> ReplicateFits:
    """Fit items and sigma without a slope on the further dimension."""
    item = np.arange(votes.shape[1])
    plain = fit_items(votes, date.astype(np.int32), held, item, link)
    fits = []
    for log_sd in np.log(np.array(_STARTS) * NOISE_SD[link]):
        start = (plain.discriminations, plain.cutpoints, np.array([log_sd]))
        fits.append(fit_replicates(votes[:, None], date, item, held, link, start))
    return max(fits, key=lambda fit: float(fit.value[0]))


def _one_step(
    gradient: Floats, information: Floats, n_versions: int, fit: ReplicateFits, link: Link
) -> Floats:
    """Return the one-step estimate of the slope for every set of votes, on the latent scale; (n_sets,).

    Parameters
    ----------
    gradient : ndarray, shape (n_sets, n_parameters)
        First derivatives of every set of votes, as in `Testlets`.
    information : ndarray, shape (n_parameters, n_parameters)
        Mean information of the replicates.
    n_versions : int
        Number of versions. Each has a separate item, whose last slope is that on the further dimension.
    fit : ReplicateFits
        The fit at which the derivatives were computed.
    link : {"logit", "probit"}
        Distribution of the noise.
    """
    width = (gradient.shape[1] - 1) // n_versions
    further = np.zeros(gradient.shape[1])
    further[width - 3 : -1 : width] = 1.0  # the derivative of the separate slopes by the common slope
    nuisance = (further == 0.0) & (np.diag(information) > 0.0)
    # If sigma is at a bound of its range, it is fixed there.
    lowest, highest = np.log(np.array([LOWEST, HIGHEST]) * NOISE_SD[link])
    nuisance[-1] &= lowest < fit.log_sd[0] < highest
    inner = information[np.ix_(nuisance, nuisance)] + 2.0 * RIDGE * np.eye(int(nuisance.sum()))
    across = information[nuisance] @ further
    explained = np.linalg.solve(inner, across)
    left = float(further @ information @ further - across @ explained)
    if left <= _ROUNDING:
        raise NotUsableError("the votes contain no information on a further dimension")
    return np.asarray((gradient @ further - gradient[:, nuisance] @ explained) / left)
