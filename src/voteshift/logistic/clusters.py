"""Inference if votes of a member depend on each other: sandwich, jackknife, weights, score bootstrap."""

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voteshift.logistic.likelihoods import Floats
from voteshift.logistic.maximise import Problem, maximise
from voteshift.logistic.separation import is_separated, suspicious

__all__ = ["Jackknife", "cluster_sums", "cr1", "jackknife", "random_weights", "score_test"]

_FEWEST_DRAWS: Final = 99  # smallest number of draws in the comparison with the number of sign patterns


@dataclass(frozen=True, slots=True)
class Jackknife:
    """Fits with one cluster left out at a time.

    Attributes
    ----------
    replicates : ndarray, shape (n_clusters, p)
        Estimates without each cluster; NaN if the fit failed.
    failed : ndarray of bool, shape (n_clusters,)
        True if the votes of the other clusters are separated, or their fit did not converge.
    """

    replicates: Floats
    failed: NDArray[np.bool_]

    def covariance(self, params: Floats) -> Floats:
        """Return the CR3 covariance, shape (p, p).

        The covariance is (G - 1) / G times the sum of squared deviations from the estimate, where G is the
        number of clusters.

        References
        ----------
        Bell & McCaffrey (2002), Survey Methodology 28(2); for nonlinear models Hansen (2025), "Jackknife
        standard errors for clustered regression".
        """
        away = self.replicates - params
        n_clusters = len(away)
        return (n_clusters - 1) / n_clusters * (away.T @ away)


def cluster_sums(scores: Floats, clusters: NDArray[np.intp]) -> Floats:
    """Add up the scores of every cluster.

    Parameters
    ----------
    scores : ndarray, shape (n, p)
    clusters : ndarray of int, shape (n,)
        Cluster of each row, from 0.

    Returns
    -------
    ndarray, shape (n_clusters, p)
    """
    summed = np.zeros((int(clusters.max()) + 1, scores.shape[1]))
    np.add.at(summed, clusters, scores)
    return summed


def cr1(problem: Problem, params: Floats, clusters: NDArray[np.intp]) -> Floats:
    """Return the cluster-robust covariance with the factor G / (G - 1) for G clusters, shape (p, p).

    Parameters
    ----------
    problem : Problem
    params : ndarray, shape (p,)
        The parameters at the maximum of the problem.
    clusters : ndarray of int, shape (n,)
        Cluster of each row, from 0.

    Notes
    -----
    This is the sandwich of Liang & Zeger (1986) with the observed information. ``sandwich::vcovCL`` returns
    the same covariance for these models.
    """
    summed = cluster_sums(problem.scores(params), clusters)
    n_clusters = len(summed)
    bread = np.linalg.inv(-problem.hessian(params))
    return n_clusters / (n_clusters - 1) * (bread @ (summed.T @ summed) @ bread)


def jackknife(problem: Problem, params: Floats, clusters: NDArray[np.intp]) -> Jackknife:
    """Fit the model without each cluster in turn.

    Parameters
    ----------
    problem, params, clusters
        As for `cr1`.

    Returns
    -------
    Jackknife
        A cluster has no replicate if the fit without the cluster did not converge, or if the other votes are
        separated. Separation is tested only if an unpenalised fit is `suspicious`.
    """
    n_clusters = int(clusters.max()) + 1
    replicates = np.full((n_clusters, len(params)), np.nan)
    failed = np.zeros(n_clusters, dtype=bool)
    for cluster in range(n_clusters):
        rest = problem.rows(clusters != cluster)
        solution = maximise(rest, start=params)
        has_ended = solution.converged
        if not problem.penalised and suspicious(rest, solution):
            has_ended = has_ended and not is_separated(rest)
        failed[cluster] = not has_ended
        if has_ended:
            replicates[cluster] = solution.params
    return Jackknife(replicates, failed)


def random_weights(n_clusters: int, n_draws: int, seed: int) -> Floats:
    """Draw bootstrap weights above 0 for every cluster, shape (n_draws, n_clusters).

    Parameters
    ----------
    n_clusters, n_draws, seed : int

    Notes
    -----
    The weights are uniform on the simplex and add up to the number of clusters (Rubin 1981). Xu et al. (2020,
    https://doi.org/10.1080/00031305.2020.1731599) recommend these weights for models that lose cells when
    cases are resampled. No cluster has weight 0. A replicate is therefore separated only if the data are
    separated, and every replicate keeps every level of every factor.
    """
    drawn = np.random.default_rng(seed).exponential(size=(n_draws, n_clusters))
    return np.asarray(drawn * (n_clusters / drawn.sum(axis=1, keepdims=True)))


def score_test(
    problem: Problem,
    start: Floats,
    clusters: NDArray[np.intp],
    null: tuple[int, float],
    *,
    n_draws: int,
    seed: int,
) -> float:
    """Return the p-value of a null hypothesis on one parameter, by the wild score bootstrap.

    The null hypothesis is imposed.

    Parameters
    ----------
    problem : Problem
        A problem without penalty.
    start : ndarray, shape (p,)
        Start of the search for the restricted estimate.
    clusters : ndarray of int, shape (n,)
    null : (int, float)
        Index of the parameter, and its value under the null hypothesis.
    n_draws, seed : int
        Number of draws of Rademacher weights, and seed of the random numbers. If there are at most
        `n_draws` (or 99) sign patterns of the clusters, all patterns are used instead of draws.

    Returns
    -------
    float
        The p-value; NaN if the restricted model has no finite estimate.

    References
    ----------
    Kline & Santos (2012), Journal of Econometric Methods 1(1), https://doi.org/10.1515/2156-6674.1006.
    """
    restricted = maximise(problem, start=start, fixed=null)
    if not restricted.converged:
        return float("nan")
    others = np.arange(len(start)) != null[0]
    summed = cluster_sums(problem.scores(restricted.params), clusters)
    n_clusters = len(summed)
    information = -problem.hessian(restricted.params)
    onto = np.linalg.solve(information[np.ix_(others, others)], information[others, null[0]])
    # The score of each cluster after the other parameters have been fitted.
    score = summed[:, null[0]] - summed[:, others] @ onto
    if 2**n_clusters <= max(n_draws, _FEWEST_DRAWS):
        signs = np.array(list(product((-1.0, 1.0), repeat=n_clusters)))
    else:
        signs = np.random.default_rng(seed).choice(np.array([-1.0, 1.0]), size=(n_draws, n_clusters))
    observed = abs(score.sum())
    drawn = np.abs(signs @ score)
    # Signs do not change the sum of squares that studentises the score, so the sums can be compared directly.
    reached = int((drawn >= observed * (1 - 1e-12)).sum())
    exhaustive = len(signs) == 2**n_clusters
    return reached / len(signs) if exhaustive else (reached + 1) / (len(signs) + 1)
