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
product of these numbers; a single division serves two points. A step of one item needs the product over all
other items, which is the product over earlier items times the product over later items.

Without state dependence, all terms are log-concave in z. A sum therefore needs only a range of the grid if
the terms at its ends are negligible relative to the sum. For a step of an item, it is the range of the
product over all other items. For a step of sigma, it is the range at the current sigma, or the whole grid
under state dependence. If terms at the ends are not negligible, the sum is computed over the whole grid.
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

LEAST_POINTS = 21
INV_SQRT_2PI = 0.3989422804014327
NONE, ONE, TWO = (
    np.uint64(0),
    np.uint64(1),
    np.uint64(2),
)  # unsigned positions: SIMD loops need no check for negative ones
LARGEST = 1e150  # of 1 / P, so that the product for two points is finite
LANES = 8  # of a SIMD loop
NEGLIGIBLE, NEGLIGIBLE_SUM = 1e-20, 1e-12  # a number and a sum, relative to the whole sum
MARGIN = 0.1  # around the range of z of a member, in steps of sigma
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
def padded(n):
    """Return the smallest multiple of `LANES` that is not below n."""
    return (n + LANES - 1) // LANES * LANES


@inlined
def put_grid(z, weight, growth, decay, sd, reach, n):
    """Write n points z, their weights, and exp(sd z) and its inverse; return whether these overflow.

    The rest of a loop over points is slow, so points of weight 0 fill a multiple of `LANES`.
    """
    steep = sd * reach > STEEPEST
    spacing = 2.0 * reach / (n - 1)
    for g in range(padded(n)):
        z[g] = -reach + spacing * min(g, n - 1)
        weight[g] = spacing * INV_SQRT_2PI * math.exp(-0.5 * z[g] * z[g]) if g < n else 0.0
        growth[g] = 1.0 if steep else math.exp(sd * z[g])
        decay[g] = 1.0 / growth[g]
    return steep


@inlined
def exponential(v):
    """Return exp(v) of v within reach of it; 0 if v is -inf."""
    near = power_of_two_near(min(max(v, -FARTHEST), FARTHEST) * LOG2_E)
    return 0.0 if v < -1e300 else near


