import numpy as np
import pytest

from voteshift.ideal.learned import Learned, distance_left, item_covariances, learn_sd

LARGEST = 1.25
"""Largest change of a standard deviation in one update, as a factor."""


def moments(seed: int, n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Draw means and variances of parameters whose standard deviation is 0.7."""
    rng = np.random.default_rng(seed)
    return 0.6 * rng.standard_normal(n), rng.uniform(0.02, 0.2, n)


def fixed_point(means: np.ndarray, variances: np.ndarray) -> float:
    return float(np.sqrt(np.mean(means**2 + variances)))


@pytest.mark.parametrize("sd", [0.05, 0.3, 0.6, 0.9, 40.0])
def test_an_update_moves_towards_the_mean_of_squares_and_variances(sd: float) -> None:
    means, variances = moments(1)
    goal = fixed_point(means, variances)
    assert learn_sd(means, variances, goal) == pytest.approx(goal, rel=1e-12)
    assert (learn_sd(means, variances, sd) - sd) * (goal - sd) > 0.0


def test_an_update_becomes_larger_with_means_and_with_variances() -> None:
    means, variances = moments(2)
    goal = fixed_point(means, variances)
    assert goal < learn_sd(1.02 * means, variances, goal) < learn_sd(1.04 * means, variances, goal)
    assert goal < learn_sd(means, 1.02 * variances, goal) < learn_sd(means, 1.04 * variances, goal)


@pytest.mark.parametrize("sd", [0.05, 1.0, 40.0])
@pytest.mark.parametrize("information", [0.5, 3.0, 50.0])
def test_updates_lead_to_the_maximum_of_the_marginal_likelihood(information: float, sd: float) -> None:
    """Normal data with noise variance 1 / information have a prior variance in closed form."""
    data = np.random.default_rng(3).standard_normal(4000) * np.sqrt(0.5**2 + 1.0 / information)
    goal = np.sqrt(np.mean(data**2) - 1.0 / information)
    for _ in range(200):
        variance = 1.0 / (information + sd**-2)
        update = learn_sd(data * information * variance, np.full(data.size, variance), sd)
        assert (update - goal) * (sd - goal) >= -1e-12  # from one side
        sd = update
    assert sd == pytest.approx(goal, rel=1e-8)


def test_an_update_is_limited_in_its_step_and_in_its_value() -> None:
    means, variances = moments(3)
    assert learn_sd(means, variances, 100.0) == pytest.approx(100.0 / LARGEST)
    assert learn_sd(means, variances, 0.01) == pytest.approx(0.01 * LARGEST)
    goal = fixed_point(means, variances)
    assert learn_sd(means, variances, goal, most=0.8 * goal) == 0.8 * goal
    assert learn_sd(means, variances, 100.0, most=2.0) == 2.0
    assert learn_sd(means, variances, goal, most=2.0 * goal) == pytest.approx(goal)


def test_variances_as_large_as_the_prior_are_no_division_by_zero() -> None:
    means = np.full(5, 0.3)
    assert learn_sd(means, np.full(5, 4.0), 2.0) == pytest.approx(2.0 * LARGEST)
    assert learn_sd(means, np.full(5, 9.0), 2.0) == pytest.approx(2.0 * LARGEST)
    assert learn_sd(np.zeros(5), np.full(5, 4.0), 2.0) == pytest.approx(2.0 / LARGEST)


def geometric(first: float, rate: float, n: int) -> list[float]:
    return [first * rate**k for k in range(n)]


@pytest.mark.parametrize("rate", [0.3, 0.9, 0.99])
def test_the_distance_is_the_sum_of_what_is_left(rate: float) -> None:
    moves = geometric(0.1, rate, 40)
    rest = sum(geometric(moves[-1], rate, 20_000))
    assert distance_left(moves) == pytest.approx(rest, rel=1e-6)
    assert distance_left(moves) >= moves[-1]


def test_a_slow_iteration_has_not_converged() -> None:
    """Each move is below the tolerance, and their sum is 100 times above it."""
    moves = geometric(5e-4, 0.999, 300)
    assert max(moves) < 1e-3
    assert distance_left(moves) > 100 * 1e-3


@pytest.mark.parametrize("rate", [1.0, 1.01])
def test_moves_that_do_not_become_smaller_have_not_converged(rate: float) -> None:
    moves = geometric(5e-4, rate, 30)
    assert distance_left(moves) == pytest.approx(moves[-1] * 1000)


def test_the_rate_needs_a_number_of_moves() -> None:
    assert distance_left([]) == np.inf
    assert distance_left(geometric(1e-9, 0.5, 6)) == np.inf
    assert np.isfinite(distance_left(geometric(1e-9, 0.5, 7)))


def test_an_iteration_that_stands_still_has_converged() -> None:
    assert distance_left([0.1] * 9 + [0.0]) == 0.0
    assert distance_left([0.0] * 9 + [0.1]) == pytest.approx(100.0)


def test_covariances_are_those_of_the_inverse_given_the_gap() -> None:
    roots = np.random.default_rng(4).standard_normal((30, 3, 3))
    blocks = roots @ roots.transpose(0, 2, 1) + 0.1 * np.eye(3)
    inverse = np.linalg.inv(blocks[:, :2, :2])
    expected = np.stack([inverse[:, 0, 0], inverse[:, 0, 1], inverse[:, 1, 1]], axis=1)
    np.testing.assert_allclose(item_covariances(blocks), expected, rtol=1e-8)


def test_the_change_is_that_of_the_prior_that_changed_most() -> None:
    before = Learned(2.0, 1.0, 0.1)
    assert before.change_from(before) == 0.0
    assert Learned(2.2, 1.0, 0.1).change_from(before) == pytest.approx(np.log(1.1))
    assert Learned(2.0, 0.8, 0.1).change_from(before) == pytest.approx(np.log(1.25))
    assert Learned(2.0, 0.8, 0.2).change_from(before) == pytest.approx(np.log(2.0))
    assert Learned(2.0, 0.8).change_from(before) == pytest.approx(np.log(1.25))


def test_a_standard_deviation_has_a_least_value() -> None:
    """With few roll calls the maximum can be at 0, which is no prior."""
    sd = 0.5
    for _ in range(200):
        sd = learn_sd(np.full(8, 1e-9), np.full(8, 1e-3), sd)
    assert sd == pytest.approx(1e-3)
