"""Moves of the periods against the variational objective in plain NumPy, of which they are the maximum."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from voteshift.ideal.dynamic.scale import Resistance, Variational, relocated, rescaled
from voteshift.ideal.dynamic.walk import Walk

Floats = NDArray[np.float64]

N_PERIODS, N_MEMBERS, N_ITEMS, N_BRIDGING = 4, 9, 30, 12
STEPS = np.array([0.3, -0.4, 0.1])
SLOPE_SD, MIDPOINT_SD = 1.3, 1.7
PULL, SHIFT = 2.5, 0.8


def make_walk() -> Walk:
    rng = np.random.default_rng(0)
    seen = rng.random((N_PERIODS, N_MEMBERS)) < 0.7
    return Walk(seen, np.array([1.0, 2.0, 0.5]), rng.uniform(0.2, 0.5, N_MEMBERS), 0.0, 1.2)


def make_q(walk: Walk) -> Variational:
    """Draw walks of all members, and multiply the positions of each period by a factor."""
    rng = np.random.default_rng(1)
    steps = walk.tau * rng.standard_normal((N_PERIODS, N_MEMBERS))
    means = 1.1 * rng.standard_normal(N_MEMBERS) + np.cumsum(steps, axis=0)
    means *= np.array([1.3, 1.0, 0.8, 1.0])[:, None]
    means -= means[walk.seen].mean()
    means += np.array([0.1, -0.2, 0.0, 0.1])[:, None]
    roots = 0.4 * rng.standard_normal((N_ITEMS, 2, 2))
    items = roots @ roots.transpose(0, 2, 1)
    variances = rng.uniform(0.05, 0.3, means.shape)
    return Variational(
        means,
        variances,
        0.6 * np.sqrt(variances[1:] * variances[:-1]),
        1.5 * rng.standard_normal(N_ITEMS),
        rng.standard_normal(N_ITEMS),
        np.stack([items[:, 0, 0], items[:, 0, 1], items[:, 1, 1]], axis=1),
    )


def make_resistance(*, bridged: bool, n_steps: int = 0) -> Resistance:
    rng = np.random.default_rng(2)
    home = rng.integers(0, N_PERIODS, N_ITEMS).astype(np.intp)
    zero = np.zeros(N_PERIODS)
    if not bridged:
        none = np.zeros(0)
        return Resistance(home, np.zeros((0, N_PERIODS + n_steps)), none, none, zero, zero)
    home[::4] = -1
    slopes, curvatures = 3.0 * rng.standard_normal((2, N_PERIODS)), rng.uniform(2.0, 9.0, (2, N_PERIODS))
    moves = np.zeros((N_BRIDGING, N_PERIODS + n_steps))
    moves[np.arange(N_BRIDGING), rng.integers(0, N_PERIODS, N_BRIDGING)] = 1.0
    moves[:, N_PERIODS:] = rng.standard_normal((N_BRIDGING, n_steps))
    by_shift, bend = 2.0 * rng.standard_normal(N_BRIDGING), rng.uniform(1.0, 4.0, N_BRIDGING)
    return Resistance(home, moves, by_shift, bend, slopes[1], curvatures[1])


def dense_precision(walk: Walk, member: int) -> Floats:
    """Prior precision of one member's deviations, from the definition: a first period, then steps."""
    steps = np.diff(np.eye(N_PERIODS), axis=0)
    result = steps.T @ (steps / (walk.gaps * walk.tau[member] ** 2)[:, None])
    result[0, 0] += walk.start**-2
    return result


def covariance(q: Variational, member: int) -> Floats:
    """The entries of a member's covariance matrix that the prior needs; others are 0."""
    lags = q.lags[:, member]
    return np.diag(q.variances[:, member]) + np.diag(lags, 1) + np.diag(lags, -1)


def expected_priors(q: Variational, walk: Walk) -> float:
    """The expected log priors of members and items, without constants."""
    total = 0.0
    for member in range(N_MEMBERS):
        second = np.outer(q.means[:, member], q.means[:, member]) + covariance(q, member)
        total -= 0.5 * float(np.sum(dense_precision(walk, member) * second))
    total -= 0.5 * float(np.sum(q.slopes**2 + q.items[:, 0])) / SLOPE_SD**2
    total -= 0.5 * float(np.sum(q.midpoints**2 + q.items[:, 2])) / MIDPOINT_SD**2
    return total


