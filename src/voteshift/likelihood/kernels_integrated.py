"""Compiled curvature of the votes of one period by its positions, with the items integrated out.

The likelihood of the votes on item j, as a function of the positions x, is the integral over its
discriminations b (one for each dimension), midpoint m and log gap g,

    l_j(x) = log of the integral of p(b) p(m) p(g) prod_i P(y_ij | x_i b, m, g).

It is computed at nodes of a Gauss-Hermite rule around a normal approximation of the item. With s_i and h_i
the score of member i by its linear predictor x_i b and minus its derivative, both at fixed parameters of the
item (Louis 1982),

    -d2 l_j / dx_i dx_k = [i = k] E(h_i b b') - Cov(s_i b, s_k b),

with means and covariances over the nodes, weighted by the votes.
"""
# mypy: allow-untyped-defs, allow-untyped-calls

import math

import numpy as np
from numba import types

from voteshift.likelihood.blocks import fixed
from voteshift.likelihood.compiling import inlined
from voteshift.likelihood.kernels_member_effects import logistic_terms, normal_terms
from voteshift.likelihood.tails import INV_SQRT_2PI

__all__ = ["add_information", "signature"]

NARROW = 1e-4  # width of a category that a density at its middle replaces


@inlined
def logistic_bend(u, low, high):
    """Return minus the second derivative of log P(low - u < e < high - u) by u."""
    bend = 0.0
    if not math.isinf(high):
        fall = math.exp(-abs(u - high))
        bend += fall / ((1.0 + fall) * (1.0 + fall))
    if not math.isinf(low):
        fall = math.exp(-abs(low - u))
        bend += fall / ((1.0 + fall) * (1.0 + fall))
    return bend


@inlined
def normal_bend(u, low, high, value, slope):
    """Return the same for normal noise, given log P and its derivative."""
    a, b = low - u, high - u
    bend = slope * slope
    if not math.isinf(b):
        bend += b * INV_SQRT_2PI * math.exp(-0.5 * b * b - value)
    if not math.isinf(a):
        bend -= a * INV_SQRT_2PI * math.exp(-0.5 * a * a - value)
    return bend


@inlined
def terms(u, low, high, probit):
    """Return log P of a vote up to a constant of its category, and its derivatives by u."""
    if not probit:
        value, slope = logistic_terms(u, low, high)
        return value, slope, logistic_bend(u, low, high)
    if high - low < NARROW:
        middle = 0.5 * (low + high) - u
        return math.log((high - low) * INV_SQRT_2PI) - 0.5 * middle * middle, middle, 1.0
    value, slope = normal_terms(u, low, high)
    return value, slope, normal_bend(u, low, high, value, slope)


@inlined
def width_value(gap, probit):
    """Return the log of the constant of a middle category for logistic noise."""
    return 0.0 if probit else math.log(-math.expm1(-gap))


