"""Maximum a posteriori: block Fisher scoring, then a preconditioned quasi-Newton finish.

Given the items, members are independent; given the positions, items are independent. A few sweeps of block
Fisher scoring therefore come close to the mode. `voteshift.ideal.ascent` then finds the mode. This step
starts from the curvature within the blocks and estimates the curvature between blocks. Far from the mode the
votes are evaluated in float32. The last steps and all reported values are in float64.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from voteshift.ideal.ascent import Ascent, Precision, ascend
from voteshift.ideal.objective import (
    Model,
    Point,
    Slope,
    item_information,
    log_posterior,
    standardise,
)
from voteshift.ideal.start import spectral_start

__all__ = ["MapFit", "climb", "fit_map"]

Floats = NDArray[np.float64]
MapFit = Ascent[Point]

_SWEEPS = 5
_LARGEST_MOVE = 1.0  # largest change of a parameter in one sweep
_FLOAT32_PAYS = 500_000  # cells


@dataclass(frozen=True, slots=True)
class _Metric:
    """Inverse block information at a point, and the square roots of the diagonal of the information."""

    positions: Floats
    items: Floats
    position_scale: Floats
    item_scale: Floats

    def apply(self, gradient: Point) -> Point:
        return Point.from_items(
            np.einsum("iab,ib->ia", self.positions, gradient.positions),
            np.einsum("jab,jb->ja", self.items, gradient.items()),
        )

    def norm(self, gradient: Point) -> float:
        by_position = np.abs(gradient.positions) / self.position_scale
        by_item = np.abs(gradient.items()) / self.item_scale
        return float(max(by_position.max(), by_item.max()))


class _Static:
    """The log posterior of a static model, with a count of its evaluations."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.evaluations = 0

    def slope(self, point: Point, precision: Precision) -> Slope:
        self.evaluations += 1
        return self._levelled(point, log_posterior(self.model, point, precision=precision))

    def expected(self, point: Point, precision: Precision) -> Slope:
        self.evaluations += 1
        return log_posterior(self.model, point, information="expected", precision=precision)

    def informed(self, point: Point, precision: Precision) -> tuple[Slope, _Metric]:
        slope = self.expected(point, precision)
        return self._levelled(point, slope), _metric(self.model, point, slope)

    def _levelled(self, point: Point, slope: Slope) -> Slope:
        """Remove the rotation from the gradient, if the prior of discriminations has axes.

        Such a prior is estimated, and turns with the space.
        """
        if self.model.slope_precision is None:
            return slope
        return replace(slope, gradient=_without_rotation(point, slope.gradient))

    def straightened(self, point: Point, step: Point) -> Point:
        """Remove from a step the component that only rotates the space."""
        return _without_rotation(point, step)


def _position_blocks(model: Model, slope: Slope) -> Floats:
    """Return the information of each position plus the precision of its prior, by default standard normal."""
    blocks = slope.evaluation.position_information
    if blocks is None:
        raise ValueError(
            "the information matrix was not computed; evaluate the log posterior with "
            "information='observed' or 'expected'"
        )
    precision = np.ones(1) if model.regression is None else model.regression.precision
    return np.asarray(blocks[0] + precision[:, None, None] * np.eye(blocks.shape[-1]))


def _metric(model: Model, point: Point, slope: Slope) -> _Metric:
    positions = _position_blocks(model, slope)
    items = item_information(model, point, slope, observed=False)
    return _Metric(
        np.asarray(np.linalg.inv(positions), dtype=np.float64),
        np.asarray(np.linalg.inv(items), dtype=np.float64),
        np.sqrt(np.einsum("idd->id", positions)),
        np.sqrt(np.einsum("jdd->jd", items)),
    )


def _solve(blocks: Floats, vectors: Floats) -> Floats:
    """Solve one small system per row."""
    return np.asarray(np.linalg.solve(blocks, vectors[..., None])[..., 0], dtype=np.float64)


