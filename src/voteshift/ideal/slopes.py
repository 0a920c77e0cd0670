"""Slopes of positions on covariates, with labels."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import UsageError
from voteshift.ideal.covariates import Regression
from voteshift.ideal.fitted import normal_interval
from voteshift.tables import Tabled

__all__ = ["Share", "Slopes", "approximate_slopes", "describe_missing", "draw_predictors", "no_covariates"]

Floats = NDArray[np.float64]
_N_DRAWS = 4000


@dataclass(frozen=True, slots=True)
class Share:
    """Share of the variance of positions that the covariates explain, with its interval.

    Attributes
    ----------
    estimate, conf_low, conf_high : float
        Between 0 and 1.
    """

    estimate: float
    conf_low: float
    conf_high: float

    @classmethod
    def of(cls, draws: Floats, level: float) -> "Share":
        """Return the mean and the quantiles of draws."""
        low, high = np.quantile(draws, [0.5 - level / 2, 0.5 + level / 2])
        return cls(float(draws.mean()), float(low), float(high))


@dataclass(frozen=True, eq=False, repr=False)
class Slopes(Tabled):
    """Slopes of positions on covariates, on the scale where positions have standard deviation 1.

    Attributes
    ----------
    formula : str
        The formula of the specification.
    table : DataFrame
        The result of `tidy`.
    residual_sd : float
        Standard deviation of positions given the covariates.
    share : Share
        Share of the variance of positions that the covariates explain: the variance of the linear function
        over the members, divided by this variance plus the variance of the residuals (Gelman, Goodrich, Gabry
        & Vehtari 2019, https://doi.org/10.1080/00031305.2018.1549100).
    left_out : tuple of str
        Members that were left out because a covariate is missing.
    level : float
        Coverage of the intervals.
    """

    formula: str
    table: pd.DataFrame
    residual_sd: float
    share: Share
    left_out: tuple[str, ...]
    level: float

    def tidy(self) -> pd.DataFrame:
        """Return one row per term of the formula.

        Returns
        -------
        DataFrame
            ``term``, ``estimate``, ``std_error``, ``conf_low`` and ``conf_high``. A slope is the difference
            of the mean position, in standard deviations of positions, per unit of the covariate.
        """
        return self.table.copy()

    @property
    def _coverage(self) -> float:
        return self.level

    def _title(self) -> str:
        return f"Slopes of positions on covariates: {self.formula}"

    def _said(self) -> list[str]:
        share = self.share
        lines = [
            f"The covariates explain {100 * share.estimate:.0f}% of the variance of positions "
            f"({100 * self.level:g}% interval {100 * share.conf_low:.0f}% to {100 * share.conf_high:.0f}%). "
            f"Residual standard deviation {self.residual_sd:.2f}; positions have standard deviation 1."
        ]
        return [*lines, *(f"Caution: {caution}." for caution in describe_missing(self.left_out))]


def approximate_slopes(
    regression: Regression, positions: Floats, root: Floats, *, level: float
) -> tuple[pd.DataFrame, float, Share]:
    """Return the table of slopes, the residual standard deviation and the explained share of a marginal fit.

    Parameters
    ----------
    regression : Regression
        The prior of the positions, with s in units of the reported scale.
    positions : ndarray, shape (n_members,)
        Means of the positions.
    root : ndarray, shape (n_members, rank)
        A matrix R such that R R' is the covariance of the positions.
    level : float
        Coverage of the intervals.

    Notes
    -----
    Given the positions, the slopes are normal around their least-squares values with covariance
    s^2 (W'W)^{-1}. The law of total covariance adds the covariance of these values over the posterior of the
    positions.
    """
    by_root = regression.slopes(root.T)
    covariance = by_root.T @ by_root + regression.sd**2 * regression.unscaled_covariance
    table = pd.DataFrame(
        {
            "term": list(regression.terms),
            **normal_interval(regression.slopes(positions), np.sqrt(np.diag(covariance)), level),
        }
    )
    rng = np.random.default_rng(0)
    drawn = positions + rng.standard_normal((_N_DRAWS, root.shape[1])) @ root.T
    predictors, sds = draw_predictors(regression, drawn, rng)
    explained = predictors.var(axis=1)
    return table, regression.sd, Share.of(explained / (explained + sds**2), level)


def draw_predictors(
    regression: Regression, positions: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draw the mean of every position given its covariates, and the residual standard deviation.

    Parameters
    ----------
    regression : Regression
        The covariates.
    positions : ndarray, shape (n_draws, n_members)
        Draws of the positions.
    rng : Generator
        The random numbers.

    Returns
    -------
    predictors : ndarray, shape (n_draws, n_members)
        a + w_i'b. Given the positions, the slopes are normal around their least-squares values (flat prior).
    sds : ndarray, shape (n_draws,)
        s. Given the positions, the residual sum of squares divided by s^2 has a chi-squared distribution.
    """
    loads = positions @ regression.basis
    mean = positions.mean(axis=1, keepdims=True)
    squares = np.sum((positions - mean) ** 2, axis=1) - np.sum(loads**2, axis=1)
    sds = np.sqrt(squares / rng.chisquare(regression.df, len(positions)))
    loads = loads + sds[:, None] * rng.standard_normal(loads.shape)
    return mean + loads @ regression.basis.T, sds


def describe_missing(members: tuple[str, ...]) -> list[str]:
    """Return the caution on members that were left out because a covariate is missing."""
    if not members:
        return []
    return [
        f"{len(members)} member{'' if len(members) == 1 else 's'} left out because a covariate is missing: "
        f"{', '.join(members)}"
    ]


def no_covariates() -> UsageError:
    """Return the error for slopes of a fit without covariates."""
    return UsageError(
        "the fit has no covariates of positions",
        remedy="fit a specification with Priors(positions='~ ...')",
    )