def add_information(
    votes, starts, positions, items, roots, means, three, precision, nodes, addends, probit, scores, bends,
    out,
):  # fmt: skip
    """Add the curvature of all items of a period to the lower triangle of `out`.

    The rows and columns of `out` are the members, and for each member the dimensions.

    Parameters
    ----------
    votes : int8, (n_members, n_columns)
        Categories of the votes, negative for no vote; roll calls of an item are next to each other.
    starts : int64, (n_items + 1,)
        First roll call of each item.
    positions : float64, (n_members, n_dims)
    items : float64, (n_items, n_dims + 2)
        Centre of the nodes: discriminations, midpoint and log gap.
    roots : float64, (n_items, n_dims + 2, n_dims + 2)
        Lower triangular R; R' R is the covariance of the nodes.
    means : float64, (n_items, n_dims + 2)
        Means of the priors of the parameters.
    three : bool, (n_items,)
        True for items with three categories.
    precision : float64, (n_dims + 2, n_dims + 2)
        Precision matrix of the priors; the log gap is independent of the other parameters.
    nodes, addends : float64, (n_nodes, n_dims + 2) and (n_nodes,)
        Standard nodes, the layers of equal last coordinate after one another and the layer of 0 first; an
        item with two categories uses this layer alone. Log weights over the normal density.
    probit : bool
        True for normal noise.
    scores : float64, (n_nodes, n_members * n_dims)
    bends : float64, (n_nodes, n_members)
        Buffers.
    """
    n_nodes, n_dims = len(nodes), positions.shape[1]
    gap, middle = n_dims + 1, n_dims
    n_flat = 0
    while n_flat < n_nodes and nodes[n_flat, gap] == 0.0:
        n_flat += 1
    weights, mean_scores = np.empty(n_nodes), np.empty(len(votes) * n_dims)
    slopes, off = np.empty((n_nodes, n_dims)), np.empty(n_dims + 2)
    who, rows = np.empty(len(votes), np.int64), np.empty(len(votes) * n_dims, np.int64)
    for j in range(len(items)):
        voters = 0
        for i in range(len(votes)):
            for c in range(starts[j], starts[j + 1]):
                if votes[i, c] >= 0:
                    who[voters] = i
                    voters += 1
                    break
        used = n_nodes if three[j] else n_flat
        top = -np.inf
        for q in range(used):
            log_weight = addends[q]
            moved = np.empty(n_dims + 2)
            for p in range(n_dims + 2):
                step = 0.0
                for r in range(p, n_dims + 2):
                    step += nodes[q, r] * roots[j, r, p]
                moved[p] = items[j, p] + step
                off[p] = moved[p] - means[j, p] if p <= middle or three[j] else 0.0
                for r in range(p):
                    log_weight -= precision[p, r] * off[p] * off[r]
                log_weight -= 0.5 * precision[p, p] * off[p] * off[p]
            slopes[q] = moved[:n_dims]
            half = 0.5 * math.exp(min(moved[gap], 100.0)) if three[j] else 0.0
            first, second = moved[middle] - half, moved[middle] + half
            constant = width_value(second - first, probit) if three[j] else 0.0
            for v in range(voters):
                i, score, bend, eta = who[v], 0.0, 0.0, 0.0
                for d in range(n_dims):
                    eta += positions[i, d] * moved[d]
                for c in range(starts[j], starts[j + 1]):
                    code = votes[i, c]
                    if code < 0:
                        continue
                    low = -np.inf if code == 0 else first if code == 1 else second
                    high = np.inf if code == (2 if three[j] else 1) else first if code == 0 else second
                    value, slope, curve = terms(eta, low, high, probit)
                    log_weight += value + (constant if three[j] and code == 1 else 0.0)
                    score += slope
                    bend += curve
                bends[q, v] = bend
                for d in range(n_dims):
                    scores[q, v * n_dims + d] = moved[d] * score
            weights[q] = log_weight
            top = max(top, log_weight)
        total = 0.0
        for q in range(used):
            weights[q] = math.exp(weights[q] - top)
            total += weights[q]
        size = voters * n_dims
        mean_scores[:size] = 0.0
        for q in range(used):
            weights[q] /= total
            for v in range(size):
                mean_scores[v] += weights[q] * scores[q, v]
        for v in range(voters):
            for d in range(n_dims):
                rows[v * n_dims + d] = who[v] * n_dims + d
        for q in range(used):
            for v in range(size):
                scores[q, v] -= mean_scores[v]
            for v in range(voters):
                bend = weights[q] * bends[q, v]
                for d in range(n_dims):
                    for e in range(d + 1):
                        out[rows[v * n_dims + d], rows[v * n_dims + e]] += bend * slopes[q, d] * slopes[q, e]
            for v in range(size):
                scaled = weights[q] * scores[q, v]
                for w in range(v + 1):
                    out[rows[v], rows[w]] -= scaled * scores[q, w]


def signature():
    """Return the Numba signature of `add_information`."""
    double = types.float64
    return types.void(
        fixed(types.int8, 2), fixed(types.int64, 1), fixed(double, 2), fixed(double, 2), fixed(double, 3),
        fixed(double, 2), fixed(types.boolean, 1), fixed(double, 2), fixed(double, 2), fixed(double, 1),
        types.boolean, double[:, ::1], double[:, ::1], double[:, ::1],
    )  # fmt: skip
