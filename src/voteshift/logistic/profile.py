"""Profile-likelihood intervals, with or without penalty."""

from typing import Final

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri

from voteshift.errors import NotUsableError
from voteshift.logistic.likelihoods import Floats
from voteshift.logistic.maximise import Problem, Solution, maximise

__all__ = ["best_at", "profile_interval", "profile_test"]

_FARTHEST: Final = 60.0  # standard errors, or units, beyond which an end counts as infinite
_PRECISION: Final = 1e-9  # of an end, in units of the parameter


def profile_interval(
    problem: Problem, solution: Solution, index: int, variance: float, level: float
) -> tuple[float, float]:
    """Return the profile-likelihood interval of one parameter.

    At the ends of the interval, twice the decrease of the profile log-likelihood equals the chi-squared
    quantile.

    Parameters
    ----------
    problem, solution : Problem, Solution
        A fit and its maximum.
    index : int
        Index of the parameter.
    variance : float
        Approximate variance of the parameter, used for the first step of the search.
    level : float
        Coverage of the interval.

    Returns
    -------
    tuple of float
        Lower and upper end. An end is infinite if the profile log-likelihood does not decrease by this
        amount.

    Notes
    -----
    Every point uses the penalty of the complete model, as in ``logistf``. A penalised profile may have more
    than one maximum in the other parameters. The search for each point therefore starts from the nearest
    point closer to the fit, so that all points are on the same branch.

    Raises
    ------
    NotUsableError
        If the search does not converge at a point of the profile.
    """
    reach = float(chdtri(1.0, 1 - level))
    best = solution.params[index]
    first = float(np.sqrt(variance)) if np.isfinite(variance) and variance > 0 else 1.0

    def side(sign: float) -> float:
        climbed: dict[float, tuple[float, Floats]] = {0.0: (-reach, solution.params)}

        def excess(distance: float) -> float:
            if distance not in climbed:
                closer = max(passed for passed in climbed if passed < distance)
                solution_held = _climb(problem, climbed[closer][1], (index, best + sign * distance))
                climbed[distance] = (
                    2 * (solution.objective - solution_held.objective) - reach,
                    solution_held.params,
                )
            return climbed[distance][0]

        near, far = 0.0, first
        while excess(far) < 0:
            near, far = far, 2 * far
            if far > _FARTHEST * max(1.0, first):
                return sign * np.inf
        return best + sign * float(brentq(excess, near, far, xtol=_PRECISION))

    return side(-1.0), side(1.0)


def profile_test(problem: Problem, solution: Solution, index: int, value: float) -> float:
    """Return the p-value of one parameter from the likelihood ratio (penalised for a penalised fit).

    Parameters
    ----------
    problem, solution : Problem, Solution
        A fit and its maximum.
    index : int
        Index of the parameter.
    value : float
        Value of the parameter under the null hypothesis.

    Raises
    ------
    NotUsableError
        If the restricted model cannot be fitted.

    Notes
    -----
    `profile_interval` returns the interval of this test. For a penalised fit, this is the test of Heinze &
    Schemper (2002, https://doi.org/10.1002/sim.1047).
    """
    restricted = _climb(problem, solution.params, (index, value))
    return float(chdtrc(1.0, max(2 * (solution.objective - restricted.objective), 0.0)))


def best_at(problem: Problem, solution: Solution, index: int, value: float) -> Floats:
    """Maximise the objective with one parameter fixed, and return all parameters, shape (p,).

    Raises
    ------
    NotUsableError
        If the search does not converge.
    """
    return _climb(problem, solution.params, (index, value)).params


def _climb(problem: Problem, start: Floats, fixed: tuple[int, float]) -> Solution:
    """Maximise the objective with one parameter fixed."""
    solution = maximise(problem, start=start, fixed=fixed)
    if not solution.converged:
        raise NotUsableError(
            f"the profile likelihood did not converge with a parameter fixed at {fixed[1]:.3g}",
            remedy="use fewer terms, or variables with similar scales",
        )
    return solution
