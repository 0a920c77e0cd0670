"""All families, after splitting, one left out: what is split, and what is said where a sign changes."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.checks.sign_changes import SignChanges, find_sign_changes, sign_changes
from voteshift.checks.split_bridges import SplitBridges, split_bridges
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
    assert "the sign depends on which resolutions are held constant: positions (yes): " in said
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


def chamber(*, broken: bool) -> vs.RollCalls:
    """Sixty members, two years; three families, of which one may come back turned around."""
    rng = np.random.default_rng(2)
    x = rng.standard_normal(60)
    rows, votes = [], []
    for year in (2001, 2002):
        items = np.random.default_rng(4)
        for title in [
            *(f"On birds {k} of {year}" for k in range(8)),
            "On fish",
            "On trees",
            "On stones",
            "On rivers",
        ]:
            slope, cut = items.normal(1.5, 0.3), items.normal(0, 0.5)
            if broken and title == "On trees" and year == 2002:
                slope = -slope
            latent = slope * x + rng.logistic(size=60)
            votes.append((latent > cut - 0.8).astype(int) + (latent > cut + 0.8))
            rows.append({"date": f"{year}-05-01", "title": title})
    ids = [f"r{k:02d}" for k in range(len(rows))]
    members = pd.DataFrame(index=[f"M{i:02d}" for i in range(60)])
    return vs.RollCalls(np.array(votes, dtype=np.int8).T, members, pd.DataFrame(rows, index=ids))


@pytest.mark.parametrize("member_effect", [True, False])
def test_a_bridge_that_does_not_hold_is_split_and_the_parts_stand_beside(member_effect: bool) -> None:
    why = vs.explain(
        chamber(broken=True),
        "fish",
        model=vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families")),
        draws=vs.Draws(100),
        member_effect=member_effect,
    )
    result = split_bridges(why)
    assert isinstance(result, SplitBridges)
    assert [item for item, _, _ in result.rejected] == ["family trees"]
    step = why.steps[0]
    assert isinstance(step.model, ModelParts)
    split = result.steps[step.ends]
    assert split.components == COMPONENTS
    assert split.observed == step.model.observed
    assert set(result.tidy()["component"]) == {*COMPONENTS, "residual"}
    assert not np.allclose(split.table["estimate"], step.model.table["estimate"])
    assert "1 rejected at" in result.text
    assert isinstance(sign_changes(why, split_bridges=result), SignChanges)
    fit = result.models.fit if result.models else None
    assert fit is not None
    assert why.fit is not None
    items = fit.items().set_index("rollcall")["item"]
    assert items["r09"] != items["r21"]  # the trees
    assert items["r10"] == items["r22"]  # the stones


def test_where_every_bridge_holds_nothing_is_split() -> None:
    why = vs.explain(
        chamber(broken=False),
        "fish",
        model=vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families")),
        draws=vs.Draws(100),
        member_effect=False,
    )
    result = split_bridges(why)
    assert isinstance(result, SplitBridges)
    assert result.rejected == []
    assert result.models is None
    assert result.steps == {}
    assert "splitting changes nothing" in result.text


def test_a_static_explanation_has_no_bridges_to_split() -> None:
    why = vs.explain(chamber(broken=False), "fish", draws=vs.Draws(100), member_effect=False)
    assert isinstance(split_bridges(why), vs.Unavailable)
    assert isinstance(sign_changes(why), vs.Unavailable)


def test_a_fit_with_tau_by_group_is_fitted_again() -> None:
    record = chamber(broken=True)
    members = record.members.assign(group=["north", "south"] * 30)
    record = vs.RollCalls(record.votes, members, record.rollcalls)
    fit = vs.IdealPoints(
        dynamics=vs.RandomWalk(bridge="families", apart=("fish",), tau={"north": 0.1, "south": 0.2})
    ).fit(record)
    why = vs.explain(record, "fish", model=fit, draws=vs.Draws(100))
    result = split_bridges(why)
    assert isinstance(result, SplitBridges)
    assert result.steps
    assert why.steps[0].positions_only is not None
