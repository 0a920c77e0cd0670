"""State dependence is found where it is, and distinguished from member effects."""

import numpy as np
import pytest

from voteshift.ideal.objective import Priors
from voteshift.resolution.member_effect import PERSISTENCE, MemberEffectFit, family_votes, fit_member_effect
from voteshift.resolution.persistence import PersistencePosterior


def world(rho: float, sd: float, seed: int, n_versions: int = 4) -> MemberEffectFit:
    """Fit votes on versions whose cutpoints differ; not every member votes on every version."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((1, 150, 1))
    effect = sd * rng.standard_normal((150, 1))
    shift = np.linspace(-1.5, 1.5, n_versions)
    latent = -1.5 * x[0] + effect + shift + rng.logistic(size=(150, n_versions))
    fresh = ((latent > -1).astype(np.int8) + (latent > 1)).astype(np.int8)
    cast = rng.random(fresh.shape) < 0.75
    codes, previous = np.full(fresh.shape, -1, dtype=np.int8), np.full(150, -1, dtype=np.int8)
    for version in range(n_versions):
        repeats = (previous >= 0) & (rng.random(150) < rho)
        vote = np.where(repeats, previous, fresh[:, version])
        codes[:, version] = np.where(cast[:, version], vote, -1)
        previous = np.where(cast[:, version], vote, previous)
    return fit_member_effect(family_votes(codes, "logit"), x, Priors(), persistence=PERSISTENCE)


@pytest.mark.parametrize(("rho", "sd"), [(0.7, 0.0), (0.7, 2.0), (0.3, 3.0)])
def test_rho_is_recovered(rho: float, sd: float) -> None:
    found = world(rho, sd, seed=3).rho
    assert found.quantile(0.005) < rho < found.quantile(0.995)
    assert found.quantile(0.95) - found.quantile(0.05) < 0.45


def test_member_effects_alone_are_not_state_dependence() -> None:
    assert world(0.0, 3.0, seed=4).rho.quantile(0.9) < 0.35


def test_sigma_is_larger_if_state_dependence_is_ignored() -> None:
    fit = world(0.7, 1.0, seed=5)
    ignored = fit_member_effect(fit.votes, fit.positions, Priors())
    assert ignored.sd > 2.0 * fit.sd
    assert ignored.rho.nodes.tolist() == [0.0]


def test_quantiles_are_those_of_the_density() -> None:
    """Binomial votes: 3 changed and 17 repeated give the beta distribution."""
    nodes = np.array([0.0, 0.3, 0.6, 0.8, 0.92, 0.98])
    with np.errstate(divide="ignore"):
        log_likelihood = 3 * np.log1p(-nodes) + 17 * np.log(0.05 + 0.95 * nodes)
    posterior = PersistencePosterior(nodes, log_likelihood, (), (1.0, 1.0), 3)
    dense = np.linspace(0, 0.98, 20001)
    density = (1 - dense) ** 3 * (0.05 + 0.95 * dense) ** 17
    below = np.cumsum(density) / density.sum()
    for p in (0.05, 0.5, 0.95):
        assert posterior.quantile(p) == pytest.approx(np.interp(p, below, dense), abs=0.01)


def test_draws_use_the_nodes_around_them() -> None:
    nodes = np.array([0.0, 0.3, 0.6])
    posterior = PersistencePosterior(nodes, np.zeros(3), (), (1.0, 1.0), 0)
    uniform = np.linspace(0, 1, 1000, endpoint=False)
    near = posterior.nearby(np.full(1000, 0.4), uniform)
    assert set(near.tolist()) == {1, 2}
    assert (near == 2).mean() == pytest.approx(1 / 3, abs=0.01)
    assert posterior.nearby(np.array([0.0, 0.6]), np.array([0.5, 0.5])).tolist() == [0, 2]
