"""Compiled passes over the votes for the logistic link.

With s the logistic function, a vote on an item with cutpoints k1 < k2 has, as a function of eta = x . beta,

    P(0) = s(k1 - eta),    P(1) = s(eta - k1) s(k2 - eta) (1 - exp(k1 - k2)),    P(2) = s(eta - k2),

so every vote is at most two signed logistic terms, log s(-sign (eta - cut)), and a constant of its item
that the caller adds. Nothing cancels when the middle category is thin. Signs by category:

    category     no vote   0    1    2
    on cut 1        0     +1   -1    0
    on cut 2        0      0   +1   -1

An item with two categories is the first row alone: the caller puts its second cutpoint at `FAR`, where the
term is 0 to the last bit.

The loops are written for SIMD: no branch and no libm call on a vote, exp from a polynomial, and one log for
all the votes of a few columns (of the product of their 1 + exp(-|z|)). Sums run in the kernel's arithmetic
over at most `CHUNK` rows and in float64 beyond.

Numba invalidates its cache by the file of the compiled function alone, so helpers that are inlined into a
kernel live in this file.
"""

from typing import Any

import numpy as np
from numba import from_dtype, types

from voteshift.likelihood.compiling import (
    bits_from_float32,
    bits_from_float64,
    by_precision,
    float32_from_bits,
    float64_from_bits,
    inlined,
)

__all__ = ["FAR", "sweep", "sweep_signature"]

FAR = 1e30
"""A cutpoint no position reaches: finite, so that a sign of 0 times its distance is 0."""

CHUNK = 60
"""Rows between two moves of the partial sums to float64: 2 factors of at most 2 a vote stay below 2**127."""

BLOCK = 1024
"""Columns at a time: the buffers of a block stay in the first two levels of cache."""

FOLD = 8
"""Columns that share one log: 2**(2 * CHUNK * FOLD) is below the largest float64."""


def exp_negative(v: Any) -> Any:
    """Return exp(v) for v <= 0, flushed to about 1e-38 (float32) or 1e-307 (float64) far out."""
    raise NotImplementedError


LOG2_E = 1.4426950408889634
# ln 2 in two parts: a few bits that an integer multiplies exactly, and the rest.
LN2_HIGH, LN2_LOW = 0.693359375, -2.121944400546905827679e-4
# Adding 1.5 * 2**52 (or 2**23) rounds to an integer and leaves that integer in the low bits. Unlike a
# conversion to int64, the addition has a SIMD form on every processor.
ROUND_64, ROUND_32 = 6755399441055744.0, np.float32(12582912.0)
EXP_LOWEST_64, EXP_LOWEST_32 = -706.0, np.float32(-86.0)
LOG2_E_32, LN2_HIGH_32, LN2_LOW_32 = np.float32(LOG2_E), np.float32(LN2_HIGH), np.float32(LN2_LOW)
# Minimax polynomials for exp on [-ln 2 / 2, ln 2 / 2]; relative errors 1.3e-14 and 7.5e-8.
E0, E1, E2, E3, E4, E5, E6, E7, E8, E9 = (
    1.0000000000000128,
    0.99999999999989275,
    0.49999999999457974,
    0.16666666667826954,
    0.041666667032463358,
    0.0083333330028226445,
    0.0013888802828821594,
    0.0001984159639703441,
    2.4884010015388763e-5,
    2.7482187001933117e-6,
)
F0, F1, F2, F3, F4, F5 = (
    np.float32(c)
    for c in (
        1.0000000716546416,
        0.99999969199228336,
        0.49998894851472441,
        0.16667574726749988,
        0.041915381977922723,
        0.0082976551982714186,
    )
)
ZERO_32, ONE_32, BIAS_32, SHIFT_32 = np.float32(0.0), np.float32(1.0), np.int32(127), np.int32(23)


