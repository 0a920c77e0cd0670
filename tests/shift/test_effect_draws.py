"""Member effects are felt in votes never cast."""

import numpy as np
import pytest

import voteshift as vs
from voteshift.resolution.marginal import inflation
from voteshift.resolution.member_effect import MemberEffectFit
from voteshift.shift.effect_draws import effect_counterfactual
from voteshift.shift.latent import chances
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


def test_state_dependence_and_means_by_seat_history_are_the_default(why: vs.Explanation) -> None:
    latent = why.models.main.latent
    assert latent.persistence is not None
    assert latent.persistence.shape == (why.draws.n,)
    assert latent.positions.shape[-1] == why.fit.dims + 2
    assert isinstance(why.member_effect, MemberEffectFit)
    assert why.member_effect.n_means == 2
    shared = latent.discriminations[:, :, -2:]
    assert (shared[:, 0] == shared[:, 2]).all()
    gamma = shared[:, 0] / inflation(why.member_effect.log_sd_draws, why.fit.link)[:, None]
    for k, (mean, *ends) in enumerate(why.member_effect.mean_intervals(0.9)):
        assert mean == pytest.approx(gamma[:, k].mean())
        assert ends == pytest.approx(np.quantile(gamma[:, k], [0.05, 0.95]))
    low, high = np.quantile(latent.persistence, [0.05, 0.95])
    _, *ends = why.member_effect.persistence_interval(0.9)
    assert ends == pytest.approx([low, high])
    words = why.member_effect.describe_persistence(0.9)
    assert words in why.steps[0].model.identified_by


def test_if_no_member_voted_twice_state_dependence_is_not_estimated() -> None:
    """Two councils without a common member: nothing shows whether members repeat votes."""
    world = vs.simulate(40, 30, seed=4)
    votes = world.rollcalls.votes.copy()
    votes[:20, 0], votes[20:, 1] = vs.Vote.NOT_MEMBER, vs.Vote.NOT_MEMBER
    frame = world.rollcalls.rollcalls.copy()
    frame.loc[frame.index[:2], "title"] = "On fish"
    record = vs.RollCalls(votes, world.rollcalls.members, frame.drop(columns="family", errors="ignore"))
    found = vs.explain(record, "fish", draws=vs.Draws(100))
    assert isinstance(found.member_effect, MemberEffectFit)
    assert not found.member_effect.has_persistence
    assert found.models.main.latent.persistence is None
    assert found.member_effect.n_means == 0
    assert found.member_effect.mean_intervals(0.9) == []
    assert found.models.main.latent.positions.shape[-1] == 1
    assert "separate means" not in found.steps[0].model.identified_by
    assert "repeats its last vote" not in found.steps[0].model.identified_by


def test_votes_of_members_without_an_earlier_vote_do_not_depend_on_rho(why: vs.Explanation) -> None:
    """Members of 2021 alone: their probabilities on this version are those of position and member effect."""
    models = why.models
    tallies, _ = effect_counterfactual(why.record, models.tallies, models.others, n_draws=100, seed=1)
    first = (tallies.votes[:, :2] < 0).all(axis=1)
    assert first.any()
    plain = chances(tallies.latent, 0, 2, tallies.link)
    np.testing.assert_array_equal(tallies.chances(0, 2)[:, first], plain[:, first])
    assert (tallies.chances(0, 2)[:, ~first] != plain[:, ~first]).any()


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
