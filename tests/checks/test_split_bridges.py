"""Bridges that a screen rejects are split, and the parts are taken again."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.checks.sign_changes import SignChanges, sign_changes
from voteshift.checks.split_bridges import SplitBridges, split_bridges
from voteshift.shift.parts import ModelParts

COMPONENTS = ("membership", "positions", "resolution")


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
    assert "1 pair was rejected at" in result.text
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
    assert "so no item was split" in result.text


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
