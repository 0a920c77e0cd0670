"""The models behind an explanation: with member effects and without, kept apart."""

import numpy as np
import pytest

import voteshift as vs
from shift.trio import modelled
from voteshift.checks.expected_switchers import expected_switchers
from voteshift.shift.parts import ModelParts


def test_intervals_are_quantiles_of_the_realised_parts(why: vs.Explanation) -> None:
    """Recomputed from the tallies themselves, membership of the first step by both orders."""
    assert why.has_effect
    tallies = why.models.main.realised[:, :, 0].astype(float)
    on_old, on_new = (tallies[:, 1, version] - tallies[:, 0, version] for version in (0, 1))
    part = 0.5 * (on_old + on_new)
    table = modelled(why.steps[0]).table.set_index(["component", "category"]).loc["membership"]
    for code, name in enumerate(("no", "abstain", "yes")):
        row = table.loc[name]
        assert row["estimate"] == pytest.approx(part[:, code].mean())
        assert [row["conf_low"], row["conf_high"]] == np.quantile(part[:, code], [0.05, 0.95]).tolist()
        orders = sorted([on_old[:, code].mean(), on_new[:, code].mean()])
        assert [row["order_low"], row["order_high"]] == pytest.approx(orders)


def test_both_explanations_add_up_and_are_kept_apart(why: vs.Explanation) -> None:
    for step in why.steps:
        assert isinstance(step.model, ModelParts)
        assert isinstance(step.positions_only, ModelParts)
        assert step.model.observed == step.positions_only.observed
        assert "without the votes on this resolution" in step.model.identified_by
        assert "resemble the member's other votes" in step.model.identified_by
        assert "with the votes on this resolution" in step.positions_only.identified_by
    assert set(why.tidy()["layer"]) == {"account", "model", "model without member effects"}


def test_the_facts_hold_without_member_effects(why: vs.Explanation) -> None:
    plain = why.steps[1].positions_only
    assert plain is not None
    row = plain.table.set_index(["component", "category"]).loc[("membership", "yes")]
    assert row["estimate"] == pytest.approx(2.66, abs=0.1)
    assert (row["conf_low"], row["conf_high"]) == (1.5, 4.0)


def test_member_effect_can_be_left_out() -> None:
    found = vs.explain(vs.load_hrc(), draws=vs.Draws(100), member_effect=False)
    assert found.member_effect is None
    assert not found.has_effect
    assert found.steps[0].positions_only is None
    assert len(expected_switchers(found).steps[found.steps[0].ends]) == 1
