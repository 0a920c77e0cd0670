"""Member effects are felt in votes never cast."""

import numpy as np

import voteshift as vs
from voteshift.shift.parts import ModelParts


def test_votes_never_cast_resemble_the_member_s_own(why: vs.Explanation) -> None:
    """Members of 2021 that did not sit in 2020: with member effects, most vote as they did in 2021."""
    agree = []
    for tallies in (why.models.with_effect, why.tallies):
        assert tallies is not None
        new = (tallies.votes[:, 2] >= 0) & (tallies.votes[:, 1] < 0)
        agree.append((tallies.cast(1, 1)[:, new] == tallies.votes[new, 2]).mean())
    assert agree[0] > agree[1] + 0.1
    assert agree[0] > 0.8


def test_where_it_cannot_be_fitted_the_reason_is_said() -> None:
    """Two members cast no other vote: nothing else places them."""
    rng = np.random.default_rng(5)
    world = vs.simulate(30, 20, seed=3)
    votes = world.rollcalls.votes.copy()
    votes[:2, 2:] = vs.Vote.NOT_MEMBER
    votes[:, :2] = rng.integers(0, 3, (30, 2))
    frame = world.rollcalls.rollcalls.copy()
    frame.loc[frame.index[:2], "title"] = "On fish"
    record = vs.RollCalls(votes, world.rollcalls.members, frame.drop(columns="family", errors="ignore"))
    found = vs.explain(record, "fish", draws=vs.Draws(100))
    assert isinstance(found.member_effect, vs.Unavailable)
    assert "M00, M01" in str(found.member_effect)
    model = found.steps[0].model
    assert isinstance(model, ModelParts)
    assert any("No member effect was estimated" in note for note in model.notes)
    assert found.steps[0].positions_only is None
