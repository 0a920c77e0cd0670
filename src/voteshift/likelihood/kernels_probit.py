"""Compiled passes over the votes for the normal link.

With Phi the normal distribution function, a = k1 - eta and b = k2 - eta, the categories have Phi(a),
Phi(b) - Phi(a) and Phi(-b). All are made of the two tails beyond abs(a) and abs(b),

    Q(u) = exp(-u**2 / 2) M(u),    M(u) the Mills ratio over sqrt(2 pi), a polynomial in 1 / (1 + c u),

as P = c0 + c1 Q(abs(a)) + c2 Q(abs(b)) with coefficients in -1, 0, 1. Where c0 is 0 the exponential of the
larger tail is taken out, so that log P neither underflows nor needs a log of its own: logs are taken of the
products of what is left, over the votes of a column.

The middle category is a difference of tails here, good to about 1e-15 over the distance of the cutpoints:
closer ones than the caller tolerates are not for these kernels. The sums and their order are as for the
logistic link, and so is the rule that helpers live in this file (Numba watches no other).
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
"""Rows between two moves of the partial sums to float64."""

BLOCK = 1024
"""Columns at a time: the buffers of a block stay in the first two levels of cache."""

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


LEAST = 1e-300
"""Floor of a probability that is divided by; in use in float64 only."""


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
def mills(u, one):
    """Return the Mills ratio over sqrt(2 pi) of u >= 0."""
    return mills_at(one / mills_denominator(u))


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


@inlined
def tail_parts(sign, z, u, t, one, zero, half):
    """Return p, f, h of Phi(z) = p exp(-h), density f exp(-h) / sqrt(2 pi); p is 1 where the sign is 0."""
    square = half * u * u
    ratio, fall = mills_at(t), exp_negative(-square)
    unlikely = z < zero
    return (
        ratio if unlikely else one - abs(sign) * fall * ratio,
        one if unlikely else fall,
        square if unlikely else zero,
    )


# Rows of the buffer of a block: what is known of each column of the row at hand ...
ETA, SCORE, FACTOR, BEND_1, BEND_2, FIRST, SECOND, MIXED = 0, 1, 2, 3, 4, 5, 6, 7
# ... and what is summed over the rows of a chunk.
ADDEND, CUT_1, CUT_2 = 8, 9, 10
N_BUFFERS = 11


@inlined
def binary_row(votes, work, cut, n, expected, one, zero, half, density):
    """Votes of one member on `n` items with two categories: from ETA to SCORE and BEND_1, and the sums."""
    for j in range(n):
        sign = first_sign(votes[j], one, zero)
        a = cut[j] - work[ETA, j]
        z = sign * a
        u = abs(z)
        p, fall, taken = tail_parts(sign, z, u, one / mills_denominator(u), one, zero, half)
        by_cut = sign * density * fall / p
        work[FACTOR, j] = p
        work[ADDEND, j] += taken
        work[CUT_1, j] += by_cut
        work[SCORE, j] = -by_cut
        bend = by_cut * (by_cut + a)
        if expected:
            # The square of the density over P (1 - P).
            fall, ratio = exp_negative(-half * u * u), mills(u, one)
            bend = abs(sign) * density * density * fall / (ratio * (one - fall * ratio))
        work[BEND_1, j] = bend
        work[FIRST, j] = bend


@inlined
def ordered_row(votes, work, first, second, n, one, zero, half, density):
    """Votes of one member on `n` items with up to three categories: from ETA to all of the rest."""
    for j in range(n):
        vote = votes[j]
        sign_1, sign_2 = first_sign(vote, one, zero), second_sign(vote, one, zero)
        a, b = first[j] - work[ETA, j], second[j] - work[ETA, j]
        u, v = abs(a), abs(b)
        ratio_a, ratio_b = mills(u, one), mills(v, one)
        square_a, square_b = half * u * u, half * v * v
        # The coefficients of the tails, and the one whose exponential is taken out of P.
        c1 = -sign_1 if a > zero else sign_1
        c2 = -sign_2 if b > zero else sign_2
        c0 = zero if (c1 > zero) | (c2 > zero) else one
        taken = square_a if c1 > zero else (square_b if c2 > zero else zero)
        fall_a, fall_b = exp_negative(min(taken - square_a, zero)), exp_negative(min(taken - square_b, zero))
        p = c0 + c1 * fall_a * ratio_a + c2 * fall_b * ratio_b
        scale = density / p
        by_first, by_second = sign_1 * fall_a * scale, sign_2 * fall_b * scale
        score = -(by_first + by_second)
        work[FACTOR, j] = p
        work[ADDEND, j] += taken
        work[CUT_1, j] += by_first
        work[CUT_2, j] += by_second
        work[SCORE, j] = score
        work[BEND_1, j] = by_first * (a - score)
        work[BEND_2, j] = by_second * (b - score)
        work[FIRST, j] = by_first * (by_first + a)
        work[SECOND, j] = by_second * (by_second + b)
        work[MIXED, j] = by_first * by_second


@inlined
def ordered_row_expected(votes, work, first, second, n, one, zero, half, density):
    """Replace the curvatures of `ordered_row` by their expectations, E[score score'] over the categories."""
    for j in range(n):
        live = zero if votes[j] < 0 else one
        a, b = first[j] - work[ETA, j], second[j] - work[ETA, j]
        u, v = abs(a), abs(b)
        fall_a, fall_b = exp_negative(-half * u * u), exp_negative(-half * v * v)
        tail_a, tail_b = fall_a * mills(u, one), fall_b * mills(v, one)
        # Far out all of these are next to 0, and so is what is divided.
        low = max(one - tail_a if a > zero else tail_a, LEAST)
        high = max(tail_b if b > zero else one - tail_b, LEAST)
        middle = max(
            tail_a - tail_b if a > zero else (one - tail_a - tail_b if b > zero else tail_b - tail_a), LEAST
        )
        at_a, at_b = density * fall_a, density * fall_b
        step = (at_a - at_b) / middle
        work[BEND_1, j] = live * at_a * (at_a / low + step)
        work[BEND_2, j] = live * at_b * (at_b / high - step)
        work[FIRST, j] = live * at_a * (at_a / low + at_a / middle)
        work[SECOND, j] = live * at_b * (at_b / high + at_b / middle)
        work[MIXED, j] = -live * at_a * at_b / middle


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


def sweep(
    codes, starts, periods, positions, slopes, first, second, binary, expected, row_0, row_1, step, spread,
    values, g_positions, columns, h_positions, h_columns,
):  # fmt: skip
    """Pass over the rows ``row_0 <= i < row_1`` in chunks: value, gradient and, if asked for, information.

    Arguments are those of `kernels_logit.sweep`, except that the last rows of `h_columns` are the curvature
    by the first cutpoint, by the second, and by both.
    """
    n_dims = slopes.shape[0]
    one, zero = slopes.dtype.type(1.0), slopes.dtype.type(0.0)
    half, density = slopes.dtype.type(0.5), slopes.dtype.type(INV_SQRT_2PI)
    work = np.zeros((N_BUFFERS, BLOCK), slopes.dtype)
    # In float64 in either arithmetic: P of a vote may be as small as 1e-3.
    products = np.empty(BLOCK)
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
                products[:n] = 1.0
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
                    votes, cut = codes[i, j0:j1], first[j0:j1]
                    if binary:
                        binary_row(votes, work, cut, n, expected, one, zero, half, density)
                    else:
                        next_cut = second[j0:j1]
                        ordered_row(votes, work, cut, next_cut, n, one, zero, half, density)
                        if h_columns is not None and expected:
                            ordered_row_expected(votes, work, cut, next_cut, n, one, zero, half, density)
                    for j in range(n):
                        products[j] *= np.float64(work[FACTOR, j])
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
                value = log_of_products(products, n)
                for j in range(n):
                    value -= work[ADDEND, j]
                values[i0 // step] += value
                columns[slot, :n_dims, j0:j1] += by_slope[:, :n]
                for j in range(n):
                    columns[slot, n_dims, j0 + j] += work[CUT_1, j]
                    columns[slot, n_dims + 1, j0 + j] += work[CUT_2, j]
                if h_columns is not None:
                    for k in range(sums.shape[0]):
                        for j in range(n):
                            h_columns[slot, k, j0 + j] += sums[k, j]


@inlined
def add_information(work, sums, x, slopes, h_position, n, binary, zero):
    """Add one member's curvature to its own block and to the sums of the columns."""
    n_dims = slopes.shape[0]
    weight = BEND_1
    if not binary:
        # From here on SCORE holds the curvature by eta: the gradient has been taken.
        weight = SCORE
        for j in range(n):
            work[SCORE, j] = work[BEND_1, j] + work[BEND_2, j]
    for d in range(n_dims):
        for e in range(n_dims):
            total = zero
            xx = x[d] * x[e]
            row = d * n_dims + e
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
        sums[-3, j] += work[FIRST, j]
    if not binary:
        for j in range(n):
            sums[-2, j] += work[SECOND, j]
            sums[-1, j] += work[MIXED, j]


@inlined
def row_votes(codes, i, end, j0, j1, idle):
    """Votes of row i, or of nobody past the end of the rows: rows come in fours without a remainder."""
    return codes[i, j0:j1] if i < end else idle[: j1 - j0]


# Rows of the buffer of a block in the kernel below; one array, so that LLVM sees they do not overlap.
LINEAR, BY_SLOPE, BY_FIRST, PRODUCT = 0, 1, 2, 3


def sweep_line_binary(
    codes, starts, periods, positions, slopes, first, second, binary, expected, row_0, row_1, step, spread,
    values, g_positions, columns, h_positions, h_columns,
):  # fmt: skip
    """Do what `sweep` does for one dimension and two categories, without information, four rows at a time.

    Four rows share each load of a column's parameters, each load and store of its sums, and two divisions.
    """
    one, zero = slopes.dtype.type(1.0), slopes.dtype.type(0.0)
    half, density = slopes.dtype.type(0.5), slopes.dtype.type(INV_SQRT_2PI)
    work = np.empty((PRODUCT + 1, BLOCK), slopes.dtype)
    products = np.empty(BLOCK)
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
                products[:n] = 1.0
                work[:, :n] = zero
                for i in range(i0, i1, 4):
                    v0, v1 = codes[i, j0:j1], row_votes(codes, i + 1, i1, j0, j1, idle)
                    v2, v3 = (
                        row_votes(codes, i + 2, i1, j0, j1, idle),
                        row_votes(codes, i + 3, i1, j0, j1, idle),
                    )
                    x0, x1 = positions[t, i, 0], positions[t, min(i + 1, i1 - 1), 0]
                    x2, x3 = positions[t, min(i + 2, i1 - 1), 0], positions[t, min(i + 3, i1 - 1), 0]
                    s0, s1, s2, s3 = zero, zero, zero, zero
                    for j in range(n):
                        b, k = slope[j], cut[j]
                        w0, w1 = first_sign(v0[j], one, zero), first_sign(v1[j], one, zero)
                        w2, w3 = first_sign(v2[j], one, zero), first_sign(v3[j], one, zero)
                        z0, z1 = w0 * (k - x0 * b), w1 * (k - x1 * b)
                        z2, z3 = w2 * (k - x2 * b), w3 * (k - x3 * b)
                        u0, u1, u2, u3 = abs(z0), abs(z1), abs(z2), abs(z3)
                        _, t0, t1, t2, t3 = four_inverses(
                            mills_denominator(u0), mills_denominator(u1),
                            mills_denominator(u2), mills_denominator(u3), one,
                        )  # fmt: skip
                        p0, e0, h0 = tail_parts(w0, z0, u0, t0, one, zero, half)
                        p1, e1, h1 = tail_parts(w1, z1, u1, t1, one, zero, half)
                        p2, e2, h2 = tail_parts(w2, z2, u2, t2, one, zero, half)
                        p3, e3, h3 = tail_parts(w3, z3, u3, t3, one, zero, half)
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
                    for j in range(n):
                        products[j] *= np.float64(work[PRODUCT, j])
                    g_positions[t, i, 0] += s0
                    if i + 1 < i1:
                        g_positions[t, i + 1, 0] += s1
                    if i + 2 < i1:
                        g_positions[t, i + 2, 0] += s2
                    if i + 3 < i1:
                        g_positions[t, i + 3, 0] += s3
                value = log_of_products(products, n)
                for j in range(n):
                    value -= work[LINEAR, j]
                    columns[slot, 0, j0 + j] += work[BY_SLOPE, j]
                    columns[slot, 1, j0 + j] += work[BY_FIRST, j]
                values[i0 // step] += value


def kernel_for(n_dims, binary, information):
    """Return the kernel that does a pass fastest."""
    return sweep_line_binary if n_dims == 1 and binary and not information else sweep


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
