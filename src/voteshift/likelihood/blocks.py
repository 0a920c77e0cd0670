"""Functions shared by the kernels: units of work, signs of votes, logs of products, sums."""
# mypy: allow-untyped-defs, allow-untyped-calls

import numpy as np
from numba import from_dtype, types

from voteshift.likelihood.compiling import inlined

__all__ = [
    "BEND_1",
    "BEND_2",
    "BLOCK",
    "CHUNK",
    "ETA",
    "FAR",
    "SCORE",
    "WEIGHT",
    "add_columns",
    "add_gradient",
    "add_information",
    "averaged_cross_signature",
    "averaged_signature",
    "begin_unit",
    "binary_sign",
    "cross_signature",
    "farthest",
    "first_sign",
    "four_inverses",
    "four_positions",
    "four_rows",
    "load_items",
    "log_of_products",
    "meet",
    "nobody",
    "put_cross",
    "put_eta",
    "put_rows",
    "row_votes",
    "second_sign",
    "signature",
    "spatial_cross_signature",
    "spatial_signature",
]

BLOCK = 512
"""Number of columns of a block, chosen so that its buffers stay in the first level of cache."""

CHUNK = 60
"""Rows between two additions of partial sums in float64: 2 factors of at most 2 a vote stay below 2**127."""

FAR = 1e30
"""A cutpoint that no position reaches. It is finite, so that a sign of 0 times its distance is 0."""

# Rows of the buffer of a block that kernels for any number of dimensions share: of the row at hand, for each
# column, eta, the derivative by it, the curvature by it, and that by eta and either cutpoint.
ETA, SCORE, WEIGHT, BEND_1, BEND_2 = 0, 1, 2, 3, 4


@inlined
def begin_unit(unit, bounds, rows, values, columns, h_columns):
    """Set the sums of a unit to 0; return its block, its columns, their period, its segment and its rows."""
    n_segments = columns.shape[0]
    block, segment = unit // n_segments, unit % n_segments
    j0, j1, t, end = bounds[block]
    values[unit] = 0.0
    columns[segment, :, j0:j1] = 0.0
    if h_columns is not None:
        h_columns[segment, :, j0:j1] = 0.0
    return block, j0, j1, t, segment, segment * rows, min((segment + 1) * rows, end)


@inlined
def first_sign(vote, one, zero):
    """Sign of a vote's term on the first cutpoint."""
    return one if vote == 0 else (-one if vote == 1 else zero)


@inlined
def second_sign(vote, one, zero):
    """Sign of a vote's term on the second cutpoint."""
    return one if vote == 1 else (-one if vote == 2 else zero)


@inlined
def binary_sign(vote, one, zero):
    """Sign of a vote's term on the only cutpoint of its item; any positive number is the upper category."""
    return one if vote == 0 else (-one if vote > 0 else zero)


@inlined
def four_inverses(a, b, c, d, one):
    """Return the product of four numbers and their inverses with one division, the slowest step."""
    ab, cd = a * b, c * d
    product = ab * cd
    inverse = one / product
    of_ab, of_cd = inverse * cd, inverse * ab
    return product, of_ab * b, of_ab * a, of_cd * d, of_cd * c


@inlined
def log_of_products(factors, n, fold):
    """Sum of the logs of n products, one log for `fold` of them."""
    total, product = 0.0, 1.0
    for j in range(n):
        product *= np.float64(factors[j])
        if j % fold == fold - 1:
            total += np.log(product)
            product = 1.0
    return total + np.log(product)


@inlined
def row_votes(codes, i, end, j0, j1, idle):
    """Votes of row i, or a row without votes after the last row, so that rows come in groups of four."""
    return codes[i, j0:j1] if i < end else idle[: j1 - j0]


@inlined
def four_rows(codes, i, end, j0, j1, idle):
    """Votes of four rows."""
    return (
        codes[i, j0:j1],
        row_votes(codes, i + 1, end, j0, j1, idle),
        row_votes(codes, i + 2, end, j0, j1, idle),
        row_votes(codes, i + 3, end, j0, j1, idle),
    )


