"""The ideal-point model of two dimensions as a `pymc.Model`, and starting values of its chains.

The likelihood and the priors do not change if positions, discriminations and the axes of their prior are
rotated together. Without a constraint, a chain would have to move along a circle of equally probable points.
Therefore the model rotates the positions of every draw towards the mode, and a potential keeps the
coordinates of the sampler close to the axes of the mode. The potential is a function of the rotation alone,
which is independent of all quantities in the rotated axes. The posterior of these quantities does not depend
on the potential.

The coordinate of a discrimination or a midpoint is in posterior standard deviations if the votes determine
the parameter, and in standard deviations of its prior if they do not (a partially non-centred coordinate;
Papaspiliopoulos, Roberts & Skold 2007, https://doi.org/10.1214/088342307000000014). Otherwise a chain would
hardly reach small standard deviations of the prior, where the parameters of all items must be small together.
"""

from dataclasses import dataclass
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
_LENGTH_SD: Final = 0.1
_LARGEST_RATIO: Final = 0.9  # of the standard deviations of discriminations, at the start


@dataclass(frozen=True, slots=True)
class _Axes:
    """Starting values of the standard deviations of discriminations, if their axes are those of the mode.

    Attributes
    ----------
    sds : ndarray, shape (2,)
        Standard deviations along the axes of the mode.
    share : ndarray, shape ()
        The larger one as a share of its limit.
    ratio : ndarray, shape ()
        The smaller one as a share of the larger.
    vector : ndarray, shape (2,)
        A vector of length 1 whose angle is twice that of the axis with the larger one.
    """

    sds: Floats
    share: Floats
    ratio: Floats
    vector: Floats


