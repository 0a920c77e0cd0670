"""Contradictions between the model and the account, on parts of known size."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.shift.account import Account, account_step
from voteshift.shift.contradictions import describe_contradiction, describe_excess
from voteshift.shift.parts import ModelParts

CATEGORIES = ("yes", "no", "abstain")
NOBODY = ("state", "states")


def parts(observed: dict[str, int], spread: float = 5.0, **estimates: dict[str, float]) -> ModelParts:
    """Parts with these estimates; membership takes the rest of the change."""
    rows = []
    rest = {name: observed[name] - sum(part[name] for part in estimates.values()) for name in CATEGORIES}
    for component, values in {
        "membership": rest,
        **estimates,
        "residual": dict.fromkeys(CATEGORIES, 0),
    }.items():
        rows += [
            (component, name, values[name], values[name] - spread, values[name] + spread) for name in values
        ]
    table = pd.DataFrame(rows, columns=["component", "category", "estimate", "conf_low", "conf_high"])
    return ModelParts(table, observed, "", ())


def stayed(*, switched: bool = False) -> Account:
    """Three members that voted both times, one that left and one that joined."""
    votes = np.array([[2, 2], [0, 0], [1, 2 if switched else 1], [2, -3], [-3, 0]], dtype=np.int8)
    members = pd.DataFrame(index=[f"m{i}" for i in range(5)])
    return account_step(vs.RollCalls(votes, members, pd.DataFrame(index=["a", "b"])), "a", "b")


def test_votes_of_switching_without_a_switcher_are_a_contradiction() -> None:
    model = parts({"yes": -1, "no": 1, "abstain": 0}, switching={"yes": -0.3, "no": 3.2, "abstain": -2.9})
    assert describe_contradiction(model, stayed(), *NOBODY) == (
        "Contradiction: no state that voted both times changed its vote, but the model attributes a change "
        'of 3.2 "No" votes to states voting differently. The model predicts this change for states that '
        "left or joined; no vote on record shows it."
    )
    assert describe_contradiction(model, stayed(switched=True), *NOBODY) == ""


@pytest.mark.parametrize(("size", "spread", "told"), [(0.4, 5, False), (0.4, 0.3, True), (0.5, 5, True)])
def test_a_part_counts_from_half_a_vote_or_if_its_interval_excludes_0(
    size: float, spread: float, told: bool
) -> None:
    model = parts(
        {"yes": -1, "no": 1, "abstain": 0}, spread, switching={"yes": 0.0, "no": size, "abstain": -size}
    )
    assert bool(describe_contradiction(model, stayed(), *NOBODY)) == told


def test_positions_and_resolution_are_added_before_they_are_compared() -> None:
    """For a member that votes the same, the two parts cancel."""
    change = {"yes": -1, "no": 1, "abstain": 0}
    cancel = parts(
        change,
        positions={"yes": 0, "no": 3.0, "abstain": -3.0},
        resolution={"yes": 0, "no": -2.8, "abstain": 2.8},
    )
    assert describe_contradiction(cancel, stayed(), *NOBODY) == ""
    add = parts(
        change,
        positions={"yes": 0, "no": 0.3, "abstain": -0.2},
        resolution={"yes": 0, "no": 0.4, "abstain": -0.3},
    )
    assert "a change of 0.7" in describe_contradiction(add, stayed(), *NOBODY)


def test_a_part_larger_than_the_change_is_named() -> None:
    model = parts({"yes": 0, "no": 1, "abstain": -1}, switching={"yes": 0, "no": 1.8, "abstain": -1.0})
    assert describe_excess(model, "no", "states") == (
        "The part of states voting differently is larger than the whole change, because other parts have the "
        "opposite sign. The parts are therefore not shares of the change."
    )
    assert describe_excess(model, "abstain", "states") == ""
    hidden = parts({"yes": 0, "no": -1, "abstain": 1}, switching={"yes": 0, "no": -1.4, "abstain": 1.4})
    assert describe_excess(hidden, "no", "states") == ""


def test_the_trio_has_neither(why: vs.Explanation) -> None:
    assert all(answer.cautions == () for answer in why.answer.steps)
