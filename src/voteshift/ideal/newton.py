"""Newton's method for many small problems at the same time.

A problem is a log-likelihood or log posterior of few parameters: one item given the positions, or the items
of one resolution and sigma. The problems are independent, and one evaluation covers all that have not yet
converged.

If a full step does not increase the objective, the information matrix is mixed with a matrix that is never
negative. For a model with unknown effects, this is the information matrix for known effects, and the step
becomes that of the EM gradient algorithm (Lange 1995,
https://doi.org/10.1111/j.2517-6161.1995.tb02037.x).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Evaluation", "Maxima", "concave", "continue_within_radius", "maximise"]

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
_ASIDE: Final = 0.5  # length of the first step away from a saddle
_RADIUS: Final = 0.1  # first radius of `continue_within_radius`
_POOR, _GOOD = 0.25, 0.75  # share of the expected increase below and above which the radius changes
_HALVINGS: Final = 60


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Objective and derivatives of several problems, each at its point.

    Attributes
    ----------
    value : ndarray, shape (n_problems,)
        The objective: the log-likelihood plus the log of the priors or minus the penalty.
    log_likelihood : ndarray, shape (n_problems,)
        The log-likelihood alone.
    gradient : ndarray, shape (n_problems, n_parameters)
        Gradient of the objective.
    information : ndarray, shape (n_problems, n_parameters, n_parameters)
        Minus the second derivative of the objective, or its expectation.
    complete : ndarray, of the same shape
        A positive definite matrix that is used if `information` is not, or if a step fails.
    """

    value: Floats
    log_likelihood: Floats
    gradient: Floats
    information: Floats
    complete: Floats


def concave(gradient: Floats, information: Floats) -> Evaluation:
    """Return the evaluation of concave problems. Every step is taken, so the value is set to 0."""
    none = np.zeros(len(gradient))
    return Evaluation(none, none, gradient, information, information)


@dataclass(frozen=True, slots=True)
class Maxima:
    """The points where the search ended, one for each problem.

    Attributes
    ----------
    point : ndarray, shape (n_problems, n_parameters)
        Last point that was evaluated and accepted.
    step : ndarray, shape (n_problems, n_parameters)
        Newton step from this point, not yet taken.
    log_likelihood : ndarray, shape (n_problems,)
        Log-likelihood at the point. It is set to 0 if the evaluations come from `concave`, which computes no
        log-likelihood.
    information : ndarray, shape (n_problems, n_parameters, n_parameters)
        Information matrix at the point.
    converged : ndarray of bool, shape (n_problems,)
        True if the point is a maximum. At a maximum the information matrix is positive definite, and a full
        Newton step would increase the objective by less than the tolerance.
    """

    point: Floats
    step: Floats
    log_likelihood: Floats
    information: Floats
    converged: NDArray[np.bool_]


