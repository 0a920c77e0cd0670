"""Compiled Metropolis steps for the items of one resolution, with member effects integrated out.

Every draw has separate positions. Its items and log sigma start from an approximate draw. They are moved one
at a time by random steps, which are accepted with the ratio of the posterior densities (Metropolis et al.
1953, https://doi.org/10.1063/1.1699114). The integral over the member effect z is a sum over a grid that is
symmetric around 0.

The kernel computes 1 / P of every vote on the grid. For the logistic link, eta = x . beta and cutpoints
k1 < k2,

    1 / P(no)      = 1 + exp(eta - k1 + sigma z),
    1 / P(yes)     = 1 + exp(k2 - eta - sigma z),
    1 / P(abstain) = (1 + exp(k1 - k2) + exp(eta - k2 + sigma z) + exp(k1 - eta - sigma z)) / constant,

with the constant 1 - exp(k1 - k2), which is multiplied later. All votes then have the form
base + up exp(sigma z) + down exp(-sigma z). The likelihood of a member is the sum of the weights over the
product of these numbers; a single division serves the points z and -z. A step of one item needs the product
over all other items, which is the product over earlier items times the product over later items.

The points of a grid are in two rows, z >= 0 and z <= 0. The point 0 is in both rows, with half its weight.
"""
# mypy: allow-untyped-defs, allow-untyped-calls

import math

import numpy as np
from numba import types

from voteshift.likelihood.compiling import inlined
from voteshift.likelihood.kernels_testlet import FARTHEST, STEEPEST
from voteshift.likelihood.powers import LN_2, LOG2_E, bias_of, exponent_of, fraction_of, power_of_two_near
from voteshift.likelihood.tails import exp_negative, mills

__all__ = ["move", "signature"]

LEAST_POINTS = 11  # in a row
INV_SQRT_2PI = 0.3989422804014327
LARGEST = 1e150  # of 1 / P, so that the product for two points is finite
LANES = 8  # of a SIMD loop
TOGETHER = 500  # numbers below 2 whose product is finite


@inlined
def upper_tail(v):
    """Return P(e > v) of the normal."""
    u = abs(v)
    beyond = exp_negative(-0.5 * u * u) * mills(u, 1.0)
    return beyond if v > 0.0 else 1.0 - beyond


@inlined
def sum_of_logs(values, n):
    """Return the sum of the logs of n positive numbers."""
    total = 0.0
    for begin in range(0, n, TOGETHER):
        exponent, product = 0, 1.0
        for k in range(begin, min(begin + TOGETHER, n)):
            exponent += exponent_of(values[k]) - bias_of(values[k])
            product *= fraction_of(values[k])
        total += math.log(product) + LN_2 * exponent
    return total


@inlined
def padded(m):
    """Return the smallest multiple of `LANES` that is not below m."""
    return (m + LANES - 1) // LANES * LANES


@inlined
def put_grid(z, weight, growth, decay, sd, reach, m):
    """Write m points z >= 0, their weights, and exp(sd z) and its inverse; return whether these overflow.

    And fill a multiple of `LANES` points with weight 0, because the rest of a loop is slow.
    """
    steep = sd * reach > STEEPEST
    spacing = reach / (m - 1)
    for g in range(padded(m)):
        z[g] = spacing * min(g, m - 1)
        weight[g] = spacing * INV_SQRT_2PI * math.exp(-0.5 * z[g] * z[g]) if g < m else 0.0
        growth[g] = 1.0 if steep else math.exp(sd * z[g])
        decay[g] = 1.0 / growth[g]
    weight[0] *= 0.5
    return steep


@inlined
def exponential(v):
    """Return exp(v) of v within reach of it; 0 if v is -inf."""
    near = power_of_two_near(min(max(v, -FARTHEST), FARTHEST) * LOG2_E)
    return 0.0 if v < -1e300 else near


@inlined
def put_terms(base, up, down, x, code, first, last, item, c, kinds, steep, probit):
    """Write base, up and down of the votes on an item; return the log of the constants of its abstentions.

    If exp(sigma z) overflows, up and down are logs. For the normal link, they are the bounds of the noise at
    z = 0.
    """
    n_dims = x.shape[1]
    three = kinds[0] and kinds[1] and kinds[2]
    half = 0.5 * math.exp(min(item[n_dims + 1], 100.0)) if three else 0.0
    low = c * (item[n_dims] - half) if kinds[0] else -np.inf
    high = c * (item[n_dims] + half) if kinds[2] else np.inf
    narrow = math.exp(low - high)
    n_middle = 0
    for k in range(first, last):
        eta = 0.0
        for a in range(n_dims):
            eta += c * x[k, a] * item[a]
        n_middle += code[k] == 1
        base[k] = 1.0 + (narrow if code[k] == 1 else 0.0)
        if probit:
            up[k] = -np.inf if code[k] == 0 else (low if code[k] == 1 else high) - eta
            down[k] = np.inf if code[k] == 2 else (high if code[k] == 1 else low) - eta
        else:
            up[k] = -np.inf if code[k] == 2 else eta - (high if code[k] == 1 else low)
            down[k] = -np.inf if code[k] == 0 else (low if code[k] == 1 else high) - eta
    if probit:
        return 0.0
    if not steep:
        for k in range(first, last):
            up[k] = exponential(up[k])
        for k in range(first, last):
            down[k] = exponential(down[k])
    return n_middle * math.log(-math.expm1(low - high)) if n_middle > 0 else 0.0


