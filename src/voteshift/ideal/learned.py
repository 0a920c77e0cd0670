"""Prior standard deviations that are learned from the votes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["MARGINAL_TOLERANCE", "Learned", "distance_left", "item_covariances", "learn_sd"]

Floats = NDArray[np.float64]

MARGINAL_TOLERANCE = 1e-3
"""Smallest tolerance of a marginal fit, in standard deviations of the approximation."""

_WINDOW = 6  # moves over which the rate of convergence is measured
_SLOWEST = 1e-3  # 1 minus the slowest rate that is told from no convergence
_LARGEST = 1.25  # change of a standard deviation, as a factor, in one sweep
_FEWEST = 1e-3  # effective number of parameters
_SMALLEST = 1e-3  # standard deviation: with few roll calls, the maximum can be at 0


@dataclass(frozen=True, slots=True)
class Learned:
    """Prior standard deviations that maximise the variational objective.

    Attributes
    ----------
    discrimination, midpoint : float
        Standard deviations of the discriminations and midpoints, on the reported scale.
    tau : float or None
        Standard deviation of a member's individual step, per square root of a unit of time; None if it is
        fixed, or if positions are constant.
    by_dimension : tuple of float
        In several dimensions, the standard deviation of the discriminations in each dimension; otherwise
        empty. `discrimination` is then their root mean square.
    """

    discrimination: float
    midpoint: float
    tau: float | None = None
    by_dimension: tuple[float, ...] = ()

    def change_from(self, other: "Learned") -> float:
        """Return the largest relative change of a standard deviation."""
        pairs = [(self.discrimination, other.discrimination), (self.midpoint, other.midpoint)]
        if self.tau is not None and other.tau is not None:
            pairs.append((self.tau, other.tau))
        return max(abs(float(np.log(new / old))) for new, old in pairs)


def learn_sd(means: Floats, variances: Floats, sd: float, *, most: float = np.inf) -> float:
    """Return an update of the standard deviation of a normal prior with mean 0.

    Parameters
    ----------
    means, variances : ndarray
        Moments of the parameters that have this prior.
    sd : float
        Present value.
    most : float
        Upper limit.

    Notes
    -----
    The fixed point is the maximum of the objective, sd^2 = mean of means^2 + variances. The update
    sum(means^2) / sum(1 - variances / sd^2) reaches the same point in fewer steps (MacKay 1992,
    https://doi.org/10.1162/neco.1992.4.3.415, eq. 4.9).
    """
    effective = float(np.sum(1.0 - variances / sd**2))
    update = np.sqrt(np.sum(means**2) / max(effective, _FEWEST))
    return float(min(np.clip(update, max(sd / _LARGEST, _SMALLEST), sd * _LARGEST), most))


def item_covariances(blocks: Floats) -> Floats:
    """Return the covariances of discrimination and midpoint, given the gap, as in `Spread.items`.

    Parameters
    ----------
    blocks : ndarray, shape (n_items, 3, 3)
        Information of (discrimination, midpoint, log gap).
    """
    return inverse_pairs(blocks[:, [0, 0, 1], [0, 1, 1]])


def inverse_pairs(matrices: Floats) -> Floats:
    """Invert symmetric matrices [[a, b], [b, c]], each a row (a, b, c)."""
    a, b, c = matrices.T
    return np.stack([c, -b, a], axis=1) / (a * c - b**2)[:, None]


def distance_left(moves: list[float]) -> float:
    """Return the distance to the fixed point of an iteration, from its last move and its rate of convergence.

    Moves that become smaller by a factor r each time add up to the last move times r / (1 - r). Without the
    rate, an iteration that is merely slow would seem to have converged.
    """
    if len(moves) <= _WINDOW:
        return np.inf
    if moves[-1] == 0.0:
        return 0.0
    rate = (moves[-1] / moves[-1 - _WINDOW]) ** (1.0 / _WINDOW) if moves[-1 - _WINDOW] > 0.0 else 1.0
    return moves[-1] / max(1.0 - rate, _SLOWEST)
