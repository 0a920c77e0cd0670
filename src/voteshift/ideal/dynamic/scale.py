"""Location and scale of the periods: moves that the likelihood of most roll calls does not see.

If the positions of a period are shifted or multiplied, and the items that occur only in this period follow,
their likelihood does not change. Updates of members and items in turn converge slowly in these directions.
Here they are solved for all periods at once. Items that bridge periods do not follow, so their likelihood
resists the move; it enters by its slope and curvature.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.dynamic.walk import Walk

__all__ = ["Resistance", "Variational", "relocated", "rescaled"]

Floats = NDArray[np.float64]
_LARGEST = 0.2  # change of a log scale in one step of the solver
_STEPS = 40
_SMALL = 1e-10


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
    """

    means: Floats
    variances: Floats
    lags: Floats
    slopes: Floats
    midpoints: Floats
    items: Floats


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
    """

    home: NDArray[np.intp]
    shifts: Floats
    shift_slope: Floats
    shift_curvature: Floats
    scale_slope: Floats
    scale_curvature: Floats

    def sum_by_period(self, values: Floats) -> Floats:
        """Sum values of the items over the items of each period."""
        local = self.home >= 0
        return np.bincount(self.home[local], values[local], len(self.scale_slope)).astype(np.float64)


def relocated(
    q: Variational, steps: Floats, walk: Walk, midpoint_sd: float, resistance: Resistance, pull: float
) -> tuple[Variational, Floats]:
    """Shift the positions of each period and the common path to the maximum of the objective.

    The items of a period follow its shift. The mean over the member-periods with a vote becomes 0.

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
        The likelihood of bridging items.
    pull : float
        Multiplier of the constraint on the mean square of the positions.
    """
    n_periods = len(q.means)
    links = -walk.precision.sum(axis=1)
    curvature = np.zeros((n_periods + len(steps), n_periods + len(steps)))
    slope = np.zeros(len(curvature))
    count = walk.seen.sum(axis=1).astype(np.float64)
    precision = midpoint_sd**-2
    within = walk.diagonal.sum(axis=1) + pull * count
    within += precision * resistance.sum_by_period(q.slopes**2 + q.items[:, 0])
    curvature[:n_periods, :n_periods] = np.diag(within) + np.diag(links, 1) + np.diag(links, -1)
    slope[:n_periods] = -walk.pulled(q.means).sum(axis=1) - pull * np.sum(walk.seen * q.means, axis=1)
    slope[:n_periods] -= precision * resistance.sum_by_period(q.slopes * q.midpoints + q.items[:, 1])
    if len(steps):
        path = np.arange(n_periods, len(curvature))
        curvature[path, path] = walk.step_precision
        slope[path] = -walk.step_precision * steps
    slope += resistance.shifts.T @ resistance.shift_slope
    curvature += resistance.shifts.T @ (resistance.shift_curvature[:, None] * resistance.shifts)
    constraint = np.concatenate([count, np.zeros(len(steps))])
    system = np.block([[curvature, constraint[:, None]], [constraint[None], np.zeros((1, 1))]])
    solution = np.linalg.solve(system, np.append(slope, -q.means[walk.seen].sum()))[:-1]
    shifts = solution[:n_periods]
    by_item = np.where(resistance.home >= 0, shifts[resistance.home], 0.0)
    variance, covariance, middle = q.items.T
    items = np.column_stack(
        [
            variance,
            covariance + by_item * variance,
            middle + by_item * (2.0 * covariance + by_item * variance),
        ]
    )
    moved = Variational(
        q.means + shifts[:, None],
        q.variances,
        q.lags,
        q.slopes,
        q.midpoints + by_item * q.slopes,
        items,
    )
    return moved, steps + solution[n_periods:]


def rescaled(
    q: Variational,
    walk: Walk,
    discrimination_sd: float,
    resistance: Resistance,
    multipliers: tuple[float, float],
) -> Variational:
    """Multiply the positions of each period by the factor that maximises the objective, and divide its items.

    The mean square over the member-periods with a vote does not change. `multipliers` are those of the
    constraints that their mean is 0 and their mean square is 1; the second is a start.
    """
    shift, pull = multipliers
    n_periods, n_members = q.means.shape
    squares = q.means**2 + q.variances
    within = np.sum(walk.diagonal * squares, axis=1)
    linked = -np.sum(walk.precision * (q.means[1:] * q.means[:-1] + q.lags), axis=1)
    held = np.sum(walk.seen * squares, axis=1)
    items = resistance.sum_by_period(q.slopes**2 + q.items[:, 0]) / discrimination_sd**2
    tilted = shift * np.sum(walk.seen * q.means, axis=1)
    free = n_members - resistance.sum_by_period(np.ones(len(q.slopes))) + resistance.scale_slope
    logs = np.zeros(n_periods)
    inner = np.arange(n_periods - 1)
    for _ in range(_STEPS):
        factor = np.exp(logs)
        square = factor**2
        cross = linked * factor[:-1] * factor[1:]
        slope = (
            free - within * square + items / square - resistance.scale_curvature * logs - pull * held * square
        )
        slope -= tilted * factor
        slope[:-1] -= cross
        slope[1:] -= cross
        curvature = np.diag(
            2.0 * (within + pull * held) * square
            + 2.0 * items / square
            + resistance.scale_curvature
            + tilted * factor
        )
        for one, other in ((inner, inner), (inner + 1, inner + 1), (inner, inner + 1), (inner + 1, inner)):
            curvature[one, other] += cross
        kept = held * square
        system = np.block([[curvature, kept[:, None]], [2.0 * kept[None], np.zeros((1, 1))]])
        solution = np.linalg.solve(system, np.append(slope, held.sum() - kept.sum()))
        step = np.clip(solution[:-1], -_LARGEST, _LARGEST)
        logs += step
        pull += float(solution[-1])
        if np.abs(step).max() < _SMALL:
            break
    factor = np.exp(logs)
    by_item = np.where(resistance.home >= 0, factor[resistance.home], 1.0)
    return Variational(
        q.means * factor[:, None],
        q.variances * factor[:, None] ** 2,
        q.lags * (factor[1:] * factor[:-1])[:, None],
        q.slopes / by_item,
        q.midpoints,
        q.items / np.column_stack([by_item**2, by_item, np.ones_like(by_item)]),
    )
