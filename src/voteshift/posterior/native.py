"""The compiled likelihood as one function that other compiled functions may call: value and gradient.

`voteshift.likelihood.evaluate` is called from Python and shares rows out over threads. A sampler calls from
compiled code, many times, on one thread, so this driver gathers the parameters of the columns, calls the same
kernel for all rows and sums by item, without Python in between.
"""
# mypy: allow-untyped-defs, allow-untyped-calls

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from voteshift.likelihood import Design
from voteshift.likelihood.compiling import KERNEL_SOURCES, hash_of
from voteshift.likelihood.passes import _kernel, prepare
from voteshift.likelihood.terms import Link

__all__ = ["Votes", "driver", "kernel_hash", "votes_of"]

SOURCES = (*KERNEL_SOURCES, Path(__file__))
"""What the compiled code is made of."""


class Votes(NamedTuple):
    """The constant part of the likelihood, in the order in which the driver takes it.

    Attributes
    ----------
    codes : ndarray of int8, shape (n_members, n_columns)
        Categories; negative numbers mean that no vote was cast. Columns have the layout of the kernels.
    bounds : ndarray of int64, shape (n_blocks, 3)
        First column, end and period of each block of columns.
    item : ndarray of int32, shape (n_columns,)
        Item of each column.
    three : ndarray of bool, shape (n_columns,)
        Whether its item has three categories.
    n_middle : ndarray of float64, shape (n_columns,)
        Votes of the middle category of each column with three.
    sizes : ndarray of int64, shape (3,)
        Rows of a chunk, rows of a segment, and number of segments.
    """

    codes: NDArray[np.int8]
    bounds: NDArray[np.int64]
    item: NDArray[np.int32]
    three: NDArray[np.bool_]
    n_middle: NDArray[np.float64]
    sizes: NDArray[np.int64]


def votes_of(design: Design) -> Votes:
    """Return the constant part of a design's likelihood."""
    columns = prepare(design)
    return Votes(
        columns.codes,
        columns.bounds,
        columns.item.astype(np.int32),
        columns.three,
        columns.n_middle,
        np.array([columns.step, columns.segment_rows, columns.n_segments], dtype=np.int64),
    )


def kernel_hash() -> str:
    """Return a hash of the source of the kernels and of this driver.

    A compiled graph that holds them is kept on disk under a key: with this in it, a change of the kernel is
    another key, and no stale kernel is served.
    """
    return hash_of(SOURCES)


@functools.cache
def driver(link: Link, n_dims: int, *, binary: bool) -> Callable[..., Any]:
    """Return the compiled function of `Votes`' fields, positions, discriminations and cutpoints.

    It returns the log-likelihood and its gradients by positions (n_periods, n_members, n_dims),
    discriminations (n_items, n_dims) and cutpoints (n_items, 2), in float64 on one thread. The second
    cutpoint of an item with two categories has no effect and gradient 0. Cutpoints that do not increase have
    the value minus infinity.

    Parameters
    ----------
    link : {"logit", "probit"}
        Distribution of the noise.
    n_dims : int
        Number of dimensions.
    binary : bool
        Whether every item has two categories.
    """
    from numba import njit

    # The kernel for lines declines what it is not made for, and the general one takes over.
    line = _kernel(link, np.float64, n_dims == 1, binary, None)
    general = _kernel(link, np.float64, False, binary, None)
    # Which information: the kernels for lines are compiled for none, the general ones take a flag.
    no_flag = None if n_dims == 1 else False

    @njit(error_model="numpy", nogil=True)
    def value_gradient(codes, bounds, item, three, n_middle, sizes, positions, discriminations, cutpoints):
        n_rows, n_columns = codes.shape
        step, rows, n_segments = sizes
        g_positions = np.zeros(positions.shape)
        g_slopes, g_cuts = np.zeros(discriminations.shape), np.zeros(cutpoints.shape)
        for j in range(n_columns):
            if three[j] and not cutpoints[item[j], 1] > cutpoints[item[j], 0]:
                return np.asarray(-np.inf), g_positions, g_slopes, g_cuts
        n_blocks = bounds.shape[0]
        values = np.empty(n_blocks * n_segments)
        parts = np.empty((n_blocks, n_rows, n_dims))
        sums = np.empty((n_segments, n_dims + 2, n_columns))
        counter = np.zeros(2, np.int64)
        line(
            counter, codes, bounds, item, three, n_middle, positions, discriminations, cutpoints,
            binary, no_flag, step, rows, values, parts, sums, None, None,
        )  # fmt: skip
        if counter[1] != 0:
            counter[:] = 0
            general(
                counter, codes, bounds, item, three, n_middle, positions, discriminations, cutpoints,
                binary, False, step, rows, values, parts, sums, None, None,
            )  # fmt: skip
        for block in range(n_blocks):
            g_positions[bounds[block, 2]] += parts[block]
        for j in range(n_columns):
            m = item[j]
            for segment in range(n_segments):
                for d in range(n_dims):
                    g_slopes[m, d] += sums[segment, d, j]
                g_cuts[m, 0] += sums[segment, n_dims, j]
                if three[j]:
                    g_cuts[m, 1] += sums[segment, n_dims + 1, j]
        return np.asarray(values.sum()), g_positions, g_slopes, g_cuts

    return value_gradient
