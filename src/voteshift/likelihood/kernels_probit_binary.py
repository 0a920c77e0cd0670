"""Compiled passes over the votes for the normal link, in one dimension and with two categories.

The numbers are those of `kernels_probit`, four rows at a time as in `kernels_logit_binary`. Helpers stand
here again because Numba watches no file but the kernel's own.
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

FOLD = 2
"""Columns that share one log: what is left of P is above 1e-2 but for extreme votes, so 1e-240 together."""


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
    1.0000000716546416, 0.9999996919922834, 0.4999889485147244, 0.16667574726749988, 0.0419153819779227,
    0.0082976551982714,
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


def mills_denominator(v):
    """Return 1 + c v."""
    raise NotImplementedError


def mills_at(v):
    """Return (1 - Phi(u)) / exp(-u**2 / 2), the Mills ratio over sqrt(2 pi), given v = 1 / (1 + c u)."""
    raise NotImplementedError


INV_SQRT_2PI = 0.3989422804014327
# Least squares in relative error over all v >= 0, in 2 t - 1 with t = 1 / (1 + c v). Relative errors:
# 1.4e-14 (c = 0.2) in float64 and 3.9e-8 (c = 0.25) in float32.
MILLS_64 = (
    0.15383860995001158, 0.1330765005780389, 0.09906112319424781, 0.06270663133248383, 0.03300407322485966,
    0.013823727774869739, 0.0041590134888574775, 0.0005986750660249426, -0.00015957478742864044,
    -0.00010897847163977422, -1.187149154668075e-05, 9.948848226181416e-06, 3.3273000584706944e-06,
    -7.897836166765611e-07, -5.402689992376201e-07, 6.037634228835236e-08, 7.405092172500983e-08,
    -3.760875542405621e-09, -6.620842283680095e-09,
)  # fmt: skip
M0, M1, M2, M3, M4, M5, M6, M7, M8, M9, M10, M11, M12, M13, M14, M15, M16, M17, M18 = MILLS_64
MILLS_32 = (
    0.18882128131728876, 0.151974097672359, 0.09678440690425018, 0.046631730677090054, 0.01509873915105324,
    0.0018778437028917942, -0.0008689019642557954, -0.0003906380177969161, 3.225985569767762e-05,
    3.918502887343461e-05,
)  # fmt: skip
N0, N1, N2, N3, N4, N5, N6, N7, N8, N9 = (np.float32(c) for c in MILLS_32)
ONE_32, TWO_32, QUARTER_32 = np.float32(1.0), np.float32(2.0), np.float32(0.25)


def _mills_denominator_64(v):
    return 1.0 + 0.2 * v


def _mills_denominator_32(v):
    return ONE_32 + QUARTER_32 * v


def _mills_64(v):
    z = 2.0 * v - 1.0
    p = ((((M18 * z + M17) * z + M16) * z + M15) * z + M14) * z + M13
    p = ((((p * z + M12) * z + M11) * z + M10) * z + M9) * z + M8
    p = (((p * z + M7) * z + M6) * z + M5) * z + M4
    return v * ((((p * z + M3) * z + M2) * z + M1) * z + M0)


def _mills_32(v):
    z = TWO_32 * v - ONE_32
    p = (((N9 * z + N8) * z + N7) * z + N6) * z + N5
    return v * (((((p * z + N4) * z + N3) * z + N2) * z + N1) * z + N0)


by_precision(mills_denominator, _mills_denominator_32, _mills_denominator_64)
by_precision(mills_at, _mills_32, _mills_64)


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
    """Sign of a vote's term; the upper category is any positive number."""
    return one if vote == 0 else (-one if vote > 0 else zero)


@inlined
def tail_parts(sign, z, u, t, one, zero, half):
    """Return p, f, h of Phi(z) = p exp(-h), density f exp(-h) / sqrt(2 pi); p is 1 where the sign is 0.

    And exp(-u**2 / 2) and M(u), for the tail beyond u.
    """
    square = half * u * u
    ratio, fall = mills_at(t), exp_negative(-square)
    unlikely = z < zero
    return (
        ratio if unlikely else one - abs(sign) * fall * ratio,
        one if unlikely else fall,
        square if unlikely else zero,
        fall,
        ratio,
    )


@inlined
def log_of_products(factors, n):
    """Sum of the logs of n products, one log for `FOLD` of them."""
    total, product = 0.0, 1.0
    for j in range(n):
        product *= factors[j]
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


# Rows of the buffer of a block: parameters, what is summed over the rows of a chunk, and its curvature.
SLOPE, FIRST, PRODUCT, LINEAR, BY_SLOPE, BY_FIRST, INFO = range(7)