def transform(q: Variational, home: NDArray[np.intp], *, shifts: Floats, logs: Floats) -> Variational:
    """Shift and then multiply the positions of each period; its local items follow, vote by vote."""
    factors = np.exp(logs)
    slopes, midpoints, items = q.slopes.copy(), q.midpoints.copy(), q.items.copy()
    for item, period in enumerate(home):
        if period < 0:
            continue
        # (b, k) becomes (b / a, k + s b).
        turn = np.array([[1.0 / factors[period], 0.0], [shifts[period], 1.0]])
        slopes[item], midpoints[item] = turn @ [q.slopes[item], q.midpoints[item]]
        (var_b, cov), (_, var_k) = turn @ [[items[item, 0], items[item, 1]], items[item, 1:]] @ turn.T
        items[item] = var_b, cov, var_k
    return Variational(
        factors[:, None] * (q.means + shifts[:, None]),
        factors[:, None] ** 2 * q.variances,
        (factors[1:] * factors[:-1])[:, None] * q.lags,
        slopes,
        midpoints,
        items,
    )


def eta_moments(q: Variational, period: int, item: int) -> Floats:
    """Mean and variance of position times discrimination minus midpoint, of all members."""
    m, v, b = q.means[period], q.variances[period], q.slopes[item]
    var_b, cov, var_k = q.items[item]
    return np.stack([m * b - q.midpoints[item], var_k + m**2 * var_b - 2 * m * cov + v * (b**2 + var_b)])


def assert_same_distributions(one: Variational, other: Variational) -> None:
    for name in ("means", "variances", "lags", "slopes", "midpoints", "items"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-10, atol=1e-12)


def assert_local_likelihood_kept(before: Variational, after: Variational, resistance: Resistance) -> None:
    assert np.abs(after.means - before.means).max() > 0.01
    for item, period in enumerate(resistance.home):
        if period >= 0:
            np.testing.assert_allclose(
                eta_moments(after, period, item), eta_moments(before, period, item), rtol=1e-9, atol=1e-10
            )
        else:
            assert after.slopes[item] == before.slopes[item]
            assert after.midpoints[item] == before.midpoints[item]
            assert (after.items[item] == before.items[item]).all()


def differences(objective: Callable[[Floats], float], at: Floats) -> Floats:
    """Differentiate by central differences."""
    steps = 1e-5 * np.eye(len(at))
    return np.array([objective(at + step) - objective(at - step) for step in steps]) / 2e-5


def along(gradient: Floats, normal: Floats) -> Floats:
    """Take out of a gradient what changes the constraint."""
    return np.asarray(gradient - normal * (normal @ gradient) / (normal @ normal))


@pytest.mark.parametrize(("bridged", "with_steps"), [(False, False), (True, False), (True, True)])
def test_shifts_maximise_the_objective(bridged: bool, with_steps: bool) -> None:
    walk = replace(make_walk(), delta=0.7 if with_steps else 0.0)
    steps = STEPS if with_steps else np.zeros(0)
    q, resistance = make_q(walk), make_resistance(bridged=bridged, n_steps=len(steps))
    moved, steps_after = relocated(q, steps, walk, MIDPOINT_SD, resistance, PULL)
    found = np.concatenate([(moved.means - q.means)[:, 0], steps_after - steps])
    none = np.zeros_like(found)

    def objective(moves: Floats) -> float:
        other = transform(q, resistance.home, shifts=moves[:N_PERIODS], logs=np.zeros(N_PERIODS))
        change = resistance.shifts @ moves
        likelihood = change @ resistance.shift_slope - 0.5 * change**2 @ resistance.shift_curvature
        path = (steps + moves[N_PERIODS:]) ** 2 @ walk.step_precision if with_steps else 0.0
        held = PULL * np.sum(walk.seen * other.means**2)
        return float(expected_priors(other, walk) + likelihood - 0.5 * held - 0.5 * path)

    assert_same_distributions(
        moved, transform(q, resistance.home, shifts=found[:N_PERIODS], logs=np.zeros(N_PERIODS))
    )
    assert_local_likelihood_kept(q, moved, resistance)
    assert abs(moved.means[walk.seen].mean()) < 1e-12
    count = np.concatenate([walk.seen.sum(axis=1), np.zeros(len(steps))])
    assert np.abs(along(differences(objective, none), count)).max() > 0.1
    np.testing.assert_allclose(along(differences(objective, found), count), 0.0, atol=1e-6)


