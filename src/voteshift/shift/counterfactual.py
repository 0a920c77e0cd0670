"""Votes that were never cast: every council, with positions of every date, under every version.

In each posterior draw a vote is the category of x . beta + e, with the noise e belonging to a member and a
version. Where the member's vote on that version is on record the noise is drawn given that vote, with the
position of that version's date; otherwise it is drawn from the model. The noise is held while council,
positions and version are mixed, so the real corners are the tallies on record in every draw, and only votes
never cast are predicted. Where positions do not move over the window a recorded vote stays what it was in
every mix; where they move it holds with the positions of its own date, and follows them elsewhere.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import UsageError
from voteshift.ideal.interface import Fit
from voteshift.ideal.laplace import JointDraws
from voteshift.ideal.objective import Link
from voteshift.resolution.noise import between, cumulative, quantile
from voteshift.rollcalls import RollCalls
from voteshift.streams import Stream, start_stream
from voteshift.votes import CATEGORIES

__all__ = ["Counterfactual", "Latent", "chances", "counterfactual", "latent_of", "mix", "same_votes"]

Floats = NDArray[np.float64]
_K = len(CATEGORIES)


@dataclass(frozen=True, slots=True)
class Latent:
    """Draws of what decides the votes on the versions of one resolution.

    Attributes
    ----------
    positions : ndarray, shape (n_draws, n_dates, n_members, n_dims)
        At the date of every version; a single date where positions do not move.
    discriminations : ndarray, shape (n_draws, n_versions, n_dims)
    cutpoints : ndarray, shape (n_draws, n_versions, 2)
        no|abstain and abstain|yes; where a version lacks a category they are equal or infinite.
    member_effect : ndarray, shape (n_draws, n_members), or None
        The member's member effect on this resolution, held over its versions.
    effect_sd : ndarray, shape (n_draws,), or None
        Standard deviation of the member effect over members.
    """

    positions: Floats
    discriminations: Floats
    cutpoints: Floats
    member_effect: Floats | None = None
    effect_sd: Floats | None = None

    @property
    def moves(self) -> bool:
        """True where positions differ between dates."""
        return self.positions.shape[1] > 1

    def eta(self, date: int, version: int) -> Floats:
        """Return x . beta plus the member effect, shape (n_draws, n_members)."""
        positions = self.positions[:, date if self.moves else 0]
        eta: Floats = np.einsum("kid,kd->ki", positions, self.discriminations[:, version])
        return eta if self.member_effect is None else eta + self.member_effect


@dataclass(frozen=True, eq=False)
class Counterfactual:
    """Draws of every vote on every version, with positions of every date.

    Attributes
    ----------
    rollcalls : tuple of str
        Iterations, in date order: the councils, the dates of positions and the versions.
    members : Index
        Those who voted in any of them, and others whose votes are drawn too.
    votes : ndarray of int8, shape (n_members, n_versions)
        Votes on record; negative where there is none.
    latent : Latent
        What decides the others.
    noise : ndarray, shape (n_draws, n_members, n_versions)
        The noise of every member and version.
    link : {"logit", "probit"}
        Its distribution.
    at_mode : ndarray, shape (n_councils, n_versions, 3), or None
        Expected tally at the mode, positions of the version's date: sum of the members' probabilities of
        no, abstain and yes. None with member effects, where there is no single mode.
    lacking : dict of str to tuple of str
        Categories nobody chose in an iteration: the model expects 0 there under that version.
    """

    rollcalls: tuple[str, ...]
    members: pd.Index
    votes: NDArray[np.int8]
    latent: Latent
    noise: Floats
    link: Link
    at_mode: Floats | None
    lacking: dict[str, tuple[str, ...]]

    @property
    def council(self) -> NDArray[np.bool_]:
        """Who voted in each iteration, shape (n_members, n_councils)."""
        return np.asarray(self.votes >= 0)

    def cast(self, date: int, version: int) -> NDArray[np.int8]:
        """Return every member's vote on a version with the positions of a date.

        Returns
        -------
        ndarray of int8, shape (n_draws, n_members)
            0 no, 1 abstain, 2 yes. Votes on record, where the positions are those they were cast with.
        """
        latent = self.latent.eta(date, version) + self.noise[..., version]
        cuts = self.latent.cutpoints[:, version]
        votes = (latent > cuts[:, :1]).astype(np.int8) + (latent > cuts[:, 1:])
        if date == version or not self.latent.moves:
            on_record = self.votes[:, version]
            votes = np.where(on_record >= 0, on_record, votes)
        return votes

    def chances(self, date: int, version: int) -> Floats:
        """Return P(no, abstain, yes) of every member, shape (n_draws, n_members, 3), given the draw."""
        return chances(self.latent, date, version, self.link)

    @cached_property
    def realised(self) -> NDArray[np.int64]:
        """Tallies, shape (n_draws, n_councils, n_dates, n_versions, 3), with the noise held.

        Where positions do not move, all dates are the same.
        """
        council = self.council.astype(np.float64)
        n = len(self.rollcalls)
        dates = n if self.latent.moves else 1
        counts = np.empty((len(self.noise), n, dates, n, _K), dtype=np.int64)
        for date in range(dates):
            for version in range(n):
                votes = self.cast(date, version)
                for code in range(_K):
                    counts[:, :, date, version, code] = (votes == code) @ council
        return np.broadcast_to(counts, (len(self.noise), n, n, n, _K))

    @cached_property
    def expected(self) -> Floats:
        """Expected tallies, positions of the version's date: (n_draws, n_councils, n_versions, 3)."""
        council = self.council.astype(float)
        n = range(len(self.rollcalls))
        return np.stack(
            [np.einsum("ia,kic->kac", council, self.chances(version, version)) for version in n], axis=2
        )


