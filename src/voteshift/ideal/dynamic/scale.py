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
_FARTHEST = 0.3  # change of a log scale in one call: far from the maximum of a fit, its multipliers are rough
_STEPS = 40
_HALVINGS = 20
_SMALL = 1e-10
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
    q: Variational, walk: Walk, discrimination_sd: float, resistance: Resistance, tilt: float
) -> Variational:
    """Multiply the positions of each period by the factor that maximises the objective, and divide its items.

    The mean square over the member-periods with a vote does not change. `tilt` is the multiplier of the
    constraint that their mean is 0.
    """
    squares = q.means**2 + q.variances
    terms = _ScaleTerms(
        within=np.sum(walk.diagonal * squares, axis=1),
        linked=-np.sum(walk.precision * (q.means[1:] * q.means[:-1] + q.lags), axis=1),
        items=resistance.sum_by_period(q.slopes**2 + q.items[:, 0]) / discrimination_sd**2,
        tilted=tilt * np.sum(walk.seen * q.means, axis=1),
        free=q.means.shape[1] - resistance.sum_by_period(np.ones(len(q.slopes))) + resistance.scale_slope,
        resistance=resistance.scale_curvature,
    )
    factor = np.exp(_maximise(terms, np.sum(walk.seen * squares, axis=1)))
    by_item = np.where(resistance.home >= 0, factor[resistance.home], 1.0)
    return Variational(
        q.means * factor[:, None],
        q.variances * factor[:, None] ** 2,
        q.lags * (factor[1:] * factor[:-1])[:, None],
        q.slopes / by_item,
        q.midpoints,
        q.items / np.column_stack([by_item**2, by_item, np.ones_like(by_item)]),
    )


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
    """Return the logs of the factors at a maximum with an unchanged sum of `held` times squared factors.

    The objective is not concave far from the maximum. Each Newton step therefore takes the absolute values of
    the curvatures, and becomes shorter until the objective does not fall.
    """
    logs = np.zeros(len(held))
    value = terms.value(logs)
    for _ in range(_STEPS):
        slope, curvature = terms.slope_and_curvature(logs)
        kept = held * np.exp(2.0 * logs)
        pull = float(slope @ kept / (kept @ kept))
        tangent = np.linalg.qr(kept[:, None], mode="complete")[0][:, 1:]
        bends, axes = np.linalg.eigh(tangent.T @ (curvature + np.diag(2.0 * pull * kept)) @ tangent)
        axes = tangent @ axes
        step = axes @ ((axes.T @ slope) / np.maximum(np.abs(bends), _FLATTEST))
        size = float(np.abs(step).max(initial=0.0))
        length = min(1.0, _LARGEST / max(size, _SMALL))
        for _ in range(_HALVINGS):
            moved = logs + length * step
            moved -= 0.5 * np.log(np.sum(held * np.exp(2.0 * moved)) / held.sum())
            reached = terms.value(moved)
            if reached >= value - _ROUNDING * abs(value):
                logs, value = moved, reached
                break
            length *= 0.5
        if size < _SMALL or np.abs(logs).max() > _FARTHEST:
            break
    return logs