@inlined
def four_positions(positions, t, i, end):
    """Positions of four rows in one dimension; after the last row, the position of the last row."""
    last = end - 1
    return (
        positions[t, i, 0],
        positions[t, min(i + 1, last), 0],
        positions[t, min(i + 2, last), 0],
        positions[t, min(i + 3, last), 0],
    )


@inlined
def farthest(positions, t, row_0, row_1):
    """Return the distance from 0 of the farthest position in one dimension."""
    largest = 0.0
    for i in range(row_0, row_1):
        largest = max(largest, abs(np.float64(positions[t, i, 0])))
    return largest


@inlined
def nobody(votes):
    """Return True if a row contains no vote."""
    for vote in votes:  # noqa: SIM110 (Numba compiles this)
        if vote >= 0:
            return False
    return True


@inlined
def put_rows(target, i, end, s0, s1, s2, s3):
    """Store the sums of up to four rows."""
    for row in range(i, min(i + 4, end)):
        target[row] = (s0, s1, s2, s3)[row - i]


@inlined
def add_columns(target, j0, n, rows):
    """Add rows of a buffer to their columns of the target."""
    for k in range(rows.shape[0]):
        for j in range(n):
            target[k, j0 + j] += rows[k, j]


@inlined
def load_items(item, three, slopes, cutpoints, j0, n, slope, first, second, unit):
    """Load the parameters of the items of `n` columns, multiplied by `unit`."""
    for j in range(n):
        m = item[j0 + j]
        first[j] = cutpoints[m, 0] * unit
        second[j] = cutpoints[m, 1] * unit if three[j0 + j] else FAR
    for d in range(slopes.shape[1]):
        for j in range(n):
            slope[d, j] = slopes[item[j0 + j], d] * unit


@inlined
def put_eta(work, x, slope, n, zero):
    """Store eta of one member in any number of dimensions."""
    work[ETA, :n] = zero
    for d in range(slope.shape[0]):
        for j in range(n):
            work[ETA, j] += x[d] * slope[d, j]


@inlined
def add_gradient(work, by_slope, x, slope, g_position, n, unit, zero):
    """Add the derivatives of one member to the discriminations, and store the derivative by its position."""
    for d in range(slope.shape[0]):
        total = zero
        for j in range(n):
            total += work[SCORE, j] * slope[d, j]
        # A loop of its own: see `compiling.FAST`.
        for j in range(n):
            by_slope[d, j] += work[SCORE, j] * x[d]
        g_position[d] = total * unit


@inlined
def add_information(work, sums, x, slope, h_position, n, binary, first, second, mixed, unit, zero):
    """Add the curvature of one member to the sums of the columns, and store the curvature by its position.

    `first`, `second` and `mixed` are the rows of the buffer with the curvature by the first cutpoint, by the
    second cutpoint and by both.
    """
    n_dims = slope.shape[0]
    if not binary:
        for j in range(n):
            work[WEIGHT, j] = work[BEND_1, j] + work[BEND_2, j]
    weight = BEND_1 if binary else WEIGHT
    for d in range(n_dims):
        for e in range(n_dims):
            total = zero
            row, xx = d * n_dims + e, x[d] * x[e]
            for j in range(n):
                total += work[weight, j] * slope[d, j] * slope[e, j]
            for j in range(n):
                sums[row, j] += work[weight, j] * xx
            h_position[d, e] = total * unit * unit
        row = n_dims * n_dims + d
        for j in range(n):
            sums[row, j] -= work[BEND_1, j] * x[d]
        if not binary:
            for j in range(n):
                sums[row + n_dims, j] -= work[BEND_2, j] * x[d]
    for j in range(n):
        sums[-3, j] += work[first, j]
    if not binary:
        for j in range(n):
            sums[-2, j] += work[second, j]
            sums[-1, j] += work[mixed, j]


@inlined
def meet(work, met, slope, positions, period, i, j0, n, zero):
    """Load the positions of member i in the periods of `n` columns, and store eta."""
    work[ETA, :n] = zero
    for d in range(slope.shape[0]):
        for j in range(n):
            met[d, j] = positions[period[j0 + j], i, d]
        for j in range(n):
            work[ETA, j] += met[d, j] * slope[d, j]


