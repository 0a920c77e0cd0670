"""Compiled pass over many sets of votes, in each of which all votes of a member share its member effect.

    P(votes of member i) = sum_g w_g prod_v P(y_iv | x_iv . beta_j(v) + sigma z_g),

with z_g an equally spaced grid. For one member at one z_g, a vote enters the log-likelihood through
t_1 = k1 - eta - sigma z and t_2 = k2 - eta - sigma z. Each t that a vote needs is called a *row*: a vote at
an end of the scale has one row, and a vote in the middle has two. The derivative of t is 1 by its cutpoint,
-x by beta and -z by sigma. The first derivatives of a member's log-likelihood are the means of its rows over
z, given its votes. By Louis (1982), minus the second derivatives are the mean information of the rows minus
their covariance.

A row is an array over the grid, so that the loops become SIMD. For the logistic link, exp(eta + sigma z) is
exp(eta) times an array that all votes of a set share. If a factor could overflow, because sigma is large, the
exponential of the sum is computed instead.
"""
# mypy: allow-untyped-defs, allow-untyped-calls

import math

import numpy as np
from numba import types

from voteshift.likelihood.compiling import inlined

__all__ = ["signature", "sweep"]

SQRT_HALF, INV_SQRT_2PI = 0.7071067811865476, 0.3989422804014327
LEAST = 1e-290  # a probability below it is taken for it: nothing divides by zero, and nothing is lost
FARTHEST = 300.0  # log-odds
STEEPEST = 300.0  # largest sigma z at which exp(sigma z) is a factor


@inlined
def bounded(v, steep):
    """Keep a finite number within reach of exp; infinities stay, and all numbers if the sum is bounded."""
    if math.isinf(v) or steep:
        return v
    return min(max(v, -FARTHEST), FARTHEST)


@inlined
def put_odds(odds, v, sd, z, growth, n, steep):
    """Write exp(v + sd z) for every z; growth is exp(sd z)."""
    if steep:
        for g in range(n):
            odds[g] = math.exp(min(max(v + sd * z[g], -FARTHEST), FARTHEST))
    else:
        first = math.exp(v)
        for g in range(n):
            odds[g] = first * growth[g]


@inlined
def tail(v):
    """Return P(e > v) of the normal."""
    return 0.5 * math.erfc(v * SQRT_HALF)


@inlined
def density(v):
    """Return the normal density; 0 at the infinities."""
    return INV_SQRT_2PI * math.exp(-0.5 * min(v * v, 1400.0)) if not math.isinf(v) else 0.0


