"""Compiled passes over the votes for the normal link, in any number of dimensions.

With Phi the normal distribution function, a = k1 - eta and b = k2 - eta, the categories have Phi(a),
Phi(b) - Phi(a) and Phi(-b). All are made of the two tails beyond abs(a) and abs(b),

    Q(u) = exp(-u**2 / 2) M(u),    M(u) the Mills ratio over sqrt(2 pi), a polynomial in 1 / (1 + c u),

as P = c0 + c1 Q(abs(a)) + c2 Q(abs(b)) with coefficients in -1, 0, 1. Where c0 is 0 the exponential of the
larger tail is taken out, so that log P neither underflows nor needs a log of its own: logs are taken of the
products of what is left, over the votes of a column.

The middle category is a difference of tails here, good to about 1e-15 over the distance of the cutpoints:
closer ones than the caller tolerates are not for these kernels. The sums and their order are those of
`kernels_logit`, and so are the arguments; helpers stand here because Numba watches no file but the kernel's.
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

__all__ = ["cross", "sweep"]

FAR = 1e30
"""A cutpoint no position reaches: finite, so that a sign of 0 times its distance is 0."""

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
        vote = votes[j]
        sign = one if vote == 0 else (-one if vote > 0 else zero)
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


@inlined
def load_items(item, three, slopes, cutpoints, j0, n, slope, first, second):
    """Fetch the parameters of the items of `n` columns."""
    for j in range(n):
        m = item[j0 + j]
        first[j] = cutpoints[m, 0]
        second[j] = cutpoints[m, 1] if three[j0 + j] else FAR
    for d in range(slopes.shape[1]):
        for j in range(n):
            slope[d, j] = slopes[item[j0 + j], d]


def sweep(
    counter, codes, bounds, item, three, n_middle, positions, slopes, cutpoints, binary, expected, step, rows,
    values, g_positions, columns, h_positions, h_columns,
):  # fmt: skip
    """Do units of work while there are any, as `kernels_logit.sweep` does for the logistic link."""
    n_dims, n_segments = slopes.shape[1], columns.shape[0]
    one, zero = positions.dtype.type(1.0), positions.dtype.type(0.0)
    half, density = positions.dtype.type(0.5), positions.dtype.type(INV_SQRT_2PI)
    work = np.zeros((N_BUFFERS, BLOCK), positions.dtype)
    # In float64 in either arithmetic: P of a vote may be as small as 1e-3.
    products = np.empty(BLOCK)
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
            products[:n] = 1.0
            work[ADDEND:, :n] = zero
            by_slope[:, :n] = zero
            if h_columns is not None:
                sums[:, :n] = zero
            for i in range(i0, i1):
                x, votes = positions[t, i], codes[i, j0:j1]
                work[ETA, :n] = zero
                for d in range(n_dims):
                    for j in range(n):
                        work[ETA, j] += x[d] * slope[d, j]
                if binary:
                    binary_row(votes, work, first, n, expected, one, zero, half, density)
                else:
                    ordered_row(votes, work, first, second, n, one, zero, half, density)
                    if h_columns is not None and expected:
                        ordered_row_expected(votes, work, first, second, n, one, zero, half, density)
                for j in range(n):
                    products[j] *= np.float64(work[FACTOR, j])
                for d in range(n_dims):
                    total = zero
                    for j in range(n):
                        total += work[SCORE, j] * slope[d, j]
                    # A loop of its own: see `compiling.FAST`.
                    for j in range(n):
                        by_slope[d, j] += work[SCORE, j] * x[d]
                    g_positions[block, i, d] = total
                if h_columns is not None:
                    add_information(work, sums, x, slope, h_positions[block, i], n, binary, zero)
            value = log_of_products(products, n)
            for j in range(n):
                value -= work[ADDEND, j]
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


@inlined
def add_information(work, sums, x, slope, h_position, n, binary, zero):
    """Add one member's curvature to the sums of the columns, and put down its own."""
    n_dims = slope.shape[0]
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
                total += work[weight, j] * slope[d, j] * slope[e, j]
            for j in range(n):
                sums[row, j] += work[weight, j] * xx
            h_position[d, e] = total
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


def cross(codes, period, item, three, positions, slopes, cutpoints, binary, expected, out):
    """Put down mixed second derivatives, vote by vote, as `kernels_logit.cross` does."""
    n_dims = slopes.shape[1]
    one, zero = 1.0, 0.0
    half, density = 0.5, INV_SQRT_2PI
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
                binary_row(codes[i, j0:j1], work, first, n, expected, one, zero, half, density)
            else:
                ordered_row(codes[i, j0:j1], work, first, second, n, one, zero, half, density)
                if expected:
                    ordered_row_expected(codes[i, j0:j1], work, first, second, n, one, zero, half, density)
            for j in range(n):
                bend = work[BEND_1, j] if binary else work[BEND_1, j] + work[BEND_2, j]
                for d in range(n_dims):
                    b = slope[d, j]
                    for e in range(n_dims):
                        out[i, j0 + j, d, e] = bend * b * met[e, j]
                    if not expected:
                        out[i, j0 + j, d, d] -= work[SCORE, j]
                    out[i, j0 + j, d, n_dims] = -work[BEND_1, j] * b
                    out[i, j0 + j, d, n_dims + 1] = zero if binary else -work[BEND_2, j] * b
