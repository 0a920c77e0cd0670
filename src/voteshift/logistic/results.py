"""Results of a logistic model, with the attribute names of statsmodels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from voteshift.errors import NotUsableError, UsageError
from voteshift.logistic.arguments import check_type
from voteshift.logistic.clusters import Jackknife, jackknife, score_test
from voteshift.logistic.design import Design
from voteshift.logistic.likelihoods import Floats
from voteshift.logistic.maximise import Problem, Solution
from voteshift.logistic.profile import profile_interval, profile_test
from voteshift.logistic.regression_tables import TableColumn
from voteshift.logistic.terms import HasTerms, Term
from voteshift.ranges import MOST_DRAWS, check_count, check_level, check_number, check_seed
from voteshift.tables import Printed, label_rows, written
from voteshift.writing import number

if TYPE_CHECKING:
    from voteshift.logistic.effects import Effects

__all__ = ["Estimates", "LogitResult"]

_LARGEST_NULL: Final = 1e12  # value of a coefficient under the null hypothesis


@dataclass(frozen=True, eq=False)
class Estimates(HasTerms):
    """Estimates of a logistic model and their covariance.

    Attributes
    ----------
    model, formula : str
    terms : tuple of Term
        The parameters, with their names in code and their labels in tables.
    estimate : ndarray, shape (p,)
    covariance : ndarray, shape (p, p)
    errors : str
        Origin of the covariance, in words.
    df : float
        Degrees of freedom of the t distribution; infinite for the normal.
    llf : float
        Log-likelihood at the estimates; for a penalised fit, the penalised log-likelihood.
    nobs, n_clusters : int
    level : float
        Coverage of the intervals.
    notes : tuple of str
        Notes on the interpretation of the numbers.
    about : str
        The outcome and its comparison, in words.
    """

    model: str
    formula: str
    terms: tuple[Term, ...]
    estimate: Floats
    covariance: Floats
    errors: str
    df: float
    llf: float
    nobs: int
    n_clusters: int
    level: float
    notes: tuple[str, ...]
    about: str

    @property
    def likelihood_name(self) -> str:
        """Name of `llf` in tables."""
        return "log-likelihood"

    @property
    def statistic_name(self) -> str:
        """Letter of the test statistic: t, or z if its distribution is normal."""
        return "t" if np.isfinite(self.df) else "z"

    @property
    def params(self) -> pd.Series:
        """Estimates, indexed by the names of the parameters."""
        return pd.Series(self.estimate, index=list(self.names), name="estimate")

    @property
    def bse(self) -> pd.Series:
        """Standard errors, indexed by the names of the parameters."""
        return pd.Series(np.sqrt(np.diag(self.covariance)), index=list(self.names), name="std_error")

    @property
    def tvalues(self) -> pd.Series:
        """Estimates divided by standard errors."""
        return (self.params / self.bse).rename("statistic")

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided p-values of the hypothesis 0, from the t distribution with `df` degrees of freedom."""
        return pd.Series(2 * stdtr(self.df, -self.tvalues.abs()), index=list(self.names), name="p_value")

    def cov_params(self) -> pd.DataFrame:
        """Return the covariance matrix, labelled with the names of the parameters."""
        return pd.DataFrame(self.covariance, index=list(self.names), columns=list(self.names))

    def conf_int(self, alpha: float | None = None) -> pd.DataFrame:
        """Return intervals with columns 0 and 1, as statsmodels does.

        Parameters
        ----------
        alpha : float, optional
            1 minus the coverage; by default 1 minus `level`.
        """
        level = self._level(alpha)
        reach = float(stdtrit(self.df, 0.5 + level / 2)) * np.sqrt(np.diag(self.covariance))
        return pd.DataFrame({0: self.params - reach, 1: self.params + reach})

    def _level(self, alpha: float | None) -> float:
        if alpha is None:
            return self.level
        check_level(alpha, "alpha")
        return 1 - alpha

    def tidy(self) -> pd.DataFrame:
        """Return one row per parameter.

        Returns
        -------
        DataFrame
            Columns ``term`` (name of the term in code), ``label`` (name of the term in words),
            ``estimate``, ``std_error``, ``statistic``, ``p_value``, ``conf_low`` and ``conf_high``.
            ``std_error`` and ``statistic`` are missing for a term that the data separate.
        """
        interval = self.conf_int()
        return pd.DataFrame(
            {
                "term": list(self.names),
                "label": list(self.labels),
                "estimate": self.estimate,
                "std_error": self.bse.to_numpy(),
                "statistic": self.tvalues.to_numpy(),
                "p_value": self.pvalues.to_numpy(),
                "conf_low": interval[0].to_numpy(),
                "conf_high": interval[1].to_numpy(),
            }
        )

    def summary(self) -> Printed:
        """Return the table and the notes as text."""
        words = {"std_error": "std. error", "statistic": self.statistic_name, "p_value": "p"}
        table = label_rows(self.tidy(), self.level, words)
        lines = [
            f"{self.model}: {self.formula}",
            self.about,
            f"{self.nobs} votes, {self.n_clusters} clusters, {self.likelihood_name} {number(self.llf, 3)}",
            f"standard errors: {self.errors}",
            "",
            table.to_string(index_names=False),
        ]
        return Printed(
            "\n".join([*lines, *([""] if self.notes else []), *(f"- {note}" for note in self.notes)])
        )

    def table_column(self) -> TableColumn:
        """Return the result as a column of a regression table of maketables.

        ``maketables.ETable([fit.table_column() for fit in fits])`` is a table in LaTeX, HTML, Word or Typst.
        """
        return TableColumn(self)

    def _repr_html_(self) -> str:
        table = written(self.tidy().drop(columns="term")).to_html(index=False, border=0)
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        return (
            f"<p><b>{escape(self.model)}</b>: <code>{escape(self.formula)}</code><br>{escape(self.about)}"
            f"<br>{self.nobs} votes, {self.n_clusters} clusters, {self.likelihood_name} "
            f"{number(self.llf, 3)}; {100 * self.level:g} % intervals; "
            f"standard errors: {escape(self.errors)}</p>{table}<ul>{notes}</ul>"
        )

    def __repr__(self) -> str:
        """Return the model, the number of votes and clusters, and the log-likelihood."""
        return (
            f"<{type(self).__name__}: {self.model}, {self.nobs} votes, {self.n_clusters} clusters, "
            f"{self.likelihood_name} {number(self.llf, 3)}>"
        )


