"""Maximum a posteriori for the dynamic model.

The optimiser starts from a static fit. A few sweeps of block Fisher scoring follow. Each sweep updates the
items and then the deviations of all members, which are tridiagonal systems. Then `voteshift.ideal.ascent`
uses the complete information matrix as its metric, factorised along the chain of periods. A metric in blocks
is not sufficient: if few bridges identify the common path, the path is thousands of times less certain than
any single position.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from voteshift.ideal.ascent import Ascent, Precision, ascend
from voteshift.ideal.dynamic.blocks import item_blocks
from voteshift.ideal.dynamic.curvature import Curvature, curvature
from voteshift.ideal.dynamic.objective import DynamicModel, DynamicPoint, DynamicSlope, dynamic_log_posterior
from voteshift.ideal.dynamic.walk import solve_chains
from voteshift.ideal.objective import Model
from voteshift.ideal.optimise import fit_map
from voteshift.likelihood import Design

__all__ = ["fit_dynamic_map", "static_start"]

Floats = NDArray[np.float64]

_SWEEPS = 40
_LARGEST_MOVE = 1.0  # largest change of a parameter in one sweep
_LONGEST_STEP = 3.0
_RENEW = 8  # steps
_STATIC_TOLERANCE = 1e-2


class _Metric:
    """The inverse of the complete expected information, factorised when it is first used."""

    def __init__(self, model: DynamicModel, point: DynamicPoint, slope: DynamicSlope) -> None:
        self.model, self.point, self.slope = model, point, slope
        items, rollcalls = item_blocks(model, point, slope, observed=False)
        self.deviation_scale = np.sqrt(_by_deviation(slope) + model.walk.diagonal)
        self.item_scale = np.sqrt(np.einsum("jdd->jd", items))
        by_step = rollcalls[:, 3, 3] @ model.leverage**2 if model.shares_items else 0.0
        self.step_scale = np.sqrt(by_step + model.walk.step_precision) if model.walk.delta > 0 else 1.0
        self.group_scale = np.sqrt(model.walk.group_precision) if model.walk.n_groups else 1.0

    @cached_property
    def curvature(self) -> Curvature:
        pull = max(self.slope.pull, 0.0)
        return curvature(self.model, self.point, self.slope, observed=False, pull=pull)

    def apply(self, gradient: DynamicPoint) -> DynamicPoint:
        return self.curvature.newton(gradient)

    def norm(self, gradient: DynamicPoint) -> float:
        parts = (
            gradient.deviations / self.deviation_scale,
            gradient.steps / self.step_scale,
            gradient.items() / self.item_scale,
            gradient.group_steps / self.group_scale,
        )
        return float(max(np.abs(part).max(initial=0.0) for part in parts))


def _by_deviation(slope: DynamicSlope) -> Floats:
    """Return the information of each deviation, shape (n_periods, n_members)."""
    blocks = slope.evaluation.position_information
    if blocks is None:
        raise ValueError(
            "the information matrix was not computed; evaluate the log posterior with "
            "information='observed' or 'expected'"
        )
    return blocks[..., 0, 0]


class _Problem:
    """The log posterior of a dynamic model, with a count of its evaluations."""

    def __init__(self, model: DynamicModel) -> None:
        self.model = model
        self.evaluations = 0

    def slope(self, point: DynamicPoint, precision: Precision) -> DynamicSlope:
        del precision  # float64 throughout: the fits are small, or three-category probit
        self.evaluations += 1
        return dynamic_log_posterior(self.model, point)

    def expected(self, point: DynamicPoint) -> DynamicSlope:
        self.evaluations += 1
        return dynamic_log_posterior(self.model, point, information="expected")

    def informed(self, point: DynamicPoint, precision: Precision) -> tuple[DynamicSlope, _Metric]:
        del precision
        slope = self.expected(point)
        return slope, _Metric(self.model, point, slope)

    def straightened(self, point: DynamicPoint, step: DynamicPoint) -> DynamicPoint:
        """Shorten a step in which a deviation or a log gap changes by more than 3."""
        longest = max(np.abs(step.deviations).max(), np.abs(step.log_gaps).max())
        return point.like(step.flat() * min(1.0, _LONGEST_STEP / longest))


def static_start(model: DynamicModel) -> DynamicPoint:
    """Return a start with constant positions, from the static fit of the same roll calls and items."""
    design, walk = model.design, model.walk
    one_period = Design(design.coded, np.zeros_like(design.period), design.item, design.n_categories)
    static = Model(one_period, model.priors, model.link, model.threads)
    static_point = fit_map(static, tolerance=_STATIC_TOLERANCE).point
    deviations = np.repeat(static_point.positions.T, design.n_periods, axis=0)
    scaled, mean, spread = walk.standardised(deviations)
    return DynamicPoint(
        walk,
        scaled,
        np.zeros(design.n_periods - 1),
        static_point.discriminations * spread,
        static_point.midpoints - static_point.discriminations[:, 0] * mean,
        static_point.log_gaps,
        np.zeros((design.n_periods, walk.n_groups)),
    )


def _swept(problem: _Problem, start: DynamicPoint) -> tuple[DynamicPoint, int]:
    """Return the point after all sweeps, and the number of sweeps.

    If the log posterior after a sweep is below the log posterior of the start, return the best point so far.
    A sweep moves the spread of the positions into the discriminations without regard to the prior of the
    discriminations. With a narrow prior, each sweep lowers the log posterior further, and the sweeps diverge.
    The optimiser must not start from a point of this kind.
    """
    point = best = start
    first = highest = -np.inf
    for sweep in range(_SWEEPS):
        slope = problem.expected(point)
        if sweep == 0:
            first = slope.value
        elif slope.value < first:
            return best, sweep
        if slope.value > highest:
            best, highest = point, slope.value
        point = _sweep(problem, point, slope)
    return point, _SWEEPS


def _sweep(problem: _Problem, point: DynamicPoint, slope: DynamicSlope) -> DynamicPoint:
    """Return a point after one Fisher-scoring step for all items and one for all members' deviations.

    The steps of groups are then at their mode, given the deviations.
    """
    model = problem.model
    walk = model.walk
    blocks, _ = item_blocks(model, point, slope, observed=False)
    step = np.linalg.solve(blocks, slope.gradient.items()[..., None])[..., 0]
    point = point.with_items(point.items() + np.clip(step, -_LARGEST_MOVE, _LARGEST_MOVE))
    slope = problem.expected(point)
    right = slope.evaluation.positions[..., 0] - walk.pulled(point.deviations, point.group_steps)
    move = solve_chains(_by_deviation(slope) + walk.diagonal, walk.precision, right)
    moved = point.deviations + np.clip(move, -_LARGEST_MOVE, _LARGEST_MOVE)
    # The discriminations are rescaled with the positions, so the linear predictors and the likelihood do not
    # change.
    group_steps = walk.group_means(moved) if walk.n_groups else point.group_steps
    scaled, mean, spread = walk.standardised(walk.individual(moved, group_steps))
    if walk.n_groups:
        scaled, group_steps = (moved - mean) / spread, group_steps / spread
        group_steps[0] -= mean / spread
    return replace(
        point,
        deviations=scaled,
        steps=point.steps / spread,
        discriminations=point.discriminations * spread,
        midpoints=point.midpoints - point.discriminations[:, 0] * mean,
        group_steps=group_steps,
    )


def fit_dynamic_map(
    model: DynamicModel,
    *,
    start: DynamicPoint | None = None,
    tolerance: float = 1e-6,
    max_iterations: int = 500,
    progress: Callable[[int, float], None] | None = None,
) -> Ascent[DynamicPoint]:
    """Maximise the log posterior of a dynamic model.

    Parameters
    ----------
    model : DynamicModel
        The model.
    start : DynamicPoint, optional
        Starting values; `static_start` by default.
    tolerance : float
        Largest gradient norm at which the fit counts as converged (see `Ascent`).
    max_iterations : int
        Maximum number of quasi-Newton steps.
    progress : callable, optional
        Called with the iteration and the gradient norm.

    Returns
    -------
    Ascent
        The mode. The fit converged if the gradient norm at the reported point is at most `tolerance`.

    Raises
    ------
    NotUsableError
        For the same reasons as in `fit_map`.
    """
    # One thread for the products between the passes, as in the static fit: the last bits of the result are
    # then the same on every machine with as many vector lanes.
    with threadpool_limits(limits=1, user_api="blas"):
        began = time.perf_counter()
        problem = _Problem(model)
        point, sweeps = _swept(problem, static_start(model) if start is None else start)
        return ascend(
            problem,
            point,
            first_stage="float64",
            tolerance=tolerance,
            max_iterations=max_iterations,
            began=began,
            sweeps=sweeps,
            renew=_RENEW,
            progress=progress,
        )
