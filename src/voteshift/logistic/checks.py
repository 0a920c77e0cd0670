"""Checks of a logistic model: prediction of members left out, influence, calibration, proportional odds."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import fdtrc, stdtr, stdtrit

from voteshift.errors import NotUsableError, UsageError
from voteshift.logistic.arguments import check_type
from voteshift.logistic.clusters import cluster_sums, cr1
from voteshift.logistic.likelihoods import Floats, Likelihood
from voteshift.logistic.maximise import Problem, maximise
from voteshift.logistic.results import LogitResult
from voteshift.logistic.separation import is_separated
from voteshift.prose import join_words
from voteshift.ranges import check_count

__all__ = ["calibration", "compare", "influence", "left_out_probabilities", "proportional_odds"]

_MOST_BINS: Final = 1_000

_FIT: Final = "give a fit of logit() that is not conditional or random-intercept"
_TINY: Final = 1e-300  # a probability whose logarithm is still a number


def left_out_probabilities(result: LogitResult) -> Floats:
    """Predict every vote by the fit without its member.

    Returns
    -------
    ndarray, shape (n, K)

    Raises
    ------
    NotUsableError
        If the rest cannot be fitted without some member.
    """
    jack = result.jackknife
    if jack.failed.any():
        raise _separated_without(result, remedy="compare penalised fits")
    P = np.empty((result.nobs, len(result.design.categories)))
    for cluster, params in enumerate(jack.replicates):
        rows = result.clusters == cluster
        P[rows] = result.problem.likelihood.probabilities(
            params, result.design.X[rows], result.problem.offset[rows]
        )
    return P


def _separated_without(result: LogitResult, *, remedy: str) -> NotUsableError:
    names = join_words(np.array(result.cluster_names)[result.jackknife.failed].tolist())
    return NotUsableError(f"the votes are separated without {names}", remedy=remedy)


def compare(results: Mapping[str, LogitResult]) -> pd.DataFrame:
    """Compare models by how well they predict members they have not seen.

    Parameters
    ----------
    results : mapping of name to LogitResult
        Models of the same votes, clustered alike.

    Returns
    -------
    DataFrame
        Best first: ``model``, ``log_score`` (mean log probability of the vote cast, leaving its member
        out; higher is better), ``behind`` (the best log score minus this one) and ``behind_error``
        (its standard error, clustered by member), ``brier`` (mean squared distance from the vote, summed over
        categories; lower is better), ``aic_working``, ``bic_working`` (of the likelihood that takes votes
        to be independent).

    Raises
    ------
    UsageError
        If the models are not of the same outcome in the same rows.
    """
    check_type(results, Mapping, "results", 'give fits by name: {"one": fit, "other": fit}')
    for name, result in results.items():
        check_type(result, LogitResult, f"results[{name!r}]", _FIT)
    if not results:
        raise UsageError("results is empty", remedy='give fits by name: {"one": fit, "other": fit}')
    first = next(iter(results.values()))
    scores: dict[str, Floats] = {}
    rows = []
    for name, result in results.items():
        if sorted(result.design.categories) != sorted(first.design.categories) or not _same(result, first):
            raise UsageError(
                f"results[{name!r}] is a fit of other votes",
                remedy="fit all models to the same complete rows",
            )
        P = left_out_probabilities(result)
        votes = np.arange(result.nobs)
        scores[name] = np.log(np.maximum(P[votes, result.design.y], _TINY))
        hit = np.zeros_like(P)
        hit[votes, result.design.y] = 1.0
        rows.append(
            {
                "model": name,
                "log_score": scores[name].mean(),
                "brier": ((P - hit) ** 2).sum(axis=1).mean(),
                "aic_working": result.aic,
                "bic_working": result.bic,
            }
        )
    table = pd.DataFrame(rows).sort_values("log_score", ascending=False, kind="stable")
    best = scores[table["model"].iloc[0]]
    behind = [best - scores[name] for name in table["model"]]
    table.insert(2, "behind", [gap.mean() for gap in behind])
    table.insert(3, "behind_error", [_clustered_error(gap, first) for gap in behind])
    return table.reset_index(drop=True)


def _same(one: LogitResult, other: LogitResult) -> bool:
    keys = ["member", "rollcall"] if {"member", "rollcall"} <= set(one.design.frame.columns) else []
    return (
        one.nobs == other.nobs
        and one.cluster_labels == other.cluster_labels
        and one.design.frame[[*keys, one.design.outcome]].equals(
            other.design.frame[[*keys, one.design.outcome]]
        )
    )


def _clustered_error(values: Floats, result: LogitResult) -> float:
    sums = np.bincount(result.clusters, weights=values - values.mean())
    n_clusters = len(sums)
    return float(np.sqrt(n_clusters / (n_clusters - 1) * (sums @ sums)) / len(values))


def calibration(result: LogitResult, *, category: str | None = None, n_bins: int = 5) -> pd.DataFrame:
    """Compare predicted with observed shares, each vote predicted without its member.

    Parameters
    ----------
    result : LogitResult
    category : str, optional
        Of the outcome; of a binary model the one asked about.
    n_bins : int
        Bins of about equal size, in order of the prediction.

    Returns
    -------
    DataFrame
        ``bin``, ``n``, ``predicted``, ``observed``.

    Raises
    ------
    UsageError
        If there is no such category, or there are too few or too many bins.
    NotUsableError
        If the rest cannot be fitted without some member.
    """
    check_type(result, LogitResult, "result", _FIT)
    check_count("n_bins", n_bins, least=2, most=_MOST_BINS)
    categories = result.design.categories
    name = categories[-1] if category is None else category
    if name not in categories:
        raise UsageError(f"category is {name!r}", remedy=f"give one of {', '.join(categories)}")
    if n_bins > result.nobs:
        raise UsageError(f"n_bins is {n_bins}, and there are {result.nobs} votes", remedy="give fewer bins")
    k = categories.index(name)
    P = left_out_probabilities(result)[:, k]
    order = np.argsort(P, kind="stable")
    return pd.DataFrame(
        [
            {
                "bin": number,
                "n": len(rows),
                "predicted": P[rows].mean(),
                "observed": (result.design.y[rows] == k).mean(),
            }
            for number, rows in enumerate(np.array_split(order, n_bins), start=1)
        ]
    )


def influence(result: LogitResult) -> pd.DataFrame:
    """Return the estimate of every term without each member.

    Returns
    -------
    DataFrame
        ``term``, ``left_out``, ``estimate`` (without it), ``change`` in standard errors of the whole
        sample, ``conf_low``, ``conf_high`` and ``changes_verdict``: True where only one of the two intervals,
        with and without the member, contains 0. Both are CR1 intervals. Largest changes first.

    Raises
    ------
    NotUsableError
        If the rest cannot be fitted without some member.
    """
    check_type(result, LogitResult, "result", _FIT)
    jack = result.jackknife
    if jack.failed.any():
        raise _separated_without(result, remedy="use a penalised fit")

    def interval(problem: Problem, params: Floats, clusters: NDArray[np.intp]) -> tuple[Floats, Floats]:
        codes = np.unique(clusters, return_inverse=True)[1].astype(np.intp)
        reach = stdtrit(float(codes.max()), 0.5 + result.level / 2)
        error = reach * np.sqrt(np.diag(cr1(problem, params, codes)))
        return params - error, params + error

    low, high = interval(result.problem, result.estimate, result.clusters)
    clear = (low > 0) | (high < 0)
    bse = np.sqrt(np.diag(result.covariance))
    tables = []
    for cluster, params in enumerate(jack.replicates):
        keep = result.clusters != cluster
        low, high = interval(result.problem.rows(keep), params, result.clusters[keep])
        tables.append(
            pd.DataFrame(
                {
                    "term": list(result.names),
                    "left_out": result.cluster_labels[cluster],
                    "estimate": params,
                    "change": (params - result.estimate) / bse,
                    "conf_low": low,
                    "conf_high": high,
                    "changes_verdict": ((low > 0) | (high < 0)) != clear,
                }
            )
        )
    table = pd.concat(tables, ignore_index=True)
    return table.iloc[np.argsort(-table["change"].abs().to_numpy(), kind="stable")].reset_index(drop=True)


def proportional_odds(result: LogitResult) -> pd.DataFrame:
    """Test that the effect of a term is the same at every cutpoint of an ordered logit.

    Parameters
    ----------
    result : LogitResult
        Of the model ``ordered`` with three categories.

    Returns
    -------
    DataFrame
        ``term``, ``lower`` and ``upper`` (slopes of above the first and above the second cutpoint, from
        two binary logits), ``difference``, ``std_error``, ``statistic``, ``p_value`` (t); in a last row,
        ``all terms``, the joint F test.

    Raises
    ------
    UsageError
        If the model is another.
    NotUsableError
        If one of the two binary logits is separated: a category has too few votes for this test.

    Notes
    -----
    The test of Brant (1990, https://doi.org/10.2307/2532457) with a joint covariance of the two fits that
    is robust to ties among the votes of a member.
    """
    check_type(result, LogitResult, "result", _FIT)
    if result.model != "ordered" or len(result.design.categories) != 3:
        raise UsageError(
            f"result is a {result.model} model, and only the ordered logit assumes proportional odds",
            remedy="give a fit with model='ordered' and three categories",
        )
    n, n_clusters = result.nobs, result.n_clusters
    X = np.column_stack([np.ones(n), result.design.X])
    fits, influences = [], []
    for cut in (0, 1):
        problem = Problem(
            Likelihood("binary", 2),
            (result.design.y > cut).astype(np.intp),
            X,
            result.problem.weights,
            result.problem.offset,
        )
        if is_separated(problem):
            low, high = result.design.categories[cut : cut + 2]
            raise NotUsableError(
                f"the votes above and below the cutpoint {low}|{high} are separated, so there is no test",
                remedy="leave out a term, or merge levels",
            )
        params = maximise(problem).params
        summed = cluster_sums(problem.scores(params), result.clusters)
        fits.append(params)
        influences.append(summed @ np.linalg.inv(problem.information(params)))  # of clusters on estimates
    away = (influences[1] - influences[0])[:, 1:]
    covariance = n_clusters / (n_clusters - 1) * (away.T @ away)
    gap = (fits[1] - fits[0])[1:]
    error = np.sqrt(np.diag(covariance))
    df, q = n_clusters - 1, len(gap)
    table = pd.DataFrame(
        {
            "term": list(result.design.columns),
            "lower": fits[0][1:],
            "upper": fits[1][1:],
            "difference": gap,
            "std_error": error,
            "statistic": gap / error,
            "p_value": 2 * stdtr(df, -np.abs(gap / error)),
        }
    )
    F = float(gap @ np.linalg.solve(covariance, gap)) / q
    joint = {"term": "all terms", "statistic": F, "p_value": float(fdtrc(q, df, F))}
    return pd.concat([table, pd.DataFrame([joint])], ignore_index=True)
