"""The matrix of the terms of a formula, and checks that a model can be fitted to it."""

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import scipy.linalg
from numpy.typing import NDArray

from voteshift.errors import InputError, NotUsableError, UsageError, VoteshiftError
from voteshift.formulas.columns import take_columns
from voteshift.formulas.functions import Functions

if TYPE_CHECKING:
    from voteshift.formulas.encoding import DesignColumn

__all__ = ["check_rank", "check_terms", "check_values", "encode_terms"]

_LARGEST: Final = 1e50  # largest value of a cell: products of four cells do not overflow


def encode_terms(
    spec: Any, frame: pd.DataFrame, variables: Sequence[str], functions: Functions, remedy: str
) -> "tuple[Any, Mapping[str, DesignColumn]]":
    """Return the model matrix of rows, and the factors of its columns.

    The formula has access only to its columns and functions.

    Parameters
    ----------
    spec : object
        The right side of a formula as formulaic read it, or the encoding of fitted rows.
    frame : DataFrame
        The rows.
    variables : sequence of str
        Columns that the formula uses.
    functions : mapping of str to Function
        Functions that the formula may call.
    remedy : str
        What to do if a value cannot be encoded.

    Raises
    ------
    UsageError
        If a term cannot be computed.
    """
    from formulaic.errors import DataMismatchWarning

    from voteshift.formulas.encoding import Encoder

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            encoder = Encoder(take_columns(frame, variables), functions)
            return encoder.get_model_matrix(spec, na_action="raise"), encoder.columns
        except VoteshiftError:
            raise
        except DataMismatchWarning as warning:
            raise UsageError(f"a value cannot be encoded: {_one_line(warning)}", remedy=remedy) from None
        except Exception as error:  # noqa: BLE001 - formulaic raises whatever the expression inside it raises
            raise UsageError(
                f"the right side of the formula cannot be computed: {_one_line(error)}", remedy=remedy
            ) from None


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def check_terms(spec: Any) -> None:
    """Raise an error if a term has no column: formulaic drops factors of one level without a message.

    Raises
    ------
    NotUsableError
        If a factor has the same level in every row.
    """
    for term, _, columns in spec.structure:
        if columns:
            continue
        levels = [
            f"{factor} is {state.levels[0]} in every row"
            for factor, state in spec.factor_contrasts.items()
            if len(state.levels) == 1 and factor in term.factors
        ]
        why = f": {', '.join(levels)}" if levels else ""
        raise NotUsableError(f"the term {term} has no column{why}", remedy="leave the term out")


def check_values(X: NDArray[np.float64], columns: Sequence[str]) -> None:
    """Raise an error for cells that are not finite or too large.

    Parameters
    ----------
    X : ndarray, shape (n, k)
        The matrix.
    columns : sequence of str
        Names of its columns.

    Raises
    ------
    InputError
        If a cell is not finite, or is larger than 1e50.
    """
    if not np.isfinite(X).all():
        raise InputError(
            "a term of the formula is not finite in some rows", remedy="check for logarithms of 0"
        )
    largest = np.abs(X).max(axis=0)
    if largest.max() > _LARGEST:
        raise InputError(
            f"the term {columns[largest.argmax()]} has values up to {largest.max():.0e}, which are too large",
            remedy="rescale the column with scale(), or use a smaller power",
        )


def check_rank(X: NDArray[np.float64], columns: Sequence[str]) -> None:
    """Raise an error for collinear columns.

    Parameters
    ----------
    X : ndarray, shape (n, k)
        The matrix.
    columns : sequence of str
        Names of its columns.

    Raises
    ------
    NotUsableError
        If a column is 0 in every row, or depends on the other columns.
    """
    scale = np.abs(X).max(axis=0)
    dependent = [name for name, size in zip(columns, scale, strict=True) if size == 0]
    if not dependent:
        _, R, pivots = scipy.linalg.qr(X / scale, mode="economic", pivoting=True)
        diagonal = np.abs(np.diag(R))
        rank = int((diagonal > max(X.shape) * 1e-12 * diagonal[0]).sum())
        if rank < X.shape[1]:
            dependent = [columns[index] for index in sorted(pivots[rank:])]
    if dependent:
        raise NotUsableError(
            f"the terms are collinear: {', '.join(dependent)} depend{'s' * (len(dependent) == 1)} on the "
            "other terms in these rows",
            remedy="leave out a term, or merge levels",
        )