@inlined
def put_cross(work, met, slope, out, j0, n, binary, expected, unit, zero):
    """Store the mixed second derivatives of one member, shape (n_columns, D, D + 2)."""
    n_dims = slope.shape[0]
    for j in range(n):
        bend = work[BEND_1, j] if binary else work[BEND_1, j] + work[BEND_2, j]
        for d in range(n_dims):
            b = slope[d, j] * unit
            for e in range(n_dims):
                out[j0 + j, d, e] = bend * b * met[e, j]
            if not expected:
                out[j0 + j, d, d] -= work[SCORE, j]
            out[j0 + j, d, n_dims] = -work[BEND_1, j] * b
            out[j0 + j, d, n_dims + 1] = zero if binary else -work[BEND_2, j] * b


def fixed(element, n_dims):
    """Return the Numba type of a read-only array."""
    return types.Array(element, n_dims, "C", readonly=True)


def signature(real, information, expected):
    """Return the Numba signature of the kernels in one arithmetic; `expected` is a flag or None."""
    real = from_dtype(np.dtype(real))
    double, count, flag = types.float64, types.int64, types.boolean
    return types.void(
        count[::1], fixed(types.int8, 2), fixed(count, 2), fixed(types.int32, 1), fixed(flag, 1),
        fixed(double, 1), fixed(real, 3), fixed(double, 2), fixed(double, 2),
        flag, flag if expected else types.none, count, count,
        double[::1], double[:, :, ::1], double[:, :, ::1],
        double[:, :, :, ::1] if information else types.none, double[:, :, ::1] if information else types.none,
    )  # fmt: skip


def cross_signature():
    """Return the Numba signature of the kernels of mixed second derivatives."""
    index, double, flag = fixed(types.int32, 1), types.float64, types.boolean
    return types.void(
        fixed(types.int8, 2), index, index, fixed(flag, 1), fixed(double, 3), fixed(double, 2),
        fixed(double, 2), flag, flag, double[:, :, :, ::1],
    )  # fmt: skip


def averaged_signature():
    """Return the Numba signature of the kernels of the averaged likelihood."""
    double, count, flag = types.float64, types.int64, types.boolean
    return types.void(
        count[::1], fixed(types.int8, 2), fixed(count, 2), fixed(types.int32, 1), fixed(flag, 1),
        fixed(double, 1), fixed(double, 2), fixed(double, 2), fixed(double, 2), fixed(double, 2),
        fixed(double, 2), fixed(double, 1), fixed(double, 1), flag, count, count,
        double[::1], double[:, :, ::1], double[:, :, ::1], double[:, :, :, ::1], double[:, :, ::1],
    )  # fmt: skip


def averaged_cross_signature():
    """Return the Numba signature of the kernels of averaged mixed second derivatives."""
    index, double, flag = fixed(types.int32, 1), types.float64, types.boolean
    return types.void(
        fixed(types.int8, 2), index, index, fixed(flag, 1), fixed(double, 2), fixed(double, 2),
        fixed(double, 2), fixed(double, 2), fixed(double, 2), fixed(double, 1), fixed(double, 1), flag,
        double, double[:, :, :, ::1],
    )  # fmt: skip


def spatial_signature():
    """Return the Numba signature of the kernels of the averaged likelihood in several dimensions."""
    double, count, flag = types.float64, types.int64, types.boolean
    return types.void(
        count[::1], fixed(types.int8, 2), fixed(count, 2), fixed(types.int32, 1), fixed(flag, 1),
        fixed(double, 1), fixed(double, 3), fixed(double, 4), fixed(double, 2), fixed(double, 2),
        fixed(double, 3), fixed(double, 1), fixed(double, 1), flag, count, count,
        double[::1], double[:, :, ::1], double[:, :, ::1], double[:, :, :, ::1], double[:, :, ::1],
    )  # fmt: skip


def spatial_cross_signature():
    """Return the Numba signature of the kernels of their mixed second derivatives."""
    index, double, flag = fixed(types.int32, 1), types.float64, types.boolean
    return types.void(
        fixed(types.int8, 2), index, fixed(flag, 1), fixed(double, 2), fixed(double, 3),
        fixed(double, 2), fixed(double, 2), fixed(double, 3), fixed(double, 1), fixed(double, 1), flag,
        double, double[:, :, :, ::1],
    )  # fmt: skip
