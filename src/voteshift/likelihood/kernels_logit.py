"""Compiled passes over the votes for the logistic link, in any number of dimensions.

With s the logistic function, a vote on an item with cutpoints k1 < k2 has, as a function of eta = x . beta,

    P(0) = s(k1 - eta),    P(1) = s(eta - k1) s(k2 - eta) (1 - exp(k1 - k2)),    P(2) = s(eta - k2),

so every vote is at most two signed logistic terms, log s(-sign (eta - cut)), and a constant of its item.
Nothing cancels when the middle category is thin. Signs by category:

    category     no vote   0    1    2
    on cut 1        0     +1   -1    0
    on cut 2        0      0   +1   -1

An item with two categories is the first row alone: its second cutpoint is put at `FAR`, where the term is 0
to the last bit. Parameters are taken in units of ln 2, which leaves a power of 2 where there was an exp.

The loops are written for SIMD: no branch and no libm call on a vote, powers of 2 from a polynomial, and one
log for all the votes of a few columns (of the product of their 1 + exp(-|z|)). Sums run in the kernel's
arithmetic over at most `CHUNK` rows and in float64 beyond. Taking 1 + t as it is loses votes that were all
but certain: a log-likelihood within 1e-6 a vote of 0 is not right to 1e-10, and left to the caller to do
otherwise.

Work comes in units: a block of columns of one period, and a segment of the rows. Threads take unit after
unit from a common counter; each unit has places of its own for its sums, so who did it leaves no trace.

Numba invalidates its cache by the file of the compiled function alone, so helpers that are inlined into a
kernel live in its file; so is what their arguments are, at the end, in place of annotations.
"""
# mypy: allow-untyped-defs, allow-untyped-calls

import numpy as np
from numba import from_dtype, types

from voteshift.likelihood.compiling import (
    bits_from_float32,
    bits_from_float64,
    by_precision,
    float32_from_bits,
    float64_from_bits,
    inlined,
    take_next,
)

__all__ = ["BLOCK", "CHUNK", "cross", "cross_signature", "signature", "sweep"]

FAR = 1e30
"""A cutpoint no position reaches: finite, so that a sign of 0 times its distance is 0."""

CHUNK = 60
"""Rows between two moves of the partial sums to float64: 2 factors of at most 2 a vote stay below 2**127."""

BLOCK = 512
"""Columns at a time: the buffers of a block stay in the first level of cache."""

FOLD = 8
"""Columns that share one log: 2**(2 * CHUNK * FOLD) is below the largest float64."""

LOG2_E, LN_2 = 1.4426950408889634, 0.6931471805599453


def power_of_two(v):
    """Return 2**v for v <= 0, flushed to about 1e-38 (float32) or 1e-307 (float64) far out."""
    raise NotImplementedError


# Adding 1.5 * 2**52 (or 2**23) rounds to an integer and leaves that integer in the low bits. Unlike a
# conversion to int64, the addition has a SIMD form on every processor.
ROUND_64, ROUND_32 = 6755399441055744.0, np.float32(12582912.0)
LOWEST_64, LOWEST_32 = -1020.0, np.float32(-125.0)
# Minimax polynomials for 2**r on [-1/2, 1/2]; relative errors 1.3e-14 and 7.5e-8.
E0, E1, E2, E3, E4, E5, E6, E7, E8, E9 = (
    1.0000000000000127, 0.693147180559871, 0.24022650695649672, 0.0555041086686862, 0.009618129192062334,
    0.001333355761747565, 0.00015403434951557387, 1.5252984926117907e-05, 1.3259404880189543e-06,
    1.015031875399334e-07,
)  # fmt: skip
EXP_32 = (
    1.0000000716530213, 0.6931469670668435, 0.24022119724704669, 0.05550713258738691, 0.00967554136335364,
    0.0013276477808759292,
)  # fmt: skip
F0, F1, F2, F3, F4, F5 = (np.float32(c) for c in EXP_32)
SHIFT_32 = np.int32(23)


def _power_of_two_64(v):
    v = max(v, LOWEST_64)
    shifted = v + ROUND_64
    r = v - (shifted - ROUND_64)
    r2 = r * r
    r4 = r2 * r2
    low, high = (E3 * r + E2) * r2 + (E1 * r + E0), (E7 * r + E6) * r2 + (E5 * r + E4)
    p = (high + (E9 * r + E8) * r4) * r4 + low
    return float64_from_bits(bits_from_float64(p) + (bits_from_float64(shifted) << 52))


