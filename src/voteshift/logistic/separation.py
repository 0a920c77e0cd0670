"""Separation: a test for data without finite maximum-likelihood estimates."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from voteshift.logistic.likelihoods import Floats
from voteshift.logistic.maximise import Problem, Solution
from voteshift.writing import MINUS

__all__ = ["EITHER_WAY", "describe_directions", "is_separated", "separated", "suspicious"]

_TOLERANCE: Final = 1e-6  # of the linear program, whose directions lie within the unit box
#: A larger linear predictor suggests that the search has no maximum.
_FAR: Final = 12.0
#: The direction of a parameter whose estimate may diverge to plus or to minus infinity.
EITHER_WAY: Final = 2


def is_separated(problem: Problem) -> bool:
    """Return True if some maximum-likelihood estimate is infinite.

    Parameters
    ----------
    problem : Problem

    Notes
    -----
    The linear program of Konis (2007) searches for a direction in the parameters along which the likelihood
    decreases for no row and increases for at least one row.
    """
    rows = _constraints(problem)
    best = _furthest(rows, rows.sum(axis=0))
    return float((rows @ best).sum()) > _TOLERANCE


def separated(problem: Problem) -> NDArray[np.int8]:
    """Find the parameters that have no finite maximum-likelihood estimate.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    ndarray of int8, shape (p,)
        1 if the estimate diverges to plus infinity, -1 if the estimate diverges to minus infinity,
        `EITHER_WAY` if the data allow both, and 0 if the estimate is finite.

    Notes
    -----
    One direction of separation does not always involve all these parameters. For each parameter, two linear
    programs therefore find its largest and its smallest value in directions along which the likelihood
    decreases for no row. Columns are first scaled to a common maximum.
    """
    rows = _constraints(problem)
    directions = np.zeros(rows.shape[1], dtype=np.int8)
    if not is_separated(problem):
        return directions
    for index in range(len(directions)):
        along = np.zeros(len(directions))
        along[index] = 1.0
        up = _furthest(rows, along)[index] > _TOLERANCE
        down = _furthest(rows, -along)[index] < -_TOLERANCE
        directions[index] = EITHER_WAY if up and down else int(up) - int(down)
    return directions


def describe_directions(labels: Sequence[str], ways: NDArray[np.int8]) -> str:
    """Return the labels of the parameters without a finite estimate, and the direction of each."""
    plus, minus = "to +infinity", f"to {MINUS}infinity"
    to = {1: plus, -1: minus, EITHER_WAY: f"{plus} or {MINUS}infinity"}
    return ", ".join(f"{label} ({to[int(way)]})" for label, way in zip(labels, ways, strict=True) if way)


def suspicious(problem: Problem, solution: Solution) -> bool:
    """Return True if separated data are possible, so that the linear program must be solved."""
    if not solution.converged:
        return True
    P = problem.likelihood.probabilities(solution.params, problem.X, problem.offset)
    # One category is enough: quasi-separation may affect only one of the categories.
    return bool((np.exp(-_FAR) > P).any())


def _constraints(problem: Problem) -> Floats:
    keep = problem.weights > 0
    rows = problem.likelihood.constraints(problem.y[keep], problem.X[keep])
    scale = np.abs(rows).max(axis=0)
    return np.asarray(rows / np.where(scale > 0, scale, 1.0))


def _furthest(rows: Floats, along: Floats) -> Floats:
    """Return the direction in the unit box with the largest component along `along`.

    The likelihood of no row decreases in this direction.
    """
    result = linprog(-along, A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=(-1.0, 1.0), method="highs")
    if result.status != 0:  # pragma: no cover - the zero direction is always allowed, so the solver broke
        raise RuntimeError(f"the search for separation failed: {result.message}")
    return np.asarray(result.x)