def _exp_negative_64(v):  # type: ignore[no-untyped-def]
    v = max(v, EXP_LOWEST_64)
    shifted = v * LOG2_E + ROUND_64
    k = shifted - ROUND_64
    r = (v - k * LN2_HIGH) - k * LN2_LOW
    p = ((((((((E9 * r + E8) * r + E7) * r + E6) * r + E5) * r + E4) * r + E3) * r + E2) * r + E1) * r + E0
    return p * float64_from_bits((bits_from_float64(shifted) + 1023) << 52)


def _exp_negative_32(v):  # type: ignore[no-untyped-def]
    v = max(v, EXP_LOWEST_32)
    shifted = v * LOG2_E_32 + ROUND_32
    k = shifted - ROUND_32
    r = (v - k * LN2_HIGH_32) - k * LN2_LOW_32
    p = ((((F5 * r + F4) * r + F3) * r + F2) * r + F1) * r + F0
    return p * float32_from_bits((bits_from_float32(shifted) + BIAS_32) << SHIFT_32)


by_precision(exp_negative, _exp_negative_32, _exp_negative_64)


def log1p_split(v: Any) -> Any:
    """Return (factor, addend) with log1p(v) = log(factor) + addend, for 0 <= v <= 1.

    1 + v forgets a small v, and with it the log-likelihood of votes that were all but certain. Below
    2**-17 the addend is v - v**2 / 2 and the factor 1: either side of that is right to 2e-11 relative.
    In float32 arithmetic, whose values are good to 1e-7, the factor does it alone.
    """
    raise NotImplementedError


SMALL = 2.0**-17


def _log1p_split_64(v):  # type: ignore[no-untyped-def]
    return (1.0, v - 0.5 * v * v) if v < SMALL else (1.0 + v, 0.0)


def _log1p_split_32(v):  # type: ignore[no-untyped-def]
    return ONE_32 + v, ZERO_32


by_precision(log1p_split, _log1p_split_32, _log1p_split_64)


@inlined
def logistic_term(sign: Any, eta: Any, cut: Any, one: Any, zero: Any) -> Any:
    """Return factor, addend, derivative by cut and curvature of log s(sign (cut - eta)) for one vote.

    Minus that log is ``log(factor) + addend``. All is neutral (1, 0, 0, 0) where the sign is 0.
    """
    z = sign * (eta - cut)
    t = exp_negative(-abs(z)) * abs(sign)
    inverse = one / (one + t)
    factor, addend = log1p_split(t)
    derivative = sign * inverse * (one if z > zero else t)
    return factor, addend + max(z, zero), derivative, t * inverse * inverse


@inlined
def first_sign(vote: Any, one: Any, zero: Any) -> Any:
    """Sign of a vote's term on the first cutpoint."""
    return one if vote == 0 else (-one if vote == 1 else zero)


@inlined
def second_sign(vote: Any, one: Any, zero: Any) -> Any:
    """Sign of a vote's term on the second cutpoint."""
    return one if vote == 1 else (-one if vote == 2 else zero)


# Rows of the buffer of a block: what is known of each column of the row at hand ...
ETA, SCORE, BEND_1, BEND_2, BETWEEN = 0, 1, 2, 3, 4
# ... and what is summed over the rows of a chunk.
FACTOR, ADDEND, CUT_1, CUT_2 = 5, 6, 7, 8
N_BUFFERS = 9


@inlined
def binary_row(votes: Any, work: Any, cut: Any, n: Any, one: Any, zero: Any) -> Any:
    """Votes of one member on `n` items with two categories: from ETA to SCORE and BEND_1, and the sums."""
    for j in range(n):
        sign = first_sign(votes[j], one, zero)
        factor, addend, by_cut, bend = logistic_term(sign, work[ETA, j], cut[j], one, zero)
        work[FACTOR, j] *= factor
        work[ADDEND, j] += addend
        work[CUT_1, j] += by_cut
        work[SCORE, j] = -by_cut
        work[BEND_1, j] = bend


