"""Encode a formula and a table as matrices, and raise an error if a model cannot be fitted to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import InputError, NotUsableError, UsageError
from voteshift.formulas.columns import check_columns, check_frame, find_kind
from voteshift.formulas.formula import Formula
from voteshift.formulas.functions import Functions, collect_functions
from voteshift.formulas.matrix import check_rank, check_terms, check_values, encode_terms
from voteshift.formulas.reading import read_formula
from voteshift.logistic.likelihoods import Family, Floats
from voteshift.logistic.names import name_levels
from voteshift.votes import CATEGORIES

if TYPE_CHECKING:
    from voteshift.formulas.encoding import DesignColumn

__all__ = ["Design", "build_design", "columns_of"]

_SHOWN: Final = 8
_NO_CONTRAST: Final = "use another outcome, or more votes"
_ORDERED: Final = ("ordered", "ordered-probit")


@dataclass(frozen=True, eq=False)
class Design:
    """The matrices of a model, and the encoding, which can be applied to other rows.

    Attributes
    ----------
    formula : str
    frame : DataFrame
        The fitted rows.
    outcome : str
        Column on the left of the formula.
    categories : tuple of str
        Categories of the outcome, in the order that the model uses.
    y : ndarray of int, shape (n,)
    X : ndarray, shape (n, k)
    columns : tuple of str
        Names of the columns of `X`.
    variables : tuple of str
        Columns of `frame` on the right of the formula.
    spec : formulaic.ModelSpec
        The encoding, with levels and transforms from the fitted rows.
    dropped : tuple of str
        Members with rows that were left out because a variable is missing.
    functions : mapping of str to Function
        Functions that the formula may call.
    products : mapping of str to DesignColumn
        For each column of `X` except the intercept, the factors whose product is the column.
    """

    formula: str
    frame: pd.DataFrame
    outcome: str
    categories: tuple[str, ...]
    y: NDArray[np.intp]
    X: Floats
    columns: tuple[str, ...]
    variables: tuple[str, ...]
    spec: Any
    dropped: tuple[str, ...]
    functions: Functions
    products: "Mapping[str, DesignColumn]"

    @property
    def cutpoints(self) -> tuple[str, ...]:
        """Names of the cutpoints of an ordered model: no|abstain, abstain|yes."""
        return tuple(f"{low}|{high}" for low, high in pairwise(self.categories))

    @property
    def shown(self) -> range:
        """The categories that tables show; for a binary model only the outcome itself."""
        return range(1 if len(self.categories) == 2 else 0, len(self.categories))

    def is_categorical(self, variable: str) -> bool:
        """Return True if a variable enters the formula as categories."""
        return not pd.api.types.is_numeric_dtype(self.frame[variable]) or any(
            variable in map(str, self.spec.factor_variables.get(factor, ()))
            for factor in self.spec.factor_contrasts
        )

    def encode(self, frame: pd.DataFrame) -> Floats:
        """Return the matrix of other rows, shape (n, k), with the encoding of the fitted rows.

        Raises
        ------
        UsageError
            If a categorical variable has a value that the fitted rows do not have, or the terms cannot be
            computed.
        """
        matrix, _ = encode_terms(
            self.spec,
            frame,
            self.variables,
            self.functions,
            "give only values that occur in the fitted votes",
        )
        return np.asarray(matrix[list(self.columns)], dtype=np.float64)


def build_design(
    formula: str | Formula,
    frame: pd.DataFrame,
    family: Family,
    *,
    missing: str = "raise",
    base: str = "yes",
) -> Design:
    """Encode a formula and a table as matrices.

    Parameters
    ----------
    formula : str or Formula
        Wilkinson notation, read by formulaic: ``"yes ~ C(rollcall) * voice + C(group)"``.
    frame : DataFrame
    family : str
        See `voteshift.logistic.likelihoods.Likelihood`.
    missing : {"raise", "drop"}
        If a variable is missing in some rows, raise an error (``"raise"``) or leave out these rows
        (``"drop"``).
    base : str
        In a multinomial model, the category with which the other categories are compared.

    Returns
    -------
    Design
        For an ordered model, `X` has no column of ones, because the cutpoints are intercepts.

    Raises
    ------
    UsageError
        If the formula cannot be read or names an unknown column, or the outcome does not suit the model.
    InputError
        If a variable is missing for some members and `missing` is "raise".
    NotUsableError
        If the outcome does not vary, or columns are collinear.
    """
    frame = check_frame(frame, "panel")
    if frame.empty:
        raise InputError("panel has no rows", remedy="give one row per vote")
    formula = formula if isinstance(formula, Formula) else Formula(formula)
    functions = collect_functions(formula.functions)
    read = read_formula(formula.text, [name for name in frame.columns if isinstance(name, str)], functions)
    used, dropped = _complete(frame, sorted({read.outcome, *read.variables}), missing)
    used = used.assign(
        **{
            name: used[name].cat.remove_unused_categories()
            for name in read.variables
            if isinstance(used[name].dtype, pd.CategoricalDtype)
        }
    )
    find_kind(used[read.outcome], read.outcome)
    check_columns(used, read.variables, read.numeric, read.categorical)
    categories, y = _outcome(used[read.outcome], read.outcome, family, base)
    matrix, products = encode_terms(
        read.right, used, read.variables, functions, "check the functions of the formula and their arguments"
    )
    spec = matrix.model_spec
    check_terms(spec)
    columns = [str(name) for name in matrix.columns]
    if family in _ORDERED:
        columns = [name for name in columns if name != "Intercept"]  # the cutpoints are intercepts
    if not columns:
        raise UsageError("the right side of the formula has no variable", remedy="add a variable")
    X = np.asarray(matrix[columns], dtype=np.float64)
    check_values(X, columns)
    if family in _ORDERED:  # the cutpoints count as a constant column
        check_rank(np.column_stack([np.ones(len(X)), X]), ["the cutpoints", *columns])
    else:
        check_rank(X, columns)
    return Design(
        formula=formula.text,
        frame=used,
        outcome=read.outcome,
        categories=categories,
        y=y,
        X=X,
        columns=tuple(columns),
        variables=read.variables,
        spec=spec,
        dropped=dropped,
        functions=functions,
        products=products,
    )


def columns_of(frame: pd.DataFrame) -> str:
    """Return the list of columns, as the remedy of an error."""
    return f"columns: {', '.join(map(str, frame.columns))}"


def _complete(
    frame: pd.DataFrame, wanted: Sequence[str], missing: str
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the rows without missing values in these variables, and the members of the other rows."""
    gaps = frame[list(wanted)].isna()
    has_gap = gaps.any(axis=1).to_numpy(bool)
    if not has_gap.any():
        return frame.reset_index(drop=True), ()
    rows = frame["member"] if "member" in frame.columns else frame.index.to_series()
    members = tuple(sorted(set(rows[has_gap].astype(str))))
    if missing != "drop":
        where = ", ".join(str(name) for name in gaps.columns[gaps.any()])
        names = ", ".join(name_levels(frame, "member", members)[:_SHOWN])
        names += ", ..." if len(members) > _SHOWN else ""
        raise InputError(
            f"missing values of {where} in {int(has_gap.sum())} of {len(frame)} rows: {names}",
            remedy="fill in the values, leave the variable out, or drop these rows with missing='drop'",
        )
    if has_gap.all():
        raise InputError("in every row a variable of the formula is missing", remedy="leave a variable out")
    return frame[~has_gap].reset_index(drop=True), members


