"""Parts of a change between two groups of votes, computed from arrays."""

from dataclasses import dataclass
from itertools import combinations
from math import factorial
from typing import Final

import numpy as np

from voteshift.logistic.likelihoods import Floats, Likelihood

__all__ = ["Columns", "Hybrids", "fairlie_parts", "shapley_parts", "yun_parts"]

#: If first-order parts cancel to less than this share of their sizes, no weights are computed.
_CANCELS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Hybrids:
    """Every pair of a member of one group and a member of the other group.

    Attributes
    ----------
    X : ndarray, shape (2 ** n_variables, n_old, n_new, k)
        Encodings of the pairs. Variable v has the value of the new member if bit v of the first index is 1,
        and the value of the old member otherwise.
    """

    X: Floats

    def shares(self, likelihood: Likelihood, params: Floats, old: Floats, new: Floats) -> Floats:
        """Return the mean probabilities for every subset of new variables, shape (2 ** n_variables, K).

        Parameters
        ----------
        likelihood : Likelihood
        params : ndarray, shape (p,)
        old, new : ndarray, shapes (n_old,) and (n_new,)
            Weights of the members.

        Notes
        -----
        The first row is the mean over the old group, and the last row is the mean over the new group.
        """
        weight = np.multiply.outer(old / old.sum(), new / new.sum()).ravel()
        rows = self.X.reshape(self.X.shape[0], -1, self.X.shape[-1])
        return np.stack([weight @ likelihood.probabilities(params, X) for X in rows])


def shapley_parts(values: Floats) -> Floats:
    """Compute the Shapley value of every player, shape (n_players, ...).

    Parameters
    ----------
    values : ndarray, shape (2 ** n_players, ...)
        Value of every coalition. Player i is in the coalition if bit i of the index is 1.

    Returns
    -------
    ndarray
        Mean contribution of a player over all orders (Shapley 1953,
        https://doi.org/10.1515/9781400881970-018; Shorrocks 2013, https://doi.org/10.1007/s10888-011-9214-z).
        The parts add up to the last value minus the first value.
    """
    n = int(values.shape[0]).bit_length() - 1
    parts = np.zeros((n, *values.shape[1:]))
    for player in range(n):
        others = [other for other in range(n) if other != player]
        for size in range(n):
            weight = factorial(size) * factorial(n - size - 1) / factorial(n)
            for chosen in combinations(others, size):
                without = sum(1 << other for other in chosen)
                parts[player] += weight * (values[without | 1 << player] - values[without])
    return parts


def fairlie_parts(values: Floats, order: tuple[int, ...]) -> Floats:
    """Return the contribution of every variable in one order of switching, shape (n_variables, ...).

    Parameters
    ----------
    values : ndarray, shape (2 ** n_variables, ...)
        As for `shapley_parts`, with constant coefficients.
    order : tuple of int
        Order in which the variables are switched from old to new.

    References
    ----------
    Fairlie (2005), https://doi.org/10.3233/JEM-2005-0259. Fairlie pairs members by rank; here every member is
    paired with every other, so that the result does not depend on the pairing.
    """
    parts = np.zeros((len(order), *values.shape[1:]))
    switched = 0
    for variable in order:
        parts[variable] = values[switched | 1 << variable] - values[switched]
        switched |= 1 << variable
    return parts


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of each variable of a design, for the weights of Yun.

    Attributes
    ----------
    constant : int or None
        Column of the intercept; None if the model has cutpoints instead.
    variables : tuple of tuple of int
        Columns of every variable.
    categorical : tuple of bool
        True if the columns of the variable are indicators of all levels except one.
    """

    constant: int | None
    variables: tuple[tuple[int, ...], ...]
    categorical: tuple[bool, ...]


def yun_parts(
    likelihood: Likelihood,
    columns: Columns,
    params: tuple[Floats, Floats],
    means: tuple[Floats, Floats],
    totals: tuple[Floats, Floats],
) -> tuple[Floats, Floats]:
    """Divide characteristics and responses among the variables by the weights of Yun.

    Parameters
    ----------
    likelihood : Likelihood
    columns : Columns
    params : pair of ndarray, shape (p,)
        Parameters of the old and the new fit.
    means : pair of ndarray, shape (k,)
        Means of the columns in the old and the new group.
    totals : pair of ndarray, shape (K,)
        The characteristics and the responses to divide.

    Returns
    -------
    pair of ndarray
        Characteristics, shape (n_variables, K), and responses, shape (n_variables + 1, K), with the
        constant last. Characteristics use the coefficients of the old group.

    Notes
    -----
    The weights come from a first-order expansion about the means and add up to 1 (Yun 2004,
    https://doi.org/10.1016/j.econlet.2003.09.008). Coefficients of indicators are normalised to deviations
    from the mean over all levels (Yun 2005, https://doi.org/10.1093/ei/cbi053), so that no part depends on
    the reference level.
    """
    old, new = (_normalised(likelihood, columns, b, len(means[0])) for b in params)
    ends = [likelihood.predictors(b, mean[None]) for b, mean in zip(params, means, strict=True)]
    slope = likelihood.share_slopes((ends[0] + ends[1]) / 2)[0]
    n = len(columns.variables)
    characteristics = np.zeros((n, slope.shape[0]))
    responses = np.zeros((n + 1, slope.shape[0]))
    for index, numbers in enumerate(columns.variables):
        x_old, x_new = (_levels(mean, numbers, columns.categorical[index]) for mean in means)
        characteristics[index] = slope @ ((x_new - x_old) @ old[index + 1])
        responses[index] = slope @ (x_new @ (new[index + 1] - old[index + 1]))
    responses[n] = slope @ (new[0] - old[0])
    return _shared_out(characteristics, totals[0]), _shared_out(responses, totals[1])


def _normalised(likelihood: Likelihood, columns: Columns, params: Floats, n_columns: int) -> list[Floats]:
    """Return the constants, shape (m,), and the coefficients of every variable, shape (n_levels, m)."""
    if likelihood.family.startswith("ordered"):
        beta = -np.repeat(params[:n_columns, None], likelihood.n_categories - 1, axis=1)
        constant = params[n_columns:]
    else:
        beta = params.reshape(-1, n_columns).T
        constant = np.zeros(beta.shape[1]) if columns.constant is None else beta[columns.constant]
    blocks: list[Floats] = []
    for numbers, factor in zip(columns.variables, columns.categorical, strict=True):
        block = beta[list(numbers)]
        if factor:
            block = np.vstack([block, np.zeros(block.shape[1])])  # the level left out, last
            centre = block.mean(axis=0)
            block, constant = block - centre, constant + centre
        blocks.append(block)
    return [constant, *blocks]


def _levels(mean: Floats, numbers: tuple[int, ...], factor: bool) -> Floats:
    """Return the means of the columns of a variable; for a factor, add the mean of the reference level."""
    part = mean[list(numbers)]
    return np.append(part, 1 - part.sum()) if factor else part


def _shared_out(parts: Floats, total: Floats) -> Floats:
    """Scale parts to their total; NaN if the parts nearly cancel and the weights are not defined."""
    whole = parts.sum(axis=0)
    steady = np.abs(whole) > _CANCELS * np.abs(parts).sum(axis=0)
    unsteady = np.where(np.abs(total) > 0, np.nan, 0.0)
    return parts * np.where(steady, total / np.where(steady, whole, 1.0), unsteady)
