"""Profile-likelihood intervals, plain or penalised."""

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
    problem: Problem, solution: Solution, at: int, variance: float, level: float
) -> tuple[float, float]:
    """Return where twice the fall of the profile reaches the chi-squared quantile.

    Parameters
    ----------
    problem, solution : Problem, Solution
        A fit and its maximum.
    at : int
        The parameter.
    variance : float
        A rough variance, for the first step.
    level : float

    Returns
    -------
    tuple of float
        An end is infinite where the profile never falls that far.

    Notes
    -----
    With the penalty of the whole model at every point, as ``logistf`` has it. A penalised profile may have
    more than one maximum in the other parameters: each point is climbed from the nearest one that lies
    closer to the fit, so that all are on the branch that comes from it.

    Raises
    ------
    NotUsableError
        If some point of the profile cannot be found.
    """
    reach = float(chdtri(1.0, 1 - level))
    best = solution.params[at]
    first = float(np.sqrt(variance)) if np.isfinite(variance) and variance > 0 else 1.0

    def side(sign: float) -> float:
        known: dict[float, tuple[float, Floats]] = {0.0: (-reach, solution.params)}

        def excess(distance: float) -> float:
            if distance not in known:
                closer = max(passed for passed in known if passed < distance)
                found = _climb(problem, known[closer][1], (at, best + sign * distance))
                known[distance] = (2 * (solution.objective - found.objective) - reach, found.params)
            return known[distance][0]

        near, far = 0.0, first
        while excess(far) < 0:
            near, far = far, 2 * far
            if far > _FARTHEST * max(1.0, first):
                return sign * np.inf
        return best + sign * float(brentq(excess, near, far, xtol=_PRECISION))

    return side(-1.0), side(1.0)


def profile_test(problem: Problem, solution: Solution, at: int, value: float) -> float:
    """Return the p-value of one parameter's value by twice the fall of the profile, plain or penalised.

    Parameters
    ----------
    problem, solution : Problem, Solution
        A fit and its maximum.
    at : int
        The parameter.
    value : float
        Its value under the null hypothesis.

    Raises
    ------
    NotUsableError
        If the restricted model cannot be fitted.

    Notes
    -----
    The test whose interval `profile_interval` returns; of a penalised fit that of Heinze & Schemper (2002,
    https://doi.org/10.1002/sim.1047).
    """
    restricted = _climb(problem, solution.params, (at, value))
    return float(chdtrc(1.0, max(2 * (solution.objective - restricted.objective), 0.0)))


def best_at(problem: Problem, solution: Solution, at: int, value: float) -> Floats:
    """Return the parameters that do best with one of them held at a value, shape (p,).

    Raises
    ------
    NotUsableError
        If they cannot be found.
    """
    return _climb(problem, solution.params, (at, value)).params


def _climb(problem: Problem, start: Floats, fixed: tuple[int, float]) -> Solution:
    """Maximise with one parameter held."""
    found = maximise(problem, start=start, fixed=fixed)
    if not found.converged:
        raise NotUsableError(
            f"the profile likelihood cannot be climbed with a parameter held at {fixed[1]:.3g}",
            remedy="fewer terms, or variables on a common scale",
        )
    return found
