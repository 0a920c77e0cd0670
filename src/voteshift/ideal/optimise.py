"""Maximum a posteriori: block Fisher scoring, then a preconditioned quasi-Newton finish.

Given items, members separate; given members, items separate. A few sweeps of block Fisher scoring bring a
fit close; the joint curvature that blocks cannot see is then learnt by limited-memory BFGS (Nocedal &
Wright 2006, algorithm 7.4) in the metric of the blocks. Far from the mode the votes are evaluated in
float32, the finish and everything reported in float64.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from voteshift.ideal.objective import (
    Model,
    Point,
    Precision,
    Slope,
    item_information,
    log_posterior,
    standardise,
)
from voteshift.ideal.start import spectral_start

__all__ = ["MapFit", "fit_map", "gradient_norm"]

Floats = NDArray[np.float64]

_SWEEPS = 5
_MEMORY = 15
_LARGEST_MOVE = 1.0  # of any parameter in one sweep, in its own units
_ARMIJO = 1e-4
_ROUNDING, _ROUNDING32 = 1e-12, 1e-7  # of the objective: smaller differences are not told apart
_OVERSHOOT = 0.8  # of the slope a step begins with, at most, may a step end with beyond the top
_HALVINGS = 25
_FLOAT32_PAYS = 500_000  # cells
_FLOAT32_ENDS = 0.02  # gradient norm below which float32 no longer resolves the slope


@dataclass(frozen=True, slots=True)
class MapFit:
    """The mode, and how it was reached.

    Attributes
    ----------
    point : Point
        Parameters at the mode.
    objective : float
        Log posterior there (without normalising constants of the priors).
    log_likelihood : float
        Its part from the votes.
    gradient_norm : float
        Largest ``|g_k| / sqrt(h_k)`` over parameters: g the gradient of the log posterior along the scale
        constraint, h the diagonal of the expected information plus prior precision, both in float64 at
        `point`. It reads as posterior standard deviations.
    converged : bool
        Whether `gradient_norm` is at most the tolerance.
    iterations : int
        Sweeps and quasi-Newton steps taken.
    evaluations : int
        Passes over the votes.
    seconds : float
        Wall-clock time.
    first_stage : {"float32", "float64"}
        Arithmetic on a vote until the gradient norm was small; the finish is always float64.
    """

    point: Point
    objective: float
    log_likelihood: float
    gradient_norm: float
    converged: bool
    iterations: int
    evaluations: int
    seconds: float
    first_stage: Precision


@dataclass(frozen=True, slots=True)
class _Metric:
    """Inverse block information at a point, and the roots of its diagonal."""

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


class _Passes:
    """The log posterior, counted."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.count = 0

    def slope(self, point: Point, precision: Precision = "float64") -> Slope:
        self.count += 1
        return log_posterior(self.model, point, precision=precision)

    def informed(self, point: Point, precision: Precision = "float64") -> Slope:
        self.count += 1
        return log_posterior(self.model, point, information="expected", precision=precision)


def _position_blocks(slope: Slope) -> Floats:
    """Information of each position plus the precision of its standard normal prior."""
    blocks = slope.evaluation.position_information
    if blocks is None:
        raise ValueError("the slope carries no information blocks")
    return np.asarray(blocks[0] + np.eye(blocks.shape[-1]))


def _metric(model: Model, point: Point, slope: Slope) -> _Metric:
    positions = _position_blocks(slope)
    items = item_information(model, point, slope, observed=False)
    return _Metric(
        np.asarray(np.linalg.inv(positions), dtype=np.float64),
        np.asarray(np.linalg.inv(items), dtype=np.float64),
        np.sqrt(np.einsum("idd->id", positions)),
        np.sqrt(np.einsum("jdd->jd", items)),
    )


def gradient_norm(model: Model, point: Point) -> float:
    """Return the scaled gradient norm of `MapFit` at any point."""
    slope = log_posterior(model, point, information="expected")
    return _metric(model, point, slope).norm(slope.gradient)


def _solve(blocks: Floats, vectors: Floats) -> Floats:
    """Solve one small system per row."""
    return np.asarray(np.linalg.solve(blocks, vectors[..., None])[..., 0], dtype=np.float64)


