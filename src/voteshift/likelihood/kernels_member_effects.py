"""Compiled draws of member effects from their posterior, given positions, items and votes.

The log density of the standardised member effect z of a member,

    h(z) = -z**2 / 2 + sum_v log P(y_v | x_v . beta_v + sigma z),

is concave. Between two points, it lies above its chord and below the tangents at both points (Gilks & Wild
1992, https://doi.org/10.2307/2347565). Intervals are halved until the mass below the tangents exceeds the
mass below the chords by less than `TOLERANCE` of the total. The number of points hardly depends on sigma:
points concentrate where a large sigma makes the likelihood nearly a step. The draw inverts the distribution
function at a uniform random number.
"""
# mypy: allow-untyped-defs, allow-untyped-calls

import math

import numpy as np
from numba import types

from voteshift.likelihood.compiling import inlined
from voteshift.likelihood.tails import INV_SQRT_2PI, exp_negative, mills

__all__ = ["draw", "signature"]

TOLERANCE = 0.005
"""The bound of the error in total variation. Most errors are smaller, because masses are a mean of both."""
DEEPEST = 18.0  # below the maximum of the log density, where the density is cut off
MOST = 512  # number of points
LEAST = 1e-300


@inlined
def logistic_terms(u, low, high):
    """Return log P(low - u < e < high - u) up to a constant, and its derivative by u."""
    value, slope = 0.0, 0.0
    if not math.isinf(high):
        v = u - high
        fall = math.exp(-abs(v))
        value -= max(v, 0.0) + math.log1p(fall)
        slope -= (1.0 if v > 0.0 else fall) / (1.0 + fall)
    if not math.isinf(low):
        v = low - u
        fall = math.exp(-abs(v))
        value -= max(v, 0.0) + math.log1p(fall)
        slope += (1.0 if v > 0.0 else fall) / (1.0 + fall)
    return value, slope


@inlined
def normal_terms(u, low, high):
    """Return log P(low - u < e < high - u) for normal noise, and its derivative by u."""
    a, b = low - u, high - u
    mirrored = a + b < 0.0
    if mirrored:
        a, b = -b, -a
    # Now b > 0 is the farther bound, and all that is taken out of P is in the tail beyond a if a > 0.
    square = 0.0 if a <= 0.0 else 0.5 * a * a
    far, by_far = 0.0, 0.0
    if not math.isinf(b):
        by_far = exp_negative(square - 0.5 * b * b)
        far = by_far * mills(b, 1.0)
    if a > 0.0:
        p, by_near = mills(a, 1.0) - far, 1.0
    elif math.isinf(a):
        p, by_near = 1.0 - far, 0.0
    else:
        by_near = exp_negative(-0.5 * a * a)
        p = 1.0 - by_near * mills(-a, 1.0) - far
    p = max(p, LEAST)
    slope = INV_SQRT_2PI * (by_near - by_far) / p
    return math.log(p) - square, (-slope if mirrored else slope)


@inlined
def log_density(z, sd, low, high, n, probit):
    """Return h(z) and its derivative, for n votes with the given bounds of the noise at z = 0."""
    value, slope = -0.5 * z * z, 0.0
    for k in range(n):
        if probit:
            one, by = normal_terms(sd * z, low[k], high[k])
        else:
            one, by = logistic_terms(sd * z, low[k], high[k])
        value += one
        slope += by
    return value, sd * slope - z


@inlined
def mass_of(width, h0, h1):
    """Return the integral of exp of a line from h0 to h1 over an interval."""
    drop = abs(h1 - h0)
    share = -math.expm1(-drop) / drop if drop > 1e-8 else 1.0
    return width * math.exp(max(h0, h1)) * share


@inlined
def masses(z, h, d, top, k):
    """Return the mass of interval k below its chord, and that below its tangents."""
    width, h0, h1 = z[k + 1] - z[k], h[k] - top, h[k + 1] - top
    chord = mass_of(width, h0, h1)
    turn = d[k] - d[k + 1]
    if not turn * width > 1e-10:
        return chord, chord
    left = min(max((h1 - h0 - d[k + 1] * width) / turn, 0.0), width)
    peak = max(h0 + d[k] * left, h1 - d[k + 1] * (width - left))
    return chord, max(chord, mass_of(left, h0, peak) + mass_of(width - left, peak, h1))


