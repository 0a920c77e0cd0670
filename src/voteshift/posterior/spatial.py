"""The ideal-point model of two dimensions as a `pymc.Model`, and starting values of its chains.

The likelihood and the priors do not change if positions, discriminations and the axes of their prior are
rotated together. Without a constraint, a chain would have to move along a circle of equally probable points.
Therefore the model rotates the positions of every draw towards the mode, and a potential keeps the
coordinates of the sampler close to the axes of the mode. The potential is a function of the rotation alone,
which is independent of all quantities in the rotated axes. The posterior of these quantities does not depend
on the potential.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.results import IdealFit
from voteshift.posterior.coordinates import limit_coordinates, start_rms
from voteshift.posterior.item_coordinates import (
    SharedItems,
    add_cutpoints,
    item_coordinates,
    partly_centred,
    share,
)
from voteshift.posterior.op import Backend, log_likelihood
from voteshift.posterior.pins import coords_of
from voteshift.posterior.sampling import Start

__all__ = ["build_spatial_model", "spatial_start"]

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


def build_spatial_model(fit: IdealFit, *, backend: Backend = "compiled") -> Any:
    """Return the `pymc.Model` of a fit of two dimensions at its mode; see `ideal_model`.

    Parameters
    ----------
    fit : IdealFit
        The fit at its mode, with two dimensions.
    backend
        As in `ideal_model`.
    """
    import pymc as pm
    import pytensor
    import pytensor.tensor as pt

    design, priors, point = fit.encoded.design, fit.model.priors, fit.mode.point
    n_members = len(point.positions)
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
        axes = _start_axes(fit)
        items = share(fit, np.append(axes.sds, start_rms(point.midpoints, priors.midpoint)))
        first, second = _discriminations(items, priors.discrimination, axes)
        slope = pm.Deterministic(
            "discrimination", pt.stack([first, second], axis=1), dims=("item", "dimension")
        )
        cuts = add_cutpoints(fit, [first, second], items, mean=zero)
        parameters = position[None], pt.specify_shape(slope, (None, _N_DIMS)), cuts
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


def _discriminations(items: SharedItems, widest: float, start: _Axes) -> tuple[Any, Any]:
    """Add the discriminations and their prior to the current model.

    The standard deviations of the prior are those along its two axes. The second discrimination of an item is
    normal given the first.

    Parameters
    ----------
    items : SharedItems
        Coordinates of the items.
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
    first = partly_centred("raw_discrimination", zero, first_sd, zero, items, 0)
    second = partly_centred(
        "raw_second_discrimination",
        covariance / variance * first,
        largest * smallest / first_sd,
        items.slopes[:, 1, 0] * first,
        items,
        1,
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
    errors, centre = fit.laplace.position_errors(), point.items()
    roots = fit.laplace.item_roots
    item_errors = np.sqrt(np.einsum("jab,jab->jb", roots, roots))
    axes = _start_axes(fit)
    middle_sd = start_rms(point.midpoints, priors.midpoint)
    coordinates, prior_sds = item_coordinates(fit), np.append(axes.sds, middle_sd)
    limited = {
        "larger_sd_share": limit_coordinates(axes.share, 1.0),
        "sd_ratio": limit_coordinates(axes.ratio, 1.0),
        "midpoint_sd": limit_coordinates(middle_sd, priors.midpoint),
    }

    def draw(rng: np.random.Generator) -> dict[str, Floats]:
        items = centre + item_errors * rng.uniform(-1, 1, centre.shape)
        raw = coordinates.of(items, prior_sds)
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
