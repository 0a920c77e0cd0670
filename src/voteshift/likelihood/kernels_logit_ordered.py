"""Compiled passes over the votes for the logistic link, in one dimension and with up to three categories.

The results and the order of work are the same as in `kernels_logit`, whose `sweep` describes the arguments.
This module evaluates four rows together. They share each load of a column's parameters and each load and
store of its sums. Two rows share a division; eta and the score stay in registers.
"""
# mypy: allow-untyped-defs, allow-untyped-calls
# ruff: noqa: ARG001 (the kernels share one signature)

import numpy as np

from voteshift.likelihood.blocks import (
    BLOCK,
    add_columns,
    begin_unit,
    farthest,
    four_positions,
    four_rows,
    log_of_products,
    nobody,
    put_rows,
)
from voteshift.likelihood.compiling import by_precision, inlined, take_next
from voteshift.likelihood.powers import (
    LN_2,
    LOG2_E,
    bias_of,
    exponent_of,
    fraction_of,
    power_of_two,
    power_of_two_near,
)

__all__ = ["line_ordered"]

FOLD = 24
"""Columns that share one log: the fractions of 30 pairs of rows are below 2**(30 * FOLD)."""

# Rows of the buffer of a block: parameters, what is summed over the rows of a chunk, and its curvature; one
# array, so that LLVM sees they do not overlap.
SLOPE, MIDPOINT, UP, DOWN, WIDTH, PRODUCT, BY_SLOPE, BY_FIRST, BY_SECOND, INFO = range(10)

UNIT_32 = np.float32(1.0)


def _inverses_32(a, b, c, d):
    # With two divisions: a product of four might leave the range of numbers.
    of_ab, of_cd = UNIT_32 / (a * b), UNIT_32 / (c * d)
    return of_ab * b, of_ab * a, of_cd * d, of_cd * c


@by_precision(_inverses_32)
def inverses(a, b, c, d):
    """Return the inverses of four numbers."""
    # With one division, the slowest step.
    ab, cd = a * b, c * d
    inverse = 1.0 / (ab * cd)
    of_ab, of_cd = inverse * cd, inverse * ab
    return of_ab * b, of_ab * a, of_cd * d, of_cd * c


@by_precision(lambda v: np.zeros(BLOCK, np.int32))  # noqa: ARG005 (it tells the precision)
def exponents_like(v):
    """Return an array for sums of exponents."""
    return np.zeros(BLOCK, np.int64)


@by_precision(lambda v: 48.0)  # noqa: ARG005
def reach_of(v):
    """Return how far from 0 the log2 of an odds may be for `line_ordered`: products of two stay normal."""
    return 240.0


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
    None, so that the observed information, or none, has a separate kernel.
    """
    one, zero = positions.dtype.type(1.0), positions.dtype.type(0.0)
    work = np.zeros((INFO + 6, BLOCK), positions.dtype)
    gaps = np.zeros((3, BLOCK))
    powers = exponents_like(one)
    idle = np.full(BLOCK, -1, np.int8)
    while True:
        unit = take_next(counter)
        if unit >= values.shape[0]:
            break
        block, j0, j1, t, segment, row_0, row_1 = begin_unit(unit, bounds, rows, values, columns, h_columns)
        n = j1 - j0
        largest = farthest(positions, t, row_0, row_1)
        if load_ordered(item, three, slopes, cutpoints, j0, n, largest, reach_of(one), work, gaps, one, zero):
            counter[1] = 1
            break
        powers[:n] = 0
        n_pairs = 0
        for i0 in range(row_0, row_1, step):
            i1 = min(i0 + step, row_1)
            work[PRODUCT, :n] = one
            work[BY_SLOPE:, :n] = zero
            for i in range(i0, i1, 4):
                v0, v1, v2, v3 = four_rows(codes, i, i1, j0, j1, idle)
                x0, x1, x2, x3 = four_positions(positions, t, i, i1)
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
            values[unit] += log_of_products(work[PRODUCT], n, FOLD)
            add_columns(columns[segment], j0, n, work[BY_SLOPE:INFO])
            if h_columns is not None:
                add_columns(h_columns[segment], j0, n, work[INFO:])
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
