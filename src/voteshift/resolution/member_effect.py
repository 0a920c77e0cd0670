"""The member effect on one resolution: how each member differs there, lastingly, from its position.

States repeat themselves: given positions alone the model expects far more members to switch than do. A
member effect u_i ~ N(0, sigma^2) of every member, the same on every iteration, lets a vote never cast
resemble the member's own votes on the same resolution. Positions come from all other roll calls;
the resolution's own votes place its items and the member effects, and do not move positions.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import NotUsableError
from voteshift.ideal.objective import Link, Priors
from voteshift.resolution.marginal import FamilyVotes, marginal
from voteshift.resolution.noise import quantile
from voteshift.rollcalls import present_categories
from voteshift.votes import CATEGORIES

__all__ = [
    "MemberEffectFit",
    "family_votes",
    "fit_member_effect",
    "prior_of",
]

Floats = NDArray[np.float64]
#: log sigma ~ N(log 3, 1): sigma between 0.4 and 21 with probability 0.95, on the latent scale of
#: the logistic noise, whose standard deviation is 1.8.
PRIOR: Final = (float(np.log(3.0)), 1.0)
_NORMAL_OVER_LOGISTIC: Final = float(np.sqrt(3.0) / np.pi)
_STEPS, _TOLERANCE = 60, 1e-6


@dataclass(frozen=True, eq=False)
class MemberEffectFit:
    """Items and the standard deviation of the member effect at their mode.

    Attributes
    ----------
    votes : FamilyVotes
        The votes on the resolution.
    positions : ndarray, shape (n_dates, n_members, n_dims)
        Of the fit to all other roll calls, at its mode; a single date where they do not move.
    items : ndarray, shape (n_versions, n_dims + 2)
        On the scale without member effects.
    log_sd : float
        Log of sigma.
    covariance : ndarray, shape (n_parameters, n_parameters)
        Of the items and the log of sigma, positions held.
    converged : bool
        Whether the gradient, in posterior standard deviations, is within tolerance.
    prior : tuple of float
        Mean and standard deviation of log sigma before the votes.
    """

    votes: FamilyVotes
    positions: Floats
    items: Floats
    log_sd: float
    covariance: Floats
    converged: bool
    prior: tuple[float, float]

    @property
    def sd(self) -> float:
        """Sigma, the standard deviation of the member effect, on the latent scale."""
        return float(np.exp(self.log_sd))

    def sd_interval(self, level: float) -> tuple[float, float]:
        """Return the interval of sigma, normal on the log scale."""
        reach = float(quantile(np.array(0.5 + level / 2), "probit") * np.sqrt(self.covariance[-1, -1]))
        return float(np.exp(self.log_sd - reach)), float(np.exp(self.log_sd + reach))


def family_votes(votes: NDArray[np.int8], link: Link, *, item: NDArray[np.intp] | None = None) -> FamilyVotes:
    """List the votes of a matrix members by versions.

    Parameters
    ----------
    votes : ndarray of int8, shape (n_members, n_versions)
        Negative means that no vote was cast.
    link : {"logit", "probit"}
        Distribution of the noise.
    item : ndarray of int, shape (n_versions,), optional
        Item of each version; its own by default.
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
    votes: FamilyVotes, positions: Floats, priors: Priors, *, prior: tuple[float, float] | None = None
) -> MemberEffectFit:
    """Find the mode of items and sigma by damped Newton steps, positions held.

    Parameters
    ----------
    votes : FamilyVotes
        The votes on the resolution.
    positions : ndarray, shape (n_dates, n_members, n_dims)
        One date for all versions, or one for each.
    priors : Priors
        Of the items, on the scale without member effects.
    prior : tuple of float, optional
        Mean and standard deviation of log sigma beforehand; `PRIOR` by default.

    Raises
    ------
    NotUsableError
        If the curvature at the mode is not that of a maximum.
    """
    n_items, n_dims = len(votes.kinds), positions.shape[-1]
    log_sd = prior_of(votes.link) if prior is None else prior
    point = np.append(_start(votes, n_dims).ravel(), log_sd[0])
    precision, centre = _prior(votes, n_dims, priors, log_sd)

    def evaluate(point: Floats) -> tuple[float, Floats, Floats]:
        likelihood = marginal(votes, positions, point[:-1].reshape(n_items, -1), float(point[-1]))
        away = point - centre
        value = likelihood.value - 0.5 * float(precision @ away**2)
        return (
            value,
            likelihood.gradient - precision * away,
            likelihood.information + np.diag(precision),
        )

    value, gradient, information = evaluate(point)
    damping, converged = 0.0, False
    for _ in range(_STEPS):
        spread, axes = np.linalg.eigh(information)
        # Where the curvature is not that of a maximum, the step follows the gradient at its size.
        sizes = np.maximum(np.abs(spread), 1e-3) + damping
        along = axes.T @ gradient
        converged = bool(spread.min() > 0 and np.max(np.abs(along) / np.sqrt(sizes)) < _TOLERANCE)
        if converged:
            break
        trial = point + np.clip(axes @ (along / sizes), -2.0, 2.0)
        evaluation = evaluate(trial)
        if evaluation[0] > value - 1e-12:
            point, (value, gradient, information) = trial, evaluation
            damping /= 4.0
        else:
            damping = max(4.0 * damping, 0.1)
    try:
        root = np.linalg.inv(np.linalg.cholesky(information))
    except np.linalg.LinAlgError:
        raise NotUsableError(
            "the likelihood of the member effect has no maximum that could be found"
        ) from None
    items = point[:-1].reshape(n_items, -1)
    return MemberEffectFit(votes, positions, items, float(point[-1]), root.T @ root, converged, log_sd)


def prior_of(link: Link) -> tuple[float, float]:
    """Return mean and standard deviation of log sigma on a link's latent scale; `PRIOR` is logit's."""
    return PRIOR[0] + (0.0 if link == "logit" else float(np.log(_NORMAL_OVER_LOGISTIC))), PRIOR[1]


def _prior(
    votes: FamilyVotes, n_dims: int, priors: Priors, log_sd: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Precision and centre of the normal prior of every parameter."""
    item = np.array([priors.discrimination] * n_dims + [priors.midpoint, priors.log_gap]) ** -2.0
    precision = np.tile(item, (len(votes.kinds), 1))
    precision[~votes.kinds.all(axis=1), -1] = 1.0  # the gap such an item does not have
    centre = np.zeros(precision.size + 1)
    centre[-1] = log_sd[0]
    return np.append(precision.ravel(), log_sd[1] ** -2.0), centre


def _start(votes: FamilyVotes, n_dims: int) -> Floats:
    """Items that place nobody: cutpoints at the shares of the categories."""
    counts = np.full(votes.kinds.shape, 0.5)
    np.add.at(counts, (votes.item[votes.version], votes.code), 1.0)
    below = np.cumsum(counts / counts.sum(axis=1, keepdims=True), axis=1)[:, :2]
    cuts = quantile(below, votes.link)
    cuts[~votes.kinds[:, 0]] = cuts[~votes.kinds[:, 0], 1:]
    cuts[~votes.kinds[:, 2]] = cuts[~votes.kinds[:, 2], :1]
    full = votes.kinds.all(axis=1)
    gap = np.where(full, cuts[:, 1] - cuts[:, 0], 1.0)
    return np.column_stack([np.zeros((len(cuts), n_dims)), cuts.mean(axis=1), np.log(gap)])
