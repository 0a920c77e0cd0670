"""Predicted probabilities for profiles, averaged over the fitted votes, and for new rows."""

from collections.abc import Callable, Mapping
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from scipy.special import expit, logit, stdtrit

from voteshift.errors import InputError, UsageError
from voteshift.formulas.columns import check_frame, find_kind
from voteshift.logistic.design import Design, columns_of
from voteshift.logistic.effects import separated_ends
from voteshift.logistic.likelihoods import Floats

if TYPE_CHECKING:
    from voteshift.logistic.results import LogitResult

__all__ = ["predict_profiles", "predict_rows"]

_SHOWN: Final = 12  # levels in an error


def predict_profiles(result: "LogitResult", values: Mapping[str, Any]) -> pd.DataFrame:
    """Return predicted probabilities for profiles of values.

    Parameters
    ----------
    result : LogitResult
    values : dict
        One value, or a list of values, for some variables of the formula. Every combination of values is a
        profile. The other variables keep the values of the fitted votes, and probabilities are averaged over
        these votes.

    Returns
    -------
    DataFrame
        Columns: the variables of `values`, ``category``, ``estimate``, ``std_error``, ``conf_low`` and
        ``conf_high``. Intervals use the delta method on the logit scale, so the ends are between 0 and 1. If
        the data separate a term, intervals are widened as in `average_effects`.

    Raises
    ------
    UsageError
        If a variable is not in the formula, or a value is not one of its levels.
    InputError
        If a value is missing.
    """
    design, problem = result.design, result.problem
    choices = {name: _values(design, name, value) for name, value in values.items()}
    share = problem.weights / problem.weights.sum()

    def average(probabilities: Floats) -> Floats:
        return np.asarray(np.tensordot(share, probabilities, axes=1)[None])

    rows = []
    for combination in product(*choices.values()):
        profile = dict(zip(choices, combination, strict=True))
        X = design.encode(design.frame.assign(**profile))
        for bounds in _bounds(result, X, problem.offset, average):
            rows += [{**profile, **bound} for bound in bounds]
    return pd.DataFrame(rows)


def predict_rows(result: "LogitResult", rows: Any) -> pd.DataFrame:
    """Return predicted probabilities for new rows, each with its own values of all variables.

    Parameters
    ----------
    result : LogitResult
    rows : DataFrame of pandas, polars or PyArrow
        A table with a column for every variable of the formula. Other columns are ignored.

    Returns
    -------
    DataFrame
        One row per row of `rows` and category. Columns: ``row`` (label of the row in the index), the
        variables, ``category``, ``estimate``, ``std_error``, ``conf_low`` and ``conf_high``. Intervals are
        computed as in `predict_profiles`.

    Raises
    ------
    UsageError
        If `rows` lacks a variable, if a variable contains text instead of numbers or numbers instead of text,
        if a level does not occur in the fitted votes, or if the fit has an offset.
    InputError
        If there are no rows, or a value is missing. The error names the row of the missing value.
    """
    design = result.design
    if result.problem.offset.any():
        raise UsageError(
            "the fit has an offset, so it cannot predict for new rows",
            remedy='give a dictionary: predict({"x": 1}) keeps the offsets of the fitted votes',
        )
    table = check_frame(rows, "values")
    lacking = [name for name in design.variables if name not in table.columns]
    if lacking:
        raise UsageError(
            f"values has no column {lacking[0]!r}, which is a variable of the formula",
            remedy=columns_of(table),
        )
    if not len(table):
        raise InputError("values has no rows", remedy="give one row per prediction")
    for name in design.variables:
        _check_values(design, name, table[name])
    labels = table.index
    table = table[list(design.variables)].reset_index(drop=True)
    X = _encode_rows(design, table, labels)
    predictions = []
    for number, bounds in enumerate(_bounds(result, X, np.zeros(len(X)), np.asarray)):
        values = {name: table[name].iloc[number] for name in design.variables}
        predictions += [{"row": labels[number], **values, **bound} for bound in bounds]
    return pd.DataFrame(predictions)