@inlined
def ordered_row(
    votes: Any, work: Any, first: Any, second: Any, n: Any, expected: Any, one: Any, zero: Any
) -> Any:
    """Votes of one member on `n` items with up to three categories.

    BEND_1 and BEND_2 are the curvatures by the cutpoints but for the constant of the item, which
    multiplies BETWEEN: the probability of the middle category over 1 - exp(k1 - k2) where the expectation
    is asked for (its votes are otherwise counted by the caller).
    """
    for j in range(n):
        vote, eta = votes[j], work[ETA, j]
        sign_1, sign_2 = first_sign(vote, one, zero), second_sign(vote, one, zero)
        factor_1, addend_1, by_first, bend_1 = logistic_term(sign_1, eta, first[j], one, zero)
        factor_2, addend_2, by_second, bend_2 = logistic_term(sign_2, eta, second[j], one, zero)
        work[FACTOR, j] *= factor_1 * factor_2
        work[ADDEND, j] += addend_1 + addend_2
        work[CUT_1, j] += by_first
        work[CUT_2, j] += by_second
        work[SCORE, j] = -(by_first + by_second)
        work[BEND_1, j] = bend_1
        work[BEND_2, j] = bend_2
    if expected:
        for j in range(n):
            live = zero if votes[j] < 0 else one
            eta = work[ETA, j]
            _, _, above_first, spread_1 = logistic_term(one, eta, first[j], one, zero)
            _, _, _, spread_2 = logistic_term(one, eta, second[j], one, zero)
            _, _, below_second, _ = logistic_term(-one, eta, second[j], one, zero)
            work[BEND_1, j] = live * spread_1 * -below_second
            work[BEND_2, j] = live * spread_2 * above_first
            work[BETWEEN, j] = live * above_first * -below_second


@inlined
def log_of_products(factors: Any, n: Any) -> Any:
    """Sum of the logs of n products, one log for `FOLD` of them."""
    total, product = 0.0, 1.0
    for j in range(n):
        product *= np.float64(factors[j])
        if j % FOLD == FOLD - 1:
            total += np.log(product)
            product = 1.0
    return total + np.log(product)


def sweep(
    codes: Any,
    positions: Any,
    slopes: Any,
    first: Any,
    second: Any,
    starts: Any,
    periods: Any,
    row_0: Any,
    row_1: Any,
    binary: Any,
    expected: Any,
    g_positions: Any,
    columns: Any,
    h_positions: Any,
    h_columns: Any,
) -> Any:
    """Pass over the rows ``row_0 <= i < row_1``: return the log-likelihood, fill the rest.

    Parameters
    ----------
    codes : int8, (n_members, n_columns)
        Votes, columns in runs of equal period.
    positions, slopes, first, second : float, (n_periods, n_members, D), (D, n_columns), (n_columns,) twice
        Parameters; the type of their elements is the arithmetic of the pass.
    starts, periods : int64, (n_runs + 1,), (n_runs,)
        Bounds of the runs and their periods.
    row_0, row_1 : int64
        The tile.
    binary, expected : bool
        Whether no item has three categories; which information is asked for.
    g_positions : float64, (n_periods, n_members, D)
        Gradient for the positions; rows of the tile are added to.
    columns : float64, (D + 2, n_columns)
        Gradient for the slopes and the cutpoints of each column, added to.
    h_positions : float64, (n_periods, n_members, D, D), or None
        Information of the positions, added to.
    h_columns : float64, (D * D + 2 * D + 3, n_columns), or None
        Sums over the tile, added to: weight times x x', minus bend times x for either cut, bend of either
        cut, and BETWEEN.
    """
    n_dims = slopes.shape[0]
    one, zero = slopes.dtype.type(1.0), slopes.dtype.type(0.0)
    work = np.zeros((N_BUFFERS, BLOCK), slopes.dtype)
    by_slope = np.zeros((n_dims, BLOCK), slopes.dtype)
    if h_columns is not None:
        sums = np.zeros((h_columns.shape[0], BLOCK), slopes.dtype)
    value = 0.0
    for run in range(periods.shape[0]):
        t = periods[run]
        for j0 in range(starts[run], starts[run + 1], BLOCK):
            j1 = min(j0 + BLOCK, starts[run + 1])
            n = j1 - j0
            for i0 in range(row_0, row_1, CHUNK):
                i1 = min(i0 + CHUNK, row_1)
                work[FACTOR, :n] = one
                work[ADDEND:, :n] = zero
                by_slope[:, :n] = zero
                if h_columns is not None:
                    sums[:, :n] = zero
                for i in range(i0, i1):
                    x = positions[t, i]
                    for j in range(n):
                        work[ETA, j] = x[0] * slopes[0, j0 + j]
                    for d in range(1, n_dims):
                        for j in range(n):
                            work[ETA, j] += x[d] * slopes[d, j0 + j]
                    if binary:
                        binary_row(codes[i, j0:j1], work, first[j0:j1], n, one, zero)
                    else:
                        ordered_row(
                            codes[i, j0:j1], work, first[j0:j1], second[j0:j1], n, expected, one, zero
                        )
                    for d in range(n_dims):
                        total = zero
                        for j in range(n):
                            total += work[SCORE, j] * slopes[d, j0 + j]
                            by_slope[d, j] += work[SCORE, j] * x[d]
                        g_positions[t, i, d] += total
                    if h_columns is not None:
                        _add_information(work, sums, x, slopes[:, j0:j1], h_positions[t, i], n, binary, zero)
                value -= log_of_products(work[FACTOR], n)
                for j in range(n):
                    value -= work[ADDEND, j]
                for d in range(n_dims):
                    for j in range(n):
                        columns[d, j0 + j] += by_slope[d, j]
                for j in range(n):
                    columns[n_dims, j0 + j] += work[CUT_1, j]
                    columns[n_dims + 1, j0 + j] += work[CUT_2, j]
                if h_columns is not None:
                    for k in range(h_columns.shape[0]):
                        for j in range(n):
                            h_columns[k, j0 + j] += sums[k, j]
    return value


