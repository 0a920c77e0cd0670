"""The member effect: its standard deviation and the items are found where they are."""

import numpy as np
import pytest

from voteshift.ideal.objective import Priors
from voteshift.resolution.member_effect import family_votes, fit_member_effect, seat_history, with_covariates


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


def test_seat_history_distinguishes_members_that_came_stayed_and_left() -> None:
    votes = np.array([[2, -1], [0, 1], [-3, 0], [1, 1], [-1, -1]], dtype=np.int8)
    history = seat_history(votes)
    assert history.tolist() == [[-0.25, 0.75], [-0.25, -0.25], [0.75, -0.25], [-0.25, -0.25], [0.0, 0.0]]
    wide = with_covariates(np.zeros((3, 2, 5, 1)), history)
    assert wide.shape == (3, 2, 5, 3)
    np.testing.assert_array_equal(wide[2, 1, :, 1:], history)


@pytest.mark.parametrize("gap", [0.0, 3.0])
def test_the_means_by_seat_history_are_recovered(gap: float) -> None:
    """Members that came later have a member effect lower by `gap`, given positions."""
    rng = np.random.default_rng(7)
    x = rng.standard_normal((1, 300, 1))
    came = rng.random((300, 1)) < 0.4
    effect = 1.5 * rng.standard_normal((300, 1)) - gap * came
    latent = -1.5 * x[0] + effect + rng.logistic(size=(300, 3))
    codes = (latent > -1).astype(np.int8) + (latent > 1)
    codes[came[:, 0], 0] = -1
    codes[~came[:, 0] & (rng.random(300) < 0.5), 2] = -1
    fit = fit_member_effect(family_votes(codes, "logit"), x, Priors(), covariates=seat_history(codes))
    node = int(np.abs(fit.sigma.log_sd - fit.log_sd).argmin())
    stretch = np.sqrt(1 + fit.sd**2 / (np.pi**2 / 3))
    errors = np.sqrt(np.diag(fit.sigma.covariance[node])[-2:])
    found = stretch * fit.sigma.means[node]
    assert found[0] == pytest.approx(-gap, abs=3 * stretch * errors[0])
    assert stretch * errors[0] < 0.8
    assert found[1] == pytest.approx(0.0, abs=3 * stretch * errors[1])


def test_a_fit_is_shown_by_its_standard_deviation() -> None:
    codes, x = world(1.5, seed=2)
    fit = fit_member_effect(family_votes(codes, "logit"), x, Priors())
    assert repr(fit) == f"<MemberEffectFit: standard deviation {fit.describe_sd(0.9)}>"
