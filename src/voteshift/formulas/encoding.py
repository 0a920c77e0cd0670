"""Encode the right side of a formula with formulaic, without access to other names."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import numpy as np
import pandas as pd
from formulaic.materializers import PandasMaterializer
from formulaic.utils.layered_mapping import LayeredMapping
from formulaic.utils.stateful_transforms import stateful_eval
from formulaic.utils.variables import Variable

from voteshift.errors import UsageError
from voteshift.formulas.functions import Functions, find_contrasts
from voteshift.formulas.pieces import check_piece, shorten

__all__ = ["DesignColumn", "Encoder", "FactorColumn"]

_MOST_COLUMNS: Final = 2_000


@dataclass(frozen=True, slots=True)
class FactorColumn:
    """One column of an encoded factor.

    Attributes
    ----------
    factor : str
        The factor in the notation of formulaic: a column, or an expression such as ``C(rollcall)``.
    number, count : int
        Position of the column within the factor, from 0, and number of columns of the factor.
    reduced : bool
        True if categories are encoded as contrasts; False for one indicator per level.
    """

    factor: str
    number: int
    count: int
    reduced: bool


@dataclass(frozen=True, slots=True)
class DesignColumn:
    """The product that makes one column of a design matrix.

    Attributes
    ----------
    factors : tuple of FactorColumn
        The columns that are multiplied.
    scale : float
        A number that multiplies these columns.
    """

    factors: tuple[FactorColumn, ...]
    scale: float


class _Names(dict[str, Any]):
    """The names that a piece may use. Any other name is an error, including builtins of Python."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> Any:
        raise NameError(f"{name!r} is not among the names of the formula")


class Encoder(PandasMaterializer):  # type: ignore[misc]
    """Encoder of formulaic for pandas, without formulaic's own names (``np``, ...) and Python's builtins.

    Parameters
    ----------
    frame : DataFrame
    functions : mapping of str to Function
        Functions that the formula may call.
    """

    def __init__(self, frame: pd.DataFrame, functions: Functions) -> None:
        super().__init__(frame)
        self.layered_context = LayeredMapping(LayeredMapping(frame, name="data"))
        self._functions = functions
        self._n_columns = 0
        self._factor_columns: dict[str, FactorColumn] = {}
        self._columns: dict[str, DesignColumn] = {}

    @property
    def columns(self) -> Mapping[str, DesignColumn]:
        """The columns encoded so far, by name, without the intercept."""
        return self._columns

    @PandasMaterializer.override  # type: ignore[untyped-decorator]
    def _evaluate(self, expr: str, metadata: Any, spec: Any) -> tuple[Any, set[Any]]:
        """Check a piece, and return its values and the columns that it uses."""
        piece = check_piece(expr, self.data.columns, self._functions)
        values = {name: self.data[column] for name, column in piece.columns.items()}
        if piece.grows or not piece.categorical:
            # Integers of 64 bits overflow without a warning; categories keep their labels.
            values = {name: _as_floats(column) for name, column in values.items()}
        names = _Names(
            find_contrasts() | {name: self._functions[name].call for name in piece.functions} | values
        )
        result = stateful_eval(piece.code, names, {piece.code: metadata}, spec.transform_state, spec)
        columns = piece.columns.values()
        return result, {Variable(name, roles=("value",), source="data") for name in columns}

    @PandasMaterializer.override  # type: ignore[untyped-decorator]
    def _encode_evaled_factor(
        self, factor: Any, spec: Any, drop_rows: Any, reduced_rank: bool = False
    ) -> dict[str, Any]:
        """Return the columns of a factor, and store the factor of each column."""
        encoded = dict(super()._encode_evaled_factor(factor, spec, drop_rows, reduced_rank))
        for number, name in enumerate(encoded):
            self._factor_columns[name] = FactorColumn(factor.expr, number, len(encoded), reduced_rank)
        return encoded

    @PandasMaterializer.override  # type: ignore[untyped-decorator]
    def _get_columns_for_term(
        self, factors: list[dict[str, Any]], spec: Any, scale: float = 1
    ) -> dict[str, Any]:
        """Return the columns of a term, or raise an error if the matrix has too many columns."""
        self._n_columns += math.prod(len(factor) for factor in factors)
        if self._n_columns > _MOST_COLUMNS:
            term = shorten(":".join(min(factor, default="") for factor in factors))
            raise UsageError(
                f"the formula makes at least {self._n_columns} columns; the last term read is {term}",
                remedy=f"leave a term out, or merge levels: a formula makes at most {_MOST_COLUMNS} columns",
            )
        for names in product(*factors):
            parts = tuple(self._factor_columns[name] for name in names)
            self._columns[":".join(names)] = DesignColumn(parts, scale)
        return dict(super()._get_columns_for_term(factors, spec, scale))


def _as_floats(values: pd.Series) -> pd.Series:
    return values.astype(np.float64) if pd.api.types.is_integer_dtype(values.dtype) else values