def maximise(
    evaluate: Callable[[Floats, Rows], Evaluation],
    start: Floats,
    move: Callable[[Floats, Floats, Rows], Floats],
    *,
    tolerance: float,
    slack: float,
    max_steps: int,
) -> Maxima:
    """Maximise the objective of every problem.

    Parameters
    ----------
    evaluate : callable
        Function of points, shape (n, n_parameters), and of the indices of their problems, shape (n,).
    start : ndarray, shape (n_problems, n_parameters)
        Starting points.
    move : callable
        Function of points, steps and indices. It returns the points at the end of the steps. It shortens
        steps that are too long or that would leave the parameter space.
    tolerance : float
        Increase of the objective by a further full step below which a problem has converged. The increase is
        the step times the gradient.
    slack : float
        Decrease of the objective at which a step is still accepted.
    max_steps : int
        Maximum number of steps, rejected ones included.
    """
    n_problems, n_parameters = start.shape
    point, step, gradient = start.copy(), np.zeros_like(start), np.zeros_like(start)
    information, complete = (np.zeros((n_problems, n_parameters, n_parameters)) for _ in range(2))
    value, log_likelihood = np.full(n_problems, -np.inf), np.full(n_problems, -np.inf)
    damping = np.zeros(n_problems)
    aside = np.full(n_problems, _ASIDE)
    converged = np.zeros(n_problems, dtype=bool)
    for _ in range(max_steps):
        active = np.flatnonzero(~converged)
        if not len(active):
            break
        trial = move(point[active], step[active], active)
        evaluation = evaluate(trial, active)
        better = evaluation.value > value[active] - slack
        taken = active[better]
        point[taken], value[taken] = trial[better], evaluation.value[better]
        log_likelihood[taken] = evaluation.log_likelihood[better]
        gradient[taken], information[taken] = evaluation.gradient[better], evaluation.information[better]
        complete[taken] = evaluation.complete[better]
        damping[taken] *= 0.25
        damping[taken] = np.where(damping[taken] < 0.02, 0.0, damping[taken])
        back = active[~better]
        damping[back] = np.clip(4.0 * damping[back], 0.1, None)
        step[active], rise = _steps(gradient[active], information[active], complete[active], damping[active])
        # If the information matrix is not positive definite, the complete matrix takes its place.
        astray = ~(rise >= 0.0) | ~np.isfinite(step[active]).all(axis=1)
        lost = active[astray]
        if len(lost):
            damping[lost] = np.maximum(damping[lost], 1.0)
            step[lost], rise[astray] = _steps(
                gradient[lost], information[lost], complete[lost], damping[lost]
            )
        near = active[(rise >= 0.0) & (rise < tolerance) & (damping[active] < 1.0)]
        if len(near):
            # The undamped information gives the expected increase and distinguishes maxima from saddles.
            converged[near], away = _at_maximum(gradient[near], information[near], tolerance)
            saddle = np.isfinite(away).all(axis=1)
            step[near[saddle]] = aside[near[saddle], None] * away[saddle]
            # If this step is too long to increase the objective, the next is shorter and to the other side.
            aside[near[saddle]] *= -0.5
    return Maxima(point, step, log_likelihood, information, converged)


def continue_within_radius(
    evaluate: Callable[[Floats, Rows], Evaluation],
    maxima: Maxima,
    move: Callable[[Floats, Floats, Rows], Floats],
    *,
    tolerance: float,
    max_steps: int,
) -> Maxima:
    """Continue the searches that have not converged, with steps within a radius (trust region).

    Along a flat ridge, the curvature can change within a short distance. A full Newton step is then too long,
    and a step with the complete matrix is too short. These steps maximise the quadratic approximation within
    a radius, which grows after good steps and shrinks after poor steps (Moré & Sorensen 1983,
    https://doi.org/10.1137/0904038).

    Parameters
    ----------
    evaluate, move, tolerance
        As in `maximise`.
    maxima : Maxima
        The result of `maximise`. Searches that converged are kept.
    max_steps : int
        Maximum number of steps.
    """
    left = np.flatnonzero(~maxima.converged)
    if not len(left):
        return maxima
    point, step, information = maxima.point.copy(), maxima.step.copy(), maxima.information.copy()
    log_likelihood, converged = maxima.log_likelihood.copy(), maxima.converged.copy()
    start = evaluate(point[left], left)
    value, gradient = np.full(len(point), -np.inf), np.zeros_like(point)
    value[left], gradient[left], information[left] = start.value, start.gradient, start.information
    radius = np.full(len(point), _RADIUS)
    for _ in range(max_steps):
        step[left] = _steps_within(gradient[left], information[left], radius[left])
        trial = move(point[left], step[left], left)
        taken = trial - point[left]
        bend = np.einsum("rp,rpq,rq->r", taken, information[left], taken)
        expected = np.einsum("rp,rp->r", taken, gradient[left]) - 0.5 * bend
        evaluation = evaluate(trial, left)
        gain = evaluation.value - value[left]
        length = np.sqrt((taken**2).sum(axis=1))
        poor = ~(gain >= _POOR * expected)
        at_limit = (gain > _GOOD * expected) & (length > 0.99 * radius[left])
        radius[left] = np.where(poor, _POOR * length, np.where(at_limit, 2.0 * length, radius[left]))
        better = gain > 0.0
        rows = left[better]
        point[rows], value[rows] = trial[better], evaluation.value[better]
        log_likelihood[rows] = evaluation.log_likelihood[better]
        gradient[rows], information[rows] = evaluation.gradient[better], evaluation.information[better]
        converged[left], _ = _at_maximum(gradient[left], information[left], tolerance)
        left = np.flatnonzero(~converged)
        if not len(left):
            break
    return Maxima(point, step, log_likelihood, information, converged)


