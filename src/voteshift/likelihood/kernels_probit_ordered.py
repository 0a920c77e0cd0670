"""Compiled passes over the votes for the normal link, in one dimension and with up to three categories.

The model is the same as in `kernels_probit`. Parameters are in units of u = `UNIT` times a standard
deviation. In these units the normal density is a power of 2, and its tail, for u >= 0, is

    Q(u) = 2**-(u * u) N(u) / D(u),

with polynomials N and D. Let a and b be the distances of eta from the two cutpoints. P of a category is then
computed from 2**-(a * a), 2**-(b * b) and polynomials, divided by D(a), D(b) or both, so that 1 / P of a vote
needs one division. P has no separate factor, so it underflows if a or b is too large. A unit in which this is
possible sets the second element of the counter, and the caller must then discard the results.

The arguments, the sums and their order are the same as in `kernels_logit.sweep`, for two rows at a time.
"""
# mypy: allow-untyped-defs, allow-untyped-calls
# ruff: noqa: ARG001 (the kernels share one signature)

import numpy as np

from voteshift.likelihood.blocks import (
    BLOCK,
    begin_unit,
    farthest,
    log_of_products,
    nobody,
    row_votes,
)
from voteshift.likelihood.compiling import inlined, take_next
from voteshift.likelihood.powers import LN_2, density_power, exponent_of, fraction_of

__all__ = ["line_ordered"]

FOLD = 12
"""Columns that share one log: 60 fractions each are below 2**(60 * FOLD)."""

UNIT = 0.8493218002880191
"""sqrt(log2(e) / 2): a normal density is proportional to 2**-(UNIT z)**2."""

DENSITY = 0.46971863934982566
"""The density at 0 by u: 1 / (sqrt(2 pi) UNIT)."""

BENT = 2.0 * LN_2
"""Minus the derivative of the log of the density by u, over u."""

REACH = 21.0
"""How far a and b may be from 0: the product of P of two categories stays a normal number."""

NO_TAIL = 23.0
"""Where a second cutpoint is put that is not there: next to no tail is left, but a normal number."""

FAR = 1e6
"""Second cutpoint of an item with two categories."""


# Relative error 1.5e-13 for 0 <= u <= 33: least squares, reweighted towards the minimax. Exact at 0, where
# the tails of a and b may meet.
N0, N1, N2, N3, N4, N5, N6, N7 = (
    0.5, 0.7770140020685777, 0.593004379671897, 0.27969196988571965,
    0.08719279975266848, 0.01795562627491505, 0.0022787439983338854, 0.00014030316676205424,
)  # fmt: skip
D1, D2, D3, D4, D5, D6, D7, D8 = (
    2.4934652828206922, 2.8353158191218792, 1.9287590815804532, 0.8632598422868312,
    0.2621858963169472, 0.05329166304187901, 0.006725323792662102, 0.0004140808406181236,
)  # fmt: skip


@inlined
def tail(u):
    """Return 2**-(u * u), and numerator and denominator of Q(abs(u))."""
    v = abs(u)
    power = density_power(u)
    top = ((((((N7 * v + N6) * v + N5) * v + N4) * v + N3) * v + N2) * v + N1) * v + N0
    bottom = (((((((D8 * v + D7) * v + D6) * v + D5) * v + D4) * v + D3) * v + D2) * v + D1) * v + 1.0
    return power, power * top, bottom


@inlined
def three_inverses(a, b, c):
    """Return the inverses of three numbers with one division."""
    ab = a * b
    inverse = 1.0 / (ab * c)
    of_ab = inverse * c
    return of_ab * b, of_ab * a, inverse * ab


@inlined
def ordered_vote(vote, a, b, expected):
    """Return 1 / P of a vote, its derivatives by the cutpoints, and what the expected information is made of.

    The last three are minus the expected second derivatives by the first cutpoint, the second, and both.
    """
    power_a, top_a, bottom_a = tail(a)
    power_b, top_b, bottom_b = tail(b)
    both = bottom_a * bottom_b
    # P of each category times the denominators in it.
    low = bottom_a - top_a if a > 0.0 else top_a
    high = top_b if b > 0.0 else bottom_b - top_b
    cross_a, cross_b = top_a * bottom_b, top_b * bottom_a
    middle = (
        (cross_a if a > 0.0 else -cross_a)
        - (cross_b if b > 0.0 else -cross_b)
        + (both if (a <= 0.0) & (b > 0.0) else 0.0)
    )
    sign_1 = DENSITY if vote == 0 else (-DENSITY if vote == 1 else 0.0)
    sign_2 = DENSITY if vote == 1 else (-DENSITY if vote == 2 else 0.0)
    if expected is not None:
        of_low, of_middle, of_high = three_inverses(low, middle, high)
        of_low, of_middle, of_high = of_low * bottom_a, of_middle * both, of_high * bottom_b
        inverse = of_low if vote == 0 else (of_middle if vote == 1 else (of_high if vote == 2 else 1.0))
        live = DENSITY if vote >= 0 else 0.0
        at_a, at_b = live * power_a, live * power_b
        first, second = at_a * at_a * (of_low + of_middle), at_b * at_b * (of_high + of_middle)
        mixed = -at_a * at_b * of_middle
    else:
        top = bottom_a if vote == 0 else (bottom_b if vote == 2 else both)
        bottom = low if vote == 0 else (high if vote == 2 else middle)
        inverse = top / bottom if vote >= 0 else 1.0
    by_first, by_second = sign_1 * power_a * inverse, sign_2 * power_b * inverse
    if expected is None:
        first = by_first * (BENT * a + by_first)
        second = by_second * (BENT * b + by_second)
        mixed = by_first * by_second
    return inverse, by_first, by_second, first, second, mixed


