"""The member effect: its standard deviation and the items are found where they are."""

import numpy as np
import pytest

from voteshift.ideal.objective import Priors
from voteshift.resolution.member_effect import family_votes, fit_member_effect


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
    middle = np.abs(fit.sigma.log_sd - fit.log_sd).argmin()
    assert (fit.sigma.items[middle, :, 0] * stretch).mean() == pytest.approx(-1.5, abs=0.5)


def test_without_member_effects_sigma_is_small() -> None:
    codes, x = world(0.0, seed=2)
    assert fit_member_effect(family_votes(codes, "logit"), x, Priors()).sd < 0.6
