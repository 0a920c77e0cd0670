"""The votes of two roll calls, encoded together, for two fits of the same formula."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import NotUsableError
from voteshift.logistic.design import Design
from voteshift.logistic.inference import solve
from voteshift.logistic.likelihoods import Floats, Likelihood
from voteshift.logistic.maximise import Problem

__all__ = ["Flags", "TwoVotes", "check_vote"]

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class TwoVotes:
    """Two groups of votes, encoded together.

    Attributes
    ----------
    design : Design
        Design of both roll calls.
    likelihood : Likelihood
    group : ndarray of bool, shape (n,)
        True for the rows of the new roll call.
    penalised : bool
        True if both fits have Jeffreys' penalty.
    """

    design: Design
    likelihood: Likelihood
    group: Flags
    penalised: bool

    def problem(self, rows: Flags, weights: Floats) -> Problem:
        """Return the problem for some of the rows."""
        return Problem(
            self.likelihood,
            self.design.y[rows],
            self.design.X[rows],
            weights[rows],
            np.zeros(int(rows.sum())),
            self.penalised,
        )

    def fit(self, rows: Flags, weights: Floats, start: Floats | None = None) -> Floats:
        """Return the estimates for some of the rows.

        The constants of a penalised fit are set so that the fit reproduces the observed shares.
        """
        problem = self.problem(rows, weights)
        params = solve(problem, start).params
        return _recentred(problem, params) if self.penalised else params

    def observed(self, rows: Flags, weights: Floats) -> Floats:
        """Return the shares of the categories, shape (K,)."""
        counts = np.bincount(self.design.y[rows], weights[rows], self.likelihood.n_categories)
        return np.asarray(counts / counts.sum())


def check_vote(votes: TwoVotes, name: str, rows: Flags) -> None:
    """Raise an error if a model cannot be fitted to the votes of one roll call."""
    design = votes.design
    missing = [word for k, word in enumerate(design.categories) if not (design.y[rows] == k).any()]
    if missing:
        word = missing[0].removeprefix("not ")
        message = (
            f"every vote is {word} in {name}" if word != missing[0] else f"nobody voted {word} in {name}"
        )
        raise NotUsableError(message, remedy="fit a binary model of another category")
    X = design.X[rows]
    X = X if "Intercept" in design.columns else np.column_stack([np.ones(len(X)), X])
    if np.linalg.matrix_rank(X) < X.shape[1]:
        raise NotUsableError(
            f"the terms are collinear in the votes of {name}", remedy="leave out a term, or merge levels"
        )


def _recentred(problem: Problem, params: Floats) -> Floats:
    """Set the constants so that the mean fitted shares equal the observed shares.

    This is FLIC of Puhr et al. (2017, https://doi.org/10.1002/sim.7273), extended to several constants.
    """
    likelihood, K = problem.likelihood, problem.likelihood.n_categories
    target = np.bincount(problem.y, problem.weights, K) / problem.weights.sum()
    share = problem.weights / problem.weights.sum()
    eta = likelihood.predictors(params, problem.X)
    shift = np.zeros(eta.shape[1])
    for _ in range(100):
        gap = target - share @ likelihood.shares(eta + shift)
        if np.abs(gap).max() < 1e-14:
            break
        slope = np.tensordot(share, likelihood.share_slopes(eta + shift), axes=1)
        step = np.linalg.lstsq(slope, gap, rcond=None)[0]
        shift += step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
    recentred = params.copy()
    k = problem.X.shape[1]
    if likelihood.family.startswith("ordered"):
        recentred[k:] += shift
    else:
        recentred.reshape(-1, k)[:, 0] += shift
    return recentred
