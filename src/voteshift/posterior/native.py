"""The compiled likelihood as one function that other compiled functions may call: value and gradient.

`voteshift.likelihood.evaluate` is called from Python and shares rows out over threads. A sampler calls from
compiled code, many times, on one thread, so this driver gathers the parameters of the columns, calls the same
kernel for all rows and sums by item, without Python in between.
"""
# mypy: allow-untyped-defs, allow-untyped-calls

import functools
import hashlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from voteshift.likelihood import Design
from voteshift.likelihood.passes import prepare
from voteshift.likelihood.terms import Link

__all__ = ["Votes", "driver", "kernel_hash", "votes_of"]

SOURCES = (*sorted(Path(inspect.getfile(Design)).parent.glob("*.py")), Path(__file__))
"""What the compiled code is made of."""


class Votes(NamedTuple):
    """The constant part of the likelihood, in the order in which the driver takes it.

    Attributes
    ----------
    codes : ndarray of int8, shape (n_members, n_columns)
        Categories; negative numbers are no votes. Columns may be in another order than those of the design.
    starts, periods : ndarray of int64
        Runs of columns of one period: where each begins (and the last ends), and its period.
    item : ndarray of int64, shape (n_columns,)
        Item of each column.
    three : ndarray of bool, shape (n_columns,)
        Whether its item has three categories.
    n_middle : ndarray of float64, shape (n_columns,)
        Votes of the middle category of each column with three.
    """

    codes: NDArray[np.int8]
    starts: NDArray[np.int64]
    periods: NDArray[np.int64]
    item: NDArray[np.int64]
    three: NDArray[np.bool_]
    n_middle: NDArray[np.float64]


def votes_of(design: Design) -> Votes:
    """Return the constant part of a design's likelihood."""
    columns = prepare(design)
    return Votes(
        columns.codes,
        columns.starts,
        columns.periods,
        columns.item.astype(np.int64),
        columns.three,
        columns.n_middle,
    )


def kernel_hash() -> str:
    """Return a hash of the source of the kernels and of this driver.

    A compiled graph that holds them is kept on disk under a key: with this in it, a change of the kernel is
    another key, and no stale kernel is served.
    """
    digest = hashlib.sha256()
    for path in SOURCES:
        digest.update(path.read_bytes())
    return digest.hexdigest()


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

    from voteshift.likelihood import kernels_logit, kernels_probit
    from voteshift.likelihood.compiling import compiled

    kernels = kernels_logit if link == "logit" else kernels_probit
    function = kernels.kernel_for(n_dims, binary, None)
    kernel = compiled(function, kernels.signature(np.float64, False))
    chunk, far, logit = kernels.CHUNK, float(kernels.FAR), link == "logit"

    @njit(error_model="numpy", nogil=True)
    def value_gradient(codes, starts, periods, item, three, n_middle, positions, discriminations, cutpoints):
        n_rows, n_columns = codes.shape
        slopes = np.empty((n_dims, n_columns))
        first, second = np.empty(n_columns), np.empty(n_columns)
        increasing = True
        for j in range(n_columns):
            m = item[j]
            for d in range(n_dims):
                slopes[d, j] = discriminations[m, d]
            first[j] = cutpoints[m, 0]
            second[j] = cutpoints[m, 1] if three[j] else far
            increasing = increasing and not (three[j] and not cutpoints[m, 1] > cutpoints[m, 0])
        g_positions = np.zeros(positions.shape)
        g_slopes, g_cuts = np.zeros(discriminations.shape), np.zeros(cutpoints.shape)
        if not increasing:
            return np.asarray(-np.inf), g_positions, g_slopes, g_cuts
        # Equal chunks, in fours because kernels take up to four rows at a time.
        n_chunks = max(1, -(-n_rows // chunk))
        step = 4 * max(1, -(-n_rows // (4 * n_chunks)))
        values = np.zeros(max(1, -(-n_rows // step)))
        sums = np.zeros((1, n_dims + 2, n_columns))
        kernel(
            codes, starts, periods, positions, slopes, first, second, binary, False,
            0, n_rows, step, 0, values, g_positions, sums, None, None,
        )  # fmt: skip
        value = values.sum()
        for j in range(n_columns):
            m = item[j]
            for d in range(n_dims):
                g_slopes[m, d] += sums[0, d, j]
            g_cuts[m, 0] += sums[0, n_dims, j]
            if three[j]:
                g_cuts[m, 1] += sums[0, n_dims + 1, j]
                if logit:
                    # log(1 - exp(k1 - k2)) of each vote in the middle, which the kernel leaves out.
                    gap = second[j] - first[j]
                    shrink = -np.expm1(-gap)
                    value += n_middle[j] * np.log(shrink)
                    thin = n_middle[j] * np.exp(-gap) / shrink
                    g_cuts[m, 0] -= thin
                    g_cuts[m, 1] += thin
        return np.asarray(value), g_positions, g_slopes, g_cuts

    return value_gradient
