"""Coordinates of the sampler, from the curvature at the mode, and starting values of chains.

Coordinates change the speed of a chain, not its stationary distribution.
"""

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.covariates import Regression
from voteshift.ideal.objective import Priors
from voteshift.ideal.results import IdealFit
from voteshift.posterior.item_coordinates import item_coordinates
from voteshift.posterior.sampling import Start
from voteshift.posterior.transforms import HalfSpace

__all__ = [
    "limit_coordinates",
    "scattered_start",
    "sd_coordinates",
    "start_at_item_means",
    "start_at_regression",
    "start_residual_sd",
    "start_rms",
    "start_sds",
]

Floats = NDArray[np.float64]
_NEAR = 0.9  # largest start of a standard deviation, as a share of its limit


def start_sds(discriminations: Floats, midpoints: Floats, priors: Priors) -> dict[str, Floats]:
    """Return the root mean squares at the mode, below the limits of the standard deviations."""
    return {
        "discrimination_sd": start_rms(discriminations.ravel(), priors.discrimination),
        "midpoint_sd": start_rms(midpoints, priors.midpoint),
    }


def start_rms(values: Floats, limit: float) -> Floats:
    """Return the root mean square of each column at the mode, below the limit of a standard deviation.

    Parameters
    ----------
    values : ndarray, shape (n_items, ...)
        Values at the mode.
    limit : float
        Largest standard deviation that the prior permits.
    """
    return np.minimum(np.sqrt(np.mean(values**2, axis=0)), _NEAR * limit)


def limit_coordinates(values: Floats, limit: float) -> Floats:
    """Return the coordinates of standard deviations that are uniform between 0 and a limit."""
    return np.asarray(np.log(values) - np.log(limit - values))


def sd_coordinates(values: dict[str, Floats], priors: Priors) -> dict[str, Floats]:
    """Return the coordinates of the standard deviations, each uniform between 0 and its limit."""
    limits = {"discrimination_sd": priors.discrimination, "midpoint_sd": priors.midpoint}
    return {name: limit_coordinates(values[name], limit) for name, limit in limits.items()}


def scattered_start(fit: IdealFit, row: int, side: int) -> Start:
    """Return a function that draws starting values up to one standard error from the mode.

    The standard errors come from the curvature at the mode. Standard errors of items are computed given the
    positions. The starting values are coordinates of the sampler, by variable of the model.

    Parameters
    ----------
    fit : IdealFit
        The fit at its mode.
    row : int
        Row number of the member whose sign is fixed.
    side : int
        Sign of this member's position, 1 or -1.
    """
    point, priors, approximation = fit.mode.point, fit.model.priors, fit.laplace
    three = fit.encoded.design.n_categories == 3
    coordinates, sds = item_coordinates(fit), start_sds(point.discriminations, point.midpoints, priors)
    roots, centre = approximation.item_roots, point.items()
    errors = np.sqrt(np.einsum("jab,jab->jb", roots, roots))
    reach = approximation.position_errors()[:, 0]
    half_space = HalfSpace(row, side)

    def draw(rng: np.random.Generator) -> dict[str, Floats]:
        positions = point.positions[:, 0] + reach * rng.uniform(-1, 1, reach.shape)
        others = np.delete(positions, row).mean()
        if not side * (positions[row] - others) > 0:
            positions[row] = others + side * np.abs(point.positions[row, 0])
        items = centre + errors * rng.uniform(-1, 1, centre.shape)
        raw = coordinates.of(items, np.array([sds["discrimination_sd"], sds["midpoint_sd"]]))
        here = {
            "raw_position": half_space.coordinates(positions),
            "raw_discrimination": raw[:, 0],
            "raw_midpoint": raw[:, 1],
            **sd_coordinates(sds, priors),
        }
        return here | ({"raw_log_gap": raw[three, 2]} if three.any() else {})

    return draw


def start_residual_sd(regression: Regression, positions: Floats) -> Floats:
    """Return the standard deviation of the residuals of the positions at the mode."""
    squares = np.sum(regression.residuals(positions) ** 2)
    return np.asarray(np.sqrt(squares / regression.df))


def start_at_regression(start: Start, regression: Regression, positions: Floats) -> Start:
    """Add starting values of slopes: the regression of the positions at the mode on the covariates."""
    slope = regression.basis.T @ positions / np.sqrt(len(positions))

    def draw(rng: np.random.Generator) -> dict[str, Floats]:
        here = start(rng)
        here["standard_slope"] = slope + rng.uniform(-1, 1, len(slope)) / np.sqrt(len(positions))
        here["residual_sd"] = np.log(start_residual_sd(regression, positions)) + rng.uniform(-0.1, 0.1)
        return here

    return draw


def start_at_item_means(start: Start, n_terms: int) -> Start:
    """Add starting values of slopes of items near 0, with which the other starting values were computed."""

    def draw(rng: np.random.Generator) -> dict[str, Floats]:
        return start(rng) | {"standard_item_slope": rng.uniform(-0.1, 0.1, (2, n_terms))}

    return draw
