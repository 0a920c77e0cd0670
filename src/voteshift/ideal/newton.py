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

__all__ = ["Evaluation", "Maxima", "concave", "maximise"]

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
_ASIDE: Final = 0.5  # length of the first step away from a saddle


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
