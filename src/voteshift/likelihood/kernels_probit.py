"""Compiled passes over the votes for the normal link, in any number of dimensions.

With Phi the normal distribution function, a = k1 - eta and b = k2 - eta, the categories have the
probabilities Phi(a), Phi(b) - Phi(a) and Phi(-b). All three are computed from the two tails beyond abs(a) and
abs(b),

    Q(u) = exp(-u**2 / 2) M(u),    M(u) the Mills ratio over sqrt(2 pi),

as P = c0 + c1 Q(abs(a)) + c2 Q(abs(b)) with coefficients in -1, 0, 1. If c0 is 0, the exponential of the
larger tail is a separate factor, so that log P does not underflow and needs no separate log. One log is
computed for the product of the remaining factors over the votes of a column.

The middle category is a difference of tails, with a relative error of about 1e-15 divided by the distance of
the cutpoints. The caller must not use these kernels if the cutpoints are too close. The arguments, the sums
and their order are the same as in `kernels_logit`.
"""
# mypy: allow-untyped-defs, allow-untyped-calls
# ruff: noqa: ARG001 (the kernels share one signature)

import numpy as np

from voteshift.likelihood.blocks import (
    BEND_1,
    BEND_2,
    BLOCK,
    ETA,
    SCORE,
    add_columns,
    add_gradient,
    add_information,
    begin_unit,
    binary_sign,
    first_sign,
    load_items,
    log_of_products,
    meet,
    put_cross,
    put_eta,
    second_sign,
)
from voteshift.likelihood.compiling import inlined, take_next
from voteshift.likelihood.tails import INV_SQRT_2PI, exp_negative, mills, mills_denominator, tail_parts

__all__ = ["cross", "sweep"]

FOLD = 2
"""Columns that share one log: what is left of P is above 1e-2 but for extreme votes, so 1e-240 together."""

LEAST = 1e-300
"""Floor of a probability that is divided by; in use in float64 only."""

# Rows of the buffer of a block, behind those that `blocks` names: curvature by either cutpoint and by both,
# P less what is taken out of it ...
FIRST, SECOND, MIXED, FACTOR = 5, 6, 7, 8
# ... and what is summed over the rows of a chunk.
ADDEND, CUT_1, CUT_2 = 9, 10, 11
N_BUFFERS = 12


@inlined
def binary_row(votes, work, cut, n, expected, one, zero, half, density):
    """Votes of one member on `n` items with two categories: from ETA to SCORE and BEND_1, and the sums."""
    for j in range(n):
        sign = binary_sign(votes[j], one, zero)
        a = cut[j] - work[ETA, j]
        z = sign * a
        u = abs(z)
        p, fall, taken, tail, ratio = tail_parts(sign, z, u, one / mills_denominator(u), one, zero, half)
        by_cut = sign * density * fall / p
        work[FACTOR, j] = p
        work[ADDEND, j] += taken
        work[CUT_1, j] += by_cut
        work[SCORE, j] = -by_cut
        bend = by_cut * (by_cut + a)
        if expected:
            # The square of the density over P (1 - P).
            bend = abs(sign) * density * density * tail / (ratio * (one - tail * ratio))
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


def sweep(
    counter, codes, bounds, item, three, n_middle, positions, slopes, cutpoints, binary, expected, step, rows,
    values, g_positions, columns, h_positions, h_columns,
):  # fmt: skip
    """Compute units of work until none is left, as `kernels_logit.sweep` does for the logistic link."""
    n_dims = slopes.shape[1]
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
        block, j0, j1, t, segment, row_0, row_1 = begin_unit(unit, bounds, rows, values, columns, h_columns)
        n = j1 - j0
        load_items(item, three, slopes, cutpoints, j0, n, slope, first, second, 1.0)
        for i0 in range(row_0, row_1, step):
            i1 = min(i0 + step, row_1)
            products[:n] = 1.0
            work[ADDEND:, :n] = zero
            by_slope[:, :n] = zero
            if h_columns is not None:
                sums[:, :n] = zero
            for i in range(i0, i1):
                x, votes = positions[t, i], codes[i, j0:j1]
                put_eta(work, x, slope, n, zero)
                if binary:
                    binary_row(votes, work, first, n, expected, one, zero, half, density)
                else:
                    ordered_row(votes, work, first, second, n, one, zero, half, density)
                    if h_columns is not None and expected:
                        ordered_row_expected(votes, work, first, second, n, one, zero, half, density)
                for j in range(n):
                    products[j] *= np.float64(work[FACTOR, j])
                add_gradient(work, by_slope, x, slope, g_positions[block, i], n, 1.0, zero)
                if h_columns is not None:
                    add_information(
                        work,
                        sums,
                        x,
                        slope,
                        h_positions[block, i],
                        n,
                        binary,
                        FIRST,
                        SECOND,
                        MIXED,
                        1.0,
                        zero,
                    )
            value = log_of_products(products, n, FOLD)
            for j in range(n):
                value -= work[ADDEND, j]
            values[unit] += value
            add_columns(columns[segment], j0, n, by_slope)
            add_columns(columns[segment, n_dims:], j0, n, work[CUT_1:])
            if h_columns is not None:
                add_columns(h_columns[segment], j0, n, sums)


def cross(codes, period, item, three, positions, slopes, cutpoints, binary, expected, out):
    """Write mixed second derivatives, vote by vote, as `kernels_logit.cross` does."""
    n_dims = slopes.shape[1]
    one, zero = 1.0, 0.0
    half, density = 0.5, INV_SQRT_2PI
    work = np.zeros((N_BUFFERS, BLOCK))
    slope, met = np.zeros((n_dims, BLOCK)), np.zeros((n_dims, BLOCK))
    first, second = np.zeros(BLOCK), np.zeros(BLOCK)
    for j0 in range(0, codes.shape[1], BLOCK):
        j1 = min(j0 + BLOCK, codes.shape[1])
        n = j1 - j0
        load_items(item, three, slopes, cutpoints, j0, n, slope, first, second, 1.0)
        for i in range(codes.shape[0]):
            meet(work, met, slope, positions, period, i, j0, n, zero)
            if binary:
                binary_row(codes[i, j0:j1], work, first, n, expected, one, zero, half, density)
            else:
                ordered_row(codes[i, j0:j1], work, first, second, n, one, zero, half, density)
                if expected:
                    ordered_row_expected(codes[i, j0:j1], work, first, second, n, one, zero, half, density)
            put_cross(work, met, slope, out[i], j0, n, binary, expected, 1.0, zero)