@inlined
def put_terms(base, up, down, x, code, kept, first, last, item, c, kinds, steep, probit):
    """Write base, up and down of the votes on an item; return the log of the constants of its abstentions.

    If exp(sigma z) overflows, up and down are logs. For the normal link, they are the bounds of the noise at
    z = 0. The constant of a vote that may repeat the vote before it is in base, up and down.
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
        n_middle += code[k] == 1 and kept[k] == 0.0
        base[k] = 1.0 + (narrow if code[k] == 1 else 0.0)
        if probit:
            up[k] = -np.inf if code[k] == 0 else (low if code[k] == 1 else high) - eta
            down[k] = np.inf if code[k] == 2 else (high if code[k] == 1 else low) - eta
        else:
            up[k] = -np.inf if code[k] == 2 else eta - (high if code[k] == 1 else low)
            down[k] = -np.inf if code[k] == 0 else (low if code[k] == 1 else high) - eta
    if probit:
        return 0.0
    if three:
        inside = -math.expm1(low - high)
        for k in range(first, last):
            if code[k] == 1 and kept[k] > 0.0:
                base[k] /= inside
                up[k] -= math.log(inside)
                down[k] -= math.log(inside)
    if not steep:
        for k in range(np.uint64(first), np.uint64(last)):
            up[k] = exponential(up[k])
        for k in range(np.uint64(first), np.uint64(last)):
            down[k] = exponential(down[k])
    return n_middle * math.log(-math.expm1(low - high)) if n_middle > 0 else 0.0


@inlined
def divide(product, place, n, base, up, down, kept, sd, z, growth, decay, a, steep, probit):
    """Divide n numbers by P(vote), up to `LARGEST`, at z[a:]; growth is exp(sd z), and decay 1 / growth.

    With probability kept, the vote repeats the vote before it: P(vote) is kept + (1 - kept) P.
    """
    other = 1.0 - kept
    if kept > 0.0 and probit:
        for g in range(n):
            low, high = up - sd * z[a + g], down - sd * z[a + g]
            mirrored = low + high < 0.0
            p = upper_tail(-high if mirrored else low) - upper_tail(-low if mirrored else high)
            product[place + g] = min(product[place + g] / (kept + other * p), LARGEST)
    elif kept > 0.0 and steep:
        for g in range(n):
            inverse = base + exponential(up + sd * z[a + g]) + exponential(down - sd * z[a + g])
            product[place + g] = min(product[place + g] * (inverse / (kept * inverse + other)), LARGEST)
    elif kept > 0.0:
        for g in range(n):
            inverse = base + up * growth[a + g] + down * decay[a + g]
            product[place + g] = min(product[place + g] * (inverse / (kept * inverse + other)), LARGEST)
    elif probit:
        for g in range(n):
            low, high = up - sd * z[a + g], down - sd * z[a + g]
            mirrored = low + high < 0.0
            p = upper_tail(-high if mirrored else low) - upper_tail(-low if mirrored else high)
            product[place + g] = min(product[place + g] / max(p, 1.0 / LARGEST), LARGEST)
    elif steep:
        for g in range(n):
            inverse = base + exponential(up + sd * z[a + g]) + exponential(down - sd * z[a + g])
            product[place + g] = min(product[place + g] * inverse, LARGEST)
    else:
        for g in range(n):
            product[place + g] = min(
                product[place + g] * (base + up * growth[a + g] + down * decay[a + g]), LARGEST
            )


@inlined
def put_ones(numbers, place, n):
    """Write n ones."""
    for g in range(n):
        numbers[place + g] = 1.0


@inlined
def multiply(numbers, place, factors, source, n):
    """Multiply n numbers by factors."""
    for g in range(n):
        numbers[place + g] *= factors[source + g]


@inlined
def divide_weights(product, place, factors, source, weight, n):
    """Replace a product by the weights over the product and the factors; return their sum."""
    for g in range(n):
        product[place + g] = weight[g] / (product[place + g] * factors[source + g])
    total = 0.0
    for g in range(n):
        total += product[place + g]
    return total


@inlined
def ratio_sum(weight, place, product, source, n):
    """Return the sum of n weights over the products; n is even."""
    total, half = 0.0, n // TWO
    for g in range(half):
        one, two = product[source + g], product[source + half + g]
        total += (weight[place + g] * two + weight[place + half + g] * one) / (one * two)
    return total


@inlined
def widened(first, last, n):
    """Return a range of points around another; its length is a multiple of `LANES`."""
    first, last = max(first, 0), min(last, n)
    length = padded(last - first)
    return np.uint64(min(first, n - length)), np.uint64(length)


def move(
    pairs, member, votes, row, date, code, repeats, persistence, order, pairs_of, kinds, positions, prior,
    noise_sd, density, reach, root, node, precision, normal, log_uniform, scale, probit, begin, end, items,
    log_sd, accepted,
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
    most = padded(2 * math.ceil(0.5 * density * math.exp(prior[2])) + LEAST_POINTS)
    z, weight, growth, decay = np.empty(most), np.empty(most), np.empty(most), np.empty(most)
    base, up, down, kept = np.empty(n_votes), np.empty(n_votes), np.empty(n_votes), np.empty(n_votes)
    x, trial = np.empty((n_votes, n_dims)), np.empty(width)
    total, new_total = np.empty(n_members), np.empty(n_members)
    constant, new_constant = np.empty(n_items), np.empty(n_items)
    # Range of the grid where the products over other items are not negligible, by pair, and of z by member.
    begins, lengths, mass = np.empty(n_pairs, np.uint64), np.empty(n_pairs, np.uint64), np.empty(n_pairs)
    least, largest = np.empty(n_members), np.empty(n_members)
    # Rows of the grid: 1 / P of all pairs; products over other items; products by member; of a step.
    # The row of a step is the last row. (A second array that a name can stand for would be counted by Numba.)
    rows, others, product = (
        np.empty((n_pairs + 1) * most),
        np.empty(n_pairs * most),
        np.empty(n_members * most),
    )
    step_row = np.uint64(n_pairs * most)
    for r in range(begin, end):
        for k in range(n_votes):
            kept[k] = persistence[r] if repeats[k] else 0.0
            for a in range(n_dims):
                x[k, a] = positions[r, date[k], row[k], a]
        n, sd, c, steep = 0, 0.0, 0.0, False
        for sweep in range(-1, n_sweeps):  # in sweep -1, only the numbers at the start are computed
            points = np.uint64(n)
            product[: n_members * n] = 1.0
            for q in range(n_pairs - 1, -1, -1):
                place, source = np.uint64(q) * points, np.uint64(member[q]) * points
                put_ones(others, place, points)
                multiply(others, place, product, source, points)
                multiply(product, source, rows, place, points)
            product[: n_members * n] = 1.0
            least[:] = -reach
            largest[:] = reach
            for j in range(n_items if sweep >= 0 else 0):
                first, n_voters = pairs[j], pairs[j + 1] - pairs[j]
                for q in range(first, pairs[j + 1]):
                    i = member[q]
                    source, place = np.uint64(i) * points, np.uint64(q) * points
                    mass[q] = divide_weights(others, place, product, source, weight, points)
                    a, b = 0, n
                    while others[q * n + a] < NEGLIGIBLE * mass[q]:
                        a += 1
                    while others[q * n + b - 1] < NEGLIGIBLE * mass[q]:
                        b -= 1
                    least[i], largest[i] = max(least[i], z[a]), min(largest[i], z[b - 1])
                    begins[q], lengths[q] = widened(a, b, n)
                    new_total[q - first] = total[i]
                value = constant[j] + sum_of_logs(new_total, n_voters)
                for a in range(width):
                    value -= 0.5 * precision[j, a] * items[r, j, a] * items[r, j, a]
                n_taken = 0
                for step in range(n_steps + 1):  # the last step writes the rows
                    writes = step == n_steps
                    log_p = 0.0
                    for a in range(width):
                        trial[a] = items[r, j, a]
                        for b in range(0 if writes else a + 1):
                            trial[a] += scale[step] * root[node[r], j, a, b] * normal[r, sweep, j, step, b]
                        log_p -= 0.5 * precision[j, a] * trial[a] * trial[a]
                    if writes and n_taken == 0:
                        continue
                    new_constant[j] = put_terms(
                        base, up, down, x, code, kept, votes[first], votes[pairs[j + 1]], trial, c, kinds[j],
                        steep, probit,
                    )  # fmt: skip
                    for q in range(first, pairs[j + 1]):
                        place = np.uint64(q) * points
                        start, length = (NONE, points) if writes else (begins[q], lengths[q])
                        source = place if writes else step_row
                        while True:
                            put_ones(rows, source, length)
                            for k in range(votes[q], votes[q + 1]):
                                divide(
                                    rows, source, length, base[k], up[k], down[k], kept[k], sd, z, growth,
                                    decay, start, steep, probit,
                                )  # fmt: skip
                            if writes:
                                break
                            new_total[q - first] = ratio_sum(others, place + start, rows, source, length)
                            if length == points or (
                                NEGLIGIBLE * n * mass[q] < NEGLIGIBLE_SUM * new_total[q - first]
                            ):
                                break
                            start, length = NONE, points
                    if writes:
                        continue
                    log_p += new_constant[j] + sum_of_logs(new_total, n_voters)
                    if log_uniform[r, sweep, j, step] < log_p - value:
                        value = log_p
                        n_taken += 1
                        constant[j] = new_constant[j]
                        items[r, j] = trial
                        for q in range(first, pairs[j + 1]):
                            total[member[q]] = new_total[q - first]
                accepted[r] += n_taken
                for q in range(first, pairs[j + 1]):
                    multiply(product, np.uint64(member[q]) * points, rows, np.uint64(q) * points, points)
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
                n = 2 * math.ceil(0.5 * density * sd) + LEAST_POINTS
                spacing = 2.0 * reach / (n - 1)
                steep = put_grid(z, weight, growth, decay, sd, reach, n)
                n = padded(n)
                points = np.uint64(n)
                c = math.sqrt(1.0 + (sd / noise_sd) ** 2)
                if writes and n_taken == 0:
                    continue
                log_p = -0.5 * ((trial_log_sd - prior[0]) / prior[1]) ** 2
                for j in range(n_items):
                    new_constant[j] = put_terms(
                        base, up, down, x, code, kept, votes[pairs[j]], votes[pairs[j + 1]], items[r, j], c,
                        kinds[j], steep, probit,
                    )  # fmt: skip
                    log_p += new_constant[j]
                for i in range(n_members):
                    start, length = NONE, points
                    if least[i] <= largest[i] and not writes and persistence[r] == 0.0:
                        margin = MARGIN * (largest[i] - least[i]) + 2.0 * spacing
                        start, length = widened(
                            math.floor((least[i] - margin + reach) / spacing),
                            math.ceil((largest[i] + margin + reach) / spacing),
                            n,
                        )
                    while True:
                        put_ones(rows, step_row, length)
                        for b in range(pairs_of[i], pairs_of[i + 1]):
                            q = order[b]
                            source = np.uint64(q) * points if writes else step_row
                            if writes:
                                put_ones(rows, source, length)
                            for k in range(votes[q], votes[q + 1]):
                                divide(
                                    rows, source, length, base[k], up[k], down[k], kept[k], sd, z, growth,
                                    decay, start, steep, probit,
                                )  # fmt: skip
                        if writes:
                            break
                        new_total[i] = ratio_sum(weight, start, rows, step_row, length)
                        if length == points:
                            break
                        left = weight[start] / rows[step_row] if start > 0 else 0.0
                        last = length - ONE
                        right = (
                            weight[start + last] / rows[step_row + last] if start + length < points else 0.0
                        )
                        if n * max(left, right) < NEGLIGIBLE_SUM * new_total[i]:
                            break
                        start, length = NONE, points
                if writes:
                    continue
                log_p += sum_of_logs(new_total, n_members)
                if sweep < 0 or log_uniform[r, sweep, n_items, step] < log_p - value:
                    value = log_p
                    n_taken += 1
                    log_sd[r] = trial_log_sd
                    constant[:] = new_constant
                    total[:] = new_total
            accepted[r] += n_taken if sweep >= 0 else 0


def signature():
    """Return the Numba signature of `move`."""

    def fixed(element, n_dims):
        return types.Array(element, n_dims, "C", readonly=True)

    double, count, flag = types.float64, types.int64, types.boolean
    return types.void(
        *(fixed(count, 1),) * 5, fixed(types.int8, 1), fixed(flag, 1), fixed(double, 1), fixed(count, 1),
        fixed(count, 1), fixed(flag, 2),
        fixed(double, 4), fixed(double, 1), double, double, double, fixed(double, 4), fixed(count, 1),
        fixed(double, 2), fixed(double, 5), fixed(double, 4), fixed(double, 1), flag, count, count,
        double[:, :, ::1], double[::1], double[::1],
    )  # fmt: skip
