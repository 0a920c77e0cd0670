"""Separation: data along which a likelihood rises for ever."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from voteshift.logistic.maximise import Problem, Solution

__all__ = ["separated", "suspicious"]

_TOLERANCE: Final = 1e-6
#: A linear predictor beyond this is where a search goes that has no end.
_FAR: Final = 12.0


def separated(problem: Problem) -> NDArray[np.int8]:
    """Find the parameters that have no finite maximum-likelihood estimate.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    ndarray of int8, shape (p,)
        1 where the estimate runs to plus infinity, -1 to minus infinity, 0 where it is finite.

    Notes
    -----
    The linear program of Konis (2007) over the constraints of the family: a direction along which no row
    loses likelihood and some gain. Columns are brought to a common scale first.
    """
    keep = problem.weights > 0
    rows = problem.likelihood.constraints(problem.y[keep], problem.X[keep])
    scale = np.abs(rows).max(axis=0)
    rows = rows / np.where(scale > 0, scale, 1.0)
    found = linprog(
        -rows.sum(axis=0), A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=(-1.0, 1.0), method="highs"
    )
    if found.status != 0:  # pragma: no cover - the zero direction is always allowed, so the solver broke
        raise RuntimeError(f"the search for separation failed: {found.message}")
    best = np.asarray(found.x)
    if float((rows @ best).sum()) <= _TOLERANCE:
        return np.zeros(rows.shape[1], dtype=np.int8)
    direction = np.where(np.abs(best) > _TOLERANCE, np.sign(best), 0.0)
    return direction.astype(np.int8)


def suspicious(problem: Problem, solution: Solution) -> bool:
    """Return whether a solution looks like one of separated data: worth the linear program."""
    if not solution.converged:
        return True
    P = problem.likelihood.probabilities(solution.params, problem.X, problem.offset)
    # Any category will do: quasi-separation may close one and leave the others open.
    return bool((np.exp(-_FAR) > P).any())
