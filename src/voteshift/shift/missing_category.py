"""Cutpoints of a category that no member chose in a version, although the category was available.

If no member voted no, the votes limit the cutpoint between no and abstain on one side only. A fit leaves this
cutpoint out, so that the model expects no such vote for any position. If positions of another date replace
those at the date of the version, this is wrong: members further to the side of the category would have
chosen it. The cutpoint is therefore drawn from its posterior, given the positions and the other cutpoint. The
distance between the cutpoints on the scale of positions, gap / |discrimination|, has the distribution that it
has among the other roll calls of the fit (log-normal). Its weight is the probability that no member chose the
category.

A category was available if a member chose it in another version of the resolution.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.objective import Link
from voteshift.resolution.noise import cumulative
from voteshift.votes import CATEGORIES, Vote

__all__ = ["Distance", "absent_categories", "distance_between_cutpoints", "fill_cutpoints"]

Floats = NDArray[np.float64]
_GRID = np.linspace(-4.0, 4.0, 97)  # of the log distance, in standard deviations
_FEWEST = 10  # roll calls with three categories; fewer do not show how cutpoints are spaced
_CHUNK = 200  # draws at a time
_TINY = 1e-300


class Distance(NamedTuple):
    """Median and standard deviation of the log of the distance between cutpoints, in units of positions."""

    median: float
    sd: float


def distance_between_cutpoints(slopes: Floats, gaps: Floats) -> Distance | None:
    """Return the distribution of gap / |discrimination| over the roll calls of a fit.

    Parameters
    ----------
    slopes, gaps : ndarray, shape (n_rollcalls,)
        Discriminations, and differences of both cutpoints; NaN for a roll call without three categories.

    Returns
    -------
    Distance or None
        The median, and half the distance between the quantiles 0.16 and 0.84. None with fewer than 10 roll
        calls of three categories.
    """
    usable = np.isfinite(gaps) & (gaps > 0) & (np.abs(slopes) > 0)
    if usable.sum() < _FEWEST:
        return None
    low, middle, high = np.quantile(np.log(gaps[usable] / np.abs(slopes[usable])), (0.16, 0.5, 0.84))
    return Distance(float(middle), float(max(0.5 * (high - low), 0.01)))


def absent_categories(present: list[tuple[str, ...]]) -> dict[int, Vote]:
    """Return the versions in which one available category was not chosen, with this category."""
    available = {name for names in present for name in names}
    if len(available) < len(CATEGORIES):
        return {}
    return {
        version: Vote(next(code for code, name in enumerate(CATEGORIES) if name not in names))
        for version, names in enumerate(present)
        if len(names) == len(CATEGORIES) - 1
    }


def fill_cutpoints(
    cutpoints: Floats,
    eta: Floats,
    votes: NDArray[np.int8],
    present: list[tuple[str, ...]],
    uniform: Floats,
    *,
    slopes: Floats,
    distance: Distance,
    link: Link,
    repeats: Floats | None = None,
) -> Floats:
    """Draw the cutpoints of the categories that no member chose.

    Parameters
    ----------
    cutpoints : ndarray, shape (n_draws, n_versions, 2)
        Draws of no|abstain and abstain|yes. Missing cutpoints are infinite or equal to the other cutpoint.
    eta : ndarray, shape (n_draws, n_members, n_versions)
        Position times discrimination plus member effect, with positions at the date of each version.
    votes : ndarray of int8, shape (n_members, n_versions)
        Votes on record; negative if there is no vote.
    present : list of tuple of str
        The categories that were chosen in each version.
    uniform : ndarray, shape (n_draws, n_versions)
        Uniform random numbers in [0, 1).
    slopes : ndarray, shape (n_draws, n_versions)
        Discriminations.
    distance : Distance
        Distribution of the distance between cutpoints.
    link : {"logit", "probit"}
        Distribution of the noise.
    repeats : ndarray, shape (n_draws, n_members, n_versions), optional
        Probability that a vote on record repeats an earlier vote, whatever the cutpoints are. 0 by default.

    Returns
    -------
    ndarray, shape (n_draws, n_versions, 2)
        The same draws with finite cutpoints. Versions without an absent category do not change.
    """
    distances = np.exp(distance.median + distance.sd * _GRID)
    filled = cutpoints.copy()
    for version, absent in absent_categories(present).items():
        voted = votes[:, version] >= 0
        for begin in range(0, len(cutpoints), _CHUNK):
            part = slice(begin, begin + _CHUNK)
            gaps = np.abs(slopes[part, version, None]) * distances
            cuts = _candidates(cutpoints[part, version], absent, gaps)
            kept = None if repeats is None else repeats[part][:, voted, version]
            weights = _weights(cuts, eta[part][:, voted, version], votes[voted, version], kept, link)
            reached = (
                np.cumsum(weights, axis=1) >= uniform[part, version, None] * weights.sum(axis=1)[:, None]
            )
            chosen = reached.argmax(axis=1)
            filled[part, version] = cuts[np.arange(len(chosen)), chosen]
    return filled


def _candidates(cutpoints: Floats, absent: Vote, gaps: Floats) -> Floats:
    """Return both cutpoints for every gap, shape (n_draws, n_grid, 2)."""
    low, high = cutpoints[:, :1], cutpoints[:, 1:]
    if absent == Vote.NO:
        return np.stack([high - gaps, np.broadcast_to(high, gaps.shape)], axis=-1)
    if absent == Vote.YES:
        return np.stack([np.broadcast_to(low, gaps.shape), low + gaps], axis=-1)
    return np.stack([low - 0.5 * gaps, high + 0.5 * gaps], axis=-1)


def _weights(cuts: Floats, eta: Floats, codes: NDArray[np.int8], kept: Floats | None, link: Link) -> Floats:
    """Return the posterior weight of every gap of the grid, shape (n_draws, n_grid)."""
    log_weight = np.broadcast_to(-0.5 * _GRID**2, cuts.shape[:2]).copy()
    for code in np.unique(codes):
        of_code = eta[:, None, codes == code]
        below = 0.0 if code == Vote.NO else cumulative(cuts[..., code - 1, None] - of_code, link)
        up_to = 1.0 if code == Vote.YES else cumulative(cuts[..., code, None] - of_code, link)
        p = up_to - below
        if kept is not None:
            of_kept = kept[:, None, codes == code]
            p = of_kept + (1.0 - of_kept) * p
        log_weight += np.log(np.maximum(p, _TINY)).sum(axis=-1)
    return np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
