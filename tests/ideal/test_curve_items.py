"""Items over a grid: probabilities, maxima and the restriction of turning points."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from voteshift.ideal.curve_items import (
    LINE,
    MIDDLE,
    PLANE,
    Grid,
    Updated,
    evaluate_items,
    expected_logs,
    is_monotone,
    log_prior,
    mean_probabilities,
    rescale_items,
    terms_of,
    update_items,
    update_monotone_items,
    variances_at,
)

Floats = NDArray[np.float64]
SDS = np.array([1.5, 0.4])
TERMS = terms_of(LINE.nodes)


def draw_counts(rng: np.random.Generator, grid: Grid, n_items: int, *, bend: float = 0.0) -> Floats:
    """Draw expected counts: many members, of whom both ends vote alike if `bend` is not 0."""
    place = grid.nodes[:, 0]
    chance = expit(rng.normal(0.0, 1.0, (n_items, 1)) * place + bend * (place**2 - 1.0))
    size = 60.0 * np.exp(grid.log_mass)
    low, middle = size * (1.0 - chance) * 0.8, size * 0.2
    return np.stack([low, np.broadcast_to(middle, low.shape), size - low - middle], axis=2).clip(0.0)


def climb(counts: Floats, items: Floats, grid: Grid, *, monotone: bool = False, steps: int = 60) -> Floats:
    for _ in range(steps):
        values = evaluate_items(items, terms_of(grid.nodes))
        updated: Updated = (
            update_monotone_items(counts, items, values, SDS, TERMS)
            if monotone
            else update_items(counts, items, values, SDS, terms_of(grid.nodes))
        )
        items = updated.items
    return items


def height(counts: Floats, items: Floats, grid: Grid) -> float:
    logs = evaluate_items(items, terms_of(grid.nodes)).logs
    return float((counts * logs).sum() + log_prior(items, SDS).sum())


START = np.array([[-0.5, 0.5, 0.0, 0.0]])


@pytest.mark.parametrize("grid", [LINE, PLANE], ids=["line", "plane"])
def test_probabilities_are_differences_of_the_distribution_function(grid: Grid) -> None:
    items = np.array([[-1.0, 0.7, 1.2, -0.6], [0.3, np.inf, -0.8, 0.5]])
    eta = items[:, 2:] @ terms_of(grid.nodes).T
    low, high = expit(items[:, :1] - eta), expit(items[:, 1:2] - eta)
    expected = np.stack([low, high - low, 1.0 - high], axis=2)
    found = np.exp(evaluate_items(items, terms_of(grid.nodes)).logs)
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert np.exp(grid.log_mass).sum() == pytest.approx(1.0)
    np.testing.assert_allclose(np.exp(grid.log_mass) @ grid.nodes**2, 1.0, atol=0.02)


@pytest.mark.parametrize("grid", [LINE, PLANE], ids=["line", "plane"])
def test_updates_climb_to_the_maximum_that_a_general_optimiser_finds(grid: Grid) -> None:
    counts = draw_counts(np.random.default_rng(1), grid, 1, bend=0.4)
    found = climb(counts, START, grid)

    def objective(flat: Floats) -> float:
        items = np.array([[flat[0], flat[0] + np.exp(flat[1]), flat[2], flat[3]]])
        return -height(counts, items, grid)

    best = minimize(objective, [0.0, 0.0, 0.0, 0.0], method="BFGS", options={"gtol": 1e-8})
    assert height(counts, found, grid) == pytest.approx(-best.fun, abs=1e-6)
    np.testing.assert_allclose(found[0, 2:], best.x[2:], atol=1e-3)


def test_covariances_are_the_inverse_curvature() -> None:
    """The curvature of the log posterior by differences. The information is expected, as are the counts."""
    counts = draw_counts(np.random.default_rng(2), LINE, 1, bend=0.3)
    found = climb(counts, START, LINE)
    updated = update_items(counts, found, evaluate_items(found, TERMS), SDS, TERMS)
    step, curvature = 1e-3, np.zeros((4, 4))
    for row, column in np.ndindex(4, 4):
        for first, second in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
            moved = found.copy()
            moved[0, row] += first * step
            moved[0, column] += second * step
            curvature[row, column] -= first * second * height(counts, moved, LINE) / (4 * step**2)
    np.testing.assert_allclose(updated.covariances[0], np.linalg.inv(curvature), atol=0.03)
    assert updated.log_det[0] == pytest.approx(-np.linalg.slogdet(curvature)[1], abs=0.3)
    assert 3.0 < updated.determined[0] < 4.0
    alone = update_items(0.0 * counts, found, evaluate_items(found, TERMS), SDS, TERMS)
    assert alone.determined[0] == pytest.approx(0.0, abs=1e-9)


def test_expectations_over_uncertain_items_are_those_of_draws() -> None:
    rng = np.random.default_rng(6)
    items = np.array([[-1.0, 0.8, 1.2, -0.6], [0.3, np.inf, -0.8, 0.5]])
    root = 0.15 * rng.standard_normal((2, 4, 4))
    covariances = root @ root.transpose(0, 2, 1)
    covariances[1, 1] = covariances[1, :, 1] = 0.0
    variances = variances_at(covariances, TERMS)
    root[1, 1] = 0.0
    draws = items + np.einsum("jab,njb->nja", root, rng.standard_normal((4000, 2, 4)))
    draws = draws[draws[:, 0, 0] < draws[:, 0, 1]]
    every = np.stack([evaluate_items(draw, TERMS).logs for draw in draws])
    near = np.abs(LINE.nodes[:, 0]) < 2.0
    z = draws[:, 0, 0, None] - draws[:, 0, 2:] @ TERMS.T
    np.testing.assert_allclose(variances[0, 0], z.var(axis=0), rtol=0.1)
    chances = mean_probabilities(items, variances, TERMS)
    np.testing.assert_allclose(chances.sum(axis=2), 1.0)
    np.testing.assert_allclose(chances[:, near], np.exp(every).mean(axis=0)[:, near], atol=0.02)
    plain = evaluate_items(items, TERMS)
    found = expected_logs(plain, variances)
    worth = (every.mean(axis=0) - plain.logs)[0][near]
    assert np.corrcoef((found - plain.logs)[0][near].ravel(), worth.ravel())[0, 1] > 0.9
    np.testing.assert_allclose((found - plain.logs)[0][near], worth, atol=0.06)


def test_straight_items_have_no_curvature() -> None:
    counts = draw_counts(np.random.default_rng(3), LINE, 5, bend=0.5)
    items = np.repeat(START, 5, axis=0)
    updated = update_items(counts, items, evaluate_items(items, TERMS), SDS, TERMS, straight=True)
    assert (updated.items[:, 3] == 0.0).all()
    assert (updated.covariances[:, 3] == 0.0).all()


@pytest.mark.parametrize("bend", [-0.6, 0.6])
def test_restricted_items_are_at_their_best_edge(bend: float) -> None:
    counts = draw_counts(np.random.default_rng(4), LINE, 6, bend=bend)
    free = climb(counts, np.repeat(START, 6, axis=0), LINE)
    assert not is_monotone(free).all()
    found = climb(counts, np.repeat(START, 6, axis=0), LINE, monotone=True)
    assert is_monotone(found).all()
    for item in range(6):
        edges = []
        for ratio in (0.5 / MIDDLE, -0.5 / MIDDLE):

            def objective(flat: Floats, ratio: float = ratio, item: int = item) -> float:
                items = np.array([[flat[0], flat[0] + np.exp(flat[1]), flat[2], ratio * flat[2]]])
                return -height(counts[[item]], items, LINE)

            edges.append(-minimize(objective, [0.0, 0.0, 0.1], method="BFGS").fun)
        reached = height(counts[[item]], found[[item]], LINE)
        best = height(counts[[item]], free[[item]], LINE) if is_monotone(free[[item]])[0] else max(edges)
        assert reached == pytest.approx(best, abs=1e-4)


def test_an_item_is_monotone_if_its_turning_point_is_outside_the_middle() -> None:
    inside = np.array([[0.0, 1.0, 1.0, -0.5 / (MIDDLE - 0.01)]])
    outside = np.array([[0.0, 1.0, 1.0, -0.5 / (MIDDLE + 0.01)]])
    assert not is_monotone(inside)[0]
    assert is_monotone(outside)[0]


@pytest.mark.parametrize("grid", [LINE, PLANE], ids=["line", "plane"])
def test_rescaled_items_have_the_same_values(grid: Grid) -> None:
    items = np.array([[-1.0, 0.7, 1.2, -0.6], [0.3, np.inf, -0.8, 0.5]])
    n_dims = grid.nodes.shape[1]
    centre, scale = np.array([0.3, -0.2])[:n_dims], np.array([[1.3, 0.1], [0.1, 0.8]])[:n_dims, :n_dims]
    moved = rescale_items(items, centre, scale)
    found = evaluate_items(moved, terms_of((grid.nodes - centre) @ np.linalg.inv(scale)))
    np.testing.assert_allclose(found.logs, evaluate_items(items, terms_of(grid.nodes)).logs, atol=1e-9)
