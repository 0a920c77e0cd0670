"""Members that determine the scale: standard errors, and the side on which votes do not limit the position.

Positions have standard deviation 1. If one member is far from all other members, its distance from them
determines the scale. The constraint then hardly lets this member move, whatever its votes are. The curvature
along the constraint gives a standard error near 0. This standard error reflects the constraint and not the
votes.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from voteshift.ideal.objective import AnyLink
from voteshift.likelihood import Design
from voteshift.likelihood.terms import log_probabilities, vote_limits

__all__ = ["carriers", "open_sides", "scale_shares"]

Floats = NDArray[np.float64]

_MOST = 0.5  # a member determines the scale if the constraint forbids more than this share of its movement


def scale_shares(positions: Floats, seen: NDArray[np.bool_] | None = None) -> Floats:
    """Return the share of each member's movement that the constraint on location and scale forbids.

    Parameters
    ----------
    positions : ndarray, shape (n_members, n_dims), or (n_periods, n_members) with `seen`
        Standardised positions.
    seen : ndarray of bool, shape (n_periods, n_members), optional
        The member-periods over which positions are standardised.

    Returns
    -------
    ndarray, shape (n_members,)
        Between 0 and 1. It is 1 for a member if all other members have the same position.
    """
    if seen is None:
        return np.asarray((1.0 + np.sum(positions**2, axis=1)) / len(positions))
    return np.asarray(np.sum(seen * (1.0 + positions**2), axis=0) / seen.sum())


def carriers(shares: Floats) -> NDArray[np.intp]:
    """Return the rows of the members whose share of the scale is more than half."""
    return np.flatnonzero(shares > _MOST)


def open_sides(
    design: Design,
    link: AnyLink,
    positions: Floats,
    discriminations: Floats,
    cutpoints: Floats,
    *,
    members: NDArray[np.intp],
    level: float,
) -> Floats:
    """Return the side on which the votes of a member do not limit its position.

    Parameters
    ----------
    design : Design
        The votes.
    link : {"logit", "probit"} or Noise
        Distribution of the noise.
    positions : ndarray, shape (n_periods, n_members, n_dims)
    discriminations : ndarray, shape (n_items, n_dims)
    cutpoints : ndarray, shape (n_items, 2)
    members : ndarray of int
        Rows of the members to examine.
    level : float
        Coverage of the intervals.

    Returns
    -------
    ndarray, shape (n_members, n_dims)
        The sign of the position, 1 or -1, if the votes do not limit the position on that side; otherwise 0.
        The log-likelihood of the member's votes is computed with the position moved away from 0 by the
        largest distance that the scale allows, with items fixed. The position has no limit if the
        log-likelihood falls by less than half the chi-squared quantile at `level` (one degree of freedom).
    """
    result = np.zeros(positions.shape[1:])
    fall = 0.5 * float(ndtri(0.5 + level / 2)) ** 2
    for member in members:
        columns = np.flatnonzero(design.votes[member] >= 0)
        items = design.item[columns]
        limits = vote_limits(cutpoints[items], design.codes[member, columns], design.n_categories[items])
        here = positions[design.period[columns], member]
        eta = np.sum(here * discriminations[items], axis=1)
        sides = np.where(here.mean(axis=0) < 0, -1.0, 1.0)
        for dimension, side in enumerate(sides):
            away = eta + side * np.sqrt(design.n_members) * discriminations[items, dimension]
            change = log_probabilities(away, *limits, link) - log_probabilities(eta, *limits, link)
            if change.sum() > -fall:
                result[member, dimension] = side
    return result
