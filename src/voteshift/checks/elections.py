"""Is this membership part unusual among random elections? A test with random elections.

The votes that members would cast are held fixed. The members that took a seat between two votes are drawn at
random from all candidates, within regional groups and with each group's actual number of seats. The statistic
is the membership part of a change. The test compares this part with its distribution under random elections.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.arguments import checked
from voteshift.checks.redraw import Tails, draw_elections, redraw
from voteshift.checks.result import CheckResult, Ends
from voteshift.errors import NotUsableError, Unavailable
from voteshift.ideal.interface import Fit
from voteshift.joint import could_stand, is_hrc, of_chamber
from voteshift.notebook import Shown
from voteshift.rollcalls import RollCalls
from voteshift.shift.effect_draws import EffectForm
from voteshift.shift.explanation import Explanation
from voteshift.shift.models import Models, redraw_effects
from voteshift.shift.parts import Draws, ModelParts, StepDraws, tails
from voteshift.streams import Stream, start_stream
from voteshift.votes import CAST, CATEGORIES, Vote
from voteshift.writing import p_words, signed

__all__ = [
    "ELECTION_NULL",
    "Election",
    "Elections",
    "election",
    "elections",
    "membership_scores",
    "served_two_terms",
]

Floats = NDArray[np.float64]

#: The null hypothesis of the test.
ELECTION_NULL: Final = (
    "the members that took a seat between the two votes were drawn at random from all candidates of their "
    "group, with the actual number of seats of each group"
)
N_ELECTIONS: Final = 9_999
_TERM: Final = 3.0  # years
_YEAR: Final = 365.25


def membership_scores(draws: StepDraws, category: int) -> Floats:
    """Return the contribution of every member to the membership part, if it has a seat at the new vote.

    The Shapley value of membership is a mean over the orders of replacing the factors: the tally with the new
    council minus the tally with the old council. It is a sum over members of their votes under the mixes of
    the other factors.

    Parameters
    ----------
    draws : StepDraws
        Votes under every mix.
    category : int
        0 no, 1 abstain, 2 yes.

    Returns
    -------
    ndarray, shape (n_draws, n_members)
        With two factors: the mean of the votes on the old and on the new version. With three factors: weight
        1/3 for each mix in which date and version are both old or both new, 1/6 for each other mix.
    """
    pure = draws.votes(0, 0)[..., category] + draws.votes(1, 1)[..., category]
    if not draws.apart:
        return 0.5 * pure
    return pure / 3 + (draws.votes(0, 1)[..., category] + draws.votes(1, 0)[..., category]) / 6


def served_two_terms(rollcalls: RollCalls, new: str) -> tuple[str, ...]:
    """Return the members that had just served two terms in a row, so they could not stand for election.

    Members of the Human Rights Council serve three years and cannot be re-elected directly after two terms
    (A/RES/60/251, paragraph 7).

    Parameters
    ----------
    rollcalls : RollCalls
        The chamber's record.
    new : str
        Id of a roll call.

    Returns
    -------
    tuple of str
        Members without a seat in `new` that sat, without a break of a roll call, for more than three years
        up to the calendar year before it. Members that left earlier could stand again.
    """
    dates = rollcalls.rollcalls["date"]
    before = dates[(dates <= dates[new]).fillna(False).to_numpy(bool)].sort_values(kind="stable")
    chosen = rollcalls.select(rollcalls=before.index)
    when = before.to_numpy()
    seated = chosen.votes != Vote.NOT_MEMBER
    last_year = (before.dt.year == dates[new].year - 1).to_numpy()
    barred = []
    for member, row in zip(chosen.members.index, seated, strict=True):
        terms = np.flatnonzero(row)
        if not len(terms) or row[before.index.get_loc(new)] or not last_year[terms[-1]]:
            continue
        gaps = np.flatnonzero(~row[: terms[-1]])
        begin = when[gaps[-1] + 1] if len(gaps) else when[0]
        if (when[terms[-1]] - begin) / np.timedelta64(1, "D") > _TERM * _YEAR:
            barred.append(str(member))
    return tuple(barred)


@dataclass(frozen=True, eq=False)
class Elections(CheckResult):
    """Every step of an explanation, compared with random elections.

    Attributes
    ----------
    steps : dict of (str, str) to tuple of Election, or Unavailable
        Results by the ids of the two roll calls: the result of the model, then the result without member
        effects if the model has member effects. If there is no result, the reason.
    """

    steps: dict[Ends, "tuple[Election, ...] | Unavailable"]

    @property
    def text(self) -> str:
        """The comparison in sentences, step by step, then the reasons why steps are not compared."""
        lines = [line for ends in self.steps for line in self.describe_step(ends)]
        return " ".join([*lines, *self.reasons])

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons why steps are not compared, without repetition."""
        missing = [step for step in self.steps.values() if isinstance(step, Unavailable)]
        return tuple(dict.fromkeys(f"{step}." for step in missing))

    def describe_step(self, ends: Ends) -> tuple[str, ...]:
        """Return the comparison of one step, and the candidates; empty if there is no comparison."""
        step = self.steps.get(ends)
        if step is None or isinstance(step, Unavailable):
            return ()
        main, *without = step
        return main.sentence(*without), main.note()

    def tidy(self) -> pd.DataFrame:
        """Return one row per step, model (with or without member effects) and category."""
        frames = [
            election.tidy().assign(member_effect=len(step) > 1 and place == 0)
            for step in self.steps.values()
            if not isinstance(step, Unavailable)
            for place, election in enumerate(step)
        ]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


