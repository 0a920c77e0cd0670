"""All families, after splitting, one left out: what is split, and what is said where a sign changes."""

import pandas as pd
import pytest

from voteshift.checks.sign_changes import SignChanges, find_sign_changes
from voteshift.shift.parts import ModelParts

COMPONENTS = ("membership", "positions", "resolution")


def parts(**estimates: tuple[float, float, float]) -> ModelParts:
    """Parts in yes, no and abstain; what is missing of a change of 0 is the last component's."""
    rows = [
        {"component": component, "category": name, "estimate": value, "conf_low": value, "conf_high": value}
        for component, values in estimates.items()
        for name, value in zip(("yes", "no", "abstain"), values, strict=True)
    ]
    table = pd.DataFrame(rows).assign(order_low=0.0, order_high=0.0)
    observed = table.groupby("category")["estimate"].sum().round().astype(int).to_dict()
    return ModelParts(table, observed, "", (), 0.9)


ALL = parts(membership=(2.0, -1.0, 0.0), positions=(0.5, 0.2, -0.7), resolution=(0.5, 1.8, -1.3))


def test_a_sign_that_changes_is_named_with_its_numbers() -> None:
    split = parts(membership=(2.0, -1.0, 0.0), positions=(-0.25, 0.3, -0.05), resolution=(1.25, 1.7, -1.95))
    (change,) = find_sign_changes(ALL, split, None)
    assert (change.component, change.category) == ("positions", "yes")
    signs = SignChanges({("a", "b"): (change,)})
    assert signs.verdict == "failed"
    said = signs.text
    assert "the sign of a part depends on which resolutions are assumed constant: positions (yes): " in said
    assert len(signs.tidy()) == 2
    assert "+0.5 with all families" in said
    assert "0.2 after splitting" in said


def test_signs_that_hold_are_not_mentioned() -> None:
    split = parts(membership=(2.0, -1.0, 0.0), positions=(0.1, 0.3, -0.4), resolution=(0.9, 1.7, -1.6))
    assert find_sign_changes(ALL, split, None) == ()
    assert find_sign_changes(ALL, None, None) == ()
    assert SignChanges({("a", "b"): ()}).verdict == "passed"


@pytest.mark.parametrize(("value", "named"), [(-0.09, []), (-0.11, ["yes"])])
def test_what_simulation_may_have_made_has_no_sign(value: float, named: list[str]) -> None:
    split = parts(
        membership=(2.0, -1.0, 0.0), positions=(value, 0.3, -0.4), resolution=(1.0 - value, 1.7, -1.6)
    )
    assert [change.category for change in find_sign_changes(ALL, split, None)] == named


def test_the_range_of_single_families_counts_and_they_are_named() -> None:
    ranges = pd.DataFrame(
        {
            "component": ["positions", "resolution"],
            "category": ["no", "no"],
            "estimate": [0.2, 1.8],
            "lowest": [-0.13, 1.5],
            "without_lowest": ["trees", "trees"],
            "highest": [0.4, 2.0],
            "without_highest": ["BIRDS", ""],
        }
    )
    (change,) = find_sign_changes(ALL, None, ranges)
    assert (change.component, change.category) == ("positions", "no")
    assert "\N{MINUS SIGN}0.1 without trees" in change.words()
    assert "+0.4 without BIRDS" in change.words()


def test_parts_that_are_one_have_no_sign_to_change() -> None:
    together = parts(membership=(2.0, -1.0, 0.0), switching=(1.0, 2.0, -2.0))
    assert find_sign_changes(together, None, None) == ()
