"""Tallies that never happened: every council under every version of a resolution.

In each posterior draw a vote is the category of x . beta + e, with the noise e belonging to a member and a
version. Where the member's vote on that version is on record the noise is what made it cast that vote;
otherwise it is drawn. With positions that do not move over the window, a recorded vote therefore stays what
it was in every mix, and only votes never cast are drawn.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr

from voteshift.errors import UsageError
from voteshift.ideal.encode import static_design
from voteshift.ideal.laplace import Draws
from voteshift.ideal.objective import Link
from voteshift.ideal.results import IdealFit
from voteshift.rollcalls import RollCalls, present_categories
from voteshift.votes import CATEGORIES

__all__ = ["Counterfactual", "counterfactual"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """Draws of the tally of every council under every version.

    Attributes
    ----------
    rollcalls : tuple of str
        Iterations, in date order: the councils and the versions.
    at_mode : ndarray, shape (n_councils, n_versions, 3)
        Expected tally at the mode: sum of the members' probabilities of no, abstain and yes.
    expected : ndarray, shape (n_draws, n_councils, n_versions, 3)
        The same in each draw.
    realised : ndarray of int, shape (n_draws, n_councils, n_versions, 3)
        Counts with the votes on record kept and the others drawn.
    lacking : dict of str to tuple of str
        Categories nobody chose in an iteration: the model expects 0 there under that version.
    """

    rollcalls: tuple[str, ...]
    at_mode: Floats
    expected: Floats
    realised: NDArray[np.int64]
    lacking: dict[str, tuple[str, ...]]


def counterfactual(
    rollcalls: RollCalls, fit: IdealFit, iterations: list[str], *, n_draws: int, seed: int
) -> Counterfactual:
    """Draw the tally of every council under every version.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    fit : IdealFit
        A fit that holds every iteration.
    iterations : list of str
        Roll calls of one family. The council of an iteration is those who voted in it.
    n_draws, seed : int
        Draws of the normal approximation, and where the random numbers start.

    Raises
    ------
    UsageError
        If the fit is of other members or votes than the record.
    """
    encoded = fit.encoded
    _same_votes(rollcalls, fit, iterations)
    votes = rollcalls.select(members=encoded.members, rollcalls=iterations).votes
    council = votes >= 0
    in_any = np.asarray(council.any(axis=1))
    votes, council = votes[in_any], council[in_any]
    draws = fit.draw(n_draws, iterations, seed)
    columns = encoded.rollcalls.get_indexer(iterations)
    present = [encoded.categories[column] for column in columns]
    probabilities = _probabilities(draws, present, in_any, fit.model.link)
    noise = np.random.default_rng([seed, 1]).random(probabilities.shape[:3])
    drawn = (noise[..., None] > np.cumsum(probabilities, axis=-1)[..., :-1]).sum(axis=-1)
    settled = np.where(council, votes, drawn)
    expected = np.einsum("ia,kivc->kavc", council.astype(float), probabilities)
    at_mode = _probabilities(fit.at_mode(iterations), present, in_any, fit.model.link)
    realised = np.stack(
        [
            np.einsum("ia,kiv->kav", council.astype(np.int64), settled == code)
            for code in range(len(CATEGORIES))
        ],
        axis=-1,
    )
    lacking = {
        rollcall: tuple(name for name in CATEGORIES if name not in there)
        for rollcall, there in zip(iterations, present, strict=True)
        if len(there) < len(CATEGORIES)
    }
    return Counterfactual(
        tuple(iterations),
        np.einsum("ia,ivc->avc", council.astype(float), at_mode[0]),
        expected,
        realised,
        lacking,
    )


def _same_votes(rollcalls: RollCalls, fit: IdealFit, iterations: list[str]) -> None:
    """Refuse a fit of other votes: its council would not be the one on record."""
    encoded = fit.encoded
    chosen = rollcalls.select(rollcalls=iterations)
    voters = chosen.members.index[(chosen.votes >= 0).any(axis=1)]
    strangers = voters.difference(encoded.members)
    if len(strangers) or len(encoded.members.difference(chosen.members.index)):
        who = ", ".join(strangers) or "a member that is not on record"
        raise UsageError(f"the fit is of another record: {who}", remedy="fit the record that is explained")
    votes = chosen.select(members=encoded.members).votes
    columns = encoded.rollcalls.get_indexer(iterations)
    again = static_design(votes, present_categories(votes)).codes
    for slot, column in enumerate(columns):
        if not np.array_equal(again[:, slot], encoded.design.codes[:, column]):
            raise UsageError(
                f"the fit has other votes in {iterations[slot]} than the record",
                id=iterations[slot],
                remedy="fit the record that is explained",
            )


def _probabilities(
    draws: Draws, present: list[tuple[str, ...]], rows: NDArray[np.bool_], link: Link
) -> Floats:
    """P(no, abstain, yes) of each draw, member and version; 0 for a category the version lacks."""
    cumulative = expit if link == "logit" else ndtr
    positions = draws.positions[:, rows]
    result = np.zeros((*positions.shape[:2], len(present), len(CATEGORIES)))
    for version, names in enumerate(present):
        eta = np.einsum("kid,kd->ki", positions, draws.discriminations[:, version])
        cuts = draws.cutpoints[:, version, : len(names) - 1]
        below = cumulative(cuts[:, None, :] - eta[..., None])
        ends = np.ones((*eta.shape, 1))
        codes = [CATEGORIES.index(name) for name in names]
        result[:, :, version, codes] = np.diff(below, axis=-1, prepend=0.0 * ends, append=ends)
    return result
