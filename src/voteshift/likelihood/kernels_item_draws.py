"""Compiled Metropolis steps for the items of one resolution, with member effects integrated out.

Every draw has separate positions. Its items and log sigma start from an approximate draw. They are moved one
at a time by random steps, which are accepted with the ratio of the posterior densities (Metropolis et al.
1953, https://doi.org/10.1063/1.1699114). The integral over the member effect z is a sum over a grid, as in
`kernels_testlet`. The probabilities of all votes on the grid are kept, so that a move of one item needs only
the probabilities of the votes on this item.
"""
# mypy: allow-untyped-defs, allow-untyped-calls

import math

import numpy as np
from numba import types

from voteshift.likelihood.compiling import inlined
from voteshift.likelihood.kernels_testlet import STEEPEST, bounded, put_odds, tail

__all__ = ["move", "signature"]

LEAST_POINTS = 21
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


def move(
    codes, date, item, kinds, positions, repeats, persistence, prior, noise_sd, density, reach, root, node,
    precision, normal, log_uniform, scale, probit, begin, end, items, log_sd, accepted,
):  # fmt: skip
    """Move log sigma and the items of draws begin to end, in place, and count the accepted steps.

    prior has mean, standard deviation and largest value of log sigma; density is the number of grid points
    for each unit of sigma. The last item of normal and log_uniform is for sigma, as are the last scales.
    """
    n_members, n_versions = codes.shape
    n_sweeps, n_items, n_steps, width = normal.shape[1:]
    n_items -= 1
    n_dims = width - 2
    most = 2 * math.ceil(0.5 * density * math.exp(prior[2])) + LEAST_POINTS
    z, growth, decay = np.empty(most), np.empty(most), np.empty(most)
    weight, odds, more = np.empty(most), np.empty(most), np.empty(most)
    p = np.empty((n_versions, n_members, most))
    new = np.empty((n_versions, n_members, most))
    others = np.empty((n_members, most))
    trial = np.empty(width)
    has_voted = np.zeros((n_items, n_members), np.bool_)
    for v in range(n_versions):
        for i in range(n_members):
            has_voted[item[v], i] |= codes[i, v] >= 0
    for r in range(begin, end):
        sd = math.exp(log_sd[r])
        n = 2 * math.ceil(0.5 * density * sd) + LEAST_POINTS
        steep = put_grid(z, weight, growth, decay, sd, reach, n)
        # In sweep -1, the probabilities at the start are written. Item n_items stands for sigma.
        for sweep in range(-1, n_sweeps):
            for j in range(-1 if sweep < 0 else 0, n_items + 1):
                sigma = j < 0 or j == n_items
                if sigma and sweep < 0 and j == n_items:
                    continue
                value = 0.0
                first, last = (0, n_items) if sigma else (j, j + 1)
                if not sigma and sweep < 0:
                    continue
                if not sigma:
                    for i in range(n_members):
                        if not has_voted[j, i]:
                            continue
                        for g in range(n):
                            others[i, g] = weight[g]
                        for v in range(n_versions):
                            if item[v] != j and codes[i, v] >= 0:
                                for g in range(n):
                                    others[i, g] *= p[v, i, g]
                for step in range(-1, 0 if sweep < 0 else n_steps):
                    trial_log_sd = log_sd[r]
                    is_current = step < 0 and sweep >= 0  # the probabilities at the current values
                    current = p if is_current else new
                    if sigma:
                        if step >= 0:
                            trial_log_sd += scale[n_steps + step] * normal[r, sweep, n_items, step, 0]
                        if trial_log_sd > prior[2]:
                            continue
                        sd = math.exp(trial_log_sd)
                        n = 2 * math.ceil(0.5 * density * sd) + LEAST_POINTS
                        steep = put_grid(z, weight, growth, decay, sd, reach, n)
                        for i in range(n_members):
                            for g in range(n):
                                others[i, g] = weight[g]
                    c = math.sqrt(1.0 + (sd / noise_sd) ** 2)
                    log_p = -0.5 * ((trial_log_sd - prior[0]) / prior[1]) ** 2
                    for k in range(first, last):
                        for a in range(width):
                            trial[a] = items[r, k, a]
                            if step >= 0 and not sigma:
                                for b in range(a + 1):
                                    trial[a] += (
                                        scale[step] * root[node[r], k, a, b] * normal[r, sweep, k, step, b]
                                    )
                            log_p -= 0.5 * precision[k, a] * trial[a] * trial[a]
                        three = kinds[k, 0] and kinds[k, 1] and kinds[k, 2]
                        half = 0.5 * math.exp(min(trial[width - 1], 100.0)) if three else 0.0
                        low = c * (trial[n_dims] - half) if kinds[k, 0] else -np.inf
                        high = c * (trial[n_dims] + half) if kinds[k, 2] else np.inf
                        for v in range(n_versions):
                            if item[v] != k or is_current:
                                continue
                            for i in range(n_members):
                                if codes[i, v] < 0:
                                    continue
                                eta = 0.0
                                for a in range(n_dims):
                                    eta += c * positions[r, date[v], i, a] * trial[a]
                                put_probabilities(
                                    new[v, i], codes[i, v], low - eta, high - eta, sd, z, growth, decay, odds,
                                    more, n, steep, probit,
                                )  # fmt: skip
                                if repeats[i, v] and persistence[r] > 0.0:
                                    for g in range(n):
                                        new[v, i, g] = persistence[r] + (1.0 - persistence[r]) * new[v, i, g]
                    for i in range(n_members):
                        if not sigma and not has_voted[j, i]:  # a constant factor
                            continue
                        for g in range(n):
                            odds[g] = others[i, g]
                        for v in range(n_versions):
                            if codes[i, v] >= 0 and first <= item[v] < last:
                                for g in range(n):
                                    odds[g] *= current[v, i, g]
                        total = 0.0
                        for g in range(n):
                            total += odds[g]
                        log_p += math.log(total) if total > 0.0 else -np.inf
                    taken = step < 0 or log_uniform[r, sweep, j, step] < log_p - value
                    if taken:
                        value = log_p
                        if step >= 0:
                            accepted[r] += 1.0
                            if sigma:
                                log_sd[r] = trial_log_sd
                            else:
                                for a in range(width):
                                    items[r, j, a] = trial[a]
                        for v in range(n_versions):
                            if first <= item[v] < last and not is_current:
                                for i in range(n_members):
                                    if codes[i, v] >= 0:
                                        for g in range(n):
                                            p[v, i, g] = new[v, i, g]
                if sigma:
                    # A rejected step has overwritten the grid, but not the probabilities.
                    sd = math.exp(log_sd[r])
                    n = 2 * math.ceil(0.5 * density * sd) + LEAST_POINTS
                    steep = put_grid(z, weight, growth, decay, sd, reach, n)


def signature():
    """Return the Numba signature of `move`."""

    def fixed(element, n_dims):
        return types.Array(element, n_dims, "C", readonly=True)

    double, count, flag = types.float64, types.int64, types.boolean
    return types.void(
        fixed(types.int8, 2), fixed(count, 1), fixed(count, 1), fixed(flag, 2), fixed(double, 4),
        fixed(flag, 2), fixed(double, 1), fixed(double, 1), double, double, double, fixed(double, 4),
        fixed(count, 1), fixed(double, 2), fixed(double, 5), fixed(double, 4), fixed(double, 1), flag, count,
        count, double[:, :, ::1], double[::1], double[::1],
    )  # fmt: skip
