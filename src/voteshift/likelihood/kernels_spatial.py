"""Compiled passes over the votes in any number of dimensions, averaged over normal distributions.

The position x of a member has mean m and covariance S. The discriminations b and the midpoint k of an item
have the covariance matrix [[C, c], [c', K]]. Position and item are independent. The linear predictor minus
the midpoint, eta = x'b - k, then has

    mean m'b - k,    variance s^2 = K + m'(C m - 2 c) + b'S b + tr(S C),

and is treated as normal. With g and h as in `kernels_averaged`, the derivatives of the average F are

    dF/dm = g b - h (C m - c),    dF/db = g m - h S b,    dF/dk = -g,
    -2 dF/dS = h (b b' + C),      -2 dF/d[[C, c], [c', K]] = h [[m m' + S, -m], [-m', 1]].

In one dimension these are the formulas of `kernels_averaged`, whose terms at a node this module uses.
"""
# mypy: allow-untyped-defs, allow-untyped-calls
# ruff: noqa: ARG001 (the kernels share one signature)

import numpy as np

from voteshift.likelihood import kernels_logit, kernels_probit
from voteshift.likelihood.blocks import BLOCK, add_columns, begin_unit, load_items, log_of_products, nobody
from voteshift.likelihood.compiling import inlined, take_next
from voteshift.likelihood.kernels_averaged import (
    BEND_A,
    BEND_B,
    CURVE_A,
    CURVE_AB,
    CURVE_B,
    CUT_A,
    CUT_B,
    FEW_ROWS,
    LEAST_VARIANCE,
    LOGIT_ROWS,
    MEAN,
    N_AVERAGES,
    N_SPREAD,
    PROBIT_ROWS,
    SD,
    G,
    H,
    add_node,
    put_node,
    put_scale,
)
from voteshift.likelihood.powers import LN_2, LOG2_E
from voteshift.likelihood.tails import INV_SQRT_2PI

__all__ = ["cross_logit", "cross_probit", "sweep_logit", "sweep_probit"]


@inlined
def load_spread(item, slopes, covariances, j0, n, slope, square, border, last):
    """Load discriminations and covariances of the items of `n` columns."""
    n_dims = slopes.shape[1]
    for j in range(n):
        last[j] = covariances[item[j0 + j], n_dims, n_dims]
    for d in range(n_dims):
        for j in range(n):
            slope[d, j] = slopes[item[j0 + j], d]
            border[d, j] = covariances[item[j0 + j], d, n_dims]
        for e in range(n_dims):
            for j in range(n):
                square[d * n_dims + e, j] = covariances[item[j0 + j], d, e]


@inlined
def put_spread(spread, averages, x, v, n, slope, square, border, last, by_item, by_member):
    """Store the moments of eta without its midpoint, C m - c and S b, and clear the averages."""
    n_dims = slope.shape[0]
    averages[:, :n] = 0.0
    spread[MEAN, :n] = 0.0
    for j in range(n):
        spread[SD, j] = last[j]
    for d in range(n_dims):
        for j in range(n):
            by_item[d, j] = -border[d, j]
            by_member[d, j] = 0.0
        for e in range(n_dims):
            for j in range(n):
                by_item[d, j] += square[d * n_dims + e, j] * x[e]
                by_member[d, j] += v[d, e] * slope[e, j]
                spread[SD, j] += v[d, e] * square[d * n_dims + e, j]
        for j in range(n):
            spread[MEAN, j] += x[d] * slope[d, j]
            spread[SD, j] += x[d] * (by_item[d, j] - border[d, j]) + slope[d, j] * by_member[d, j]
    for j in range(n):
        spread[SD, j] = np.sqrt(max(spread[SD, j], LEAST_VARIANCE))


@inlined
def add_values(work, added, products, weight, n, factor, addend):
    """Add the log-likelihood of a row at a node."""
    for j in range(n):
        products[j] *= work[factor, j]
        added[j] += weight * work[addend, j]


@inlined
def add_row(averages, sums, x, v, n, binary, slope, square, by_item, by_member, score, curvature):
    """Add the averages of a row to the sums of its columns; store score and curvature of its position."""
    put_scale(averages, n, binary)
    n_dims = slope.shape[0]
    info = n_dims + 2
    for d in range(n_dims):
        total = 0.0
        for j in range(n):
            total += averages[G, j] * slope[d, j] - averages[H, j] * by_item[d, j]
        score[d] = total
        for j in range(n):
            sums[d, j] += averages[G, j] * x[d] - averages[H, j] * by_member[d, j]
        for e in range(n_dims):
            row = d * n_dims + e
            total, moment = 0.0, x[d] * x[e] + v[d, e]
            for j in range(n):
                total += averages[H, j] * (slope[d, j] * slope[e, j] + square[row, j])
            curvature[d, e] = total
            for j in range(n):
                sums[info + row, j] += averages[H, j] * moment
        row = info + n_dims * n_dims + d
        for j in range(n):
            sums[row, j] -= averages[BEND_A, j] * x[d]
        if not binary:
            for j in range(n):
                sums[row + n_dims, j] -= averages[BEND_B, j] * x[d]
    for j in range(n):
        sums[n_dims, j] += averages[CUT_A, j]
        sums[-3, j] += averages[CURVE_A, j]
    if not binary:
        for j in range(n):
            sums[n_dims + 1, j] += averages[CUT_B, j]
            sums[-2, j] += averages[CURVE_B, j]
            sums[-1, j] += averages[CURVE_AB, j]


