"""The posterior of sigma against sampling, and the bound that the votes set to it."""

import numpy as np
import pytest

from voteshift.ideal.objective import Link, Priors
from voteshift.resolution.member_effect import MemberEffectFit, family_votes, fit_member_effect

NOISE = np.pi / np.sqrt(3)


def world(sd: float, seed: int, n_members: int, n_versions: int, *, spread: float) -> MemberEffectFit:
    """Versions with cutpoints that differ by `spread`, in standard deviations of the latent value."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((1, n_members, 1))
    stretch = np.hypot(sd, NOISE)
    middle = spread * rng.standard_normal(n_versions)
    latent = stretch * x[0] + sd * rng.standard_normal((n_members, 1))
    latent = latent + rng.logistic(size=(n_members, n_versions))
    codes = (latent > stretch * (middle - 0.4)).astype(np.int8) + (latent > stretch * (middle + 0.4))
    codes[rng.random(codes.shape) < 0.2] = -1
    return fit_member_effect(family_votes(codes, "logit"), x, Priors())


@pytest.mark.parametrize("sd", [1.5, 4.0])
@pytest.mark.parametrize("n_versions", [3, 10])
def test_intervals_contain_the_sigma_of_simulated_votes(sd: float, n_versions: int) -> None:
    fits = [world(sd, seed, 60, n_versions, spread=0.5) for seed in range(12)]
    inside = [low <= sd <= high for low, high in (fit.sd_interval(0.9) for fit in fits)]
    assert sum(inside) >= 8  # fewer have a probability below 0.01 if coverage is 0.9
    medians = np.log([fit.sd for fit in fits])
    assert medians.mean() == pytest.approx(np.log(sd), abs=0.25)


def test_votes_that_never_change_set_no_upper_bound() -> None:
    """Every member votes twice the same: a larger sigma explains this as well as any."""
    rng = np.random.default_rng(1)
    votes = np.repeat(rng.integers(0, 3, (40, 1)), 2, axis=1).astype(np.int8)
    fit = fit_member_effect(family_votes(votes, "logit"), rng.standard_normal((1, 40, 1)), Priors())
    low, high = fit.sd_interval(0.9)
    assert not fit.is_bounded
    assert high == np.inf
    assert 2.0 < low < fit.sd
    assert fit.describe_sd(0.9) == (
        f"at least {low:.1f} (one-sided 90% interval); the votes set no upper bound"
    )


def test_votes_that_change_set_an_upper_bound() -> None:
    fit = world(2.0, 3, 80, 6, spread=0.3)
    low, high = fit.sd_interval(0.9)
    assert fit.is_bounded
    assert fit.describe_sd(0.9) == f"{fit.sd:.1f} (90% interval {low:.1f} to {high:.1f})"
    assert low < 2.0 < high < 6.0


def test_a_prior_of_other_families_is_a_bound() -> None:
    votes = np.repeat(np.arange(30)[:, None] % 3, 2, axis=1).astype(np.int8)
    positions = np.random.default_rng(2).standard_normal((1, 30, 1))
    fit = fit_member_effect(family_votes(votes, "logit"), positions, Priors(), prior=(1.0, 0.5))
    assert fit.is_bounded
    assert np.isfinite(fit.sd_interval(0.9)).all()


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_the_distribution_is_that_of_its_nodes(link: Link) -> None:
    """Quantiles and moments of a normal distribution on nodes, and increasing nodes of a fit."""
    rng = np.random.default_rng(5)
    votes = rng.integers(0, 3, (40, 4)).astype(np.int8)
    fit = fit_member_effect(family_votes(votes, link), rng.standard_normal((1, 40, 1)), Priors())
    sigma = fit.sigma
    assert (np.diff(sigma.log_sd) > 0).all()
    assert sigma.log_density[[0, -1]].max() < sigma.log_density.max() - 8
    mean, sd = sigma.moments()
    dense = np.linspace(sigma.log_sd[0], sigma.log_sd[-1], 4001)
    weights = np.exp(np.interp(dense, sigma.log_sd, sigma.log_density))
    weights /= weights.sum()
    assert mean == pytest.approx(weights @ dense, abs=0.03)
    assert sd == pytest.approx(np.sqrt(weights @ (dense - mean) ** 2), rel=0.05)
    assert float(sigma.quantile(0.5)) == pytest.approx(mean, abs=0.5 * sd)
