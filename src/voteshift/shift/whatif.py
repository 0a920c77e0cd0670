"""The vote of another council on a version: the distribution of the tally, and the members that would decide.

Votes on record on this version are kept, unless a fresh vote is requested. The other votes are drawn with the
probabilities of the model. Given a posterior draw, votes are independent, so the tally has a
Poisson-multinomial distribution. The distribution of the tally is the mean over draws.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.arguments import checked
from voteshift.errors import NotUsableError, Unavailable, UsageError, did_you_mean
from voteshift.ideal.interface import Fit, check_converged
from voteshift.joint import held_together, wider_membership
from voteshift.notebook import Shown
from voteshift.resolution.member_effect import MemberEffectFit
from voteshift.rollcalls import RollCalls
from voteshift.shift.account import AddingUpError
from voteshift.shift.models import span_of
from voteshift.shift.naming import EVERYONE, name_council, name_iteration
from voteshift.shift.parts import Draws
from voteshift.shift.poisson_multinomial import (
    lead_distribution,
    leave_one_out_leads,
    poisson_binomial,
    poisson_multinomial,
)
from voteshift.shift.reach import Reach, reach_of
from voteshift.shift.voting import family_in, voting
from voteshift.shift.wording import drawn_from, model_words, write_span
from voteshift.votes import CAST, CATEGORIES, Vote

__all__ = ["WhatIf", "whatif"]

Floats = NDArray[np.float64]
_TOLERANCE: Final = 1e-9
_CHUNK: Final = 250  # draws taken at a time, so that a large chamber fits into memory
_DRAWS: Final = Draws(n=1000)
_DECIDING: Final = (0, 1)  # values of yes minus no of the other members at which one member decides


@dataclass(frozen=True, eq=False)
class WhatIf(Shown):
    """The vote of a council on a version.

    Attributes
    ----------
    council : str
        Id of the roll call whose voting members form the council, or ``"all"``.
    version : str
        Id of the roll call that is the version.
    members : DataFrame, index ``member``
        The members that vote: ``name``, ``group``, ``no``, ``abstain``, ``yes`` (mean probabilities),
        ``recorded`` (the vote on record, or blank), ``added`` (True for members of `with_members`),
        ``p_decides`` (probability that this member's yes or no decides adoption). Sorted by ``p_decides``,
        the largest first.
    removed, away : tuple of str
        Members removed on request; members with a seat in the council's roll call that cast no vote there.
    chances : ndarray, shape (n_draws, n_members, 3)
        P(no, abstain, yes) in every draw, in the order of `members`; 0 or 1 for votes on record.
    reach : Reach
        The distance between the question and the data.
    fresh : bool
        True if votes on record are also predicted.
    draws : Draws
        Number and seed of the draws, and the coverage of the intervals.
    notes : tuple of str
        Notes that must accompany the numbers.
    member_effect : MemberEffectFit, Unavailable or None
        The fit of the member effect in `chances`; the reason why there is no fit; or None if it was not
        requested.
    without_member_effect : WhatIf or None
        The same answer from positions alone.
    """

    council: str
    version: str
    members: pd.DataFrame
    removed: tuple[str, ...]
    away: tuple[str, ...]
    chances: Floats
    reach: Reach
    fresh: bool
    draws: Draws
    notes: tuple[str, ...]
    member_effect: MemberEffectFit | Unavailable | None
    without_member_effect: "WhatIf | None"

    def __post_init__(self) -> None:
        """Check that probabilities add up to 1 and that the distribution has the expected mean."""
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
        """Probabilities of 0, 1, ..., n_members yes votes, shape (n_members + 1,)."""
        return self._distribution("yes")

    def _distribution(self, category: str) -> Floats:
        return poisson_binomial(self.chances[..., CATEGORIES.index(category)]).mean(axis=0)

    @cached_property
    def adopted(self) -> Floats:
        """Probability of more yes than no votes in every draw, shape (n_draws,)."""
        leads = lead_distribution(self.chances)
        return leads[:, len(self.members) + 1 :].sum(axis=1)

    @property
    def p_adopted(self) -> float:
        """Probability of adoption: more yes than no."""
        return min(1.0, float(self.adopted.mean()))

    def tally_distribution(self) -> Floats:
        """Return P(y yes and n no), shape (n_members + 1, n_members + 1); the other members abstain."""
        parts = [
            poisson_multinomial(self.chances[begin : begin + _CHUNK]).sum(axis=0)
            for begin in range(0, self.draws.n, _CHUNK)
        ]
        return np.sum(parts, axis=0) / self.draws.n

    def tidy(self) -> pd.DataFrame:
        """Return one row per category and one row for adoption.

        Returns
        -------
        DataFrame
            ``quantity`` (yes, no, abstain, adopted), ``estimate``, ``std_error``, ``conf_low``,
            ``conf_high``. For a category: mean, standard deviation and interval of the count, including the
            randomness of single votes. For adoption: the probability, with its simulation error as
            ``std_error``. The probability of one event has no interval.
        """
        tails = (1 - self.draws.level) / 2, (1 + self.draws.level) / 2
        rows = []
        for name in CAST:
            chance = self._distribution(name)
            counts = np.arange(len(chance))
            low, high = np.searchsorted(np.cumsum(chance), np.array(tails) - _TOLERANCE)
            spread = float(np.sqrt((counts - self.expected[name]) ** 2 @ chance))
            rows.append((name, self.expected[name], spread, float(low), float(high)))
        error = float(self.adopted.std() / np.sqrt(self.draws.n))
        rows.append(("adopted", self.p_adopted, error, float("nan"), float("nan")))
        return pd.DataFrame(rows, columns=["quantity", "estimate", "std_error", "conf_low", "conf_high"])

    def sentence(self) -> str:
        """Return the answer in sentences."""
        table = self.tidy().set_index("quantity")
        counts = ", ".join(
            f"{table.loc[name, 'estimate']:.1f} {name} ({table.loc[name, 'conf_low']:.0f} to "
            f"{table.loc[name, 'conf_high']:.0f})"
            for name in CAST
        )
        return (
            f"Expected, with {100 * self.draws.level:g}% intervals of the count: {counts}. Probability of "
            f"adoption (more yes than no): {_in_words(self.p_adopted)}."
        )

    def _title(self) -> str:
        return f"Council of {self.council} on {self.version}"

    def _said(self) -> list[str]:
        plain = self.without_member_effect
        alone = [] if plain is None else [f"From positions alone, without member effects: {plain.sentence()}"]
        return [self.sentence(), *alone, self.reach.sentence(), *self.notes]

    def __repr__(self) -> str:
        """Return the council, the version and the expected tally."""
        tally = "-".join(f"{self.expected[name]:.1f}" for name in CAST)
        return (
            f"<WhatIf: council of {self.council} on {self.version}: {tally}, p(adopted) {self.p_adopted:.3f}>"
        )


@checked
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
    member_effect: bool | Fit = True,
    draws: Draws = _DRAWS,
) -> WhatIf:
    """Predict the vote of a council on a version.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    fit : Fit
        A fit of this record that contains the version. Positions are taken at the version's date.
    council : str
        An id, a symbol, or a year that names one version of the same family: the council is the members that
        voted there. ``"all"``: every member of the fit. In a record of two linked chambers (`link_chambers`),
        only members of the fit that held a seat in the other chamber at the time.
    version : str
        An id, a symbol, or a year that names one version of `family`.
    family : str, optional
        A slug, a title, or words that match one family; required if `version` is a year.
    with_members, without : sequence of str
        Members to add to the council, and members to remove from the council.
    fresh : bool
        Also predict the votes on record from the model.
    member_effect : bool or Fit
        Estimate a member effect: a lasting tendency of every member on this resolution, shared by its
        versions. The fit must contain two versions. The answer without the member effect is also kept.
        Positions come from the same model fitted without the resolution. Pass this fit in place of True, or
        the function computes the fit.
    draws : Draws
        Number and seed of the draws behind the intervals, and the coverage of the intervals.

    Raises
    ------
    UsageError
        If a name matches no roll call or several roll calls, an added member is already in the council, a
        removed member is not in the council, or a member is not in the fit.
    NotUsableError
        If the fit did not converge or does not contain the version.
    """
    check_converged(fit)
    text = name_iteration(rollcalls, version, family)
    if text not in fit.rollcall_ids:
        raise NotUsableError(
            f"{text} is not among the fitted roll calls: its date is outside the window, or all votes cast "
            "were the same",
            remedy="fit a window that includes this roll call; a unanimous roll call cannot be fitted",
        )
    source = name_council(rollcalls, council, text)
    voters, away = _council(rollcalls, fit, source, text)
    who = _changed(voters, with_members, without, fit)
    votes_of_model = voting(
        rollcalls, fit, text, who, member_effect=member_effect, n_draws=draws.n, seed=draws.seed
    )
    votes = rollcalls.select(members=who, rollcalls=[text]).votes[:, 0]
    kept = np.zeros(len(who), dtype=bool) if fresh else votes >= 0
    frame = rollcalls.members.loc[who, ["name", "group"]].fillna("")
    frame["recorded"] = [CATEGORIES[vote] if keep else "" for vote, keep in zip(votes, kept, strict=True)]
    frame["added"] = [member not in voters for member in who]
    predicted = [member for member, keep in zip(who, kept, strict=True) if not keep]
    reach = reach_of(rollcalls, fit, source, text, predicted, int(kept.sum()))

    def answer(chances: Floats, plain: WhatIf | None) -> WhatIf:
        chances[:, kept] = np.eye(len(CATEGORIES))[votes[kept]]
        fitted = None if plain is None and votes_of_model.member_effect is not None else votes_of_model.fitted
        members = _deciding(frame, chances)
        return WhatIf(
            council=source,
            version=text,
            members=members,
            removed=tuple(without),
            away=tuple(member for member in away if member not in who),
            chances=chances[:, frame.index.get_indexer(members.index)],
            reach=reach,
            fresh=fresh,
            draws=draws,
            notes=(
                *_notes(rollcalls, fit, text, fitted, draws.level),
                *_chamber_notes(rollcalls, fit, source, text),
                f"Model: {model_words(fit, fitted)}.",
                f"{draws.n} draws of the {drawn_from(fit)}, seed {draws.seed}. Nothing here is causal.",
            ),
            member_effect=fitted,
            without_member_effect=plain,
        )

    alone = answer(votes_of_model.plain, None)
    return alone if votes_of_model.member_effect is None else answer(votes_of_model.member_effect, alone)


def _deciding(frame: pd.DataFrame, chances: Floats) -> pd.DataFrame:
    """Add mean probabilities and the probability that each member decides; the largest first."""
    parts = [
        leave_one_out_leads(chances[begin : begin + _CHUNK], _DECIDING).sum(axis=0)
        for begin in range(0, len(chances), _CHUNK)
    ]
    table = frame.copy()
    table[list(CATEGORIES)] = chances.mean(axis=0)
    table["p_decides"] = np.sum(parts, axis=0) / len(chances)
    order = np.argsort(-table["p_decides"].to_numpy(), kind="stable")
    return table.iloc[order][["name", "group", *CATEGORIES, "recorded", "added", "p_decides"]]


def _in_words(probability: float) -> str:
    """Write a probability; 0 and 1 are written only for exact values."""
    if 0 < probability < 0.0005:
        return "below 0.001"
    return "above 0.999" if 0.9995 <= probability < 1 else f"{probability:.3f}"


def _council(rollcalls: RollCalls, fit: Fit, source: str, text: str) -> tuple[list[str], list[str]]:
    """Return the members that vote, and the members with a seat that did not vote."""
    if source == EVERYONE:
        voted = rollcalls.members.index[rollcalls.select(rollcalls=[text]).votes[:, 0] >= 0]
        wider = wider_membership(rollcalls, text).union(voted)
        joint = held_together(rollcalls, fit.rollcall_ids, fit.member_ids)
        return [member for member in fit.member_ids if not joint or member in wider], []
    votes = rollcalls.select(rollcalls=[source]).votes[:, 0]
    ids = rollcalls.members.index
    return list(ids[votes >= 0]), list(ids[(votes < 0) & (votes != Vote.NOT_MEMBER)])


def _changed(voters: list[str], with_members: Sequence[str], without: Sequence[str], fit: Fit) -> list[str]:
    for member in with_members:
        if member in voters:
            raise UsageError(
                f"{member} already votes in this council", id=member, remedy="do not add this member"
            )
    for member in without:
        if member not in voters:
            raise UsageError(
                f"{member} does not vote in this council", id=member, remedy=did_you_mean(member, voters)
            )
    for names in (with_members, without):
        if len(set(names)) < len(names):
            raise UsageError("a member is listed twice", remedy="list each member once")
    who = [member for member in voters if member not in without] + list(with_members)
    strangers = [member for member in who if member not in fit.member_ids]
    if strangers:
        raise UsageError(
            f"{', '.join(strangers)} cast no vote in the fitted roll calls, so these members have no "
            "position",
            id=strangers[0],
            remedy="fit a wider window, or leave out these members",
        )
    if not who:
        raise UsageError("no voting member remains in the council", remedy="remove fewer members")
    return who


def _chamber_notes(rollcalls: RollCalls, fit: Fit, source: str, text: str) -> list[str]:
    """Return notes on the link between two chambers, and on members without a position."""
    together = held_together(rollcalls, fit.rollcall_ids, fit.member_ids)
    lines = [f"{together[0].upper()}{together[1:]}."] if together else []
    if source == EVERYONE and not together:
        lines.append(
            "Members without a vote in these roll calls have no position. Link the record of another chamber "
            "to estimate their positions (link_chambers)."
        )
    elif source == EVERYONE:
        unplaced = wider_membership(rollcalls, text).difference(fit.member_ids)
        if len(unplaced):
            lines.append(
                f"These members cast no vote in the fit and have no position: {', '.join(unplaced)}."
            )
    return lines


def _notes(
    rollcalls: RollCalls,
    fit: Fit,
    text: str,
    member_effect: MemberEffectFit | Unavailable | None,
    level: float,
) -> tuple[str, ...]:
    effect = None if isinstance(member_effect, Unavailable) else member_effect
    n_others = fit.n_rollcalls - (0 if effect is None else len(family_in(rollcalls, fit, text)))
    held = (
        "each member has one position, assumed constant over this time"
        if fit.periods is None
        else "positions change over time, and the positions at the version's date are used"
    )
    place = "with" if effect is None else "without"
    lines = [
        f"Positions are estimated from {n_others} contested roll calls of {fit.n_members} members, "
        f"{write_span(span_of(rollcalls, fit))}, {place} the votes on this resolution; "
        f"{held}. The intervals include the uncertainty of positions and of the version's parameters."
    ]
    missing = [name for name in CATEGORIES if name not in fit.categories_of(text)]
    if missing:
        lines.append(
            f"No member chose {' or '.join(missing)} on this version, so the model expects no votes in "
            "this category."
        )
    if effect is not None:
        lines.append(
            "Every member has a member effect on the resolution. Its standard deviation on the latent scale "
            f"is {effect.describe_sd(level)}. The member's votes on the resolution determine this effect. "
            "Given positions and member effects, votes are assumed to be independent of each other."
        )
    else:
        lines.append(
            "Given positions, votes are assumed to be independent of each other. The tendency of members to "
            "repeat their own votes on a resolution is not used."
        )
    if isinstance(member_effect, Unavailable):
        lines.append(f"No member effect was estimated: {member_effect}.")
    return (*lines, *(f"Caution: {caution}." for caution in fit.cautions))