def line_binary(
    counter, codes, bounds, item, three, n_middle, positions, slopes, cutpoints, binary, expected, step, rows,
    values, g_positions, columns, h_positions, h_columns,
):  # fmt: skip
    """Do what `kernels_probit.sweep` does with two categories, four rows at a time.

    Four rows share each load of a column's parameters, each load and store of its sums, and the divisions.
    `expected` is a flag or None, so that the observed information, or none, has a kernel of its own.
    """
    n_segments = columns.shape[0]
    one, zero = positions.dtype.type(1.0), positions.dtype.type(0.0)
    half, density = positions.dtype.type(0.5), positions.dtype.type(INV_SQRT_2PI)
    work = np.zeros((INFO + 6, BLOCK), positions.dtype)
    products = np.empty(BLOCK)
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
            work[SLOPE, j] = slopes[m, 0]
            work[FIRST, j] = cutpoints[m, 0]
        values[unit] = 0.0
        columns[segment, :, j0:j1] = 0.0
        if h_columns is not None:
            h_columns[segment, :, j0:j1] = 0.0
        for i0 in range(row_0, row_1, step):
            i1 = min(i0 + step, row_1)
            products[:n] = 1.0
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
                    z0, z1 = w0 * (k - x0 * b), w1 * (k - x1 * b)
                    z2, z3 = w2 * (k - x2 * b), w3 * (k - x3 * b)
                    u0, u1, u2, u3 = abs(z0), abs(z1), abs(z2), abs(z3)
                    _, t0, t1, t2, t3 = four_inverses(
                        mills_denominator(u0), mills_denominator(u1),
                        mills_denominator(u2), mills_denominator(u3), one,
                    )  # fmt: skip
                    p0, e0, h0, y0, c0 = tail_parts(w0, z0, u0, t0, one, zero, half)
                    p1, e1, h1, y1, c1 = tail_parts(w1, z1, u1, t1, one, zero, half)
                    p2, e2, h2, y2, c2 = tail_parts(w2, z2, u2, t2, one, zero, half)
                    p3, e3, h3, y3, c3 = tail_parts(w3, z3, u3, t3, one, zero, half)
                    product, r0, r1, r2, r3 = four_inverses(p0, p1, p2, p3, one)
                    g0, g1 = w0 * density * e0 * r0, w1 * density * e1 * r1
                    g2, g3 = w2 * density * e2 * r2, w3 * density * e3 * r3
                    work[PRODUCT, j] = product
                    work[LINEAR, j] += (h0 + h1) + (h2 + h3)
                    work[BY_FIRST, j] += (g0 + g1) + (g2 + g3)
                    work[BY_SLOPE, j] -= (g0 * x0 + g1 * x1) + (g2 * x2 + g3 * x3)
                    s0 -= g0 * b
                    s1 -= g1 * b
                    s2 -= g2 * b
                    s3 -= g3 * b
                    if h_columns is not None:
                        if expected is not None:
                            # The square of the density over P (1 - P).
                            _, m0, m1, m2, m3 = four_inverses(
                                c0 * (one - y0 * c0), c1 * (one - y1 * c1),
                                c2 * (one - y2 * c2), c3 * (one - y3 * c3), one,
                            )  # fmt: skip
                            square = density * density
                            m0, m1 = m0 * y0 * abs(w0) * square, m1 * y1 * abs(w1) * square
                            m2, m3 = m2 * y2 * abs(w2) * square, m3 * y3 * abs(w3) * square
                        else:
                            m0, m1 = g0 * (g0 + w0 * z0), g1 * (g1 + w1 * z1)
                            m2, m3 = g2 * (g2 + w2 * z2), g3 * (g3 + w3 * z3)
                        mx0, mx1, mx2, mx3 = m0 * x0, m1 * x1, m2 * x2, m3 * x3
                        work[INFO, j] += (mx0 * x0 + mx1 * x1) + (mx2 * x2 + mx3 * x3)
                        work[INFO + 1, j] -= (mx0 + mx1) + (mx2 + mx3)
                        work[INFO + 3, j] += (m0 + m1) + (m2 + m3)
                        q0 += m0 * b * b
                        q1 += m1 * b * b
                        q2 += m2 * b * b
                        q3 += m3 * b * b
                for j in range(n):
                    products[j] *= np.float64(work[PRODUCT, j])
                add_rows(g_positions[block, :, 0], i, i1, s0, s1, s2, s3)
                if h_columns is not None:
                    add_rows(h_positions[block, :, 0, 0], i, i1, q0, q1, q2, q3)
            value = log_of_products(products, n)
            for j in range(n):
                value -= work[LINEAR, j]
            values[unit] += value
            for j in range(n):
                columns[segment, 0, j0 + j] += work[BY_SLOPE, j]
                columns[segment, 1, j0 + j] += work[BY_FIRST, j]
            if h_columns is not None:
                for k in range(h_columns.shape[1]):
                    for j in range(n):
                        h_columns[segment, k, j0 + j] += work[INFO + k, j]
