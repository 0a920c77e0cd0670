"""Average marginal effects, with delta-method and bootstrap intervals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from voteshift.errors import NotUsableError, UsageError
from voteshift.logistic.arguments import check_choice, check_type
from voteshift.logistic.clusters import random_weights
from voteshift.logistic.design import Design, columns_of
from voteshift.logistic.likelihoods import Floats
from voteshift.logistic.maximise import Problem, maximise
from voteshift.logistic.names import describe_level, name_levels
from voteshift.logistic.profile import best_at
from voteshift.ranges import MOST_DRAWS, check_count, check_seed
from voteshift.tables import written

if TYPE_CHECKING:
    from voteshift.logistic.results import LogitResult

__all__ = ["Contrast", "Effects", "average_effects", "contrasts", "separated_ends"]

_FEWEST_DRAWS: Final = 2
_STEP: Final = 1e-4  # share of a standard deviation that gives the slope of a smooth curve to nine digits
_FAR: Final = 30.0  # value at which a logistic curve is flat to thirteen digits


@dataclass(frozen=True, eq=False)
class Contrast:
    """Two encodings of the same rows, and the divisor of their difference.

    Attributes
    ----------
    variable, change : str
        ``change`` is "slope", "0 to 1" or "AFRICAN to WEOG".
    label : str
        Name in tables, for instance "voice (slope)" or "Western Europe and Others against Africa".
    low, high : ndarray, shape (n, k)
        The two encodings.
    divisor : float, or ndarray of shape (n,)
        Divisor of the difference between the two probabilities.
    """

    variable: str
    change: str
    label: str
    low: Floats
    high: Floats
    divisor: float | Floats

    def average(self, problem: Problem, params: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Return the mean effect on every category, shape (K,), and its derivative, shape (K, p)."""
        model, share = problem.likelihood, weights / weights.sum() / self.divisor
        ends = (params, self.high, problem.offset), (params, self.low, problem.offset)
        effect = share @ (model.probabilities(*ends[0]) - model.probabilities(*ends[1]))
        return effect, np.tensordot(share, model.slopes(*ends[0]) - model.slopes(*ends[1]), axes=1)


@dataclass(frozen=True, eq=False)
class Effects:
    """Average marginal effects on the probability of every category.

    Attributes
    ----------
    table : DataFrame
    level : float
    method : {"delta", "bootstrap"}
    seed, n_draws : int or None
        Seed and number of draws of the bootstrap.
    """

    table: pd.DataFrame
    level: float
    method: str
    seed: int | None
    n_draws: int | None

    def tidy(self) -> pd.DataFrame:
        """Return one row per contrast and category.

        Returns
        -------
        DataFrame
            Columns ``variable``, ``contrast``, the column `by` if it was given, ``label``, ``category``,
            ``estimate``, ``std_error``, ``conf_low`` and ``conf_high``. ``label`` describes variable,
            contrast and value of `by` in words.
        """
        return self.table.copy()

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """Draw the effects with their intervals; see `voteshift.logistic.pictures`."""
        from voteshift.logistic.pictures import plot_effects

        return plot_effects(self, ax=ax, **options)

    def _shown(self) -> pd.DataFrame:
        """Return the columns that are shown in print."""
        return written(self.table.loc[:, "label":])

    def _repr_html_(self) -> str:
        return str(self._shown().to_html(index=False, border=0))

    def __repr__(self) -> str:
        """Return the table."""
        return str(self._shown().to_string(index=False))


def contrasts(design: Design, variable: str) -> list[Contrast]:
    """Return the contrasts of a variable: its slope, 1 against 0, or every level against the first.

    Raises
    ------
    UsageError
        If the variable is not in the formula.
    """
    if variable not in design.variables:
        raise UsageError(
            f"the model has no variable {variable!r}", remedy=f"variables: {', '.join(design.variables)}"
        )
    frame, values = design.frame, design.frame[variable]

    def between(low: Any, high: Any, change: str, text: str, divisor: float | Floats) -> Contrast:
        return Contrast(
            variable,
            change,
            describe_level(variable, text, contrast=True),
            design.encode(frame.assign(**{variable: low})),
            design.encode(frame.assign(**{variable: high})),
            divisor,
        )

    if design.is_categorical(variable):
        first, *levels = sorted(values.unique())
        base, *names = name_levels(frame, variable, [first, *levels])
        return [
            between(first, level, f"{first} to {level}", f"{name} against {base}", 1.0)
            for level, name in zip(levels, names, strict=True)
        ]
    if set(values.unique()) <= {0, 1}:
        return [between(0, 1, "0 to 1", "1 against 0", 1.0)]
    step = _STEP * float(values.std())
    low, high = values - step, values + step
    try:
        return [between(low, high, "slope", "slope", 2 * step)]
    except UsageError:  # a spline has no value beyond the fitted votes, so the slope at the ends is one-sided
        low, high = low.clip(lower=values.min()), high.clip(upper=values.max())
        return [between(low, high, "slope", "slope", (high - low).to_numpy(dtype=np.float64))]


