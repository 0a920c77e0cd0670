"""Compiled passes over the votes in one dimension, averaged over normal distributions of the parameters.

The position x of a member has mean m and variance v. The discrimination b and the midpoint k of an item have
the covariance matrix [[B, C], [C, K]]. Position and item are independent. The linear predictor minus the
midpoint, eta = x b - k, then has

    mean m b - k,    variance s^2 = K + m (m B - 2 C) + v (b^2 + B),

and is treated as normal. The log-likelihood L of a vote is averaged with Gauss-Hermite nodes a and weights w,
F = sum_a w L(mean + s a). With g = sum_a w L' and h = -sum_a w a L' / s, the derivatives of F are

    dF/dm = g b - h (m B - C),    dF/db = g m - h v b,    dF/dk = -g,
    -2 dF/dv = h (b^2 + B),       -2 dF/d[[B, C], [C, K]] = h [[m^2 + v, -m], [-m, 1]].

The second line is the expected curvature by position and item (Price's theorem). The curvature by the two
cutpoints is the average over the nodes, scaled so that its sum is h. The distance between the cutpoints is
not averaged.

The terms at a node come from `kernels_logit` and `kernels_probit`. Units of work, their sums and their order
are those of `kernels_logit.sweep`.
"""
# mypy: allow-untyped-defs, allow-untyped-calls
# ruff: noqa: ARG001 (the kernels share one signature)

import numpy as np

from voteshift.likelihood import kernels_logit, kernels_probit
from voteshift.likelihood.blocks import (
    BEND_1,
    BEND_2,
    BLOCK,
    ETA,
    SCORE,
    add_columns,
    begin_unit,
    load_items,
    log_of_products,
    nobody,
)
from voteshift.likelihood.compiling import inlined, take_next
from voteshift.likelihood.powers import LN_2, LOG2_E
from voteshift.likelihood.tails import INV_SQRT_2PI

__all__ = ["cross_logit", "cross_probit", "sweep_logit", "sweep_probit"]

# Rows of the buffer of a row of votes: moments of eta and of its covariance with position and discrimination,
# and the moments of item and member.
MEAN, SD, WITH_SLOPE, SLOPE, VAR_SLOPE, COV, VAR_MIDPOINT, X, VAR_X = range(9)
N_SPREAD = 9

# Rows of the buffer of averages over the nodes: g, h, curvatures by eta and either cutpoint, by each cutpoint
# and by both, and derivatives by the cutpoints.
G, H, BEND_A, BEND_B, CURVE_A, CURVE_B, CURVE_AB, CUT_A, CUT_B = range(9)
N_AVERAGES = 9

# Rows of the sums of a chunk: by slope and cutpoints, the six of the information, and what is taken out of
# the products.
BY_SLOPE, BY_FIRST, BY_SECOND, INFO, ADDED = 0, 1, 2, 3, 9
N_SUMS = 10

LEAST = 1e-300
FEW_ROWS = 15  # whose product of P of narrow middle categories, without a fold of columns, does not underflow
LEAST_VARIANCE = 1e-8  # of eta: h, a difference of scores over its root, keeps 11 digits


@inlined
def load_spread(item, slopes, covariances, j0, n, spread):
    """Load slopes and covariances of the items of `n` columns."""
    for j in range(n):
        m = item[j0 + j]
        spread[SLOPE, j] = slopes[m, 0]
        spread[VAR_SLOPE, j] = covariances[m, 0]
        spread[COV, j] = covariances[m, 1]
        spread[VAR_MIDPOINT, j] = covariances[m, 2]


@inlined
def put_member(spread, x, v, n):
    """Store the position of a member and its variance for `n` columns of one period."""
    for j in range(n):
        spread[X, j] = x
        spread[VAR_X, j] = v


