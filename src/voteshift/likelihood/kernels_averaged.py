"""Compiled passes over the votes in one dimension, averaged over normal distributions of the parameters.

The position x of a member has mean m and variance v. The discrimination b and the midpoint k of an item have
the covariance matrix [[B, C], [C, K]]. Position and item are independent. The linear predictor minus the
midpoint, eta = x b - k, then has

    mean m b - k,    variance s^2 = K + m (m B - 2 C) + v (b^2 + B),

and is treated as normal. The terms of a vote are averaged with Gauss-Hermite nodes a and weights w:
E f(eta) = sum_a w f(mean + s a). At a node, the conditional means of position and discrimination are

    x_a = m + a v b / s,    b_a = b + a (m B - C) / s,

with the residual covariances that `put_spread` leaves. The distance between the cutpoints is not averaged.

The terms at a node come from `kernels_logit` and `kernels_probit`. Units of work, their sums and their order
are those of `kernels_logit.sweep`.
"""
# mypy: allow-untyped-defs, allow-untyped-calls

import numpy as np

from voteshift.likelihood import kernels_logit, kernels_probit
from voteshift.likelihood.blocks import (
    BEND_1,
    BEND_2,
    BLOCK,
    ETA,
    SCORE,
    WEIGHT,
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

# Rows of the buffer of a row of votes: moments of eta, the slopes of position and discrimination on a
# standardised eta, and the moments of item and member.
MEAN, SD, X_SLOPE, B_SLOPE, SLOPE, VAR_SLOPE, COV, VAR_MIDPOINT, X, VAR_X = range(10)
N_SPREAD = 10

# Rows of the sums of a chunk: by slope and cutpoints, the six of the information, and what is taken out of
# the products.
BY_SLOPE, BY_FIRST, BY_SECOND, INFO, ADDED = 0, 1, 2, 3, 9
N_SUMS = 10


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
def put_spread(spread, n):
    """Store the moments of eta without its midpoint."""
    for j in range(n):
        x, v, b = spread[X, j], spread[VAR_X, j], spread[SLOPE, j]
        var_slope, cov = spread[VAR_SLOPE, j], spread[COV, j]
        with_slope = x * var_slope - cov
        variance = spread[VAR_MIDPOINT, j] + x * (with_slope - cov) + v * (b * b + var_slope)
        sd = np.sqrt(max(variance, 1e-30))
        spread[MEAN, j] = x * b
        spread[SD, j] = sd
        spread[X_SLOPE, j] = v * b / sd
        spread[B_SLOPE, j] = with_slope / sd


@inlined
def put_node(work, spread, node, unit, n, factor, addend):
    """Store eta at a node, and clear the rows of the buffer that the terms of a row are added to."""
    for j in range(n):
        work[ETA, j] = unit * (spread[MEAN, j] + node * spread[SD, j])
    work[factor, :n] = 1.0
    work[addend:, :n] = 0.0


@inlined
def add_node(work, spread, sums, products, node, weight, n, binary, rows):
    """Add the terms of a row at a node to the sums of its columns; return those of its position.

    `rows` are the rows of the buffer with the curvature by the first cutpoint, by the second and by both, the
    factor of P, its addend, and the derivatives by the cutpoints.
    """
    first, second, mixed, factor, addend, cut_1, cut_2 = rows
    for j in range(n):
        bend = work[BEND_1, j] if binary else work[BEND_1, j] + work[BEND_2, j]
        work[WEIGHT, j] = weight * bend
    score, curvature = 0.0, 0.0
    for j in range(n):
        b = spread[SLOPE, j] + node * spread[B_SLOPE, j]
        rest = spread[VAR_SLOPE, j] - spread[B_SLOPE, j] * spread[B_SLOPE, j]
        score += work[SCORE, j] * b
        curvature += work[WEIGHT, j] * (b * b + rest)
    for j in range(n):
        met = spread[X, j] + node * spread[X_SLOPE, j]
        rest = spread[VAR_X, j] - spread[X_SLOPE, j] * spread[X_SLOPE, j]
        products[j] *= work[factor, j]
        sums[ADDED, j] += weight * work[addend, j]
        sums[BY_SLOPE, j] += weight * work[SCORE, j] * met
        sums[BY_FIRST, j] += weight * work[cut_1, j]
        sums[INFO, j] += work[WEIGHT, j] * (met * met + rest)
        sums[INFO + 1, j] -= weight * work[BEND_1, j] * met
        sums[INFO + 3, j] += weight * work[first, j]
    if not binary:
        for j in range(n):
            met = spread[X, j] + node * spread[X_SLOPE, j]
            sums[BY_SECOND, j] += weight * work[cut_2, j]
            sums[INFO + 2, j] -= weight * work[BEND_2, j] * met
            sums[INFO + 4, j] += weight * work[second, j]
            sums[INFO + 5, j] += weight * work[mixed, j]
    return weight * score, curvature


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
    counter, codes, bounds, item, three, n_middle, positions, variances, slopes, cutpoints, covariances, nodes,
    weights, binary, step, rows, values, g_positions, columns, h_positions, h_columns,
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
    slope, first, second = np.zeros((1, BLOCK)), np.zeros(BLOCK), np.zeros(BLOCK)
    products = np.ones((len(nodes), BLOCK))
    while True:
        unit = take_next(counter)
        if unit >= values.shape[0]:
            break
        block, j0, j1, t, segment, row_0, row_1 = begin_unit(
            unit, bounds, rows, codes, values, columns, h_columns
        )
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
                    put_spread(spread, n)
                    for q in range(len(nodes)):
                        put_node(
                            work, spread, nodes[q], LOG2_E, n, kernels_logit.FACTOR, kernels_logit.ADDEND
                        )
                        if binary:
                            kernels_logit.binary_row(votes, work, first, n, 1.0, 0.0)
                        else:
                            kernels_logit.ordered_row(votes, work, first, second, n, False, 1.0, 0.0)
                        by_x, bend = add_node(
                            work, spread, sums, products[q], nodes[q], weights[q], n, binary, LOGIT_ROWS
                        )
                        score += by_x
                        curvature += bend
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
    counter, codes, bounds, item, three, n_middle, positions, variances, slopes, cutpoints, covariances, nodes,
    weights, binary, step, rows, values, g_positions, columns, h_positions, h_columns,
):  # fmt: skip  # noqa: ARG001 (the kernels share one signature)
    """Do units of work while there are any, as `sweep_logit` does for the logistic link."""
    work = np.zeros((kernels_probit.N_BUFFERS, BLOCK))
    spread, sums = np.zeros((N_SPREAD, BLOCK)), np.zeros((N_SUMS, BLOCK))
    slope, first, second = np.zeros((1, BLOCK)), np.zeros(BLOCK), np.zeros(BLOCK)
    products = np.ones((len(nodes), BLOCK))
    while True:
        unit = take_next(counter)
        if unit >= values.shape[0]:
            break
        block, j0, j1, t, segment, row_0, row_1 = begin_unit(
            unit, bounds, rows, codes, values, columns, h_columns
        )
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
                    put_spread(spread, n)
                    for q in range(len(nodes)):
                        put_node(
                            work, spread, nodes[q], 1.0, n, kernels_probit.FACTOR, kernels_probit.ADDEND
                        )
                        if binary:
                            kernels_probit.binary_row(
                                votes, work, first, n, False, 1.0, 0.0, 0.5, INV_SQRT_2PI
                            )
                        else:
                            kernels_probit.ordered_row(
                                votes, work, first, second, n, 1.0, 0.0, 0.5, INV_SQRT_2PI
                            )
                        by_x, bend = add_node(
                            work, spread, sums, products[q], nodes[q], weights[q], n, binary,
                            PROBIT_ROWS,
                        )  # fmt: skip
                        score += by_x
                        curvature += bend
                g_positions[block, i, 0] = score
                h_positions[block, i, 0, 0] = curvature
            # The factors of the normal link are those of P itself.
            put_sums(
                values, unit, columns, h_columns, segment, j0, n, sums, products, -weights,
                kernels_probit.FOLD, 1.0,
            )  # fmt: skip


