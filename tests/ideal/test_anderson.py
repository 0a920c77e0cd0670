"""Anderson acceleration: slow and oscillating directions, and the distance to the fixed point."""

import numpy as np
import pytest
from numpy.typing import NDArray

from voteshift.ideal.anderson import Anderson

Floats = NDArray[np.float64]

RATES = np.array([0.998, 0.99, 0.9, 0.5, 0.1, -0.6, -1.4, 0.0, 0.0, 0.0])


def linear_map(rates: Floats, seed: int) -> tuple[Floats, Floats]:
    """Return a symmetric matrix with these eigenvalues, and a fixed point."""
    rng = np.random.default_rng(seed)
    axes = np.linalg.qr(rng.normal(size=(len(rates), len(rates))))[0]
    return axes @ np.diag(rates) @ axes.T, rng.normal(size=len(rates))


def iterate(
    matrix: Floats, fixed: Floats, anderson: Anderson, point: Floats, n_points: int
) -> tuple[Floats, list[tuple[float, float]]]:
    """Return the last point, and the estimated and true distance of each point."""
    distances = []
    for _ in range(n_points):
        proposal = anderson.propose(point, fixed + matrix @ (point - fixed))
        distances.append((proposal.distance, float(np.abs(point - fixed).max())))
        point = proposal.point
    return point, distances


@pytest.mark.parametrize("seed", range(5))
def test_slow_and_oscillating_directions_converge(seed: int) -> None:
    """The map alone diverges in one direction and would need thousands of steps in another."""
    matrix, fixed = linear_map(RATES, seed)
    point, _ = iterate(matrix, fixed, Anderson(len(fixed)), np.zeros(len(fixed)), 14)
    np.testing.assert_allclose(point, fixed, atol=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_the_distance_is_not_too_small(seed: int) -> None:
    matrix, fixed = linear_map(np.concatenate([RATES, np.linspace(-0.8, 0.95, 60)]), seed)
    _, distances = iterate(matrix, fixed, Anderson(len(fixed)), np.zeros(len(fixed)), 200)
    finite = [(estimate, true) for estimate, true in distances if np.isfinite(estimate)]
    assert len(finite) == 195
    close = [(estimate, true) for estimate, true in finite if estimate < 1e-3]
    assert close
    assert all(true < 1e-3 for _, true in close)
    assert np.median([estimate / true for estimate, true in finite]) > 1.0


def test_there_is_no_distance_before_the_slow_directions_are_seen() -> None:
    """The image of a point can be near while the fixed point is far."""
    matrix, fixed = linear_map(RATES, 0)
    _, distances = iterate(matrix, fixed, Anderson(len(fixed)), np.zeros(len(fixed)), 5)
    assert all(estimate == np.inf for estimate, _ in distances)


def test_after_an_interruption_the_former_moves_still_serve() -> None:
    """The fixed point has changed and the matrix has not: two points suffice."""
    matrix, fixed = linear_map(RATES, 1)
    anderson = Anderson(len(fixed))
    point, _ = iterate(matrix, fixed, anderson, np.zeros(len(fixed)), 12)
    anderson.interrupt()
    moved, _ = iterate(matrix, fixed + 0.01, anderson, point, 2)
    np.testing.assert_allclose(moved, fixed + 0.01, atol=1e-4)


def test_a_jump_is_limited() -> None:
    matrix, fixed = linear_map(RATES[:2], 2)
    anderson, point = Anderson(2), np.full(2, 1e4)
    for _ in range(3):
        image = fixed + matrix @ (point - fixed)
        point = anderson.propose(point, image).point
        assert np.abs(point - image).max() <= 3.0 + 1e-9


def test_a_fixed_point_stays() -> None:
    anderson, point = Anderson(3), np.ones(3)
    for _ in range(3):
        proposal = anderson.propose(point, point)
        np.testing.assert_array_equal(proposal.point, point)
        assert not proposal.extrapolated
