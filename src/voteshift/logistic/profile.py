"""Profile-likelihood intervals, plain or penalised."""

from typing import Final

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtri

from voteshift.logistic.maximise import Problem, Solution, maximise

__all__ = ["profile_interval"]

_FARTHEST: Final = 60.0
_PRECISION: Final = 1e-9


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
    With the penalty of the whole model at every point, as ``logistf`` has it.
    """
    reach = float(chdtri(1.0, 1 - level))
    best = solution.params[at]
    first = float(np.sqrt(variance)) if np.isfinite(variance) and variance > 0 else 1.0

    def side(sign: float) -> float:
        start = solution.params

        def excess(distance: float) -> float:
            nonlocal start
            found = maximise(problem, start=start, fixed=(at, best + sign * distance))
            start = found.params
            return 2 * (solution.objective - found.objective) - reach

        near, far = 0.0, first
        while excess(far) < 0:
            near, far = far, 2 * far
            if far > _FARTHEST * max(1.0, first):
                return sign * np.inf
        return best + sign * float(brentq(excess, near, far, xtol=_PRECISION))

    return side(-1.0), side(1.0)
