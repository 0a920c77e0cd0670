"""Slopes of discriminations and midpoints on covariates of roll calls, with labels."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import UsageError
from voteshift.ideal.fitted import normal_interval
from voteshift.ideal.item_covariates import ItemRegression
from voteshift.tables import Tabled

__all__ = ["ItemSlopes", "describe_gaps", "no_item_covariates", "slope_table"]

Floats = NDArray[np.float64]
_PARAMETERS: Final = ("discrimination", "midpoint")
_SHOWN: Final = 8


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
    left_out : tuple of str
        Roll calls that were left out because a covariate is missing.
    level : float
        Coverage of the intervals.
    """

    formula: str
    table: pd.DataFrame
    residual_sds: dict[str, float]
    left_out: tuple[str, ...]
    level: float

    def tidy(self) -> pd.DataFrame:
        """Return one row per parameter and term of the formula, the intercepts included.

        Returns
        -------
        DataFrame
            ``parameter`` ("discrimination" or "midpoint"), ``term``, ``estimate``, ``std_error``,
            ``conf_low`` and ``conf_high``, in units of the latent scale per unit of the covariate. A
            discrimination is how much more likely, in logits or probits, yes is per standard deviation of
            positions; it has the sign of the axis. A midpoint is how unlikely yes is for a member at the mean
            position.
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
            f"Residual standard deviations: {sds['discrimination']:.2f} of discriminations and "
            f"{sds['midpoint']:.2f} of midpoints. A higher midpoint means fewer votes yes by a member at the "
            "mean position."
        ]
        return [*lines, *(f"Caution: {caution}." for caution in describe_gaps(self.left_out))]


def slope_table(
    regression: ItemRegression,
    sds: Floats,
    covariance_of: Callable[[Floats], Floats],
    *,
    unit: float,
    level: float,
) -> pd.DataFrame:
    """Return the table of slopes of a marginal fit, on the reported scale.

    Parameters
    ----------
    regression : ItemRegression
    sds : ndarray, shape (2,)
        Prior standard deviations of discrimination and midpoint, on the scale of the fit.
    covariance_of : callable
        Returns the posterior covariance of linear combinations of the items, given their weights of shape
        (n_items, 2, n_combinations).
    unit : float
        A discrimination on the scale of the fit times `unit` is on the reported scale.
    level : float
        Coverage of the intervals.

    Notes
    -----
    The prior standard deviations are held at their estimates.
    """
    information = regression.information(sds, covariance_of(regression.loads(sds)))
    errors = np.sqrt(np.diag(np.linalg.inv(information))).reshape(regression.coefficients.shape)
    scale = np.array([unit, 1.0])[:, None]
    n_terms = len(regression.terms)
    return pd.DataFrame(
        {
            "parameter": np.repeat(_PARAMETERS, n_terms),
            "term": list(regression.terms) * 2,
            **normal_interval((scale * regression.coefficients).ravel(), (scale * errors).ravel(), level),
        }
    )


def describe_gaps(rollcalls: tuple[str, ...]) -> list[str]:
    """Return the caution on roll calls that were left out because a covariate is missing."""
    if not rollcalls:
        return []
    shown = ", ".join(rollcalls[:_SHOWN]) + (", ..." if len(rollcalls) > _SHOWN else "")
    plural = "" if len(rollcalls) == 1 else "s"
    return [f"{len(rollcalls)} roll call{plural} left out because a covariate is missing: {shown}"]


def no_item_covariates() -> UsageError:
    """Return the error for slopes of a fit without covariates of roll calls."""
    return UsageError(
        "the fit has no covariates of roll calls",
        remedy="fit a specification with Priors(items='~ ...')",
    )