@inlined
def _add_information(
    work: Any, sums: Any, x: Any, slopes: Any, h_position: Any, n: Any, binary: Any, zero: Any
) -> Any:
    """Add one member's curvature to its own block and to the sums of the columns."""
    n_dims = slopes.shape[0]
    if not binary:
        for j in range(n):
            # From here on SCORE holds the curvature by eta: the gradient has been taken.
            work[SCORE, j] = work[BEND_1, j] + work[BEND_2, j]
    weight = SCORE if not binary else BEND_1
    for d in range(n_dims):
        for e in range(n_dims):
            total = zero
            row = d * n_dims + e
            for j in range(n):
                w = work[weight, j]
                total += w * slopes[d, j] * slopes[e, j]
                sums[row, j] += w * (x[d] * x[e])
            h_position[d, e] += total
        for j in range(n):
            sums[n_dims * n_dims + d, j] -= work[BEND_1, j] * x[d]
        if not binary:
            for j in range(n):
                sums[n_dims * n_dims + n_dims + d, j] -= work[BEND_2, j] * x[d]
    last = n_dims * n_dims + 2 * n_dims
    for j in range(n):
        sums[last, j] += work[BEND_1, j]
    if not binary:
        for j in range(n):
            sums[last + 1, j] += work[BEND_2, j]
            sums[last + 2, j] += work[BETWEEN, j]


def sweep_signature(real: Any, information: bool) -> Any:
    """Return the Numba signature of `sweep` for one arithmetic, with or without information."""
    real = from_dtype(np.dtype(real))
    frozen_votes = types.Array(types.int8, 2, "C", readonly=True)
    index, double = types.Array(types.int64, 1, "C"), types.float64
    return types.float64(
        frozen_votes, real[:, :, ::1], real[:, ::1], real[::1], real[::1], index, index,
        types.int64, types.int64, types.boolean, types.boolean,
        double[:, :, ::1], double[:, ::1],
        double[:, :, :, ::1] if information else types.none,
        double[:, ::1] if information else types.none,
    )  # fmt: skip
