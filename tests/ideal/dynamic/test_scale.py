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
GROUPS = np.array([0, 1, 0, -1, 1, 1, -1, 0, 1])


def make_walk(*, grouped: bool = False) -> Walk:
    rng = np.random.default_rng(0)
    seen = rng.random((N_PERIODS, N_MEMBERS)) < 0.7
    walk = Walk(seen, np.array([1.0, 2.0, 0.5]), rng.uniform(0.2, 0.5, N_MEMBERS), 0.0, 1.2)
    return replace(walk, groups=GROUPS, delta_group=0.6) if grouped else walk


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
        0.5 * rng.standard_normal((N_PERIODS, walk.n_groups)),
    )


def make_resistance(*, bridged: bool, n_steps: int = 0, n_groups: int = 0) -> Resistance:
    rng = np.random.default_rng(2)
    home = rng.integers(0, N_PERIODS, N_ITEMS).astype(np.intp)
    zero = np.zeros(N_PERIODS)
    by_group = np.zeros((N_PERIODS, n_groups))
    if not bridged:
        none, shares = np.zeros(0), np.zeros((0, n_groups))
        moves = np.zeros((0, N_PERIODS + n_steps))
        return Resistance(home, moves, none, none, zero, zero, by_group, by_group, shares)
    home[::4] = -1
    slopes, curvatures = 3.0 * rng.standard_normal((2, N_PERIODS)), rng.uniform(2.0, 9.0, (2, N_PERIODS))
    moves = np.zeros((N_BRIDGING, N_PERIODS + n_steps))
    moves[np.arange(N_BRIDGING), rng.integers(0, N_PERIODS, N_BRIDGING)] = 1.0
    moves[:, N_PERIODS:] = rng.standard_normal((N_BRIDGING, n_steps))
    by_shift, bend = 2.0 * rng.standard_normal(N_BRIDGING), rng.uniform(1.0, 4.0, N_BRIDGING)
    shares = np.tile([0.3, 0.4][:n_groups], (N_BRIDGING, 1))
    by_group, curved = 2.0 * rng.standard_normal(by_group.shape), rng.uniform(4.0, 9.0, by_group.shape)
    return Resistance(home, moves, by_shift, bend, slopes[1], curvatures[1], by_group, curved, shares)


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
    """The expected log priors of members, of the paths of their groups, and of items, without constants."""
    total = 0.0
    for group in range(walk.n_groups):
        level, *steps = q.group_steps[:, group]
        total -= 0.5 * (level / walk.start) ** 2
        total -= 0.5 * float(np.sum(np.square(steps) / walk.gaps)) / walk.delta_group**2
    for member in range(N_MEMBERS):
        apart = q.means[:, member]
        if walk.n_groups and walk.groups[member] >= 0:
            apart = apart - np.cumsum(q.group_steps[:, walk.groups[member]])
        second = np.outer(apart, apart) + covariance(q, member)
        total -= 0.5 * float(np.sum(dense_precision(walk, member) * second))
    total -= 0.5 * float(np.sum(q.slopes**2 + q.items[:, 0])) / SLOPE_SD**2
    total -= 0.5 * float(np.sum(q.midpoints**2 + q.items[:, 2])) / MIDPOINT_SD**2
    return total


def measured(q: Variational, walk: Walk) -> Floats:
    """The deviations that define the scale: from the path of the group, whose mean over its votes is 0."""
    result = q.means.copy()
    for group in range(walk.n_groups):
        path = np.cumsum(q.group_steps[1:, group])
        path = np.concatenate([[0.0], path])
        members = walk.groups == group
        votes = walk.seen[:, members].sum(axis=1)
        result[:, members] -= (path - path @ votes / votes.sum())[:, None]
    return result


def transform(
    q: Variational,
    home: NDArray[np.intp],
    *,
    shifts: Floats,
    logs: Floats,
    by_group: Floats | None = None,
) -> Variational:
    """Shift and then multiply the positions of each period; its local items follow, vote by vote.

    The paths of groups follow, too. `by_group` shifts the members of a group and its path alone.
    """
    factors = np.exp(logs)
    paths = np.cumsum(q.group_steps, axis=0) + shifts[:, None]
    means = q.means + shifts[:, None]
    if by_group is not None:
        paths = paths + by_group
        means = means + by_group @ (np.arange(by_group.shape[1])[:, None] == GROUPS)
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
        factors[:, None] * means,
        factors[:, None] ** 2 * q.variances,
        (factors[1:] * factors[:-1])[:, None] * q.lags,
        slopes,
        midpoints,
        items,
        np.diff(factors[:, None] * paths, axis=0, prepend=0.0),
    )


def eta_moments(q: Variational, period: int, item: int) -> Floats:
    """Mean and variance of position times discrimination minus midpoint, of all members."""
    m, v, b = q.means[period], q.variances[period], q.slopes[item]
    var_b, cov, var_k = q.items[item]
    return np.stack([m * b - q.midpoints[item], var_k + m**2 * var_b - 2 * m * cov + v * (b**2 + var_b)])


def assert_same_distributions(one: Variational, other: Variational) -> None:
    for name in ("means", "variances", "lags", "slopes", "midpoints", "items", "group_steps"):
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


