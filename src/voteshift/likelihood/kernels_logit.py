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
over at most `CHUNK` rows and in float64 beyond. Taking 1 + t as it is loses votes that were all but certain:
a log-likelihood within 1e-6 a vote of 0 is not right to 1e-10, and left to the caller to do otherwise.

Numba invalidates its cache by the file of the compiled function alone, so helpers that are inlined into a
kernel live in this file; so is what their arguments are, at the end, in place of annotations.
"""
# mypy: allow-untyped-defs, allow-untyped-calls
# ruff: noqa: ARG001 (the kernels share one signature)

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

__all__ = ["CHUNK", "FAR", "kernel_for", "signature"]

FAR = 1e30
"""A cutpoint no position reaches: finite, so that a sign of 0 times its distance is 0."""

CHUNK = 60
"""Rows between two moves of the partial sums to float64: 2 factors of at most 2 a vote stay below 2**127."""

BLOCK = 1024
"""Columns at a time: the buffers of a block stay in the first two levels of cache."""

FOLD = 8
"""Columns that share one log: 2**(2 * CHUNK * FOLD) is below the largest float64."""


def exp_negative(v):
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
    1.0000000000000128, 0.99999999999989275, 0.49999999999457974, 0.16666666667826954, 0.041666667032463358,
    0.0083333330028226445, 0.0013888802828821594, 0.0001984159639703441, 2.4884010015388763e-5,
    2.7482187001933117e-6,
)  # fmt: skip
EXP_32 = (
    1.0000000716546416, 0.99999969199228336, 0.49998894851472441, 0.16667574726749988, 0.041915381977922723,
    0.0082976551982714186,
)  # fmt: skip
F0, F1, F2, F3, F4, F5 = (np.float32(c) for c in EXP_32)
BIAS_32, SHIFT_32 = np.int32(127), np.int32(23)


def _exp_negative_64(v):
    v = max(v, EXP_LOWEST_64)
    shifted = v * LOG2_E + ROUND_64
    k = shifted - ROUND_64
    r = (v - k * LN2_HIGH) - k * LN2_LOW
    p = ((((((((E9 * r + E8) * r + E7) * r + E6) * r + E5) * r + E4) * r + E3) * r + E2) * r + E1) * r + E0
    return p * float64_from_bits((bits_from_float64(shifted) + 1023) << 52)


def _exp_negative_32(v):
    v = max(v, EXP_LOWEST_32)
    shifted = v * LOG2_E_32 + ROUND_32
    k = shifted - ROUND_32
    r = (v - k * LN2_HIGH_32) - k * LN2_LOW_32
    p = ((((F5 * r + F4) * r + F3) * r + F2) * r + F1) * r + F0
    return p * float32_from_bits((bits_from_float32(shifted) + BIAS_32) << SHIFT_32)


by_precision(exp_negative, _exp_negative_32, _exp_negative_64)


@inlined
def tail_odds(sign, eta, cut):
    """Return z = sign (eta - cut) and t = exp(-|z|) of the term log s(-z); t is 0 where the sign is 0.

    Minus the term is log(1 + t) + max(z, 0); its derivative by z is -1 / (1 + t) if z > 0, else -t / (1 + t).
    """
    z = sign * (eta - cut)
    return z, exp_negative(-abs(z)) * abs(sign)


@inlined
def logistic_term(sign, eta, cut, one, zero):
    """Return factor, addend, derivative by cut and curvature of log s(sign (cut - eta)) for one vote.

    Minus that log is ``log(factor) + addend``. All is neutral (1, 0, 0, 0) where the sign is 0.
    """
    z, t = tail_odds(sign, eta, cut)
    factor = one + t
    inverse = one / factor
    derivative = sign * inverse * (one if z > zero else t)
    return factor, max(z, zero), derivative, t * inverse * inverse


@inlined
def four_inverses(a, b, c, d, one):
    """Return the product of four numbers and their inverses with one division, the slowest step."""
    ab, cd = a * b, c * d
    product = ab * cd
    inverse = one / product
    of_ab, of_cd = inverse * cd, inverse * ab
    return product, of_ab * b, of_ab * a, of_cd * d, of_cd * c


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
        sign = first_sign(votes[j], one, zero)
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
def log_of_products(factors, n):
    """Sum of the logs of n products, one log for `FOLD` of them."""
    total, product = 0.0, 1.0
    for j in range(n):
        product *= np.float64(factors[j])
        if j % FOLD == FOLD - 1:
            total += np.log(product)
            product = 1.0
    return total + np.log(product)


def sweep(
    codes, starts, periods, positions, slopes, first, second, binary, expected, row_0, row_1, step, spread,
    values, g_positions, columns, h_positions, h_columns,
):  # fmt: skip
    """Pass over the rows ``row_0 <= i < row_1`` in chunks: value, gradient and, if asked for, information.

    Parameters
    ----------
    codes : int8, (n_members, n_columns)
        Votes, columns in runs of equal period; `starts` (n_runs + 1) and `periods` (n_runs) are int64.
    positions, slopes, first, second : (n_periods, n_members, D), (D, n_columns), (n_columns,) twice
        Parameters; the type of their elements is the arithmetic of the pass.
    binary, expected : bool
        Whether no item has three categories; which information is asked for.
    row_0, row_1, step, spread : int64
        The rows, and how many make a chunk: at most `CHUNK`, `row_0` a multiple. With `spread` 1 the sums of
        each chunk go to a slot of their own, with 0 to slot 0: the slots added in order, to the last bit.
    values, g_positions, columns : float64, (n_chunks,), as positions, (n_slots, D + 2, n_columns)
        Log-likelihood by chunk of all rows and gradient by positions, slopes and cutpoints, added to.
    h_positions : float64, (n_periods, n_members, D, D), or None
        Information of the positions, added to.
    h_columns : float64, (n_slots, D * D + 2 * D + 3, n_columns), or None
        Sums by column, added to: curvature by eta times x x', minus the curvature by either cutpoint times x,
        the curvature by either cutpoint, and BETWEEN.
    """
    n_dims = slopes.shape[0]
    one, zero = slopes.dtype.type(1.0), slopes.dtype.type(0.0)
    work = np.zeros((N_BUFFERS, BLOCK), slopes.dtype)
    by_slope = np.zeros((n_dims, BLOCK), slopes.dtype)
    if h_columns is not None:
        sums = np.zeros((h_columns.shape[1], BLOCK), slopes.dtype)
    for run in range(periods.shape[0]):
        t = periods[run]
        for j0 in range(starts[run], starts[run + 1], BLOCK):
            j1 = min(j0 + BLOCK, starts[run + 1])
            n = j1 - j0
            for i0 in range(row_0, row_1, step):
                i1 = min(i0 + step, row_1)
                slot = (i0 - row_0) // step * spread
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
                        # A loop of its own: see `compiling.FAST`.
                        for j in range(n):
                            by_slope[d, j] += work[SCORE, j] * x[d]
                        g_positions[t, i, d] += total
                    if h_columns is not None:
                        add_information(work, sums, x, slopes[:, j0:j1], h_positions[t, i], n, binary, zero)
                value = -log_of_products(work[FACTOR], n)
                for j in range(n):
                    value -= work[ADDEND, j]
                values[i0 // step] += value
                columns[slot, :n_dims, j0:j1] += by_slope[:, :n]
                for j in range(n):
                    columns[slot, n_dims, j0 + j] += work[CUT_1, j]
                    columns[slot, n_dims + 1, j0 + j] += work[CUT_2, j]
                if h_columns is not None:
                    h_columns[slot, :, j0:j1] += sums[:, :n]


@inlined
def add_information(work, sums, x, slopes, h_position, n, binary, zero):
    """Add one member's curvature to its own block and to the sums of the columns."""
    n_dims = slopes.shape[0]
    if not binary:
        for j in range(n):
            work[WEIGHT, j] = work[BEND_1, j] + work[BEND_2, j]
    weight = BEND_1 if binary else WEIGHT
    for d in range(n_dims):
        for e in range(n_dims):
            total = zero
            row, xx = d * n_dims + e, x[d] * x[e]
            for j in range(n):
                total += work[weight, j] * slopes[d, j] * slopes[e, j]
            for j in range(n):
                sums[row, j] += work[weight, j] * xx
            h_position[d, e] += total
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


