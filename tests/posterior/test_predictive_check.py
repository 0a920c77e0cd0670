"""Votes drawn anew beside those on record."""

import numpy as np
import pytest

import voteshift as vs
from posterior.stand_in import stand_in
from voteshift.posterior.predictive_check import predictive_check
from voteshift.simulation import Dynamics


@pytest.fixture(scope="module")
def record() -> vs.RollCalls:
    simulated = vs.simulate(40, 80, seed=4, missing=0.1, dynamics=Dynamics(n_periods=2, bridges=6))
    members = simulated.rollcalls.members
    members["group"] = np.where(simulated.positions[0, :, 0] > 0, "East", "West")
    return vs.RollCalls(simulated.rollcalls.votes, members, simulated.rollcalls.rollcalls)


def by_name(found, check):
    table = found.tidy()
    return table[table["check"] == check].set_index(["of", "category"])


def test_what_is_on_record_is_counted_right(record):
    found = predictive_check(vs.IdealPoints().fit(record), record, n_draws=100)
    tallies = by_name(found, "tally")["observed"].unstack()
    tally = record.contested().tally()
    assert (tallies[["no", "abstain", "yes"]] == tally[["no", "abstain", "yes"]].loc[tallies.index]).all(
        axis=None
    )
    switchers = by_name(found, "switchers")["observed"]
    assert len(switchers) == 6
    for pair, count in switchers.droplevel("category").items():
        votes = record.select(rollcalls=pair.split(" to ")).votes
        both = (votes >= 0).all(axis=1)
        assert count == (votes[both, 0] != votes[both, 1]).sum()
    cohesion = by_name(found, "cohesion")["observed"].droplevel("category")
    expected = vs.descriptives.cohesion(record.contested()).groupby("group")["agreement"].mean()
    np.testing.assert_allclose(cohesion, expected[cohesion.index])


@pytest.mark.parametrize("how", ["mode", "draws"])
def test_a_right_model_draws_such_records(record, how):
    fit = vs.IdealPoints().fit(record) if how == "mode" else stand_in(record)
    summary = predictive_check(fit, record).summary()
    assert summary.loc["tally", "n"] == 3 * len(fit.encoded.rollcalls)
    assert summary.loc["tally", "inside"] > 0.9
    assert summary.loc["switchers", "inside"] >= 4 / 6


def test_members_that_repeat_themselves_are_noticed(record):
    """Copy the first iteration onto the second: nobody switches, and the model expects some to."""
    votes = record.votes.copy()
    frame = record.rollcalls
    for _, family in frame[frame["family"] != ""].groupby("family"):
        first, second = (frame.index.get_loc(name) for name in family.index)
        votes[:, second] = votes[:, first]
    same = vs.RollCalls(votes, record.members, frame)
    found = predictive_check(vs.IdealPoints().fit(same), same)
    assert (by_name(found, "switchers")["p_as_low"] < 0.01).all()
    assert found.summary().loc["switchers", "below"] == 1.0


def test_positions_that_move_are_checked_too(record):
    fit = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families")).fit(record)
    found = predictive_check(fit, record, n_draws=100)
    assert found.summary().loc["tally", "inside"] > 0.9


def test_it_is_seeded_and_asks_for_the_record_that_was_fitted(record):
    fit = vs.IdealPoints().fit(record)
    one, again = (predictive_check(fit, record, n_draws=50, seed=3) for _ in range(2))
    assert one.table.equals(again.table)
    with pytest.raises(vs.UsageError, match="of the fit is not in this record"):
        predictive_check(fit, record.between("2001", "2001"))
    with pytest.raises(vs.UsageError, match="not a column of the members"):
        predictive_check(fit, record, by="party")