@inlined
def put_sums(values, unit, columns, h_columns, segment, j0, n, sums, added, products, weights, fold, scale):
    """Add the sums of a chunk to those of the unit."""
    total = 0.0
    for q in range(len(weights)):
        total -= weights[q] * log_of_products(products[q], n, fold)
    for j in range(n):
        total -= scale * added[j]
    values[unit] += total
    n_gradient = columns.shape[1]
    add_columns(columns[segment], j0, n, sums[:n_gradient])
    add_columns(h_columns[segment], j0, n, sums[n_gradient:])


def sweep_logit(
    counter, codes, bounds, item, three, n_middle, positions, variances, slopes, cutpoints, covariances,
    nodes, weights, binary, step, rows, values, g_positions, columns, h_positions, h_columns,
):  # fmt: skip
    """Do units of work while there are any: averaged value, gradient and information, logistic link.

    Parameters
    ----------
    counter, codes, bounds, item, three, n_middle, binary, step, rows
        As in `kernels_logit.sweep`.
    positions, variances : float64, (n_periods, n_members, D) and (n_periods, n_members, D, D)
        Means and covariances of the positions.
    slopes, cutpoints : float64, (n_items, D) and (n_items, 2)
        Means of the discriminations, and the cutpoints around the mean of the midpoint.
    covariances : float64, (n_items, D + 1, D + 1)
        Covariances of discriminations and midpoint.
    nodes, weights : float64, (n_nodes,)
        Quadrature for a standard normal distribution.
    values, g_positions, columns, h_positions, h_columns
        As in `kernels_logit.sweep`, with the information.
    """
    n_dims = slopes.shape[1]
    work = np.zeros((kernels_logit.N_BUFFERS, BLOCK))
    spread, averages = np.zeros((N_SPREAD, BLOCK)), np.zeros((N_AVERAGES, BLOCK))
    sums, added = np.zeros((n_dims * n_dims + 3 * n_dims + 5, BLOCK)), np.zeros(BLOCK)
    loaded, slope = np.zeros((n_dims, BLOCK)), np.zeros((n_dims, BLOCK))
    square, border = np.zeros((n_dims * n_dims, BLOCK)), np.zeros((n_dims, BLOCK))
    by_item, by_member = np.zeros((n_dims, BLOCK)), np.zeros((n_dims, BLOCK))
    first, second, last = np.zeros(BLOCK), np.zeros(BLOCK), np.zeros(BLOCK)
    products = np.ones((len(nodes), BLOCK))
    while True:
        unit = take_next(counter)
        if unit >= values.shape[0]:
            break
        block, j0, j1, t, segment, row_0, row_1 = begin_unit(unit, bounds, rows, values, columns, h_columns)
        n = j1 - j0
        load_items(item, three, slopes, cutpoints, j0, n, loaded, first, second, LOG2_E)
        load_spread(item, slopes, covariances, j0, n, slope, square, border, last)
        for i0 in range(row_0, row_1, step):
            sums[:, :n] = 0.0
            added[:n] = 0.0
            products[:, :n] = 1.0
            for i in range(i0, min(i0 + step, row_1)):
                votes = codes[i, j0:j1]
                if nobody(votes):
                    g_positions[block, i] = 0.0
                    h_positions[block, i] = 0.0
                    continue
                x, v = positions[t, i], variances[t, i]
                put_spread(spread, averages, x, v, n, slope, square, border, last, by_item, by_member)
                for q in range(len(nodes)):
                    put_node(work, spread, nodes[q], LOG2_E, n, kernels_logit.FACTOR, kernels_logit.ADDEND)
                    if binary:
                        kernels_logit.binary_row(votes, work, first, n, 1.0, 0.0)
                    else:
                        kernels_logit.ordered_row(votes, work, first, second, n, False, 1.0, 0.0)
                    add_node(work, spread, averages, nodes[q], weights[q], n, binary, LOGIT_ROWS)
                    add_values(
                        work, added, products[q], weights[q], n, kernels_logit.FACTOR, kernels_logit.ADDEND
                    )
                add_row(
                    averages, sums, x, v, n, binary, slope, square, by_item, by_member,
                    g_positions[block, i], h_positions[block, i],
                )  # fmt: skip
            put_sums(
                values, unit, columns, h_columns, segment, j0, n, sums, added, products, weights,
                kernels_logit.FOLD, LN_2,
            )  # fmt: skip
        if segment == 0 and not binary:
            for j in range(j0, j1):
                if three[j]:
                    # Of the votes in the middle category, as in `kernels_logit.sweep`.
                    gap = cutpoints[item[j], 1] - cutpoints[item[j], 0]
                    width = -np.expm1(-gap)
                    thin = np.exp(-gap) / width
                    bend = n_middle[j] * thin * (1.0 + thin)
                    values[unit] += n_middle[j] * np.log(width)
                    columns[segment, n_dims, j] -= n_middle[j] * thin
                    columns[segment, n_dims + 1, j] += n_middle[j] * thin
                    h_columns[segment, -3, j] += bend
                    h_columns[segment, -2, j] += bend
                    h_columns[segment, -1, j] -= bend


