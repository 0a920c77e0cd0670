"""Shapley values of a change over the factors that are replaced."""

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
        The contribution of replacing a factor by its new value, averaged over all orders.
    orders : ndarray, shape (n_orders, n_factors, ...)
        The contributions in each order.
    """

    parts: Floats
    orders: Floats


def shapley(corners: Floats, n_factors: int) -> ShapleyParts:
    """Average the contribution of every factor over the orders in which the factors can be replaced.

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
    """Return the same parts as `shapley`, computed as weighted sums.

    The part of a factor is a sum over the states of the other factors. Each term is the contribution of
    replacing the factor, times ``s! (n - 1 - s)! / n!``, where s is the number of other factors that are new
    (Shapley 1953). The contributions in each order of replacement are not kept, which saves memory if the
    arrays are large.

    Parameters
    ----------
    corners, n_factors
        As in `shapley`.

    Returns
    -------
    ndarray, shape (n_factors, ...)
        The parts, in the precision of `corners`.
    """
    parts = np.zeros((n_factors, *corners.shape[n_factors:]), dtype=corners.dtype)
    for factor in range(n_factors):
        for others in product((0, 1), repeat=n_factors - 1):
            weight = factorial(sum(others)) * factorial(n_factors - 1 - sum(others)) / factorial(n_factors)
            old, new = ((*others[:factor], state, *others[factor:]) for state in (0, 1))
            parts[factor] += weight * (corners[new] - corners[old])
    return parts
