"""A member effect: found where it is, drawn from its posterior, and felt in votes never cast."""

import numpy as np
import pytest

import voteshift as vs
from voteshift.checks.expected_switchers import expected_switchers
from voteshift.ideal.objective import Priors
from voteshift.resolution.member_effect import MemberEffectFit, family_votes, fit_member_effect
from voteshift.shift.counterfactual import Latent
from voteshift.shift.effect_draws import _draw_z
from voteshift.shift.parts import ModelParts


def world(sd: float, seed: int, n_members: int = 250, n_versions: int = 6) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((1, n_members, 1))
    lean = sd * rng.standard_normal((n_members, 1))
    latent = -1.5 * x[0] + lean + rng.logistic(size=(n_members, n_versions))
    codes = (latent > -1).astype(np.int8) + (latent > 1)
    codes[rng.random(codes.shape) < 0.3] = -1
    return codes, x


@pytest.mark.parametrize("sd", [1.5, 3.6])
def test_sigma_and_items_are_recovered(sd: float) -> None:
    codes, x = world(sd, seed=2)
    fit = fit_member_effect(family_votes(codes, "logit"), x, Priors())
    low, high = fit.sd_interval(0.99)
    assert fit.converged
    assert low < sd < high
    assert high / low < 3
    stretch = np.sqrt(1 + fit.sd**2 / (np.pi**2 / 3))
    assert (fit.items[:, 0] * stretch).mean() == pytest.approx(-1.5, abs=0.5)


def test_without_member_effects_sigma_is_small() -> None:
    codes, x = world(0.0, seed=2)
    assert fit_member_effect(family_votes(codes, "logit"), x, Priors()).sd < 0.6


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


@pytest.fixture(scope="module")
def why() -> vs.Explanation:
    return vs.explain(vs.load_hrc())


def test_the_council_repeats_itself(why: vs.Explanation) -> None:
    """Given positions alone the model expects about 11 switchers among 37; there were none."""
    assert isinstance(why.member_effect, MemberEffectFit)
    assert why.member_effect.sd_interval(0.9)[0] > 2
    with_effect, without = expected_switchers(why).steps[why.steps[1].ends]
    assert (without.voted, without.observed) == (37, 0)
    assert 9 <= without.expected <= 14
    assert without.p_as_few < 0.01
    assert with_effect.expected < 5
    assert with_effect.p_as_few > 0.03


def test_votes_never_cast_resemble_the_member_s_own(why: vs.Explanation) -> None:
    """Members of 2021 that did not sit in 2020: with member effects, most vote as they did in 2021."""
    agree = []
    for tallies in (why.models.with_effect, why.tallies):
        assert tallies is not None
        new = (tallies.votes[:, 2] >= 0) & (tallies.votes[:, 1] < 0)
        agree.append((tallies.cast(1, 1)[:, new] == tallies.votes[new, 2]).mean())
    assert agree[0] > agree[1] + 0.1
    assert agree[0] > 0.8


def test_both_explanations_add_up_and_are_kept_apart(why: vs.Explanation) -> None:
    for step in why.steps:
        assert isinstance(step.model, ModelParts)
        assert isinstance(step.positions_only, ModelParts)
        assert step.model.observed == step.positions_only.observed
        assert "this family's not among them" in step.model.identified_by
        assert "lean the way" in step.model.identified_by
        assert "this family's among them" in step.positions_only.identified_by
    assert set(why.tidy()["layer"]) == {"account", "model", "model without member effects"}


def test_the_facts_hold_without_member_effects(why: vs.Explanation) -> None:
    plain = why.steps[1].positions_only
    assert plain is not None
    row = plain.table.set_index(["component", "category"]).loc[("membership", "yes")]
    assert row["estimate"] == pytest.approx(2.66, abs=0.1)
    assert (row["conf_low"], row["conf_high"]) == (1.5, 4.0)


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


def test_member_effect_can_be_left_out() -> None:
    found = vs.explain(vs.load_hrc(), draws=vs.Draws(100), member_effect=False)
    assert found.member_effect is None
    assert not found.has_effect
    assert found.steps[0].positions_only is None
    assert len(expected_switchers(found).steps[found.steps[0].ends]) == 1


def test_switchers_without_member_effect_are_sums_of_probabilities(why: vs.Explanation) -> None:
    assert why.tallies is not None
    tallies = why.tallies
    both = (tallies.votes[:, [1, 2]] >= 0).all(axis=1)
    one, other = (tallies.chances(k, k)[:, both] for k in (1, 2))
    assert expected_switchers(why).steps[why.steps[1].ends][1].expected == pytest.approx(
        (1 - (one * other).sum(axis=-1)).sum(axis=1).mean(), abs=0.25
    )