@inlined
def put_spread(spread, averages, n):
    """Store the moments of eta without its midpoint, and clear the averages."""
    averages[:, :n] = 0.0
    for j in range(n):
        x, v, b = spread[X, j], spread[VAR_X, j], spread[SLOPE, j]
        var_slope, cov = spread[VAR_SLOPE, j], spread[COV, j]
        with_slope = x * var_slope - cov
        variance = spread[VAR_MIDPOINT, j] + x * (with_slope - cov) + v * (b * b + var_slope)
        spread[MEAN, j] = x * b
        spread[SD, j] = np.sqrt(max(variance, LEAST_VARIANCE))
        spread[WITH_SLOPE, j] = with_slope


@inlined
def put_node(work, spread, node, unit, n, factor, addend):
    """Store eta at a node, and clear the rows of the buffer that the terms of a row are added to."""
    for j in range(n):
        work[ETA, j] = unit * (spread[MEAN, j] + node * spread[SD, j])
    work[factor, :n] = 1.0
    work[addend:, :n] = 0.0


@inlined
def add_node(work, spread, averages, node, weight, n, binary, rows):
    """Add the terms of a row at a node to the averages.

    `rows` are the rows of the buffer with the curvature by the first cutpoint, by the second and by both, the
    factor of P, its addend, and the derivatives by the cutpoints.
    """
    first, second, mixed, _, _, cut_1, cut_2 = rows
    for j in range(n):
        score = weight * work[SCORE, j]
        averages[G, j] += score
        averages[H, j] -= node * score / spread[SD, j]
        averages[BEND_A, j] += weight * work[BEND_1, j]
        averages[CURVE_A, j] += weight * work[first, j]
        averages[CUT_A, j] += weight * work[cut_1, j]
    if not binary:
        for j in range(n):
            averages[BEND_B, j] += weight * work[BEND_2, j]
            averages[CURVE_B, j] += weight * work[second, j]
            averages[CURVE_AB, j] += weight * work[mixed, j]
            averages[CUT_B, j] += weight * work[cut_2, j]


@inlined
def add_value(work, sums, products, weight, n, rows):
    """Add the log-likelihood of a row at a node."""
    factor, addend = rows[3], rows[4]
    for j in range(n):
        products[j] *= work[factor, j]
        sums[ADDED, j] += weight * work[addend, j]


@inlined
def put_scale(averages, n, binary):
    """Scale the curvatures so that the curvature by eta is h."""
    for j in range(n):
        total = averages[BEND_A, j] if binary else averages[BEND_A, j] + averages[BEND_B, j]
        scale = averages[H, j] / max(total, LEAST)
        averages[BEND_A, j] *= scale
        averages[BEND_B, j] *= scale
        averages[CURVE_A, j] *= scale
        averages[CURVE_B, j] *= scale
        averages[CURVE_AB, j] *= scale


@inlined
def add_row(spread, averages, sums, n, binary):
    """Add the averages of a row to the sums of its columns; return score and curvature of its position."""
    put_scale(averages, n, binary)
    score, curvature = 0.0, 0.0
    for j in range(n):
        b, h = spread[SLOPE, j], averages[H, j]
        score += averages[G, j] * b - h * spread[WITH_SLOPE, j]
        curvature += h * (b * b + spread[VAR_SLOPE, j])
    for j in range(n):
        x, v, h = spread[X, j], spread[VAR_X, j], averages[H, j]
        sums[BY_SLOPE, j] += averages[G, j] * x - h * v * spread[SLOPE, j]
        sums[BY_FIRST, j] += averages[CUT_A, j]
        sums[INFO, j] += h * (x * x + v)
        sums[INFO + 1, j] -= averages[BEND_A, j] * x
        sums[INFO + 3, j] += averages[CURVE_A, j]
    if not binary:
        for j in range(n):
            sums[BY_SECOND, j] += averages[CUT_B, j]
            sums[INFO + 2, j] -= averages[BEND_B, j] * spread[X, j]
            sums[INFO + 4, j] += averages[CURVE_B, j]
            sums[INFO + 5, j] += averages[CURVE_AB, j]
    return score, curvature


