"""Maximum likelihood by Fisher scoring, with or without Jeffreys' penalty."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voteshift.logistic.likelihoods import Floats, Likelihood

__all__ = ["Problem", "Solution", "maximise"]

#: Converged when the gradient, in standard errors of the parameters, is below this.
TOLERANCE: Final = 1e-9
#: The same for a penalised fit whose gradient does not decrease further: the penalty has numerical
#: derivatives.
TOLERANCE_PENALISED: Final = 1e-6
_MOST_ITERATIONS: Final = 60
_MOST_HALVINGS: Final = 30
#: Longest step, in units of the linear predictor.
_LONGEST_STEP: Final = 5.0
_NUDGE: Final = 1e-5  # step of a central difference, near the cube root of the precision of a float
_PATIENCE: Final = 8  # iterations after which scoring ends, because it ignores the curvature of the penalty


@dataclass(frozen=True)
class Problem:
    """The data and the likelihood of one fit.

    Attributes
    ----------
    likelihood : Likelihood
    y : ndarray of int, shape (n,)
        Categories from 0.
    X : ndarray, shape (n, k)
    weights, offset : ndarray, shape (n,)
        Frequency weights, and a part of the linear predictor with coefficient 1.
    penalised : bool
        Add half the log determinant of the information (Firth 1993,
        https://doi.org/10.1093/biomet/80.1.27). Estimates are then finite for any data.
    """

    likelihood: Likelihood
    y: NDArray[np.intp]
    X: Floats
    weights: Floats
    offset: Floats
    penalised: bool = False

    def units(self) -> Floats:
        """Return the largest absolute value of the column of each parameter, shape (p,).

        Parameters multiplied by these values have a common scale.
        """
        reach = np.abs(self.X).max(axis=0)
        columns = np.where(reach > 0, reach, 1.0)
        if self.likelihood.family == "multinomial":
            return np.tile(columns, self.likelihood.n_categories - 1)
        return np.append(columns, np.ones(self.likelihood.n_parameters(len(columns)) - len(columns)))

    def nudges(self, params: Floats) -> Floats:
        """Return steps for numerical differences, in units of the linear predictor, shape (p,)."""
        return _NUDGE * np.maximum(1.0 / self.units(), np.abs(params))

    def log_likelihood(self, params: Floats) -> float:
        """Return the log-likelihood, without the penalty."""
        P = self.likelihood.probabilities(params, self.X, self.offset)[np.arange(len(self.y)), self.y]
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.log(P) @ self.weights
        return float(value) if np.isfinite(value) else -np.inf

    def objective(self, params: Floats) -> float:
        """Return the objective: the log-likelihood, plus the penalty of a penalised problem."""
        value = self.log_likelihood(params)
        if not self.penalised or value == -np.inf:
            return value
        sign, logdet = np.linalg.slogdet(self.information(params))
        return value + 0.5 * float(logdet) if sign > 0 else -np.inf

    @cached_property
    def directions(self) -> Floats:
        """Derivatives of the predictors with respect to the parameters, shape (n, m, p)."""
        return self.likelihood.predictor_slopes(self.X)

    @cached_property
    def _turned(self) -> Floats:
        return np.ascontiguousarray(self.directions.transpose(0, 2, 1))

    def predictors(self, params: Floats) -> Floats:
        """Return the predictors of every row, shape (n, m)."""
        return self.likelihood.predictors(params, self.X, self.offset)

    def scores(self, params: Floats) -> Floats:
        """Return the derivative of each row's log-likelihood, weights included, shape (n, p)."""
        rows = np.arange(len(self.y))
        eta = self.predictors(params)
        inner = (
            self.likelihood.share_slopes(eta)[rows, self.y] / self.likelihood.shares(eta)[rows, self.y, None]
        )
        return np.einsum("nm,nmp->np", self.weights[:, None] * inner, self.directions)

    def information(self, params: Floats) -> Floats:
        """Return the expected information, shape (p, p)."""
        inner = self.likelihood.unit_information(self.predictors(params)) @ self.directions
        outer = self.weights[:, None, None] * self.directions
        p = outer.shape[2]
        return np.asarray(outer.reshape(-1, p).T @ inner.reshape(-1, p))

    def hessian(self, params: Floats) -> Floats:
        """Return the second derivative of the log-likelihood, from exact scores, shape (p, p)."""
        hessian = np.empty((len(params), len(params)))
        for column, step in enumerate(self.nudges(params)):
            nudge = np.zeros_like(params)
            nudge[column] = step
            hessian[column] = (self.scores(params + nudge) - self.scores(params - nudge)).sum(axis=0) / (
                2 * step
            )
        return (hessian + hessian.T) / 2

    def gradient(self, params: Floats) -> Floats:
        """Return the derivative of the objective, shape (p,)."""
        gradient = self.scores(params).sum(axis=0)
        if self.penalised:
            # tr(I^-1 dI) / 2 by way of the predictors, through which the information depends on the rest.
            eta = self.predictors(params)
            spread = self.directions @ np.linalg.solve(self.information(params), self._turned)
            for m in range(eta.shape[1]):
                step = np.zeros(eta.shape[1])
                step[m] = _NUDGE
                change = self.likelihood.unit_information(eta + step)
                change = (change - self.likelihood.unit_information(eta - step)) / (2 * _NUDGE)
                pull = 0.5 * self.weights * np.einsum("nij,nji->n", spread, change)
                gradient += pull @ self.directions[:, m]
        return gradient

    def rows(self, keep: NDArray[np.bool_]) -> "Problem":
        """Return the problem for some of the rows."""
        return replace(
            self, y=self.y[keep], X=self.X[keep], weights=self.weights[keep], offset=self.offset[keep]
        )


@dataclass(frozen=True, slots=True)
class Solution:
    """The result of a search for the maximum.

    Attributes
    ----------
    params : ndarray, shape (p,)
    objective : float
    gradient_norm : float
        Norm of the gradient, in standard errors of the parameters. This norm bounds the distance to the
        maximum.
    iterations : int
    converged : bool
    """

    params: Floats
    objective: float
    gradient_norm: float
    iterations: int
    converged: bool


def maximise(
    problem: Problem, *, start: Floats | None = None, fixed: tuple[int, float] | None = None
) -> Solution:
    """Maximise the (penalised) likelihood.

    Parameters
    ----------
    problem : Problem
    start : ndarray, shape (p,), optional
        Start of the search.
    fixed : (int, float), optional
        Index of a parameter, and the value at which it is fixed. Profile intervals and score tests use this
        argument.

    Returns
    -------
    Solution
        ``converged`` is False if the search stopped before the gradient was small, for instance because the
        data are separated.
    """
    params = (
        problem.likelihood.start(problem.y, problem.X.shape[1], problem.weights)
        if start is None
        else start.copy()
    )
    free = np.ones(len(params), dtype=bool)
    if fixed is not None:
        params[fixed[0]] = fixed[1]
        free[fixed[0]] = False
    params = problem.likelihood.in_order(params, problem.X.shape[1], None if fixed is None else fixed[0])
    value = problem.objective(params)
    if not np.isfinite(value):
        return Solution(params, value, np.inf, 0, converged=False)
    norm = np.inf
    for iteration in range(_MOST_ITERATIONS + 1):
        gradient = problem.gradient(params)[free]
        information = problem.information(params)[np.ix_(free, free)]
        try:
            step = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            return Solution(params, value, np.inf, iteration, converged=False)
        if problem.penalised and iteration >= _PATIENCE:
            step = _newton(problem, params, gradient, free, otherwise=step)
        before, norm = norm, float(np.sqrt(max(float(gradient @ step), 0.0)))
        done = problem.penalised and norm < TOLERANCE_PENALISED and norm > before / 2
        if norm < TOLERANCE or done:
            return Solution(params, value, norm, iteration, converged=True)
        whole = np.zeros_like(params)
        whole[free] = step
        longest = float(np.abs(problem.likelihood.predictors(whole, problem.X)).max())
        step *= min(1.0, _LONGEST_STEP / max(longest, 1e-300))
        better = False
        for _ in range(_MOST_HALVINGS):
            tried = params.copy()
            tried[free] += step
            reached = problem.objective(tried)
            # Close to the maximum the gain is below the rounding error, but the gradient is still
            # informative.
            if reached > value - 1e-10 * max(1.0, abs(value)) * (norm < 1e-3):
                better = True
                break
            step /= 2
        if not better:
            break
        params, value = tried, reached
    return Solution(params, value, norm, iteration, converged=False)


def _newton(
    problem: Problem, params: Floats, gradient: Floats, free: NDArray[np.bool_], *, otherwise: Floats
) -> Floats:
    """Return the Newton step of the free parameters, or `otherwise` if the objective is not concave."""
    columns = []
    nudges = problem.nudges(params)
    for column in np.flatnonzero(free):
        nudge = np.zeros_like(params)
        nudge[column] = nudges[column]
        change = problem.gradient(params + nudge) - problem.gradient(params - nudge)
        columns.append(change[free] / (2 * nudges[column]))
    curvature = -np.array(columns)
    curvature = (curvature + curvature.T) / 2
    try:
        np.linalg.cholesky(curvature)
    except np.linalg.LinAlgError:
        return otherwise
    return np.asarray(np.linalg.solve(curvature, gradient))
