"""Votes that are unlike the position of the member."""

import numpy as np
import pytest

import voteshift as vs
from voteshift.checks.unlikely_votes import UnlikelyVotes, unlikely_votes
from voteshift.votes import CATEGORIES, Vote

TRIO = "mutually-beneficial-cooperation"
V20 = "29343"


@pytest.fixture(scope="module")
def why(record):
    return vs.explain(record, TRIO, draws=vs.Draws(200), member_effect=False)


def test_votes_unlike_a_position_are_the_improbable_ones(why):
    table = unlikely_votes(why).table
    assert table["p_vote"].is_monotonic_increasing
    assert set(table["member"][:2]) == {"IND"}
    assert len(table) == sum(why.rollcalls[list(CATEGORIES)].sum())
    assert (table["p_vote"] <= table["p_likeliest"] + 1e-12).all()
    assert (table.loc[table["vote"] == table["likeliest"], "p_vote"] > 1 / 3).all()
    wide = why.tallies.votes[why.tallies.members.get_loc("IND")]
    assert Vote(wide[1]).word == table.iloc[0]["vote"] == "no"


def test_probabilities_of_votes_are_those_of_the_model(why):
    """The mean over draws of the category's probability, by hand for one vote."""
    table = unlikely_votes(why).table.set_index(["member", "rollcall"])
    draws = why.fit.draw(200, list(why.tallies.rollcalls), seed=0)
    row = why.fit.member_ids.get_loc("MEX")
    eta = draws.positions[:, row, 0] * draws.discriminations[:, 1, 0]
    below = 1 / (1 + np.exp(-(draws.cutpoints[:, 1, 1] - eta)))
    assert table.loc[("MEX", V20), "p_vote"] == pytest.approx((1 - below).mean(), abs=1e-12)


def test_without_a_model_no_vote_is_unlike_a_position(record):
    fit = vs.IdealPoints().fit(record.between("2008", "2009"))
    result = unlikely_votes(vs.explain(record, TRIO, model=fit, draws=vs.Draws(100)))
    assert not isinstance(result, UnlikelyVotes)
    assert "unlikely votes need a model" in str(result)
    assert "outside" in str(result)
