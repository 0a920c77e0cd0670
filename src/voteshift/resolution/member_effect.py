"""The member effect: a lasting tendency of each member on one resolution, in addition to its position.

States repeat past votes. From positions alone, the model expects far more members to change their vote than
actually do. Therefore every member has an effect u_i ~ N(0, sigma^2), which is the same for every version of
the resolution. A predicted vote of a member then resembles the other votes of this member on the resolution.
Positions come from all other roll calls. The votes on the resolution determine its items and the member
effects; they do not change the positions.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.objective import Link, Priors
from voteshift.resolution.marginal import NOISE_SD, FamilyVotes
from voteshift.resolution.noise import quantile
from voteshift.resolution.persistence import PersistencePosterior, approximate_persistence
from voteshift.resolution.sigma import SigmaPosterior, approximate_sigma
from voteshift.rollcalls import present_categories
from voteshift.votes import CATEGORIES

__all__ = [
    "MEAN_SD",
    "NO_UPPER_BOUND",
    "PERSISTENCE",
    "MemberEffectFit",
    "family_votes",
    "fit_member_effect",
    "prior_of",
    "seat_history",
    "with_covariates",
]

Floats = NDArray[np.float64]
#: Mean and standard deviation of the prior log sigma ~ N(log 3, 1). Sigma is between 0.4 and 21 with
#: probability 0.95, on the latent scale of the logistic noise with standard deviation 1.8.
PRIOR: Final = (float(np.log(3.0)), 1.0)
#: Standard deviation of the prior of a difference in the mean of the member effect, on the scale of items.
MEAN_SD: Final = 2.0
#: Beta prior of rho, the probability that a vote repeats the member's vote before it.
PERSISTENCE: Final = (1.0, 1.0)
#: The reason for an interval of sigma without an upper end.
NO_UPPER_BOUND: Final = "the votes set no upper bound"
#: An upper end of sigma above this number of standard deviations of the noise is no bound. Given the position
#: of a member, the latent values of two votes on one item then share 0.9996 of their variance.
FARTHEST: Final = 50.0
_SHOWN: Final = 0.9  # coverage of the interval in the text form of a fit
_NORMAL_OVER_LOGISTIC: Final = float(np.sqrt(3.0) / np.pi)


@dataclass(frozen=True, eq=False, repr=False)
class MemberEffectFit:
    """Posterior of the items and of the standard deviation of the member effect, given the positions.

    Attributes
    ----------
    votes : FamilyVotes
        The votes on the resolution.
    positions : ndarray, shape (n_dates, n_members, n_dims)
        Positions from the fit to all other roll calls, at its mode. If positions are constant, there is a
        single date.
    rho : PersistencePosterior
        Approximate posterior of the state dependence rho; of log sigma given rho; and of the items and the
        means given both.
    n_means : int
        Number of covariates of the member effect's mean, which follow the dimensions in `positions`.
    item_precision : ndarray, shape (n_items, n_dims + 2)
        Precision of the normal prior of every item parameter; the means are 0.
    prior : tuple of float
        Mean and standard deviation of the prior of log sigma.
    is_pooled : bool
        True if this prior was estimated from other families.
    log_sd_draws : ndarray, shape (n_draws,), or None
        Draws of log sigma given draws of the positions. Estimate and interval come from these draws, or from
        `sigma` if there are no draws.
    persistence_draws : ndarray, shape (n_draws,), or None
        Draws of rho; None if there are no draws.
    mean_draws : ndarray, shape (n_draws, n_means), or None
        Draws of the coefficients of the covariates, on the scale without member effects, as items; None if
        there are no draws.
    """

    votes: FamilyVotes
    positions: Floats
    rho: PersistencePosterior
    n_means: int
    item_precision: Floats
    prior: tuple[float, float]
    is_pooled: bool
    log_sd_draws: Floats | None = None
    persistence_draws: Floats | None = None
    mean_draws: Floats | None = None

    def __repr__(self) -> str:
        """Return the standard deviation of the member effect in words."""
        return f"<MemberEffectFit: standard deviation {self.describe_sd(_SHOWN)}>"

    @property
    def sigma(self) -> SigmaPosterior:
        """Posterior of log sigma at the most probable value of rho."""
        return self.rho.sigmas[int(self.rho.log_density.argmax())]

    @property
    def converged(self) -> bool:
        """True if the search for the items converged for every value of rho and sigma."""
        return all(sigma.converged for sigma in self.rho.sigmas)

    @property
    def log_sd(self) -> float:
        """Posterior median of log sigma."""
        return self._quantile(0.5)

    @property
    def sd(self) -> float:
        """Posterior median of sigma, the standard deviation of the member effect, on the latent scale."""
        return float(np.exp(self.log_sd))

    @property
    def is_bounded(self) -> bool:
        """False if only the default prior limits sigma, because the votes set no upper bound.

        The upper half of the posterior of log sigma is treated as normal, and the prior is removed from it.
        The votes set an upper bound if the 0.95 quantile of the result is below `FARTHEST` standard
        deviations of the noise. A prior that was estimated from other families is evidence, and sets a bound.
        """
        if self.is_pooled:
            return True
        reach = float(quantile(np.array(0.95), "probit"))
        middle, sd = self.log_sd, (self._quantile(0.95) - self.log_sd) / reach
        mean, width = self.prior
        precision = sd**-2.0 - width**-2.0
        if precision <= 0.0:
            return False
        likely = (middle * sd**-2.0 - mean * width**-2.0) / precision
        return bool(likely + reach * precision**-0.5 < np.log(FARTHEST * NOISE_SD[self.votes.link]))

    def _quantile(self, p: float) -> float:
        """Return a quantile of log sigma."""
        if self.log_sd_draws is None:
            return float(self.sigma.quantile(p))
        return float(np.quantile(self.log_sd_draws, p))

    def sd_interval(self, level: float) -> tuple[float, float]:
        """Return the interval of sigma between quantiles of its posterior.

        Parameters
        ----------
        level : float
            Coverage of the interval.

        Returns
        -------
        tuple of float
            If the votes set no upper bound, the interval is one-sided and its upper end is infinite.
        """
        if not self.is_bounded:
            return float(np.exp(self._quantile(1.0 - level))), float("inf")
        low, high = (float(np.exp(self._quantile(p))) for p in (0.5 - level / 2, 0.5 + level / 2))
        return low, high

    @property
    def has_persistence(self) -> bool:
        """True if state dependence was estimated."""
        return self.rho.prior is not None

    def persistence_interval(self, level: float) -> tuple[float, float, float]:
        """Return the posterior median of rho, and its interval between quantiles.

        Parameters
        ----------
        level : float
            Coverage of the interval.
        """
        p = np.array([0.5, 0.5 - level / 2, 0.5 + level / 2])
        draws = self.persistence_draws
        values = self.rho.quantile(p) if draws is None else np.quantile(draws, p)
        median, low, high = (float(value) for value in values)
        return median, low, high

    def describe_persistence(self, level: float) -> str:
        """Return rho and its interval in words: "0.42 (90% interval 0.10 to 0.71)"."""
        median, low, high = self.persistence_interval(level)
        return f"{median:.2f} ({100 * level:g}% interval {low:.2f} to {high:.2f})"

    def mean_intervals(self, level: float) -> list[tuple[float, float, float]]:
        """Return mean and interval between quantiles of every coefficient of the member effect's mean.

        The scale is that without member effects, on which the items have their priors.

        Parameters
        ----------
        level : float
            Coverage of the intervals.

        Returns
        -------
        list of tuple of float
            In the order of `seat_history`; empty if the mean is the same for all members.
        """
        if self.mean_draws is None or not self.n_means:
            return []
        low, high = np.quantile(self.mean_draws, [0.5 - level / 2, 0.5 + level / 2], axis=0)
        means = self.mean_draws.mean(axis=0)
        return [(float(means[k]), float(low[k]), float(high[k])) for k in range(self.n_means)]

    def describe_sd(self, level: float) -> str:
        """Return sigma and its interval in words: "2.6 (90% interval 1.6 to 4.1)"."""
        low, high = self.sd_interval(level)
        if not self.is_bounded:
            return f"at least {low:.1f} (one-sided {100 * level:g}% interval); {NO_UPPER_BOUND}"
        return f"{self.sd:.1f} ({100 * level:g}% interval {low:.1f} to {high:.1f})"


def family_votes(votes: NDArray[np.int8], link: Link, *, item: NDArray[np.intp] | None = None) -> FamilyVotes:
    """Return the list of votes cast from a matrix of members by versions.

    Parameters
    ----------
    votes : ndarray of int8, shape (n_members, n_versions)
        0 no, 1 abstain, 2 yes. Negative numbers mean that no vote was cast.
    link : {"logit", "probit"}
        Distribution of the noise.
    item : ndarray of int, shape (n_versions,), optional
        Item of each version. By default, each version has a separate item.
    """
    item_of_version = np.arange(votes.shape[1]) if item is None else item
    present = present_categories(votes)
    kinds = np.zeros((int(item_of_version.max()) + 1, len(CATEGORIES)), dtype=bool)
    np.logical_or.at(kinds, item_of_version, present)
    member, version = np.nonzero(votes >= 0)
    return FamilyVotes(
        member, version, votes[member, version].astype(np.intp), item_of_version, kinds, len(votes), link
    )


def fit_member_effect(
    votes: FamilyVotes,
    positions: Floats,
    priors: Priors,
    *,
    prior: tuple[float, float] | None = None,
    covariates: Floats | None = None,
    persistence: tuple[float, float] | None = None,
    further_sds: Floats | None = None,
) -> MemberEffectFit:
    """Approximate the posterior of rho, sigma and the items, with fixed positions.

    Parameters
    ----------
    votes : FamilyVotes
        The votes on the resolution.
    positions : ndarray, shape (n_dates, n_members, n_dims)
        Positions at a single date for all versions, or at the date of each version.
    priors : Priors
        Priors of the items, on the scale without member effects.
    prior : tuple of float, optional
        Mean and standard deviation of the prior of log sigma, estimated from other families. The default is
        `prior_of` the link.
    covariates : ndarray, shape (n_members, n_means), optional
        Covariates of the mean of the member effect, for example `seat_history`. By default the mean is 0.
    persistence : tuple of float, optional
        The two parameters of the beta prior of rho, for example `PERSISTENCE`. By default rho is 0.
    further_sds : ndarray, shape (n_further,), optional
        Standard deviations of the priors of the discriminations on the last columns of `positions`, for
        example on indicators of groups. By default all discriminations have the same prior.

    Raises
    ------
    NotUsableError
        If the information matrix of the items at the end of a search is not positive definite.
    """
    n_dims = positions.shape[-1]
    log_sd = prior_of(votes.link) if prior is None else prior
    precision = _item_precision(votes, n_dims, priors, further_sds)
    mean_precision = None
    if covariates is not None:
        mean_precision = np.full(covariates.shape[1], MEAN_SD**-2.0)
        positions = with_covariates(positions, covariates)
    start = _start(votes, n_dims)

    def fit_at(rho: float) -> SigmaPosterior:
        nonlocal start
        sigma = approximate_sigma(
            votes,
            positions,
            precision.ravel(),
            log_sd,
            start,
            mean_precision=mean_precision,
            persistence=rho,
        )
        start = sigma.items[int(sigma.log_density.argmax())]
        return sigma

    rho = approximate_persistence(votes, fit_at, persistence)
    n_means = 0 if covariates is None else covariates.shape[1]
    return MemberEffectFit(votes, positions, rho, n_means, precision, log_sd, prior is not None)


def seat_history(votes: NDArray[np.int8]) -> Floats:
    """Return the covariates of the member effect's mean: members that came later, and members that left.

    Parameters
    ----------
    votes : ndarray of int8, shape (n_members, n_versions)
        Votes on the versions in date order; negative for no vote.

    Returns
    -------
    ndarray, shape (n_members, 2)
        1 for members without a vote on the first version, and 1 for members without a vote on the last
        version; the mean over members that voted on any version is subtracted. With two versions, the columns
        distinguish members that voted on the later version only, on both, and on the earlier version only.
        Members that never voted have the mean.
    """
    cast = votes >= 0
    voted = np.asarray(cast.any(axis=1))
    history = np.asarray(~cast[:, [0, -1]], dtype=np.float64)
    return np.where(voted[:, None], history - history[voted].mean(axis=0), 0.0)


def with_covariates(positions: Floats, covariates: Floats) -> Floats:
    """Return positions followed by covariates that are the same at every date and in every draw.

    Parameters
    ----------
    positions : ndarray, shape (..., n_members, n_dims)
    covariates : ndarray, shape (n_members, n_means)
    """
    shape = (*positions.shape[:-1], covariates.shape[1])
    return np.concatenate([positions, np.broadcast_to(covariates, shape)], axis=-1)


def prior_of(link: Link) -> tuple[float, float]:
    """Return mean and standard deviation of the prior of log sigma; for the logit link this is `PRIOR`."""
    return PRIOR[0] + (0.0 if link == "logit" else float(np.log(_NORMAL_OVER_LOGISTIC))), PRIOR[1]


def _item_precision(votes: FamilyVotes, n_dims: int, priors: Priors, further_sds: Floats | None) -> Floats:
    """Return the precision of the normal prior of the parameters, shape (n_items, n_dims + 2)."""
    further = [] if further_sds is None else further_sds.tolist()
    slopes = [priors.discrimination] * (n_dims - len(further)) + further
    item = np.array([*slopes, priors.midpoint, priors.log_gap]) ** -2.0
    precision = np.tile(item, (len(votes.kinds), 1))
    precision[~votes.kinds.all(axis=1), -1] = 1.0  # items without three categories have no gap
    return precision


def _start(votes: FamilyVotes, n_dims: int) -> Floats:
    """Return starting values: discriminations of 0, and cutpoints from the shares of the categories."""
    counts = np.full(votes.kinds.shape, 0.5)
    np.add.at(counts, (votes.item[votes.version], votes.code), 1.0)
    below = np.cumsum(counts / counts.sum(axis=1, keepdims=True), axis=1)[:, :2]
    cuts = quantile(below, votes.link)
    cuts[~votes.kinds[:, 0]] = cuts[~votes.kinds[:, 0], 1:]
    cuts[~votes.kinds[:, 2]] = cuts[~votes.kinds[:, 2], :1]
    full = votes.kinds.all(axis=1)
    gap = np.where(full, cuts[:, 1] - cuts[:, 0], 1.0)
    return np.column_stack([np.zeros((len(cuts), n_dims)), cuts.mean(axis=1), np.log(gap)])
