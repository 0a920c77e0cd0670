"""Maximum a posteriori: block Fisher scoring, then a preconditioned quasi-Newton finish.

Given items, members separate; given members, items separate. A few sweeps of block Fisher scoring bring a
fit close; the joint curvature that blocks cannot see is then learnt by limited-memory BFGS (Nocedal &
Wright 2006, algorithm 7.4) in the metric of the blocks.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.objective import Point, Priors, Slope, item_information, log_posterior, standardise
from voteshift.ideal.start import spectral_start
from voteshift.likelihood import Design

__all__ = ["MapFit", "fit_map", "gradient_norm"]

Floats = NDArray[np.float64]

_SWEEPS = 6
_MEMORY = 20
_LARGEST_MOVE = 1.0  # of any parameter in one sweep, in its own units
_ARMIJO = 1e-4
_ROUNDING = 1e-12  # of the objective: smaller differences are not told apart
_HALVINGS = 25


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
        constraint, h the diagonal of the expected information plus prior precision. It reads as posterior
        standard deviations.
    converged : bool
        Whether `gradient_norm` is at most the tolerance.
    iterations : int
        Sweeps and quasi-Newton steps taken.
    evaluations : int
        Passes over the votes.
    seconds : float
        Wall-clock time.
    """

    point: Point
    objective: float
    log_likelihood: float
    gradient_norm: float
    converged: bool
    iterations: int
    evaluations: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _Metric:
    """Block information at a point: solves with it and scales by its diagonal."""

    positions: Floats
    items: Floats

    def solve(self, gradient: Point) -> Point:
        return Point.from_items(
            _solve(self.positions, gradient.positions), _solve(self.items, gradient.items())
        )

    def norm(self, gradient: Point) -> float:
        by_position = gradient.positions / np.sqrt(np.einsum("idd->id", self.positions))
        by_item = gradient.items() / np.sqrt(np.einsum("jdd->jd", self.items))
        return float(max(np.abs(by_position).max(), np.abs(by_item).max()))


def _solve(blocks: Floats, vectors: Floats) -> Floats:
    """Solve one small system per row."""
    return np.asarray(np.linalg.solve(blocks, vectors[..., None])[..., 0], dtype=np.float64)


def _metric(design: Design, priors: Priors, point: Point, slope: Slope) -> _Metric:
    blocks = slope.evaluation.position_information
    if blocks is None:
        raise ValueError("the slope carries no information blocks")
    positions = blocks[0] + np.eye(point.positions.shape[1])
    return _Metric(positions, item_information(design, priors, point, slope, observed=False))


def gradient_norm(design: Design, priors: Priors, point: Point) -> float:
    """Return the scaled gradient norm of `MapFit` at any point."""
    slope = log_posterior(design, priors, point, information="expected")
    return _metric(design, priors, point, slope).norm(slope.gradient)


def _sweep(design: Design, priors: Priors, point: Point) -> Point:
    """One Fisher-scoring step for all items, then one for all members."""
    slope = log_posterior(design, priors, point, information="expected")
    blocks = item_information(design, priors, point, slope, observed=False)
    step = _solve(blocks, slope.gradient.items())
    items = point.items() + np.clip(step, -_LARGEST_MOVE, _LARGEST_MOVE)
    point = Point.from_items(point.positions, items)
    slope = log_posterior(design, priors, point, information="expected")
    gradient = slope.evaluation.positions[0] - point.positions
    metric = _metric(design, priors, point, slope)
    step = _solve(metric.positions, gradient)
    positions = point.positions + np.clip(step, -_LARGEST_MOVE, _LARGEST_MOVE)
    # Rescaling the discriminations with the positions leaves every eta, and so the likelihood, where it is.
    scaled = standardise(positions)
    centred = positions - positions.mean(axis=0)
    mixing = np.linalg.lstsq(scaled, centred, rcond=None)[0]
    shift = point.discriminations @ positions.mean(axis=0)
    return Point(scaled, point.discriminations @ mixing.T, point.midpoints - shift, point.log_gaps)