def _encode_rows(design: Design, table: pd.DataFrame, labels: pd.Index) -> Floats:
    """Encode new rows. An error names the first row with a level that no fitted vote has."""
    try:
        return design.encode(table)
    except UsageError:
        for name in design.variables:
            unseen = ~table[name].isin(design.frame[name].unique()).to_numpy()
            if design.is_categorical(name) and unseen.any():
                number = int(unseen.argmax())
                levels = ", ".join(map(str, sorted(design.frame[name].unique())[:_SHOWN]))
                raise UsageError(
                    f"'{name}' is {table[name].iloc[number]!r} in row {labels[number]!r}, a level that "
                    "does not occur in the fitted votes",
                    remedy=f"levels: {levels}",
                ) from None
        raise


def _bounds(
    result: "LogitResult", X: Floats, offset: Floats, average: Callable[[Floats], Floats]
) -> list[list[dict[str, Any]]]:
    """Return estimates and intervals by category. `average` maps shape (n, ...) to (n_averages, ...)."""
    design, likelihood = result.design, result.problem.likelihood
    reach = float(stdtrit(result.df, 0.5 + result.level / 2))
    probabilities = average(likelihood.probabilities(result.estimate, X, offset))
    slopes = average(likelihood.slopes(result.estimate, X, offset))
    variance = np.einsum("akp,pq,akq->ak", slopes, result.covariance, slopes)
    error = np.sqrt(np.maximum(variance, 0.0))  # rounding may leave a variance of 0 below it
    inside = np.clip(probabilities, np.finfo(float).tiny, 1 - np.finfo(float).eps)
    spread = reach * error / (inside * (1 - inside))
    low, high = expit(logit(inside) - spread), expit(logit(inside) + spread)
    for params in separated_ends(result):
        end = average(likelihood.probabilities(params, X, offset))
        low, high = np.minimum(low, end), np.maximum(high, end)
    return [
        [
            {
                "category": design.categories[k],
                "estimate": probabilities[number, k],
                "std_error": error[number, k],
                "conf_low": low[number, k],
                "conf_high": high[number, k],
            }
            for k in design.shown
        ]
        for number in range(len(probabilities))
    ]


def _values(design: Design, name: str, value: Any) -> list[Any]:
    """Return the values of one variable of a profile as a list, validated."""
    if name not in design.variables:
        raise UsageError(
            f"the model has no variable {name!r}", remedy=f"variables: {', '.join(design.variables)}"
        )
    if isinstance(value, np.ndarray | pd.Series | pd.Index):
        value = value.tolist()
    values = list(value) if isinstance(value, list | tuple | range) else [value]
    if not values:
        raise UsageError(
            f"values has an empty list for {name!r}", remedy="give one value, or a list of values"
        )
    _check_values(design, name, pd.Series(values))
    return values


def _check_values(design: Design, name: str, values: pd.Series) -> None:
    """Check that no value is missing, and that values are of the same kind as in the fitted votes."""
    if values.isna().any():
        row = values.index[values.isna()][0]
        raise InputError(
            f"'{name}' is missing in row {row!r}", remedy="fill in the value, or leave the row out"
        )
    kinds = [_base_kind(column, name) for column in (values, design.frame[name])]
    if kinds[0] != kinds[1]:
        raise UsageError(
            f"'{name}' contains {kinds[0]}, but {kinds[1]} in the fitted votes",
            remedy=f"give values such as {design.frame[name].iloc[0]!r}",
        )
    if kinds[0] == "numbers":
        infinite = ~np.isfinite(values.astype(np.float64).to_numpy())
        if infinite.any():
            row = values.index[int(infinite.argmax())]
            raise InputError(f"'{name}' is {values[row]} in row {row!r}", remedy="give a finite number")


def _base_kind(values: pd.Series, name: str) -> str:
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = pd.Series(values.dtype.categories)
    return find_kind(values, name)
