"""Members that carry the scale: their standard errors, and the side on which no vote bounds their position.

Positions have standard deviation 1. Where one member stands apart from all others its distance from them is
what the scale measures: along the constraint it can hardly move, whatever its votes. The curvature
along the constraint then gives a standard error near 0, which is that of the scale and not of the votes.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from voteshift.ideal.objective import Link
from voteshift.likelihood import Design
from voteshift.likelihood.terms import vote_limits, vote_terms

__all__ = ["carriers", "open_sides", "scale_shares"]

Floats = NDArray[np.float64]

_MOST = 0.5  # share of a move that the constraint forbids, beyond which a member carries the scale


def scale_shares(positions: Floats, seen: NDArray[np.bool_] | None = None) -> Floats:
    """Return the share of each member's move that the constraint of location and scale forbids.

    Parameters
    ----------
    positions : ndarray, shape (n_members, n_dims), or (n_periods, n_members) with `seen`
        Standardised.
    seen : ndarray of bool, shape (n_periods, n_members), optional
        The member-periods that the scale is taken over.

    Returns
    -------
    ndarray, shape (n_members,)
        Between 0 and 1; 1 for a member that stands against all others in one place.
    """
    if seen is None:
        return np.asarray((1.0 + np.sum(positions**2, axis=1)) / len(positions))
    return np.asarray(np.sum(seen * (1.0 + positions**2), axis=0) / seen.sum())


def carriers(shares: Floats) -> NDArray[np.intp]:
    """Return the members whose share of the scale is more than half."""
    return np.flatnonzero(shares > _MOST)


def open_sides(
    design: Design,
    link: Link,
    positions: Floats,
    discriminations: Floats,
    cutpoints: Floats,
    *,
    members: NDArray[np.intp],
    level: float,
) -> Floats:
    """Return the side on which a member's own votes set no bound to its position.

    Parameters
    ----------
    design : Design
        The votes.
    link : {"logit", "probit"}
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
        1 or -1, away from 0, where the log-likelihood of the member's votes, items held, does not fall by as
        much as `level` asks (likelihood ratio, one degree of freedom) on the way from its position outwards
        by the largest distance that the scale has; 0 elsewhere.
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
            change = vote_terms(away, *limits, link).log_p - vote_terms(eta, *limits, link).log_p
            if change.sum() > -fall:
                result[member, dimension] = side
    return result