@inlined
def put_rows(target, i, end, s0, s1):
    """Store the sums of up to two rows."""
    target[i] = s0
    if i + 1 < end:
        target[i + 1] = s1


# Rows of the buffer of a block: parameters, what is summed over the rows of a chunk, and its curvature; one
# array, so that LLVM sees they do not overlap.
SLOPE, FIRST, SECOND, PRODUCT, BY_SLOPE, BY_FIRST, BY_SECOND, INFO = range(8)


@inlined
def load_items(item, three, slopes, cutpoints, j0, n, largest, work):
    """Fetch the parameters of the items of `n` columns in units of u; count those that reach too far."""
    for j in range(n):
        m = item[j0 + j]
        work[SLOPE, j] = slopes[m, 0] * UNIT
        work[FIRST, j] = cutpoints[m, 0] * UNIT
        work[SECOND, j] = cutpoints[m, 1] * UNIT if three[j0 + j] else FAR
    too_far = 0
    for j in range(n):
        first, second = work[FIRST, j], work[SECOND, j]
        cut = max(abs(first), abs(first if second == FAR else second))
        too_far += not largest * abs(work[SLOPE, j]) + cut < REACH
    return too_far


def line_ordered(
    counter, codes, bounds, item, three, n_middle, positions, slopes, cutpoints, binary, expected, step, rows,
    values, g_positions, columns, h_positions, h_columns,
):  # fmt: skip
    """Do what `kernels_probit.sweep` does, two rows at a time.

    `expected` is a flag or None, so that the observed information, or none, has a separate kernel.
    """
    work = np.zeros((INFO + 6, BLOCK))
    powers = np.zeros(BLOCK, np.int64)
    idle = np.full(BLOCK, -1, np.int8)
    while True:
        unit = take_next(counter)
        if unit >= values.shape[0]:
            break
        block, j0, j1, t, segment, row_0, row_1 = begin_unit(unit, bounds, rows, values, columns, h_columns)
        n = j1 - j0
        largest = farthest(positions, t, row_0, row_1)
        if load_items(item, three, slopes, cutpoints, j0, n, largest, work):
            counter[1] = 1
            break
        powers[:n] = 0
        n_pairs = 0
        for i0 in range(row_0, row_1, step):
            i1 = min(i0 + step, row_1)
            work[PRODUCT, :n] = 1.0
            work[BY_SLOPE:, :n] = 0.0
            for i in range(i0, i1, 2):
                v0, v1 = codes[i, j0:j1], row_votes(codes, i + 1, i1, j0, j1, idle)
                x0, x1 = positions[t, i, 0], positions[t, min(i + 1, i1 - 1), 0]
                s0, s1, q0, q1 = 0.0, 0.0, 0.0, 0.0
                if not (nobody(v0) and nobody(v1)):
                    n_pairs += 1
                    for j in range(n):
                        b, k, c = work[SLOPE, j], work[FIRST, j], work[SECOND, j]
                        a0, b0 = k - x0 * b, min(c - x0 * b, NO_TAIL)
                        a1, b1 = k - x1 * b, min(c - x1 * b, NO_TAIL)
                        p0, g0, h0, m0, o0, r0 = ordered_vote(v0[j], a0, b0, expected)
                        p1, g1, h1, m1, o1, r1 = ordered_vote(v1[j], a1, b1, expected)
                        powers[j] += exponent_of(p0) + exponent_of(p1)
                        work[PRODUCT, j] *= fraction_of(p0) * fraction_of(p1)
                        e0, e1 = g0 + h0, g1 + h1
                        work[BY_FIRST, j] += g0 + g1
                        work[BY_SECOND, j] += h0 + h1
                        work[BY_SLOPE, j] -= e0 * x0 + e1 * x1
                        s0 -= e0 * b
                        s1 -= e1 * b
                        if h_columns is not None:
                            y0, z0, y1, z1 = m0 + r0, o0 + r0, m1 + r1, o1 + r1
                            f0, f1 = y0 + z0, y1 + z1
                            work[INFO, j] += f0 * x0 * x0 + f1 * x1 * x1
                            work[INFO + 1, j] -= y0 * x0 + y1 * x1
                            work[INFO + 2, j] -= z0 * x0 + z1 * x1
                            work[INFO + 3, j] += m0 + m1
                            work[INFO + 4, j] += o0 + o1
                            work[INFO + 5, j] += r0 + r1
                            q0 += f0 * b * b
                            q1 += f1 * b * b
                put_rows(g_positions[block, :, 0], i, i1, s0, s1)
                if h_columns is not None:
                    put_rows(h_positions[block, :, 0, 0], i, i1, q0, q1)
            values[unit] -= log_of_products(work[PRODUCT], n, FOLD)
            for j in range(n):
                columns[segment, 0, j0 + j] += work[BY_SLOPE, j] * UNIT
                columns[segment, 1, j0 + j] += work[BY_FIRST, j] * UNIT
                columns[segment, 2, j0 + j] += work[BY_SECOND, j] * UNIT
            if h_columns is not None:
                for k in range(h_columns.shape[1]):
                    for j in range(n):
                        h_columns[segment, k, j0 + j] += work[INFO + k, j] * (UNIT * UNIT)
        exponent = 0
        for j in range(n):
            exponent += powers[j]
        values[unit] -= LN_2 * (exponent - 1023 * 2 * n_pairs * n)
