"""The sentences of the answer: what they give each part, and what they say of attendance."""

import re
from dataclasses import replace
from typing import Literal

import pytest

import voteshift as vs
from shift.trio import V18, V20, modelled
from voteshift.shift.answer import answer_steps
from voteshift.shift.step import Step

PHRASES = {
    "membership": r"the change of membership",
    "attendance": r"attendance",
    "switching": r"states voting differently",
    "expect": r"what the model did not expect",
}


def figures(text: str) -> dict[str, float]:
    """Read what a sentence gives each part, and what it says was not expected."""
    given = {}
    for part, phrase in PHRASES.items():
        match = re.search(rf"(\S+) (?:of them )?\([^)]*\) to {phrase}", text)
        if match:
            given[part] = float(match[1].replace("\N{MINUS SIGN}", "-"))
    return given


def test_the_answer_says_what_moved_and_who_changed(why: vs.Explanation) -> None:
    first, second, _ = why.answer.steps
    assert first.heading == "2018 to 2020"
    assert first.change.startswith('"No" votes rose by 15. The model attributes 13.')
    assert "9 of the 22 states that held a seat both times changed their vote" in first.switchers
    assert "seven from abstain to no (Australia, Germany, Japan, " in first.switchers
    assert "two from yes to abstain (Chile, DR Congo)" in first.switchers
    assert second.switchers == "None of the 37 states that held a seat both times changed its vote."
    assert why.answer.consecutive == (first, second)
    assert "2018 to 2021" not in why.text
    assert "position is constant from 2016 to 2021" in why.text


@pytest.mark.parametrize("estimand", ["realised", "expected"])
def test_what_a_sentence_gives_adds_up_to_what_it_is_of(
    record: vs.RollCalls, estimand: Literal["realised", "expected"]
) -> None:
    found = vs.explain(
        record, "question-death-penalty", draws=vs.Draws(100), member_effect=False, estimand=estimand
    )
    for step, answer in zip(found.steps, found.answer.steps, strict=True):
        change = int(re.findall(r"(?:rose|fell) by (\d+)\.", answer.change)[0])
        given = figures(answer.change)
        assert given.keys() - {"expect"} == set(modelled(step).components)
        assert ("expect" in given) == (estimand == "expected")
        assert sum(given.values()) == pytest.approx(change, abs=0.05 * len(given) + 1e-9)


def test_the_sentence_of_a_fall_turns_the_signs(record: vs.RollCalls) -> None:
    found = vs.explain(record, "question-death-penalty", draws=vs.Draws(100))
    table = modelled(found.steps[0]).table.set_index(["component", "category"])["estimate"]
    change = found.answer.steps[0].change
    assert change.startswith('"Yes" votes fell by 3. The model attributes')
    for part, value in figures(change).items():
        assert value == pytest.approx(-table[part, "yes"], abs=0.051)


def test_where_attendance_changed_the_sentence_says_that_it_is_in_membership(record: vs.RollCalls) -> None:
    found = vs.explain(
        record, "follow-up-report-independent-international-fact", draws=vs.Draws(100), member_effect=False
    )
    gone = found.steps[1]
    assert gone.account.left == gone.account.joined == 0
    assert modelled(gone).voted_once == ("GAB",)
    said = "to attendance (one state that held a seat both times and voted once)"
    assert said in found.answer.steps[1].change
    assert "membership (" not in found.answer.steps[1].change
    assert "One state voted once: one from yes to absent (Gabon)." in found.answer.steps[1].switchers
    step = replace(gone, model=replace(modelled(gone), voted_once=("GAB", "GHA", "LBY")))
    answer = answer_steps([step], found.fit, None, found.window, found.words).steps[0]
    assert "attendance (three states that held a seat both times and voted once)" in answer.change
    without = replace(gone, model=vs.Unavailable("no reason"))
    answer = answer_steps([without], None, None, None, found.words).steps[0]
    assert "states that voted both times account for" in answer.change
    assert "one state that held a seat both times and voted once accounts for" in answer.change


def test_where_attendance_did_not_change_the_sentence_says_nothing_of_it(why: vs.Explanation) -> None:
    assert modelled(why.steps[1]).voted_once == ()
    assert "to the change of membership" in why.answer.steps[1].change
    assert "voted once" not in why.answer.steps[1].change


def test_without_a_model_the_answer_is_the_account(why: vs.Explanation) -> None:
    step = Step(V18, V20, why.steps[0].account, vs.Unavailable("no reason"))
    answer = answer_steps([step], None, None, None, why.words).steps[0]
    assert "No model was fitted for this step: no reason." in answer.change
    assert "account for 7 of the change, and seats that changed hands account for 8" in answer.change