def _power_of_two_32(v):
    v = max(v, LOWEST_32)
    shifted = v + ROUND_32
    r = v - (shifted - ROUND_32)
    r2 = r * r
    p = ((F5 * r + F4) * r2 + (F3 * r + F2)) * r2 + (F1 * r + F0)
    return float32_from_bits(bits_from_float32(p) + (bits_from_float32(shifted) << SHIFT_32))


by_precision(power_of_two, _power_of_two_32, _power_of_two_64)


@inlined
def tail_odds(sign, eta, cut):
    """Return z = sign (eta - cut) and t = 2**-|z| of the term log s(-z ln 2); t is 0 where the sign is 0.

    Minus the term is log(1 + t) + max(z, 0) ln 2; its derivative by z ln 2 is -1 / (1 + t) if z > 0, else
    -t / (1 + t).
    """
    z = sign * (eta - cut)
    return z, power_of_two(-abs(z)) * abs(sign)


@inlined
def logistic_term(sign, eta, cut, one, zero):
    """Return factor, addend, derivative by cut and curvature of log s(sign (cut - eta) ln 2) for one vote.

    Minus that log is ``log(factor) + addend ln 2``, derivatives are by what they are of times ln 2. All is
    neutral (1, 0, 0, 0) where the sign is 0.
    """
    z, t = tail_odds(sign, eta, cut)
    factor = one + t
    inverse = one / factor
    derivative = sign * inverse * (one if z > zero else t)
    return factor, max(z, zero), derivative, t * inverse * inverse


@inlined
def first_sign(vote, one, zero):
    """Sign of a vote's term on the first cutpoint."""
    return one if vote == 0 else (-one if vote == 1 else zero)


@inlined
def second_sign(vote, one, zero):
    """Sign of a vote's term on the second cutpoint."""
    return one if vote == 1 else (-one if vote == 2 else zero)


# Rows of the buffer of a block: what is known of each column of the row at hand ...
ETA, SCORE, WEIGHT, BEND_1, BEND_2, BETWEEN = 0, 1, 2, 3, 4, 5
# ... and what is summed over the rows of a chunk.
FACTOR, ADDEND, CUT_1, CUT_2 = 6, 7, 8, 9
N_BUFFERS = 10


@inlined
def binary_row(votes, work, cut, n, one, zero):
    """Votes of one member on `n` items with two categories: from ETA to SCORE and BEND_1, and the sums."""
    for j in range(n):
        vote = votes[j]
        sign = one if vote == 0 else (-one if vote > 0 else zero)
        factor, addend, by_cut, bend = logistic_term(sign, work[ETA, j], cut[j], one, zero)
        work[FACTOR, j] *= factor
        work[ADDEND, j] += addend
        work[CUT_1, j] += by_cut
        work[SCORE, j] = -by_cut
        work[BEND_1, j] = bend


