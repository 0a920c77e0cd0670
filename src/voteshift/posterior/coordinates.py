"""Coordinates of the sampler, from the curvature at the mode, and starting values of chains.

Coordinates change the speed of a chain, not its stationary distribution.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.covariates import Regression
from voteshift.ideal.objective import Priors
from voteshift.ideal.results import IdealFit
from voteshift.posterior.sampling import Start
from voteshift.posterior.transforms import HalfSpace

__all__ = [
    "Shears",
    "limit_coordinates",
    "scattered_start",
    "sd_coordinates",
    "sheared",
    "shears_of",
    "start_at_regression",
    "start_residual_sd",
    "start_rms",
    "start_sds",
    "start_values",
]

Floats = NDArray[np.float64]
_NEAR = 0.9  # largest start of a standard deviation, as a share of its limit


@dataclass(frozen=True, slots=True)
class Shears:
    """Regressions between the parameters of each item at the mode.

    A one-sided roll call, such as 40 to 5, has a cutpoint far from the middle of the members. A larger
    discrimination is then correlated with a midpoint further from the middle. The sampler uses the residual
    of the regression of the midpoint on the discrimination. It also uses the residual of the regression of
    the log gap on the discrimination and the midpoint.

    Attributes
    ----------
    midpoint : ndarray, shape (n_items,)
        Slope of the regression of the midpoint on the discrimination.
    log_gap : ndarray, shape (n_three, 2)
        Slopes of the regression of the log gap on the discrimination and the midpoint, for the items with
        three categories.
    """

    midpoint: Floats
    log_gap: Floats


def shears_of(fit: IdealFit) -> Shears:
    """Compute the regression slopes from the covariance of every item given the positions.

    Parameters
    ----------
    fit : IdealFit
        The fit at its mode, with one dimension.
    """
    roots = fit.laplace.item_roots
    covariance = np.einsum("jab,jac->jbc", roots, roots)
    gap = covariance[fit.encoded.design.n_categories == 3]
    slopes = np.linalg.solve(gap[:, :2, :2], gap[:, :2, 2:])[..., 0]
    return Shears(covariance[:, 0, 1] / covariance[:, 0, 0], slopes)


def start_values(fit: IdealFit) -> dict[str, Floats]:
    """Return the values at the mode, by name of the variable in the model."""
    point, design = fit.mode.point, fit.encoded.design
    three = design.n_categories == 3
    return {
        "raw_position": point.positions[:, 0],
        **start_sds(point.discriminations, point.midpoints, fit.model.priors),
        "discrimination": point.discriminations,
        "midpoint": point.midpoints,
        "log_gap": point.log_gaps[three],
    }


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


def sheared(values: dict[str, Floats], shears: Shears, three: NDArray[np.bool_]) -> dict[str, Floats]:
    """Return values with ``midpoint`` and ``log_gap`` replaced by ``raw_midpoint`` and ``raw_log_gap``.

    Parameters
    ----------
    values : dict of str to ndarray
        Values with the names of `start_values`.
    shears : Shears
        Regression slopes of the same fit.
    three : ndarray of bool, shape (n_items,)
        True for an item with three categories.
    """
    slope, middle = values["discrimination"][:, 0], values["midpoint"]
    raw = {name: value for name, value in values.items() if name not in ("midpoint", "log_gap")}
    raw["raw_midpoint"] = middle - shears.midpoint * slope
    if three.any():
        regression = shears.log_gap[:, 0] * slope[three] + shears.log_gap[:, 1] * middle[three]
        raw["raw_log_gap"] = values["log_gap"] - regression
    return raw


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
    design, centre, shears = fit.encoded.design, start_values(fit), shears_of(fit)
    three = design.n_categories == 3
    approximation = fit.laplace
    items = np.sqrt(np.einsum("jab,jab->jb", approximation.item_roots, approximation.item_roots))
    n_dims = fit.mode.point.positions.shape[1]
    reach = {
        "raw_position": approximation.position_errors()[:, 0],
        "discrimination_sd": np.zeros(()),
        "midpoint_sd": np.zeros(()),
        "discrimination": items[:, :n_dims],
        "midpoint": items[:, n_dims],
        "log_gap": items[three, n_dims + 1],
    }
    half_space = HalfSpace(row, side)

    def draw(rng: np.random.Generator) -> dict[str, Floats]:
        here = {name: centre[name] + reach[name] * rng.uniform(-1, 1, reach[name].shape) for name in centre}
        others = np.delete(here["raw_position"], row).mean()
        if not side * (here["raw_position"][row] - others) > 0:
            here["raw_position"][row] = others + side * np.abs(centre["raw_position"][row])
        here["raw_position"] = half_space.coordinates(here["raw_position"])
        here.update(sd_coordinates(here, fit.model.priors))
        return sheared(here, shears, three)

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
