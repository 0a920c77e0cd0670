"""Compiled passes over the votes for the logistic link, in one dimension and with two categories.

The numbers and the order of the work are those of `kernels_logit`, whose `sweep` describes the arguments.
Here four rows go together: they share each load of a column's parameters, each load and store of its sums
and a division, and eta and the score never leave the registers. Helpers stand here again because Numba
watches no file but the kernel's own.
"""
# mypy: allow-untyped-defs, allow-untyped-calls
# ruff: noqa: ARG001 (the kernels share one signature)

import numpy as np

from voteshift.likelihood.compiling import (
    bits_from_float32,
    bits_from_float64,
    by_precision,
    float32_from_bits,
    float64_from_bits,
    inlined,
    take_next,
)

__all__ = ["line_binary"]

BLOCK = 512
"""Columns at a time, as in `kernels_logit`."""

FOLD = 8
"""Columns that share one log: 2**(2 * 60 * FOLD) is below the largest float64."""

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
    """Return z = sign (eta - cut) and 2**-|z|, which is 0 where the sign is 0."""
    z = sign * (eta - cut)
    return z, power_of_two(-abs(z)) * abs(sign)


@inlined
def four_inverses(a, b, c, d, one):
    """Return the product of four numbers and their inverses with one division."""
    ab, cd = a * b, c * d
    product = ab * cd
    inverse = one / product
    of_ab, of_cd = inverse * cd, inverse * ab
    return product, of_ab * b, of_ab * a, of_cd * d, of_cd * c


@inlined
def first_sign(vote, one, zero):
    """Sign of a vote's term; the upper category is any positive number."""
    return one if vote == 0 else (-one if vote > 0 else zero)


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
def row_votes(codes, i, end, j0, j1, idle):
    """Votes of row i, or of nobody past the end of the rows: rows come in fours without a remainder."""
    return codes[i, j0:j1] if i < end else idle[: j1 - j0]


@inlined
def add_rows(target, i, end, s0, s1, s2, s3):
    """Put down the sums of up to four rows."""
    for row in range(i, min(i + 4, end)):
        target[row] = (s0, s1, s2, s3)[row - i]


# Rows of the buffer of a block: parameters, what is summed over the rows of a chunk, and its curvature; one
# array, so that LLVM sees they do not overlap.
SLOPE, FIRST, PRODUCT, LINEAR, BY_SLOPE, BY_FIRST, INFO = range(7)


def line_binary(
    counter, codes, bounds, item, three, n_middle, positions, slopes, cutpoints, binary, expected, step, rows,
    values, g_positions, columns, h_positions, h_columns,
):  # fmt: skip
    """Do what `kernels_logit.sweep` does with two categories, four rows at a time."""
    n_segments = columns.shape[0]
    one, zero = positions.dtype.type(1.0), positions.dtype.type(0.0)
    work = np.empty((INFO + 6, BLOCK), positions.dtype)
    idle = np.full(BLOCK, -1, np.int8)
    while True:
        unit = take_next(counter)
        if unit >= values.shape[0]:
            break
        block, segment = unit // n_segments, unit % n_segments
        j0, j1, t = bounds[block]
        n = j1 - j0
        row_0, row_1 = segment * rows, min((segment + 1) * rows, codes.shape[0])
        for j in range(n):
            m = item[j0 + j]
            work[SLOPE, j] = slopes[m, 0] * LOG2_E
            work[FIRST, j] = cutpoints[m, 0] * LOG2_E
        values[unit] = 0.0
        columns[segment, :, j0:j1] = 0.0
        if h_columns is not None:
            h_columns[segment, :, j0:j1] = 0.0
        for i0 in range(row_0, row_1, step):
            i1 = min(i0 + step, row_1)
            work[PRODUCT, :n] = one
            work[LINEAR:, :n] = zero
            for i in range(i0, i1, 4):
                v0, v1 = codes[i, j0:j1], row_votes(codes, i + 1, i1, j0, j1, idle)
                v2, v3 = row_votes(codes, i + 2, i1, j0, j1, idle), row_votes(codes, i + 3, i1, j0, j1, idle)
                x0, x1 = positions[t, i, 0], positions[t, min(i + 1, i1 - 1), 0]
                x2, x3 = positions[t, min(i + 2, i1 - 1), 0], positions[t, min(i + 3, i1 - 1), 0]
                s0, s1, s2, s3 = zero, zero, zero, zero
                q0, q1, q2, q3 = zero, zero, zero, zero
                for j in range(n):
                    b, k = work[SLOPE, j], work[FIRST, j]
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
                add_rows(g_positions[block, :, 0], i, i1, s0 * LN_2, s1 * LN_2, s2 * LN_2, s3 * LN_2)
                if h_columns is not None:
                    square = LN_2 * LN_2
                    target = h_positions[block, :, 0, 0]
                    add_rows(target, i, i1, q0 * square, q1 * square, q2 * square, q3 * square)
            value = -log_of_products(work[PRODUCT], n)
            for j in range(n):
                value -= work[LINEAR, j] * LN_2
            values[unit] += value
            for j in range(n):
                columns[segment, 0, j0 + j] += work[BY_SLOPE, j]
                columns[segment, 1, j0 + j] += work[BY_FIRST, j]
            if h_columns is not None:
                for k in range(h_columns.shape[1]):
                    for j in range(n):
                        h_columns[segment, k, j0 + j] += work[INFO + k, j]