def draw(codes, date, positions, slopes, cuts, sd, uniform, probit, begin, end, drawn):
    """Draw z of every member that cast a vote, for draws begin to end."""
    n_members, n_versions = codes.shape
    n_dims = positions.shape[3]
    low, high = np.empty(n_versions), np.empty(n_versions)
    z, h, d = np.empty(MOST), np.empty(MOST), np.empty(MOST)
    new_z, new_h, new_d = np.empty(MOST), np.empty(MOST), np.empty(MOST)
    mass, gap = np.empty(MOST), np.empty(MOST)
    for r in range(begin, end):
        for i in range(n_members):
            n = 0
            for v in range(n_versions):
                code = codes[i, v]
                if code < 0:
                    continue
                eta = 0.0
                for a in range(n_dims):
                    eta += positions[r, date[v], i, a] * slopes[r, v, a]
                low[n] = -np.inf if code == 0 else cuts[r, v, code - 1] - eta
                high[n] = np.inf if code == 2 else cuts[r, v, code] - eta
                n += 1
            if n == 0:
                continue
            # An interval that contains the maximum: the derivative changes its sign in it.
            first, last = 0.0, 0.0
            h_first, d_first = log_density(first, sd[r], low, high, n, probit)
            h_last, d_last = h_first, d_first
            step = 1.0
            while d_first < 0.0:
                last, h_last, d_last = first, h_first, d_first
                first -= step
                h_first, d_first = log_density(first, sd[r], low, high, n, probit)
                step *= 2.0
            while d_last > 0.0:
                first, h_first, d_first = last, h_last, d_last
                last += step
                h_last, d_last = log_density(last, sd[r], low, high, n, probit)
                step *= 2.0
            for _ in range(200):
                # The maximum is at most as high as where the tangents meet.
                turn = d_first - d_last
                if not turn > 0.0:
                    break
                across = (h_last - h_first - d_last * (last - first)) / turn
                if h_first + d_first * across - max(h_first, h_last) < 1.0:
                    break
                middle = 0.5 * (first + last)
                h_middle, d_middle = log_density(middle, sd[r], low, high, n, probit)
                if d_middle > 0.0:
                    first, h_first, d_first = middle, h_middle, d_middle
                else:
                    last, h_last, d_last = middle, h_middle, d_middle
            # Points to either side, at growing distances, until the density is negligible.
            floor = max(h_first, h_last) - DEEPEST
            n_left = 0
            new_z[0], new_h[0], new_d[0] = first, h_first, d_first
            step = 0.5 / (1.0 + sd[r])
            while new_h[n_left] > floor:
                n_left += 1
                new_z[n_left] = new_z[n_left - 1] - step
                new_h[n_left], new_d[n_left] = log_density(new_z[n_left], sd[r], low, high, n, probit)
                step *= 2.0
            n_points = n_left + 1
            for k in range(n_points):
                z[k], h[k], d[k] = new_z[n_left - k], new_h[n_left - k], new_d[n_left - k]
            if last > first:
                z[n_points], h[n_points], d[n_points] = last, h_last, d_last
                n_points += 1
            step = 0.5 / (1.0 + sd[r])
            while h[n_points - 1] > floor:
                z[n_points] = z[n_points - 1] + step
                h[n_points], d[n_points] = log_density(z[n_points], sd[r], low, high, n, probit)
                n_points += 1
                step *= 2.0
            top = floor + DEEPEST
            total = 0.0
            while True:
                total, excess = 0.0, 0.0
                for k in range(n_points - 1):
                    below, above = masses(z, h, d, top, k)
                    gap[k], mass[k] = above - below, (below + 2.0 * above) / 3.0
                    excess += gap[k]
                    total += mass[k]
                if excess <= TOLERANCE * total or 2 * n_points > MOST:
                    break
                # Halve the intervals with more than an even share of the tolerance.
                share = TOLERANCE * total / n_points
                m = 0
                for k in range(n_points):
                    new_z[m], new_h[m], new_d[m] = z[k], h[k], d[k]
                    m += 1
                    if k < n_points - 1 and gap[k] > share:
                        new_z[m] = 0.5 * (z[k] + z[k + 1])
                        new_h[m], new_d[m] = log_density(new_z[m], sd[r], low, high, n, probit)
                        m += 1
                n_points = m
                for k in range(m):
                    z[k], h[k], d[k] = new_z[k], new_h[k], new_d[k]
            target = uniform[r, i] * total
            k = 0
            while target > mass[k] and k < n_points - 2:
                target -= mass[k]
                k += 1
            share = min(max(target / max(mass[k], LEAST), 0.0), 1.0)
            rise = h[k + 1] - h[k]
            if abs(rise) < 1e-8:
                part = share
            elif rise > 0.0:
                part = 1.0 + math.log1p((1.0 - share) * math.expm1(-rise)) / rise
            else:
                part = math.log1p(share * math.expm1(rise)) / rise
            drawn[r, i] = z[k] + (z[k + 1] - z[k]) * min(max(part, 0.0), 1.0)


def signature():
    """Return the Numba signature of `draw`."""

    def fixed(element, n_dims):
        return types.Array(element, n_dims, "C", readonly=True)

    double, count = types.float64, types.int64
    return types.void(
        fixed(types.int8, 2), fixed(count, 1), fixed(double, 4), fixed(double, 3), fixed(double, 3),
        fixed(double, 1), fixed(double, 2), types.boolean, count, count, double[:, ::1],
    )  # fmt: skip
