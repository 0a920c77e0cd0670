"""Compiled products with the root of the covariance of a fit; see `voteshift.posterior.dynamic.metric`."""
# mypy: allow-untyped-defs, allow-untyped-calls

import functools
from collections.abc import Callable
from typing import Any

from numba import types

from voteshift.likelihood.compiling import compiled

__all__ = ["kernels"]


def spread_chain(lower, links, pulled, coordinates, deviations):
    """Solve L' x = u + (pull of the next period and of the border), from the last period to the first.

    Parameters
    ----------
    lower : array, shape (n_periods, n_members, n_members)
        Inverse Cholesky factors of the pivots.
    links : array, shape (n_periods - 1, n_members)
        Minus the blocks between successive periods.
    pulled : array, shape (n_periods, n_members)
        Minus the border times its own deviation. This array is overwritten.
    coordinates, deviations : array, shape (n_periods, n_members)
        Input and output.
    """
    n_periods, n_members = coordinates.shape
    for t in range(n_periods - 1, -1, -1):
        if t + 1 < n_periods:
            for i in range(n_members):
                pulled[t, i] += links[t, i] * deviations[t + 1, i]
        for i in range(n_members):
            deviations[t, i] = 0.0
        for i in range(n_members):
            total = coordinates[t, i]
            for k in range(i + 1):
                total += lower[t, i, k] * pulled[t, k]
            for k in range(i + 1):
                deviations[t, k] += lower[t, i, k] * total


def gather_chain(lower, links, gradient, coordinates, solved):
    """Apply the transpose of `spread_chain`; `solved` receives what the border is multiplied with.

    Parameters
    ----------
    lower, links
        As in `spread_chain`.
    gradient : array, shape (n_periods, n_members)
        Gradient by the deviations. This array is overwritten.
    coordinates, solved : array, shape (n_periods, n_members)
        Output.
    """
    n_periods, n_members = coordinates.shape
    for t in range(n_periods):
        if t:
            for i in range(n_members):
                gradient[t, i] += links[t - 1, i] * solved[t - 1, i]
        for i in range(n_members):
            solved[t, i] = 0.0
        for i in range(n_members):
            total = 0.0
            for k in range(i + 1):
                total += lower[t, i, k] * gradient[t, k]
            coordinates[t, i] = total
            for k in range(i + 1):
                solved[t, k] += lower[t, i, k] * total


def spread_items(cross, period, roots, deviations, coordinates, items):
    """Compute R' (u - R C' x) for each item: its deviation given the deviations x of the members.

    Parameters
    ----------
    cross : array, shape (n_items, 3, n_members)
        Information C' between an item and the members.
    period : array of int, shape (n_items,)
        Period of each item.
    roots : array, shape (n_items, 3, 3)
        Inverse Cholesky factors R of the information on an item given the members.
    deviations : array, shape (n_periods, n_members)
        The deviations x.
    coordinates, items : array, shape (n_items, 3)
        Input and output.
    """
    n_items, _, n_members = cross.shape
    for j in range(n_items):
        t = period[j]
        first, second, third = 0.0, 0.0, 0.0
        for i in range(n_members):
            first += cross[j, 0, i] * deviations[t, i]
            second += cross[j, 1, i] * deviations[t, i]
            third += cross[j, 2, i] * deviations[t, i]
        u = coordinates[j, 0] - roots[j, 0, 0] * first
        v = coordinates[j, 1] - roots[j, 1, 0] * first - roots[j, 1, 1] * second
        w = coordinates[j, 2] - roots[j, 2, 0] * first - roots[j, 2, 1] * second - roots[j, 2, 2] * third
        items[j, 0] = roots[j, 0, 0] * u + roots[j, 1, 0] * v + roots[j, 2, 0] * w
        items[j, 1] = roots[j, 1, 1] * v + roots[j, 2, 1] * w
        items[j, 2] = roots[j, 2, 2] * w


def gather_items(cross, period, roots, gradient, coordinates, deviations):
    """Apply the transpose of `spread_items`; the gradient by the deviations is added to `deviations`."""
    n_items, _, n_members = cross.shape
    for j in range(n_items):
        t = period[j]
        u = roots[j, 0, 0] * gradient[j, 0]
        v = roots[j, 1, 0] * gradient[j, 0] + roots[j, 1, 1] * gradient[j, 1]
        w = (
            roots[j, 2, 0] * gradient[j, 0]
            + roots[j, 2, 1] * gradient[j, 1]
            + roots[j, 2, 2] * gradient[j, 2]
        )
        coordinates[j, 0], coordinates[j, 1], coordinates[j, 2] = u, v, w
        first = roots[j, 0, 0] * u + roots[j, 1, 0] * v + roots[j, 2, 0] * w
        second = roots[j, 1, 1] * v + roots[j, 2, 1] * w
        third = roots[j, 2, 2] * w
        for i in range(n_members):
            deviations[t, i] -= cross[j, 0, i] * first + cross[j, 1, i] * second + cross[j, 2, i] * third


@functools.cache
def kernels() -> tuple[Callable[..., Any], ...]:
    """Return `spread_chain`, `gather_chain`, `spread_items` and `gather_items`, compiled."""
    double = types.float64
    matrix, cube, index = double[:, ::1], double[:, :, ::1], types.int64[::1]
    chain = types.void(cube, matrix, matrix, matrix, matrix)
    items = types.void(cube, index, cube, matrix, matrix, matrix)
    return (
        compiled(spread_chain, chain),
        compiled(gather_chain, chain),
        compiled(spread_items, items),
        compiled(gather_items, items),
    )
