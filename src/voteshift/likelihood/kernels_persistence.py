"""Compiled draws of member effects under state dependence, by inversion on an even grid."""
# mypy: allow-untyped-defs, allow-untyped-calls

import math

import numpy as np
from numba import types

from voteshift.likelihood.compiling import inlined
from voteshift.likelihood.kernels_testlet import STEEPEST, bounded, put_odds, tail

__all__ = ["draw", "signature"]

LEAST_POINTS = 61
INV_SQRT_2PI = 0.3989422804014327


@inlined
def put_probabilities(p, code, low, high, sd, z, growth, decay, odds, more, n, steep, probit):
    """Write the probability of a vote at every z; low and high are the cutpoints minus eta."""
    if probit:
        for g in range(n):
            at_low, at_high = low - sd * z[g], high - sd * z[g]
            if code == 0:
                p[g] = tail(-at_low)
            elif code == 2:
                p[g] = tail(at_high)
            elif at_low > 0.0:
                p[g] = tail(at_low) - tail(at_high)
            else:
                p[g] = tail(-at_high) - tail(-at_low)
    elif code == 0:
        put_odds(odds, bounded(-low, steep), sd, z, growth, n, steep)
        for g in range(n):
            p[g] = 1.0 / (1.0 + odds[g])
    elif code == 2:
        put_odds(odds, -bounded(-high, steep), -sd, z, decay, n, steep)
        for g in range(n):
            p[g] = 1.0 / (1.0 + odds[g])
    else:
        put_odds(odds, bounded(-high, steep), sd, z, growth, n, steep)
        put_odds(more, -bounded(-low, steep), -sd, z, decay, n, steep)
        inside = -math.expm1(low - high)
        for g in range(n):
            p[g] = inside / ((1.0 + odds[g]) * (1.0 + more[g]))


@inlined
def put_grid(z, weight, growth, decay, sd, reach, n):
    """Write the grid of z, its weights, and exp(sd z) and its inverse; return whether these overflow."""
    steep = sd * reach > STEEPEST
    spacing = 2.0 * reach / (n - 1)
    for g in range(n):
        z[g] = -reach + spacing * g
        weight[g] = spacing * INV_SQRT_2PI * math.exp(-0.5 * z[g] * z[g])
        growth[g] = 1.0 if steep else math.exp(sd * z[g])
        decay[g] = 1.0 / growth[g]
    return steep


def draw(
    codes, repeats, date, positions, slopes, cuts, sd, persistence, uniform, density, reach, probit, begin,
    end, drawn,
):  # fmt: skip
    """Draw z of every member that cast a vote, for draws begin to end."""
    n_members, n_versions = codes.shape
    n_dims = positions.shape[3]
    largest = 0.0
    for r in range(begin, end):
        largest = max(largest, sd[r])
    most = 2 * math.ceil(0.5 * density * largest) + LEAST_POINTS
    z, weight, growth, decay = np.empty(most), np.empty(most), np.empty(most), np.empty(most)
    mass, p, odds, more = np.empty(most), np.empty(most), np.empty(most), np.empty(most)
    for r in range(begin, end):
        n = 2 * math.ceil(0.5 * density * sd[r]) + LEAST_POINTS
        steep = put_grid(z, weight, growth, decay, sd[r], reach, n)
        spacing = 2.0 * reach / (n - 1)
        for i in range(n_members):
            voted = False
            for g in range(n):
                mass[g] = weight[g]
            for v in range(n_versions):
                code = codes[i, v]
                if code < 0:
                    continue
                voted = True
                eta = 0.0
                for a in range(n_dims):
                    eta += positions[r, date[v], i, a] * slopes[r, v, a]
                put_probabilities(
                    p, code, cuts[r, v, 0] - eta, cuts[r, v, 1] - eta, sd[r], z, growth, decay, odds, more, n,
                    steep, probit,
                )  # fmt: skip
                kept = persistence[r] if repeats[i, v] else 0.0
                for g in range(n):
                    mass[g] *= kept + (1.0 - kept) * p[g]
            if not voted:
                continue
            total = 0.0
            for g in range(n - 1):
                total += mass[g] + mass[g + 1]
            target = uniform[r, i] * total
            g = 0
            while target > mass[g] + mass[g + 1] and g < n - 2:
                target -= mass[g] + mass[g + 1]
                g += 1
            # The density is linear between points: the share t of the interval has 2 a t + (b - a) t^2 below.
            a, b = mass[g], mass[g + 1]
            target = min(max(target, 0.0), a + b)
            root = a + math.sqrt(a * a + (b - a) * target)
            drawn[r, i] = z[g] + spacing * (target / root if root > 0.0 else 0.5)


def signature():
    """Return the Numba signature of `draw`."""

    def fixed(element, n_dims):
        return types.Array(element, n_dims, "C", readonly=True)

    double, count, flag = types.float64, types.int64, types.boolean
    return types.void(
        fixed(types.int8, 2), fixed(flag, 2), fixed(count, 1), fixed(double, 4), fixed(double, 3),
        fixed(double, 3), fixed(double, 1), fixed(double, 1), fixed(double, 2), double, double, flag, count,
        count, double[:, ::1],
    )  # fmt: skip
