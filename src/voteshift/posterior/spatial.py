"""The ideal-point model of two dimensions as a `pymc.Model`, and starting values of its chains.

The likelihood and the priors do not change if positions, discriminations and the axes of their prior are
rotated together. Without a constraint, a chain would have to move along a circle of equally probable points.
Therefore the model rotates the positions of every draw towards the mode, and a potential keeps the
coordinates of the sampler close to the axes of the mode. The potential is a function of the rotation alone,
which is independent of all quantities in the rotated axes. The posterior of these quantities does not depend
on the potential.

A coordinate of a discrimination is close to the discrimination itself if the votes determine it, and close to
the discrimination in standard deviations of its prior if they do not (a partially non-centred coordinate;
Papaspiliopoulos, Roberts & Skold 2007, https://doi.org/10.1214/088342307000000014). Otherwise a chain would
not reach small standard deviations of the prior, where all discriminations must be small together.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.results import IdealFit
from voteshift.posterior.coordinates import limit_coordinates, start_rms
from voteshift.posterior.graph import LogCdf, log_likelihood_graph
from voteshift.posterior.op import Backend, log_likelihood
from voteshift.posterior.pins import coords_of
from voteshift.posterior.sampling import Start

__all__ = ["build_spatial_model", "item_slopes", "spatial_start"]

Floats = NDArray[np.float64]

_N_DIMS: Final = 2


def item_slopes(fit: IdealFit) -> Floats:
    """Regress every parameter of an item on the parameters before it, given the positions at the mode.

    The parameters are correlated; for instance, if a roll call divides the members along a diagonal, only one
    combination of its two discriminations is uncertain. The sampler uses the residuals of these regressions.

    Parameters
    ----------
    fit : IdealFit
        The fit at its mode.

    Returns
    -------
    ndarray, shape (n_items, n_dims + 2, n_dims + 2)
        Row k has the slopes of parameter k on the parameters before k, and is 0 elsewhere. The parameters are
        the discriminations, the midpoint and the log gap.
    """
    roots = fit.laplace.item_roots
    covariance = np.einsum("jab,jac->jbc", roots, roots)
    slopes = np.zeros_like(covariance)
    for k in range(1, covariance.shape[1]):
        solved = np.linalg.solve(covariance[:, :k, :k], covariance[:, :k, k : k + 1])
        slopes[:, k, :k] = solved[..., 0]
    return slopes


def item_information(fit: IdealFit) -> Floats:
    """Return the information of the votes on every discrimination, given the positions at the mode.

    Parameters
    ----------
    fit : IdealFit
        The fit at its mode.

    Returns
    -------
    ndarray, shape (n_items, 2)
        Of the first discrimination, and of the second given the first. The prior contributes no information.
    """
    roots = fit.laplace.item_roots
    covariance = np.einsum("jab,jac->jbc", roots, roots)
    first, across, second = covariance[:, 0, 0], covariance[:, 0, 1], covariance[:, 1, 1]
    variances = np.stack([first, second - across**2 / first], axis=1)
    return np.maximum(variances**-1.0 - fit.model.priors.discrimination**-2.0, 0.0)


def build_spatial_model(
    fit: IdealFit, *, backend: Backend = "compiled", log_cdf: LogCdf | None = None
) -> Any:
    """Return the `pymc.Model` of a fit of two dimensions at its mode; see `ideal_model`.

    Parameters
    ----------
    fit : IdealFit
        The fit at its mode, with two dimensions.
    backend, log_cdf
        As in `ideal_model`.
    """
    import pymc as pm
    import pytensor
    import pytensor.tensor as pt

    encoded, priors, point = fit.encoded, fit.model.priors, fit.mode.point
    design = encoded.design
    n_members = len(point.positions)
    three = np.flatnonzero(design.n_categories == 3)
    coords = coords_of(fit) | {"dimension": [1, 2]}
    zero, one = np.float64(0.0), np.float64(1.0)
    with pm.Model(coords=coords) as model:
        raw = pm.Normal(
            "raw_position", zero, one, dims=("member", "dimension"), initval=point.positions.copy()
        )
        # Shared variables, so that the compiled model can be reused for all records of the same size.
        first_axis = pytensor.shared(point.positions[:, 0].copy(), name="first_axis", shape=(None,))
        white = _whiten(raw)
        along = [pt.dot(first_axis, column) / np.float64(n_members) for column in white]
        length = pt.sqrt(along[0] ** 2 + along[1] ** 2)
        cos, sin = along[0] / length, along[1] / length
        pm.Potential("axes", np.float64(n_members) * cos)
        turned = [cos * white[0] + sin * white[1], cos * white[1] - sin * white[0]]
        position = pm.Deterministic("position", pt.stack(turned, axis=1), dims=("member", "dimension"))
        slopes = pytensor.shared(item_slopes(fit), name="item_slopes", shape=(None, 4, 4))
        information = pytensor.shared(item_information(fit), name="item_information", shape=(None, 2))
        first, second = _discriminations(
            slopes[:, 1, 0],
            information,
            priors.discrimination,
            start_rms(point.discriminations, priors.discrimination),
        )
        slope = pm.Deterministic(
            "discrimination", pt.stack([first, second], axis=1), dims=("item", "dimension")
        )
        middle_sd = pm.Uniform(
            "midpoint_sd",
            zero,
            np.float64(priors.midpoint),
            initval=start_rms(point.midpoints, priors.midpoint),
        )
        shear = slopes[:, 2, 0] * first + slopes[:, 2, 1] * second
        raw_middle = pm.Normal("raw_midpoint", -shear, middle_sd, dims="item")
        middle = pm.Deterministic("midpoint", raw_middle + shear, dims="item")
        half = pt.zeros_like(middle)
        if len(three):
            where = pytensor.shared(three, name="ordered_items", shape=(None,))
            by = slopes[where, 3]
            shear = by[:, 0] * first[where] + by[:, 1] * second[where] + by[:, 2] * middle[where]
            raw_gap = pm.Normal("raw_log_gap", -shear, np.float64(priors.log_gap), dims="ordered_item")
            log_gap = pm.Deterministic("log_gap", raw_gap + shear, dims="ordered_item")
            half = pt.set_subtensor(half[where], np.float64(0.5) * pt.exp(log_gap))
        cuts = pt.stack([middle - half, middle + half], axis=1)
        parameters = position[None], pt.specify_shape(slope, (None, _N_DIMS)), cuts
        if log_cdf is not None:
            votes = log_likelihood_graph(design, *parameters, link=log_cdf)
        else:
            votes = log_likelihood(design, *parameters, link=fit.model.link, backend=backend)
        pm.Deterministic("total_log_likelihood", votes)
        pm.Potential("votes", votes)
    return model


def _whiten(raw: Any) -> list[Any]:
    """Return two columns with mean 0, standard deviation 1 and correlation 0 (Gram-Schmidt)."""
    import pytensor.tensor as pt

    first = raw[:, 0] - raw[:, 0].mean()
    first = first / pt.sqrt(pt.mean(first**2))
    second = raw[:, 1] - raw[:, 1].mean()
    second = second - pt.mean(first * second) * first
    return [first, second / pt.sqrt(pt.mean(second**2))]


def _discriminations(slope: Any, information: Any, widest: float, start: Floats) -> tuple[Any, Any]:
    """Add the discriminations and their prior to the current model.

    The standard deviations of the prior are those along its two axes, and the axes are turned by an angle.
    The second discrimination of an item is normal given the first.

    Parameters
    ----------
    slope : tensor, shape (n_items,)
        Slope of the regression of the second discrimination on the first, for the coordinates.
    information : tensor, shape (n_items, 2)
        Information of the votes; see `item_information`.
    widest : float
        Largest standard deviation.
    start : ndarray, shape (2,)
        Standard deviations at the mode.
    """
    import pymc as pm
    import pytensor.tensor as pt

    zero, one, two = np.float64(0.0), np.float64(1.0), np.float64(2.0)
    sds = pm.Uniform("axis_sd", zero, np.float64(widest), dims="dimension", initval=start)
    largest, smallest = pt.maximum(sds[0], sds[1]), pt.minimum(sds[0], sds[1])
    pm.Deterministic("discrimination_sd", pt.stack([largest, smallest]), dims="dimension")
    # The tangent of half an angle is Cauchy if the angle is uniform on the circle.
    tangent = pm.Cauchy("half_angle", zero, one, initval=zero)
    cos, sin = (one - tangent**2) / (one + tangent**2), two * tangent / (one + tangent**2)
    variance = (sds[0] * cos) ** 2 + (sds[1] * sin) ** 2
    covariance = (sds[0] ** 2 - sds[1] ** 2) * cos * sin
    first_sd = pt.sqrt(variance)
    second_sd = sds[0] * sds[1] / first_sd
    # A coordinate is in units of the posterior standard deviation, relative to that at a wide prior.
    wide = pt.sqrt(one + first_sd**2 * information[:, 0])
    first = pm.Normal("raw_discrimination", zero, wide, dims="item") * first_sd / wide
    wide = pt.sqrt(one + second_sd**2 * information[:, 1])
    from_votes = one - wide**-2.0
    expected = covariance / variance * first
    centre = from_votes * slope * first + (one - from_votes) * expected
    raw = pm.Normal("raw_second_discrimination", (expected - centre) * wide / second_sd, wide, dims="item")
    return first, centre + raw * second_sd / wide


def spatial_start(fit: IdealFit) -> Start:
    """Return a function that draws starting values up to one standard error from the mode.

    As `scattered_start`, for the model of two dimensions. The starting values are coordinates of the sampler,
    by variable of the model.

    Parameters
    ----------
    fit : IdealFit
        The fit at its mode, with two dimensions.
    """
    point, priors = fit.mode.point, fit.model.priors
    three = fit.encoded.design.n_categories == 3
    slopes, errors, centre = item_slopes(fit), fit.laplace.position_errors(), point.items()
    roots = fit.laplace.item_roots
    item_errors = np.sqrt(np.einsum("jab,jab->jb", roots, roots))
    axis_sd = start_rms(point.discriminations, priors.discrimination)
    wide = np.sqrt(1.0 + axis_sd**2 * item_information(fit))
    sds = {
        "axis_sd": (axis_sd, priors.discrimination),
        "midpoint_sd": (start_rms(point.midpoints, priors.midpoint), priors.midpoint),
    }

    def draw(rng: np.random.Generator) -> dict[str, Floats]:
        items = centre + item_errors * rng.uniform(-1, 1, centre.shape)
        expected = np.einsum("jkl,jl->jk", slopes, items)
        expected[:, 1] *= 1.0 - wide[:, 1] ** -2.0
        raw = items - expected
        raw[:, :_N_DIMS] *= wide / axis_sd
        here = {
            "raw_position": point.positions + errors * rng.uniform(-1, 1, errors.shape),
            "half_angle": np.zeros(()),
            "raw_discrimination": raw[:, 0],
            "raw_second_discrimination": raw[:, 1],
            "raw_midpoint": raw[:, 2],
        }
        here.update({name: limit_coordinates(values, limit) for name, (values, limit) in sds.items()})
        if three.any():
            here["raw_log_gap"] = raw[three, 3]
        return here

    return draw