@dataclass(frozen=True, eq=False, repr=False)
class LogitResult(Estimates):
    """Result of a logistic model of votes, with methods for intervals, effects and predictions.

    Attributes
    ----------
    design : Design
    problem : Problem
    solution : Solution
    clusters : ndarray of int, shape (nobs,)
    cluster_labels, cluster_names : tuple of str
        Ids of the clusters, and their names in tables.
    separated : dict of str to int
        Parameters without a finite maximum-likelihood estimate, and the direction in which the estimate
        diverges: 1 (to infinity), -1 (to minus infinity), or 0 if the data allow both.
    """

    design: Design
    problem: Problem
    solution: Solution
    clusters: NDArray[np.intp]
    cluster_labels: tuple[str, ...]
    cluster_names: tuple[str, ...]
    separated: dict[str, int]

    @property
    def separation(self) -> bool:
        """True if the data are separated, so that some maximum-likelihood estimates are infinite."""
        return bool(self.separated)

    @property
    def penalised(self) -> bool:
        """True if the fit has Jeffreys' penalty."""
        return self.problem.penalised

    @property
    def converged(self) -> bool:
        """True if the search ended at a maximum."""
        return self.solution.converged

    @property
    def aic(self) -> float:
        """AIC of the working likelihood, which assumes independent votes."""
        return -2 * self.problem.log_likelihood(self.estimate) + 2 * len(self.estimate)

    @property
    def bic(self) -> float:
        """BIC of the working likelihood, with the number of votes as sample size."""
        return -2 * self.problem.log_likelihood(self.estimate) + float(np.log(self.nobs)) * len(self.estimate)

    @cached_property
    def jackknife(self) -> Jackknife:
        """Fits with one cluster left out at a time, computed once."""
        return jackknife(self.problem, self.estimate, self.clusters)

    @property
    def likelihood_name(self) -> str:
        """Name of `llf` in tables."""
        return "penalised log-likelihood" if self.penalised else "log-likelihood"

    @property
    def bse(self) -> pd.Series:
        """Standard errors by parameter; missing for a term that the data separate."""
        return super().bse.mask([name in self.separated for name in self.names])

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided p-values of the hypothesis 0.

        A p-value comes from the t distribution with `df` degrees of freedom and the standard error. For a
        term that the data separate, a second p-value comes from the penalised likelihood ratio (Heinze &
        Schemper 2002), and the larger p-value is returned.
        """
        pvalues = super().pvalues
        for name in self.separated:
            index = self.names.index(name)
            t = abs(self.estimate[index]) / np.sqrt(self.covariance[index, index])
            ratio = profile_test(self.problem, self.solution, index, 0.0)
            pvalues.loc[name] = np.maximum(2 * stdtr(self.df, -t), ratio)
        return pvalues

    def conf_int(self, alpha: float | None = None) -> pd.DataFrame:
        """Return intervals with columns 0 and 1, as statsmodels does.

        Parameters
        ----------
        alpha : float, optional
            1 minus the coverage; by default 1 minus `level`.

        Notes
        -----
        If the data separate a term, the data bound its effect on one side only. The jackknife interval is
        then too short on the other side. The interval of a separated term reaches from the lower of the two
        lower ends, of the jackknife and the profile likelihood, to the higher of the two upper ends.
        """
        intervals = super().conf_int(alpha)
        level = self._level(alpha)
        for name in self.separated:
            ends = self._profiled(name, level)
            intervals.loc[name] = [min(intervals.loc[name, 0], ends[0]), max(intervals.loc[name, 1], ends[1])]
        return intervals

    def fittedprobabilities(self) -> pd.DataFrame:
        """Return the fitted probability of every category for every vote."""
        probabilities = self.problem.likelihood.probabilities(
            self.estimate, self.design.X, self.problem.offset
        )
        return pd.DataFrame(probabilities, columns=list(self.design.categories))

    def profile_int(self, terms: Sequence[str] | str | None = None) -> pd.DataFrame:
        """Return profile-likelihood intervals, which assume independent votes.

        Parameters
        ----------
        terms : str or list of str, optional
            Names of terms; all by default.

        Returns
        -------
        DataFrame
            Columns ``term``, ``estimate``, ``conf_low`` and ``conf_high``. The ends may be infinite.

        Notes
        -----
        For a penalised fit, these are the intervals of Heinze & Schemper (2002,
        https://doi.org/10.1002/sim.1047). These intervals ignore the dependence between votes of a member,
        and are too narrow if members vote more than once. docs/logistic.md reports their coverage.
        """
        rows = []
        for name in self._terms(terms):
            low, high = self._profiled(name, self.level)
            rows.append({"term": name, "estimate": self.params[name], "conf_low": low, "conf_high": high})
        return pd.DataFrame(rows)

    @cached_property
    def _profiles(self) -> dict[tuple[str, float], tuple[float, float]]:
        return {}

    def _profiled(self, name: str, level: float) -> tuple[float, float]:
        """Return the profile-likelihood interval of a parameter, computed once."""
        if (name, level) not in self._profiles:
            index = self.names.index(name)
            self._profiles[name, level] = profile_interval(
                self.problem, self.solution, index, self.covariance[index, index], level
            )
        return self._profiles[name, level]

    def score_test(self, term: str, value: float = 0.0, *, n_draws: int = 9999, seed: int = 0) -> float:
        """Return the p-value of one parameter by the wild score bootstrap over clusters.

        Parameters
        ----------
        term : str
            Name of the parameter in code.
        value : float
            Value of the parameter under the null hypothesis.
        n_draws, seed : int
            Number of draws of Rademacher weights, and seed of the random numbers. With few clusters, all
            sign patterns are used instead of draws.

        Raises
        ------
        NotUsableError
            If the fit is penalised, or the model has no finite estimate under the null hypothesis.

        References
        ----------
        Kline & Santos (2012), https://doi.org/10.1515/2156-6674.1006.
        """
        check_type(term, str, "term", f"give one of {', '.join(self.names)}")
        check_number("value", value, least=-_LARGEST_NULL, most=_LARGEST_NULL)
        check_count("n_draws", n_draws, most=MOST_DRAWS)
        check_seed(seed)
        (name,) = self._terms(term)
        if self.penalised:
            raise NotUsableError(
                "the score bootstrap needs a fit without penalty, but this fit is penalised",
                remedy="use .pvalues or .profile_int()",
            )
        null = (self.names.index(name), value)
        p_value = score_test(self.problem, self.estimate, self.clusters, null, n_draws=n_draws, seed=seed)
        if np.isnan(p_value):
            raise NotUsableError(
                f"with the coefficient of {name} fixed at {value:g}, the other estimates are infinite",
                remedy="use .pvalues",
            )
        return p_value

    def effects(self, variables: Sequence[str] | str | None = None, **options: Any) -> "Effects":
        """Return average marginal effects; see `voteshift.logistic.effects.average_effects`."""
        from voteshift.logistic.effects import average_effects

        return average_effects(self, variables, **options)

    def predict(self, values: Any) -> pd.DataFrame:
        """Return predicted probabilities for profiles of values, or for new rows.

        Parameters
        ----------
        values : dict or DataFrame
            A dictionary with values of some variables (see
            `voteshift.logistic.predictions.predict_profiles`), or a data frame of pandas, polars or PyArrow
            with new rows of all variables (see `voteshift.logistic.predictions.predict_rows`).
        """
        from voteshift.logistic.predictions import predict_profiles, predict_rows

        return predict_profiles(self, values) if isinstance(values, Mapping) else predict_rows(self, values)

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """Draw the coefficients with their intervals; see `voteshift.logistic.pictures`."""
        from voteshift.logistic.pictures import plot_coefficients

        return plot_coefficients(self, ax=ax, **options)

    def _terms(self, terms: Sequence[str] | str | None) -> tuple[str, ...]:
        if terms is None:
            return self.names
        check_type(terms, (str, list, tuple), "terms", "give the name of a term, or a list of names")
        wanted = (terms,) if isinstance(terms, str) else tuple(terms)
        for name in wanted:
            if name not in self.names:
                raise UsageError(f"the model has no term {name!r}", remedy=f"terms: {', '.join(self.names)}")
        return wanted
