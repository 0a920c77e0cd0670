"""What if another council had voted on this version? The tally's whole distribution, and who would decide.

Votes that were cast on that very version are kept, unless a fresh vote is asked for; the others are drawn
with the probabilities the model gives them. Given a posterior draw votes are independent, so the tally is
Poisson-multinomial; its distribution is the mean over draws.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import NotUsableError, UsageError
from voteshift.ideal.interface import Fit
from voteshift.ideal.laplace import Draws
from voteshift.rollcalls import RollCalls
from voteshift.shift.account import AddingUpError
from voteshift.shift.counterfactual import chances, latent_of, same_votes
from voteshift.shift.naming import EVERYONE, name_council, name_iteration
from voteshift.shift.poisson_multinomial import (
    lead_distribution,
    leave_one_out_leads,
    poisson_binomial,
    poisson_multinomial,
)
from voteshift.votes import CATEGORIES, Vote

__all__ = ["Reach", "WhatIf", "whatif"]

Floats = NDArray[np.float64]
_TOLERANCE: Final = 1e-9
_CHUNK: Final = 250  # draws taken at a time, so that a large chamber fits into memory
_FEW_VOTES: Final = 20
_DECIDING: Final = (0, 1)  # leads of the others at which one member's yes or no makes the difference


@dataclass(frozen=True, slots=True)
class Reach:
    """How far outside the data a question lies.

    Attributes
    ----------
    recorded, predicted : int
        Votes kept as cast on that version, and votes that were never cast (or are cast afresh).
    years_apart : float or None
        From the council's vote to the version's, where both are dated; negative where the version is older.
    beyond : tuple of str
        Predicted members whose position on the version lies outside the range of those who voted on it:
        the model extrapolates.
    few_votes : tuple of str
        Predicted members placed by fewer than 20 votes of the fit.
    longest_gap : float or None
        Years from the version to the nearest vote, in the fit, of the predicted member that is furthest away.
    """

    recorded: int
    predicted: int
    years_apart: float | None
    beyond: tuple[str, ...]
    few_votes: tuple[str, ...]
    longest_gap: float | None

    def sentence(self) -> str:
        """Say it in words."""
        n = self.recorded + self.predicted
        said = [
            f"{self.recorded} of {n} votes are on record on this version and kept, {self.predicted} predicted"
        ]
        if self.years_apart is not None:
            said.append(f"council and version lie {abs(self.years_apart):.1f} years apart")
        if self.predicted and self.longest_gap is not None:
            said.append(f"no predicted member's nearest vote is more than {self.longest_gap:.1f} years away")
        said.append(
            f"the model extrapolates for {', '.join(self.beyond)}"
            if self.beyond
            else "no predicted member stands outside the range of those who voted on it"
        )
        if self.few_votes:
            said.append(f"fewer than {_FEW_VOTES} votes place {', '.join(self.few_votes)}")
        return "; ".join(said) + "."


@dataclass(frozen=True, eq=False)
class WhatIf:
    """A council voting on a version.

    Attributes
    ----------
    council : str
        Id of the roll call whose voters vote, or ``"all"``.
    version : str
        Id of the roll call whose text is voted on.
    members : DataFrame, index ``member``
        Who votes: ``name``, ``group``, ``no``, ``abstain``, ``yes`` (mean probabilities), ``recorded`` (the
        vote kept, or blank), ``added``, ``p_decides`` (probability that this member's yes or no decides
        adoption), sorted with the most decisive first.
    removed, away : tuple of str
        Members taken out on request; members with a seat in the council's roll call that cast no vote there.
    chances : ndarray, shape (n_draws, n_members, 3)
        P(no, abstain, yes) in every draw, in the order of `members`; 0 and 1 for votes kept.
    reach : Reach
        How far outside the data the question lies.
    fresh : bool
        Whether votes on record were cast afresh.
    level : float
        Coverage of the intervals.
    seed, n_draws : int
        Of the posterior draws.
    notes : tuple of str
        What else must be said.
    """

    council: str
    version: str
    members: pd.DataFrame
    removed: tuple[str, ...]
    away: tuple[str, ...]
    chances: Floats
    reach: Reach
    fresh: bool
    level: float
    seed: int
    n_draws: int
    notes: tuple[str, ...]

    def __post_init__(self) -> None:
        """Check that probabilities are some and that the distribution has the mean expected."""
        if np.abs(self.chances.sum(axis=-1) - 1).max() > _TOLERANCE:
            raise AddingUpError("a member's probabilities of no, abstain and yes do not add up to 1")
        mean = float(np.arange(len(self.yes_distribution)) @ self.yes_distribution)
        if abs(mean - self.expected["yes"]) > _TOLERANCE:
            raise AddingUpError(f"the distribution of yes has mean {mean}, not {self.expected['yes']}")

    @cached_property
    def expected(self) -> dict[str, float]:
        """Mean number of no, abstain and yes."""
        totals = self.chances.mean(axis=0).sum(axis=0)
        return dict(zip(CATEGORIES, map(float, totals), strict=True))

    @cached_property
    def yes_distribution(self) -> Floats:
        """P(0 yes), P(1 yes), ... up to the whole council; shape (n_members + 1,)."""
        return self._distribution("yes")

    def _distribution(self, category: str) -> Floats:
        return poisson_binomial(self.chances[..., CATEGORIES.index(category)]).mean(axis=0)

    @cached_property
    def adopted(self) -> Floats:
        """Probability of more yes than no in every draw, shape (n_draws,)."""
        leads = lead_distribution(self.chances)
        return leads[:, len(self.members) + 1 :].sum(axis=1)

    @property
    def p_adopted(self) -> float:
        """Probability of adoption: more yes than no."""
        return min(1.0, float(self.adopted.mean()))

    def tally_distribution(self) -> Floats:
        """Return P(y yes and n no), shape (n_members + 1, n_members + 1); the others abstain."""
        parts = [
            poisson_multinomial(self.chances[begin : begin + _CHUNK]).sum(axis=0)
            for begin in range(0, self.n_draws, _CHUNK)
        ]
        return np.sum(parts, axis=0) / self.n_draws

    def tidy(self) -> pd.DataFrame:
        """Return one row per category and one for adoption.

        Returns
        -------
        DataFrame
            ``quantity`` (yes, no, abstain, adopted), ``estimate``, ``std_error``, ``conf_low``,
            ``conf_high``. Of a category: mean, standard deviation and interval of the count itself, chance of
            single votes included. Of adoption: the probability, and how it varies over posterior draws.
        """
        tails = (1 - self.level) / 2, (1 + self.level) / 2
        rows = []
        for name in ("yes", "no", "abstain"):
            chance = self._distribution(name)
            counts = np.arange(len(chance))
            low, high = np.searchsorted(np.cumsum(chance), np.array(tails) - _TOLERANCE)
            spread = float(np.sqrt((counts - self.expected[name]) ** 2 @ chance))
            rows.append((name, self.expected[name], spread, float(low), float(high)))
        low, high = np.quantile(self.adopted, tails)
        rows.append(("adopted", self.p_adopted, float(self.adopted.std()), float(low), float(high)))
        return pd.DataFrame(rows, columns=["quantity", "estimate", "std_error", "conf_low", "conf_high"])

    def sentence(self) -> str:
        """Say the answer in words."""
        table = self.tidy().set_index("quantity")
        counts = ", ".join(
            f"{table.loc[name, 'estimate']:.1f} {name} ({table.loc[name, 'conf_low']:.0f} to "
            f"{table.loc[name, 'conf_high']:.0f})"
            for name in ("yes", "no", "abstain")
        )
        return (
            f"Expected, with {100 * self.level:g}% intervals of the count: {counts}. Probability of adoption "
            f"(more yes than no): {_in_words(self.p_adopted)}."
        )

    def __repr__(self) -> str:
        """Say who votes on what and what is to be expected."""
        tally = "-".join(f"{self.expected[name]:.1f}" for name in ("yes", "no", "abstain"))
        return (
            f"<WhatIf: council of {self.council} on {self.version}: {tally}, p(adopted) {self.p_adopted:.3f}>"
        )


def whatif(
    rollcalls: RollCalls,
    fit: Fit,
    *,
    council: str,
    version: str,
    family: str | None = None,
    with_members: Sequence[str] = (),
    without: Sequence[str] = (),
    fresh: bool = False,
    n_draws: int = 2000,
    seed: int = 0,
    level: float = 0.9,
) -> WhatIf:
    """Let a council vote on a version.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    fit : Fit
        A fit of it that holds the version. Positions are those of the version's date.
    council : str
        An id, a symbol, or a year that names one iteration of the version's family: those who voted there.
        ``"all"``: every member the fit places.
    version : str
        An id, a symbol, or a year that names one iteration of `family`.
    family : str, optional
        A slug, a title, or words that name one family; needed where the version is given by a year.
    with_members, without : sequence of str
        Members to add to the council, or to take out of it.
    fresh : bool
        Cast votes on record anew too, from the model.
    n_draws, seed : int
        Draws of the normal approximation, and where the random numbers start.
    level : float
        Coverage of the intervals.

    Raises
    ------
    UsageError
        If a name names nothing or several things, a member is added that is there already or taken out that
        is not, or a member is not in the fit.
    NotUsableError
        If the fit did not converge or does not hold the version.
    """
    if not 0 < level < 1 or n_draws < 100:
        raise UsageError("level must lie between 0 and 1 and n_draws be at least 100")
    if not fit.converged:
        raise NotUsableError("the fit did not converge", remedy="choose another window")
    text = name_iteration(rollcalls, version, family)
    if text not in fit.encoded.rollcalls:
        raise NotUsableError(
            f"the fit does not hold {text}: it lies outside its window, or all votes cast were the same",
            remedy="fit a window that holds it",
        )
    same_votes(rollcalls, fit, [text])
    source = name_council(rollcalls, council, text)
    voters, away = _council(rollcalls, fit, source)
    who = _changed(voters, with_members, without, fit)
    votes = rollcalls.select(members=who, rollcalls=[text]).votes[:, 0]
    kept = np.zeros(len(who), dtype=bool) if fresh else votes >= 0
    rows = fit.encoded.members.get_indexer(who)
    probabilities = _chances(fit, text, fit.draw(n_draws, [text], seed))[:, rows]
    probabilities[:, kept] = np.eye(len(CATEGORIES))[votes[kept]]
    deciding = np.concatenate(
        [
            leave_one_out_leads(probabilities[begin : begin + _CHUNK], _DECIDING)
            for begin in range(0, n_draws, _CHUNK)
        ]
    ).mean(axis=0)
    members = rollcalls.members.loc[who, ["name", "group"]].fillna("")
    members[list(CATEGORIES)] = probabilities.mean(axis=0)
    members["recorded"] = [CATEGORIES[vote] if keep else "" for vote, keep in zip(votes, kept, strict=True)]
    members["added"] = [member not in voters for member in who]
    members["p_decides"] = deciding
    order = np.argsort(-deciding, kind="stable")
    return WhatIf(
        council=source,
        version=text,
        members=members.iloc[order],
        removed=tuple(without),
        away=tuple(member for member in away if member not in who),
        chances=probabilities[:, order],
        reach=_reach(rollcalls, fit, source, text, np.asarray(who, dtype=object)[~kept], int(kept.sum())),
        fresh=fresh,
        level=level,
        seed=seed,
        n_draws=n_draws,
        notes=_notes(rollcalls, fit, text),
    )


def _in_words(probability: float) -> str:
    """Write a probability as 0 or 1 only where it is."""
    if 0 < probability < 0.0005:
        return "below 0.001"
    return "above 0.999" if 0.9995 <= probability < 1 else f"{probability:.3f}"


def _council(rollcalls: RollCalls, fit: Fit, source: str) -> tuple[list[str], list[str]]:
    """Return who voted, and who had a seat and did not."""
    if source == EVERYONE:
        return list(fit.encoded.members), []
    votes = rollcalls.select(rollcalls=[source]).votes[:, 0]
    ids = rollcalls.members.index
    return list(ids[votes >= 0]), list(ids[(votes < 0) & (votes != Vote.NOT_MEMBER)])


def _changed(voters: list[str], with_members: Sequence[str], without: Sequence[str], fit: Fit) -> list[str]:
    for member in with_members:
        if member in voters:
            raise UsageError(f"{member} votes in that council already", id=member)
    for member in without:
        if member not in voters:
            raise UsageError(f"{member} does not vote in that council", id=member)
    for names in (with_members, without):
        if len(set(names)) < len(names):
            raise UsageError("a member is named twice", remedy="name each member once")
    who = [member for member in voters if member not in without] + list(with_members)
    strangers = [member for member in who if member not in fit.encoded.members]
    if strangers:
        raise UsageError(
            f"the fit does not place {', '.join(strangers)}: no vote in its contested roll calls",
            id=strangers[0],
            remedy="fit a wider window, or leave them out",
        )
    if not who:
        raise UsageError("nobody is left to vote")
    return who


def _chances(fit: Fit, version: str, draws: Draws) -> Floats:
    """Return P(no, abstain, yes) of every member of the fit on one version, of which the draws are."""
    present = [fit.encoded.categories[fit.encoded.rollcalls.get_loc(version)]]
    everyone = np.ones(len(fit.encoded.members), dtype=bool)
    latent = latent_of(draws, present, everyone, moves=fit.periods is not None)
    return chances(latent, 0, 0, fit.link)


def _reach(
    rollcalls: RollCalls, fit: Fit, source: str, text: str, predicted: NDArray[np.object_], recorded: int
) -> Reach:
    encoded = fit.encoded
    mode = fit.at_mode([text])
    present = [encoded.categories[encoded.rollcalls.get_loc(text)]]
    everyone = np.ones(len(encoded.members), dtype=bool)
    at_mode = latent_of(mode, present, everyone, moves=False).eta(0, 0)[0]
    rows = encoded.members.get_indexer(pd.Index(predicted, dtype=object))
    voted = encoded.design.codes[:, encoded.rollcalls.get_loc(text)] >= 0
    low, high = at_mode[voted].min(), at_mode[voted].max()
    beyond = (at_mode[rows] < low - _TOLERANCE) | (at_mode[rows] > high + _TOLERANCE)
    cast = encoded.design.codes[rows] >= 0
    dates = rollcalls.rollcalls["date"]
    gap = None
    if len(rows) and pd.notna(dates[text]):
        years = ((dates.reindex(encoded.rollcalls) - dates[text]).dt.days / 365.25).abs().to_numpy(float)
        nearest = np.where(cast, np.where(np.isnan(years), np.inf, years), np.inf).min(axis=1)
        gap = float(nearest.max()) if np.isfinite(nearest).all() else None
    apart = None
    if source != EVERYONE and pd.notna(dates[source]) and pd.notna(dates[text]):
        apart = float((dates[text] - dates[source]).days / 365.25)
    return Reach(
        recorded=recorded,
        predicted=len(rows),
        years_apart=apart,
        beyond=tuple(map(str, predicted[beyond])),
        few_votes=tuple(map(str, predicted[cast.sum(axis=1) < _FEW_VOTES])),
        longest_gap=gap,
    )


def _notes(rollcalls: RollCalls, fit: Fit, text: str) -> tuple[str, ...]:
    encoded = fit.encoded
    dates = rollcalls.rollcalls["date"].reindex(encoded.rollcalls)
    n_members, n_rollcalls = encoded.design.codes.shape
    said = [
        f"Positions come from {n_rollcalls} contested roll calls of {n_members} members, "
        f"{dates.min():%Y-%m-%d} to {dates.max():%Y-%m-%d}; their uncertainty and that of the version's "
        "parameters are carried through."
    ]
    missing = [name for name in CATEGORIES if name not in encoded.categories[encoded.rollcalls.get_loc(text)]]
    if missing:
        said.append(f"Nobody chose {' or '.join(missing)} on this version: the model expects none.")
    said.append(
        "Given positions, votes are taken to be independent of each other; that a member tends to repeat its "
        "own vote on a resolution is not used."
    )
    return (*said, *(f"Caution: {caution}." for caution in fit.cautions))
