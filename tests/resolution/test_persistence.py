"""State dependence is found where it is, and distinguished from member effects."""

import numpy as np
import pytest
from scipy.special import expit

from voteshift.ideal.objective import Priors
from voteshift.resolution.effect_posterior import draw_items
from voteshift.resolution.member_effect import (
    PERSISTENCE,
    PRIOR,
    MemberEffectFit,
    family_votes,
    fit_member_effect,
)
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


def exact_posterior(codes: np.ndarray, prior_sd: float, log_sd: np.ndarray, rho: np.ndarray) -> np.ndarray:
    """Posterior of (rho, log sigma) of two versions with binary items without slopes, by quadrature.

    The midpoints of both items and the member effect are summed over grids.
    """
    z = np.linspace(-7, 7, 501)
    weight = np.exp(-0.5 * z**2) / np.exp(-0.5 * z**2).sum()
    middle = np.linspace(-4, 4, 61)
    prior = -0.5 * (middle / prior_sd) ** 2
    log_p = np.empty((len(rho), len(log_sd)))
    for column, sd in enumerate(np.exp(log_sd)):
        no = expit(np.sqrt(1 + 3 * sd**2 / np.pi**2) * middle[:, None] - sd * z)
        p = {0: no, 2: 1 - no}
        once = {vote: p[vote] @ weight for vote in p}
        both = {(a, b): (p[a] * weight) @ p[b].T for a in p for b in p}
        for row, one in enumerate(rho):
            value = prior[:, None] + prior
            for a, b in codes:
                if a < 0 or b < 0:
                    value = value + (np.log(once[b])[None] if a < 0 else np.log(once[a])[:, None])
                else:
                    value = value + np.log(
                        np.maximum(one * (a == b) * once[a][:, None] + (1 - one) * both[a, b], 1e-300)
                    )
            log_p[row, column] = np.log(np.exp(value - value.max()).sum()) + value.max()
    log_p += -0.5 * (log_sd - PRIOR[0]) ** 2 / PRIOR[1] ** 2
    p = np.exp(log_p - log_p.max())
    return p / p.sum()


@pytest.mark.parametrize("changed", [1, 8])
def test_rho_and_sigma_are_drawn_from_their_posterior(changed: int) -> None:
    """Against quadrature over rho, sigma, both items and the member effects."""
    codes = np.array([[0, 0]] * 14 + [[2, 2]] * 14 + [[0, -1], [2, -1], [-1, 2], [-1, 2], [-1, 0]], np.int8)
    codes[:changed, 1] = 2
    votes = family_votes(codes, "logit")
    x = np.zeros((1, len(codes), 1))
    fit = fit_member_effect(votes, x, Priors(1e-3, 1.5, 1.0), persistence=PERSISTENCE)
    log_sd, rho = np.linspace(-3, 4.4, 26), (np.arange(49) + 0.5) * 0.02
    p = exact_posterior(codes, 1.5, log_sd, rho)
    below = np.cumsum(p.sum(axis=1))
    for q in (0.05, 0.5, 0.95):
        assert fit.rho.quantile(q) == pytest.approx(np.interp(q, below, rho + 0.01), abs=0.03)
    drawn = draw_items(fit, np.tile(x, (4000, 1, 1, 1)), np.random.default_rng(1))
    assert drawn.persistence is not None
    for draws, values, marginal in (
        (drawn.persistence, rho, p.sum(axis=1)),
        (drawn.log_sd, log_sd, p.sum(axis=0)),
    ):
        mean = marginal @ values
        sd = np.sqrt(marginal @ (values - mean) ** 2)
        assert draws.mean() == pytest.approx(mean, abs=0.1 * sd)
        assert draws.std() == pytest.approx(sd, rel=0.1)
    # Both are related: the larger rho, the smaller sigma.
    mean_of = p @ log_sd / p.sum(axis=1)
    slope = np.polyfit(rho, mean_of, 1, w=np.sqrt(p.sum(axis=1)))[0]
    found = np.polyfit(drawn.persistence, drawn.log_sd, 1)[0]
    assert found == pytest.approx(slope, abs=0.25 * abs(slope) + 0.05)


def test_without_a_second_vote_rho_is_not_estimated() -> None:
    codes = np.array([[0, -1], [2, -1], [-1, 2], [-1, 0]], dtype=np.int8)
    fit = fit_member_effect(
        family_votes(codes, "logit"), np.zeros((1, 4, 1)), Priors(), persistence=PERSISTENCE
    )
    assert not fit.has_persistence
    drawn = draw_items(fit, np.zeros((100, 1, 4, 1)), np.random.default_rng(0))
    assert drawn.persistence is None
