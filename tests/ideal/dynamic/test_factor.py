"""Linear systems with the information against one dense matrix."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ideal.dynamic.worlds import dynamic_world
from voteshift.ideal.dynamic import ends
from voteshift.ideal.dynamic.blocks import Blocks, information_blocks
from voteshift.ideal.dynamic.curvature import curvature
from voteshift.ideal.dynamic.factor import Vector, factorise
from voteshift.ideal.dynamic.objective import dynamic_log_posterior
from voteshift.ideal.dynamic.optimise import fit_dynamic_map

CASES = [
    {"bridges": 2, "delta": 1.0, "link": "logit"},
    {"bridges": 0, "delta": 0.0, "link": "probit", "seats": 0.7},
    {"bridges": 1, "delta": 0.0, "link": "logit", "n_periods": 5},
    {"bridges": 2, "delta": 1.0, "link": "logit", "n_groups": 3},
]


def blocks_of(case: dict[str, object]) -> Blocks:
    model = dynamic_world(1, **case).model  # type: ignore[arg-type]
    point = fit_dynamic_map(model).point
    slope = dynamic_log_posterior(model, point, information="observed")
    return information_blocks(model, point, slope, observed=True, pull=slope.pull)


def dense_inverse(blocks: Blocks) -> NDArray[np.float64]:
    """Invert the matrix of chain and border."""
    n_periods, n_members = blocks.ends.pivots.shape
    size = n_periods * n_members
    matrix = np.zeros((size + len(blocks.corner), size + len(blocks.corner)))
    for t in range(n_periods):
        rows = slice(t * n_members, (t + 1) * n_members)
        matrix[rows, rows] = blocks.chain[t]
        matrix[rows, size:] = blocks.border[t]
        if t:
            before = slice((t - 1) * n_members, t * n_members)
            matrix[rows, before] = matrix[before, rows] = -np.diag(blocks.links[t - 1])
    matrix[size:, :size] = matrix[:size, size:].T
    matrix[size:, size:] = blocks.corner
    return np.linalg.inv(matrix)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_systems_are_solved(case: dict[str, object]) -> None:
    blocks = blocks_of(case)
    rng = np.random.default_rng(0)
    chain = rng.standard_normal((*blocks.ends.pivots.shape, 2))
    border = rng.standard_normal((len(blocks.corner), 2))
    found = factorise(blocks).solve(Vector(chain, border))
    expected = dense_inverse(blocks) @ np.concatenate([chain.reshape(-1, 2), border])
    both = np.concatenate([found.chain.reshape(-1, 2), found.border])
    np.testing.assert_allclose(both, expected, atol=1e-9 * np.abs(expected).max())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_variances_of_positions_and_steps_are_those_of_the_inverse(case: dict[str, object]) -> None:
    blocks = blocks_of(case)
    n_periods, n_members = blocks.ends.pivots.shape
    size = n_periods * n_members
    whole = dense_inverse(blocks)
    inverse = whole[:size, :size].reshape(n_periods, n_members, n_periods, n_members)
    variances = np.einsum("titi->ti", inverse)
    plan = blocks.layout
    n_groups = plan.n_group_steps // n_periods
    membership = np.zeros((n_groups, n_members))
    membership[
        np.arange(n_members) % n_groups if n_groups else [], np.arange(n_members if n_groups else 0)
    ] = 1.0
    steps = np.diff(np.eye(len(whole))[:size].reshape(n_periods, n_members, -1), axis=0)
    for t, group in np.ndindex(n_periods - 1, n_groups):
        steps[t, membership[group] > 0, size + plan.n_steps + (t + 1) * n_groups + group] -= 1.0
    factor = factorise(blocks)
    expected = np.einsum("tia,ab,tib->ti", steps, whole, steps)
    np.testing.assert_allclose(factor.step_variances(membership), expected, rtol=1e-8)
    no_path = np.zeros((n_periods, n_periods - 1))
    np.testing.assert_allclose(factor.position_variances(no_path), variances, rtol=1e-8)


SHORT = [
    {"bridges": 0, "delta": 0.0, "link": "logit", "n_periods": 6, "seats": 0.4},
    {"bridges": 2, "delta": 1.0, "link": "logit", "n_periods": 6, "seats": 0.4},
    {"bridges": 1, "delta": 1.0, "link": "probit", "n_periods": 5, "seats": 0.3},
]


@pytest.mark.parametrize("guarded", [False, True])
@pytest.mark.parametrize("case", SHORT, ids=str)
def test_members_in_some_periods_need_no_rows_in_the_others(
    case: dict[str, object], guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reduced blocks give what the blocks of all members give."""
    model = dynamic_world(3, **case).model  # type: ignore[arg-type]
    point = fit_dynamic_map(model).point
    slope = dynamic_log_posterior(model, point, information="observed")
    pull = -0.01 if guarded else max(slope.pull, 0.0)
    whole = curvature(model, point, slope, observed=True, pull=pull)
    monkeypatch.setattr(ends, "_LARGE", 0)
    short = curvature(model, point, slope, observed=True, pull=pull)
    seen = model.walk.seen
    rows = short.factor.blocks.rows
    assert sum(map(len, rows)) < seen.size
    for t, members in enumerate(rows):
        np.testing.assert_array_equal(members, np.flatnonzero(seen[: t + 1].any(0) & seen[t:].any(0)))
    assert short.log_determinant() == pytest.approx(whole.log_determinant(), rel=1e-10)
    rng = np.random.default_rng(0)
    right = Vector(rng.standard_normal((*seen.shape, 2)), rng.standard_normal((len(whole.shared_normals), 2)))
    one, other = short.held(short.factor.solve(right)), whole.held(whole.factor.solve(right))
    np.testing.assert_allclose(one.chain, other.chain, atol=1e-8)
    np.testing.assert_allclose(one.border, other.border, atol=1e-8)
    gradient = point.like(rng.standard_normal(point.flat().size))
    np.testing.assert_allclose(short.newton(gradient).flat(), whole.newton(gradient).flat(), atol=1e-8)
    paths = model.walk.accumulation
    np.testing.assert_allclose(
        short.factor.position_variances(paths), whole.factor.position_variances(paths), rtol=1e-8
    )
    none = model.walk.membership
    np.testing.assert_allclose(short.step_variances(none), whole.step_variances(none), rtol=1e-7)


def test_draws_from_reduced_blocks_have_the_same_covariance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ends, "_LARGE", 0)
    model = dynamic_world(3, bridges=1, delta=1.0, n_periods=5, seats=0.4).model
    point = fit_dynamic_map(model).point
    slope = dynamic_log_posterior(model, point, information="expected")
    factor = curvature(model, point, slope, observed=False, pull=0.0).factor
    drawn = factor.draw(40_000, np.random.default_rng(0)).chain
    expected = factor.position_variances(np.zeros((5, 4)))
    np.testing.assert_allclose(drawn.var(axis=-1), expected, rtol=0.04)
    steps = factor.step_variances(model.walk.membership)
    np.testing.assert_allclose(np.diff(drawn, axis=0).var(axis=-1), steps, rtol=0.04)
