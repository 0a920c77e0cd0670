"""Compiled passes over the votes for the normal link, in one dimension and with two categories.

The results are the same as in `kernels_probit`. Four rows are evaluated together, as in
`kernels_logit_binary`.
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
from voteshift.likelihood.kernels_probit import FOLD
from voteshift.likelihood.tails import INV_SQRT_2PI, mills_denominator, tail_parts

__all__ = ["line_binary"]

# Rows of the buffer of a block: parameters, what is summed over the rows of a chunk, and its curvature.
SLOPE, FIRST, PRODUCT, LINEAR, BY_SLOPE, BY_FIRST, INFO = range(7)


def line_binary(
    counter, codes, bounds, item, three, n_middle, positions, slopes, cutpoints, binary, expected, step, rows,
    values, g_positions, columns, h_positions, h_columns,
):  # fmt: skip
    """Do what `kernels_probit.sweep` does with two categories, four rows at a time.

    Four rows share each load of a column's parameters, each load and store of its sums, and the divisions.
    `expected` is a flag or None, so that the observed information, or none, has a separate kernel.
    """
    one, zero = positions.dtype.type(1.0), positions.dtype.type(0.0)
    half, density = positions.dtype.type(0.5), positions.dtype.type(INV_SQRT_2PI)
    work = np.zeros((INFO + 6, BLOCK), positions.dtype)
    products = np.empty(BLOCK)
    idle = np.full(BLOCK, -1, np.int8)
    while True:
        unit = take_next(counter)
        if unit >= values.shape[0]:
            break
        block, j0, j1, t, segment, row_0, row_1 = begin_unit(unit, bounds, rows, values, columns, h_columns)
        n = j1 - j0
        for j in range(n):
            m = item[j0 + j]
            work[SLOPE, j] = slopes[m, 0]
            work[FIRST, j] = cutpoints[m, 0]
        for i0 in range(row_0, row_1, step):
            i1 = min(i0 + step, row_1)
            products[:n] = 1.0
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
                put_rows(g_positions[block, :, 0], i, i1, s0, s1, s2, s3)
                if h_columns is not None:
                    put_rows(h_positions[block, :, 0, 0], i, i1, q0, q1, q2, q3)
            value = log_of_products(products, n, FOLD)
            for j in range(n):
                value -= work[LINEAR, j]
            values[unit] += value
            add_columns(columns[segment], j0, n, work[BY_SLOPE:INFO])
            if h_columns is not None:
                add_columns(h_columns[segment], j0, n, work[INFO:])
