"""Penalty for separated data, and the choice of standard errors."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import NotUsableError
from voteshift.logistic.clusters import Jackknife, cr1, jackknife
from voteshift.logistic.likelihoods import Floats
from voteshift.logistic.maximise import Problem, Solution, maximise
from voteshift.logistic.separation import describe_directions, separated
from voteshift.prose import join_words

__all__ = ["Errors", "Inference", "infer", "solve"]

Errors = Literal["CR3", "CR1", "naive"]
_JACKKNIFE: Final = "CR3"


@dataclass(frozen=True, slots=True)
class Inference:
    """A fit and its covariance.

    Attributes
    ----------
    problem, solution : Problem, Solution
        The problem, with a penalty if separation requires it, and its maximum.
    covariance : ndarray, shape (p, p)
    df : float
    jack : Jackknife or None
    infinite : ndarray of int8, shape (p,)
        The value of `voteshift.logistic.separation.separated`.
    hanging : tuple of int
        Clusters whose omission separates the data, although the complete data are not separated.
    """

    problem: Problem
    solution: Solution
    covariance: Floats
    df: float
    jack: Jackknife | None
    infinite: NDArray[np.int8]
    hanging: tuple[int, ...]


def infer(
    problem: Problem,
    clusters: NDArray[np.intp],
    *,
    errors: Errors,
    penalised: bool | None,
    labels: Sequence[str],
    names: Sequence[str],
) -> Inference:
    """Fit a model, with a penalty if the data require one, and compute standard errors.

    Parameters
    ----------
    problem : Problem
    clusters : ndarray of int, shape (n,)
    errors : {"CR3", "CR1", "naive"}
    penalised : bool, optional
        None adds the penalty if the data are separated. With CR3, None also adds the penalty if the data
        without one of the clusters are separated.
    labels, names : sequence of str
        Labels of the parameters and names of the clusters, for messages.

    Raises
    ------
    NotUsableError
        If the fit does not converge, the data are separated and `penalised` is False, or the standard
        errors are invalid for separated data.
    """
    problem = replace(problem, penalised=bool(penalised))
    infinite = separated(problem)
    if infinite.any():
        directions = describe_directions(labels, infinite)
        if penalised is False:
            raise NotUsableError(
                f"the votes are separated: maximum likelihood has no finite estimate of {directions}",
                remedy="leave out penalised=, or give model='firth' for a binary model",
            )
        if errors != _JACKKNIFE:
            raise NotUsableError(
                f"the votes are separated ({directions}), so {errors} standard errors are invalid",
                remedy="give errors='CR3'",
            )
        problem = replace(problem, penalised=True)
    solution = solve(problem)
    hanging: tuple[int, ...] = ()
    if errors != _JACKKNIFE:
        covariance, df = _curvature(problem, solution), np.inf
        if errors == "CR1":
            covariance, df = cr1(problem, solution.params, clusters), float(clusters.max())
        return Inference(problem, solution, covariance, df, None, infinite, hanging)
    jack = jackknife(problem, solution.params, clusters)
    if jack.failed.any() and penalised is None and not problem.penalised:
        hanging = tuple(map(int, np.flatnonzero(jack.failed)))
        problem = replace(problem, penalised=True)
        solution = solve(problem)
        jack = jackknife(problem, solution.params, clusters)
    if jack.failed.any():
        members = join_words([names[cluster] for cluster in np.flatnonzero(jack.failed).tolist()])
        raise NotUsableError(
            f"the jackknife fails, because the model cannot be fitted without {members}",
            remedy="leave out the terms that depend on these votes"
            if problem.penalised
            else "leave out penalised=, or give errors='CR1'",
        )
    df = float(clusters.max())
    return Inference(problem, solution, jack.covariance(solution.params), df, jack, infinite, hanging)


def solve(problem: Problem, start: Floats | None = None) -> Solution:
    """Maximise a problem, and raise an error if the search does not converge.

    Parameters
    ----------
    problem : Problem
    start : ndarray, shape (p,), optional
        Start of the search.

    Raises
    ------
    NotUsableError
        If the search does not converge.
    """
    solution = maximise(problem, start=start)
    if not solution.converged:
        raise NotUsableError(
            f"the fit did not converge (the gradient is {solution.gradient_norm:.1e} standard errors after "
            f"{solution.iterations} iterations)",
            remedy="use fewer terms, or variables with similar scales",
        )
    return solution


def _curvature(problem: Problem, solution: Solution) -> Floats:
    if problem.penalised:
        return np.asarray(np.linalg.inv(problem.information(solution.params)), dtype=np.float64)
    return np.asarray(np.linalg.inv(-problem.hessian(solution.params)), dtype=np.float64)
