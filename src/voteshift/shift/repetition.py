"""Votes that repeat another vote of the same member on the resolution: state dependence.

A vote that was not cast depends on the votes of the member before and after it. It repeats the vote before it
with probability rho, and the vote after it repeats it with probability rho. Given the draws of positions,
items and member effects, Bayes' rule gives the probabilities of the vote.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.objective import Link
from voteshift.resolution.noise import between, cumulative
from voteshift.resolution.persistence import previous_votes, repeated_votes
from voteshift.shift.latent import Latent, chances_at
from voteshift.streams import Stream, start_stream
from voteshift.votes import CATEGORIES

__all__ = ["Repetition", "chances_given_votes", "draw_repeated", "repetition"]

Floats = NDArray[np.float64]


def chances_given_votes(
    latent: Latent, votes: NDArray[np.int8], eta: Floats, version: int, link: Link
) -> Floats:
    """Return P(no, abstain, yes) given the draw and the member's votes on the other versions.

    Parameters
    ----------
    latent : Latent
        Positions, items, member effects and state dependence.
    votes : ndarray of int8, shape (n_members, n_versions)
        Votes on record; negative if there is no vote.
    eta : ndarray, shape (n_draws, n_members)
        Sums of x . beta and member effect, for any positions. Positions at the version's date determine which
        votes repeat and are repeated. A vote that the following vote repeats follows other positions with
        its noise, as a vote on record does.
    version : int
        Index of the version.
    link : {"logit", "probit"}
        Distribution of the noise.

    Returns
    -------
    ndarray, shape (n_draws, n_members, 3)
        Without state dependence, the same as `chances_at`.
    """
    plain = chances_at(eta, latent, version, link)
    if latent.persistence is None:
        return plain
    weights = repetition(latent, votes, version, np.arange(len(votes)), link)
    mixed: Floats = (1.0 - weights.repeats - weights.is_repeated)[..., None] * plain
    for code in range(len(CATEGORIES)):
        mixed[..., code] += np.where(weights.previous == code, weights.repeats, 0.0)
    rows = np.flatnonzero(weights.following >= 0)
    lower, upper = _bounds(latent, weights.following[rows], version, rows)
    mixed[:, rows] += weights.is_repeated[:, rows, None] * _chances_within(
        lower, upper, latent.cutpoints[:, version], eta[:, rows], link
    )
    return mixed


def _chances_within(lower: Floats, upper: Floats, cutpoints: Floats, eta: Floats, link: Link) -> Floats:
    """Return the probabilities of the votes if the noise is between two bounds, (n_draws, n_rows, 3)."""
    cuts = np.clip(cutpoints[:, None] - eta[..., None], lower[..., None], upper[..., None])
    ends = np.concatenate([lower[..., None], cuts, upper[..., None]], axis=-1)
    # In the lower tail, probabilities keep their relative precision.
    mirrored = ends[..., :1] > 0.0
    below = cumulative(np.where(mirrored, -ends, ends), link)
    inside = np.abs(np.diff(below, axis=-1))
    total = inside.sum(axis=-1, keepdims=True)
    # If all underflow, so does the probability that the vote is repeated.
    return np.asarray(np.divide(inside, total, out=np.full_like(inside, 1.0 / 3.0), where=total > 0.0))


@dataclass(frozen=True, slots=True)
class Repetition:
    """Dependence of votes on one version on the votes of the same members before and after it.

    Attributes
    ----------
    previous, following : ndarray of int8, shape (n_rows,)
        The last vote before the version and the first vote after it; -1 if there is none.
    repeats : ndarray, shape (n_draws, n_rows)
        Probability that the vote repeats the previous vote.
    is_repeated : ndarray, shape (n_draws, n_rows)
        Probability that the vote does not repeat the previous vote, and that the following vote repeats it.
    """

    previous: NDArray[np.int8]
    following: NDArray[np.int8]
    repeats: Floats
    is_repeated: Floats


def repetition(
    latent: Latent, votes: NDArray[np.int8], version: int, rows: NDArray[np.intp], link: Link
) -> Repetition:
    """Return the probabilities that a vote repeats, and is repeated, by Bayes' rule.

    Let P be the probabilities of the vote without state dependence, p its previous vote, f its following vote
    and Q the probability of f without state dependence. A vote y has the probability

        (rho [y = p] + (1 - rho) P(y)) (rho [f = y] + (1 - rho) Q),

    up to a constant factor. Without a previous vote, the first factor is P(y). Without a following vote, the
    second factor is 1. The member's own vote on the version is not used.

    Parameters
    ----------
    latent, votes, version, link
        As in `chances_given_votes`.
    rows : ndarray of int
        Rows of the members.
    """
    if latent.persistence is None:
        raise ValueError("the draws have no state dependence")
    rho = latent.persistence[:, None]
    cast = votes[rows]
    previous = previous_votes(cast)[:, version]
    following = np.full(len(rows), -1, dtype=np.int8)
    after = np.ones((len(rho), len(rows)))  # probability of the following vote if it does not repeat
    for later in range(version + 1, votes.shape[1]):
        is_next = np.flatnonzero((following < 0) & (cast[:, later] >= 0))
        following[is_next] = cast[is_next, later]
        after[:, is_next] = _chance_of(latent, following[is_next], later, rows[is_next], link)
    has_following = following >= 0
    repeat = np.where(previous >= 0, rho, 0.0)
    fresh = np.where(has_following, (1.0 - rho) * after, 1.0)
    repeats = repeat * (fresh + np.where(has_following & (following == previous), rho, 0.0))
    is_repeated = np.zeros_like(repeats)
    last = np.flatnonzero(has_following)
    same = _chance_of(latent, following[last], version, rows[last], link)
    is_repeated[:, last] = (1.0 - repeat[:, last]) * rho * same
    total = repeats + is_repeated + (1.0 - repeat) * fresh
    return Repetition(previous, following, repeats / total, is_repeated / total)


def _chance_of(
    latent: Latent, codes: NDArray[np.int8], version: int, rows: NDArray[np.intp], link: Link
) -> Floats:
    """Return the probability, without state dependence, of one vote of each member, (n_draws, n_rows)."""
    lower, upper = _bounds(latent, codes, version, rows)
    return cumulative(upper, link) - cumulative(lower, link)


def _bounds(
    latent: Latent, codes: NDArray[np.int8], version: int, rows: NDArray[np.intp]
) -> tuple[Floats, Floats]:
    """Return the bounds between which the noise of each vote lies, each (n_draws, n_rows)."""
    ends = np.full((len(latent.positions), 1), np.inf)
    bounds = np.concatenate([-ends, latent.cutpoints[:, version], ends], axis=1)
    eta = latent.eta(version, version)[:, rows]
    return bounds[:, codes] - eta, bounds[:, codes + 1] - eta


def draw_repeated(
    votes: NDArray[np.int8], latent: Latent, noise: Floats, start: Floats, link: Link, seed: int
) -> NDArray[np.int8]:
    """Draw which votes repeat an earlier vote; change the noise of votes that a later vote repeats, in place.

    Parameters
    ----------
    votes, latent, link, seed
        As in `mix`.
    noise, start : ndarray, shape (n_draws, n_members, n_versions)
        Noise of every vote without state dependence, and the uniform random numbers from which it was drawn.

    Returns
    -------
    ndarray of int8, shape (n_draws, n_members, n_versions)
        As in `Counterfactual`.
    """
    repeated = np.full(noise.shape, -1, dtype=np.int8)
    chosen = start_stream(seed, Stream.STATE_DEPENDENCE).random(noise.shape)
    rho = np.asarray(latent.persistence)[:, None]
    on_record = repeated_votes(votes)
    for version in range(votes.shape[1]):
        rows = np.flatnonzero(votes[:, version] < 0)
        weights = repetition(latent, votes, version, rows, link)
        uniform = chosen[:, rows, version]
        repeats = uniform < weights.repeats
        repeated[:, rows, version] = np.where(repeats, weights.previous, -1)
        draw, place = np.nonzero(~repeats & (uniform >= 1.0 - weights.is_repeated))
        lower, upper = _bounds(latent, weights.following, version, rows)
        new = start[draw, rows[place], version]
        noise[draw, rows[place], version] = between(lower[draw, place], upper[draw, place], new, link)
        if latent.moves:  # else a vote on record is the same in every mix
            rows = np.flatnonzero(on_record[:, version])
            codes = votes[rows, version]
            chance = (1.0 - rho) * _chance_of(latent, codes, version, rows, link)
            repeats = chosen[:, rows, version] < rho / (rho + chance)
            repeated[:, rows, version] = np.where(repeats, codes, -1)
    return repeated