@inlined
def divide(product, base, up, down, sd, z, growth, decay, m, steep, probit):
    """Divide the numbers at every z by P(vote), up to `LARGEST`; growth is exp(sd z), and decay 1 / growth."""
    if probit:
        for g in range(m):
            low, high = up - sd * z[g], down - sd * z[g]
            mirrored = low + high < 0.0
            p = upper_tail(-high if mirrored else low) - upper_tail(-low if mirrored else high)
            product[g] = min(product[g] / max(p, 1.0 / LARGEST), LARGEST)
    elif steep:
        for g in range(m):
            inverse = base + exponential(up + sd * z[g]) + exponential(down - sd * z[g])
            product[g] = min(product[g] * inverse, LARGEST)
    else:
        for g in range(m):
            product[g] = min(product[g] * (base + up * growth[g] + down * decay[g]), LARGEST)


@inlined
def divide_all(product, base, up, down, first, last, sd, z, growth, decay, m, steep, probit):
    """Divide the numbers at every z and -z by P(vote) of some votes."""
    for k in range(first, last):
        divide(product[0], base[k], up[k], down[k], sd, z, growth, decay, m, steep, probit)
        divide(product[1], base[k], up[k], down[k], -sd, z, decay, growth, m, steep, probit)


@inlined
def multiply(numbers, factors):
    """Multiply rows of numbers by factors."""
    for s in range(2):
        for g in range(numbers.shape[1]):
            numbers[s, g] *= factors[s, g]


@inlined
def divide_weights(product, factors, weight):
    """Replace rows of products by the weights over the products and the factors."""
    for s in range(2):
        for g in range(product.shape[1]):
            product[s, g] = weight[g] / (product[s, g] * factors[s, g])


@inlined
def likelihood(ahead, behind, product, m):
    """Return the sum of the weights at z (`ahead`) and at -z (`behind`) over the products."""
    total = 0.0
    for g in range(m):
        one, two = product[0, g], product[1, g]
        total += (ahead[g] * two + behind[g] * one) / (one * two)
    return total


