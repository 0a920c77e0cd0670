"""Votes that were not cast: every council, with positions of every date, under every version.

In each posterior draw a vote is the category of x . beta + e, where the noise e belongs to a member and a
version. If the member's vote on the version is on record, e is drawn given this vote, with the position at
the version's date. Otherwise e is drawn from the model. The noise is the same in every mix of council,
positions and version. The tallies of the two real votes are therefore the tallies on record in every draw,
and only votes that were not cast are predicted. With state dependence, such a vote may repeat another vote of
the member (see `repetition`). If positions are constant, a recorded vote is the same in every mix. If
positions are dynamic, a recorded vote that repeats no other vote can change if the position of another date
replaces the position at the version's date.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import UsageError
from voteshift.ideal.interface import Fit
from voteshift.ideal.laplace import JointDraws, Paths
from voteshift.ideal.links import need_standard
from voteshift.ideal.objective import Link
from voteshift.resolution.noise import between, quantile
from voteshift.resolution.persistence import repeated_votes
from voteshift.rollcalls import RollCalls
from voteshift.shift.latent import Latent, chances
from voteshift.shift.missing_category import (
    Distance,
    absent_categories,
    distance_between_cutpoints,
    fill_cutpoints,
)
from voteshift.shift.repetition import chances_given_votes, draw_repeated
from voteshift.streams import Stream, start_stream
from voteshift.votes import CATEGORIES, Vote

__all__ = [
    "Counterfactual",
    "counterfactual",
    "cutpoint_distance",
    "latent_of",
    "mix",
    "same_votes",
    "with_cutpoints",
]

Floats = NDArray[np.float64]
_K = len(CATEGORIES)
_EVEN = 101  # quantiles of a missing cutpoint at the mode


@dataclass(frozen=True, eq=False)
class Counterfactual:
    """Draws of every vote on every version, with positions of every date.

    Attributes
    ----------
    rollcalls : tuple of str
        Ids of the versions, in date order. Councils, dates of positions and versions are in the same order.
    members : Index
        Members that voted on any version, and other members whose votes are also drawn.
    votes : ndarray of int8, shape (n_members, n_versions)
        Votes on record; negative if there is no vote.
    latent : Latent
        Positions, items and member effects that determine the votes that were not cast.
    noise : ndarray, shape (n_draws, n_members, n_versions)
        The noise of every member and version.
    link : {"logit", "probit"}
        Distribution of the noise.
    at_mode : ndarray, shape (n_councils, n_versions, 3), or None
        Expected tally at the mode, with positions at the version's date: the sum of the members'
        probabilities of no, abstain and yes. None with member effects, because there is no single mode.
    lacking : dict of str to tuple of str
        Categories that no member chose in a version. If positions are constant, or no other version has such
        votes, the model expects 0 votes in these categories (see `missing_category`).
    repeated : ndarray of int8, shape (n_draws, n_members, n_versions), or None
        With state dependence, the vote where it repeats an earlier vote of the member; -1 where it is drawn
        from positions, items and member effects.
    """

    rollcalls: tuple[str, ...]
    members: pd.Index
    votes: NDArray[np.int8]
    latent: Latent
    noise: Floats
    link: Link
    at_mode: Floats | None
    lacking: dict[str, tuple[str, ...]]
    repeated: NDArray[np.int8] | None = None

    @property
    def council(self) -> NDArray[np.bool_]:
        """True for members that voted on each version, shape (n_members, n_councils)."""
        return np.asarray(self.votes >= 0)

    def voted_once(self, old: int, new: int) -> NDArray[np.bool_]:
        """Return True for members with a seat at both versions and a vote on one, shape (n_members,)."""
        votes = self.votes[:, [old, new]]
        return np.asarray((votes != Vote.NOT_MEMBER).all(axis=1) & ((votes >= 0).sum(axis=1) == 1))

    def cast(self, date: int, version: int) -> NDArray[np.int8]:
        """Return every member's vote on a version with the positions of a date.

        Returns
        -------
        ndarray of int8, shape (n_draws, n_members)
            0 no, 1 abstain, 2 yes. Votes on record are returned if `date` is the date of the version or if
            positions are constant.
        """
        votes = self._cast(self.latent.eta(date, version), version)
        if date == version or not self.latent.moves:
            on_record = self.votes[:, version]
            votes = np.where(on_record >= 0, on_record, votes)
        return votes

    def cast_mixed(self, dates: tuple[int, int, int], version: int) -> NDArray[np.int8]:
        """Return every member's vote with parts of the positions from different dates; see `Latent.mixed`."""
        return self._cast(self.latent.eta_of(self.latent.mixed(*dates), version), version)

    def _cast(self, eta: Floats, version: int) -> NDArray[np.int8]:
        latent = eta + self.noise[..., version]
        cuts = self.latent.cutpoints[:, version]
        votes: NDArray[np.int8] = (latent > cuts[:, :1]).astype(np.int8) + (latent > cuts[:, 1:])
        if self.repeated is None:
            return votes
        repeated = self.repeated[..., version]
        return np.where(repeated >= 0, repeated, votes)

    def chances(self, date: int, version: int) -> Floats:
        """Return P(no, abstain, yes) of every member, shape (n_draws, n_members, 3), given the draw.

        With state dependence, the probabilities are those given the member's other votes on record.
        """
        eta = self.latent.eta(date, version)
        return chances_given_votes(self.latent, self.votes, eta, version, self.link)

    def chances_mixed(self, dates: tuple[int, int, int], version: int) -> Floats:
        """Return the same with parts of the positions from different dates; see `Latent.mixed`."""
        eta = self.latent.eta_of(self.latent.mixed(*dates), version)
        return chances_given_votes(self.latent, self.votes, eta, version, self.link)

    @cached_property
    def realised(self) -> NDArray[np.int64]:
        """Tallies with the same noise in every mix, (n_draws, n_councils, n_dates, n_versions, 3).

        If positions are constant, all dates are the same.
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
        """Expected tallies with positions at the version's date, (n_draws, n_councils, n_versions, 3)."""
        council = self.council.astype(float)
        n = range(len(self.rollcalls))
        return np.stack(
            [np.einsum("ia,kic->kac", council, self.chances(version, version)) for version in n], axis=2
        )


