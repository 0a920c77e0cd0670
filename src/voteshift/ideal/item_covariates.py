"""Discriminations and midpoints as linear functions of covariates of roll calls.

The priors of the discrimination b_j and of the midpoint m_j of item j are normal,

    b_j ~ N(v_j' g_b, s_b^2),    m_j ~ N(v_j' g_m, s_m^2),

where v_j are an intercept and covariates of the roll call. In an uncorrelated basis of these with mean
square 1, coefficients have the priors N(0, (2.5 s_b)^2) and N(0, (2.5 s_m)^2): with a flat prior, the slope
on the only roll call of a kind could be infinite. This is the explanatory item response model with item
covariates and residuals (De Boeck 2008, https://doi.org/10.1007/s11336-008-9092-x). Given all votes and s,
with C the posterior covariance of all (b_j, m_j) given g, X the matrix of the basis, D the precisions of the
residuals and P those of the coefficients, the coefficients have

    score X' D (E(b, m) - X g) - P g,    information X' D X + P - X' D C D X.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import InputError, UsageError
from voteshift.ideal.covariates import Covariates, columns_of, covariate_matrix, rows_with_gaps
from voteshift.rollcalls import RollCalls

__all__ = [
    "ITEM_SLOPE_SD",
    "ItemRegression",
    "ItemUpdate",
    "encode_item_covariates",
    "without_gaps",
]

Floats = NDArray[np.float64]
ITEM_SLOPE_SD: Final = 2.5
"""Prior standard deviation of a slope of a covariate with mean square 1, in residual standard deviations."""
_OUTCOME: Final = "item"
_COMPUTED: Final = ("yes", "no", "abstain", "outcome")
"""Columns that are computed from the votes which the model explains."""


@dataclass(frozen=True)
class ItemUpdate:
    """New coefficients, and moments of the items that include the uncertainty of the coefficients.

    Attributes
    ----------
    regression : ItemRegression
        With the new coefficients.
    covariances : ndarray, shape (n_items, 3)
        Variance of the discrimination, covariance with the midpoint, and variance of the midpoint.
    residuals, residual_variances : ndarray, shape (n_items + n_terms, 2)
        Means and variances of discriminations and midpoints minus their linear functions, then those of the
        coefficients divided by 2.5. All have the same prior standard deviation.
    move : float
        Largest change of a coefficient, in standard deviations.
    """

    regression: "ItemRegression"
    covariances: Floats
    residuals: Floats
    residual_variances: Floats
    move: float


@dataclass(frozen=True)
class ItemRegression:
    """The prior means of discriminations and midpoints, given covariates of roll calls.

    Attributes
    ----------
    formula : str
    terms : tuple of str
        Names of the columns of the matrix of covariates, the intercept first.
    basis : ndarray, shape (n_items, n_terms)
        Uncorrelated columns with mean square 1 that span the matrix.
    to_terms : ndarray, shape (n_terms, n_terms)
        Slopes of the terms are this matrix times coefficients of the basis.
    coefficients : ndarray, shape (2, n_terms)
        Of the basis, for discriminations and then for midpoints.
    """

    formula: str
    terms: tuple[str, ...]
    basis: Floats
    to_terms: Floats
    coefficients: Floats

    @classmethod
    def of(cls, formula: str, terms: tuple[str, ...], matrix: Floats) -> "ItemRegression":
        """Return the regression on the columns of a matrix, with coefficients 0."""
        orthonormal, root = np.linalg.qr(matrix)
        size = np.sqrt(len(matrix))
        to_terms = np.asarray(size * np.linalg.inv(root))
        return cls(formula, terms, orthonormal * size, to_terms, np.zeros((2, len(terms))))

    @property
    def means(self) -> Floats:
        """Prior means of discrimination and midpoint, shape (n_items, 2)."""
        return np.asarray(self.basis @ self.coefficients.T)

    @property
    def slopes(self) -> Floats:
        """Slopes of the terms, shape (2, n_terms)."""
        return np.asarray(self.coefficients @ self.to_terms.T)

    @property
    def leverages(self) -> Floats:
        """Share of each item in its own prior mean by least squares, shape (n_items,)."""
        return np.asarray(np.sum(self.basis**2, axis=1) / len(self.basis))

    def loads(self, sds: Floats) -> Floats:
        """Return D X, shape (n_items, 2, 2 * n_terms), for prior standard deviations of both parameters."""
        n_items, n_terms = self.basis.shape
        result = np.zeros((n_items, 2, 2 * n_terms))
        for row, sd in enumerate(sds):
            result[:, row, row * n_terms : (row + 1) * n_terms] = self.basis / sd**2
        return result

    def information(self, sds: Floats, covariances: Floats) -> Floats:
        """Return X' D X + P - X' D C D X for independent items, shape (2 * n_terms, 2 * n_terms).

        Parameters
        ----------
        sds : ndarray, shape (2,)
            Prior standard deviations.
        covariances : ndarray, shape (n_items, 2, 2)
            Covariance C_j of each item for fixed coefficients.
        """
        loads = self.loads(sds)
        square = self.basis.T @ self.basis + np.eye(len(self.terms)) / ITEM_SLOPE_SD**2
        whole = np.kron(np.diag(np.asarray(sds) ** -2.0), square)
        return np.asarray(whole - np.einsum("jpa,jpq,jqb->ab", loads, covariances, loads))

    def update(self, means: Floats, spread: Floats, sds: Floats) -> ItemUpdate:
        """Take a Newton step of the coefficients, with the items independent of each other.

        Parameters
        ----------
        means : ndarray, shape (n_items, 2)
            Posterior means of discrimination and midpoint for the present coefficients.
        spread : ndarray, shape (n_items, 3)
            Their variances and covariance for fixed coefficients, as in `ItemUpdate`.
        sds : ndarray, shape (2,)
            Prior standard deviations.
        """
        covariances = spread[:, [[0, 1], [1, 2]]]
        loads, residuals = self.loads(sds), means - self.means
        inverse = np.linalg.inv(self.information(sds, covariances))
        drawn_back = self.coefficients / (ITEM_SLOPE_SD * np.asarray(sds)[:, None]) ** 2
        step = inverse @ (np.einsum("jpa,jp->a", loads, residuals) - drawn_back.ravel())
        response = covariances @ loads  # change of the mean of an item with the coefficients
        change = response - loads * np.asarray(sds)[:, None] ** 2
        added = np.einsum("jpa,ab,jqb->jpq", response, inverse, response)
        within = np.einsum("jpp->jp", covariances) + np.einsum("jpa,ab,jpb->jp", change, inverse, change)
        return ItemUpdate(
            replace(self, coefficients=self.coefficients + step.reshape(2, -1)),
            spread + added[:, [0, 0, 1], [0, 1, 1]],
            np.vstack([residuals, self.coefficients.T / ITEM_SLOPE_SD]),
            np.vstack([within, np.diag(inverse).reshape(2, -1).T / ITEM_SLOPE_SD**2]),
            float(np.abs(step / np.sqrt(np.diag(inverse))).max()),
        )


def _table(covariates: Covariates, rollcalls: RollCalls) -> pd.DataFrame:
    """Return the columns of roll calls and of the table, one row per roll call of the record."""
    frame, data = rollcalls.rollcalls, covariates.data
    if data is None:
        return frame
    if "rollcall" not in data.columns:
        raise InputError(
            "data has no column 'rollcall'", remedy="add a column with the ids of the roll calls"
        )
    data = data[data["rollcall"].isin(frame.index)].set_index("rollcall")
    if data.empty:
        raise InputError(
            "no rollcall of data is in the record", remedy="use the ids of record.rollcalls.index"
        )
    if data.index.has_duplicates:
        name = data.index[data.index.duplicated()][0]
        raise InputError(f"data has several rows for {name}", remedy="give one row per roll call")
    return frame.drop(columns=[name for name in frame.columns if name in data.columns]).join(data)


def without_gaps(covariates: Covariates | None, rollcalls: RollCalls) -> tuple[RollCalls, tuple[str, ...]]:
    """Return the record without roll calls of which a covariate is missing, and the contested ones of these.

    Only with ``missing="drop"`` are roll calls left out.

    Raises
    ------
    InputError, UsageError
        As `encode_item_covariates`.
    """
    if covariates is None or covariates.missing == "raise":
        return rollcalls, ()
    frame = _table(covariates, rollcalls)
    has_gap = rows_with_gaps(covariates, frame, _OUTCOME)
    if not has_gap.any():
        return rollcalls, ()
    contested = frame.index.isin(rollcalls.contested().rollcalls.index)
    return (
        rollcalls.select(rollcalls=frame.index[~has_gap]),
        tuple(map(str, frame.index[has_gap & contested])),
    )


def encode_item_covariates(covariates: Covariates, rollcalls: RollCalls, ids: pd.Index) -> ItemRegression:
    """Return the matrix of the covariates of some roll calls, with coefficients 0.

    Parameters
    ----------
    covariates : Covariates
    rollcalls : RollCalls
        The fitted record.
    ids : Index
        Ids of the fitted roll calls, each of which is an item.

    Raises
    ------
    InputError
        If a covariate of a roll call is missing or infinite, or the table has no column of roll calls or
        names a roll call twice.
    UsageError
        If the formula cannot be read, has a column that is computed from the votes, or has too many terms.
    NotUsableError
        If a covariate is constant, or covariates are collinear.
    """
    frame = _table(covariates, rollcalls).loc[ids]
    computed = [name for name in columns_of(covariates, frame, _OUTCOME) if name in _COMPUTED]
    if computed:
        raise UsageError(
            f"the formula of items has the column {computed[0]!r}, which is computed from the votes",
            remedy="use covariates that are known before the vote",
        )
    matrix, terms = covariate_matrix(covariates, frame, _OUTCOME, "roll calls")
    whole = np.column_stack([np.ones(len(matrix)), matrix])
    return ItemRegression.of(covariates.formula, ("Intercept", *terms), whole)