def average_effects(
    result: "LogitResult",
    variables: Sequence[str] | str | None = None,
    *,
    by: str | None = None,
    method: Literal["delta", "bootstrap"] = "delta",
    n_draws: int = 999,
    seed: int = 0,
) -> Effects:
    """Average the effect of a variable on the probability of every category over the fitted votes.

    Parameters
    ----------
    result : LogitResult
    variables : str or list of str, optional
        Variables of the formula; all by default.
    by : str, optional
        A column of the panel, for instance ``"rollcall"``. Effects are averaged for each value of this
        column.
    method : {"delta", "bootstrap"}
        ``delta``: delta method with the covariance of the fit and its t distribution. ``bootstrap``:
        quantiles of refits with random weights of the clusters. These quantiles include the sampling
        uncertainty of the votes over which effects are averaged.
    n_draws, seed : int
        Number of draws and seed of the bootstrap.

    Returns
    -------
    Effects
        For a number, the effect is the mean slope of the probability. For a 0/1 variable or categories, the
        effect is the mean difference. The effects are not causal. If the data separate a term, each interval
        also includes the effects at both ends of the interval of this term. The other parameters are
        estimated again at these ends.

    Raises
    ------
    UsageError
        If `variables` are not in the model, `by` is not a column, or `method` is unknown.
    NotUsableError
        If a refit of the bootstrap does not converge.
    """
    check_choice("method", method, ("delta", "bootstrap"))
    check_seed(seed)
    check_count("n_draws", n_draws, least=_FEWEST_DRAWS, most=MOST_DRAWS)
    design, problem = result.design, result.problem
    wanted = (
        design.variables if variables is None else [variables] if isinstance(variables, str) else variables
    )
    check_type(wanted, (list, tuple), "variables", "give the name of a variable, or a list of names")
    if by is not None:
        check_type(by, str, "by", columns_of(design.frame))
    if by is not None and by not in design.frame.columns:
        raise UsageError(f"the panel has no column {by!r}", remedy=columns_of(design.frame))
    values = [None] if by is None else list(dict.fromkeys(design.frame[by]))
    behind = {None: ""}
    if by is not None:
        names = name_levels(design.frame, by, values)
        behind = {
            value: f", {describe_level(by, name, contrast=False)}"
            for value, name in zip(values, names, strict=True)
        }
    cells = [
        (contrast, value)
        for name in wanted
        if name != by
        for contrast in contrasts(design, name)
        for value in values
    ]

    def weigh(value: Any) -> Floats:
        rows = problem.weights
        return rows if value is None else rows * (design.frame[by] == value).to_numpy()

    draws = _bootstrap(result, cells, weigh, n_draws, seed) if method == "bootstrap" else None
    reach = float(stdtrit(result.df, 0.5 + result.level / 2))
    ends = separated_ends(result)
    rows = []
    for number, (contrast, value) in enumerate(cells):
        effect, slopes = contrast.average(problem, result.estimate, weigh(value))
        error = _delta_error(slopes, result.covariance)
        low, high = effect - reach * error, effect + reach * error
        if draws is not None:
            error = draws[:, number].std(axis=0, ddof=1)
            low, high = np.quantile(
                draws[:, number], [0.5 - result.level / 2, 0.5 + result.level / 2], axis=0
            )
        for params in ends:
            end = contrast.average(problem, params, weigh(value))[0]
            low, high = np.minimum(low, end), np.maximum(high, end)
        if np.all(contrast.divisor == 1.0):  # a difference of two probabilities
            low, high = np.maximum(low, -1.0), np.minimum(high, 1.0)
        for k in design.shown:
            rows.append(
                {
                    "variable": contrast.variable,
                    "contrast": contrast.change,
                    **({} if by is None else {by: value}),
                    "label": contrast.label + behind[value],
                    "category": design.categories[k],
                    "estimate": effect[k],
                    "std_error": error[k],
                    "conf_low": low[k],
                    "conf_high": high[k],
                }
            )
    table = pd.DataFrame(rows)
    drawn = (seed, n_draws) if draws is not None else (None, None)
    return Effects(table, result.level, method, *drawn)


def separated_ends(result: "LogitResult") -> list[Floats]:
    """Return the parameters at both ends of the interval of every term that the data separate.

    The delta method uses the covariance, which underestimates the range of a separated term on its unbounded
    side.
    """
    params = []
    intervals = result.conf_int()
    for name in result.separated:
        index = result.names.index(name)
        for side in (0, 1):
            end = intervals.loc[name, side]
            held = end if np.isfinite(end) else result.estimate[index] + np.sign(end) * _FAR
            params.append(best_at(result.problem, result.solution, index, held))
    return params


def _delta_error(slopes: Floats, covariance: Floats) -> Floats:
    """Return the standard errors of functions with these slopes, sqrt(g' V g) of each row, shape (K,)."""
    variance = np.einsum("kp,pq,kq->k", slopes, covariance, slopes)
    return np.sqrt(np.maximum(variance, 0.0))  # rounding may make a variance of 0 negative


def _bootstrap(
    result: "LogitResult",
    cells: list[tuple[Contrast, Any]],
    weigh: Callable[[Any], Floats],
    n_draws: int,
    seed: int,
) -> NDArray[np.float64]:
    """Return the effects of every draw, shape (n_draws, n_cells, K)."""
    problem = result.problem
    drawn = random_weights(result.n_clusters, n_draws, seed)[:, result.clusters]
    base = [weigh(value) for _, value in cells]
    effects = np.empty((n_draws, len(cells), len(result.design.categories)))
    for draw, weights in enumerate(drawn):
        anew = replace(problem, weights=problem.weights * weights)
        refit = maximise(anew, start=result.estimate)
        if not refit.converged:
            raise NotUsableError(
                f"draw {draw} of the bootstrap did not converge", remedy="use method='delta'"
            )
        for number, (contrast, _) in enumerate(cells):
            effects[draw, number] = contrast.average(anew, refit.params, base[number] * weights)[0]
    return effects