@inlined
def ordered_row(votes, work, first, second, n, expected, one, zero):
    """Votes of one member on `n` items with up to three categories.

    BEND_1 and BEND_2 are the curvatures by the cutpoints but for the constant of the item, which
    multiplies BETWEEN: the probability of the middle category over 1 - exp(k1 - k2) where the expectation
    is asked for (its votes are otherwise counted once for all).
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
def log_of_products(factors, n):
    """Sum of the logs of n products, one log for `FOLD` of them."""
    total, product = 0.0, 1.0
    for j in range(n):
        product *= np.float64(factors[j])
        if j % FOLD == FOLD - 1:
            total += np.log(product)
            product = 1.0
    return total + np.log(product)


@inlined
def load_items(item, three, slopes, cutpoints, j0, n, slope, first, second):
    """Fetch the parameters of the items of `n` columns, in units of ln 2."""
    for j in range(n):
        m = item[j0 + j]
        first[j] = cutpoints[m, 0] * LOG2_E
        second[j] = cutpoints[m, 1] * LOG2_E if three[j0 + j] else FAR
    for d in range(slopes.shape[1]):
        for j in range(n):
            slope[d, j] = slopes[item[j0 + j], d] * LOG2_E


def sweep(
    counter, codes, bounds, item, three, n_middle, positions, slopes, cutpoints, binary, expected, step, rows,
    values, g_positions, columns, h_positions, h_columns,
):  # fmt: skip
    """Do units of work while there are any: value, gradient and, if asked for, information.

    Parameters
    ----------
    counter : int64, (2,)
        The next unit, common to all threads; the second element is set where a kernel cannot do the work.
    codes : int8, (n_members, n_columns)
        Votes.
    bounds : int64, (n_blocks, 3)
        First column, end and period of each block of columns, at most `BLOCK` of them.
    item, three, n_middle : int32, bool, float64, (n_columns,)
        Item of each column, whether it has three categories, and its votes in the middle one.
    positions : real, (n_periods, n_members, D)
        Positions; the type of their elements is the arithmetic of the pass.
    slopes, cutpoints : float64, (n_items, D) and (n_items, 2)
        Discriminations and cutpoints.
    binary, expected : bool
        Whether no item has three categories; which information is asked for.
    step, rows : int64
        Rows of a chunk, at most `CHUNK`, and of a segment, a multiple of it.
    values : float64, (n_units,)
        Log-likelihood; unit u is block ``u // n_segments``, segment ``u % n_segments``.
    g_positions : float64, (n_blocks, n_members, D)
        Gradient by positions.
    columns : float64, (n_segments, D + 2, n_columns)
        Gradient by discriminations and cutpoints of each column.
    h_positions : float64, (n_blocks, n_members, D, D), or None
        Information of the positions.
    h_columns : float64, (n_segments, D * D + 2 * D + 3, n_columns), or None
        Sums by column: information of the discriminations, mixed with the first and with the second
        cutpoint, of either cutpoint, and of one with the other.

    All of the last five are written, whatever they held.
    """
    n_dims, n_segments = slopes.shape[1], columns.shape[0]
    one, zero = positions.dtype.type(1.0), positions.dtype.type(0.0)
    work = np.zeros((N_BUFFERS, BLOCK), positions.dtype)
    by_slope = np.zeros((n_dims, BLOCK), positions.dtype)
    slope = np.zeros((n_dims, BLOCK), positions.dtype)
    first, second = np.zeros(BLOCK, positions.dtype), np.zeros(BLOCK, positions.dtype)
    if h_columns is not None:
        sums = np.zeros((h_columns.shape[1], BLOCK), positions.dtype)
    while True:
        unit = take_next(counter)
        if unit >= values.shape[0]:
            break
        block, segment = unit // n_segments, unit % n_segments
        j0, j1, t = bounds[block]
        n = j1 - j0
        row_0, row_1 = segment * rows, min((segment + 1) * rows, codes.shape[0])
        load_items(item, three, slopes, cutpoints, j0, n, slope, first, second)
        values[unit] = 0.0
        columns[segment, :, j0:j1] = 0.0
        if h_columns is not None:
            h_columns[segment, :, j0:j1] = 0.0
        for i0 in range(row_0, row_1, step):
            i1 = min(i0 + step, row_1)
            work[FACTOR, :n] = one
            work[ADDEND:, :n] = zero
            by_slope[:, :n] = zero
            if h_columns is not None:
                sums[:, :n] = zero
            for i in range(i0, i1):
                x = positions[t, i]
                work[ETA, :n] = zero
                for d in range(n_dims):
                    for j in range(n):
                        work[ETA, j] += x[d] * slope[d, j]
                if binary:
                    binary_row(codes[i, j0:j1], work, first, n, one, zero)
                else:
                    ordered_row(codes[i, j0:j1], work, first, second, n, expected, one, zero)
                for d in range(n_dims):
                    total = zero
                    for j in range(n):
                        total += work[SCORE, j] * slope[d, j]
                    # A loop of its own: see `compiling.FAST`.
                    for j in range(n):
                        by_slope[d, j] += work[SCORE, j] * x[d]
                    g_positions[block, i, d] = total * LN_2
                if h_columns is not None:
                    add_information(work, sums, x, slope, h_positions[block, i], n, binary, zero)
            value = -log_of_products(work[FACTOR], n)
            for j in range(n):
                value -= work[ADDEND, j] * LN_2
            values[unit] += value
            for d in range(n_dims):
                for j in range(n):
                    columns[segment, d, j0 + j] += by_slope[d, j]
            for j in range(n):
                columns[segment, n_dims, j0 + j] += work[CUT_1, j]
                columns[segment, n_dims + 1, j0 + j] += work[CUT_2, j]
            if h_columns is not None:
                for k in range(sums.shape[0]):
                    for j in range(n):
                        h_columns[segment, k, j0 + j] += sums[k, j]
        for j in range(j0, j1):
            if three[j]:
                # Of the votes in the middle category: log(1 - exp(k1 - k2)), once for all rows.
                gap = cutpoints[item[j], 1] - cutpoints[item[j], 0]
                width = -np.expm1(-gap)
                thin = np.exp(-gap) / width
                count = n_middle[j] if segment == 0 else 0.0
                values[unit] += count * np.log(width)
                columns[segment, n_dims, j] -= count * thin
                columns[segment, n_dims + 1, j] += count * thin
                if h_columns is not None:
                    bend = h_columns[segment, -1, j] * thin if expected else count * thin * (1.0 + thin)
                    h_columns[segment, -3, j] += bend
                    h_columns[segment, -2, j] += bend
                    h_columns[segment, -1, j] = -bend


@inlined
def add_information(work, sums, x, slope, h_position, n, binary, zero):
    """Add one member's curvature to the sums of the columns, and put down its own."""
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
            h_position[d, e] = total * LN_2 * LN_2
        row = n_dims * n_dims + d
        for j in range(n):
            sums[row, j] -= work[BEND_1, j] * x[d]
        if not binary:
            for j in range(n):
                sums[row + n_dims, j] -= work[BEND_2, j] * x[d]
    for j in range(n):
        sums[-3, j] += work[BEND_1, j]
    if not binary:
        for j in range(n):
            sums[-2, j] += work[BEND_2, j]
            sums[-1, j] += work[BETWEEN, j]