def _start_axes(fit: IdealFit) -> _Axes:
    """Return the root mean squares of the discriminations at the mode, at a distance from their bounds."""
    limit = fit.model.priors.discrimination
    first, second = start_rms(fit.mode.point.discriminations, limit)
    larger = max(first, second)
    ratio = min(_LARGEST_RATIO, min(first, second) / larger)
    is_first = first >= second
    sds = larger * np.array([1.0, ratio] if is_first else [ratio, 1.0])
    vector = np.array([1.0 if is_first else -1.0, 0.0])
    return _Axes(sds, np.asarray(larger / limit), np.asarray(ratio), vector)


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
    """Return the information of the votes on discriminations and midpoints, given the positions at the mode.

    Parameters
    ----------
    fit : IdealFit
        The fit at its mode.

    Returns
    -------
    ndarray, shape (n_items, 3)
        Of the first discrimination, of the second given the first, and of the midpoint given both. The prior
        contributes no information.
    """
    roots, priors = fit.laplace.item_roots, fit.model.priors
    covariance = np.einsum("jab,jac->jbc", roots, roots)
    # The diagonal of a Cholesky factor has the standard deviations given the parameters before.
    sds = np.einsum("jaa->ja", np.linalg.cholesky(covariance))[:, :3]
    prior_sds = np.array([priors.discrimination, priors.discrimination, priors.midpoint])
    return np.maximum(sds**-2.0 - prior_sds**-2.0, 0.0)


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
        information = pytensor.shared(item_information(fit), name="item_information", shape=(None, 3))
        first, second = _discriminations(
            slopes[:, 1, 0],
            information,
            priors.discrimination,
            _start_axes(fit),
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
        middle = _partly_centred("raw_midpoint", zero, middle_sd, shear, information[:, 2])
        middle = pm.Deterministic("midpoint", middle, dims="item")
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


def _partly_centred(name: str, mean: Any, sd: Any, predicted: Any, information: Any) -> Any:
    """Add a parameter of every item and its prior N(mean, sd^2) to the current model, by its coordinate.

    Parameters
    ----------
    name : str
        Name of the coordinate.
    mean, sd : tensor
        Mean and standard deviation of the prior.
    predicted : tensor, shape (n_items,)
        The parameter that the votes predict from the parameters before, up to a constant.
    information : tensor, shape (n_items,)
        Information of the votes; see `item_information`.
    """
    import pymc as pm
    import pytensor.tensor as pt

    one = np.float64(1.0)
    wide = pt.sqrt(one + sd**2 * information)
    from_prior = wide**-2.0
    centre = from_prior * mean + (one - from_prior) * predicted
    raw = pm.Normal(name, (mean - centre) * wide / sd, wide, dims="item")
    return centre + raw * sd / wide


def _discriminations(slope: Any, information: Any, widest: float, start: _Axes) -> tuple[Any, Any]:
    """Add the discriminations and their prior to the current model.

    The standard deviations of the prior are those along its two axes. The second discrimination of an item is
    normal given the first.

    Parameters
    ----------
    slope : tensor, shape (n_items,)
        Slope of the regression of the second discrimination on the first, for the coordinates.
    information : tensor, shape (n_items, 3)
        Information of the votes; see `item_information`.
    widest : float
        Largest standard deviation.
    start : _Axes
        Starting values.
    """
    import pymc as pm
    import pytensor.tensor as pt

    zero, half, one, two = (np.float64(number) for number in (0.0, 0.5, 1.0, 2.0))
    # The larger of two uniform variables has a beta distribution, and the smaller is uniform below it.
    largest = np.float64(widest) * pm.Beta("larger_sd_share", two, one, initval=start.share)
    smallest = largest * pm.Uniform("sd_ratio", zero, one, initval=start.ratio)
    pm.Deterministic("discrimination_sd", pt.stack([largest, smallest]), dims="dimension")
    # Twice the angle of the first axis is the angle of a vector, which is uniform on the circle. An axis and
    # its opposite are the same, so every pair of axes has one such angle. The length of the vector has no
    # effect. It stays near 1, because the angle of a short vector changes fast.
    vector = pm.Normal("axis_vector", zero, one, dims="dimension", initval=start.vector)
    length = pt.sqrt(vector[0] ** 2 + vector[1] ** 2)
    pm.Potential("axis_length", -half * ((length - one) / np.float64(_LENGTH_SD)) ** 2)
    cos, sin = vector[0] / length, vector[1] / length
    mean, difference = half * (largest**2 + smallest**2), half * (largest**2 - smallest**2)
    variance, covariance = mean + difference * cos, difference * sin
    first_sd = pt.sqrt(variance)
    first = _partly_centred("raw_discrimination", zero, first_sd, zero, information[:, 0])
    second = _partly_centred(
        "raw_second_discrimination",
        covariance / variance * first,
        largest * smallest / first_sd,
        slope * first,
        information[:, 1],
    )
    return first, second


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
    axes = _start_axes(fit)
    middle_sd = start_rms(point.midpoints, priors.midpoint)
    prior_sds = np.append(axes.sds, middle_sd)
    wide = np.sqrt(1.0 + prior_sds**2 * item_information(fit))
    limited = {
        "larger_sd_share": limit_coordinates(axes.share, 1.0),
        "sd_ratio": limit_coordinates(axes.ratio, 1.0),
        "midpoint_sd": limit_coordinates(middle_sd, priors.midpoint),
    }

    def draw(rng: np.random.Generator) -> dict[str, Floats]:
        items = centre + item_errors * rng.uniform(-1, 1, centre.shape)
        expected = np.einsum("jkl,jl->jk", slopes, items)
        expected[:, :3] *= 1.0 - wide**-2.0
        raw = items - expected
        raw[:, :3] *= wide / prior_sds
        here = {
            "raw_position": point.positions + errors * rng.uniform(-1, 1, errors.shape),
            "axis_vector": axes.vector,
            "raw_discrimination": raw[:, 0],
            "raw_second_discrimination": raw[:, 1],
            "raw_midpoint": raw[:, 2],
        }
        here.update(limited)
        if three.any():
            here["raw_log_gap"] = raw[three, 3]
        return here

    return draw
