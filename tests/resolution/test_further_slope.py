"""The score test of a further dimension: its derivative, its level and its power."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from voteshift.errors import NotUsableError
from voteshift.likelihood.testlets import evaluate_testlets
from voteshift.resolution.further_slope import FurtherSlope, _fit, _one_step, measure_further_slope

Floats = NDArray[np.float64]
Votes = NDArray[np.int8]


def draw_votes(seed: int, slope: float, *, n: int = 60, sd: float = 2.0) -> tuple[Votes, Floats, Floats]:
    """Draw two versions with member effects; return votes, positions and positions on a further dimension."""
    rng = np.random.default_rng(seed)
    x, place = rng.standard_normal((2, n))
    effect = sd * rng.laplace(size=(n, 1)) / np.sqrt(2.0)
    eta = np.outer(x, [2.0, 3.0]) + slope * place[:, None] + effect
    latent = eta + rng.logistic(size=(n, 2))
    votes = (latent > -0.7).astype(np.int8) + (latent > 0.7)
    votes[rng.random((n, 2)) < 0.1] = -1
    return votes, x[None, :, None], place


def measure(seed: int, slope: float, n_replicates: int = 99) -> FurtherSlope:
    votes, x, place = draw_votes(seed, slope)
    drawn = np.repeat(x[None], n_replicates, axis=0)
    return measure_further_slope(votes, x, place, drawn, "logit", np.random.default_rng(seed))


def test_the_score_is_the_derivative_of_the_marginal_likelihood() -> None:
    """By the slope that the versions share, with the integral over member effects by quadrature."""
    votes, x, place = draw_votes(1, 0.5, n=6)
    slopes, cuts, sd = np.array([[2.0], [3.0]]), np.array([[-0.7, 0.7], [-0.5, 0.9]]), 1.5

    def log_likelihood(slope: float) -> float:
        total = 0.0
        for i, row in enumerate(votes):

            def integrand(z: float, i: int = i, row: Votes = row) -> float:
                density = norm.pdf(z)
                for v, code in enumerate(row):
                    if code >= 0:
                        ends = np.concatenate([[-np.inf], cuts[v], [np.inf]])
                        eta = x[0, i, 0] * slopes[v, 0] + slope * place[i] + sd * z
                        density *= expit(ends[code + 1] - eta) - expit(ends[code] - eta)
                return float(density)

            total += np.log(quad(integrand, -9, 9, epsabs=1e-13, limit=200)[0])
        return total

    positions = np.concatenate([x, place[None, :, None]], axis=2)
    both = np.column_stack([slopes, np.zeros(2)])[None]
    gradient = evaluate_testlets(
        votes[:, None],
        np.zeros(2, dtype=np.intp),
        np.arange(2),
        positions,
        both,
        cuts[None],
        np.array([sd]),
        precise=True,
    ).gradient[0]
    expected = (log_likelihood(1e-4) - log_likelihood(-1e-4)) / 2e-4
    assert gradient[[1, 5]].sum() == pytest.approx(expected, rel=1e-5)


def test_the_one_step_estimate_is_a_newton_step_in_all_parameters() -> None:
    """Efficient score by efficient information is an element of the full step, up to the ridge penalty."""
    votes, x, _ = draw_votes(2, 0.0)
    fit = _fit(votes, np.zeros(2, dtype=np.intp), x, "logit")
    assert 0.1 < fit.latent("logit")[2] < 19.0  # sigma is inside its range, and so is not fixed
    rng = np.random.default_rng(3)
    root = rng.standard_normal((9, 9))
    information, gradient = root @ root.T + 5.0 * np.eye(9), rng.standard_normal((4, 9))
    shared = np.zeros((9, 8))  # slope 1, further, cuts; slope 2, further, cuts; sigma
    shared[[0, 2, 3, 4, 6, 7, 8], [0, 1, 2, 3, 4, 5, 6]] = 1.0
    shared[[1, 5], 7] = 1.0
    step = np.linalg.solve(shared.T @ information @ shared, (gradient @ shared).T)[-1]
    assert _one_step(gradient, information, 2, fit, "logit") == pytest.approx(step, rel=1e-4, abs=1e-5)


def test_the_estimate_is_near_the_slope_and_the_sign_is_right() -> None:
    estimates = [measure(seed, -0.8).estimate for seed in range(5)]
    stretch = np.sqrt(1.0 + 2.0**2 / (np.pi**2 / 3))
    assert np.mean(estimates) == pytest.approx(-0.8 / stretch, abs=0.2)


def test_level_and_power() -> None:
    """Votes whose member effects are not normal: 60 worlds without and 15 with a slope."""
    level = np.array([measure(seed, 0.0).p_value for seed in range(60)])
    assert (level <= 0.05).mean() <= 0.12
    assert 0.35 < level.mean() < 0.65
    power = np.array([measure(seed, 2.0).p_value for seed in range(15)])
    assert (power <= 0.05).mean() >= 0.9


def test_p_values_count_replicates_on_both_sides_and_the_record() -> None:
    slope = FurtherSlope(-1.0, np.array([0.5, -2.0, 1.0, 0.1]), np.ones((2, 1)), 1.0, converged=True)
    assert slope.p_value == pytest.approx((1 + 2) / 5)
    assert slope.std_error == pytest.approx(np.std([0.5, -2.0, 1.0, 0.1], ddof=1))


def test_a_dimension_that_does_not_vary_has_no_slope() -> None:
    votes, x, place = draw_votes(4, 0.0)
    drawn = np.repeat(x[None], 99, axis=0)
    with pytest.raises(NotUsableError, match="no information"):
        measure_further_slope(votes, x, 0.0 * place, drawn, "logit", np.random.default_rng(0))


def test_a_version_without_dissent_adds_nothing() -> None:
    votes, x, place = draw_votes(5, 1.0)
    every = np.column_stack([votes, np.full(len(votes), 2, dtype=np.int8)])
    drawn = np.repeat(x[None], 199, axis=0)
    two, three = (
        measure_further_slope(cast, x, place, drawn, "logit", np.random.default_rng(0))
        for cast in (votes, every)
    )
    assert three.estimate == pytest.approx(two.estimate, rel=0.1)