def sweep_probit(
    counter, codes, bounds, item, three, n_middle, positions, variances, slopes, cutpoints, covariances,
    nodes, weights, binary, step, rows, values, g_positions, columns, h_positions, h_columns,
):  # fmt: skip
    """Do units of work while there are any, as `sweep_logit` does for the logistic link."""
    n_dims = slopes.shape[1]
    step = min(step, FEW_ROWS)
    work = np.zeros((kernels_probit.N_BUFFERS, BLOCK))
    spread, averages = np.zeros((N_SPREAD, BLOCK)), np.zeros((N_AVERAGES, BLOCK))
    sums, added = np.zeros((n_dims * n_dims + 3 * n_dims + 5, BLOCK)), np.zeros(BLOCK)
    loaded, slope = np.zeros((n_dims, BLOCK)), np.zeros((n_dims, BLOCK))
    square, border = np.zeros((n_dims * n_dims, BLOCK)), np.zeros((n_dims, BLOCK))
    by_item, by_member = np.zeros((n_dims, BLOCK)), np.zeros((n_dims, BLOCK))
    first, second, last = np.zeros(BLOCK), np.zeros(BLOCK), np.zeros(BLOCK)
    products = np.ones((len(nodes), BLOCK))
    while True:
        unit = take_next(counter)
        if unit >= values.shape[0]:
            break
        block, j0, j1, t, segment, row_0, row_1 = begin_unit(unit, bounds, rows, values, columns, h_columns)
        n = j1 - j0
        load_items(item, three, slopes, cutpoints, j0, n, loaded, first, second, 1.0)
        load_spread(item, slopes, covariances, j0, n, slope, square, border, last)
        for i0 in range(row_0, row_1, step):
            sums[:, :n] = 0.0
            added[:n] = 0.0
            products[:, :n] = 1.0
            for i in range(i0, min(i0 + step, row_1)):
                votes = codes[i, j0:j1]
                if nobody(votes):
                    g_positions[block, i] = 0.0
                    h_positions[block, i] = 0.0
                    continue
                x, v = positions[t, i], variances[t, i]
                put_spread(spread, averages, x, v, n, slope, square, border, last, by_item, by_member)
                for q in range(len(nodes)):
                    put_node(work, spread, nodes[q], 1.0, n, kernels_probit.FACTOR, kernels_probit.ADDEND)
                    if binary:
                        kernels_probit.binary_row(votes, work, first, n, False, 1.0, 0.0, 0.5, INV_SQRT_2PI)
                    else:
                        kernels_probit.ordered_row(votes, work, first, second, n, 1.0, 0.0, 0.5, INV_SQRT_2PI)
                    add_node(work, spread, averages, nodes[q], weights[q], n, binary, PROBIT_ROWS)
                    add_values(
                        work, added, products[q], weights[q], n, kernels_probit.FACTOR, kernels_probit.ADDEND
                    )
                add_row(
                    averages, sums, x, v, n, binary, slope, square, by_item, by_member,
                    g_positions[block, i], h_positions[block, i],
                )  # fmt: skip
            # The factors of the normal link are those of P itself.
            put_sums(
                values, unit, columns, h_columns, segment, j0, n, sums, added, products, -weights,
                1, 1.0,
            )  # fmt: skip


@inlined
def put_cross(averages, slope, x, out, j0, n, binary, with_score):
    """Store the mixed second derivatives of one member, shape (n_columns, D, D + 2)."""
    put_scale(averages, n, binary)
    n_dims = slope.shape[0]
    for j in range(n):
        for d in range(n_dims):
            b = slope[d, j]
            for e in range(n_dims):
                out[j0 + j, d, e] = averages[H, j] * b * x[e]
            out[j0 + j, d, d] -= with_score * averages[G, j]
            out[j0 + j, d, n_dims] = -averages[BEND_A, j] * b
            out[j0 + j, d, n_dims + 1] = 0.0 if binary else -averages[BEND_B, j] * b


