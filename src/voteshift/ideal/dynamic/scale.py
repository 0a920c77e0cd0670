"""Location and scale of the periods: moves that the likelihood of most roll calls does not see.

If the positions of a period are shifted or multiplied, and the items that occur only in this period follow,
their likelihood does not change. Updates of members and items in turn converge slowly in these directions.
Here they are solved for all periods at once. Items that bridge periods do not follow, so their likelihood
resists the move; it enters by its slope and curvature.

The same holds for a group of members whose positions move together with the path of the group: the prior of
their own steps does not see the move. The paths here contain the levels of the groups.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.dynamic.walk import Walk

__all__ = ["Resistance", "Variational", "relocated", "rescaled"]

Floats = NDArray[np.float64]
_LARGEST = 0.2  # change of a log scale in one step of the solver
_FARTHEST = 0.3  # change of a log scale in one call: far from the maximum of a fit, its multipliers are rough
_STEPS = 40
_HALVINGS = 20
_SMALL = 1e-10
_LONGEST = 0.5  # shift of a group in one call, and change of its step, for the same reason
_FLATTEST = 1e-6  # curvature by a log scale
_ROUNDING = 1e-13  # of the objective


@dataclass(frozen=True, slots=True)
class Variational:
    """Independent normal distributions of members and items.

    Attributes
    ----------
    means, variances : ndarray, shape (n_periods, n_members)
        Deviations of the members.
    lags : ndarray, shape (n_periods - 1, n_members)
        Covariances of a member's deviations in successive periods.
    slopes, midpoints : ndarray, shape (n_items,)
        Means of the items.
    items : ndarray, shape (n_items, 3)
        Variance of the discrimination, covariance with the midpoint, and variance of the midpoint.
    group_steps : ndarray, shape (n_periods, n_groups)
        Levels of groups in the first row, then their steps. Empty without groups.
    """

    means: Floats
    variances: Floats
    lags: Floats
    slopes: Floats
    midpoints: Floats
    items: Floats
    group_steps: Floats


@dataclass(frozen=True, slots=True)
class Resistance:
    """The periods of the items, and the likelihood of the items that bridge periods.

    Attributes
    ----------
    home : ndarray of int, shape (n_items,)
        The period of an item, or -1 if the item bridges periods.
    shifts : ndarray, shape (n_bridging, n_periods + n_steps)
        Change of the positions at each roll call of a bridging item, by a shift of each period and by each
        common step; without common steps, n_steps is 0.
    shift_slope, shift_curvature : ndarray, shape (n_bridging,)
        Derivatives of the log-likelihood of each of these roll calls by a change of all positions.
    scale_slope, scale_curvature : ndarray, shape (n_periods,)
        Derivatives of the log-likelihood of bridging items by the log of the scale of a period.
    group_slope, group_curvature : ndarray, shape (n_periods, n_groups)
        Derivatives of the log-likelihood of all items by the positions of a group in a period.
    group_shares : ndarray, shape (n_bridging, n_groups)
        Share of each group in `shift_curvature`, about.
    """

    home: NDArray[np.intp]
    shifts: Floats
    shift_slope: Floats
    shift_curvature: Floats
    scale_slope: Floats
    scale_curvature: Floats
    group_slope: Floats
    group_curvature: Floats
    group_shares: Floats

    def sum_by_period(self, values: Floats) -> Floats:
        """Sum values of the items over the items of each period."""
        local = self.home >= 0
        return np.bincount(self.home[local], values[local], len(self.scale_slope)).astype(np.float64)


def relocated(
    q: Variational, steps: Floats, walk: Walk, midpoint_sd: float, resistance: Resistance, pull: float
) -> tuple[Variational, Floats]:
    """Shift the positions of each period, those of each group, and the common path to the maximum.

    The items of a period follow its shift, and so do the paths of groups. They do not follow the shift of one
    group. The mean over the member-periods with a vote becomes 0. At the end, the steps of groups take their
    best values given the positions.

    Parameters
    ----------
    q : Variational
        The distributions.
    steps : ndarray, shape (n_steps,)
        Common steps; empty if the model has none.
    walk : Walk
        Prior of the positions.
    midpoint_sd : float
        Prior standard deviation of the midpoints.
    resistance : Resistance
        The likelihood of bridging items, and of all items by the positions of a group.
    pull : float
        Multiplier of the constraint on the mean square of the positions.
    """
    n_periods, n_groups = len(q.means), walk.n_groups
    paths = np.cumsum(q.group_steps, axis=0)
    individual = walk.individual(q.means, q.group_steps)
    prior = _PathPrior(walk, pull)
    size = n_periods + len(steps) + n_periods * n_groups
    curvature, slope, constraint = np.zeros((size, size)), np.zeros(size), np.zeros(size)
    every, path = slice(0, n_periods), slice(n_periods, n_periods + len(steps))
    both = slice(0, n_periods + len(steps))
    slope[every], curvature[every, every] = _slope_without_groups(q, walk, midpoint_sd, resistance, pull)
    constraint[every] = walk.seen.sum(axis=1)
    if len(steps):
        curvature[path, path] = np.diag(walk.step_precision)
        slope[path] = -walk.step_precision * steps
    slope[both] += resistance.shifts.T @ resistance.shift_slope
    curvature[both, both] += resistance.shifts.T @ (resistance.shift_curvature[:, None] * resistance.shifts)
    for group in range(n_groups):
        begin = n_periods + len(steps) + group * n_periods
        place = slice(begin, begin + n_periods)
        by_path, bend = prior.slope_and_curvature(group, paths, individual)
        slope[every] += by_path
        slope[place] = by_path + resistance.group_slope[:, group]
        curvature[every, every] += bend
        curvature[place, place] = bend + np.diag(resistance.group_curvature[:, group])
        curvature[every, place] = bend
        share = resistance.shift_curvature * resistance.group_shares[:, group]
        curvature[both, place] += resistance.shifts.T @ (share[:, None] * resistance.shifts[:, every])
        curvature[place, both] = curvature[both, place].T
        constraint[place] = prior.counts[group]
    system = np.block([[curvature, constraint[:, None]], [constraint[None], np.zeros((1, 1))]])
    solution = np.linalg.solve(system, np.append(slope, -individual[walk.seen].sum()))
    shifts = solution[every]
    by_group = np.clip(solution[both.stop : -1].reshape(n_groups, n_periods).T, -_LONGEST, _LONGEST)
    by_item = np.where(resistance.home >= 0, shifts[resistance.home], 0.0)
    variance, covariance, middle = q.items.T
    items = np.column_stack(
        [
            variance,
            covariance + by_item * variance,
            middle + by_item * (2.0 * covariance + by_item * variance),
        ]
    )
    means = q.means + shifts[:, None] + by_group @ walk.membership
    group_steps = np.diff(paths + shifts[:, None] + by_group, axis=0, prepend=0.0)
    if n_groups:
        group_steps = group_steps + prior.steps_given(means, group_steps, float(solution[-1]))
    moved = Variational(
        means,
        q.variances,
        q.lags,
        q.slopes,
        q.midpoints + by_item * q.slopes,
        items,
        group_steps,
    )
    return moved, steps + solution[path]


def _slope_without_groups(
    q: Variational, walk: Walk, midpoint_sd: float, resistance: Resistance, pull: float
) -> tuple[Floats, Floats]:
    """Return gradient and curvature by shifts of the periods, of members without a group and of midpoints."""
    alone = walk.alone
    individual = walk.individual(q.means, q.group_steps)
    within = walk.diagonal[:, alone].sum(axis=1) + pull * walk.seen[:, alone].sum(axis=1)
    within += midpoint_sd**-2 * resistance.sum_by_period(q.slopes**2 + q.items[:, 0])
    links = -walk.precision[:, alone].sum(axis=1)
    slope = -walk.pulled(q.means, q.group_steps)[:, alone].sum(axis=1)
    slope -= pull * np.sum((walk.seen * individual)[:, alone], axis=1)
    slope -= midpoint_sd**-2 * resistance.sum_by_period(q.slopes * q.midpoints + q.items[:, 1])
    return slope, np.diag(within) + np.diag(links, 1) + np.diag(links, -1)


class _PathPrior:
    """The prior of the paths of groups and the constraint on the scale, by moves of the paths.

    The members of a group move with its path. Their deviations from the path then change only by the mean of
    the move over the member-periods of the group.

    Attributes
    ----------
    counts : ndarray, shape (n_groups, n_periods)
        Members of each group with a vote in each period.
    """

    def __init__(self, walk: Walk, pull: float) -> None:
        self.walk, self.pull = walk, pull
        self.counts = walk.membership @ walk.seen.T

    @property
    def precision(self) -> Floats:
        """Prior precision of a path, shape (n_periods, n_periods)."""
        steps = np.diff(np.eye(len(self.walk.seen)), axis=0, prepend=0.0)
        return np.asarray(steps.T @ (self.walk.group_prior * steps))

    def slope_and_curvature(self, group: int, paths: Floats, individual: Floats) -> tuple[Floats, Floats]:
        """Return the gradient by the path of a group, and a positive definite curvature.

        It is minus the second derivatives if the multiplier `pull` is not negative. A negative one is left
        out: along the path alone, the objective would seem to be convex.
        """
        members, counts = self.walk.groups == group, self.counts[group]
        n_seen = max(float(counts.sum()), 1.0)
        total = float((self.walk.seen * individual)[:, members].sum())
        slope = -self.precision @ paths[:, group] - self.pull * total * counts / n_seen
        return slope, self.precision + max(self.pull, 0.0) * np.outer(counts, counts) / n_seen

    def steps_given(self, means: Floats, group_steps: Floats, shift: float) -> Floats:
        """Return a Newton step of the steps of groups, for given positions.

        `shift` is the multiplier of the constraint that the mean of the positions is 0.
        """
        walk = self.walk
        held = walk.seen * (shift + self.pull * walk.individual(means, group_steps))
        ascent = walk.flow(means, group_steps) @ walk.membership.T - walk.group_prior * group_steps
        ascent += walk.sum_by_group(held)
        paths = walk.group_accumulation
        bend = max(self.pull, 0.0) * np.einsum("gts,gt,gtr->gsr", paths, self.counts, paths)
        bend += np.einsum("sg,sr->gsr", walk.group_precision, np.eye(len(means)))
        return np.clip(np.linalg.solve(bend, ascent.T[..., None])[..., 0].T, -_LONGEST, _LONGEST)


def rescaled(
    q: Variational, walk: Walk, discrimination_sd: float, resistance: Resistance, tilt: float
) -> Variational:
    """Multiply the positions of each period by the factor that maximises the objective, and divide its items.

    The paths of groups are multiplied, too. The mean square over the member-periods with a vote does not
    change. `tilt` is the multiplier of the constraint that their mean is 0.
    """
    paths = np.cumsum(q.group_steps, axis=0)
    apart = q.means - paths @ walk.membership
    squares = apart**2 + q.variances
    prior = walk.group_prior
    by_path = np.concatenate([prior[1:], np.zeros((1, 1))]) + prior
    linked = np.sum(walk.precision * (apart[1:] * apart[:-1] + q.lags), axis=1)
    terms = _ScaleTerms(
        within=np.sum(walk.diagonal * squares, axis=1) + np.sum(by_path * paths**2, axis=1),
        linked=-linked - np.sum(prior[1:] * paths[1:] * paths[:-1], axis=1),
        items=resistance.sum_by_period(q.slopes**2 + q.items[:, 0]) / discrimination_sd**2,
        tilted=tilt * np.sum(walk.seen * q.means, axis=1),
        free=q.means.shape[1] - resistance.sum_by_period(np.ones(len(q.slopes))) + resistance.scale_slope,
        resistance=resistance.scale_curvature,
    )
    held = np.diag(np.sum(walk.seen * squares, axis=1)) + _between_periods(walk, apart, paths)
    factor = np.exp(_maximise(terms, held))
    by_item = np.where(resistance.home >= 0, factor[resistance.home], 1.0)
    return Variational(
        q.means * factor[:, None],
        q.variances * factor[:, None] ** 2,
        q.lags * (factor[1:] * factor[:-1])[:, None],
        q.slopes / by_item,
        q.midpoints,
        q.items / np.column_stack([by_item**2, by_item, np.ones_like(by_item)]),
        np.diff(paths * factor[:, None], axis=0, prepend=0.0),
    )


def _between_periods(walk: Walk, apart: Floats, paths: Floats) -> Floats:
    """Return what the levels of groups add to the sum of squares, as a quadratic form of the factors.

    The deviation of a member is measured from the path of its group without the mean of this path, so it is
    f_t d_it + sum_s f_s v_s, with d_it measured from the path and v_s the terms of its mean.
    """
    counts = walk.membership @ walk.seen.T
    n_seen = np.maximum(counts.sum(axis=1), 1.0)
    means = counts * paths.T / n_seen[:, None]
    sums = walk.membership @ (walk.seen * apart).T
    crossed = sums.T @ means
    return np.asarray(crossed + crossed.T + (n_seen[:, None] * means).T @ means)


@dataclass(frozen=True, slots=True)
class _ScaleTerms:
    """The objective as a function of the logs of the factors.

    Attributes
    ----------
    within, linked : ndarray, shapes (n_periods,) and (n_periods - 1,)
        Coefficients of the prior of the positions: of squared factors, and of products of successive factors.
    items : ndarray, shape (n_periods,)
        Coefficients of the prior of the discriminations.
    tilted : ndarray, shape (n_periods,)
        Coefficients of the factors.
    free, resistance : ndarray, shape (n_periods,)
        Slope and curvature by the logs themselves.
    """

    within: Floats
    linked: Floats
    items: Floats
    tilted: Floats
    free: Floats
    resistance: Floats

    def value(self, logs: Floats) -> float:
        """Return the objective."""
        factor = np.exp(logs)
        by_period = self.free * logs - 0.5 * self.resistance * logs**2 - self.tilted * factor
        by_period -= 0.5 * (self.within * factor**2 + self.items / factor**2)
        return float(by_period.sum() - np.sum(self.linked * factor[:-1] * factor[1:]))

    def slope_and_curvature(self, logs: Floats) -> tuple[Floats, Floats]:
        """Return the gradient and minus the second derivatives."""
        factor = np.exp(logs)
        within, inverse, tilted = self.within * factor**2, self.items / factor**2, self.tilted * factor
        cross = self.linked * factor[:-1] * factor[1:]
        both = np.append(cross, 0.0) + np.append(0.0, cross)
        slope = self.free - self.resistance * logs - within + inverse - tilted - both
        curvature = np.diag(2.0 * within + 2.0 * inverse + self.resistance + tilted + both)
        return slope, curvature + np.diag(cross, 1) + np.diag(cross, -1)


def _maximise(terms: _ScaleTerms, held: Floats) -> Floats:
    """Return the logs of the factors f at a maximum with an unchanged sum of `held` times f f'.

    The objective is not concave far from the maximum. Each Newton step therefore takes the absolute values of
    the curvatures, and becomes shorter until the objective does not fall.
    """
    logs = np.zeros(len(held))
    value, total = terms.value(logs), float(held.sum())
    for _ in range(_STEPS):
        slope, curvature = terms.slope_and_curvature(logs)
        factor = np.exp(logs)
        kept = factor * (held @ factor)
        pull = float(slope @ kept / (kept @ kept))
        bent = curvature + pull * (np.diag(kept) + held * np.outer(factor, factor))
        tangent = np.linalg.qr(kept[:, None], mode="complete")[0][:, 1:]
        bends, axes = np.linalg.eigh(tangent.T @ bent @ tangent)
        axes = tangent @ axes
        step = axes @ ((axes.T @ slope) / np.maximum(np.abs(bends), _FLATTEST))
        size = float(np.abs(step).max(initial=0.0))
        length = min(1.0, _LARGEST / max(size, _SMALL))
        for _ in range(_HALVINGS):
            moved = logs + length * step
            factor = np.exp(moved)
            moved -= 0.5 * np.log(factor @ held @ factor / total)
            reached = terms.value(moved)
            if reached >= value - _ROUNDING * abs(value):
                logs, value = moved, reached
                break
            length *= 0.5
        if size < _SMALL or np.abs(logs).max() > _FARTHEST:
            break
    return logs