def fit_map(
    design: Design,
    priors: Priors,
    *,
    n_dims: int = 1,
    start: Point | None = None,
    tolerance: float = 1e-6,
    max_iterations: int = 1000,
    progress: Callable[[int, float], None] | None = None,
) -> MapFit:
    """Maximise the log posterior of the static model.

    Parameters
    ----------
    design : Design
        The votes; one period.
    priors : Priors
        Prior standard deviations of the items.
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
    began = time.perf_counter()
    point = spectral_start(design, n_dims) if start is None else start
    for _ in range(_SWEEPS):
        point = _sweep(design, priors, point)
    slope = log_posterior(design, priors, point, information="expected")
    metric = _metric(design, priors, point, slope)
    evaluations = 2 * _SWEEPS + 1
    history: deque[tuple[Floats, Floats]] = deque(maxlen=_MEMORY)
    iteration, norm = 0, metric.norm(slope.gradient)
    while norm > tolerance and iteration < max_iterations:
        iteration += 1
        direction = _two_loop(slope.gradient, history, metric)
        found = _line_search(design, priors, point, slope, direction)
        if found is None and not history:
            break
        if found is None:  # a poor model of the curvature: forget it and take the blocks at this point
            history.clear()
            slope = log_posterior(design, priors, point, information="expected")
            metric = _metric(design, priors, point, slope)
            evaluations += _HALVINGS + 1
            continue
        new_point, new_slope, tries = found
        evaluations += tries
        move = new_point.flat() - point.flat()
        bend = slope.gradient.flat() - new_slope.gradient.flat()
        if move @ bend > 1e-10 * np.linalg.norm(move) * np.linalg.norm(bend):
            history.append((move, bend))
        point, slope = new_point, new_slope
        norm = metric.norm(slope.gradient)
        if norm <= tolerance:  # the metric is of an earlier point: judge by the one that is reported
            slope = log_posterior(design, priors, point, information="expected")
            metric = _metric(design, priors, point, slope)
            norm = metric.norm(slope.gradient)
            evaluations += 1
        if progress is not None:
            progress(iteration, norm)
    norm = gradient_norm(design, priors, point)
    return MapFit(
        point=point,
        objective=slope.value,
        log_likelihood=slope.log_likelihood,
        gradient_norm=norm,
        converged=norm <= tolerance,
        iterations=_SWEEPS + iteration,
        evaluations=evaluations + 1,
        seconds=time.perf_counter() - began,
    )


def _two_loop(gradient: Point, history: deque[tuple[Floats, Floats]], metric: _Metric) -> Point:
    """Inverse-curvature times gradient, the blocks standing for the first guess of the curvature."""
    n_members, n_dims = gradient.positions.shape
    vector = gradient.flat()
    weights = []
    for move, bend in reversed(history):
        weight = (move @ vector) / (move @ bend)
        weights.append(weight)
        vector = vector - weight * bend
    vector = metric.solve(Point.from_flat(vector, n_members, n_dims)).flat()
    for (move, bend), weight in zip(history, reversed(weights), strict=True):
        vector = vector + move * (weight - (bend @ vector) / (move @ bend))
    return Point.from_flat(vector, n_members, n_dims)


def _line_search(
    design: Design, priors: Priors, point: Point, slope: Slope, direction: Point
) -> tuple[Point, Slope, int] | None:
    """Halve the step until the objective rises enough; None if it never does."""
    rise = float(slope.gradient.flat() @ direction.flat())
    if rise <= 0:
        return None
    length = 1.0
    for tries in range(1, _HALVINGS + 1):
        candidate = point.moved(direction, length)
        found = log_posterior(design, priors, candidate)
        if found.value >= slope.value + _ARMIJO * length * rise - _ROUNDING * abs(slope.value):
            return candidate, found, tries
        length *= 0.5
    return None
