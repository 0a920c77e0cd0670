"""The answer in a few plain sentences: what moved, who changed, how unusual that is, on what assumptions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from voteshift.checks.placebo import Placebo
from voteshift.ideal.interface import Fit
from voteshift.labels import member_name, rollcall_labels
from voteshift.prose import count_word, join_words, write_day
from voteshift.shift.account import Account
from voteshift.shift.parts import ModelParts
from voteshift.shift.step import Step
from voteshift.votes import CAST
from voteshift.writing import number

__all__ = ["Answer", "StepAnswer", "Wording", "answer_steps", "version_names"]

#: Names of members that a sentence lists; with more it lists their ids, which are shorter.
_NAMED: Final = 12
_VOTES: Final = {"yes": "Yes votes", "no": "No votes", "abstain": "Abstentions"}
_PARTS: Final = {
    "membership": "the change of membership",
    "switching": "{members} voting differently",
    "positions": "{members} moving on all resolutions",
    "resolution": "this resolution (its text, or {members} moving on this issue alone)",
}


@dataclass(frozen=True, slots=True)
class Wording:
    """How the sentences name what they are about.

    Attributes
    ----------
    member, members : str
        "state" and "states", or "member" and "members".
    versions : dict of str to str
        The shortest name of every version, by roll-call id.
    level : float
        Coverage of the intervals.
    """

    member: str
    members: str
    versions: dict[str, str]
    level: float


@dataclass(frozen=True, slots=True)
class StepAnswer:
    """The sentences on one step.

    Attributes
    ----------
    old, new : str
        Ids of the roll calls.
    heading : str
        The names of the two versions.
    sentences : tuple of str
        What moved and why by the model, who changed its vote, and how unusual that is.
    cautions : tuple of str
        Failed checks, and what else bears on these sentences.
    """

    old: str
    new: str
    heading: str
    sentences: tuple[str, ...]
    cautions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to why the outcome moved.

    Attributes
    ----------
    steps : tuple of StepAnswer
        Every consecutive step; of a resolution with one step, that step.
    assumptions : tuple of str
        What the model's split assumes, and cautions on the fit.
    """

    steps: tuple[StepAnswer, ...]
    assumptions: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole answer, a paragraph for each step."""
        paragraphs = [f"{step.heading}: {' '.join((*step.sentences, *step.cautions))}" for step in self.steps]
        return "\n\n".join([*paragraphs, " ".join(self.assumptions)]).strip()


def version_names(rollcalls: pd.DataFrame) -> dict[str, str]:
    """Return the shortest name of every version: its year, its day, or its symbol and day.

    Parameters
    ----------
    rollcalls : DataFrame, index ``rollcall``
        ``symbol`` and ``date`` of the versions.
    """
    days = [write_day(date) for date in rollcalls["date"]]
    symbols = list(rollcall_labels(rollcalls))
    candidates = (
        [str(date.year) for date in rollcalls["date"]],
        days,
        [f"{symbol} ({day})" for symbol, day in zip(symbols, days, strict=True)],
    )
    names = next((names for names in candidates if len(set(names)) == len(names)), list(rollcalls.index))
    return dict(zip(rollcalls.index, names, strict=True))


def answer_steps(
    steps: Sequence[Step],
    fit: Fit | None,
    member_effect_missing: str,
    window: tuple[str, str] | None,
    words: Wording,
) -> Answer:
    """Write the answer of an explanation.

    Parameters
    ----------
    steps : sequence of Step
        Each consecutive pair, then first to last.
    fit : Fit or None
        The fit behind the model's parts.
    leaning_missing : str
        Why the member effect could not be estimated; "" where it was, or was not asked for.
    window : tuple of str or None
        First and last day of the fitted roll calls.
    words : Wording
        How members and versions are named.
    """
    consecutive = steps[:-1] if len(steps) > 1 else steps
    return Answer(
        tuple(_answer_step(step, words) for step in consecutive),
        tuple(_list_assumptions(consecutive, fit, member_effect_missing, window, words)),
    )


def _answer_step(step: Step, words: Wording) -> StepAnswer:
    sentences = [*_change_sentences(step, words), _changed_vote(step.account, words)]
    if isinstance(step.placebo, Placebo):
        sentences.append(_compare_elsewhere(step.placebo, words))
    return StepAnswer(
        step.old,
        step.new,
        f"{words.versions[step.old]} to {words.versions[step.new]}",
        tuple(filter(None, sentences)),
        tuple(_list_cautions(step, words)),
    )


def _change_sentences(step: Step, words: Wording) -> Iterator[str]:
    """Write what moved, and the model's split of it; without a model the account's."""
    change = step.account.change
    category = max(CAST, key=lambda name: abs(change[name]))
    size = int(change[category])
    if size == 0:
        yield "The tally did not move."
        return
    yield f"{_VOTES[category]} {'rose' if size > 0 else 'fell'} by {abs(size)}."
    if isinstance(step.model, ModelParts):
        yield _attribute(step.model, category, words)
    else:
        yield (
            f"There is no model of this step: {step.model}. Counted on the record, {words.members} that held a "
            f"seat both times account for {_turned(step.account.switching[category], size)} of the change and "
            f"seats that changed hands for {_turned(step.account.turnover[category], size)}, which includes "
            "what the resolution itself changed for those seats."
        )


def _turned(part: int, change: int) -> int:
    """Return a part, counted as positive where it goes with the change."""
    return int(part) if change > 0 else -int(part)


def _attribute(model: ModelParts, category: str, words: Wording) -> str:
    """Write how much of the change each part of the model is, the largest first."""
    sign = 1 if model.observed[category] > 0 else -1
    rows = model.table[model.table["category"] == category].set_index("component")
    parts = sorted(model.components, key=lambda part: -abs(rows.loc[part, "estimate"]))
    told = [
        f"{_interval(rows.loc[part], sign, words.level if place == 0 else None)} to "
        f"{_PARTS[part].format(members=words.members)}{_once(model, words) * (part == 'membership')}"
        for place, part in enumerate(parts)
    ]
    if model.estimand == "expected":
        told.append(f"{_interval(rows.loc['residual'], sign, None)} to what the model did not expect")
    return f"The model attributes {join_words(told)}."


def _once(model: ModelParts, words: Wording) -> str:
    """Name what membership includes besides seats that changed hands."""
    once = len(model.voted_once)
    if not once:
        return ""
    noun = words.member if once == 1 else words.members
    return f" (with {count_word(once)} {noun} that held a seat both times and voted once)"


def _interval(row: pd.Series, sign: int, level: float | None) -> str:
    """Write an estimate with its interval, turned so that the change counts as positive."""
    low, high = sorted((sign * row["conf_low"], sign * row["conf_high"]))
    kind = "" if level is None else f"{100 * level:g}% interval "
    of_them = "" if level is None else "of them "
    return f"{number(sign * row['estimate'])} {of_them}({kind}{number(low)} to {number(high)})"


def _changed_vote(account: Account, words: Wording) -> str:
    """Name who of those with a seat both times changed its vote."""
    stayers, switchers = account.stayers, account.switchers
    if not stayers:
        return f"No {words.member} held a seat both times."
    if switchers.empty:
        noun = f"the {stayers} {words.members}" if stayers > 1 else f"the one {words.member}"
        return f"None of {noun} that held a seat both times changed its vote."
    named = len(switchers) <= _NAMED
    moves = []
    for (old, new), part in switchers.groupby(["old", "new"], sort=False):
        names = [
            member_name(name or str(member)) if named else str(member)
            for member, name in part["name"].items()
        ]
        moves.append((len(part), f"from {old} to {new} ({', '.join(sorted(names))})"))
    moves.sort(key=lambda move: -move[0])
    listed = "; ".join(f"{count_word(count)} {move}" for count, move in moves)
    return (
        f"{len(switchers)} of the {stayers} {words.members} that held a seat both times changed their vote: "
        f"{listed}."
        if len(switchers) > 1
        else f"One of the {stayers} {words.members} that held a seat both times changed its vote, "
        f"{moves[0][1]}."
    )


def _compare_elsewhere(placebo: Placebo, words: Wording) -> str:
    """Compare the share that changed with the same members' on other resolutions."""
    switches, stayers = placebo.here
    if not placebo.n_families:
        return "No other resolution was voted in both years, so there is nothing to compare this with."
    changes, pairs = placebo.elsewhere
    others = "one other resolution" if placebo.n_families == 1 else f"{placebo.n_families} other resolutions"
    share = placebo.table["share"].to_numpy(float)
    below = int((share[1:] < share[0]).sum())
    if not switches:
        here = "here none"
    else:
        here = f"here {switches} of {stayers} ({100 * switches / stayers:.0f}%), "
        here += (
            "more than on any of them"
            if below == placebo.n_families
            else f"a larger share than on {count_word(below) if below else 'none'} of them"
        )
    return (
        f"On {others} of the same years the same {words.members} changed {changes} of {pairs} votes "
        f"({100 * changes / pairs:.0f}%); {here}."
    )


