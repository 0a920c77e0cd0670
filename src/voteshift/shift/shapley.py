"""Shapley values of a tally over the factors that could have moved it."""

from dataclasses import dataclass
from itertools import permutations, product
from math import factorial

import numpy as np
from numpy.typing import NDArray

__all__ = ["ShapleyParts", "shapley", "shapley_values"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ShapleyParts:
    """Parts of a change.

    Attributes
    ----------
    parts : ndarray, shape (n_factors, ...)
        Average over all orders of what switching a factor from old to new adds.
    orders : ndarray, shape (n_orders, n_factors, ...)
        The same in every order by itself.
    """

    parts: Floats
    orders: Floats


def shapley(corners: Floats, n_factors: int) -> ShapleyParts:
    """Average the contribution of every factor over the orders in which they can be switched.

    Parameters
    ----------
    corners : ndarray, shape (2,) * n_factors + (...)
        The outcome at every mix of old (0) and new (1).
    n_factors : int
        Number of leading axes that are factors.

    Returns
    -------
    ShapleyParts
        The parts add up to ``corners[1, 1, ...] - corners[0, 0, ...]`` (Shapley 1953; for decompositions
        Shorrocks 2013, https://doi.org/10.1007/s10888-011-9214-z).
    """
    orders = []
    for order in permutations(range(n_factors)):
        corner = [0] * n_factors
        contributions = np.empty((n_factors, *corners.shape[n_factors:]))
        for factor in order:
            before = corners[tuple(corner)]
            corner[factor] = 1
            contributions[factor] = corners[tuple(corner)] - before
        orders.append(contributions)
    stacked = np.stack(orders)
    return ShapleyParts(stacked.mean(axis=0), stacked)


def shapley_values(corners: NDArray[np.floating], n_factors: int) -> NDArray[np.floating]:
    """Return the same parts without the orders: by weights, for arrays too large to hold every order.

    A factor's part is the sum over what the others are of ``s! (n - 1 - s)! / n!`` times what switching it
    adds, s of the others being new (Shapley 1953).

    Parameters
    ----------
    corners, n_factors
        As in `shapley`.

    Returns
    -------
    ndarray, shape (n_factors, ...)
        In the precision of `corners`.
    """
    parts = np.zeros((n_factors, *corners.shape[n_factors:]), dtype=corners.dtype)
    for factor in range(n_factors):
        for others in product((0, 1), repeat=n_factors - 1):
            weight = factorial(sum(others)) * factorial(n_factors - 1 - sum(others)) / factorial(n_factors)
            old, new = ((*others[:factor], state, *others[factor:]) for state in (0, 1))
            parts[factor] += weight * (corners[new] - corners[old])
    return parts