@pytest.mark.parametrize(
    ("bridged", "with_steps", "n_groups"),
    [(False, False, 0), (True, False, 0), (True, True, 0), (False, False, 2), (True, True, 2)],
)
def test_shifts_maximise_the_objective(
    monkeypatch: pytest.MonkeyPatch, bridged: bool, with_steps: bool, n_groups: int
) -> None:
    monkeypatch.setattr("voteshift.ideal.dynamic.scale._LONGEST", 9.0)
    walk = replace(make_walk(grouped=n_groups > 0), delta=0.7 if with_steps else 0.0)
    steps = STEPS if with_steps else np.zeros(0)
    q = make_q(walk)
    resistance = make_resistance(bridged=bridged, n_steps=len(steps), n_groups=n_groups)
    moved, steps_after = relocated(q, steps, walk, MIDPOINT_SD, resistance, PULL)
    change = moved.means - q.means
    shifts = change[:, GROUPS < 0][:, 0]
    by_group = np.stack([change[:, group == GROUPS][:, 0] - shifts for group in range(n_groups)] or [[]]).T
    found = np.concatenate([shifts, steps_after - steps, by_group.ravel()])
    none = np.zeros_like(found)
    n_first = N_PERIODS + len(steps)

    def after(moves: Floats) -> Variational:
        return transform(
            q,
            resistance.home,
            shifts=moves[:N_PERIODS],
            logs=np.zeros(N_PERIODS),
            by_group=moves[n_first:].reshape(N_PERIODS, n_groups),
        )

    def objective(moves: Floats) -> float:
        other = after(moves)
        change, groups = resistance.shifts @ moves[:n_first], moves[n_first:].reshape(N_PERIODS, n_groups)
        crossed = resistance.shifts[:, :N_PERIODS] @ groups
        both = change**2 + 2.0 * change * np.sum(resistance.group_shares * crossed, axis=1)
        likelihood = change @ resistance.shift_slope - 0.5 * both @ resistance.shift_curvature
        likelihood += np.sum(groups * resistance.group_slope - 0.5 * groups**2 * resistance.group_curvature)
        path = (steps + moves[N_PERIODS:n_first]) ** 2 @ walk.step_precision if with_steps else 0.0
        held = PULL * np.sum(walk.seen * measured(other, walk) ** 2)
        return float(expected_priors(other, walk) + likelihood - 0.5 * held - 0.5 * path)

    def total(moves: Floats) -> float:
        return float(measured(after(moves), walk)[walk.seen].sum())

    assert_same_distributions(replace(moved, group_steps=after(found).group_steps), after(found))
    if not n_groups:
        assert_local_likelihood_kept(q, moved, resistance)
    assert abs(total(found)) < 1e-10
    normal = differences(total, none)
    assert np.abs(along(differences(objective, none), normal)).max() > 0.1
    np.testing.assert_allclose(along(differences(objective, found), normal), 0.0, atol=1e-6)


def test_repeated_shifts_reach_the_best_steps_of_groups() -> None:
    walk = make_walk(grouped=True)
    resistance = make_resistance(bridged=False, n_groups=2)
    q = make_q(walk)
    for _ in range(300):
        q, _ = relocated(q, np.zeros(0), walk, MIDPOINT_SD, resistance, PULL)

    def objective(steps: Floats) -> float:
        other = replace(q, group_steps=steps.reshape(N_PERIODS, 2))
        return expected_priors(other, walk) - 0.5 * PULL * float(
            np.sum(walk.seen * measured(other, walk) ** 2)
        )

    def total(steps: Floats) -> float:
        other = replace(q, group_steps=steps.reshape(N_PERIODS, 2))
        return float(measured(other, walk)[walk.seen].sum())

    at = q.group_steps.ravel()
    np.testing.assert_allclose(along(differences(objective, at), differences(total, at)), 0.0, atol=1e-5)


def test_a_group_does_not_jump_where_the_multiplier_is_rough() -> None:
    """In the first sweeps the multiplier can be hundreds in size, and negative."""
    walk, resistance = make_walk(grouped=True), make_resistance(bridged=True, n_groups=2)
    q = make_q(walk)
    moved, _ = relocated(q, np.zeros(0), walk, MIDPOINT_SD, resistance, -300.0)
    change = moved.means - q.means
    apart = change - change[:, GROUPS < 0][:, :1]
    assert 0.4 < np.abs(apart).max() < 0.501


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


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("bridged", [False, True])
def test_factors_maximise_the_objective(bridged: bool, grouped: bool) -> None:
    walk = make_walk(grouped=grouped)
    q, resistance = make_q(walk), make_resistance(bridged=bridged, n_groups=walk.n_groups)
    moved = rescaled(q, walk, SLOPE_SD, resistance, SHIFT)
    found = np.log(moved.means / q.means)[:, 0]
    none = np.zeros(N_PERIODS)

    def objective(logs: Floats) -> float:
        return scale_objective(q, walk, resistance, logs)

    def held(logs: Floats) -> float:
        other = transform(q, resistance.home, shifts=none, logs=logs)
        return float(np.sum(walk.seen * (measured(other, walk) ** 2 + other.variances)))

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
