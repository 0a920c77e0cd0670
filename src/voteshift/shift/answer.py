"""The answer in a few plain sentences: the change, the members that changed, and the assumptions."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from voteshift.errors import Unavailable
from voteshift.ideal.interface import Fit
from voteshift.labels import member_name
from voteshift.prose import count_word, join_words
from voteshift.resolution.member_effect import MemberEffectFit
from voteshift.shift.account import Account
from voteshift.shift.contradictions import VOTES, describe_contradiction, describe_excess
from voteshift.shift.parts import ModelParts
from voteshift.shift.step import Step
from voteshift.votes import CAST
from voteshift.writing import number

__all__ = [
    "Answer",
    "Range",
    "StepAnswer",
    "Wording",
    "answer_steps",
    "define_once",
    "describe_change",
    "describe_switchers",
    "main_category",
]

#: Largest number of names in a sentence; a longer list contains ids, which are shorter.
_NAMED: Final = 12
_PARTS: Final = {
    "membership": "the change of membership",
    "attendance": "attendance ({once} that held a seat both times and voted once)",
    "switching": "{members} voting differently",
    "positions": "{members} moving on all resolutions",
    "resolution": "this resolution (its text, or {members} moving on this issue alone)",
}
#: The first mention of the part 'resolution'.
_DEFINED: Final = re.compile(r"this resolution \(its text, or \w+ moving on this issue alone\)")


@dataclass(frozen=True, slots=True)
class Wording:
    """The names of members and versions in sentences.

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
class Range:
    """The range of an estimate over other choices.

    Attributes
    ----------
    lowest, highest : float
        The smallest and the largest estimate.
    choices : int
        Number of other choices.
    """

    lowest: float
    highest: float
    choices: int