def _list_cautions(step: Step, words: Wording) -> Iterator[str]:
    """Yield failed checks of a step."""
    check = step.switchers[0] if step.switchers else None
    if check is not None and check.voted and not check.low <= check.observed <= check.high:
        more = "more" if check.observed > check.high else "fewer"
        yield (
            f"Failed check: of the {check.voted} {words.members} that voted both times the model expects "
            f"{check.expected:.0f} ({check.low:.0f} to {check.high:.0f}) to change their vote; "
            f"{check.observed} did, {more} than its interval allows. Read the split with care."
        )
    for change in step.sign_changes:
        yield f"Failed check: the sign depends on which resolutions are held constant: {change.words()}."


def _list_assumptions(
    steps: Sequence[Step],
    fit: Fit | None,
    member_effect_missing: str,
    window: tuple[str, str] | None,
    words: Wording,
) -> Iterator[str]:
    """Yield what the split assumes, then cautions on the fit behind it."""
    models = [step.model for step in steps if isinstance(step.model, ModelParts)]
    if not models or fit is None or window is None:
        return
    first, last = window[0][:4], window[1][:4]
    apart = ["positions" in model.components for model in models]
    if fit.periods is None:
        yield (
            f"The split assumes that each {words.member}'s position is constant from {first} to {last}. It "
            f"cannot separate {words.members} that moved from a resolution that changed."
        )
    elif all(apart):
        yield (
            f"The split assumes that the other resolutions that came back meant the same each time, and that "
            f"{words.members} move by small yearly steps, each on its own."
        )
    else:
        yield (
            f"{words.members.capitalize()} move by small yearly steps; where no other resolution spans a step, "
            f"the split cannot separate {words.members} that moved from a resolution that changed."
        )
    if member_effect_missing:
        yield f"Caution: no member effect was estimated ({leaning_missing}); the split is from positions alone."
    for caution in fit.cautions:
        yield f"Caution: {caution}."
