"""Discriminations and midpoints as linear functions of covariates of roll calls.

The priors of the discrimination b_j and of the midpoint m_j of item j are normal,

    b_j ~ N(v_j' g_b, s_b^2),    m_j ~ N(v_j' g_m, s_m^2),

where v_j are an intercept and covariates of the roll call, and the coefficients g have flat priors. This is
the explanatory item response model with item covariates and residuals (De Boeck 2008,
https://doi.org/10.1007/s11336-008-9092-x). Given all votes and s, with C the posterior covariance of all
(b_j, m_j) given g, X the matrix of covariates and D the prior precisions, the coefficients have

    score X' D (E(b, m) - X g),    information X' D X - X' D C D X.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import InputError
from voteshift.ideal.covariates import Covariates, covariate_matrix, rows_with_gaps
from voteshift.rollcalls import RollCalls

__all__ = [
    "ItemRegression",
    "encode_item_covariates",
    "renew",
    "without_gaps",
]

Floats = NDArray[np.float64]
_OUTCOME: Final = "item"


@dataclass(frozen=True)
class ItemRegression:
    """The prior means of discriminations and midpoints, given covariates of roll calls.

    Attributes
    ----------
    formula : str
    terms : tuple of str
        Names of the columns of `matrix`, the intercept first.
    matrix : ndarray, shape (n_items, n_terms)
    coefficients : ndarray, shape (2, n_terms)
        Of the discriminations, then of the midpoints.
    """

    formula: str
    terms: tuple[str, ...]
    matrix: Floats
    coefficients: Floats

    @property
    def means(self) -> Floats:
        """Prior means of discrimination and midpoint, shape (n_items, 2)."""
        return np.asarray(self.matrix @ self.coefficients.T)

    def basis(self) -> tuple[Floats, Floats]:
        """Return columns with mean square 1 and no correlation, and the matrix to coefficients of the terms.

        Returns
        -------
        basis : ndarray, shape (n_items, n_terms)
        to_terms : ndarray, shape (n_terms, n_terms)
            Coefficients of the terms are this matrix times coefficients of the basis.
        """
        size = np.sqrt(len(self.matrix))
        orthonormal, root = np.linalg.qr(self.matrix)
        return orthonormal * size, np.asarray(size * np.linalg.inv(root))

    def loads(self, sds: Floats) -> Floats:
        """Return D X, shape (n_items, 2, 2 * n_terms), for prior standard deviations of both parameters."""
        n_items, n_terms = self.matrix.shape
        result = np.zeros((n_items, 2, 2 * n_terms))
        for row, sd in enumerate(sds):
            result[:, row, row * n_terms : (row + 1) * n_terms] = self.matrix / sd**2
        return result

    def information(self, sds: Floats, removed: Floats) -> Floats:
        """Return X' D X - X' D C D X, shape (2 * n_terms, 2 * n_terms), given the second part."""
        square = self.matrix.T @ self.matrix
        return np.asarray(np.kron(np.diag(np.asarray(sds) ** -2.0), square) - removed)


def renew(regression: ItemRegression, means: Floats, spread: Floats, sds: Floats) -> ItemRegression:
    """Take a Newton step of the coefficients, with the items independent of each other in the posterior.

    Parameters
    ----------
    regression : ItemRegression
    means : ndarray, shape (n_items, 2)
        Posterior means of discrimination and midpoint.
    spread : ndarray, shape (n_items, 3)
        Their variances and covariance: of the discrimination, of both, of the midpoint.
    sds : ndarray, shape (2,)
        Prior standard deviations.
    """
    loads = regression.loads(sds)
    covariance = spread[:, [[0, 1], [1, 2]]]
    removed = np.einsum("jpa,jpq,jqb->ab", loads, covariance, loads)
    score = np.einsum("jpa,jp->a", loads, means - regression.means)
    step = np.linalg.solve(regression.information(sds, removed), score)
    return replace(regression, coefficients=regression.coefficients + step.reshape(2, -1))


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
        If the formula cannot be read, or has too many terms for the roll calls.
    NotUsableError
        If a covariate is constant, or covariates are collinear.
    """
    matrix, terms = covariate_matrix(
        covariates, _table(covariates, rollcalls).loc[ids], _OUTCOME, "roll calls"
    )
    whole = np.column_stack([np.ones(len(matrix)), matrix])
    return ItemRegression(covariates.formula, ("Intercept", *terms), whole, np.zeros((2, whole.shape[1])))