def chances(latent: Latent, date: int, version: int, link: Link) -> Floats:
    """Return P(no, abstain, yes) of every member on a version, shape (n_draws, n_members, 3).

    Parameters
    ----------
    latent : Latent
        What decides the votes.
    date, version : int
        Whose positions, and the version voted on.
    link : {"logit", "probit"}
        Distribution of the noise.
    """
    eta = latent.eta(date, version)
    below = cumulative(latent.cutpoints[:, None, version] - eta[..., None], link)
    ends = np.ones((*eta.shape, 1))
    return np.diff(below, axis=-1, prepend=0.0 * ends, append=ends)


def latent_of(
    draws: JointDraws, present: list[tuple[str, ...]], rows: NDArray[np.bool_], *, moves: bool
) -> Latent:
    """Take from draws of a fit what decides the votes of some members on the versions drawn.

    Parameters
    ----------
    draws : JointDraws
        Of positions and the items of the versions.
    present : list of tuple of str
        The categories that occur in each version.
    rows : ndarray of bool, shape (n_members,)
        The members wanted.
    moves : bool
        Whether positions differ between periods.
    """
    positions = draws.positions if draws.positions.ndim == 4 else draws.positions[:, None]
    dates = slice(None) if moves else slice(0, 1)
    return Latent(
        positions[:, dates][:, :, rows], draws.discriminations, full_cutpoints(draws.cutpoints, present)
    )


def full_cutpoints(cutpoints: Floats, present: list[tuple[str, ...]]) -> Floats:
    """Write the cutpoints of versions that lack a category as no|abstain and abstain|yes.

    Without abstentions the two are equal; without no the first is -inf, without yes the second is inf.
    """
    full = np.array(cutpoints, dtype=float)
    for version, names in enumerate(present):
        only = cutpoints[:, version, 0]
        if len(names) == _K:
            continue
        full[:, version, 0] = -np.inf if "no" not in names else only
        full[:, version, 1] = np.inf if "yes" not in names else only
    return full