def _sweep(passes: _Passes, point: Point, precision: Precision) -> Point:
    """One Fisher-scoring step for all items, then one for all members."""
    slope = passes.informed(point, precision)
    blocks = item_information(passes.model, point, slope, observed=False)
    step = _solve(blocks, slope.gradient.items())
    items = point.items() + np.clip(step, -_LARGEST_MOVE, _LARGEST_MOVE)
    point = Point.from_items(point.positions, items)
    slope = passes.informed(point, precision)
    gradient = slope.evaluation.positions[0] - point.positions
    step = _solve(_position_blocks(slope), gradient)
    positions = point.positions + np.clip(step, -_LARGEST_MOVE, _LARGEST_MOVE)
    # Rescaling the discriminations with the positions leaves every eta, and so the likelihood, where it is.
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
        What is maximised.
    n_dims : int
        Number of dimensions, where no `start` is given.
    start : Point, optional
        Where to start; `spectral_start` by default.
    tolerance : float
        Largest `MapFit.gradient_norm` that counts as converged.
    max_iterations : int
        Quasi-Newton steps at most.
    progress : callable, optional
        Called with the iteration and the gradient norm.

    Returns
    -------
    MapFit
        Never converged unless the gradient norm says so.
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
    passes = _Passes(model)
    point = spectral_start(model.design, n_dims) if start is None else start
    # Small problems are over before the float32 kernels would be compiled or loaded.
    first_stage: Precision = "float32" if model.design.codes.size > _FLOAT32_PAYS else "float64"
    precision = first_stage
    for _ in range(_SWEEPS):
        point = _sweep(passes, point, precision)
    slope = passes.informed(point, precision)
    metric = _metric(model, point, slope)
    history: deque[tuple[Floats, Floats]] = deque(maxlen=_MEMORY)
    iteration, norm = 0, metric.norm(slope.gradient)
    judged = False  # whether slope and metric are the float64 ones of the point itself
    while iteration < max_iterations:
        if precision == "float32" and norm < _FLOAT32_ENDS:
            precision, slope = "float64", passes.slope(point)
            norm = metric.norm(slope.gradient)
        if norm <= tolerance and precision == "float64":
            # The metric is that of an earlier point: judge by the one that is reported.
            slope = passes.informed(point)
            metric = _metric(model, point, slope)
            norm = metric.norm(slope.gradient)
            judged = True
            if norm <= tolerance:
                break
        iteration += 1
        judged = False
        direction = _without_rotation(point, _two_loop(slope.gradient, history, metric))
        found = _line_search(passes, point, slope, direction, precision)
        if found is not None:
            new_point, new_slope = found
            move = new_point.flat() - point.flat()
            bend = slope.gradient.flat() - new_slope.gradient.flat()
            if move @ bend > 1e-10 * np.linalg.norm(move) * np.linalg.norm(bend):
                history.append((move, bend))
            point, slope = new_point, new_slope
            norm = metric.norm(slope.gradient)
        elif history or precision == "float32":
            # The model of the curvature is poor, or float32 too coarse: begin again from the blocks here.
            history.clear()
            precision = "float64"
            slope = passes.informed(point)
            metric = _metric(model, point, slope)
            norm = metric.norm(slope.gradient)
        else:
            break
        if progress is not None:
            progress(iteration, norm)
    if not judged:
        slope = passes.informed(point)
        norm = _metric(model, point, slope).norm(slope.gradient)
    return MapFit(
        point=point,
        objective=slope.value,
        log_likelihood=slope.log_likelihood,
        gradient_norm=norm,
        converged=norm <= tolerance,
        iterations=_SWEEPS + iteration,
        evaluations=passes.count,
        seconds=time.perf_counter() - began,
        first_stage=first_stage,
    )


def _two_loop(gradient: Point, history: deque[tuple[Floats, Floats]], metric: _Metric) -> Point:
    """Inverse curvature times gradient, the blocks standing for the first guess of the curvature."""
    n_members, n_dims = gradient.positions.shape
    vector = gradient.flat()
    weights = []
    for move, bend in reversed(history):
        weight = (move @ vector) / (move @ bend)
        weights.append(weight)
        vector = vector - weight * bend
    vector = metric.apply(Point.from_flat(vector, n_members, n_dims)).flat()
    for (move, bend), weight in zip(history, reversed(weights), strict=True):
        vector = vector + move * (weight - (bend @ vector) / (move @ bend))
    return Point.from_flat(vector, n_members, n_dims)


def _without_rotation(point: Point, direction: Point) -> Point:
    """Take out of a step what only turns the space: nothing changes along it but the quality of the step."""
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


def _line_search(
    passes: _Passes, point: Point, slope: Slope, direction: Point, precision: Precision
) -> tuple[Point, Slope] | None:
    """Halve the step until the objective rises enough; None if it never does.

    Close to the mode a rise drowns in the rounding of the objective: there a step is taken that does not
    carry beyond the top, seen by the slope (the approximate Wolfe condition of Hager & Zhang 2005,
    https://doi.org/10.1137/030601880).
    """
    along = direction.flat()
    rise = float(slope.gradient.flat() @ along)
    if not rise > 0:
        return None
    rounding = (_ROUNDING32 if precision == "float32" else _ROUNDING) * abs(slope.value)
    length = 1.0
    for _ in range(_HALVINGS):
        candidate = point.moved(direction, length)
        found = passes.slope(candidate, precision)
        if found.value >= slope.value + _ARMIJO * length * rise:
            return candidate, found
        if found.value >= slope.value - rounding and found.gradient.flat() @ along >= -_OVERSHOOT * rise:
            return candidate, found
        length *= 0.5
    return None