def move(
    pairs, member, votes, row, date, code, order, pairs_of, kinds, positions, prior, noise_sd, density, reach,
    root, node, precision, normal, log_uniform, scale, probit, begin, end, items, log_sd, accepted,
):  # fmt: skip
    """Move log sigma and the items of draws begin to end, in place, and count the accepted steps.

    Pair q of a member and an item has votes[q] to votes[q + 1]. Item j has pairs pairs[j] to pairs[j + 1].
    Member i has pairs order[pairs_of[i]] to order[pairs_of[i + 1]]. The positions of a vote are in a row of
    `positions`. prior has mean, standard deviation and largest value of log sigma; density is the number of
    grid points for each unit of sigma. The last item of normal and log_uniform is for sigma, as are the last
    scales.
    """
    n_items, n_pairs, n_members, n_votes = len(pairs) - 1, len(member), len(pairs_of) - 1, len(row)
    n_sweeps, n_steps, width = normal.shape[1], normal.shape[3], normal.shape[4]
    n_dims = width - 2
    most = padded(math.ceil(0.5 * density * math.exp(prior[2])) + LEAST_POINTS)
    widest = 0
    for j in range(n_items):
        widest = max(widest, pairs[j + 1] - pairs[j])
    z, weight, growth, decay = np.empty(most), np.empty(most), np.empty(most), np.empty(most)
    base, up, down = np.empty(n_votes), np.empty(n_votes), np.empty(n_votes)
    x, trial = np.empty((n_votes, n_dims)), np.empty(width)
    total, new_total = np.empty(n_members), np.empty(n_members)
    constant, new_constant = np.empty(n_items), np.empty(n_items)
    # Room for rows of the grid: 1 / P of all pairs; products over other items; steps; products by member.
    room, room_others = np.empty(2 * n_pairs * most), np.empty(2 * n_pairs * most)
    room_new, room_product = np.empty(2 * (widest + 1) * most), np.empty(2 * n_members * most)
    for r in range(begin, end):
        for k in range(n_votes):
            for a in range(n_dims):
                x[k, a] = positions[r, date[k], row[k], a]
        m, sd, c, steep = 0, 0.0, 0.0, False
        for sweep in range(-1, n_sweeps):  # in sweep -1, only the numbers at the start are computed
            current = room[: 2 * n_pairs * m].reshape((n_pairs, 2, m))
            others = room_others[: 2 * n_pairs * m].reshape((n_pairs, 2, m))
            product = room_product[: 2 * n_members * m].reshape((n_members, 2, m))
            new = room_new[: 2 * widest * m].reshape((widest, 2, m))
            product[:] = 1.0
            for q in range(n_pairs - 1, -1, -1):
                others[q] = product[member[q]]
                multiply(product[member[q]], current[q])
            product[:] = 1.0
            for j in range(n_items if sweep >= 0 else 0):
                first, n = pairs[j], pairs[j + 1] - pairs[j]
                for q in range(n):
                    divide_weights(others[first + q], product[member[first + q]], weight)
                    new_total[q] = total[member[first + q]]
                value = constant[j] + sum_of_logs(new_total, n)
                for a in range(width):
                    value -= 0.5 * precision[j, a] * items[r, j, a] * items[r, j, a]
                for step in range(n_steps):
                    log_p = 0.0
                    for a in range(width):
                        trial[a] = items[r, j, a]
                        for b in range(a + 1):
                            trial[a] += scale[step] * root[node[r], j, a, b] * normal[r, sweep, j, step, b]
                        log_p -= 0.5 * precision[j, a] * trial[a] * trial[a]
                    new_constant[j] = put_terms(
                        base, up, down, x, code, votes[first], votes[first + n], trial, c, kinds[j], steep,
                        probit,
                    )  # fmt: skip
                    for q in range(n):
                        new[q] = 1.0
                        divide_all(
                            new[q], base, up, down, votes[first + q], votes[first + q + 1], sd, z, growth,
                            decay, m, steep, probit,
                        )  # fmt: skip
                        new_total[q] = likelihood(others[first + q, 0], others[first + q, 1], new[q], m)
                    log_p += new_constant[j] + sum_of_logs(new_total, n)
                    if log_uniform[r, sweep, j, step] < log_p - value:
                        value = log_p
                        accepted[r] += 1.0
                        constant[j] = new_constant[j]
                        items[r, j] = trial
                        current[first : first + n] = new[:n]
                        for q in range(n):
                            total[member[first + q]] = new_total[q]
                for q in range(first, first + n):
                    multiply(product[member[q]], current[q])
            # Steps of sigma; in sweep -1, a step to the start. The last step writes the rows of all pairs.
            value, n_taken = 0.0, 0
            if sweep >= 0:
                value = constant.sum() + sum_of_logs(total, n_members)
                value -= 0.5 * ((log_sd[r] - prior[0]) / prior[1]) ** 2
            n_tried = n_steps if sweep >= 0 else 1
            for step in range(n_tried if sweep == n_sweeps - 1 else n_tried + 1):
                writes = step == n_tried
                trial_log_sd = log_sd[r]
                if sweep >= 0 and not writes:
                    trial_log_sd += scale[n_steps + step] * normal[r, sweep, n_items, step, 0]
                if trial_log_sd > prior[2]:
                    continue
                sd = math.exp(trial_log_sd)
                m = math.ceil(0.5 * density * sd) + LEAST_POINTS
                steep = put_grid(z, weight, growth, decay, sd, reach, m)
                m = padded(m)
                c = math.sqrt(1.0 + (sd / noise_sd) ** 2)
                if writes and n_taken == 0:
                    continue
                log_p = -0.5 * ((trial_log_sd - prior[0]) / prior[1]) ** 2
                for j in range(n_items):
                    new_constant[j] = put_terms(
                        base, up, down, x, code, votes[pairs[j]], votes[pairs[j + 1]], items[r, j], c,
                        kinds[j], steep, probit,
                    )  # fmt: skip
                    log_p += new_constant[j]
                current = room[: 2 * n_pairs * m].reshape((n_pairs, 2, m))
                whole = room_new[: 2 * m].reshape((2, m))
                for i in range(n_members):
                    whole[:] = 1.0
                    for a in range(pairs_of[i], pairs_of[i + 1]):
                        q = order[a]
                        target = current[q] if writes else whole
                        if writes:
                            target[:] = 1.0
                        divide_all(
                            target, base, up, down, votes[q], votes[q + 1], sd, z, growth, decay, m, steep,
                            probit,
                        )  # fmt: skip
                    if not writes:
                        new_total[i] = likelihood(weight, weight, whole, m)
                if writes:
                    continue
                log_p += sum_of_logs(new_total, n_members)
                if sweep < 0 or log_uniform[r, sweep, n_items, step] < log_p - value:
                    value = log_p
                    n_taken += 1
                    log_sd[r] = trial_log_sd
                    constant[:] = new_constant
                    total[:] = new_total
            accepted[r] += n_taken if sweep >= 0 else 0.0


def signature():
    """Return the Numba signature of `move`."""

    def fixed(element, n_dims):
        return types.Array(element, n_dims, "C", readonly=True)

    double, count, flag = types.float64, types.int64, types.boolean
    return types.void(
        *(fixed(count, 1),) * 5, fixed(types.int8, 1), fixed(count, 1), fixed(count, 1), fixed(flag, 2),
        fixed(double, 4), fixed(double, 1), double, double, double, fixed(double, 4), fixed(count, 1),
        fixed(double, 2), fixed(double, 5), fixed(double, 4), fixed(double, 1), flag, count, count,
        double[:, :, ::1], double[::1], double[::1],
    )  # fmt: skip