def cross_logit(
    codes, item, three, positions, variances, slopes, cutpoints, covariances, nodes, weights, binary,
    with_score, out,
):  # fmt: skip
    """Put down averaged mixed second derivatives between positions and items, vote by vote, logistic link.

    `positions` and `variances` have the shapes (n_members, D) and (n_members, D, D); `out` has the shape
    (n_members, n_columns, D, D + 2). `with_score` is as in `kernels_averaged.cross_logit`.
    """
    n_dims = slopes.shape[1]
    work = np.zeros((kernels_logit.N_BUFFERS, BLOCK))
    spread, averages = np.zeros((N_SPREAD, BLOCK)), np.zeros((N_AVERAGES, BLOCK))
    loaded, slope = np.zeros((n_dims, BLOCK)), np.zeros((n_dims, BLOCK))
    square, border = np.zeros((n_dims * n_dims, BLOCK)), np.zeros((n_dims, BLOCK))
    by_item, by_member = np.zeros((n_dims, BLOCK)), np.zeros((n_dims, BLOCK))
    first, second, last = np.zeros(BLOCK), np.zeros(BLOCK), np.zeros(BLOCK)
    out[:] = 0.0
    for j0 in range(0, codes.shape[1], BLOCK):
        j1 = min(j0 + BLOCK, codes.shape[1])
        n = j1 - j0
        load_items(item, three, slopes, cutpoints, j0, n, loaded, first, second, LOG2_E)
        load_spread(item, slopes, covariances, j0, n, slope, square, border, last)
        for i in range(codes.shape[0]):
            votes = codes[i, j0:j1]
            if nobody(votes):
                continue
            x, v = positions[i], variances[i]
            put_spread(spread, averages, x, v, n, slope, square, border, last, by_item, by_member)
            for q in range(len(nodes)):
                put_node(work, spread, nodes[q], LOG2_E, n, kernels_logit.FACTOR, kernels_logit.ADDEND)
                if binary:
                    kernels_logit.binary_row(votes, work, first, n, 1.0, 0.0)
                else:
                    kernels_logit.ordered_row(votes, work, first, second, n, False, 1.0, 0.0)
                add_node(work, spread, averages, nodes[q], weights[q], n, binary, LOGIT_ROWS)
            put_cross(averages, slope, x, out[i], j0, n, binary, with_score)


def cross_probit(
    codes, item, three, positions, variances, slopes, cutpoints, covariances, nodes, weights, binary,
    with_score, out,
):  # fmt: skip
    """Put down averaged mixed second derivatives as `cross_logit` does, for the normal link."""
    n_dims = slopes.shape[1]
    work = np.zeros((kernels_probit.N_BUFFERS, BLOCK))
    spread, averages = np.zeros((N_SPREAD, BLOCK)), np.zeros((N_AVERAGES, BLOCK))
    loaded, slope = np.zeros((n_dims, BLOCK)), np.zeros((n_dims, BLOCK))
    square, border = np.zeros((n_dims * n_dims, BLOCK)), np.zeros((n_dims, BLOCK))
    by_item, by_member = np.zeros((n_dims, BLOCK)), np.zeros((n_dims, BLOCK))
    first, second, last = np.zeros(BLOCK), np.zeros(BLOCK), np.zeros(BLOCK)
    out[:] = 0.0
    for j0 in range(0, codes.shape[1], BLOCK):
        j1 = min(j0 + BLOCK, codes.shape[1])
        n = j1 - j0
        load_items(item, three, slopes, cutpoints, j0, n, loaded, first, second, 1.0)
        load_spread(item, slopes, covariances, j0, n, slope, square, border, last)
        for i in range(codes.shape[0]):
            votes = codes[i, j0:j1]
            if nobody(votes):
                continue
            x, v = positions[i], variances[i]
            put_spread(spread, averages, x, v, n, slope, square, border, last, by_item, by_member)
            for q in range(len(nodes)):
                put_node(work, spread, nodes[q], 1.0, n, kernels_probit.FACTOR, kernels_probit.ADDEND)
                if binary:
                    kernels_probit.binary_row(votes, work, first, n, False, 1.0, 0.0, 0.5, INV_SQRT_2PI)
                else:
                    kernels_probit.ordered_row(votes, work, first, second, n, 1.0, 0.0, 0.5, INV_SQRT_2PI)
                add_node(work, spread, averages, nodes[q], weights[q], n, binary, PROBIT_ROWS)
            put_cross(averages, slope, x, out[i], j0, n, binary, with_score)