def test_shifts_restore_the_mean() -> None:
    walk = make_walk()
    q = make_q(walk)
    off = replace(q, means=q.means + 0.3)
    moved, _ = relocated(off, np.zeros(0), walk, MIDPOINT_SD, make_resistance(bridged=True), PULL)
    assert abs(moved.means[walk.seen].mean()) < 1e-12


def scale_objective(q: Variational, walk: Walk, resistance: Resistance, logs: Floats) -> float:
    """The objective with the positions of each period multiplied, without constants.

    The entropy rises by the log of the factor for every member and falls by it for every local item.
    """
    other = transform(q, resistance.home, shifts=np.zeros(N_PERIODS), logs=logs)
    n_local = np.array([np.sum(resistance.home == t) for t in range(N_PERIODS)])
    likelihood = logs @ resistance.scale_slope - 0.5 * logs**2 @ resistance.scale_curvature
    tilted = SHIFT * float(other.means[walk.seen].sum())
    return float(expected_priors(other, walk) + logs @ (N_MEMBERS - n_local) + likelihood - tilted)


@pytest.mark.parametrize("bridged", [False, True])
def test_factors_maximise_the_objective(bridged: bool) -> None:
    walk = make_walk()
    q, resistance = make_q(walk), make_resistance(bridged=bridged)
    moved = rescaled(q, walk, SLOPE_SD, resistance, SHIFT)
    found = np.log(moved.means / q.means)[:, 0]
    none = np.zeros(N_PERIODS)

    def objective(logs: Floats) -> float:
        return scale_objective(q, walk, resistance, logs)

    def held(logs: Floats) -> float:
        other = transform(q, resistance.home, shifts=none, logs=logs)
        return float(np.sum(walk.seen * (other.means**2 + other.variances)))

    assert_same_distributions(moved, transform(q, resistance.home, shifts=none, logs=found))
    assert_local_likelihood_kept(q, moved, resistance)
    assert held(found) == pytest.approx(held(none), rel=1e-9)
    start = along(differences(objective, none), differences(held, none))
    assert np.abs(start).max() > 0.1
    end = along(differences(objective, found), differences(held, found))
    np.testing.assert_allclose(end, 0.0, atol=1e-6)
    assert objective(found) > objective(none)


@pytest.mark.parametrize("bridged", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_factors_do_not_lower_the_objective_where_it_is_not_concave(bridged: bool, seed: int) -> None:
    """Positions that are nothing like a random walk, as in the first sweeps of a fit."""
    walk, resistance = make_walk(), make_resistance(bridged=bridged)
    means = np.random.default_rng(seed).standard_normal((N_PERIODS, N_MEMBERS))
    q = replace(make_q(walk), means=means - means[walk.seen].mean())
    moved = rescaled(q, walk, SLOPE_SD, resistance, SHIFT)
    logs = np.log(moved.means / q.means)[:, 0]
    before, after = (scale_objective(q, walk, resistance, at) for at in (np.zeros(N_PERIODS), logs))
    assert after > before
    assert np.sum(walk.seen * (moved.means**2 + moved.variances)) == pytest.approx(
        np.sum(walk.seen * (q.means**2 + q.variances)), rel=1e-9
    )


def test_at_the_maximum_nothing_moves() -> None:
    walk, resistance = make_walk(), make_resistance(bridged=False)
    none = np.zeros(0)
    shifted, _ = relocated(make_q(walk), none, walk, MIDPOINT_SD, resistance, PULL)
    again, _ = relocated(shifted, none, walk, MIDPOINT_SD, resistance, PULL)
    assert_same_distributions(again, shifted)
    scaled = rescaled(shifted, walk, SLOPE_SD, resistance, SHIFT)
    assert_same_distributions(rescaled(scaled, walk, SLOPE_SD, resistance, SHIFT), scaled)
