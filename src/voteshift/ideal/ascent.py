"""Maximisation of a log posterior: limited-memory BFGS with a metric that the model supplies.

The metric is an inverse information matrix, complete or in blocks. It is the initial approximation of the
inverse curvature. BFGS corrects the approximation after every step (Nocedal & Wright 2006, algorithm 7.4).
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
_OVERSHOOT = (
    0.8  # largest slope at the end of a step beyond the maximum, relative to the slope at its beginning
)
_HALVINGS = 25
_LONGEST = 10.0  # change of a log gap in one step
_CLOSE = 1e-2  # gradient norm below which the curvature no longer changes much
_FLOAT32_ENDS = 0.02  # gradient norm below which float32 no longer resolves the slope


class Place(Protocol):
    """The parameters at a point, a gradient, or a step between points."""

    @property
    def log_gaps(self) -> Floats:
        """Log gaps between the two cutpoints of the items, shape (n_items,)."""

    def flat(self) -> Floats:
        """Return all parameters in one vector."""

    def like(self, flat: Floats) -> Self:
        """Build an object from a vector with the layout of `flat`."""

    def moved(self, step: Self, length: float) -> Self:
        """Return this point plus `length` times a step, standardised to meet the constraint."""


P = TypeVar("P", bound=Place)
P_co = TypeVar("P_co", covariant=True)


class Slope(Protocol[P_co]):
    """A log posterior at a point."""

    @property
    def value(self) -> float:
        """The log posterior."""

    @property
    def log_likelihood(self) -> float:
        """The log-likelihood of the votes."""

    @property
    def gradient(self) -> P_co:
        """The gradient of the log posterior along the constraint."""


class Metric(Protocol[P]):
    """An inverse information matrix."""

    def apply(self, gradient: P) -> P:
        """Return the inverse information times a gradient."""

    def norm(self, gradient: P) -> float:
        """Return the largest ``|g_k| / sqrt(h_k)``: g is the gradient, h the diagonal of the information."""


class Problem(Protocol[P]):
    """The log posterior that the optimiser maximises."""

    @property
    def evaluations(self) -> int:
        """Number of evaluations of all votes so far."""

    def slope(self, point: P, precision: Precision) -> Slope[P]:
        """Evaluate value and gradient."""

    def informed(self, point: P, precision: Precision) -> tuple[Slope[P], Metric[P]]:
        """Evaluate the value, the gradient and the metric at a point."""

    def straightened(self, point: P, step: P) -> P:
        """Return a step without components that do not change the log posterior, such as a rotation."""


@dataclass(frozen=True, slots=True)
class Ascent(Generic[P]):
    """The mode, and statistics of the optimisation.

    Attributes
    ----------
    point : Place
        Parameters at the mode.
    objective : float
        Log posterior at the mode, without the normalising constants of the priors.
    log_likelihood : float
        Log-likelihood of the votes at the mode.
    gradient_norm : float
        Largest ``|g_k| / sqrt(h_k)`` over parameters. The vector g is the gradient of the log posterior along
        the scale constraint. The vector h is the diagonal of the expected information plus prior precision,
        so ``1 / sqrt(h_k)`` approximates the posterior standard deviation of a parameter given the other
        parameters. Both are computed in float64 at `point`.
    converged : bool
        True if `gradient_norm` is at most the tolerance.
    iterations : int
        Number of sweeps and quasi-Newton steps.
    evaluations : int
        Number of evaluations of all votes.
    seconds : float
        Wall-clock time.
    first_stage : {"float32", "float64"}
        Precision in which the terms of single votes were computed until the gradient norm was small. The last
        steps are always in float64.
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
    """Return the method, value and cost of a mode as plain data."""
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
    renew: int = _MEMORY,
    progress: Callable[[int, float], None] | None = None,
) -> Ascent[P]:
    """Maximise a log posterior from a starting point.

    Parameters
    ----------
    problem : Problem
        The log posterior.
    point : Place
        Starting point.
    first_stage : {"float32", "float64"}
        Precision of the first steps. The last steps are in float64.
    tolerance : float
        Largest gradient norm at which the fit counts as converged.
    max_iterations : int
        Maximum number of steps.
    began : float
        Value of `time.perf_counter` at the beginning of the fit.
    sweeps : int
        Number of earlier steps, which are added to `iterations`.
    renew : int
        Number of steps after which the metric is computed again, until the gradient norm is small. The
        default, the number of steps that BFGS remembers, suits a metric in blocks: the history of steps
        corrects its error, until the point has moved too far from where the metric was computed. In two or
        more dimensions that is the rule for random starts.
    progress : callable, optional
        Called with the iteration and the gradient norm.

    Returns
    -------
    Ascent
        The mode. The fit converged if the gradient norm at the reported point is at most `tolerance`.
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
            # The metric belongs to an earlier point: compute the gradient norm with the metric of the
            # reported point.
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
        worn = norm > _CLOSE and len(history) >= renew
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
    """A step, and the change of the gradient along the step.

    Vectors are in float32, because many are stored and they affect only the direction of the next step. Sums
    over vectors are in float64.
    """

    move: Singles
    bend: Singles
    product: float

    @classmethod
    def of(cls, move: Floats, bend: Floats) -> "_Pair":
        short, bent = move.astype(np.float32), bend.astype(np.float32)
        return cls(short, bent, float(short.astype(np.float64) @ bent.astype(np.float64)))


def _two_loop(gradient: P, history: deque[_Pair], metric: Metric[P]) -> P:
    """Return the inverse curvature times a gradient, with the metric as the initial approximation."""
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
    """Halve the step until the objective rises enough; return None if it never rises enough.

    Close to the mode a rise is smaller than the rounding error of the objective. A step is then also accepted
    if the slope at its end shows that the step does not go far beyond the maximum. This is the approximate
    Wolfe condition of Hager & Zhang (2005, https://doi.org/10.1137/030601880).
    """
    along = direction.flat()
    rise = float(slope.gradient.flat() @ along)
    if not rise > 0:
        return None
    rounding = (_ROUNDING32 if precision == "float32" else _ROUNDING) * abs(slope.value)
    # Far steps in a log gap make both cutpoints of an item equal, where there is no likelihood.
    length = _LONGEST / max(_LONGEST, float(np.abs(direction.log_gaps).max(initial=0.0)))
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
