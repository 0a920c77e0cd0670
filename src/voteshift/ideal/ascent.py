"""Climbing a log posterior: limited-memory BFGS in a metric that the model supplies.

The metric (an inverse information matrix, whole or in blocks) stands for the first guess of the curvature;
what it misses is learnt on the way (Nocedal & Wright 2006, algorithm 7.4).
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Ascent", "Metric", "Place", "Problem", "Slope", "ascend", "reached"]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Precision = Literal["float32", "float64"]

_MEMORY = 15
_ARMIJO = 1e-4
_ROUNDING, _ROUNDING32 = 1e-12, 1e-7  # of the objective: smaller differences are not resolved
_OVERSHOOT = 0.8  # of the slope a step begins with, at most, may a step end with beyond the top
_HALVINGS = 25
_CLOSE = 1e-2  # gradient norm below which the curvature no longer changes much
_FLOAT32_ENDS = 0.02  # gradient norm below which float32 no longer resolves the slope


class Place(Protocol):
    """Parameters at some point, or a gradient or step between points."""

    def flat(self) -> Floats:
        """Return all parameters in one vector."""

    def like(self, flat: Floats) -> Self:
        """Rebuild from a vector of the same layout."""

    def moved(self, step: Self, length: float) -> Self:
        """Return this point plus `length` times a step, put back on the constraint."""


P = TypeVar("P", bound=Place)
P_co = TypeVar("P_co", covariant=True)


class Slope(Protocol[P_co]):
    """A log posterior at a point."""

    @property
    def value(self) -> float:
        """The log posterior."""

    @property
    def log_likelihood(self) -> float:
        """The part of the votes."""

    @property
    def gradient(self) -> P_co:
        """Its gradient along the constraint."""


class Metric(Protocol[P]):
    """An inverse information matrix."""

    def apply(self, gradient: P) -> P:
        """Return the inverse information times a gradient."""

    def norm(self, gradient: P) -> float:
        """Return the largest ``|g_k| / sqrt(h_k)``, h the diagonal of the information."""


class Problem(Protocol[P]):
    """A log posterior to be maximised."""

    @property
    def evaluations(self) -> int:
        """Passes over the votes so far."""

    def slope(self, point: P, precision: Precision) -> Slope[P]:
        """Evaluate value and gradient."""

    def informed(self, point: P, precision: Precision) -> tuple[Slope[P], Metric[P]]:
        """Evaluate with the metric at that point."""

    def straightened(self, point: P, step: P) -> P:
        """Remove from a step what does not change the log posterior, such as a rotation."""


@dataclass(frozen=True, slots=True)
class Ascent(Generic[P]):
    """The mode, and how it was reached.

    Attributes
    ----------
    point : Place
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

    point: P
    objective: float
    log_likelihood: float
    gradient_norm: float
    converged: bool
    iterations: int
    evaluations: int
    seconds: float
    first_stage: Precision


def reached(mode: Ascent[P]) -> dict[str, Any]:
    """Return the method, value and cost of a mode, as plain data for a document."""
    return {
        "method": "map",
        "objective": mode.objective,
        "log_likelihood": mode.log_likelihood,
        "gradient_norm": mode.gradient_norm,
        "iterations": mode.iterations,
        "seconds": mode.seconds,
        "first_stage": mode.first_stage,
    }