@dataclass(frozen=True, eq=False)
class Election(Shown):
    """One step, compared with random elections.

    Attributes
    ----------
    old, new : str
        Ids of the roll calls.
    table : DataFrame
        Rows yes, no and abstain. Columns: ``category``; ``estimate``, ``conf_low`` and ``conf_high`` (the
        membership part of the change: mean and interval over draws of the votes that were not cast);
        ``random_mean``, ``random_low`` and ``random_high`` (the membership part under random elections);
        ``p_more``, ``p_fewer`` and ``p_value`` (two-sided); ``p_change`` (share of random elections in which
        the membership part is at least as large as the whole change).
    seats : DataFrame, index ``group``
        ``seats``: number of seats that changed hands and whose new members voted. ``stood``: number of
        candidates.
    barred : tuple of str
        Members that could not stand after two terms in a row. Empty except in the bundled record of the
        Human Rights Council, which has this rule.
    unplaced : tuple of str
        Members that could have stood, but cast no vote in the fit and therefore have no position.
    ungrouped : tuple of str
        Members that could have stood but have no group, if no seat without a group changed hands.
    extrapolated : tuple of str
        Candidates that cast fewer than 5 votes in the period of one of the two votes, if positions are
        dynamic.
    change : dict of str to int
        The change of each category, among voting members.
    chamber : str
        The larger chamber whose members are the candidates.
    n_elections, seed : int
        Number of random elections, and seed of the random numbers.
    level : float
        Coverage of the intervals.
    null : str
        The null hypothesis, in words.
    """

    old: str
    new: str
    table: pd.DataFrame
    seats: pd.DataFrame
    barred: tuple[str, ...]
    unplaced: tuple[str, ...]
    ungrouped: tuple[str, ...]
    extrapolated: tuple[str, ...]
    change: dict[str, int]
    chamber: str
    n_elections: int
    seed: int
    level: float
    null: str = ELECTION_NULL

    def tidy(self) -> pd.DataFrame:
        """Return `table` with the columns ``old`` and ``new`` first."""
        table = self.table.copy()
        table.insert(0, "old", self.old)
        table.insert(1, "new", self.new)
        return table

    def _title(self) -> str:
        return "Membership compared with random elections"

    def _said(self) -> tuple[str, ...]:
        return self.sentence(), self.note()

    def sentence(self, without: "Election | None" = None) -> str:
        """Return sentences that compare the membership part with random elections.

        The sentences describe the category that changed most.

        Parameters
        ----------
        without : Election, optional
            The result without member effects, for comparison.
        """
        name = max(CAST, key=lambda category: abs(self.change[category]))
        row = self.table.set_index("category").loc[name]
        low, mean, high = (signed(row[f"random_{end}"], 1) for end in ("low", "mean", "high"))
        beside = same_mean = ""
        if without is not None:
            same_mean = " if all candidates have the same mean of member effects"
            plain = without.table.set_index("category").loc[name, "p_value"]
            beside = f"; without member effects {p_words(plain)}"
        n_seats, estimate = int(self.seats["seats"].sum()), signed(row["estimate"], 1)
        p_value = p_words(row["p_value"])
        more, fewer, whole = (_percent(row[key]) for key in ("p_more", "p_fewer", "p_change"))
        return (
            f"Is this membership part unusual among random elections? {n_seats} seats changed hands. The "
            f"membership part of the change in {name} is {estimate} of {signed(self.change[name])}"
            f"{same_mean}. With random elections this part is {mean} on average ({low} to {high} in "
            f"{100 * self.level:g}% of {self.n_elections} elections). The part is as large or larger in "
            f"{more} of these elections, and as small or smaller in {fewer}; p = {p_value} "
            f"(two-sided{beside}). The part is at least as large as the whole change in {whole} of these "
            f"elections. Null hypothesis: {self.null}."
        )

    def note(self) -> str:
        """Return the candidates, and the votes that are held fixed."""
        stood = ", ".join(
            f"{group} {row['seats']} (candidates: {row['stood']})"
            for group, row in self.seats[self.seats["seats"] > 0].iterrows()
        )
        barred = f" and {', '.join(self.barred)}, which had served two terms in a row" if self.barred else ""
        few = len(self.extrapolated)
        carried = (
            f" The positions of {few} of the {int(self.seats['stood'].sum())} candidates are extrapolated: "
            "these candidates cast fewer than 5 votes in the period of one of the two votes."
            if few
            else ""
        )
        unplaced = (
            f" These members have no position and are not candidates: {', '.join(self.unplaced)}."
            if self.unplaced
            else ""
        )
        ungrouped = (
            f" These members have no group and are not candidates: {', '.join(self.ungrouped)}."
            if self.ungrouped
            else ""
        )
        return (
            f"Seats filled at random, by group: {stood}. The candidates are the members of {self.chamber}, "
            f"except the members that kept a seat{barred}. Votes on record are kept. The other votes are "
            f"drawn from the model, and the p-value is an average over these "
            f"draws.{carried}{unplaced}{ungrouped}"
        )


