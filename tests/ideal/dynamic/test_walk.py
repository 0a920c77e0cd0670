import numpy as np

from ideal.dynamic.worlds import dynamic_world
from voteshift.ideal.dynamic.walk import Walk, chain_covariances, solve_chains


def dense_precision(walk: Walk, member: int) -> np.ndarray:
    """Prior precision of one member's deviations, from the definition: first N(0, 1), then steps."""
    n_periods = len(walk.seen)
    steps = np.diff(np.eye(n_periods), axis=0)
    variance = walk.gaps * walk.tau[member] ** 2
    first = np.zeros((n_periods, n_periods))
    first[0, 0] = 1.0
    return first + steps.T @ (steps / variance[:, None])


def uneven_walk() -> Walk:
    seen = dynamic_world(3, seats=0.7).model.walk.seen
    return Walk(seen, np.array([1.0, 2.5, 0.5]), np.linspace(0.1, 0.4, seen.shape[1]), 0.7)


def test_the_prior_is_that_of_its_definition() -> None:
    walk = uneven_walk()
    deviations = np.random.default_rng(0).standard_normal(walk.seen.shape)
    for member in range(walk.seen.shape[1]):
        precision = dense_precision(walk, member)
        np.testing.assert_allclose(
            walk.pulled(deviations)[:, member], precision @ deviations[:, member], rtol=1e-12
        )
        np.testing.assert_allclose(walk.diagonal[:, member], np.diag(precision), rtol=1e-12)


def test_chains_are_solved() -> None:
    walk = uneven_walk()
    rng = np.random.default_rng(1)
    information = rng.gamma(2.0, 1.0, walk.seen.shape)
    right = rng.standard_normal((*walk.seen.shape, 2))
    found = solve_chains(information + walk.diagonal, walk.precision, right)
    for member in range(walk.seen.shape[1]):
        matrix = dense_precision(walk, member) + np.diag(information[:, member])
        np.testing.assert_allclose(found[:, member], np.linalg.solve(matrix, right[:, member]), rtol=1e-10)


def test_covariances_of_chains_are_those_of_the_inverse() -> None:
    walk = uneven_walk()
    information = np.random.default_rng(3).gamma(2.0, 1.0, walk.seen.shape)
    variances, covariances = chain_covariances(information + walk.diagonal, walk.precision)
    for member in range(walk.seen.shape[1]):
        inverse = np.linalg.inv(dense_precision(walk, member) + np.diag(information[:, member]))
        np.testing.assert_allclose(variances[:, member], np.diag(inverse), rtol=1e-10)
        np.testing.assert_allclose(covariances[:, member], np.diag(inverse, 1), rtol=1e-10)


def test_the_path_adds_up_the_steps_and_has_mean_zero_over_those_seen() -> None:
    walk = uneven_walk()
    steps = np.array([0.5, -0.25, 1.0])
    path = walk.accumulation @ steps
    np.testing.assert_allclose(np.diff(path), steps, atol=1e-12)
    assert abs(np.sum(walk.seen.sum(axis=1) * path)) < 1e-12


def test_the_scale_is_taken_over_member_periods_seen() -> None:
    walk = uneven_walk()
    deviations = 3.0 + 2.0 * np.random.default_rng(2).standard_normal(walk.seen.shape)
    scaled, mean, spread = walk.standardised(deviations)
    assert abs(scaled[walk.seen].mean()) < 1e-12
    assert abs(scaled[walk.seen].std() - 1.0) < 1e-12
    np.testing.assert_allclose(mean + spread * scaled, deviations)