def latent_of(
    draws: JointDraws, present: list[tuple[str, ...]], rows: NDArray[np.bool_], *, moves: bool
) -> Latent:
    """Return the positions of some members and the items of some versions, from the draws of a fit.

    Parameters
    ----------
    draws : JointDraws
        Draws of positions and of the items of the versions.
    present : list of tuple of str
        The categories that occur in each version.
    rows : ndarray of bool, shape (n_members,)
        True for the members to return.
    moves : bool
        True if positions differ between periods.
    """
    positions = draws.positions if draws.positions.ndim == 4 else draws.positions[:, None]
    dates = slice(None) if moves else slice(0, 1)
    paths = draws.paths if moves else None
    if paths is not None and paths.groups is not None:
        paths = Paths(paths.common, paths.groups[:, :, rows])
    return Latent(
        positions[:, dates][:, :, rows],
        draws.discriminations,
        full_cutpoints(draws.cutpoints, present),
        paths=paths,
    )


def full_cutpoints(cutpoints: Floats, present: list[tuple[str, ...]]) -> Floats:
    """Write the cutpoints of versions that lack a category as no|abstain and abstain|yes.

    Without abstentions the two cutpoints are equal. Without no votes the first cutpoint is -inf; without yes
    votes the second cutpoint is inf.
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
        Members that voted on any version, and their votes.
    latent, at_mode, present, link
        As in `Counterfactual` and `latent_of`.
    seed : int
        Seed of the random numbers of the noise.
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
    repeated = None
    if latent.persistence is not None:
        repeated = draw_repeated(votes, latent, noise, uniform, link, seed)
    lacking = {
        rollcall: tuple(name for name in CATEGORIES if name not in names)
        for rollcall, names in zip(iterations, present, strict=True)
        if len(names) < _K
    }
    return Counterfactual(tuple(iterations), members, votes, latent, noise, link, at_mode, lacking, repeated)


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
        A fit that contains every version.
    iterations : list of str
        Ids of roll calls of one family. The council of a version is the members that voted on it.
    n_draws, seed : int
        Number of draws of the normal approximation, and seed of the random numbers.
    also : collection of str
        Members of the fit without a seat at any version, whose votes are also drawn.

    Raises
    ------
    UsageError
        If the fit has other members or votes than the record, or covariates of items.
    """
    if fit.spec.priors.item_means is not None:
        raise UsageError(
            "the fit has item_means=, but the models of one resolution assume that the prior means "
            "of items are 0",
            remedy="explain a model without item_means=",
        )
    same_votes(rollcalls, fit, iterations)
    votes = rollcalls.select(members=fit.member_ids, rollcalls=iterations).votes
    in_any = np.asarray((votes >= 0).any(axis=1)) | fit.member_ids.isin(also)
    votes = votes[in_any]
    present = [fit.categories_of(rollcall) for rollcall in iterations]
    moves = fit.periods is not None
    link = need_standard(fit.link, "explanations")
    latent = latent_of(fit.draw(n_draws, iterations, seed), present, in_any, moves=moves)
    mode = latent_of(fit.at_mode(iterations), present, in_any, moves=moves)
    distance = cutpoint_distance(fit) if moves and absent_categories(present) else None
    if distance is not None:
        uniform = start_stream(seed, Stream.CUTPOINTS).random((n_draws, len(iterations)))
        latent = with_cutpoints(latent, votes, present, uniform, distance, link)
        even = np.repeat((np.arange(_EVEN)[:, None] + 0.5) / _EVEN, len(iterations), axis=1)
        mode = with_cutpoints(_repeated(mode, _EVEN), votes, present, even, distance, link)
    council = (votes >= 0).astype(float)
    at_mode = np.stack(
        [
            council.T @ chances(mode, version, version, link).mean(axis=0)
            for version in range(len(iterations))
        ],
        axis=1,
    )
    return mix(iterations, fit.member_ids[in_any], votes, latent, at_mode, present, link, seed)


