"""The blocks against a dense matrix of second differences."""

from dataclasses import replace

import numpy as np
import pytest

from ideal.dynamic.worlds import dynamic_world, random_point
from voteshift.ideal.dynamic.blocks import layout
from voteshift.ideal.dynamic.curvature import curvature
from voteshift.ideal.dynamic.laplace import dynamic_laplace
from voteshift.ideal.dynamic.objective import DynamicModel, DynamicPoint, dynamic_log_posterior
from voteshift.ideal.dynamic.optimise import fit_dynamic_map
from voteshift.ideal.edge import carriers, scale_shares
from voteshift.likelihood import Design

CASES = [
    {"bridges": 2, "delta": 1.0, "link": "logit"},
    {"bridges": 1, "delta": 1.0, "link": "probit", "seats": 0.7},
    {"bridges": 2, "delta": 0.0, "link": "logit"},
    {"bridges": 0, "delta": 1.0, "link": "logit", "seats": 0.7},
    {"bridges": 2, "delta": 1.0, "link": "logit", "n_groups": 3},
    {"bridges": 1, "delta": 0.0, "link": "probit", "seats": 0.7, "n_groups": 2},
]


def ambient(model: DynamicModel, point: DynamicPoint, pull: float, flat: np.ndarray) -> np.ndarray:
    """Gradient of the Lagrangian without taking the constraint out."""
    at = point.like(flat)
    slope = dynamic_log_posterior(model, at)
    raw = slope.evaluation.positions[..., 0] - model.walk.pulled(at.deviations, at.group_steps)
    held = pull * model.walk.seen * at.individual
    raw -= held
    found = slope.gradient
    walk = model.walk
    if not walk.n_groups:
        return replace(found, deviations=raw).flat()
    by_group = walk.flow(at.deviations, at.group_steps) @ walk.membership.T
    variances = np.append(walk.start**2, walk.gaps * walk.delta_group**2)
    by_group -= at.group_steps / variances[:, None]
    for place in np.ndindex(*by_group.shape):  # the deviations without the paths of groups are held
        unit = np.zeros_like(by_group)
        unit[place] = 1.0
        by_group[place] += np.sum(held * walk.group_paths(unit))
    return replace(found, deviations=raw, group_steps=by_group).flat()


class Dense:
    """Information, and its inverse along the constraint, by second differences."""

    def __init__(self, model: DynamicModel, point: DynamicPoint, pull: float) -> None:
        flat = point.flat()
        size, h = flat.size, 1e-5
        matrix = np.empty((size, size))
        for k in range(size):
            step = np.zeros(size)
            step[k] = h
            difference = ambient(model, point, pull, flat + step) - ambient(model, point, pull, flat - step)
            matrix[k] = -difference / (2 * h)
        self.matrix = 0.5 * (matrix + matrix.T)
        n_positions, n_steps = point.deviations.size, point.steps.size
        base = n_positions + n_steps
        for item in np.flatnonzero(model.design.n_categories == 2):
            self.matrix[base + 3 * item + 2, base + 3 * item + 2] = 1.0
        kept = np.ones(size, dtype=bool)
        if model.walk.delta == 0:
            kept[n_positions:base] = False
        self.kept = kept
        normals = np.zeros((size, 2))
        for column, power in enumerate((1, 2)):
            for k in range(size):
                moved = [point.like(flat + sign * h * (np.arange(size) == k)).individual for sign in (1, -1)]
                ends = [np.sum(part[model.walk.seen] ** power) / power for part in moved]
                normals[k, column] = (ends[0] - ends[1]) / (2 * h)
        self.normals = normals / np.linalg.norm(normals[:n_positions], axis=0)
        basis, _ = np.linalg.qr(normals[kept], mode="complete")
        self.tangent = basis[:, 2:]
        inside = self.matrix[np.ix_(kept, kept)]
        self.held = self.tangent.T @ inside @ self.tangent
        self.covariance = np.zeros((size, size))
        self.covariance[np.ix_(kept, kept)] = self.tangent @ np.linalg.inv(self.held) @ self.tangent.T

    def positions(self, model: DynamicModel, point: DynamicPoint) -> np.ndarray:
        """What turns parameters into positions."""
        n_periods, n_members = point.deviations.shape
        turn = np.zeros((point.deviations.size, self.matrix.shape[0]))
        turn[:, : point.deviations.size] = np.eye(point.deviations.size)
        for t in range(n_periods):
            rows = slice(t * n_members, (t + 1) * n_members)
            turn[rows, point.deviations.size :][:, : n_periods - 1] = model.walk.accumulation[t]
        return turn