def _steps_within(gradient: Floats, information: Floats, radius: Floats) -> Floats:
    """Return the steps that maximise the quadratic approximation within a radius."""
    spread, axes = np.linalg.eigh(information)
    along = np.einsum("rpq,rp->rq", axes, gradient)
    # A small slope along the lowest eigenvalue leads away from a saddle.
    along[:, 0] = np.where(along[:, 0] == 0.0, np.finfo(float).tiny, along[:, 0])
    low = np.maximum(-spread[:, 0], 0.0)
    high = low + np.sqrt((along**2).sum(axis=1)) / radius

    def lengths(shift: Floats) -> Floats:
        with np.errstate(divide="ignore", over="ignore"):
            return np.asarray(np.sqrt(((along / (spread + shift[:, None])) ** 2).sum(axis=1)))

    newton = (spread[:, 0] > 0.0) & (lengths(np.zeros(len(low))) <= radius)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        outside = lengths(middle) > radius
        low, high = np.where(outside, middle, low), np.where(outside, high, middle)
    shift = np.where(newton, 0.0, high)
    return np.einsum("rpq,rq->rp", axes, along / (spread + shift[:, None]))


def _steps(gradient: Floats, information: Floats, complete: Floats, damping: Floats) -> tuple[Floats, Floats]:
    """Return damped steps, and the increase of the objective that each step is expected to give.

    Damping mixes the information matrix with the complete matrix.
    """
    curvature = information + damping[:, None, None] * (complete - information)
    # With a damping above 1, the steps only get shorter.
    curvature = np.where(damping[:, None, None] > 1.0, damping[:, None, None] * complete, curvature)
    try:
        step = np.linalg.solve(curvature, gradient[..., None])[..., 0]
    except np.linalg.LinAlgError:
        return np.zeros_like(gradient), np.full(len(gradient), np.nan)
    rise: Floats = np.einsum("rp,rp->r", step, gradient)
    return np.asarray(step, dtype=np.float64), rise


def _at_maximum(gradient: Floats, information: Floats, tolerance: float) -> tuple[NDArray[np.bool_], Floats]:
    """Return whether points are maxima by the undamped information, and steps away from saddle points.

    At a maximum the information matrix is positive definite, and a Newton step would increase the
    objective by less than the tolerance. From a saddle point, the step has length 1 and the direction of the
    lowest eigenvalue of the information matrix. If the information matrix is positive definite, the step is
    NaN.
    """
    spread, axes = np.linalg.eigh(information)
    along = np.einsum("rpq,rp->rq", axes, gradient)
    least = np.finfo(float).eps * gradient.shape[1] * np.abs(spread[:, -1])
    bent = spread[:, 0] > least
    rise = np.full(len(gradient), np.inf)
    rise[bent] = (along[bent] ** 2 / spread[bent]).sum(axis=1)
    side = np.where(along[:, 0] < 0.0, -1.0, 1.0)
    away = np.where(bent[:, None], np.nan, side[:, None] * axes[:, :, 0])
    return bent & (rise < tolerance), away