@inlined
def row_votes(codes, i, end, j0, j1, idle):
    """Votes of row i, or of nobody past the end of the rows: rows come in fours without a remainder."""
    return codes[i, j0:j1] if i < end else idle[: j1 - j0]


@inlined
def add_rows(target, i, end, s0, s1, s2, s3):
    """Add the sums of up to four rows to theirs."""
    for row in range(i, min(i + 4, end)):
        target[row] += (s0, s1, s2, s3)[row - i]


# Rows of the buffer of a block in the two kernels below; one array, so that LLVM sees they do not overlap.
PRODUCT, LINEAR, BY_SLOPE, BY_FIRST, BY_SECOND, INFO = 0, 1, 2, 3, 4, 5


def sweep_line_binary(
    codes, starts, periods, positions, slopes, first, second, binary, expected, row_0, row_1, step, spread,
    values, g_positions, columns, h_positions, h_columns,
):  # fmt: skip
    """Do what `sweep` does for one dimension and two categories, four rows at a time.

    Four rows share each load of a column's parameters, each load and store of its sums, and a division; eta
    and the score never leave the registers.
    """
    one, zero = slopes.dtype.type(1.0), slopes.dtype.type(0.0)
    work = np.empty((INFO + 6, BLOCK), slopes.dtype)
    idle = np.full(BLOCK, -1, np.int8)
    for run in range(periods.shape[0]):
        t = periods[run]
        for j0 in range(starts[run], starts[run + 1], BLOCK):
            j1 = min(j0 + BLOCK, starts[run + 1])
            n = j1 - j0
            slope, cut = slopes[0, j0:j1], first[j0:j1]
            for i0 in range(row_0, row_1, step):
                i1 = min(i0 + step, row_1)
                slot = (i0 - row_0) // step * spread
                work[PRODUCT, :n] = one
                work[LINEAR:, :n] = zero
                for i in range(i0, i1, 4):
                    v0, v1 = codes[i, j0:j1], row_votes(codes, i + 1, i1, j0, j1, idle)
                    v2, v3 = (
                        row_votes(codes, i + 2, i1, j0, j1, idle),
                        row_votes(codes, i + 3, i1, j0, j1, idle),
                    )
                    x0, x1 = positions[t, i, 0], positions[t, min(i + 1, i1 - 1), 0]
                    x2, x3 = positions[t, min(i + 2, i1 - 1), 0], positions[t, min(i + 3, i1 - 1), 0]
                    s0, s1, s2, s3 = zero, zero, zero, zero
                    q0, q1, q2, q3 = zero, zero, zero, zero
                    for j in range(n):
                        b, k = slope[j], cut[j]
                        w0, w1 = first_sign(v0[j], one, zero), first_sign(v1[j], one, zero)
                        w2, w3 = first_sign(v2[j], one, zero), first_sign(v3[j], one, zero)
                        z0, t0 = tail_odds(w0, x0 * b, k)
                        z1, t1 = tail_odds(w1, x1 * b, k)
                        z2, t2 = tail_odds(w2, x2 * b, k)
                        z3, t3 = tail_odds(w3, x3 * b, k)
                        product, r0, r1, r2, r3 = four_inverses(one + t0, one + t1, one + t2, one + t3, one)
                        g0 = w0 * r0 * (one if z0 > zero else t0)
                        g1 = w1 * r1 * (one if z1 > zero else t1)
                        g2 = w2 * r2 * (one if z2 > zero else t2)
                        g3 = w3 * r3 * (one if z3 > zero else t3)
                        work[PRODUCT, j] *= product
                        work[LINEAR, j] += (max(z0, zero) + max(z1, zero)) + (max(z2, zero) + max(z3, zero))
                        work[BY_FIRST, j] += (g0 + g1) + (g2 + g3)
                        work[BY_SLOPE, j] -= (g0 * x0 + g1 * x1) + (g2 * x2 + g3 * x3)
                        s0 -= g0 * b
                        s1 -= g1 * b
                        s2 -= g2 * b
                        s3 -= g3 * b
                        if h_columns is not None:
                            m0, m1, m2, m3 = t0 * r0 * r0, t1 * r1 * r1, t2 * r2 * r2, t3 * r3 * r3
                            mx0, mx1, mx2, mx3 = m0 * x0, m1 * x1, m2 * x2, m3 * x3
                            work[INFO, j] += (mx0 * x0 + mx1 * x1) + (mx2 * x2 + mx3 * x3)
                            work[INFO + 1, j] -= (mx0 + mx1) + (mx2 + mx3)
                            work[INFO + 3, j] += (m0 + m1) + (m2 + m3)
                            q0 += m0 * b * b
                            q1 += m1 * b * b
                            q2 += m2 * b * b
                            q3 += m3 * b * b
                    add_rows(g_positions[t, :, 0], i, i1, s0, s1, s2, s3)
                    if h_columns is not None:
                        add_rows(h_positions[t, :, 0, 0], i, i1, q0, q1, q2, q3)
                value = -log_of_products(work[PRODUCT], n)
                for j in range(n):
                    value -= work[LINEAR, j]
                    columns[slot, 0, j0 + j] += work[BY_SLOPE, j]
                    columns[slot, 1, j0 + j] += work[BY_FIRST, j]
                if h_columns is not None:
                    h_columns[slot, :, j0:j1] += work[INFO:, :n]
                values[i0 // step] += value


def sweep_line_ordered(
    codes, starts, periods, positions, slopes, first, second, binary, expected, row_0, row_1, step, spread,
    values, g_positions, columns, h_positions, h_columns,
):  # fmt: skip
    """Do what `sweep_line_binary` does with up to three categories, two rows at a time; no expectation."""
    one, zero = slopes.dtype.type(1.0), slopes.dtype.type(0.0)
    work = np.empty((INFO + 6, BLOCK), slopes.dtype)
    idle = np.full(BLOCK, -1, np.int8)
    for run in range(periods.shape[0]):
        t = periods[run]
        for j0 in range(starts[run], starts[run + 1], BLOCK):
            j1 = min(j0 + BLOCK, starts[run + 1])
            n = j1 - j0
            slope, cut_1, cut_2 = slopes[0, j0:j1], first[j0:j1], second[j0:j1]
            for i0 in range(row_0, row_1, step):
                i1 = min(i0 + step, row_1)
                slot = (i0 - row_0) // step * spread
                work[PRODUCT, :n] = one
                work[LINEAR:, :n] = zero
                for i in range(i0, i1, 2):
                    v0, v1 = codes[i, j0:j1], row_votes(codes, i + 1, i1, j0, j1, idle)
                    x0, x1 = positions[t, i, 0], positions[t, min(i + 1, i1 - 1), 0]
                    s0, s1, l0, l1 = zero, zero, zero, zero
                    for j in range(n):
                        b, k, c = slope[j], cut_1[j], cut_2[j]
                        w0, w1 = first_sign(v0[j], one, zero), first_sign(v1[j], one, zero)
                        u0, u1 = second_sign(v0[j], one, zero), second_sign(v1[j], one, zero)
                        z0, t0 = tail_odds(w0, x0 * b, k)
                        y0, q0 = tail_odds(u0, x0 * b, c)
                        z1, t1 = tail_odds(w1, x1 * b, k)
                        y1, q1 = tail_odds(u1, x1 * b, c)
                        product, r0, p0, r1, p1 = four_inverses(one + t0, one + q0, one + t1, one + q1, one)
                        g0 = w0 * r0 * (one if z0 > zero else t0)
                        h0 = u0 * p0 * (one if y0 > zero else q0)
                        g1 = w1 * r1 * (one if z1 > zero else t1)
                        h1 = u1 * p1 * (one if y1 > zero else q1)
                        e0, e1 = g0 + h0, g1 + h1
                        work[PRODUCT, j] *= product
                        work[LINEAR, j] += (max(z0, zero) + max(y0, zero)) + (max(z1, zero) + max(y1, zero))
                        work[BY_FIRST, j] += g0 + g1
                        work[BY_SECOND, j] += h0 + h1
                        work[BY_SLOPE, j] -= e0 * x0 + e1 * x1
                        s0 -= e0 * b
                        s1 -= e1 * b
                        if h_columns is not None:
                            m0, m1, o0, o1 = t0 * r0 * r0, t1 * r1 * r1, q0 * p0 * p0, q1 * p1 * p1
                            work[INFO, j] += (m0 + o0) * x0 * x0 + (m1 + o1) * x1 * x1
                            work[INFO + 1, j] -= m0 * x0 + m1 * x1
                            work[INFO + 2, j] -= o0 * x0 + o1 * x1
                            work[INFO + 3, j] += m0 + m1
                            work[INFO + 4, j] += o0 + o1
                            l0 += (m0 + o0) * b * b
                            l1 += (m1 + o1) * b * b
                    add_rows(g_positions[t, :, 0], i, min(i + 2, i1), s0, s1, zero, zero)
                    if h_columns is not None:
                        add_rows(h_positions[t, :, 0, 0], i, min(i + 2, i1), l0, l1, zero, zero)
                value = -log_of_products(work[PRODUCT], n)
                for j in range(n):
                    value -= work[LINEAR, j]
                    columns[slot, 0, j0 + j] += work[BY_SLOPE, j]
                    columns[slot, 1, j0 + j] += work[BY_FIRST, j]
                    columns[slot, 2, j0 + j] += work[BY_SECOND, j]
                if h_columns is not None:
                    h_columns[slot, :, j0:j1] += work[INFO:, :n]
                values[i0 // step] += value


def kernel_for(n_dims, binary, information):
    """Return the kernel that does a pass fastest."""
    if n_dims == 1 and binary:
        return sweep_line_binary  # with two categories the expected information is the observed one
    return sweep_line_ordered if n_dims == 1 and information != "expected" else sweep


def signature(real, information):
    """Return the Numba signature of the kernels in one arithmetic."""
    real = from_dtype(np.dtype(real))
    votes = types.Array(types.int8, 2, "C", readonly=True)
    bounds = types.Array(types.int64, 1, "C", readonly=True)
    count, flag, double = types.int64, types.boolean, types.float64
    return types.void(
        votes, bounds, bounds, real[:, :, ::1], real[:, ::1], real[::1], real[::1], flag, flag,
        count, count, count, count, double[::1], double[:, :, ::1], double[:, :, ::1],
        double[:, :, :, ::1] if information else types.none, double[:, :, ::1] if information else types.none,
    )  # fmt: skip
