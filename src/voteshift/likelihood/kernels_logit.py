"""Compiled passes over the votes for the logistic link, in any number of dimensions.

With s the logistic function, a vote on an item with cutpoints k1 < k2 has, as a function of eta = x . beta,

    P(0) = s(k1 - eta),    P(1) = s(eta - k1) s(k2 - eta) (1 - exp(k1 - k2)),    P(2) = s(eta - k2),

so every vote is at most two signed logistic terms, log s(-sign (eta - cut)), and a constant of its item.
No precision is lost when the middle category is narrow. Signs by category:

    category     no vote   0    1    2
    on cut 1        0     +1   -1    0
    on cut 2        0      0   +1   -1

An item with two categories uses the first row only: its second cutpoint is `FAR`, where the term is 0 to the
last bit. Parameters are in units of ln 2, so that exponentials become powers of 2.

The loops are written for SIMD. The code for a vote has no branch and no libm call, and powers of 2 come from
a polynomial. One log is computed for all votes of a few columns, from the product of their 1 + exp(-|z|).
Sums are in the kernel's arithmetic over at most `CHUNK` rows, and then in float64. The sum 1 + t loses
precision for votes that are almost certain: if the log-likelihood per vote is within 1e-6 of 0, its error can
exceed 1e-10, and the caller must compute it differently.

A unit of work is a block of columns of one period and a segment of the rows. Threads take units from a common
counter. Each unit stores its sums separately, so the result does not depend on which thread computed it.
"""
# mypy: allow-untyped-defs, allow-untyped-calls

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
from voteshift.likelihood.powers import LN_2, LOG2_E, power_of_two

__all__ = ["cross", "sweep", "tail_odds"]

FOLD = 8
"""Columns that share one log: 2**(2 * CHUNK * FOLD) is below the largest float64."""


@inlined
def tail_odds(sign, eta, cut):
    """Return z = sign (eta - cut) and t = 2**-|z| of the term log s(-z ln 2); t is 0 where the sign is 0.

    Minus the term is log(1 + t) + max(z, 0) ln 2; its derivative by z ln 2 is -1 / (1 + t) if z > 0, else
    -t / (1 + t).
    """
    z = sign * (eta - cut)
    return z, power_of_two(-abs(z)) * abs(sign)


@inlined
def logistic_term(sign, eta, cut, one, zero):
    """Return factor, addend, derivative by cut and curvature of log s(sign (cut - eta) ln 2) for one vote.

    Minus that log is ``log(factor) + addend ln 2``, derivatives are by what they are of times ln 2. All is
    neutral (1, 0, 0, 0) where the sign is 0.
    """
    z, t = tail_odds(sign, eta, cut)
    factor = one + t
    inverse = one / factor
    derivative = sign * inverse * (one if z > zero else t)
    return factor, max(z, zero), derivative, t * inverse * inverse


# Rows of the buffer of a block, behind those that `blocks` names: what is known of the middle category ...
BETWEEN = 5
# ... and what is summed over the rows of a chunk.
FACTOR, ADDEND, CUT_1, CUT_2 = 6, 7, 8, 9
N_BUFFERS = 10


@inlined
def binary_row(votes, work, cut, n, one, zero):
    """Votes of one member on `n` items with two categories: from ETA to SCORE and BEND_1, and the sums."""
    for j in range(n):
        sign = binary_sign(votes[j], one, zero)
        factor, addend, by_cut, bend = logistic_term(sign, work[ETA, j], cut[j], one, zero)
        work[FACTOR, j] *= factor
        work[ADDEND, j] += addend
        work[CUT_1, j] += by_cut
        work[SCORE, j] = -by_cut
        work[BEND_1, j] = bend


@inlined
def ordered_row(votes, work, first, second, n, expected, one, zero):
    """Votes of one member on `n` items with up to three categories.

    BEND_1 and BEND_2 are the curvatures by the cutpoints but for the constant of the item, which
    multiplies BETWEEN: the probability of the middle category over 1 - exp(k1 - k2) where the expectation
    is asked for (its votes are otherwise counted once for all).
    """
    for j in range(n):
        vote, eta = votes[j], work[ETA, j]
        sign_1, sign_2 = first_sign(vote, one, zero), second_sign(vote, one, zero)
        factor_1, addend_1, by_first, bend_1 = logistic_term(sign_1, eta, first[j], one, zero)
        factor_2, addend_2, by_second, bend_2 = logistic_term(sign_2, eta, second[j], one, zero)
        work[FACTOR, j] *= factor_1 * factor_2
        work[ADDEND, j] += addend_1 + addend_2
        work[CUT_1, j] += by_first
        work[CUT_2, j] += by_second
        work[SCORE, j] = -(by_first + by_second)
        work[BEND_1, j] = bend_1
        work[BEND_2, j] = bend_2
    if expected:
        for j in range(n):
            live = zero if votes[j] < 0 else one
            eta = work[ETA, j]
            _, _, above_first, spread_1 = logistic_term(one, eta, first[j], one, zero)
            _, _, _, spread_2 = logistic_term(one, eta, second[j], one, zero)
            _, _, below_second, _ = logistic_term(-one, eta, second[j], one, zero)
            work[BEND_1, j] = live * spread_1 * -below_second
            work[BEND_2, j] = live * spread_2 * above_first
            work[BETWEEN, j] = live * above_first * -below_second