def _outcome(
    values: pd.Series, name: str, family: Family, base: str
) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    if family == "binary":
        numbers = pd.to_numeric(values, errors="coerce")
        if not numbers.isin([0, 1]).all():
            raise UsageError(
                f"the outcome {name!r} has other values than 0 and 1",
                remedy=(
                    "write yes, no or abstain on the left of ~, or give model='ordered' or "
                    "model='multinomial'"
                ),
            )
        y = numbers.to_numpy(dtype=np.intp)
        if len(np.unique(y)) == 1:
            raise NotUsableError(f"the outcome {name!r} is {y[0]} in every row", remedy=_NO_CONTRAST)
        return (f"not {name}", name), y
    words = values.astype(str).to_numpy()
    if not set(words) <= set(CATEGORIES):
        raise UsageError(
            f"the outcome {name!r} does not contain votes",
            remedy=f"write 'vote' on the left of ~, because the model is {family}",
        )
    present = [word for word in CATEGORIES if word in set(words)]
    if len(present) == 1:
        raise NotUsableError(f"every vote is {present[0]}", remedy=_NO_CONTRAST)
    if len(present) == 2:
        raise NotUsableError(
            f"nobody voted {next(word for word in CATEGORIES if word not in present)} in these rows",
            remedy="fit a binary model of one of the other categories",
        )
    if family == "multinomial":
        present = [base, *(word for word in present if word != base)]
    return tuple(present), np.array([present.index(word) for word in words], dtype=np.intp)
