"""The state of the marginal fit as one vector, for the extrapolation of its sweeps.

Means are in standard deviations of the approximation. Variances and prior standard deviations enter by their
logs, so every combination of vectors is a valid state.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.dynamic.objective import DynamicPoint
from voteshift.ideal.learned import Learned
from voteshift.likelihood import Spread

__all__ = ["State", "Units"]

Floats = NDArray[np.float64]

_OF_PRIOR = 10.0  # weight of the log of a prior standard deviation, on which many parameters depend


@dataclass(frozen=True, slots=True)
class State:
    """The quantities that a sweep of the marginal fit changes.

    Attributes
    ----------
    point : DynamicPoint
        The means.
    spread : Spread
        The variances.
    learned : Learned
        The prior standard deviations.
    """

    point: DynamicPoint
    spread: Spread
    learned: Learned


@dataclass(frozen=True, slots=True)
class Units:
    """Standard deviations in which a vector measures the means.

    Attributes
    ----------
    positions : ndarray, shape (n_periods, n_members)
    steps : float
        Of common steps and of the steps of groups.
    items : ndarray, shape (n_items, 3)
        Of discrimination, midpoint and log gap.
    """

    positions: Floats
    steps: float
    items: Floats

    def vector(self, state: State) -> Floats:
        """Return a state as a vector."""
        point, learned = state.point, state.learned
        variance, covariance, middle = state.spread.items.T
        slope = covariance / variance
        sds = [learned.discrimination, learned.midpoint] + ([] if learned.tau is None else [learned.tau])
        return np.concatenate(
            [
                (point.deviations / self.positions).ravel(),
                point.steps / self.steps,
                point.group_steps.ravel() / self.steps,
                (point.items() / self.items).ravel(),
                np.log(state.spread.positions).ravel(),
                np.log(variance),
                slope * self.items[:, 0] / self.items[:, 1],
                np.log(middle - slope * covariance),
                _OF_PRIOR * np.log(sds),
            ]
        )

    def state(self, vector: Floats, like: State) -> State:
        """Return the state of a vector, with the shapes of another state."""
        point = like.point
        n_items = len(self.items)
        of_means = [self.positions.size, len(point.steps), point.group_steps.size, self.items.size]
        ends = np.cumsum([*of_means, self.positions.size, n_items, n_items, n_items])
        means, steps, by_group, items, variances, variance, slope, middle, sds = np.split(vector, ends)
        variance, slope = np.exp(variance), slope * self.items[:, 1] / self.items[:, 0]
        covariances = np.stack([variance, slope * variance, np.exp(middle) + slope**2 * variance], axis=1)
        moved = replace(
            point,
            deviations=means.reshape(self.positions.shape) * self.positions,
            steps=steps * self.steps,
            group_steps=by_group.reshape(point.group_steps.shape) * self.steps,
        ).with_items(items.reshape(-1, 3) * self.items)
        spread = Spread(np.exp(variances).reshape(self.positions.shape), covariances)
        return State(moved, spread, Learned(*np.exp(sds / _OF_PRIOR).tolist()))