@dataclass(frozen=True, slots=True)
class StepAnswer:
    """The sentences on one step.

    Attributes
    ----------
    old, new : str
        Ids of the roll calls.
    heading : str
        The names of the two versions.
    change : str
        The change of the tally, and its split by the model.
    switchers : str
        The members that held a seat both times and changed their vote.
    cautions : tuple of str
        A sentence if the model contradicts the account, and a sentence if a part exceeds the whole change.
    """

    old: str
    new: str
    heading: str
    change: str
    switchers: str
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to the question why the outcome changed.

    Attributes
    ----------
    steps : tuple of StepAnswer
        Each consecutive step, then first to last.
    assumptions : tuple of str
        The assumptions of the model's split, and cautions on the fit.
    """

    steps: tuple[StepAnswer, ...]
    assumptions: tuple[str, ...]

    @property
    def consecutive(self) -> tuple[StepAnswer, ...]:
        """The steps between consecutive versions, without the step from the first version to the last."""
        return self.steps[:-1] if len(self.steps) > 1 else self.steps

    @property
    def text(self) -> str:
        """The whole answer: a paragraph for each consecutive step, then the assumptions."""
        paragraphs = [
            f"{step.heading}: {' '.join((step.change, step.switchers, *step.cautions))}"
            for step in self.consecutive
        ]
        return "\n\n".join(filter(None, [*define_once(paragraphs), " ".join(self.assumptions)]))


def define_once(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """Return paragraphs that explain "this resolution" at its first mention only."""
    kept: list[str] = []
    for text in paragraphs:
        defined = any(_DEFINED.search(before) for before in kept)
        kept.append(_DEFINED.sub("this resolution", text) if defined else text)
    return tuple(kept)


def answer_steps(
    steps: Sequence[Step],
    fit: Fit | None,
    member_effect: MemberEffectFit | Unavailable | None,
    window: tuple[str, str] | None,
    words: Wording,
) -> Answer:
    """Write the answer of an explanation.

    Parameters
    ----------
    steps : sequence of Step
        Each consecutive pair, then first to last.
    fit : Fit or None
        The ideal-point fit behind the model's parts.
    member_effect : MemberEffectFit, Unavailable or None
        The fit of the member effect.
    window : tuple of str or None
        First and last day of the fitted roll calls.
    words : Wording
        The names of members and versions.
    """
    answers = [
        StepAnswer(
            step.old,
            step.new,
            f"{words.versions[step.old]} to {words.versions[step.new]}",
            describe_change(step, words),
            describe_switchers(step.account, words),
            tuple(filter(None, _list_cautions(step, words))),
        )
        for step in steps
    ]
    return Answer(tuple(answers), tuple(_list_assumptions(steps, fit, member_effect, window, words)))


def describe_change(step: Step, words: Wording, ranges: Mapping[str, Range] | None = None) -> str:
    """Return the sentences on the change and on its parts in the model, or in the account without a model.

    Parameters
    ----------
    step : Step
        The step.
    words : Wording
        The names of members and versions.
    ranges : mapping of str to Range, optional
        The range of the estimate of every part over other choices, in the category of `main_category`.
    """
    return " ".join(_list_sentences(step, words, ranges or {}))


def _list_sentences(step: Step, words: Wording, ranges: Mapping[str, Range]) -> Iterator[str]:
    category = main_category(step)
    size = int(step.account.change[category])
    if size == 0:
        yield "The tally did not move."
        return
    name = VOTES[category]
    yield f"{name[0].upper()}{name[1:]} {'rose' if size > 0 else 'fell'} by {abs(size)}."
    if isinstance(step.model, ModelParts):
        yield _attribute(step.model, category, words, ranges)
        return
    parts = {name: _turned(counts[category], size) for name, counts in step.account.parts.items()}
    held, once, last = f"{words.members} that held a seat both times", "", "second"
    if "attendance" in parts:
        held, last = f"{words.members} that voted both times", "last"
        who = f"{_count(len(step.account.voted_once), words)} that held a seat both times and voted once"
        once = f" {who} account{'s' * (len(step.account.voted_once) == 1)} for {parts['attendance']},"
    yield (
        f"No model was fitted for this step: {step.model}. On the record, {held} account for "
        f"{parts['switching']} of the change,{once} and seats that changed hands account for "
        f"{parts['turnover']}. The {last} number includes the effect of the changed resolution on these "
        "seats."
    )


def main_category(step: Step) -> str:
    """Return the category that changed most: yes, no or abstain."""
    change = step.account.change
    return max(CAST, key=lambda name: abs(change[name]))


def _list_cautions(step: Step, words: Wording) -> Iterator[str]:
    """Yield what the model contradicts in the account, and the parts that exceed the whole change."""
    if not isinstance(step.model, ModelParts):
        return
    yield describe_contradiction(step.model, step.account, words.member, words.members)
    category = main_category(step)
    if step.account.change[category]:
        yield describe_excess(step.model, category, words.members)


def _turned(part: int, change: int) -> int:
    """Return a part, positive if it has the direction of the change."""
    return int(part) if change > 0 else -int(part)


def _attribute(model: ModelParts, category: str, words: Wording, ranges: Mapping[str, Range]) -> str:
    """Write the size of each part of the change by the model, the largest first."""
    sign = 1 if model.observed[category] > 0 else -1
    rows = model.table[model.table["category"] == category].set_index("component")
    parts = sorted(model.components, key=lambda part: -abs(rows.loc[part, "estimate"]))
    phrases = [
        f"{_interval(rows.loc[part], sign, words.level if place == 0 else None, ranges.get(part))} to "
        f"{_PARTS[part].format(members=words.members, once=_count(len(model.voted_once), words))}"
        for place, part in enumerate(parts)
    ]
    if model.estimand == "expected":
        phrases.append(f"{_interval(rows.loc['residual'], sign, None)} to what the model did not expect")
    return f"The model attributes {join_words(phrases)}."


def _count(number: int, words: Wording) -> str:
    """Write a number of members: "one state", "three states"."""
    return f"{count_word(number)} {words.member if number == 1 else words.members}"


def _interval(row: pd.Series, sign: int, level: float | None, others: Range | None = None) -> str:
    """Write an estimate with its interval and its range, with the sign of the change as positive."""
    low, high = sorted((sign * row["conf_low"], sign * row["conf_high"]))
    kind = "" if level is None else f"{100 * level:g}% interval "
    of_them = "" if level is None else "of them "
    beyond = ""
    if others is not None:
        ends = sorted((sign * others.lowest, sign * others.highest))
        counted = f" over {count_word(others.choices)} other choice{'s' * (others.choices != 1)}"
        beyond = f"; {number(ends[0])} to {number(ends[1])}{counted if level is not None else ''}"
    return f"{number(sign * row['estimate'])} {of_them}({kind}{number(low)} to {number(high)}{beyond})"


def describe_switchers(account: Account, words: Wording) -> str:
    """Return sentences with the names of the stayers that changed their vote or voted once."""
    stayers, switchers, once = account.stayers, account.switchers, account.voted_once
    if not stayers:
        return f"No {words.member} held a seat both times."
    if switchers.empty:
        noun = f"the {stayers} {words.members}" if stayers > 1 else f"the one {words.member}"
        changed = f"None of {noun} that held a seat both times changed its vote."
    elif len(switchers) > 1:
        changed = (
            f"{len(switchers)} of the {stayers} {words.members} that held a seat both times changed their "
            f"vote: {_list_moves(switchers)}."
        )
    else:
        changed = (
            f"One of the {stayers} {words.members} that held a seat both times changed its vote, "
            f"{_list_moves(switchers).removeprefix('one ')}."
        )
    if once.empty:
        return changed
    return f"{changed} {_count(len(once), words).capitalize()} voted once: {_list_moves(once)}."


def _list_moves(members: pd.DataFrame) -> str:
    """Write the moves of members with their names, the most frequent move first."""
    named = len(members) <= _NAMED
    moves = []
    for (old, new), part in members.groupby(["old", "new"], sort=False):
        names = [
            member_name(name or str(member)) if named else str(member)
            for member, name in part["name"].items()
        ]
        moves.append((len(part), f"from {old} to {new} ({', '.join(sorted(names))})"))
    moves.sort(key=lambda move: -move[0])
    return "; ".join(f"{count_word(count)} {move}" for count, move in moves)


def _list_assumptions(
    steps: Sequence[Step],
    fit: Fit | None,
    member_effect: MemberEffectFit | Unavailable | None,
    window: tuple[str, str] | None,
    words: Wording,
) -> Iterator[str]:
    """Yield the assumptions of the split, then cautions on the fit."""
    if fit is None or window is None or not any(isinstance(step.model, ModelParts) for step in steps):
        return
    separates = [step.separates for step in steps if isinstance(step.model, ModelParts)]
    if fit.periods is None:
        yield (
            f"The split assumes that each {words.member}'s position is constant from {window[0][:4]} to "
            f"{window[1][:4]}. The split cannot show whether {words.members} moved or the resolution "
            "changed."
        )
    elif all(separates):
        yield (
            "The split assumes that the other resolutions that came back meant the same each time, and "
            f"that {words.members} move by {_yearly_steps(steps)}."
        )
    else:
        yield (
            f"The split assumes that {words.members} move by small yearly steps. If no other resolution "
            f"spans a step, the split cannot show whether {words.members} moved or the resolution changed."
        )
    if isinstance(member_effect, Unavailable):
        yield (f"Caution: no member effect was estimated ({member_effect}); the split uses positions only.")
    for caution in fit.cautions:
        yield f"Caution: {caution}."


def _yearly_steps(steps: Sequence[Step]) -> str:
    """Return the steps by which members move, in words."""
    models = [step.model for step in steps if isinstance(step.model, ModelParts)]
    if any(model.has_group_steps for model in models):
        return "yearly steps of all together, of each regional group, and of single members"
    return "small yearly steps, independently of each other"
