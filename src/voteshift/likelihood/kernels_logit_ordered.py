"""Compiled passes over the votes for the logistic link, in one dimension and with up to three categories.

The numbers and the order of the work are those of `kernels_logit`, whose `sweep` describes the arguments.
Here four rows go together: they share each load of a column's parameters and each load and store of its sums,
two share a division, and eta and the score never leave the registers. Helpers stand here again because Numba
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

__all__ = ["line_ordered"]

BLOCK = 512
"""Columns at a time, as in `kernels_logit`."""

FOLD = 24
"""Columns that share one log: the fractions of 30 pairs of rows are below 2**(30 * FOLD)."""

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


def power_of_two_near(v):
    """Return 2**v for v of either sign that is near enough to 0 for 2**v and 2**-v to be normal numbers."""
    raise NotImplementedError


def _power_of_two_near_64(v):
    shifted = v + ROUND_64
    r = v - (shifted - ROUND_64)
    r2 = r * r
    r4 = r2 * r2
    low, high = (E3 * r + E2) * r2 + (E1 * r + E0), (E7 * r + E6) * r2 + (E5 * r + E4)
    p = (high + (E9 * r + E8) * r4) * r4 + low
    return float64_from_bits(bits_from_float64(p) + (bits_from_float64(shifted) << 52))


def _power_of_two_near_32(v):
    shifted = v + ROUND_32
    r = v - (shifted - ROUND_32)
    r2 = r * r
    p = ((F5 * r + F4) * r2 + (F3 * r + F2)) * r2 + (F1 * r + F0)
    return float32_from_bits(bits_from_float32(p) + (bits_from_float32(shifted) << SHIFT_32))


by_precision(power_of_two, _power_of_two_32, _power_of_two_64)
by_precision(power_of_two_near, _power_of_two_near_32, _power_of_two_near_64)


def inverses(a, b, c, d):
    """Return the inverses of four numbers."""
    raise NotImplementedError


def _inverses_64(a, b, c, d):
    # With one division, the slowest step.
    ab, cd = a * b, c * d
    inverse = 1.0 / (ab * cd)
    of_ab, of_cd = inverse * cd, inverse * ab
    return of_ab * b, of_ab * a, of_cd * d, of_cd * c


def _inverses_32(a, b, c, d):
    # With two: a product of four might leave the range of numbers.
    of_ab, of_cd = UNIT_32 / (a * b), UNIT_32 / (c * d)
    return of_ab * b, of_ab * a, of_cd * d, of_cd * c


UNIT_32 = np.float32(1.0)
by_precision(inverses, _inverses_32, _inverses_64)


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
def put_rows(target, i, end, s0, s1, s2, s3):
    """Put down the sums of up to four rows."""
    for row in range(i, min(i + 4, end)):
        target[row] = (s0, s1, s2, s3)[row - i]


@inlined
def nobody(votes):
    """Tell whether a row holds no vote."""
    for vote in votes:  # noqa: SIM110 (Numba compiles this)
        if vote >= 0:
            return False
    return True


# Rows of the buffer of a block: parameters, what is summed over the rows of a chunk, and its curvature; one
# array, so that LLVM sees they do not overlap.
SLOPE, MIDPOINT, UP, DOWN, WIDTH, PRODUCT, BY_SLOPE, BY_FIRST, BY_SECOND, INFO = range(10)


def exponent_of(v):
    """Return the exponent of v > 0 in its bits, `BIAS` added."""
    raise NotImplementedError


def fraction_of(v):
    """Return v > 0 over the power of 2 below it."""
    raise NotImplementedError


def bias_of(v):
    """Return what the exponent of 1 is in its bits."""
    raise NotImplementedError


def exponents_like(v):
    """Return an array for sums of exponents."""
    raise NotImplementedError


def reach_of(v):
    """Return how far from 0 the log2 of an odds may be for `line_ordered`: products of two stay normal."""
    raise NotImplementedError


FRACTION_64, ONE_64 = 0x000FFFFFFFFFFFFF, 0x3FF0000000000000
FRACTION_32, ONE_32 = np.int32(0x007FFFFF), np.int32(0x3F800000)

by_precision(exponent_of, lambda v: bits_from_float32(v) >> SHIFT_32, lambda v: bits_from_float64(v) >> 52)
by_precision(
    fraction_of,
    lambda v: float32_from_bits((bits_from_float32(v) & FRACTION_32) | ONE_32),
    lambda v: float64_from_bits((bits_from_float64(v) & FRACTION_64) | ONE_64),
)
by_precision(bias_of, lambda v: 127, lambda v: 1023)  # noqa: ARG005 (all take what tells the precision)
by_precision(reach_of, lambda v: 48.0, lambda v: 240.0)  # noqa: ARG005
by_precision(
    exponents_like,
    lambda v: np.zeros(BLOCK, np.int32),  # noqa: ARG005
    lambda v: np.zeros(BLOCK, np.int64),  # noqa: ARG005
)


@inlined
def one_less_exp(gap):
    """Return 1 - exp(-gap) for gap >= 0, also where it is small."""
    g = min(gap, 0.5)
    p = 1.0 - g / 13.0 * (1.0 - g / 14.0)
    p = 1.0 - g / 10.0 * (1.0 - g / 11.0 * (1.0 - g / 12.0 * p))
    p = 1.0 - g / 7.0 * (1.0 - g / 8.0 * (1.0 - g / 9.0 * p))
    p = 1.0 - g / 4.0 * (1.0 - g / 5.0 * (1.0 - g / 6.0 * p))
    near = g * (1.0 - g / 2.0 * (1.0 - g / 3.0 * p))
    return near if gap < 0.5 else 1.0 - power_of_two(-gap * LOG2_E)


@inlined
def load_ordered(item, three, slopes, cutpoints, j0, n, largest, limit, work, gaps, one, zero):
    """Fetch the parameters of the items of `n` columns and count those that reach too far.

    Slope and midpoint of the cutpoints in units of ln 2; UP and DOWN are the factors from the odds at the
    midpoint to those at either cutpoint, the second 0 with two categories; `gaps` holds the distance of the
    cutpoints, 1 - exp(-gap), and the derivative of its log.
    """
    for j in range(n):
        m = item[j0 + j]
        low = cutpoints[m, 0]
        gaps[0, j] = cutpoints[m, 1] - low if three[j0 + j] else 0.0
        work[SLOPE, j] = slopes[m, 0] * LOG2_E
        work[MIDPOINT, j] = low * LOG2_E
    too_far = 0
    for j in range(n):
        gap = gaps[0, j]
        ends = gap <= 0.0
        half = 0.5 * LOG2_E * gap
        down = power_of_two(-half)
        width = one_less_exp(gap)
        gaps[1, j] = 1.0 if ends else width
        gaps[2, j] = 0.0 if ends else power_of_two(-gap * LOG2_E) / width
        work[MIDPOINT, j] += half
        work[UP, j] = 1.0 / down
        work[DOWN, j] = zero if ends else down
        work[WIDTH, j] = gaps[1, j]
        reach = largest * abs(np.float64(work[SLOPE, j])) + abs(np.float64(work[MIDPOINT, j])) + half
        too_far += not reach < limit
    return too_far


@inlined
def ordered_vote(vote, u, v, low, below, width, one, zero):
    """Return P of a vote, its derivatives by the cutpoints, P(y > 0) and P(y = 2).

    From the odds u and v against either cutpoint, and low = 1 / (1 + u) = P(y = 0), below = 1 / (1 + v) =
    P(y < 2).
    """
    above, high = u * low, v * below
    p = low if vote == 0 else (above * below * width if vote == 1 else (high if vote == 2 else one))
    by_first = above if vote == 0 else (-low if vote == 1 else zero)
    by_second = high if vote == 1 else (-below if vote == 2 else zero)
    return p, by_first, by_second, above, high


@inlined
def bends(vote, low, above, below, high, expected, zero):
    """Return the curvatures by the cutpoints but for the constant of the item, and what that multiplies."""
    if expected is not None:
        between = zero if vote < 0 else above * below
        return between * low, between * high, between
    return (
        low * above if (vote == 0) | (vote == 1) else zero,
        below * high if (vote == 1) | (vote == 2) else zero,
        zero,
    )


def line_ordered(
    counter, codes, bounds, item, three, n_middle, positions, slopes, cutpoints, binary, expected, step, rows,
    values, g_positions, columns, h_positions, h_columns,
):  # fmt: skip
    """Do what `kernels_logit.sweep` does with up to three categories, four rows at a time.

    The odds against either cutpoint are those at their midpoint times a constant of the item, so a vote
    takes one power of 2. That is good while neither leaves the range of numbers: a unit where some might
    sets the second element of the counter, and what was done is to be thrown away. `expected` is a flag or
    None, so that the observed information, or none, has a kernel of its own.
    """
    n_segments = columns.shape[0]
    one, zero = positions.dtype.type(1.0), positions.dtype.type(0.0)
    work = np.zeros((INFO + 6, BLOCK), positions.dtype)
    gaps = np.zeros((3, BLOCK))
    powers = exponents_like(one)
    idle = np.full(BLOCK, -1, np.int8)
    while True:
        unit = take_next(counter)
        if unit >= values.shape[0]:
            break
        block, segment = unit // n_segments, unit % n_segments
        j0, j1, t = bounds[block]
        n = j1 - j0
        row_0, row_1 = segment * rows, min((segment + 1) * rows, codes.shape[0])
        largest = 0.0
        for i in range(row_0, row_1):
            largest = max(largest, abs(np.float64(positions[t, i, 0])))
        if load_ordered(item, three, slopes, cutpoints, j0, n, largest, reach_of(one), work, gaps, one, zero):
            counter[1] = 1
            break
        values[unit] = 0.0
        columns[segment, :, j0:j1] = 0.0
        if h_columns is not None:
            h_columns[segment, :, j0:j1] = 0.0
        powers[:n] = 0
        n_pairs = 0
        for i0 in range(row_0, row_1, step):
            i1 = min(i0 + step, row_1)
            work[PRODUCT, :n] = one
            work[BY_SLOPE:, :n] = zero
            for i in range(i0, i1, 4):
                v0, v1 = codes[i, j0:j1], row_votes(codes, i + 1, i1, j0, j1, idle)
                v2, v3 = row_votes(codes, i + 2, i1, j0, j1, idle), row_votes(codes, i + 3, i1, j0, j1, idle)
                x0, x1 = positions[t, i, 0], positions[t, min(i + 1, i1 - 1), 0]
                x2, x3 = positions[t, min(i + 2, i1 - 1), 0], positions[t, min(i + 3, i1 - 1), 0]
                s0, s1, s2, s3 = zero, zero, zero, zero
                l0, l1, l2, l3 = zero, zero, zero, zero
                if not (nobody(v0) and nobody(v1) and nobody(v2) and nobody(v3)):
                    n_pairs += 2
                    for j in range(n):
                        b, k, up, down = work[SLOPE, j], work[MIDPOINT, j], work[UP, j], work[DOWN, j]
                        width = work[WIDTH, j]
                        odds_0, odds_1 = power_of_two_near(x0 * b - k), power_of_two_near(x1 * b - k)
                        odds_2, odds_3 = power_of_two_near(x2 * b - k), power_of_two_near(x3 * b - k)
                        u0, t0, u1, t1 = odds_0 * up, odds_0 * down, odds_1 * up, odds_1 * down
                        u2, t2, u3, t3 = odds_2 * up, odds_2 * down, odds_3 * up, odds_3 * down
                        a0, c0, a1, c1 = inverses(one + u0, one + t0, one + u1, one + t1)
                        a2, c2, a3, c3 = inverses(one + u2, one + t2, one + u3, one + t3)
                        p0, g0, h0, b0, d0 = ordered_vote(v0[j], u0, t0, a0, c0, width, one, zero)
                        p1, g1, h1, b1, d1 = ordered_vote(v1[j], u1, t1, a1, c1, width, one, zero)
                        p2, g2, h2, b2, d2 = ordered_vote(v2[j], u2, t2, a2, c2, width, one, zero)
                        p3, g3, h3, b3, d3 = ordered_vote(v3[j], u3, t3, a3, c3, width, one, zero)
                        # A product of two stays a normal number, one of four might not.
                        p01, p23 = p0 * p1, p2 * p3
                        powers[j] += exponent_of(p01) + exponent_of(p23)
                        work[PRODUCT, j] *= fraction_of(p01) * fraction_of(p23)
                        e0, e1, e2, e3 = g0 + h0, g1 + h1, g2 + h2, g3 + h3
                        work[BY_FIRST, j] += (g0 + g1) + (g2 + g3)
                        work[BY_SECOND, j] += (h0 + h1) + (h2 + h3)
                        work[BY_SLOPE, j] -= (e0 * x0 + e1 * x1) + (e2 * x2 + e3 * x3)
                        s0 -= e0 * b
                        s1 -= e1 * b
                        s2 -= e2 * b
                        s3 -= e3 * b
                        if h_columns is not None:
                            m0, o0, r0 = bends(v0[j], a0, b0, c0, d0, expected, zero)
                            m1, o1, r1 = bends(v1[j], a1, b1, c1, d1, expected, zero)
                            m2, o2, r2 = bends(v2[j], a2, b2, c2, d2, expected, zero)
                            m3, o3, r3 = bends(v3[j], a3, b3, c3, d3, expected, zero)
                            f0, f1, f2, f3 = m0 + o0, m1 + o1, m2 + o2, m3 + o3
                            work[INFO, j] += (f0 * x0 * x0 + f1 * x1 * x1) + (f2 * x2 * x2 + f3 * x3 * x3)
                            work[INFO + 1, j] -= (m0 * x0 + m1 * x1) + (m2 * x2 + m3 * x3)
                            work[INFO + 2, j] -= (o0 * x0 + o1 * x1) + (o2 * x2 + o3 * x3)
                            work[INFO + 3, j] += (m0 + m1) + (m2 + m3)
                            work[INFO + 4, j] += (o0 + o1) + (o2 + o3)
                            work[INFO + 5, j] += (r0 + r1) + (r2 + r3)
                            l0 += f0 * b * b
                            l1 += f1 * b * b
                            l2 += f2 * b * b
                            l3 += f3 * b * b
                put_rows(g_positions[block, :, 0], i, i1, s0 * LN_2, s1 * LN_2, s2 * LN_2, s3 * LN_2)
                if h_columns is not None:
                    square = LN_2 * LN_2
                    target = h_positions[block, :, 0, 0]
                    put_rows(target, i, i1, l0 * square, l1 * square, l2 * square, l3 * square)
            values[unit] += log_of_products(work[PRODUCT], n)
            for j in range(n):
                columns[segment, 0, j0 + j] += work[BY_SLOPE, j]
                columns[segment, 1, j0 + j] += work[BY_FIRST, j]
                columns[segment, 2, j0 + j] += work[BY_SECOND, j]
            if h_columns is not None:
                for k in range(h_columns.shape[1]):
                    for j in range(n):
                        h_columns[segment, k, j0 + j] += work[INFO + k, j]
        exponent = 0
        for j in range(n):
            exponent += powers[j]
        values[unit] += LN_2 * (exponent - bias_of(one) * n_pairs * n)
        for j in range(n):
            # Of the votes in the middle category: the derivative of log(1 - exp(k1 - k2)), once for all rows.
            thin = gaps[2, j]
            count = n_middle[j0 + j] if segment == 0 else 0.0
            columns[segment, 1, j0 + j] -= count * thin
            columns[segment, 2, j0 + j] += count * thin
            if h_columns is not None:
                bend = (
                    h_columns[segment, 5, j0 + j] * thin
                    if expected is not None
                    else count * thin * (1.0 + thin)
                )
                h_columns[segment, 3, j0 + j] += bend
                h_columns[segment, 4, j0 + j] += bend
                h_columns[segment, 5, j0 + j] = -bend