def ascend(
    problem: Problem[P],
    point: P,
    *,
    first_stage: Precision,
    tolerance: float,
    max_iterations: int,
    began: float,
    sweeps: int,
    renew: int | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> Ascent[P]:
    """Maximise a log posterior from a start.

    Parameters
    ----------
    problem : Problem
        The log posterior.
    point : Place
        Where to start.
    first_stage : {"float32", "float64"}
        Arithmetic to begin with; the finish is in float64.
    tolerance : float
        Largest gradient norm that counts as converged.
    max_iterations : int
        Steps at most.
    began : float
        `time.perf_counter` when the fit began.
    sweeps : int
        Steps taken before, to be counted.
    renew : int, optional
        Steps after which the metric is taken anew, until the gradient norm is small. By default it stays
        until a step fails: right for a metric of blocks, whose error the history has learnt.
    progress : callable, optional
        Called with the iteration and the gradient norm.

    Returns
    -------
    Ascent
        Converged only where the gradient norm at the reported point is within tolerance.
    """
    precision = first_stage
    slope, metric = problem.informed(point, precision)
    history: deque[_Pair] = deque(maxlen=_MEMORY)
    iteration, norm = 0, metric.norm(slope.gradient)
    judged = False  # whether slope and metric are the float64 ones of the point itself
    while iteration < max_iterations:
        if precision == "float32" and norm < _FLOAT32_ENDS:
            precision, slope = "float64", problem.slope(point, "float64")
            norm = metric.norm(slope.gradient)
        if norm <= tolerance and precision == "float64":
            # The metric is that of an earlier point: judge by the one that is reported.
            slope, metric = problem.informed(point, precision)
            norm = metric.norm(slope.gradient)
            judged = True
            if norm <= tolerance:
                break
        iteration += 1
        judged = False
        direction = problem.straightened(point, _two_loop(slope.gradient, history, metric))
        accepted = _line_search(problem, point, slope, direction, precision)
        if accepted is not None:
            new_point, new_slope = accepted
            move = new_point.flat() - point.flat()
            bend = slope.gradient.flat() - new_slope.gradient.flat()
            if move @ bend > 1e-10 * np.linalg.norm(move) * np.linalg.norm(bend):
                history.append(_Pair.of(move, bend))
            point, slope = new_point, new_slope
            norm = metric.norm(slope.gradient)
        if accepted is None and not history and precision == "float64":
            break
        worn = renew is not None and norm > _CLOSE and len(history) >= renew
        if accepted is None or worn:
            # The model of the curvature is poor, or float32 too coarse: begin again from the metric here.
            history.clear()
            precision = "float64"
            slope, metric = problem.informed(point, precision)
            norm = metric.norm(slope.gradient)
        if progress is not None:
            progress(iteration, norm)
    if not judged:
        slope, metric = problem.informed(point, "float64")
        norm = metric.norm(slope.gradient)
    return Ascent(
        point=point,
        objective=slope.value,
        log_likelihood=slope.log_likelihood,
        gradient_norm=norm,
        converged=norm <= tolerance,
        iterations=sweeps + iteration,
        evaluations=problem.evaluations,
        seconds=time.perf_counter() - began,
        first_stage=first_stage,
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    """A step and how the gradient bent along it.

    In float32: many are kept, and all they do is shape the next step. Sums over them are in float64.
    """

    move: Singles
    bend: Singles
    product: float

    @classmethod
    def of(cls, move: Floats, bend: Floats) -> "_Pair":
        short, bent = move.astype(np.float32), bend.astype(np.float32)
        return cls(short, bent, float(short.astype(np.float64) @ bent.astype(np.float64)))


def _two_loop(gradient: P, history: deque[_Pair], metric: Metric[P]) -> P:
    """Return the inverse curvature times a gradient, with the metric as the first guess of the curvature."""
    vector = gradient.flat()
    weights = []
    for pair in reversed(history):
        weight = (pair.move @ vector) / pair.product
        weights.append(weight)
        vector -= weight * pair.bend
    vector = metric.apply(gradient.like(vector)).flat()
    for pair, weight in zip(history, reversed(weights), strict=True):
        vector += (weight - (pair.bend @ vector) / pair.product) * pair.move
    return gradient.like(vector)


def _line_search(
    problem: Problem[P], point: P, slope: Slope[P], direction: P, precision: Precision
) -> tuple[P, Slope[P]] | None:
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
        new_slope = problem.slope(candidate, precision)
        if new_slope.value >= slope.value + _ARMIJO * length * rise:
            return candidate, new_slope
        if (
            new_slope.value >= slope.value - rounding
            and new_slope.gradient.flat() @ along >= -_OVERSHOOT * rise
        ):
            return candidate, new_slope
        length *= 0.5
    return None
