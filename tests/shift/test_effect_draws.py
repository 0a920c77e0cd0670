"""Member effects are drawn from their posterior, and felt in votes never cast."""

import numpy as np
import pytest

import voteshift as vs
from voteshift.resolution.member_effect import family_votes
from voteshift.shift.counterfactual import Latent
from voteshift.shift.effect_draws import _draw_z
from voteshift.shift.parts import ModelParts


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_member_effects_are_drawn_from_their_posterior(link: str) -> None:
    """A no and an abstention, against the posterior on a fine grid; and a member without a vote."""
    codes = np.array([[0, 1], [-1, -1], [2, 0]], dtype=np.int8)
    votes = family_votes(codes, link)  # type: ignore[arg-type]
    n = 20_000
    positions = np.tile(np.array([0.5, 0.0, -0.5])[None, None, :, None], (n, 1, 1, 1))
    slopes = np.tile(np.array([-1.0, -1.2])[None, :, None], (n, 1, 1))
    cuts = np.tile(np.array([[-1.0, 1.0], [-1.0, 1.0]])[None], (n, 1, 1))
    sd = 2.0
    latent, everyone = Latent(positions, slopes, cuts), np.arange(3)
    drawn = _draw_z(votes, latent, np.full(n, sd), everyone, np.random.default_rng(0))
    some = _draw_z(votes, latent, np.full(n, sd), np.array([2, 0]), np.random.default_rng(0))
    np.testing.assert_array_equal(some, drawn[:, [2, 0]])
    from voteshift.resolution.noise import cumulative

    z = np.linspace(-8, 8, 4001)
    eta = np.array([-0.5, -0.6])[:, None] + sd * z
    p = cumulative(-1 - eta[0], link) * (cumulative(1 - eta[1], link) - cumulative(-1 - eta[1], link))  # type: ignore[arg-type]
    density = p * np.exp(-0.5 * z**2)
    density /= density.sum()
    mean = density @ z
    spread = np.sqrt(density @ (z - mean) ** 2)
    assert drawn[:, 0].mean() == pytest.approx(mean, abs=4 * spread / np.sqrt(n) + 1e-3)
    assert drawn[:, 0].std() == pytest.approx(spread, rel=0.03)
    assert drawn[:, 1].mean() == pytest.approx(0, abs=0.03)
    assert drawn[:, 1].std() == pytest.approx(1, rel=0.03)


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