def _percent(share: float) -> str:
    return "less than 0.1%" if share < 0.001 else f"{100 * share:.1f}%"


@checked
def elections(why: Explanation) -> Elections | Unavailable:
    """Compare the membership part of every step with random elections.

    Parameters
    ----------
    why : Explanation
        An explanation of a record of two linked chambers. The larger chamber is needed for the positions of
        members without a seat.

    Notes
    -----
    Under the null hypothesis, members that took a seat do not differ from other candidates. The mean of
    member effects is therefore the same for all members.
    """
    if why.fit is None or isinstance(why.models, Unavailable):
        return Unavailable("no model was fitted to this window, so elections cannot be simulated")
    models: Models | None = None
    steps: dict[Ends, tuple[Election, ...] | Unavailable] = {}
    for step in why.steps:
        if not isinstance(step.model, ModelParts):
            continue
        try:
            could_stand(why.record, why.fit.rollcall_ids, step.new)  # raises before draws are made
            models = models or _with_one_mean(why.models, why.draws)
            steps[step.ends] = tuple(
                election(why.record, parts.draws, why.fit, level=why.level, seed=why.draws.seed)
                for parts in models.split(why.versions, *step.ends)
                if parts is not None and parts.draws is not None
            )
        except NotUsableError as error:
            steps[step.ends] = Unavailable(str(error))
    return Elections(steps)


def _with_one_mean(models: Models, draws: Draws) -> Models:
    """Return models in which the mean of member effects is the same for all members."""
    effect = models.member_effect
    if effect is None or isinstance(effect, Unavailable) or not effect.n_means:
        return models
    return redraw_effects(models, draws, EffectForm(by_seats=False))


