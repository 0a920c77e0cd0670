"""Positions as a linear function of covariates of members: the formula, its matrix and its prior.

The prior of the position of member i is normal with mean a + w_i'b and standard deviation s, where w_i are
covariates (Clinton, Jackman & Rivers 2004, https://doi.org/10.1017/S0003055404001194; Bafumi, Gelman, Park &
Kaplan 2005, https://doi.org/10.1093/pan/mpi010). The intercept a follows from the constraint that positions
have mean 0. The constraint that their mean square is 1 fixes the unit of b and s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from voteshift.errors import InputError, UsageError
from voteshift.formulas.columns import check_columns, check_frame
from voteshift.formulas.functions import collect_functions
from voteshift.formulas.matrix import check_rank, check_terms, check_values, encode_terms
from voteshift.formulas.reading import read_formula
from voteshift.rollcalls import RollCalls

__all__ = [
    "Covariates",
    "Regression",
    "as_covariates",
    "columns_of",
    "covariate_matrix",
    "encode_covariates",
    "rows_with_gaps",
    "without_missing",
]

Floats = NDArray[np.float64]
_OUTCOME: Final = "position"
_LEAST_DF: Final = 2  # residual degrees of freedom
_SHOWN: Final = 8
_EXAMPLE: Final = "give a formula such as '~ log(gdp_per_head) + C(group)'"


@dataclass(frozen=True, eq=False)
class Covariates:
    """Covariates on which the prior mean of positions, or of discriminations and midpoints, depends.

    Parameters
    ----------
    formula : str
        The right side of a formula, for instance ``"~ log(gdp_per_head) + C(group)"``, as in
        `voteshift.logit`. Its columns are those of ``record.members`` and of `data`; for items, those of
        ``record.rollcalls`` and of `data`.
    data : DataFrame, optional
        A table with a column ``member`` or ``iso3``; for items, with a column ``rollcall``. For members, with
        a column ``year``, each number is the mean over the years of the fitted roll calls. A column of this
        table comes before a column of the record with the same name.
    missing : {"raise", "drop"}
        If a covariate of a member or roll call is missing, raise an error, or fit the model without these
        votes. The fit names the members and roll calls that it left out.

    Raises
    ------
    UsageError
        If the formula has a left side, or an argument has a wrong type.
    """

    formula: str
    data: pd.DataFrame | None = None
    missing: Literal["raise", "drop"] = "raise"

    def __post_init__(self) -> None:
        """Validate the arguments."""
        formula: object = self.formula
        if not isinstance(formula, str) or not formula.lstrip().startswith("~"):
            raise UsageError(f"the formula of covariates is {formula!r}", remedy=_EXAMPLE)
        if self.missing not in ("raise", "drop"):
            raise UsageError(f"missing is {self.missing!r}", remedy="give 'raise' or 'drop'")
        if self.data is not None:
            object.__setattr__(self, "data", check_frame(self.data, "data"))

    def __eq__(self, other: object) -> bool:
        """Return True if formula, table and treatment of missing values are the same."""
        if not isinstance(other, Covariates):
            return NotImplemented
        same = (self.formula, self.missing) == (other.formula, other.missing)
        if self.data is None or other.data is None:
            return same and self.data is other.data
        return same and self.data.equals(other.data)

    def __hash__(self) -> int:
        """Hash the formula."""
        return hash((self.formula, self.missing))


def as_covariates(value: "str | Covariates | None", name: str = "positions") -> Covariates | None:
    """Return the covariates that a formula stands for; `name` is the argument.

    Raises
    ------
    UsageError
        If the value is neither a formula, covariates nor None.
    """
    covariates: object = value
    if covariates is None or isinstance(covariates, Covariates):
        return covariates
    if isinstance(covariates, str):
        return Covariates(covariates)
    raise UsageError(f"{name} is of type {type(covariates).__name__}", remedy=_EXAMPLE)


@dataclass(frozen=True)
class Regression:
    """The prior of positions: normal around a linear function of covariates, with a flat prior of the slopes.

    Attributes
    ----------
    formula : str
    terms : tuple of str
        Names of the columns of the matrix of covariates, without the intercept.
    basis : ndarray, shape (n_members, n_terms)
        Orthonormal basis Q of the centred matrix.
    root : ndarray, shape (n_terms, n_terms)
        Upper triangular matrix R: the centred matrix is Q R.
    sd : float
        Standard deviation s of the residuals.
    """

    formula: str
    terms: tuple[str, ...]
    basis: Floats
    root: Floats
    sd: float = 1.0

    @property
    def df(self) -> int:
        """Residual degrees of freedom: members minus intercept and slopes."""
        n_members, n_terms = self.basis.shape
        return n_members - 1 - n_terms

    @cached_property
    def precision(self) -> Floats:
        """Precision of the prior of each position given the others, shape (n_members,)."""
        leverage = np.einsum("ik,ik->i", self.basis, self.basis)
        return np.asarray((1.0 - leverage) / self.sd**2)

    def residuals(self, positions: Floats) -> Floats:
        """Return positions minus their regression on the covariates, shape (n_members,)."""
        return np.asarray(positions - self.basis @ (self.basis.T @ positions))

    def precision_matrix(self) -> Floats:
        """Return the precision of the prior of all positions, shape (n_members, n_members)."""
        return np.asarray((np.eye(len(self.basis)) - self.basis @ self.basis.T) / self.sd**2)

    def slopes(self, positions: Floats) -> Floats:
        """Return the slopes of the regression of positions on covariates.

        Parameters
        ----------
        positions : ndarray, shape (..., n_members)

        Returns
        -------
        ndarray, shape (..., n_terms)
        """
        return np.asarray(solve_triangular(self.root, (positions @ self.basis).T).T)

    def slope_matrix(self) -> Floats:
        """Return the matrix from coefficients of the basis with mean square 1 to slopes of the terms."""
        n_members, n_terms = self.basis.shape
        return np.asarray(np.sqrt(n_members) * solve_triangular(self.root, np.eye(n_terms)))

    @property
    def unscaled_covariance(self) -> Floats:
        """Covariance of the slopes given the positions, divided by s^2."""
        inverse = solve_triangular(self.root, np.eye(len(self.root)))
        return np.asarray(inverse @ inverse.T)

    def learned_sd(self, positions: Floats, variances: Floats) -> float:
        """Return the update of s: the root of the expected residual sum of squares over `df`.

        Parameters
        ----------
        positions, variances : ndarray, shape (n_members,)
            Means and variances of the positions.
        """
        squares = float(np.sum(self.residuals(positions) ** 2))
        squares += float(np.sum(variances * self.precision)) * self.sd**2
        return float(np.sqrt(squares / self.df))


def without_missing(covariates: Covariates | None, rollcalls: RollCalls) -> tuple[RollCalls, tuple[str, ...]]:
    """Return the record without members for whom a covariate is missing, and these members.

    Only with ``missing="drop"`` are members left out, and only those that voted are named.

    Raises
    ------
    InputError, UsageError
        As `encode_covariates`.
    """
    if covariates is None or covariates.missing == "raise":
        return rollcalls, ()
    frame = _table(covariates, rollcalls)
    has_gap = rows_with_gaps(covariates, frame, _OUTCOME)
    if not has_gap.any():
        return rollcalls, ()
    voted = (rollcalls.votes >= 0).any(axis=1)
    return (
        rollcalls.select(members=frame.index[~has_gap]),
        tuple(map(str, frame.index[has_gap & voted])),
    )


def encode_covariates(covariates: Covariates, rollcalls: RollCalls, members: pd.Index) -> Regression:
    """Return the matrix of the covariates of some members, centred and orthonormal.

    Parameters
    ----------
    covariates : Covariates
    rollcalls : RollCalls
        The fitted roll calls.
    members : Index
        Ids of the fitted members.

    Raises
    ------
    InputError
        If a covariate of a member is missing or infinite, or the table has no column of members, names a
        member twice, or has text that changes over the years.
    UsageError
        If the formula cannot be read, or has too many terms for the members.
    NotUsableError
        If a covariate is constant, or covariates are collinear.
    """
    frame = _table(covariates, rollcalls).loc[members]
    X, terms = covariate_matrix(covariates, frame, _OUTCOME, "members")
    basis, root = np.linalg.qr(X - X.mean(axis=0))
    return Regression(covariates.formula, terms, basis, root)


def covariate_matrix(
    covariates: Covariates, frame: pd.DataFrame, outcome: str, rows: str
) -> tuple[Floats, tuple[str, ...]]:
    """Return the matrix of the covariates without the intercept, and the names of its columns.

    Parameters
    ----------
    covariates : Covariates
    frame : DataFrame
        The columns, one row per member or item.
    outcome, rows : str
        What the formula explains, and what a row is, in words.

    Raises
    ------
    InputError
        If a covariate is missing or infinite.
    UsageError
        If the formula cannot be read, or has too many terms.
    NotUsableError
        If a covariate is constant, or covariates are collinear.
    """
    read = _read(covariates, frame, outcome)
    gaps = frame[list(read.variables)].isna()
    absent = [str(row) for row in frame.index[gaps.any(axis=1)]]
    if absent:
        raise InputError(
            f"missing values of {', '.join(map(str, gaps.columns[gaps.any()]))} for {len(absent)} of "
            f"{len(frame)} {rows}: {_listed(absent)}",
            remedy="fill in the values, leave the covariate out, or pass Covariates(..., missing='drop')",
        )
    check_columns(frame, read.variables, read.numeric, read.categorical)
    matrix, _ = encode_terms(
        read.right,
        frame.reset_index(drop=True),
        read.variables,
        collect_functions(),
        "check the functions of the formula and their arguments",
    )
    check_terms(matrix.model_spec)
    terms = [str(name) for name in matrix.columns if str(name) != "Intercept"]
    if not terms:
        raise UsageError(f"the formula of {outcome}s has no covariate", remedy=_EXAMPLE)
    if len(terms) + 1 + _LEAST_DF > len(frame):
        raise UsageError(
            f"the formula of {outcome}s has {len(terms)} terms, too many for {len(frame)} {rows}",
            remedy="use fewer covariates",
        )
    X = np.asarray(matrix[terms], dtype=np.float64)
    check_values(X, terms)
    check_rank(np.column_stack([np.ones(len(X)), X]), ["the intercept", *terms])
    return X, tuple(terms)


def columns_of(covariates: Covariates, frame: pd.DataFrame, outcome: str) -> tuple[str, ...]:
    """Return the columns of a frame that the formula uses."""
    return tuple(_read(covariates, frame, outcome).variables)


def rows_with_gaps(covariates: Covariates, frame: pd.DataFrame, outcome: str) -> NDArray[np.bool_]:
    """Return True for the rows of a frame in which a covariate is missing."""
    return frame[list(columns_of(covariates, frame, outcome))].isna().any(axis=1).to_numpy(bool)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")


def _read(covariates: Covariates, frame: pd.DataFrame, outcome: str) -> Any:
    columns = [name for name in frame.columns if isinstance(name, str) and name != outcome]
    return read_formula(f"{outcome} {covariates.formula.lstrip()}", [*columns, outcome], collect_functions())


def _table(covariates: Covariates, rollcalls: RollCalls) -> pd.DataFrame:
    """Return the columns of members and of the table, one row per member of the record."""
    members = rollcalls.members
    if covariates.data is None:
        return members
    data = covariates.data
    key = next((name for name in ("member", "iso3") if name in data.columns), None)
    if key is None:
        raise InputError(
            "data has no column 'member' or 'iso3'", remedy="add a column with the ids of members"
        )
    data = data[data[key].isin(members.index)].rename(columns={key: "member"})
    if data.empty:
        raise InputError(
            f"no {key} of data is a member of the record", remedy="use the ids of record.members.index"
        )
    data = _over_years(data, rollcalls) if "year" in data.columns else data.set_index("member")
    if data.index.has_duplicates:
        name = data.index[data.index.duplicated()][0]
        raise InputError(
            f"data has several rows for {name}", remedy="give one row per member, or add a column 'year'"
        )
    kept = members.drop(columns=[name for name in members.columns if name in data.columns])
    return kept.join(data)


def _over_years(data: pd.DataFrame, rollcalls: RollCalls) -> pd.DataFrame:
    """Return the means of numbers over the years of the roll calls; text must not change."""
    dates = rollcalls.rollcalls.get("date")
    years = None if dates is None else pd.to_datetime(dates, errors="coerce").dt.year.dropna()
    if years is None or years.empty:
        raise InputError(
            "data has a column 'year', but the roll calls have no dates",
            remedy="give one row per member, without the column 'year'",
        )
    year = pd.to_numeric(data["year"], errors="coerce")
    within = data[year.between(years.min(), years.max())].drop(columns="year")
    if within.empty:
        raise InputError(
            f"data has no row for the years of the roll calls, {years.min()} to {years.max()}",
            remedy="give values of these years",
        )
    groups = within.groupby("member", sort=False)
    numbers = list(within.select_dtypes("number").columns)
    words = [name for name in within.columns if name not in numbers and name != "member"]
    for name in words:
        counts = groups[name].nunique()
        if (counts > 1).any():
            raise InputError(
                f"{name} of {counts.index[counts > 1][0]} changes over the years of the roll calls",
                remedy="give one value per member",
            )
    return groups[numbers].mean().join(groups[words].first())