def mix(
    iterations: list[str],
    members: pd.Index,
    votes: NDArray[np.int8],
    latent: Latent,
    at_mode: Floats | None,
    present: list[tuple[str, ...]],
    link: Link,
    seed: int,
) -> Counterfactual:
    """Draw the noise of every member and version, given the votes on record.

    Parameters
    ----------
    iterations : list of str
        Ids of the versions, in date order.
    members, votes : Index and ndarray of int8, shape (n_members, n_versions)
        Who voted in any of them, and how.
    latent, at_mode, present, link
        As in `Counterfactual` and `latent_of`.
    seed : int
        Where the random numbers of the noise start.
    """
    n_draws = len(latent.positions)
    uniform = start_stream(seed, Stream.NOISE).random((n_draws, *votes.shape))
    noise = quantile(uniform, link)
    if latent.moves:  # else a vote on record is the same in every mix and its noise is never used
        ends = np.full((n_draws, 1), np.inf)
        for version in range(votes.shape[1]):
            eta = latent.eta(version, version)
            bounds = np.concatenate([-ends, latent.cutpoints[:, version], ends], axis=1)
            voted = np.flatnonzero(votes[:, version] >= 0)
            codes = votes[voted, version]
            drawn = eta[:, voted]
            noise[:, voted, version] = between(
                bounds[:, codes] - drawn, bounds[:, codes + 1] - drawn, uniform[:, voted, version], link
            )
    lacking = {
        rollcall: tuple(name for name in CATEGORIES if name not in names)
        for rollcall, names in zip(iterations, present, strict=True)
        if len(names) < _K
    }
    return Counterfactual(tuple(iterations), members, votes, latent, noise, link, at_mode, lacking)


def counterfactual(
    rollcalls: RollCalls,
    fit: Fit,
    iterations: list[str],
    *,
    n_draws: int,
    seed: int,
    also: Collection[str] = (),
) -> Counterfactual:
    """Draw every vote on every version of a resolution, with positions of every date.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    fit : Fit
        A fit that holds every iteration.
    iterations : list of str
        Roll calls of one family. The council of an iteration is those who voted in it.
    n_draws, seed : int
        Draws of the normal approximation, and where the random numbers start.
    also : collection of str
        Members of the fit whose votes are drawn too, although they have no seat in any iteration.

    Raises
    ------
    UsageError
        If the fit is of other members or votes than the record.
    """
    same_votes(rollcalls, fit, iterations)
    votes = rollcalls.select(members=fit.member_ids, rollcalls=iterations).votes
    in_any = np.asarray((votes >= 0).any(axis=1)) | fit.member_ids.isin(also)
    votes = votes[in_any]
    present = [fit.categories_of(rollcall) for rollcall in iterations]
    moves = fit.periods is not None
    link = fit.link
    latent = latent_of(fit.draw(n_draws, iterations, seed), present, in_any, moves=moves)
    mode = latent_of(fit.at_mode(iterations), present, in_any, moves=moves)
    council = (votes >= 0).astype(float)
    at_mode = np.stack(
        [council.T @ chances(mode, version, version, link)[0] for version in range(len(iterations))], axis=1
    )
    return mix(iterations, fit.member_ids[in_any], votes, latent, at_mode, present, link, seed)


def same_votes(rollcalls: RollCalls, fit: Fit, iterations: list[str]) -> None:
    """Validate that a fit is of the votes on record: its council is then the one on record.

    Raises
    ------
    UsageError
        If it has other members or votes.
    """
    chosen = rollcalls.select(rollcalls=iterations)
    voters = chosen.members.index[(chosen.votes >= 0).any(axis=1)]
    strangers = voters.difference(fit.member_ids)
    if len(strangers) or len(fit.member_ids.difference(chosen.members.index)):
        who = ", ".join(strangers) or "a member that is not on record"
        raise UsageError(f"the fit is of another record: {who}", remedy="fit the record that is explained")
    votes = chosen.select(members=fit.member_ids).votes
    fitted = fit.votes[:, fit.rollcall_ids.get_indexer(iterations)]
    for slot in range(len(iterations)):
        if not np.array_equal(np.maximum(votes[:, slot], -1), fitted[:, slot]):
            raise UsageError(
                f"the fit has other votes in {iterations[slot]} than the record",
                id=iterations[slot],
                remedy="fit the record that is explained",
            )
