"""Slopes of discriminations and midpoints on covariates of roll calls, with labels."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import UsageError
from voteshift.ideal.fitted import normal_interval
from voteshift.ideal.item_covariates import ItemRegression
from voteshift.tables import Tabled

__all__ = [
    "ItemSlopes",
    "describe_gaps",
    "describe_rough",
    "find_rare",
    "no_item_covariates",
    "slope_table",
]

Floats = NDArray[np.float64]
_PARAMETERS: Final = ("discrimination", "midpoint")
_SHOWN: Final = 8
_RARE: Final = 0.5 - 1e-9  # leverage of a roll call
_LARGE: Final = {"logit": 2.0, "probit": 1.1}  # residual standard deviation of discriminations


@dataclass(frozen=True, eq=False, repr=False)
class ItemSlopes(Tabled):
    """Slopes of discriminations and midpoints on covariates of roll calls.

    Attributes
    ----------
    formula : str
        The formula of the specification.
    table : DataFrame
        The result of `tidy`.
    residual_sds : dict of str to float
        Standard deviation of discriminations and of midpoints given the covariates.
    direction : str
        The member or rule that sets the positive side, in words.
    left_out : tuple of str
        Roll calls that were left out because a covariate is missing.
    rare : tuple of str
        Roll calls of which one or two determine a slope: their leverage is at least 0.5.
    link : str
        Name of the link.
    level : float
        Coverage of the intervals.
    """

    formula: str
    table: pd.DataFrame
    residual_sds: dict[str, float]
    direction: str
    left_out: tuple[str, ...]
    rare: tuple[str, ...]
    link: str
    level: float

    def tidy(self) -> pd.DataFrame:
        """Return one row per parameter and term of the formula, the intercepts included.

        Returns
        -------
        DataFrame
            ``parameter`` ("discrimination" or "midpoint"), ``term``, ``estimate``, ``std_error``,
            ``conf_low`` and ``conf_high``. A slope of the discrimination is the change, per unit of the
            covariate, in the difference in latent value between two members one standard deviation apart; it
            changes sign with the direction of the axis. A slope of the midpoint is the decrease of the latent
            value of a member at the mean position. The term ``Intercept`` is the mean of the parameter if all
            covariates are 0.
        """
        return self.table.copy()

    @property
    def _coverage(self) -> float:
        return self.level

    def _title(self) -> str:
        return f"Slopes of items on covariates of roll calls: {self.formula}"

    def _said(self) -> list[str]:
        sds = self.residual_sds
        lines = [
            "Discrimination: change in the difference between two members one standard deviation apart. The "
            f"sign depends on the axis: {self.direction}.",
            "Midpoint: with a positive slope, a member at the mean position is less inclined to vote yes.",
            f"Residual standard deviations: {sds['discrimination']:.2f} of discriminations, "
            f"{sds['midpoint']:.2f} of midpoints.",
        ]
        return [*lines, *(f"Caution: {caution}." for caution in self.cautions)]

    @property
    def cautions(self) -> tuple[str, ...]:
        """Cautions on roll calls that were left out, on rare values, and on large discriminations."""
        rough = describe_rough(self.residual_sds["discrimination"], self.link)
        return (*describe_gaps(self.left_out), *_describe_rare(self.rare), *rough)


def slope_table(regression: ItemRegression, covariance: Floats, *, unit: float, level: float) -> pd.DataFrame:
    """Return the table of slopes of a marginal fit, on the reported scale.

    Parameters
    ----------
    regression : ItemRegression
    covariance : ndarray, shape (2 * n_terms, 2 * n_terms)
        Covariance of the coefficients, in which the prior standard deviations are held at their estimates.
    unit : float
        A discrimination on the scale of the fit times `unit` is on the reported scale.
    level : float
        Coverage of the intervals.
    """
    scale = np.array([unit, 1.0])
    matrix = np.kron(np.diag(scale), regression.to_terms)
    errors = np.sqrt(np.einsum("ij,jk,ik->i", matrix, covariance, matrix))
    estimates = (scale[:, None] * regression.slopes).ravel()
    n_terms = len(regression.terms)
    return pd.DataFrame(
        {
            "parameter": np.repeat(_PARAMETERS, n_terms),
            "term": list(regression.terms) * 2,
            **normal_interval(estimates, errors, level),
        }
    )


def describe_gaps(rollcalls: tuple[str, ...]) -> list[str]:
    """Return the caution on roll calls that were left out because a covariate is missing."""
    if not rollcalls:
        return []
    shown = ", ".join(rollcalls[:_SHOWN]) + (", ..." if len(rollcalls) > _SHOWN else "")
    plural = "" if len(rollcalls) == 1 else "s"
    return [f"{len(rollcalls)} roll call{plural} left out because a covariate is missing: {shown}"]


def find_rare(regression: ItemRegression, rollcalls: pd.Index) -> tuple[str, ...]:
    """Return the roll calls with a leverage of at least 0.5 on their own prior mean."""
    return tuple(map(str, rollcalls[regression.leverages >= _RARE]))


def _describe_rare(rollcalls: tuple[str, ...]) -> list[str]:
    if not rollcalls:
        return []
    shown = ", ".join(rollcalls[:_SHOWN]) + (", ..." if len(rollcalls) > _SHOWN else "")
    return [
        f"one or two roll calls determine a slope ({shown}), so this slope is a statement about these roll "
        "calls and its interval is not reliable"
    ]


def describe_rough(discrimination_sd: float, link: str) -> list[str]:
    """Return the caution on large discriminations, which `benchmarks/item_covariates.py` measures."""
    if discrimination_sd <= _LARGE.get(link, _LARGE["logit"]):
        return []
    return [
        "discriminations are large; if members are also in separate camps, slopes of midpoints can be too "
        "close to 0 and their intervals too narrow"
    ]


def no_item_covariates() -> UsageError:
    """Return the error for slopes of a fit without covariates of roll calls."""
    return UsageError(
        "the fit has no covariates of roll calls",
        remedy="fit a specification with Priors(item_means='~ ...')",
    )