@pytest.mark.parametrize("case", CASES, ids=str)
def test_blocks_equal_the_dense_matrix(case: dict[str, object]) -> None:
    model = dynamic_world(0, **case).model  # type: ignore[arg-type]
    point = fit_dynamic_map(model).point
    slope = dynamic_log_posterior(model, point, information="observed")
    found = curvature(model, point, slope, observed=True, pull=slope.pull)
    dense = Dense(model, point, slope.pull)
    # The normals have length 1 in the deviations; with groups, they are longer in all parameters.
    expected = np.linalg.slogdet(dense.held)[1] + np.linalg.slogdet(dense.normals.T @ dense.normals)[1]
    assert found.log_determinant() == pytest.approx(expected, rel=1e-7)
    gradient = point.like(np.random.default_rng(1).standard_normal(dense.kept.size))
    gradient.steps[:] *= model.walk.delta
    expected = dense.covariance @ gradient.flat()
    np.testing.assert_allclose(found.newton(gradient).flat(), expected, atol=1e-6 * np.abs(expected).max())
    # Standard errors are of positions on the reported scale: x / sd(x) over the member-periods seen.
    turn = dense.positions(model, point)
    seen = model.walk.seen.ravel()
    positions = point.positions.ravel()
    positions = positions - positions[seen].mean()
    spread = positions[seen].std()
    shrink = (seen * positions) / (seen.sum() * spread**2)
    scaled = (turn - (seen / seen.sum()) @ turn - np.outer(positions, shrink @ turn)) / spread
    errors = dynamic_laplace(model, point).position_errors()
    along = np.sqrt(np.diag(scaled @ dense.covariance @ scaled.T)).reshape(errors.shape)
    # A member that carries the scale is held by it: its errors are those of its own votes, which are larger.
    held = np.isin(np.arange(errors.shape[1]), carriers(scale_shares(point.individual, model.walk.seen)))
    assert (errors[:, held] >= along[:, held] * (1 - 1e-5)).all()
    np.testing.assert_allclose(errors[:, ~held], along[:, ~held], rtol=1e-5)


def test_draws_have_the_covariance_along_the_constraint() -> None:
    model = dynamic_world(0).model
    point = fit_dynamic_map(model).point
    slope = dynamic_log_posterior(model, point, information="observed")
    found = curvature(model, point, slope, observed=True, pull=slope.pull)
    drawn = found.held(found.factor.draw(40_000, np.random.default_rng(0)))
    dense = Dense(model, point, slope.pull)
    size = point.deviations.size + point.steps.size
    moves = np.concatenate([drawn.chain.reshape(point.deviations.size, -1), drawn.border[: point.steps.size]])
    expected = dense.covariance[:size, :size]
    scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    assert np.abs((np.cov(moves) - expected) / scale).max() < 0.04


@pytest.mark.parametrize("case", CASES, ids=str)
def test_variances_of_steps_are_those_of_the_dense_matrix(case: dict[str, object]) -> None:
    model = dynamic_world(0, **case).model  # type: ignore[arg-type]
    point = fit_dynamic_map(model).point
    slope = dynamic_log_posterior(model, point, information="observed")
    found = curvature(model, point, slope, observed=True, pull=slope.pull)
    dense = Dense(model, point, slope.pull)
    step = np.diff(np.eye(point.deviations.size).reshape(*point.deviations.shape, -1), axis=0)
    step = step.reshape(-1, point.deviations.size)
    membership = model.walk.membership
    own = np.zeros((len(step), len(dense.covariance)))
    own[:, : point.deviations.size] = step
    by_group = own[:, own.shape[1] - point.group_steps.size :]  # the last parameters
    by_group -= np.kron(np.eye(len(point.deviations))[1:], membership.T)
    along = np.diag(own @ dense.covariance @ own.T).reshape(-1, point.deviations.shape[1])
    np.testing.assert_allclose(found.step_variances(membership), along, rtol=1e-5)
    assert (found.step_variances(membership) <= found.factor.step_variances(membership)).all()


def test_expected_information_is_a_covariance_of_scores_anywhere() -> None:
    """Far from the mode too: the metric of the ascent is positive definite."""
    model = dynamic_world(8).model
    for seed in range(5):
        point = random_point(model, seed)
        slope = dynamic_log_posterior(model, point, information="expected")
        found = curvature(model, point, slope, observed=False, pull=0.0)
        gradient = slope.gradient
        assert gradient.flat() @ found.newton(gradient).flat() > 0


def test_the_layout_wants_roll_calls_by_period() -> None:
    codes = np.zeros((3, 2), dtype=np.int8)
    codes[0] = 1
    kinds = np.array([2, 2], dtype=np.int8)
    design = Design(codes, np.array([1, 0], np.int32), np.array([0, 1], np.int32), kinds, 2)
    with pytest.raises(ValueError, match="sorted by period"):
        layout(design, with_steps=True)