def sweep(
    codes, date, item, positions, slopes, cuts, three, sd, persistence, points, reach, probit, begin, end,
    value, gradient, information, complete,
):  # fmt: skip
    """Add up value, gradient, information and that of votes with known member effects, of sets begin to end.

    Parameters are those of every item (slopes, cutpoints), then sigma.
    """
    n_members, _, n_versions = codes.shape
    n_dims = positions.shape[2]
    width = n_dims + 2
    most = 0
    for r in range(begin, end):
        most = max(most, points[r])
    z = np.empty(most)
    weight = np.empty(most)
    growth = np.empty(most)
    decay = np.empty(most)
    mass = np.empty(most)
    odds = np.empty(most)
    more = np.empty(most)
    chance = np.empty(most)
    row = np.empty((2 * n_versions, most))
    bend = np.empty((2 * n_versions, most))  # information of a row with itself
    across = np.empty((2 * n_versions, most))  # and with the other row of its vote, the one before it
    lean = np.empty(most)
    coefficient = np.empty((2 * n_versions, n_dims + 1))
    place = np.empty((2 * n_versions, n_dims + 1), np.int64)
    paired = np.empty(2 * n_versions, np.bool_)
    doubt = np.empty((2 * n_versions, most))  # odds that a vote repeats, against a vote from the model
    repeats = np.empty(2 * n_versions, np.bool_)
    mean = np.empty(2 * n_versions)
    for r in range(begin, end):
        n = points[r]
        spacing = 2.0 * reach / (n - 1)
        total = 0.0
        steep = abs(sd[r]) * reach > STEEPEST
        for g in range(n):
            z[g] = -reach + spacing * g
            weight[g] = math.exp(-0.5 * z[g] * z[g])
            total += weight[g]
            growth[g] = 1.0 if steep else math.exp(sd[r] * z[g])
            decay[g] = 1.0 / growth[g]
        for g in range(n):
            weight[g] /= total
        last = slopes.shape[1] * width
        for i in range(n_members):
            rows, previous = 0, -1
            for g in range(n):
                mass[g] = weight[g]
            for v in range(n_versions):
                code = codes[i, r, v]
                if code < 0:
                    continue
                j = item[v]
                eta = 0.0
                for d in range(n_dims):
                    eta += positions[date[v], i, d] * slopes[r, j, d]
                low, high = cuts[r, j, 0], cuts[r, j, 1]
                for a in range(2 if code == 1 else 1):
                    for d in range(n_dims):
                        coefficient[rows + a, d] = -positions[date[v], i, d]
                        place[rows + a, d] = j * width + d
                    coefficient[rows + a, n_dims] = 1.0
                    upper = 1 if three[r, j] and (code == 2 or a == 1) else 0
                    place[rows + a, n_dims] = j * width + n_dims + upper
                    paired[rows + a] = a == 1
                if probit:
                    for g in range(n):
                        at_low, at_high = low - eta - sd[r] * z[g], high - eta - sd[r] * z[g]
                        if code == 0:
                            p = max(tail(-at_low), LEAST)
                            slope = density(at_low) / p
                            row[rows, g], bend[rows, g] = slope, slope * (slope + at_low)
                        elif code == 2:
                            p = max(tail(at_high), LEAST)
                            slope = -density(at_high) / p
                            row[rows, g], bend[rows, g] = slope, slope * (slope + at_high)
                        else:
                            if at_low > 0.0:
                                p = max(tail(at_low) - tail(at_high), LEAST)
                            else:
                                p = max(tail(-at_high) - tail(-at_low), LEAST)
                            slope, other = -density(at_low) / p, density(at_high) / p
                            row[rows, g], row[rows + 1, g] = slope, other
                            bend[rows, g] = slope * (slope + at_low) if slope != 0.0 else 0.0
                            bend[rows + 1, g] = other * (other + at_high) if other != 0.0 else 0.0
                            across[rows + 1, g] = slope * other
                        chance[g] = p
                elif code == 0:
                    put_odds(odds, bounded(eta - low, steep), sd[r], z, growth, n, steep)
                    for g in range(n):
                        below = 1.0 / (1.0 + odds[g])
                        above = odds[g] * below
                        chance[g] = below
                        row[rows, g], bend[rows, g] = above, above * below
                elif code == 2:
                    put_odds(odds, bounded(eta - high, steep), sd[r], z, growth, n, steep)
                    for g in range(n):
                        below = 1.0 / (1.0 + odds[g])
                        above = odds[g] * below
                        chance[g] = above
                        row[rows, g], bend[rows, g] = -below, above * below
                else:
                    put_odds(odds, bounded(eta - high, steep), sd[r], z, growth, n, steep)
                    put_odds(more, -bounded(eta - low, steep), -sd[r], z, decay, n, steep)
                    thin = math.exp(low - high) / -math.expm1(low - high)
                    inside = -math.expm1(low - high)
                    for g in range(n):
                        below = 1.0 / (1.0 + odds[g])
                        above = odds[g] * below
                        over = 1.0 / (1.0 + more[g])  # P(beyond the first cutpoint)
                        under = more[g] * over
                        chance[g] = below * over * inside
                        row[rows, g], row[rows + 1, g] = -under - thin, above + thin
                        bend[rows, g] = under * over + thin * (1.0 + thin)
                        bend[rows + 1, g] = above * below + thin * (1.0 + thin)
                        across[rows + 1, g] = -thin * (1.0 + thin)
                first_row = rows
                rows += 2 if code == 1 else 1
                mixed = persistence[r] > 0.0 and code == previous
                for a in range(first_row, rows):
                    repeats[a] = mixed
                if mixed:
                    for g in range(n):
                        drawn = (1.0 - persistence[r]) * chance[g]
                        chance[g] = persistence[r] + drawn
                        drawn = max(drawn / chance[g], LEAST)
                        for a in range(first_row, rows):
                            row[a, g] *= drawn
                            bend[a, g] *= drawn
                            doubt[a, g] = (1.0 - drawn) / drawn
                        if code == 1:
                            across[first_row + 1, g] *= drawn
                elif persistence[r] > 0.0 and previous >= 0:
                    for g in range(n):
                        chance[g] *= 1.0 - persistence[r]
                previous = code
                for g in range(n):
                    mass[g] *= chance[g]
            if rows == 0:
                continue
            total = 0.0
            for g in range(n):
                total += mass[g]
            value[r] += math.log(total) if total > 0.0 else -np.inf
            if not total > 0.0:
                continue
            for g in range(n):
                mass[g] /= total
            for g in range(n):
                lean[g] = 0.0
            for a in range(rows):
                for g in range(n):
                    lean[g] -= row[a, g] * z[g]
            by_lean, square = 0.0, 0.0
            for g in range(n):
                by_lean += mass[g] * lean[g]
                square += mass[g] * lean[g] * lean[g]
            gradient[r, last] += by_lean
            information[r, last, last] += by_lean * by_lean - square
            for a in range(rows):
                # The row by itself, and with the member effect.
                one, both, kept, along, curved = 0.0, 0.0, 0.0, 0.0, 0.0
                for g in range(n):
                    here, curve = mass[g] * row[a, g], mass[g] * bend[a, g]
                    one += here
                    both += here * lean[g]
                    kept += curve
                    along += curve * z[g]
                    curved += curve * z[g] * z[g]
                beside, aslant, twice = 0.0, 0.0, 0.0
                if paired[a]:
                    for g in range(n):
                        curve = mass[g] * across[a, g]
                        beside += curve
                        aslant += curve * z[g]
                        twice += curve * z[g] * z[g]
                    for p in range(n_dims + 1):
                        spot = place[a - 1, p]
                        complete[r, spot, last] -= aslant * coefficient[a - 1, p]
                        complete[r, last, spot] -= aslant * coefficient[a - 1, p]
                mean[a] = one
                if repeats[a]:
                    # A repeated vote holds no information on the model; which votes repeat is not known.
                    for b in range(a - 1 if paired[a] else a, a + 1):
                        lost, bent, turned = 0.0, 0.0, 0.0
                        for g in range(n):
                            lost_here = mass[g] * doubt[a, g] * row[a, g] * row[b, g]
                            lost += lost_here
                            bent += lost_here * z[g]
                            turned += lost_here * z[g] * z[g]
                        information[r, last, last] -= turned if b == a else 2.0 * turned
                        for p in range(n_dims + 1):
                            spot, other = place[a, p], place[b, p]
                            information[r, spot, last] += bent * coefficient[a, p]
                            information[r, last, spot] += bent * coefficient[a, p]
                            if b < a:
                                information[r, other, last] += bent * coefficient[b, p]
                                information[r, last, other] += bent * coefficient[b, p]
                            for q in range(n_dims + 1):
                                size = coefficient[a, p] * coefficient[b, q]
                                information[r, place[a, p], place[b, q]] -= lost * size
                                if b < a:
                                    information[r, place[b, q], place[a, p]] -= lost * size
                complete[r, last, last] += curved + 2.0 * twice
                for p in range(n_dims + 1):
                    spot, size = place[a, p], coefficient[a, p]
                    gradient[r, spot] += size * one
                    complete[r, spot, last] -= (along + aslant) * size
                    complete[r, last, spot] -= (along + aslant) * size
                    information[r, spot, last] += (one * by_lean - both) * size
                    information[r, last, spot] += (one * by_lean - both) * size
                # With itself and the rows before it.
                for b in range(a + 1):
                    shared = 0.0
                    for g in range(n):
                        shared += mass[g] * row[a, g] * row[b, g]
                    lost = one * mean[b] - shared
                    gone = kept if b == a else (beside if paired[a] and b == a - 1 else 0.0)
                    for p in range(n_dims + 1):
                        for q in range(n_dims + 1):
                            size = coefficient[a, p] * coefficient[b, q]
                            to, of = place[a, p], place[b, q]
                            complete[r, to, of] += gone * size
                            information[r, to, of] += lost * size
                            if b < a:
                                complete[r, of, to] += gone * size
                                information[r, of, to] += lost * size
        for p in range(last + 1):
            for q in range(last + 1):
                information[r, p, q] += complete[r, p, q]


def signature():
    """Return the Numba signature of `sweep`."""

    def fixed(element, n_dims):
        return types.Array(element, n_dims, "C", readonly=True)

    double, count, flag = types.float64, types.int64, types.boolean
    return types.void(
        fixed(types.int8, 3), fixed(count, 1), fixed(count, 1), fixed(double, 3), fixed(double, 3),
        fixed(double, 3), fixed(flag, 2), fixed(double, 1), fixed(double, 1), fixed(count, 1), double, flag,
        count, count,
        double[::1], double[:, ::1], double[:, :, ::1], double[:, :, ::1],
    )  # fmt: skip
