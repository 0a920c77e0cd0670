"""Coordinates in which the sampler moves the items of a static model.

The parameters of an item are correlated. In a one-sided roll call, such as 40 to 5, the cutpoint is far from
the middle of the members, and a larger discrimination is correlated with a midpoint further from the middle.
If a roll call divides the members along a diagonal, only one combination of its two discriminations is
uncertain. The coordinates are therefore residuals of the regressions at the mode of each parameter on the
parameters before it: discriminations, midpoint, log gap.

The coordinate of a discrimination or a midpoint is in posterior standard deviations if the votes determine
the parameter, and in standard deviations of its prior if they do not (a partially non-centred coordinate;
Papaspiliopoulos, Roberts & Skold 2007, https://doi.org/10.1214/088342307000000014). Otherwise a chain would
hardly reach small standard deviations of the prior, where the parameters of all items must be small together.

Coordinates change the speed of a chain, not its stationary distribution.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.results import IdealFit

__all__ = ["ItemCoordinates", "SharedItems", "add_cutpoints", "item_coordinates", "partly_centred", "share"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ItemCoordinates:
    """Regression slopes and information, from which the coordinates of the items are computed.

    Attributes
    ----------
    slopes : ndarray, shape (n_items, n_dims + 2, n_dims + 2)
        Row k has the slopes of the regression of parameter k on the parameters before k, given the positions
        at the mode. It is 0 elsewhere.
    information : ndarray, shape (n_items, n_dims + 1)
        Information of the votes on each discrimination and on the midpoint, given the positions at the mode
        and the parameters before. The prior contributes no information.
    """

    slopes: Floats
    information: Floats

    def of(self, items: Floats, sds: Floats) -> Floats:
        """Return the coordinates of items, if all parameters have the prior mean 0 and are independent.

        Parameters
        ----------
        items : ndarray, shape (n_items, n_dims + 2)
            Discriminations, midpoints and log gaps.
        sds : ndarray, shape (n_dims + 1,)
            Standard deviations of the priors of discriminations and midpoints.
        """
        wide = np.sqrt(1.0 + sds**2 * self.information)
        predicted = np.einsum("jkl,jl->jk", self.slopes, items)
        predicted[:, :-1] *= 1.0 - wide**-2.0
        raw = items - predicted
        raw[:, :-1] *= wide / sds
        return raw


def item_coordinates(fit: IdealFit) -> ItemCoordinates:
    """Return slopes and information from the covariance of every item given the positions.

    Parameters
    ----------
    fit : IdealFit
        The fit at its mode.
    """
    roots, priors = fit.laplace.item_roots, fit.model.priors
    covariance = np.einsum("jab,jac->jbc", roots, roots)
    slopes = np.zeros_like(covariance)
    for k in range(1, covariance.shape[1]):
        solved = np.linalg.solve(covariance[:, :k, :k], covariance[:, :k, k : k + 1])
        slopes[:, k, :k] = solved[..., 0]
    # The diagonal of a Cholesky factor has the standard deviations given the parameters before.
    sds = np.einsum("jaa->ja", np.linalg.cholesky(covariance))[:, :-1]
    prior_sds = np.array([priors.discrimination] * (sds.shape[1] - 1) + [priors.midpoint])
    return ItemCoordinates(slopes, np.maximum(sds**-2.0 - prior_sds**-2.0, 0.0))


@dataclass(frozen=True, slots=True)
class SharedItems:
    """The arrays of `ItemCoordinates` in a model, and starting values.

    The arrays are shared variables, so the compiled model can be reused for all records of the same size.

    Attributes
    ----------
    slopes, information : tensor
        As in `ItemCoordinates`.
    start : ndarray, shape (n_items, n_dims + 2)
        Coordinates of the items at the mode.
    sds : ndarray, shape (n_dims + 1,)
        Starting values of the standard deviations of discriminations and midpoints.
    """

    slopes: Any
    information: Any
    start: Floats
    sds: Floats


def share(fit: IdealFit, sds: Floats) -> SharedItems:
    """Return the coordinates of the items of a fit as shared variables.

    Parameters
    ----------
    fit : IdealFit
        The fit at its mode.
    sds : ndarray, shape (n_dims + 1,)
        Starting values of the standard deviations of discriminations and midpoints.
    """
    import pytensor

    coordinates = item_coordinates(fit)
    width = coordinates.slopes.shape[1]
    return SharedItems(
        pytensor.shared(coordinates.slopes, name="item_slopes", shape=(None, width, width)),
        pytensor.shared(coordinates.information, name="item_information", shape=(None, width - 1)),
        coordinates.of(fit.mode.point.items(), sds),
        sds,
    )


def partly_centred(name: str, mean: Any, sd: Any, predicted: Any, items: SharedItems, place: int) -> Any:
    """Add a parameter of every item and its prior N(mean, sd^2) to the current model, by its coordinate.

    Parameters
    ----------
    name : str
        Name of the coordinate.
    mean, sd : tensor
        Mean and standard deviation of the prior.
    predicted : tensor
        The parameter that the parameters before it predict.
    items : SharedItems
        Coordinates of the items.
    place : int
        Place of the parameter in an item.
    """
    import pymc as pm
    import pytensor.tensor as pt

    one = np.float64(1.0)
    wide = pt.sqrt(one + sd**2 * items.information[:, place])
    from_prior = wide**-2.0
    centre = from_prior * mean + (one - from_prior) * predicted
    raw = pm.Normal(name, (mean - centre) * wide / sd, wide, dims="item", initval=items.start[:, place])
    return centre + raw * sd / wide


def add_cutpoints(fit: IdealFit, discriminations: Sequence[Any], items: SharedItems, *, mean: Any) -> Any:
    """Add midpoints and log gaps and their priors to the current model, and return the cutpoints.

    Parameters
    ----------
    fit : IdealFit
        The fit at its mode.
    discriminations : sequence of tensor, shape (n_items,)
        Discriminations on every dimension.
    items : SharedItems
        Coordinates of the items.
    mean : tensor
        Prior means of the midpoints, in standard deviations of their prior.

    Returns
    -------
    tensor, shape (n_items, 2)
        The cutpoints are equal if an item has two categories.
    """
    import pymc as pm
    import pytensor
    import pytensor.tensor as pt

    priors, place = fit.model.priors, len(discriminations)
    three = np.flatnonzero(fit.encoded.design.n_categories == 3)
    zero = np.float64(0.0)
    sd = pm.Uniform("midpoint_sd", zero, np.float64(priors.midpoint), initval=items.sds[-1])
    predicted = sum(items.slopes[:, place, k] * slope for k, slope in enumerate(discriminations))
    middle = partly_centred("raw_midpoint", sd * mean, sd, predicted, items, place)
    middle = pm.Deterministic("midpoint", middle, dims="item")
    half = pt.zeros_like(middle)
    if len(three):
        where = pytensor.shared(three, name="ordered_items", shape=(None,))
        shear = sum(
            items.slopes[where, place + 1, k] * parameter[where]
            for k, parameter in enumerate([*discriminations, middle])
        )
        raw_gap = pm.Normal(
            "raw_log_gap",
            -shear,
            np.float64(priors.log_gap),
            dims="ordered_item",
            initval=items.start[three, place + 1],
        )
        log_gap = pm.Deterministic("log_gap", raw_gap + shear, dims="ordered_item")
        half = pt.set_subtensor(half[where], np.float64(0.5) * pt.exp(log_gap))
    return pt.stack([middle - half, middle + half], axis=1)
