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

from voteshift.errors import NotUsableError
from voteshift.ideal.newton import Evaluation, maximise
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
#: Mean and standard deviation of the prior log sigma ~ N(log 3, 1). Sigma is between 0.4 and 21 with
#: probability 0.95, on the latent scale of the logistic noise with standard deviation 1.8.
PRIOR: Final = (float(np.log(3.0)), 1.0)
_NORMAL_OVER_LOGISTIC: Final = float(np.sqrt(3.0) / np.pi)
_STEPS, _TOLERANCE, _SLACK = 60, 1e-18, 1e-9
_LONGEST: Final = 2.0  # of a step, in every parameter


@dataclass(frozen=True, eq=False)
class MemberEffectFit:
    """Items and the standard deviation of the member effect at their mode.

    Attributes
    ----------
    votes : FamilyVotes
        The votes on the resolution.
    positions : ndarray, shape (n_dates, n_members, n_dims)
        Positions from the fit to all other roll calls, at its mode. If positions are constant, there is a
        single date.
    items : ndarray, shape (n_versions, n_dims + 2)
        Items on the scale without member effects.
    log_sd : float
        Log of sigma.
    covariance : ndarray, shape (n_parameters, n_parameters)
        Covariance matrix of the items and the log of sigma, given the positions.
    converged : bool
        True if the information matrix is positive definite and a further Newton step would increase the log
        posterior by less than 1e-18.
    prior : tuple of float
        Mean and standard deviation of the prior of log sigma.
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
        """Return the interval of sigma, computed from a normal distribution of log sigma."""
        reach = float(quantile(np.array(0.5 + level / 2), "probit") * np.sqrt(self.covariance[-1, -1]))
        return float(np.exp(self.log_sd - reach)), float(np.exp(self.log_sd + reach))


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
    votes: FamilyVotes, positions: Floats, priors: Priors, *, prior: tuple[float, float] | None = None
) -> MemberEffectFit:
    """Find the mode of items and sigma by Newton's method, with fixed positions.

    Parameters
    ----------
    votes : FamilyVotes
        The votes on the resolution.
    positions : ndarray, shape (n_dates, n_members, n_dims)
        Positions at a single date for all versions, or at the date of each version.
    priors : Priors
        Priors of the items, on the scale without member effects.
    prior : tuple of float, optional
        Mean and standard deviation of the prior of log sigma. The default is `prior_of` the link.

    Raises
    ------
    NotUsableError
        If the information matrix at the end of the search is not positive definite.
    """
    n_items, n_dims = len(votes.kinds), positions.shape[-1]
    log_sd = prior_of(votes.link) if prior is None else prior
    start = np.append(_start(votes, n_dims).ravel(), log_sd[0])
    precision, centre = _prior(votes, n_dims, priors, log_sd)

    def evaluate(point: Floats, rows: NDArray[np.intp]) -> Evaluation:  # noqa: ARG001
        likelihood = marginal(votes, positions, point[0, :-1].reshape(n_items, -1), float(point[0, -1]))
        away = point[0] - centre
        return Evaluation(
            np.array([likelihood.value - 0.5 * float(precision @ away**2)]),
            np.array([likelihood.value]),
            (likelihood.gradient - precision * away)[None],
            (likelihood.information + np.diag(precision))[None],
            (likelihood.complete + np.diag(precision))[None],
        )

    def move(point: Floats, step: Floats, rows: NDArray[np.intp]) -> Floats:  # noqa: ARG001
        return point + np.clip(step, -_LONGEST, _LONGEST)

    maxima = maximise(evaluate, start[None], move, tolerance=_TOLERANCE, slack=_SLACK, max_steps=_STEPS)
    point = maxima.point[0]
    try:
        root = np.linalg.inv(np.linalg.cholesky(maxima.information[0]))
    except np.linalg.LinAlgError:
        raise NotUsableError("the optimiser found no maximum of the likelihood with member effects") from None
    items = point[:-1].reshape(n_items, -1)
    converged = bool(maxima.converged[0])
    return MemberEffectFit(votes, positions, items, float(point[-1]), root.T @ root, converged, log_sd)


def prior_of(link: Link) -> tuple[float, float]:
    """Return mean and standard deviation of the prior of log sigma; for the logit link this is `PRIOR`."""
    return PRIOR[0] + (0.0 if link == "logit" else float(np.log(_NORMAL_OVER_LOGISTIC))), PRIOR[1]


def _prior(
    votes: FamilyVotes, n_dims: int, priors: Priors, log_sd: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Return precision and mean of the normal prior of every parameter."""
    item = np.array([priors.discrimination] * n_dims + [priors.midpoint, priors.log_gap]) ** -2.0
    precision = np.tile(item, (len(votes.kinds), 1))
    precision[~votes.kinds.all(axis=1), -1] = 1.0  # items without three categories have no gap
    centre = np.zeros(precision.size + 1)
    centre[-1] = log_sd[0]
    return np.append(precision.ravel(), log_sd[1] ** -2.0), centre


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
