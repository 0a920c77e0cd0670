"""Sampling of dynamic positions in the coordinates of a marginal fit.

Nothing is compiled for a record: the log density calls the compiled likelihood. The chains need few steps,
because the coordinates make the posterior nearly a standard normal distribution. The model is that of
`voteshift.posterior.dynamic.model`.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import NotUsableError
from voteshift.ideal.dynamic.marginal import fit_dynamic_marginal
from voteshift.ideal.dynamic.objective import DynamicModel
from voteshift.ideal.dynamic.results import DynamicFit
from voteshift.posterior.dynamic.density import Density
from voteshift.posterior.dynamic.metric import Metric, build_metric
from voteshift.posterior.dynamic.pins import StartPin
from voteshift.posterior.sampling import Chains, sample_density

__all__ = ["DIMS", "metric_of", "sample_in_metric"]

Floats = NDArray[np.float64]

DIMS = {
    "position": ("period", "member"),
    "common_step": ("gap",),
    "discrimination": ("item", "dimension"),
    "midpoint": ("item",),
    "log_gap": ("ordered_item",),
}
"""Axes of the variables."""

_ROUGH = 0.1  # tolerance of the marginal fit, in standard deviations: it only sets the coordinates
_WIDEST_TAU = 0.2  # standard deviation of log tau


def metric_of(model: DynamicModel) -> Metric | None:
    """Return the coordinates from a marginal fit, or None if there are none that fit the posterior.

    If the votes hardly identify tau, it can be close to 0, and the distribution of the positions changes too
    much with tau for one set of coordinates.
    """
    try:
        fitted, mode, _ = fit_dynamic_marginal(model, learn_tau=True, tolerance=_ROUGH)
        metric = build_metric(fitted, mode.point)
    except (NotUsableError, np.linalg.LinAlgError):
        return None
    return metric if np.linalg.norm(metric.scales.root[2]) <= _WIDEST_TAU else None


def sample_in_metric(fit: DynamicFit, pin: StartPin, metric: Metric, **run: Any) -> Chains:
    """Sample the dynamic model of a fit.

    Parameters
    ----------
    fit : DynamicFit
        The fit at the mode, with a fixed tau.
    pin : StartPin
        The member whose side in the first period is fixed.
    metric : Metric
        The coordinates.
    **run
        Settings that are passed to `sample_density`.
    """
    density = Density(replace(fit.model, threads=1), metric)
    return sample_density(density, lambda coordinates: _variables(density, coordinates, pin), **run)


def _variables(density: Density, coordinates: Floats, pin: StartPin) -> dict[str, Floats]:
    """Return the variables at some coordinates, on the side of the scale where the pinned member belongs.

    The density is the same at the mirror image, so the reflected draws have the distribution restricted to
    this side.
    """
    parameters, walk = density.parameters(coordinates), density.model.walk
    point = parameters.point
    first = point.deviations[0]
    sign = float(np.copysign(1.0, pin.side * (first[pin.row] - np.delete(first, pin.row).mean())))
    three = density.model.design.n_categories == 3
    path = point.path if walk.delta > 0 else np.zeros(len(walk.seen))
    result = {
        "position": sign * (point.deviations + path[:, None]),
        "tau": np.asarray(parameters.tau),
        "discrimination_sd": np.asarray(parameters.sds[0]),
        "midpoint_sd": np.asarray(parameters.sds[1]),
        "discrimination": sign * point.discriminations,
        "midpoint": point.midpoints.copy(),
    }
    if three.any():
        result["log_gap"] = point.log_gaps[three]
    if walk.delta > 0:
        result["common_step"] = sign * point.steps
    return result