def cross(codes, period, item, three, positions, slopes, cutpoints, binary, expected, out):
    """Put down minus the mixed second derivatives between positions and items, vote by vote.

    Parameters
    ----------
    codes : int8, (n_members, n_columns)
        Votes.
    period, item, three : int32, int32, bool, (n_columns,)
        Period and item of each column, and whether that has three categories.
    positions, slopes, cutpoints, binary, expected
        As in `sweep`, in float64.
    out : float64, (n_members, n_columns, D, D + 2)
        By the dimensions of the position, and by discriminations and cutpoints; written, whatever it held.
    """
    n_dims = slopes.shape[1]
    one, zero = 1.0, 0.0
    work = np.zeros((N_BUFFERS, BLOCK))
    slope, met = np.zeros((n_dims, BLOCK)), np.zeros((n_dims, BLOCK))
    first, second = np.zeros(BLOCK), np.zeros(BLOCK)
    for j0 in range(0, codes.shape[1], BLOCK):
        j1 = min(j0 + BLOCK, codes.shape[1])
        n = j1 - j0
        load_items(item, three, slopes, cutpoints, j0, n, slope, first, second)
        for i in range(codes.shape[0]):
            work[ETA, :n] = zero
            for d in range(n_dims):
                for j in range(n):
                    met[d, j] = positions[period[j0 + j], i, d]
                for j in range(n):
                    work[ETA, j] += met[d, j] * slope[d, j]
            if binary:
                binary_row(codes[i, j0:j1], work, first, n, one, zero)
            else:
                ordered_row(codes[i, j0:j1], work, first, second, n, expected, one, zero)
            for j in range(n):
                bend = work[BEND_1, j] if binary else work[BEND_1, j] + work[BEND_2, j]
                for d in range(n_dims):
                    b = slope[d, j] * LN_2
                    for e in range(n_dims):
                        out[i, j0 + j, d, e] = bend * b * met[e, j]
                    if not expected:
                        out[i, j0 + j, d, d] -= work[SCORE, j]
                    out[i, j0 + j, d, n_dims] = -work[BEND_1, j] * b
                    out[i, j0 + j, d, n_dims + 1] = zero if binary else -work[BEND_2, j] * b


def signature(real, information, expected):
    """Return the Numba signature of the kernels in one arithmetic; `expected` is a flag or None."""
    real = from_dtype(np.dtype(real))
    double, count, flag = types.float64, types.int64, types.boolean

    def fixed(element, n_dims):
        return types.Array(element, n_dims, "C", readonly=True)

    return types.void(
        count[::1], fixed(types.int8, 2), fixed(count, 2), fixed(types.int32, 1), fixed(flag, 1),
        fixed(double, 1), fixed(real, 3), fixed(double, 2), fixed(double, 2),
        flag, flag if expected else types.none, count, count,
        double[::1], double[:, :, ::1], double[:, :, ::1],
        double[:, :, :, ::1] if information else types.none, double[:, :, ::1] if information else types.none,
    )  # fmt: skip


def cross_signature():
    """Return the Numba signature of the kernels of mixed second derivatives."""

    def fixed(element, n_dims):
        return types.Array(element, n_dims, "C", readonly=True)

    index, double, flag = fixed(types.int32, 1), types.float64, types.boolean
    return types.void(
        fixed(types.int8, 2), index, index, fixed(flag, 1), fixed(double, 3), fixed(double, 2),
        fixed(double, 2), flag, flag, double[:, :, :, ::1],
    )  # fmt: skip
