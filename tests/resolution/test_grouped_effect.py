"""Effects of groups on versions in the model of member effects."""

import numpy as np
import pytest
from scipy.special import expit

from voteshift.ideal.objective import Priors
from voteshift.likelihood.terms import Link
from voteshift.resolution.group_effects import GroupVotes, fit_group_effects
from voteshift.resolution.grouped_effect import (
    GroupedEffect,
    draw_grouped_items,
    fit_grouped_effect,
    group_indicators,
)
from voteshift.resolution.member_effect import PERSISTENCE, family_votes, fit_member_effect, with_covariates

N_GROUPS, SIZE, N_VERSIONS = 8, 20, 3
GROUP = np.repeat(np.arange(N_GROUPS), SIZE)
NOISE = float(np.pi / np.sqrt(3.0))


def draw_world(spread: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return codes, positions and group effects; noise is normal, group effects are uniform."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((1, len(GROUP), 1))
    effects = spread * np.sqrt(3.0) * rng.uniform(-1, 1, (N_GROUPS, N_VERSIONS))
    tendency = 1.5 * rng.laplace(size=(len(GROUP), 1))
    latent = 1.5 * x[0] + effects[GROUP] + tendency + NOISE * rng.standard_normal((len(GROUP), N_VERSIONS))
    return ((latent > -1).astype(np.int8) + (latent > 1)).astype(np.int8), x, effects


def fit_world(spread: float, seed: int) -> tuple[GroupedEffect, np.ndarray, np.ndarray]:
    codes, x, _ = draw_world(spread, seed)
    votes = family_votes(codes, "logit")
    return fit_grouped_effect(votes, x, group_indicators(GROUP), Priors()), codes, x


def mean_spread(effect: GroupedEffect) -> float:
    """Posterior mean of s."""
    return float(effect.spreads @ effect.probability)


def test_indicators_of_groups() -> None:
    found = group_indicators(np.array([1, 0, -1, 1]))
    np.testing.assert_array_equal(found, [[0, 1], [1, 0], [0, 0], [0, 1]])
    assert group_indicators(np.array([-1, -1])).shape == (2, 0)


@pytest.mark.parametrize("spread", [0.0, 3.0])
def test_the_spread_of_group_effects_is_recovered(spread: float) -> None:
    """On the scale without member effects, on which the true sd is divided by c."""
    found = mean_spread(fit_world(spread, seed=1)[0])
    stretch = np.sqrt(1 + (1.5**2 * 2) / NOISE**2)
    assert found < 0.6 if spread == 0.0 else abs(np.log(found * stretch / spread)) < np.log(1.5)


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_the_spread_agrees_with_the_model_of_the_tests(link: Link) -> None:
    """`fit_group_effects` finds the maximum of a Laplace approximation by another search."""
    codes, x, _ = draw_world(3.0, seed=2)
    effect = fit_grouped_effect(family_votes(codes, link), x, group_indicators(GROUP), Priors())
    votes = GroupVotes(codes[:, None], np.zeros(N_VERSIONS, dtype=int), x, GROUP, link, one_item=False)
    start = votes.start(np.ones((1, 1, 1)), np.array([[[-1.0, 1.0]]]))
    zero = np.zeros((1, N_GROUPS, N_VERSIONS))
    other = fit_group_effects(votes, start, np.zeros(1), zero, np.ones(1), max_steps=200)
    assert other.converged.all()
    assert mean_spread(effect) == pytest.approx(float(other.spread[0]), rel=0.25)


def test_if_group_effects_are_0_the_fit_is_the_fit_without_them() -> None:
    codes, x, _ = draw_world(1.0, seed=3)
    votes = family_votes(codes, "logit")
    plain = fit_member_effect(votes, x, Priors(), persistence=PERSISTENCE)
    wide = with_covariates(x, group_indicators(GROUP))
    held = fit_member_effect(
        votes, wide, Priors(), persistence=PERSISTENCE, further_sds=np.full(N_GROUPS, 1e-4)
    )
    np.testing.assert_allclose(held.rho.nodes, plain.rho.nodes)
    # The evidence leaves out the constants of priors, which are those of the added parameters.
    added = N_GROUPS * N_VERSIONS * np.log(1e-4)
    np.testing.assert_allclose(held.rho.log_likelihood, plain.rho.log_likelihood + added, atol=1e-4)
    assert held.sd == pytest.approx(plain.sd, rel=1e-4)


def test_draws_of_group_effects_follow_the_votes_of_the_groups() -> None:
    """A member without a vote on a version votes as its group: the draws contain the true effects."""
    codes, x, effects = draw_world(3.0, seed=4)
    effect = fit_grouped_effect(family_votes(codes, "logit"), x, group_indicators(GROUP), Priors())
    n = 400
    positions = np.repeat(with_covariates(x, group_indicators(GROUP))[None], n, axis=0)
    drawn, again = (draw_grouped_items(effect, positions, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(drawn.items, again.items)
    assert drawn.persistence is None
    assert drawn.items.shape == (n, N_VERSIONS, 1 + N_GROUPS + 2)
    stretch = np.sqrt(1 + np.exp(2 * drawn.log_sd) / NOISE**2)
    found = (stretch[:, None, None] * drawn.items[..., 1:-2]).swapaxes(1, 2)
    # Only differences between groups are identified; the rest is part of the cutpoints.
    found -= found.mean(axis=1, keepdims=True)
    truth = effects - effects.mean(axis=0)
    assert np.corrcoef(found.mean(axis=0).ravel(), truth.ravel())[0, 1] > 0.9
    low, high = np.quantile(found, [0.05, 0.95], axis=0)
    assert ((low < truth) & (truth < high)).mean() > 0.75


def test_a_vote_that_was_not_cast_follows_the_group() -> None:
    """Half of a group did not vote on the last version; the other half voted against its positions."""
    codes, x, _ = draw_world(0.0, seed=5)
    codes[GROUP == 0, -1] = 0
    hidden = np.flatnonzero(GROUP == 0)[::2]
    codes[hidden, -1] = -1
    votes = family_votes(codes, "logit")
    effect = fit_grouped_effect(votes, x, group_indicators(GROUP), Priors())
    n = 300
    positions = np.repeat(with_covariates(x, group_indicators(GROUP))[None], n, axis=0)
    drawn = draw_grouped_items(effect, positions, np.random.default_rng(1))
    stretch = np.sqrt(1 + np.exp(2 * drawn.log_sd) / NOISE**2)[:, None]
    cut = votes.cutpoints(drawn.items, drawn.log_sd)[:, -1, :1]
    grouped, plain = (
        expit(
            cut
            - stretch * np.einsum("kid,kd->ki", positions[:, 0, hidden, :width], drawn.items[:, -1, :width])
        ).mean()
        for width in (1 + N_GROUPS, 1)
    )
    assert grouped > plain + 0.1
