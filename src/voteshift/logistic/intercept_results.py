"""The result of a random-intercept model: tables, diagnostics and their verdict."""

from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from voteshift.errors import UsageError
from voteshift.logistic.design import Design
from voteshift.logistic.likelihoods import Floats
from voteshift.logistic.terms import HasTerms, Term
from voteshift.posterior.diagnose import Diagnostics, diagnose
from voteshift.posterior.labels import draws_interval, made
from voteshift.ranges import check_level
from voteshift.tables import Printed, label_rows, written

__all__ = ["RandomInterceptResult"]


@dataclass(frozen=True, eq=False, repr=False)
class RandomInterceptResult(HasTerms):
    """Draws from a random-intercept ordered logit.

    Attributes
    ----------
    formula : str
    cluster : str
        Column of the panel. Each value of this column has a separate intercept.
    terms : tuple of Term
        The parameters: terms, cutpoints, and the standard deviation of the intercepts.
    tree : xarray.DataTree
        Draws in the groups of ArviZ: ``posterior`` (with ``coefficient``, ``cutpoint``, ``intercept_sd`` and
        ``intercept``) and ``sample_stats``.
    design : Design
    nobs, n_clusters : int
    level : float
        Coverage of the intervals.
    priors : str
        The priors in words.
    notes : tuple of str
        Notes on the interpretation of the numbers.
    about : str
        The outcome in words.
    """

    formula: str
    cluster: str
    terms: tuple[Term, ...]
    tree: Any
    design: Design
    nobs: int
    n_clusters: int
    level: float
    priors: str
    notes: tuple[str, ...]
    about: str

    @property
    def model(self) -> str:
        """Name of the model in `voteshift.logit`."""
        return "random-intercept"

    @cached_property
    def draws(self) -> Floats:
        """Draws of the parameters in the order of `names`, shape (n_draws, p)."""
        posterior = self.tree["posterior"]
        parts = [posterior[name].to_numpy() for name in ("coefficient", "cutpoint", "intercept_sd")]
        flat = [values.reshape(values.shape[0] * values.shape[1], -1) for values in parts]
        return np.concatenate(flat, axis=1)

    @cached_property
    def diagnostics(self) -> Diagnostics:
        """Worst R-hat and effective draws over all parameters and intercepts, and divergences."""
        posterior = self.tree["posterior"]
        values = {name: posterior[name].to_numpy() for name in posterior.data_vars}
        return diagnose(values, int(self.tree["sample_stats"]["diverging"].sum()))

    @property
    def converged(self) -> bool:
        """True if the diagnostics are within bounds, so that the draws can be used."""
        return self.diagnostics.usable

    @property
    def verdict(self) -> str:
        """Verdict of the diagnostics, in words."""
        words = self.diagnostics.words()
        return words if self.converged else f"NOT CONVERGED: {words}; do not use these numbers"

    @property
    def reached(self) -> dict[str, Any]:
        """Settings of the sampler, and the diagnostics, as a dictionary."""
        return {"converged": self.converged, **made(self.tree, self.diagnostics)}

    @property
    def params(self) -> pd.Series:
        """Posterior means, indexed by the names of the parameters."""
        return pd.Series(self.draws.mean(axis=0), index=list(self.names), name="estimate")

    @property
    def bse(self) -> pd.Series:
        """Posterior standard deviations, indexed by the names of the parameters."""
        return pd.Series(self.draws.std(axis=0, ddof=1), index=list(self.names), name="std_error")

    def conf_int(self, alpha: float | None = None) -> pd.DataFrame:
        """Return intervals between quantiles of the draws, with columns 0 and 1.

        Parameters
        ----------
        alpha : float, optional
            1 minus the posterior probability of the interval; by default 1 minus `level`.
        """
        if alpha is not None:
            check_level(alpha, "alpha")
        level = self.level if alpha is None else 1 - alpha
        ends = np.quantile(self.draws, [0.5 - level / 2, 0.5 + level / 2], axis=0)
        return pd.DataFrame({0: ends[0], 1: ends[1]}, index=list(self.names))

    def tidy(self) -> pd.DataFrame:
        """Return one row per parameter.

        Returns
        -------
        DataFrame
            One row per parameter.

            - ``term``: name of the parameter in code.
            - ``label``: name of the parameter in words.
            - ``estimand``: always "conditional".
            - ``estimate``: posterior mean.
            - ``std_error``: posterior standard deviation.
            - ``conf_low``, ``conf_high``: quantiles of the draws.

            A posterior has no p-value.
        """
        interval = self.conf_int()
        return pd.DataFrame(
            {
                "term": list(self.names),
                "label": list(self.labels),
                "estimand": "conditional",
                "estimate": self.params.to_numpy(),
                "std_error": self.bse.to_numpy(),
                "conf_low": interval[0].to_numpy(),
                "conf_high": interval[1].to_numpy(),
            }
        )

    def intercepts(self) -> pd.DataFrame:
        """Return the intercept of every member: the tendency of the member to vote yes, given the variables.

        Returns
        -------
        DataFrame
            One row per cluster, in increasing order of the estimate. The first column has the name of the
            column with the clusters. The other columns are ``estimate``, ``std_error``, ``conf_low`` and
            ``conf_high``.
        """
        values = self.tree["posterior"]["intercept"].to_numpy()
        flat = values.reshape(-1, values.shape[-1])
        table = pd.DataFrame(
            {
                self.cluster: self.tree["posterior"]["member"].to_numpy().astype(str),
                **draws_interval(flat, self.level),
            }
        )
        return table.sort_values("estimate", kind="stable", ignore_index=True)

    def summary(self) -> Printed:
        """Return the table as text, with the verdict and the notes."""
        table = label_rows(self.tidy(), self.level, {"estimate": "mean", "std_error": "std. dev."})
        lines = [
            f"{self.model}: {self.formula}",
            self.about,
            self._made(),
            self.verdict,
            "",
            table.to_string(index_names=False),
            "",
        ]
        return Printed("\n".join([*lines, *(f"- {note}" for note in self.notes)]))

    def predict(self, values: Any) -> pd.DataFrame:  # noqa: ARG002 - as of the other results
        """Raise an error: a probability needs the intercept of a member, and new rows have no intercept.

        Raises
        ------
        UsageError
            Always.
        """
        raise UsageError(
            f"a random-intercept model cannot predict without the intercept of the {self.cluster}",
            remedy="fit model='ordered', or compute probabilities from .draws and .intercepts()",
        )

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """Draw the coefficients with their intervals; see `voteshift.logistic.pictures`."""
        from voteshift.logistic.pictures import plot_coefficients

        return plot_coefficients(self, ax=ax, **options)

    def _made(self) -> str:
        made = self.reached
        return (
            f"{self.nobs} votes, {self.n_clusters} intercepts by {self.cluster}, {made['chains']} chains of "
            f"{made['draws']} draws by {made['sampler']}, seed {made['seed']}"
        )

    def _repr_html_(self) -> str:
        table = written(self.tidy().drop(columns="term")).to_html(index=False, border=0)
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        return (
            f"<p><b>{self.model}</b>: <code>{escape(self.formula)}</code><br>{escape(self.about)}<br>"
            f"{escape(self._made())}; "
            f"{100 * self.level:g} % intervals<br>{escape(self.verdict)}</p>{table}<ul>{notes}</ul>"
        )

    def __repr__(self) -> str:
        """Return the number of votes and intercepts, and the verdict."""
        return (
            f"<{type(self).__name__}: {self.nobs} votes, {self.n_clusters} intercepts by {self.cluster}; "
            f"{self.verdict}>"
        )
