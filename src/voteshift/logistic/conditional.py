"""Conditional logit, which compares each member with itself."""

import warnings
from typing import Any, Final

import numpy as np
import pandas as pd

from voteshift.errors import NotUsableError, UsageError
from voteshift.logistic.design import Design
from voteshift.logistic.results import Estimates
from voteshift.logistic.terms import name_terms
from voteshift.logistic.wording import describe_outcome

__all__ = ["FEWEST_INFORMATIVE", "ConditionalResult", "conditional_logit"]

#: Smallest number of members whose outcome varies. With fewer members, a conditional fit has almost no
#: information.
FEWEST_INFORMATIVE: Final = 10


class ConditionalResult(Estimates):
    """Estimates of conditional effects. Every row of the table is marked as conditional."""

    def tidy(self) -> pd.DataFrame:
        """Return the table of `Estimates.tidy` with a column ``estimand``, which is "conditional"."""
        table = super().tidy()
        table.insert(2, "estimand", "conditional")
        return table

    def predict(self, values: Any) -> pd.DataFrame:  # noqa: ARG002 - as of the other results
        """Raise an error, because a conditional model has no intercepts and therefore no probabilities.

        Raises
        ------
        UsageError
            Always.
        """
        raise UsageError(
            "a conditional model has no intercepts and cannot predict probabilities",
            remedy="fit model='binary' to predict",
        )


def conditional_logit(
    design: Design, *, cluster: str, level: float, notes: tuple[str, ...] = ()
) -> ConditionalResult:
    """Fit a fixed-effects logit, conditional on how often the outcome of each member is 1.

    Parameters
    ----------
    design : Design
        Design of a binary model.
    cluster : str
        Column of the panel. Each value of this column has a separate intercept.
    level : float
    notes : tuple of str
        Notes to show before the notes of this function.

    Returns
    -------
    ConditionalResult
        Conditional effects. Conditional effects answer another question than the effects of the other models,
        so do not put both kinds in one column. Standard errors come from the conditional likelihood.

    Raises
    ------
    NotUsableError
        If the outcome varies for fewer than 10 members, a term does not vary within members, or the votes
        are separated.
    UsageError
        If the formula has no term other than the intercept.

    References
    ----------
    Chamberlain (1980), https://doi.org/10.2307/2297110. Fitted by statsmodels.
    """
    from statsmodels.discrete.conditional_models import ConditionalLogit
    from statsmodels.tools.sm_exceptions import ModelWarning

    member = design.frame[cluster].astype(str)
    both = pd.Series(design.y).groupby(member.to_numpy()).transform("nunique").to_numpy() == 2
    informative = int(member[both].nunique())
    if informative < FEWEST_INFORMATIVE:
        raise NotUsableError(
            f"the outcome varies for only {informative} members, and a conditional model uses only the "
            "votes of these members",
            remedy=(
                f"use another model, or a record with at least {FEWEST_INFORMATIVE} members whose outcome "
                "varies"
            ),
        )
    names = [name for name in design.columns if name != "Intercept"]
    if not names:
        raise UsageError(
            "a conditional model has no intercept, and the formula has no other term",
            remedy="add a variable to the formula",
        )
    X = pd.DataFrame(design.X, columns=list(design.columns))[names][both]
    groups = member[both].to_numpy()
    within = X - X.groupby(groups).transform("mean")
    constant = [name for name in names if np.abs(within[name]).max() < 1e-12]
    rank = np.linalg.matrix_rank(within.to_numpy())
    if constant or rank < len(names):
        raise NotUsableError(
            f"a conditional model cannot estimate the effect of {', '.join(constant) or 'a term'}",
            remedy=(
                "leave the term out: within each member whose outcome varies, it is constant or a linear "
                "combination of other terms"
            ),
        )
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        warnings.simplefilter("error", ModelWarning)
        try:
            fitted = ConditionalLogit(design.y[both], X.to_numpy(), groups=groups).fit(
                method="bfgs", gtol=1e-8, maxiter=500, disp=False
            )
            values, covariance = np.asarray(fitted.params), np.asarray(fitted.cov_params())
        except (Warning, np.linalg.LinAlgError):
            values = covariance = np.array(np.nan)
    if not np.isfinite(covariance).all() or np.abs(X.to_numpy() * values).max() > 30:
        raise NotUsableError(
            "the conditional likelihood has no maximum: the votes are separated within members",
            remedy="leave out a term",
        )
    return ConditionalResult(
        model="conditional",
        formula=design.formula,
        terms=tuple(term for term in name_terms(design, "binary") if not term.constant),
        estimate=values,
        covariance=covariance,
        errors="from the curvature of the conditional likelihood",
        df=np.inf,
        llf=float(fitted.llf),
        nobs=int(both.sum()),
        n_clusters=informative,
        level=level,
        notes=(
            *notes,
            f"effects are conditional: only the {informative} members whose outcome varies contribute. Do "
            "not compare these effects with the effects of other models",
        ),
        about=f"{describe_outcome(design, 'binary')}; each {cluster} is compared with itself",
    )
