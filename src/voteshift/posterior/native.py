"""The compiled likelihood and its gradient as one function that other compiled functions can call.

`voteshift.likelihood.evaluate` is called from Python and divides the rows among threads. A sampler calls the
likelihood many times from compiled code on one thread. Therefore this driver collects the parameters of the
columns, calls the same kernel for all rows and sums by item, without calls to Python.
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
from voteshift.likelihood.passes import _kernel, prepare_whole
from voteshift.likelihood.terms import Link

__all__ = ["Votes", "driver", "kernel_hash", "votes_of"]

SOURCES = (*KERNEL_SOURCES, Path(__file__))
"""Source files of the compiled code."""


class Votes(NamedTuple):
    """The constant part of the likelihood, in the order of the driver's arguments.

    Attributes
    ----------
    codes : ndarray of int8, shape (n_members, n_columns)
        Categories. Negative numbers mean that no vote was cast. Columns are in the order of the kernels.
    bounds : ndarray of int64, shape (n_blocks, 4)
        First column, end column (exclusive), period and number of rows of each block of columns.
    item : ndarray of int32, shape (n_columns,)
        Item of each column.
    three : ndarray of bool, shape (n_columns,)
        True if the item of the column has three categories.
    n_middle : ndarray of float64, shape (n_columns,)
        Number of votes in the middle category of each column with three categories.
    sizes : ndarray of int64, shape (3,)
        Number of rows in a chunk, number of rows in a segment, and number of segments.
    """

    codes: NDArray[np.int8]
    bounds: NDArray[np.int64]
    item: NDArray[np.int32]
    three: NDArray[np.bool_]
    n_middle: NDArray[np.float64]
    sizes: NDArray[np.int64]


def votes_of(design: Design) -> Votes:
    """Return the constant part of the likelihood of a design."""
    columns = prepare_whole(design)
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

    A compiled graph with these kernels is stored on disk under a key that contains this hash. When the source
    of a kernel changes, the key changes, and no outdated kernel is used.
    """
    return hash_of(SOURCES)


@functools.cache
def driver(link: Link, n_dims: int, *, binary: bool) -> Callable[..., Any]:
    """Return the compiled likelihood function for a link and a number of dimensions.

    The arguments of the compiled function are the fields of `Votes`, positions (n_periods, n_members,
    n_dims), discriminations (n_items, n_dims) and cutpoints (n_items, 2). The function returns the
    log-likelihood and its gradients with respect to positions, discriminations and cutpoints. It computes in
    float64 on one thread. For an item with two categories, the second cutpoint has no effect and a gradient
    of 0. If the cutpoints of an item do not increase, the log-likelihood is minus infinity.

    Parameters
    ----------
    link : {"logit", "probit"}
        Distribution of the noise.
    n_dims : int
        Number of dimensions.
    binary : bool
        True if every item has two categories.
    """
    from numba import njit

    # If the kernel for one dimension does not support the input, the general kernel is used.
    line = _kernel(link, np.float64, n_dims == 1, binary, None)
    general = _kernel(link, np.float64, False, binary, None)
    # Kernels for one dimension are compiled without information matrices; general kernels have a flag.
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
            period = bounds[block, 2]
            for i in range(n_rows):  # a sum of array slices would take seconds to compile
                for d in range(n_dims):
                    g_positions[period, i, d] += parts[block, i, d]
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
