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

_FIT: Final = "give a result of logit() with a model other than 'conditional' and 'random-intercept'"
_TINY: Final = 1e-300  # smallest probability whose logarithm is finite


def left_out_probabilities(result: LogitResult) -> Floats:
    """Predict every vote from a fit without the member that cast it.

    Returns
    -------
    ndarray, shape (n, K)

    Raises
    ------
    NotUsableError
        If the model cannot be fitted when some member is left out.
    """
    jack = result.jackknife
    if jack.failed.any():
        raise _separated_without(result, remedy="give fits with penalised=True")
    P = np.empty((result.nobs, len(result.design.categories)))
    for cluster, params in enumerate(jack.replicates):
        rows = result.clusters == cluster
        P[rows] = result.problem.likelihood.probabilities(
            params, result.design.X[rows], result.problem.offset[rows]
        )
    return P


def _separated_without(result: LogitResult, *, remedy: str) -> NotUsableError:
    names = join_words(np.array(result.cluster_names)[result.jackknife.failed].tolist())
    return NotUsableError(
        f"the votes are separated when one of the following is left out: {names}", remedy=remedy
    )


def compare(results: Mapping[str, LogitResult]) -> pd.DataFrame:
    """Compare models by their predictions for members that are left out of the fit.

    Parameters
    ----------
    results : mapping of name to LogitResult
        Models of the same votes, with the same clusters.

    Returns
    -------
    DataFrame
        One row per model. The best model comes first.

        - ``model``: name of the model.
        - ``log_score``: mean log probability of the vote cast, predicted from a fit without the member.
        Higher is better.
        - ``behind``: log score of the best model minus the log score of this model.
        - ``behind_error``: standard error of ``behind``, clustered by member.
        - ``brier``: mean squared difference between predicted probabilities and the vote, summed over
          categories. Lower is better.
        - ``aic_working``, ``bic_working``: AIC and BIC of the likelihood that assumes independent votes.

    Raises
    ------
    UsageError
        If the models do not have the same outcome, rows and clusters.
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
                f"results[{name!r}] has another outcome, other rows or other clusters than the first result",
                remedy="fit all models to the same rows, with the same outcome and clusters",
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
    """Compare predicted with observed shares of a category, in bins of votes.

    Each vote is predicted from a fit without the member that cast it.

    Parameters
    ----------
    result : LogitResult
    category : str, optional
        Category of the outcome. The default is the last category; in a binary model, this is the outcome
        itself.
    n_bins : int
        Number of bins. Bins have about equal size and are ordered by predicted probability.

    Returns
    -------
    DataFrame
        One row per bin.

        - ``bin``: number of the bin, from 1.
        - ``n``: number of votes in the bin.
        - ``predicted``: mean predicted probability of the category.
        - ``observed``: share of the votes that are in the category.

    Raises
    ------
    UsageError
        If the outcome has no such category, or `n_bins` is too small or too large.
    NotUsableError
        If the model cannot be fitted when some member is left out.
    """
    check_type(result, LogitResult, "result", _FIT)
    check_count("n_bins", n_bins, least=2, most=_MOST_BINS)
    categories = result.design.categories
    name = categories[-1] if category is None else category
    if name not in categories:
        raise UsageError(f"category is {name!r}", remedy=f"give one of {', '.join(categories)}")
    if n_bins > result.nobs:
        raise UsageError(f"n_bins is {n_bins}, but the fit has {result.nobs} votes", remedy="give fewer bins")
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
    """Return the estimates of all terms when each member in turn is left out.

    Returns
    -------
    DataFrame
        One row per term and member. The largest changes come first.

        - ``term``: name of the term in code.
        - ``left_out``: id of the member that is left out.
        - ``estimate``: estimate without this member.
        - ``change``: change of the estimate, in standard errors of the fit to all members.
        - ``conf_low``, ``conf_high``: interval without this member.
        - ``changes_verdict``: True if exactly one of the two intervals, with and without the member,
          contains 0.

        All intervals use CR1 standard errors.

    Raises
    ------
    NotUsableError
        If the model cannot be fitted when some member is left out.
    """
    check_type(result, LogitResult, "result", _FIT)
    jack = result.jackknife
    if jack.failed.any():
        raise _separated_without(result, remedy="give a fit with penalised=True")

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
        A fit with ``model="ordered"`` and three categories.

    Returns
    -------
    DataFrame
        One row per term. The last row, ``all terms``, has the joint F test.

        - ``term``: name of the term in code.
        - ``lower``: slope in a binary logit of votes above the first cutpoint.
        - ``upper``: slope in a binary logit of votes above the second cutpoint.
        - ``difference``: ``upper`` minus ``lower``.
        - ``std_error``, ``statistic``, ``p_value``: t test of the difference.

    Raises
    ------
    UsageError
        If the model is not ``ordered`` with three categories.
    NotUsableError
        If the votes of one of the two binary logits are separated. A category then has too few votes for
        this test.

    Notes
    -----
    This is the test of Brant (1990, https://doi.org/10.2307/2532457). The joint covariance of the two fits
    is robust to dependence between the votes of a member.
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
                f"the votes above and below the cutpoint {low}|{high} are separated, which prevents the test",
                remedy="leave out a term, or merge levels of a categorical variable",
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
