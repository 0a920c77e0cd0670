"""Items, sigma and member effects are drawn from their posterior."""

from typing import Any

import numpy as np
import pytest

from voteshift.ideal.objective import Priors
from voteshift.resolution.effect_posterior import draw_items, draw_standard_effects
from voteshift.resolution.member_effect import MemberEffectFit, family_votes, fit_member_effect
from voteshift.resolution.noise import cumulative


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
    drawn, some = (
        draw_standard_effects(votes, positions, slopes, cuts, np.full(n, sd), rows, np.random.default_rng(0))
        for rows in (np.arange(3), np.array([2, 0]))
    )
    np.testing.assert_array_equal(some, drawn[:, [2, 0]])
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
def fit() -> MemberEffectFit:
    """Eight versions of 45 members. In the first four, no member changes its vote or abstains."""
    rng = np.random.default_rng(8)
    x = rng.standard_normal((1, 45, 1))
    side = np.where(x[0] + 0.5 * rng.standard_normal((45, 1)) > 0.3, 2, 0)
    codes = np.repeat(side, 8, axis=1).astype(np.int8)
    changed = rng.random(codes.shape) < 0.06
    changed[:, :4] = False
    codes[changed] = 1
    codes[rng.random(codes.shape) < 0.2] = -1
    return fit_member_effect(family_votes(codes, "logit"), x, Priors())


def count_switchers(fit: MemberEffectFit, items: np.ndarray, log_sd: np.ndarray) -> np.ndarray:
    """Number of members whose votes on the first two versions differ, in votes drawn again from the model."""
    rng = np.random.default_rng(3)
    cuts = fit.votes.cutpoints(items, log_sd)
    stretch = np.sqrt(1 + np.exp(2 * log_sd) / (np.pi**2 / 3))
    effect = np.exp(log_sd)[:, None] * rng.standard_normal((len(log_sd), 45))
    votes = []
    for version in (0, 1):
        eta = (stretch * items[:, version, 0])[:, None] * fit.positions[0, :, 0] + effect
        latent = eta + rng.logistic(size=effect.shape)
        votes.append((latent[..., None] > cuts[:, version, None]).sum(axis=-1))
    return (votes[0] != votes[1]).sum(axis=1)


def test_expected_switchers_are_those_of_a_long_chain(
    fit: MemberEffectFit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the chain, the normal distribution of separated items expects far too many switchers."""
    positions = np.repeat(fit.positions[None], 1000, axis=0)
    ends: dict[int, Any] = {}
    for sweeps in (0, 8, 30):
        monkeypatch.setattr("voteshift.resolution.effect_posterior._SWEEPS", sweeps)
        drawn = draw_items(fit, positions, np.random.default_rng(2))
        assert drawn.persistence is None
        ends[sweeps] = np.quantile(count_switchers(fit, drawn.items, drawn.log_sd), [0.05, 0.95])
    assert np.abs(ends[8] - ends[30]).max() <= 1.0
    assert ends[0][1] > ends[30][1] + 5.0