def cutpoint_distance(fit: Fit) -> Distance | None:
    """Return the distribution of the distance between cutpoints over the roll calls of a dynamic fit."""
    items = fit.items()
    if not {"no|abstain", "abstain|yes"} <= set(items.columns):
        return None
    gaps = (items["abstain|yes"] - items["no|abstain"]).to_numpy(float)
    return distance_between_cutpoints(items["discrimination"].to_numpy(float), gaps)


def with_cutpoints(
    latent: Latent,
    votes: NDArray[np.int8],
    present: list[tuple[str, ...]],
    uniform: Floats,
    distance: Distance,
    link: Link,
) -> Latent:
    """Draw the cutpoints of categories that no member chose; the arguments are those of `fill_cutpoints`."""
    eta = np.stack([latent.eta(version, version) for version in range(votes.shape[1])], axis=-1)
    repeats = None
    if latent.persistence is not None:
        repeats = latent.persistence[:, None, None] * repeated_votes(votes)
    filled = fill_cutpoints(
        latent.cutpoints,
        eta,
        votes,
        present,
        uniform,
        slopes=latent.discriminations[..., 0],
        distance=distance,
        link=link,
        repeats=repeats,
    )
    return replace(latent, cutpoints=filled)


def _repeated(latent: Latent, times: int) -> Latent:
    """Return a single draw several times."""
    return Latent(
        np.repeat(latent.positions, times, axis=0),
        np.repeat(latent.discriminations, times, axis=0),
        np.repeat(latent.cutpoints, times, axis=0),
    )


def same_votes(rollcalls: RollCalls, fit: Fit, iterations: list[str]) -> None:
    """Validate that a fit has the members and votes of the record.

    Raises
    ------
    UsageError
        If the fit has other members or votes than the record.
    """
    chosen = rollcalls.select(rollcalls=iterations)
    voters = chosen.members.index[(chosen.votes >= 0).any(axis=1)]
    strangers = voters.difference(fit.member_ids)
    covariates = fit.spec.priors.covariates
    if len(strangers) and covariates is not None and covariates.missing == "drop":
        raise UsageError(
            f"the fit left out {', '.join(strangers)}, of which a covariate is missing, but the explanation "
            "needs a position of every member that voted",
            remedy="add values of these members, or use covariates without gaps, for instance '~ C(group)'",
        )
    if len(strangers) or len(fit.member_ids.difference(chosen.members.index)):
        who = ", ".join(strangers) or "a member of the fit"
        raise UsageError(
            f"the fit was made from another record: only one of the two contains {who}",
            remedy="pass a fit of the same record",
        )
    votes = chosen.select(members=fit.member_ids).votes
    fitted = fit.votes[:, fit.rollcall_ids.get_indexer(iterations)]
    for slot in range(len(iterations)):
        if not np.array_equal(np.maximum(votes[:, slot], -1), fitted[:, slot]):
            raise UsageError(
                f"the fit has other votes in {iterations[slot]} than the record",
                id=iterations[slot],
                remedy="pass a fit of the same record",
            )
