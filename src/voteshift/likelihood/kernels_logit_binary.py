"""Compiled passes over the votes for the logistic link, in one dimension and with two categories.

The results and the order of work are the same as in `kernels_logit`, whose `sweep` describes the arguments.
This module evaluates four rows together. They share each load of a column's parameters, each load and store
of its sums, and a division; eta and the score stay in registers.
"""
# mypy: allow-untyped-defs, allow-untyped-calls
# ruff: noqa: ARG001 (the kernels share one signature)

import numpy as np

from voteshift.likelihood.blocks import (
    BLOCK,
    add_columns,
    begin_unit,
    binary_sign,
    four_inverses,
    four_positions,
    four_rows,
    log_of_products,
    put_rows,
)
from voteshift.likelihood.compiling import take_next
from voteshift.likelihood.kernels_logit import FOLD, tail_odds
from voteshift.likelihood.powers import LN_2, LOG2_E

__all__ = ["line_binary"]

# Rows of the buffer of a block: parameters, what is summed over the rows of a chunk, and its curvature; one
# array, so that LLVM sees they do not overlap.
SLOPE, FIRST, PRODUCT, LINEAR, BY_SLOPE, BY_FIRST, INFO = range(7)


def line_binary(
    counter, codes, bounds, item, three, n_middle, positions, slopes, cutpoints, binary, expected, step, rows,
    values, g_positions, columns, h_positions, h_columns,
):  # fmt: skip
    """Do what `kernels_logit.sweep` does with two categories, four rows at a time."""
    one, zero = positions.dtype.type(1.0), positions.dtype.type(0.0)
    work = np.empty((INFO + 6, BLOCK), positions.dtype)
    idle = np.full(BLOCK, -1, np.int8)
    while True:
        unit = take_next(counter)
        if unit >= values.shape[0]:
            break
        block, j0, j1, t, segment, row_0, row_1 = begin_unit(unit, bounds, rows, values, columns, h_columns)
        n = j1 - j0
        for j in range(n):
            m = item[j0 + j]
            work[SLOPE, j] = slopes[m, 0] * LOG2_E
            work[FIRST, j] = cutpoints[m, 0] * LOG2_E
        for i0 in range(row_0, row_1, step):
            i1 = min(i0 + step, row_1)
            work[PRODUCT, :n] = one
            work[LINEAR:, :n] = zero
            for i in range(i0, i1, 4):
                v0, v1, v2, v3 = four_rows(codes, i, i1, j0, j1, idle)
                x0, x1, x2, x3 = four_positions(positions, t, i, i1)
                s0, s1, s2, s3 = zero, zero, zero, zero
                q0, q1, q2, q3 = zero, zero, zero, zero
                for j in range(n):
                    b, k = work[SLOPE, j], work[FIRST, j]
                    w0, w1 = binary_sign(v0[j], one, zero), binary_sign(v1[j], one, zero)
                    w2, w3 = binary_sign(v2[j], one, zero), binary_sign(v3[j], one, zero)
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
                put_rows(g_positions[block, :, 0], i, i1, s0 * LN_2, s1 * LN_2, s2 * LN_2, s3 * LN_2)
                if h_columns is not None:
                    square = LN_2 * LN_2
                    target = h_positions[block, :, 0, 0]
                    put_rows(target, i, i1, q0 * square, q1 * square, q2 * square, q3 * square)
            value = -log_of_products(work[PRODUCT], n, FOLD)
            for j in range(n):
                value -= work[LINEAR, j] * LN_2
            values[unit] += value
            add_columns(columns[segment], j0, n, work[BY_SLOPE:INFO])
            if h_columns is not None:
                add_columns(h_columns[segment], j0, n, work[INFO:])
