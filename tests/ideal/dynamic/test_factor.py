"""Linear systems with the information against one dense matrix."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ideal.dynamic.worlds import dynamic_world
from voteshift.ideal.dynamic.blocks import Blocks, information_blocks
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
    n_periods, n_members = blocks.chain.shape[:2]
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
    chain = rng.standard_normal((*blocks.chain.shape[:2], 2))
    border = rng.standard_normal((len(blocks.corner), 2))
    found = factorise(blocks).solve(Vector(chain, border))
    expected = dense_inverse(blocks) @ np.concatenate([chain.reshape(-1, 2), border])
    both = np.concatenate([found.chain.reshape(-1, 2), found.border])
    np.testing.assert_allclose(both, expected, atol=1e-9 * np.abs(expected).max())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_variances_of_positions_and_steps_are_those_of_the_inverse(case: dict[str, object]) -> None:
    blocks = blocks_of(case)
    n_periods, n_members = blocks.chain.shape[:2]
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
