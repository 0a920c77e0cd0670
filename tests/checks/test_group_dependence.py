"""Residual correlations by pair of groups, and cohesion with predictive intervals."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.checks.group_dependence import (
    GroupDependence,
    group_dependence,
    pair_groups,
)
from voteshift.posterior.residuals import residual_correlations


@pytest.fixture(scope="module")
def why(record: vs.RollCalls) -> vs.Explanation:
    return vs.explain(record, "mutually-beneficial-cooperation", draws=vs.Draws(100), member_effect=False)


@pytest.fixture(scope="module")
def found(why: vs.Explanation) -> GroupDependence:
    result = group_dependence(why)
    assert isinstance(result, GroupDependence)
    return result


def test_means_over_pairs_of_groups() -> None:
    table = np.array([[1.0, 0.5, 0.1], [0.5, 1.0, 0.3], [0.1, 0.3, np.nan]])
    pairs = pair_groups(table, np.array(["a", "a", "b"], dtype=object)).set_index(["group", "other"])
    assert pairs.loc[("a", "a")].tolist() == [1, 0.5, 1.0]
    assert pairs.loc[("a", "b")].tolist() == [2, pytest.approx(0.2), 0.5]
    assert ("b", "b") not in pairs.index
    assert pair_groups(table, np.array(["", "", ""], dtype=object)).empty


def test_three_groups_of_the_council_vote_together_more_than_the_model_expects(
    found: GroupDependence,
) -> None:
    assert found.outside["group"].tolist() == ["EEG", "GRULAC", "WEOG"]
    assert found.verdict == "failed"
    text = found.failures[None]
    assert "vote together more than positions predict" in text
    assert "Western Europe and Others" in text
    assert "Africa 0.55" in found.text
    assert set(found.tidy()["check"]) == {"cohesion", "residual_correlation"}


def test_a_large_residual_correlation_fails_and_none_passes(found: GroupDependence) -> None:
    cohesive = found.cohesion.assign(observed=found.cohesion["estimate"])
    good = replace(found, cohesion=cohesive)
    assert good.verdict == "passed"
    assert good.failures == {}
    bad = replace(good, correlations=found.correlations.assign(estimate=0.25))
    assert "the mean residual correlation is above 0.2: Africa 0.25" in bad.failures[None]
    less = replace(found, cohesion=found.cohesion.assign(observed=0.0))
    assert "vote together less than" in less.failures[None]


def test_votes_drawn_from_the_model_pass() -> None:
    """The figures of a record whose votes are independent given positions."""
    world = vs.simulate(60, 120, seed=3)
    members = world.rollcalls.members.assign(group=["a", "b", "c"] * 20)
    frame = world.rollcalls.rollcalls.copy()
    frame.loc[frame.index[:2], "title"] = "On fish"
    record = vs.RollCalls(world.rollcalls.votes, members, frame.drop(columns="family", errors="ignore"))
    why = vs.explain(record, "On fish", draws=vs.Draws(100), member_effect=False)
    result = group_dependence(why)
    assert isinstance(result, GroupDependence)
    assert result.correlations["estimate"].abs().max() < 0.05
    assert len(result.outside) <= 1  # three intervals of 90%


def test_the_order_of_members_and_names_of_groups_do_not_matter(
    why: vs.Explanation, found: GroupDependence
) -> None:
    renamed = why.record.members["group"].map(lambda name: f"z{name}"[::-1])
    assert why.fit is not None
    table = residual_correlations(why.fit)
    groups = renamed.reindex(why.fit.member_ids).to_numpy(object)
    order = np.random.default_rng(0).permutation(len(groups))
    pairs = pair_groups(table[np.ix_(order, order)], groups[order])
    assert sorted(pairs["estimate"]) == pytest.approx(sorted(found.correlations["estimate"]))


def test_without_groups_or_a_model_there_is_no_result(record: vs.RollCalls, why: vs.Explanation) -> None:
    alone = vs.RollCalls(
        why.versions.votes,
        why.versions.members.assign(group=pd.NA),
        why.versions.rollcalls[["date", "title", "family"]],
    )
    assert "does not assign members to groups" in str(group_dependence(replace(why, record=alone)))
    assert "no fit" in str(group_dependence(replace(why, fit=None)))
    with pytest.raises(vs.UsageError, match="n_draws"):
        group_dependence(why, n_draws=5)