def sweep(
    counter, codes, bounds, item, three, n_middle, positions, slopes, cutpoints, binary, expected, step, rows,
    values, g_positions, columns, h_positions, h_columns,
):  # fmt: skip
    """Compute value, gradient and requested information, until no unit of work is left.

    Parameters
    ----------
    counter : int64, (2,)
        The next unit, common to all threads. The second element is set if a kernel cannot do the work.
    codes : int8, (n_rows, n_columns)
        Votes.
    bounds : int64, (n_blocks, 4)
        First column, end, index of the positions and number of rows of each block of columns, at most
        `BLOCK` of them.
    item, three, n_middle : int32, bool, float64, (n_columns,)
        Item of each column, True if it has three categories, and its votes in the middle category.
    positions : real, (n_periods or n_blocks, n_rows, D)
        Positions; the type of their elements is the arithmetic of the pass.
    slopes, cutpoints : float64, (n_items, D) and (n_items, 2)
        Discriminations and cutpoints.
    binary, expected : bool
        True if no item has three categories; True for the expected information.
    step, rows : int64
        Rows of a chunk, at most `CHUNK`, and rows of a segment, a multiple of the rows of a chunk.
    values : float64, (n_units,)
        Log-likelihood; unit u is block ``u // n_segments``, segment ``u % n_segments``.
    g_positions : float64, (n_blocks, n_members, D)
        Gradient by positions.
    columns : float64, (n_segments, D + 2, n_columns)
        Gradient by discriminations and cutpoints of each column.
    h_positions : float64, (n_blocks, n_members, D, D), or None
        Information of the positions.
    h_columns : float64, (n_segments, D * D + 2 * D + 3, n_columns), or None
        Sums by column: information of the discriminations, mixed with the first and with the second
        cutpoint, of either cutpoint, and of one with the other.

    The last five arrays are overwritten.
    """
    n_dims = slopes.shape[1]
    one, zero = positions.dtype.type(1.0), positions.dtype.type(0.0)
    work = np.zeros((N_BUFFERS, BLOCK), positions.dtype)
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
        load_items(item, three, slopes, cutpoints, j0, n, slope, first, second, LOG2_E)
        for i0 in range(row_0, row_1, step):
            i1 = min(i0 + step, row_1)
            work[FACTOR, :n] = one
            work[ADDEND:, :n] = zero
            by_slope[:, :n] = zero
            if h_columns is not None:
                sums[:, :n] = zero
            for i in range(i0, i1):
                x = positions[t, i]
                put_eta(work, x, slope, n, zero)
                if binary:
                    binary_row(codes[i, j0:j1], work, first, n, one, zero)
                else:
                    ordered_row(codes[i, j0:j1], work, first, second, n, expected, one, zero)
                add_gradient(work, by_slope, x, slope, g_positions[block, i], n, LN_2, zero)
                if h_columns is not None:
                    add_information(
                        work, sums, x, slope, h_positions[block, i], n, binary, BEND_1, BEND_2, BETWEEN, LN_2,
                        zero,
                    )  # fmt: skip
            value = -log_of_products(work[FACTOR], n, FOLD)
            for j in range(n):
                value -= work[ADDEND, j] * LN_2
            values[unit] += value
            add_columns(columns[segment], j0, n, by_slope)
            add_columns(columns[segment, n_dims:], j0, n, work[CUT_1:])
            if h_columns is not None:
                add_columns(h_columns[segment], j0, n, sums)
        for j in range(j0, j1):
            if three[j]:
                # Of the votes in the middle category: log(1 - exp(k1 - k2)), once for all rows.
                gap = cutpoints[item[j], 1] - cutpoints[item[j], 0]
                width = -np.expm1(-gap)
                thin = np.exp(-gap) / width
                count = n_middle[j] if segment == 0 else 0.0
                values[unit] += count * np.log(width)
                columns[segment, n_dims, j] -= count * thin
                columns[segment, n_dims + 1, j] += count * thin
                if h_columns is not None:
                    bend = h_columns[segment, -1, j] * thin if expected else count * thin * (1.0 + thin)
                    h_columns[segment, -3, j] += bend
                    h_columns[segment, -2, j] += bend
                    h_columns[segment, -1, j] = -bend


def cross(codes, period, item, three, positions, slopes, cutpoints, binary, expected, out):
    """Write minus the mixed second derivatives between positions and items, vote by vote.

    Parameters
    ----------
    codes : int8, (n_members, n_columns)
        Votes.
    period, item, three : int32, int32, bool, (n_columns,)
        Period and item of each column, and True if the item has three categories.
    positions, slopes, cutpoints, binary, expected
        As in `sweep`, in float64.
    out : float64, (n_members, n_columns, D, D + 2)
        By the dimensions of the position, and by discriminations and cutpoints; overwritten.
    """
    n_dims = slopes.shape[1]
    one, zero = 1.0, 0.0
    work = np.zeros((N_BUFFERS, BLOCK))
    slope, met = np.zeros((n_dims, BLOCK)), np.zeros((n_dims, BLOCK))
    first, second = np.zeros(BLOCK), np.zeros(BLOCK)
    for j0 in range(0, codes.shape[1], BLOCK):
        j1 = min(j0 + BLOCK, codes.shape[1])
        n = j1 - j0
        load_items(item, three, slopes, cutpoints, j0, n, slope, first, second, LOG2_E)
        for i in range(codes.shape[0]):
            meet(work, met, slope, positions, period, i, j0, n, zero)
            if binary:
                binary_row(codes[i, j0:j1], work, first, n, one, zero)
            else:
                ordered_row(codes[i, j0:j1], work, first, second, n, expected, one, zero)
            put_cross(work, met, slope, out[i], j0, n, binary, expected, LN_2, zero)