@inlined
def put_sums(values, unit, columns, h_columns, segment, j0, n, sums, products, weights, fold, added):
    """Add the sums of a chunk to those of the unit."""
    total = 0.0
    for q in range(len(weights)):
        total -= weights[q] * log_of_products(products[q], n, fold)
    for j in range(n):
        total -= added * sums[ADDED, j]
    values[unit] += total
    add_columns(columns[segment], j0, n, sums[BY_SLOPE:INFO])
    add_columns(h_columns[segment], j0, n, sums[INFO:ADDED])


LOGIT_ROWS = (
    BEND_1, BEND_2, kernels_logit.BETWEEN, kernels_logit.FACTOR, kernels_logit.ADDEND, kernels_logit.CUT_1,
    kernels_logit.CUT_2,
)  # fmt: skip
PROBIT_ROWS = (
    kernels_probit.FIRST, kernels_probit.SECOND, kernels_probit.MIXED, kernels_probit.FACTOR,
    kernels_probit.ADDEND, kernels_probit.CUT_1, kernels_probit.CUT_2,
)  # fmt: skip


def sweep_logit(
    counter, codes, bounds, item, three, n_middle, positions, variances, slopes, cutpoints, covariances,
    nodes, weights, binary, step, rows, values, g_positions, columns, h_positions, h_columns,
):  # fmt: skip
    """Do units of work while there are any: averaged value, gradient and information, logistic link.

    Parameters
    ----------
    counter, codes, bounds, item, three, n_middle, binary, step, rows
        As in `kernels_logit.sweep`.
    positions, variances : float64, (n_periods, n_members)
        Means and variances of the positions.
    slopes, cutpoints : float64, (n_items, 1) and (n_items, 2)
        Means of the discriminations, and the cutpoints around the mean of the midpoint.
    covariances : float64, (n_items, 3)
        Variance of the discrimination, its covariance with the midpoint, and variance of the midpoint.
    nodes, weights : float64, (n_nodes,)
        Quadrature for a standard normal distribution.
    values, g_positions, columns, h_positions, h_columns
        As in `kernels_logit.sweep`, in one dimension, with the information.
    """
    work = np.zeros((kernels_logit.N_BUFFERS, BLOCK))
    spread, sums = np.zeros((N_SPREAD, BLOCK)), np.zeros((N_SUMS, BLOCK))
    averages = np.zeros((N_AVERAGES, BLOCK))
    slope, first, second = np.zeros((1, BLOCK)), np.zeros(BLOCK), np.zeros(BLOCK)
    products = np.ones((len(nodes), BLOCK))
    while True:
        unit = take_next(counter)
        if unit >= values.shape[0]:
            break
        block, j0, j1, t, segment, row_0, row_1 = begin_unit(unit, bounds, rows, values, columns, h_columns)
        n = j1 - j0
        load_items(item, three, slopes, cutpoints, j0, n, slope, first, second, LOG2_E)
        load_spread(item, slopes, covariances, j0, n, spread)
        for i0 in range(row_0, row_1, step):
            sums[:, :n] = 0.0
            products[:, :n] = 1.0
            for i in range(i0, min(i0 + step, row_1)):
                votes = codes[i, j0:j1]
                score, curvature = 0.0, 0.0
                if not nobody(votes):
                    put_member(spread, positions[t, i], variances[t, i], n)
                    put_spread(spread, averages, n)
                    for q in range(len(nodes)):
                        put_node(
                            work, spread, nodes[q], LOG2_E, n, kernels_logit.FACTOR, kernels_logit.ADDEND
                        )
                        if binary:
                            kernels_logit.binary_row(votes, work, first, n, 1.0, 0.0)
                        else:
                            kernels_logit.ordered_row(votes, work, first, second, n, False, 1.0, 0.0)
                        add_node(work, spread, averages, nodes[q], weights[q], n, binary, LOGIT_ROWS)
                        add_value(work, sums, products[q], weights[q], n, LOGIT_ROWS)
                    score, curvature = add_row(spread, averages, sums, n, binary)
                g_positions[block, i, 0] = score
                h_positions[block, i, 0, 0] = curvature
            put_sums(
                values, unit, columns, h_columns, segment, j0, n, sums, products, weights, kernels_logit.FOLD,
                LN_2,
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
                    columns[segment, 1, j] -= n_middle[j] * thin
                    columns[segment, 2, j] += n_middle[j] * thin
                    h_columns[segment, 3, j] += bend
                    h_columns[segment, 4, j] += bend
                    h_columns[segment, 5, j] -= bend


def sweep_probit(
    counter, codes, bounds, item, three, n_middle, positions, variances, slopes, cutpoints, covariances,
    nodes, weights, binary, step, rows, values, g_positions, columns, h_positions, h_columns,
):  # fmt: skip
    """Do units of work while there are any, as `sweep_logit` does for the logistic link."""
    work = np.zeros((kernels_probit.N_BUFFERS, BLOCK))
    step = min(step, FEW_ROWS)
    spread, sums = np.zeros((N_SPREAD, BLOCK)), np.zeros((N_SUMS, BLOCK))
    averages = np.zeros((N_AVERAGES, BLOCK))
    slope, first, second = np.zeros((1, BLOCK)), np.zeros(BLOCK), np.zeros(BLOCK)
    products = np.ones((len(nodes), BLOCK))
    while True:
        unit = take_next(counter)
        if unit >= values.shape[0]:
            break
        block, j0, j1, t, segment, row_0, row_1 = begin_unit(unit, bounds, rows, values, columns, h_columns)
        n = j1 - j0
        load_items(item, three, slopes, cutpoints, j0, n, slope, first, second, 1.0)
        load_spread(item, slopes, covariances, j0, n, spread)
        for i0 in range(row_0, row_1, step):
            sums[:, :n] = 0.0
            products[:, :n] = 1.0
            for i in range(i0, min(i0 + step, row_1)):
                votes = codes[i, j0:j1]
                score, curvature = 0.0, 0.0
                if not nobody(votes):
                    put_member(spread, positions[t, i], variances[t, i], n)
                    put_spread(spread, averages, n)
                    for q in range(len(nodes)):
                        put_node(work, spread, nodes[q], 1.0, n, kernels_probit.FACTOR, kernels_probit.ADDEND)
                        if binary:
                            kernels_probit.binary_row(
                                votes, work, first, n, False, 1.0, 0.0, 0.5, INV_SQRT_2PI
                            )
                        else:
                            kernels_probit.ordered_row(
                                votes, work, first, second, n, 1.0, 0.0, 0.5, INV_SQRT_2PI
                            )
                        add_node(work, spread, averages, nodes[q], weights[q], n, binary, PROBIT_ROWS)
                        add_value(work, sums, products[q], weights[q], n, PROBIT_ROWS)
                    score, curvature = add_row(spread, averages, sums, n, binary)
                g_positions[block, i, 0] = score
                h_positions[block, i, 0, 0] = curvature
            # The factors of the normal link are those of P itself.
            put_sums(
                values, unit, columns, h_columns, segment, j0, n, sums, products, -weights,
                1, 1.0,
            )  # fmt: skip


@inlined
def put_cross(spread, averages, out, j0, n, binary, with_score):
    """Store the mixed second derivatives of one member."""
    put_scale(averages, n, binary)
    for j in range(n):
        b = spread[SLOPE, j]
        out[j0 + j, 0, 0] = averages[H, j] * b * spread[X, j] - with_score * averages[G, j]
        out[j0 + j, 0, 1] = -averages[BEND_A, j] * b
        out[j0 + j, 0, 2] = 0.0 if binary else -averages[BEND_B, j] * b


def cross_logit(
    codes, period, item, three, positions, variances, slopes, cutpoints, covariances, nodes, weights, binary,
    with_score, out,
):  # fmt: skip
    """Put down averaged mixed second derivatives between positions and items, vote by vote, logistic link.

    `out` has the shape (n_members, n_columns, 1, 3), as in `kernels_logit.cross`. `with_score` is 1.0 for the
    observed information and 0.0 for the part of it that is positive semidefinite.
    """
    work, spread = np.zeros((kernels_logit.N_BUFFERS, BLOCK)), np.zeros((N_SPREAD, BLOCK))
    averages = np.zeros((N_AVERAGES, BLOCK))
    slope, first, second = np.zeros((1, BLOCK)), np.zeros(BLOCK), np.zeros(BLOCK)
    out[:] = 0.0
    for j0 in range(0, codes.shape[1], BLOCK):
        j1 = min(j0 + BLOCK, codes.shape[1])
        n = j1 - j0
        load_items(item, three, slopes, cutpoints, j0, n, slope, first, second, LOG2_E)
        load_spread(item, slopes, covariances, j0, n, spread)
        for i in range(codes.shape[0]):
            votes = codes[i, j0:j1]
            if nobody(votes):
                continue
            for j in range(n):
                spread[X, j] = positions[period[j0 + j], i]
                spread[VAR_X, j] = variances[period[j0 + j], i]
            put_spread(spread, averages, n)
            for q in range(len(nodes)):
                put_node(work, spread, nodes[q], LOG2_E, n, kernels_logit.FACTOR, kernels_logit.ADDEND)
                if binary:
                    kernels_logit.binary_row(votes, work, first, n, 1.0, 0.0)
                else:
                    kernels_logit.ordered_row(votes, work, first, second, n, False, 1.0, 0.0)
                add_node(work, spread, averages, nodes[q], weights[q], n, binary, LOGIT_ROWS)
            put_cross(spread, averages, out[i], j0, n, binary, with_score)


def cross_probit(
    codes, period, item, three, positions, variances, slopes, cutpoints, covariances, nodes, weights, binary,
    with_score, out,
):  # fmt: skip
    """Put down averaged mixed second derivatives as `cross_logit` does, for the normal link."""
    work, spread = np.zeros((kernels_probit.N_BUFFERS, BLOCK)), np.zeros((N_SPREAD, BLOCK))
    averages = np.zeros((N_AVERAGES, BLOCK))
    slope, first, second = np.zeros((1, BLOCK)), np.zeros(BLOCK), np.zeros(BLOCK)
    out[:] = 0.0
    for j0 in range(0, codes.shape[1], BLOCK):
        j1 = min(j0 + BLOCK, codes.shape[1])
        n = j1 - j0
        load_items(item, three, slopes, cutpoints, j0, n, slope, first, second, 1.0)
        load_spread(item, slopes, covariances, j0, n, spread)
        for i in range(codes.shape[0]):
            votes = codes[i, j0:j1]
            if nobody(votes):
                continue
            for j in range(n):
                spread[X, j] = positions[period[j0 + j], i]
                spread[VAR_X, j] = variances[period[j0 + j], i]
            put_spread(spread, averages, n)
            for q in range(len(nodes)):
                put_node(work, spread, nodes[q], 1.0, n, kernels_probit.FACTOR, kernels_probit.ADDEND)
                if binary:
                    kernels_probit.binary_row(votes, work, first, n, False, 1.0, 0.0, 0.5, INV_SQRT_2PI)
                else:
                    kernels_probit.ordered_row(votes, work, first, second, n, 1.0, 0.0, 0.5, INV_SQRT_2PI)
                add_node(work, spread, averages, nodes[q], weights[q], n, binary, PROBIT_ROWS)
            put_cross(spread, averages, out[i], j0, n, binary, with_score)