@inlined
def add_cross(work, spread, out, node, weight, j0, n, binary):
    """Add the mixed second derivatives of one member at a node."""
    for j in range(n):
        met = spread[X, j] + node * spread[X_SLOPE, j]
        b = spread[SLOPE, j] + node * spread[B_SLOPE, j]
        rest = -spread[X_SLOPE, j] * spread[B_SLOPE, j]
        bend = work[BEND_1, j] if binary else work[BEND_1, j] + work[BEND_2, j]
        out[j0 + j, 0, 0] += weight * (bend * (b * met + rest) - work[SCORE, j])
        out[j0 + j, 0, 1] -= weight * work[BEND_1, j] * b
        out[j0 + j, 0, 2] -= 0.0 if binary else weight * work[BEND_2, j] * b


def cross_logit(
    codes, period, item, three, positions, variances, slopes, cutpoints, covariances, nodes, weights, binary,
    out,
):  # fmt: skip
    """Put down averaged mixed second derivatives between positions and items, vote by vote, logistic link.

    `out` has the shape (n_members, n_columns, 1, 3), as in `kernels_logit.cross`.
    """
    work, spread = np.zeros((kernels_logit.N_BUFFERS, BLOCK)), np.zeros((N_SPREAD, BLOCK))
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
            put_spread(spread, n)
            for q in range(len(nodes)):
                put_node(work, spread, nodes[q], LOG2_E, n, kernels_logit.FACTOR, kernels_logit.ADDEND)
                if binary:
                    kernels_logit.binary_row(votes, work, first, n, 1.0, 0.0)
                else:
                    kernels_logit.ordered_row(votes, work, first, second, n, False, 1.0, 0.0)
                add_cross(work, spread, out[i], nodes[q], weights[q], j0, n, binary)


def cross_probit(
    codes, period, item, three, positions, variances, slopes, cutpoints, covariances, nodes, weights, binary,
    out,
):  # fmt: skip
    """Put down averaged mixed second derivatives as `cross_logit` does, for the normal link."""
    work, spread = np.zeros((kernels_probit.N_BUFFERS, BLOCK)), np.zeros((N_SPREAD, BLOCK))
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
            put_spread(spread, n)
            for q in range(len(nodes)):
                put_node(work, spread, nodes[q], 1.0, n, kernels_probit.FACTOR, kernels_probit.ADDEND)
                if binary:
                    kernels_probit.binary_row(votes, work, first, n, False, 1.0, 0.0, 0.5, INV_SQRT_2PI)
                else:
                    kernels_probit.ordered_row(votes, work, first, second, n, 1.0, 0.0, 0.5, INV_SQRT_2PI)
                add_cross(work, spread, out[i], nodes[q], weights[q], j0, n, binary)