def election(
    rollcalls: RollCalls,
    draws: StepDraws,
    fit: Fit,
    *,
    level: float,
    seed: int,
    n_elections: int = N_ELECTIONS,
) -> Election:
    """Test whether random elections could have changed a category as much as membership did.

    Parameters
    ----------
    rollcalls : RollCalls
        A record of linked chambers, from `link_chambers`.
    draws : StepDraws
        Votes under every combination of old and new factors of a step, for all candidates.
    fit : Fit
        The fit behind these votes.
    level : float
        Coverage of the intervals.
    seed : int
        Seed of the random numbers.
    n_elections : int
        Number of random elections.

    Returns
    -------
    Election
        Only seats that changed hands are filled again. A member that held a seat at the old vote and voted at
        the new vote keeps its seat. A member that held a seat at the new vote and did not vote also keeps its
        seat, without a vote.

    Raises
    ------
    NotUsableError
        If the fit has the roll calls of one chamber only, or no seat changed hands.
    """
    tallies = draws.tallies
    old, new = tallies.rollcalls[draws.old], tallies.rollcalls[draws.new]
    fitted = fit.rollcall_ids
    states = could_stand(rollcalls, fitted, new)
    members = tallies.members
    seats = rollcalls.select(members=members, rollcalls=[old, new]).votes != Vote.NOT_MEMBER
    voted = tallies.council[:, [draws.old, draws.new]] & ~draws.voted_once[:, None]
    joined = voted[:, 1] & ~seats[:, 0]
    if not joined.any():
        raise NotUsableError("no seat changed hands")
    # A rule of the Human Rights Council. Records of other chambers do not contain rules on eligibility.
    barred = served_two_terms(of_chamber(rollcalls, new), new) if is_hrc(rollcalls, new) else ()
    free = members.isin(states) & ~seats[:, 1] & ~members.isin(barred)
    stands = joined | free
    labels = rollcalls.members["group"].reindex(members).fillna("").astype(str)
    names = sorted(set(labels[joined]))
    ungrouped = free & (labels == "").to_numpy() & ("" not in names)
    pool = np.where(stands, [names.index(label) if label in names else -1 for label in labels], -1)
    n_seats = np.bincount(pool[joined], minlength=len(names))
    votes = tallies.votes[:, [draws.old, draws.new]]
    change = {
        name: int((votes[:, 1] == code).sum() - (votes[:, 0] == code).sum())
        for code, name in enumerate(CATEGORIES)
    }
    rng = start_stream(seed, Stream.ELECTIONS)
    elected = draw_elections(pool, n_seats, n_elections, rng)
    rows = []
    for name in CAST:
        scores = membership_scores(draws, CATEGORIES.index(name))
        base = scores @ (voted[:, 1] & ~joined) - scores @ voted[:, 0]
        rows.append({"category": name, **_row(redraw(scores, base, joined, elected), change[name], level)})
    frame = rollcalls.rollcalls
    wider = [name for name in frame.loc[fitted, "chamber"].unique() if name != frame.loc[new, "chamber"]]
    stood = pd.DataFrame(
        {"seats": n_seats, "stood": np.bincount(pool[pool >= 0], minlength=len(names))},
        index=pd.Index([name or "no group" for name in names], name="group"),
    )
    return Election(
        old=old,
        new=new,
        table=pd.DataFrame(rows),
        seats=stood,
        barred=tuple(name for name in barred if name in states),
        unplaced=tuple(states.difference(members, sort=False)),
        ungrouped=tuple(members[ungrouped]),
        extrapolated=tuple(members[(pool >= 0) & members.isin(_extrapolated(fit, [old, new]))]),
        change=change,
        chamber=" and ".join(map(str, wider)),
        n_elections=n_elections,
        seed=seed,
        level=level,
    )


def _extrapolated(fit: Fit, ends: list[str]) -> pd.Index:
    """Return members with an extrapolated position at either vote; empty if positions are constant."""
    if fit.periods is None:
        return fit.member_ids[:0]
    return fit.member_ids[fit.extrapolated(ends).any(axis=0)]


def _row(result: Tails, change: int, level: float) -> dict[str, float]:
    low, high = np.quantile(result.observed, tails(level))
    random_low, random_high = np.quantile(result.random, tails(level))
    return {
        "estimate": float(result.observed.mean()),
        "conf_low": float(low),
        "conf_high": float(high),
        "random_mean": float(result.random.mean()),
        "random_low": float(random_low),
        "random_high": float(random_high),
        "p_more": result.p_more,
        "p_fewer": result.p_fewer,
        "p_value": result.p_value,
        "p_change": result.as_far_as(change),
    }