def _sweep(problem: _Static, point: Point, precision: Precision) -> Point:
    """Return a point after one Fisher-scoring step for all items and one for all members."""
    slope = problem.expected(point, precision)
    blocks = item_information(problem.model, point, slope, observed=False)
    step = _solve(blocks, slope.gradient.items())
    items = point.items() + np.clip(step, -_LARGEST_MOVE, _LARGEST_MOVE)
    point = Point.from_items(point.positions, items)
    slope = problem.expected(point, precision)
    gradient = slope.evaluation.positions[0] - point.positions
    step = _solve(_position_blocks(problem.model, slope), gradient)
    positions = point.positions + np.clip(step, -_LARGEST_MOVE, _LARGEST_MOVE)
    # The discriminations are rescaled with the positions, so the linear predictors and the likelihood do not
    # change.
    mean = positions.mean(axis=0)
    scaled = standardise(positions)
    mixing = scaled.T @ (positions - mean) / len(positions)
    return Point(
        scaled,
        point.discriminations @ mixing.T,
        point.midpoints - point.discriminations @ mean,
        point.log_gaps,
    )


def fit_map(
    model: Model,
    *,
    n_dims: int = 1,
    start: Point | None = None,
    tolerance: float = 1e-6,
    max_iterations: int = 1000,
    progress: Callable[[int, float], None] | None = None,
) -> MapFit:
    """Maximise the log posterior.

    Parameters
    ----------
    model : Model
        The model.
    n_dims : int
        Number of dimensions, used if `start` is None.
    start : Point, optional
        Starting values; `spectral_start` by default.
    tolerance : float
        Largest `MapFit.gradient_norm` at which the fit counts as converged.
    max_iterations : int
        Maximum number of quasi-Newton steps.
    progress : callable, optional
        Called with the iteration and the gradient norm.

    Returns
    -------
    MapFit
        The mode. The fit converged if the gradient norm at the reported point is at most `tolerance`.

    Raises
    ------
    NotUsableError
        If the votes do not identify `n_dims` dimensions, or the two cutpoints of an item became equal
        (`cutpoints_of`).
    """
    # One thread for the small products between the passes: more would gain nothing, and the order of their
    # sums, hence the last bits of the answer, would depend on the machine.
    with threadpool_limits(limits=1, user_api="blas"):
        return _fit_map(model, n_dims, start, tolerance, max_iterations, progress)


def _fit_map(
    model: Model,
    n_dims: int,
    start: Point | None,
    tolerance: float,
    max_iterations: int,
    progress: Callable[[int, float], None] | None,
) -> MapFit:
    began = time.perf_counter()
    problem = _Static(model)
    point = spectral_start(model.design, n_dims) if start is None else start
    # Small problems are over before the float32 kernels would be compiled or loaded.
    first_stage: Precision = "float32" if model.design.n_cells > _FLOAT32_PAYS else "float64"
    for _ in range(_SWEEPS):
        point = _sweep(problem, point, first_stage)
    return ascend(
        problem,
        point,
        first_stage=first_stage,
        tolerance=tolerance,
        max_iterations=max_iterations,
        began=began,
        sweeps=_SWEEPS,
        progress=progress,
    )


def climb(
    model: Model,
    start: Point,
    *,
    tolerance: float,
    max_iterations: int = 100,
    progress: Callable[[int, float], None] | None = None,
) -> MapFit:
    """Maximise the log posterior from a point near the maximum, in float64."""
    with threadpool_limits(limits=1, user_api="blas"):
        return ascend(
            _Static(model),
            start,
            first_stage="float64",
            tolerance=tolerance,
            max_iterations=max_iterations,
            began=time.perf_counter(),
            sweeps=0,
            progress=progress,
        )


def _without_rotation(point: Point, direction: Point) -> Point:
    """Remove from a step the rotation of the space, which makes the step less accurate."""
    n_members, n_dims = point.positions.shape
    pairs = [(a, b) for a in range(n_dims) for b in range(a)]
    if not pairs:
        return direction
    turns = []
    for a, b in pairs:
        generator = np.zeros((n_dims, n_dims))
        generator[a, b], generator[b, a] = 1.0, -1.0
        still = np.zeros_like(point.midpoints)
        turned = Point(point.positions @ generator, point.discriminations @ generator, still, still)
        turns.append(turned.flat())
    basis, _ = np.linalg.qr(np.array(turns).T)
    flat = direction.flat()
    return Point.from_flat(flat - basis @ (basis.T @ flat), n_members, n_dims)
