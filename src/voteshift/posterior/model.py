"""The ideal-point model of a specification as a `pymc.Model`, to sample or to extend."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from voteshift.arguments import checked
from voteshift.ideal.covariates import Regression, without_missing
from voteshift.ideal.item_covariates import ITEM_SLOPE_SD, ItemRegression, without_gaps
from voteshift.ideal.results import IdealFit
from voteshift.ideal.spec import IdealPoints
from voteshift.posterior.coordinates import start_residual_sd, start_sds
from voteshift.posterior.item_coordinates import add_cutpoints, partly_centred, share
from voteshift.posterior.op import Backend, log_likelihood
from voteshift.posterior.pins import (
    Pin,
    coords_of,
    item_regression_of,
    pin_of,
    regression_of,
    start_at_mode,
    static_fit,
)
from voteshift.posterior.spatial import build_spatial_model
from voteshift.posterior.transforms import HalfSpace
from voteshift.rollcalls import RollCalls

__all__ = ["SLOPE_SD", "build_model", "ideal_model"]

Floats = NDArray[np.float64]
SLOPE_SD = 2.5
"""Prior standard deviation of a slope of a covariate with standard deviation 1, in residual sds."""


@checked
def ideal_model(
    rollcalls: RollCalls,
    spec: IdealPoints | None = None,
    *,
    backend: Backend = "compiled",
) -> Any:
    """Return an ideal-point model of a record as a `pymc.Model`.

    Parameters
    ----------
    rollcalls : RollCalls
        The record or any part of it. Unanimous roll calls are left out.
    spec : IdealPoints, optional
        The specification, with one or two dimensions. The default is ``IdealPoints()``.
    backend : {"compiled", "graph"}
        Implementation of the likelihood: the compiled kernel, or a plain PyTensor graph. With a
        `CustomLink`, the likelihood is always a graph.

    Returns
    -------
    pymc.Model
        The dimensions are ``member``, ``item``, ``ordered_item`` (the items with three categories) and
        ``dimension``. The variables are:

        - ``raw_position`` (member): N(0, 1). Its scale has no effect on the likelihood.
        - ``position`` (member, dimension): ``raw_position``, standardised to mean 0 and standard deviation 1
          over the members.
        - ``discrimination_sd`` and ``midpoint_sd``: uniform between 0 and the prior standard deviation of
          the specification.
        - ``discrimination`` (item, dimension) and ``midpoint`` (item): normal with mean 0 and standard
          deviations ``discrimination_sd`` and ``midpoint_sd``.
        - ``log_gap`` (ordered_item): normal with mean 0.
        - ``raw_discrimination``, ``raw_midpoint`` (item) and ``raw_log_gap`` (ordered_item): coordinates from
          which discriminations, midpoints and log gaps are computed.
        - ``votes``: the potential with the log-likelihood of the votes.

    Notes
    -----
    A standardised vector of independent N(0, 1) variables has a uniform distribution over all vectors with
    mean 0 and standard deviation 1. Therefore the prior on positions is constant, as in `IdealPoints`.

    The priors of discriminations, midpoints and log gaps are those above, and independent. The sampler moves
    in other coordinates, which are nearly uncorrelated; see `voteshift.posterior.item_coordinates`.

    The mode has fixed standard deviations of discriminations and midpoints. Here they are estimated, up to
    the values in the specification. If the standard deviation of discriminations were fixed at a value too
    large for the record, hundreds of discriminations would be pulled towards this value. Because the scale of
    positions is fixed, the posterior would then move one member far from the middle and all others to the
    middle. This problem affects the bulk of the posterior, not the mode.

    The sign of one member's position is fixed (see `Pin`), because the mirror image of the scale is equally
    probable.

    With covariates (`Priors.positions`), positions are standardised values of N(linear function, 1). The
    model has the additional dimension ``term`` and these variables:

    - ``standard_slope`` (term): the slopes of an orthogonal basis of the centred covariates, each with mean
      square 1. Divided by ``residual_sd``, their prior is N(0, 2.5^2). The prior does not depend on the units
      of covariates or on the base of categories.
    - ``slope`` (term): the slopes on the scale where positions have standard deviation 1.
    - ``residual_sd``: the standard deviation of the residuals on this scale.

    With covariates of items (`Priors.item_means`), the prior means of discriminations and midpoints are
    linear functions of an intercept and the covariates, and ``discrimination_sd`` and ``midpoint_sd`` are the
    standard deviations of the residuals. The model has the additional dimensions ``parameter``
    (discrimination, midpoint) and ``item_term``, and these variables:

    - ``standard_item_slope`` (parameter, item_term): the coefficients of a basis without correlation, each
      with mean square 1, in residual standard deviations. Their prior is N(0, 2.5^2).
    - ``item_slope`` (parameter, item_term): the coefficients of the terms.

    With two dimensions, the positions of every draw have mean 0 and covariance I over the members, and their
    prior is constant. Discriminations are normal with mean 0. Their standard deviations along two orthogonal
    axes are uniform between 0 and the prior standard deviation of the specification, and the direction of
    these axes is uniform on the circle. The model has these variables in place of those above:

    - ``raw_position`` (member, dimension): N(0, 1). Only its orthonormalised form enters the likelihood.
    - ``position`` (member, dimension): rotated so that its second column is orthogonal to the first column of
      the mode. The rotation has no effect on the likelihood and the priors.
    - ``discrimination_sd`` (dimension): the standard deviations of discriminations along the axes of their
      prior, the larger one first. They are computed from ``larger_sd_share`` (the larger one, as a share of
      its limit) and ``sd_ratio`` (the smaller one, as a share of the larger).
    - ``axis_vector`` (dimension): a vector whose angle is twice the angle between the axes of the prior and
      those of the mode. Its length has no effect.
    - ``discrimination`` (item, dimension) and ``midpoint`` (item), computed from ``raw_discrimination``,
      ``raw_second_discrimination`` and ``raw_midpoint``.
    - ``total_log_likelihood``: the log-likelihood of the votes.
    - ``axes``: a potential that keeps ``raw_position`` near the axes of the mode. It does not change the
      posterior of the other variables; see `voteshift.posterior.spatial`.

    With dynamics, the model is defined in `voteshift.posterior.dynamic.model`. It has the additional
    dimensions ``period`` and ``gap``, and these variables:

    - ``raw_start`` (member): N(0, 1), the start of the random walk in the first period.
    - ``raw_step`` (gap, member): N(0, 1), the individual steps.
    - ``raw_tau``: half-normal (0.5), the standard deviation of a step in a year.
    - ``deviation`` (period, member): the random walk with these starts and steps, standardised to mean 0 and
      standard deviation 1 over the member-periods with a vote.
    - ``tau``: the standard deviation of the steps of ``deviation`` in a year.
    - ``common_step`` (gap): N(0, delta^2 years). The model has no ``common_step`` if delta is 0.
    - ``position`` (period, member): ``deviation`` plus the common path.

    Raises
    ------
    UsageError
        If the specification has more than two dimensions, or dynamics with a fixed tau.
    NotUsableError
        If mode finding did not converge.
    """
    spec = start_at_mode(spec or IdealPoints()).with_ids(rollcalls)
    if spec.dynamics is not None:
        from voteshift.posterior.dynamic.model import dynamic_model

        return dynamic_model(rollcalls, spec, backend=backend)
    rollcalls, _ = without_missing(spec.priors.covariates, rollcalls)
    rollcalls, _ = without_gaps(spec.priors.item_covariates, rollcalls)
    fit = static_fit(rollcalls, spec)
    if spec.dims > 1:
        return build_spatial_model(fit, backend=backend)
    return build_model(
        fit,
        pin_of(fit, spec, rollcalls.polarity),
        regression_of(spec, rollcalls, fit),
        item_regression_of(spec, rollcalls, fit),
        backend=backend,
    )


def build_model(
    fit: IdealFit,
    pin: Pin,
    regression: Regression | None = None,
    of_items: ItemRegression | None = None,
    *,
    backend: Backend = "compiled",
) -> Any:
    """Return the `pymc.Model` of a fit at its mode; see `ideal_model`."""
    import pymc as pm
    import pytensor.tensor as pt

    design, priors, point = fit.encoded.design, fit.model.priors, fit.mode.point
    coords = coords_of(fit)
    start = start_sds(point.discriminations, point.midpoints, priors)
    row = coords["member"].index(pin.member)
    zero = np.float64(0.0)
    if regression is not None:
        coords["term"] = list(regression.terms)
    if of_items is not None:
        coords |= {"parameter": ["discrimination", "midpoint"], "item_term": list(of_items.terms)}
    with pm.Model(coords=coords) as model:
        raw = pm.Normal(
            "raw_position",
            zero,
            np.float64(1.0),
            dims="member",
            default_transform=HalfSpace(row, pin.side),
            initval=point.positions[:, 0],
        )
        mean = raw.mean()
        scale = pt.sqrt(pt.mean((raw - mean) ** 2))
        position = pm.Deterministic("position", ((raw - mean) / scale)[:, None], dims=("member", "dimension"))
        if regression is not None:
            _add_regression(regression, position[:, 0], point.positions[:, 0])
        widest = np.float64(priors.discrimination)
        sd = pm.Uniform("discrimination_sd", zero, widest, initval=start["discrimination_sd"])
        items = share(fit, np.array([start["discrimination_sd"], start["midpoint_sd"]]))
        means = [zero, zero] if of_items is None else _add_item_slopes(of_items)
        first = partly_centred("raw_discrimination", sd * means[0], sd, zero, items, 0)
        slope = pm.Deterministic("discrimination", first[:, None], dims=("item", "dimension"))
        cuts = add_cutpoints(fit, [first], items, mean=means[1])
        if of_items is not None:
            _name_item_slopes(of_items, model)
        parameters = position[None], slope, cuts
        votes = log_likelihood(design, *parameters, link=fit.model.link, backend=backend)
        pm.Potential("votes", votes)
    return model


def _add_regression(regression: Regression, position: Any, start: Floats) -> None:
    """Add slopes, residual standard deviation and the prior of positions given both to the model.

    Raw positions z = N(linear part, 1) are positions x times 1 / s, with mean 0. In polar coordinates, their
    density is that of x and s, with the factor s^-n. The slopes are in units of x, hence another s^-1 each.
    """
    import pymc as pm
    import pytensor
    import pytensor.tensor as pt

    n_members, n_terms = regression.basis.shape
    basis = pytensor.shared(regression.basis * np.sqrt(n_members), name="covariates", shape=(None, n_terms))
    slope = pm.Flat("standard_slope", dims="term", initval=regression.basis.T @ start / np.sqrt(n_members))
    sd = pm.HalfFlat("residual_sd", initval=start_residual_sd(regression, start))
    squares = pt.sum((position - pt.dot(basis, slope)) ** 2)
    squares += pt.sum(slope**2) / np.float64(SLOPE_SD**2)
    pm.Potential("prior_of_positions", -(n_members + n_terms) * pt.log(sd) - 0.5 * squares / sd**2)
    to_terms = pytensor.shared(regression.slope_matrix(), name="slope_matrix", shape=(None, n_terms))
    pm.Deterministic("slope", pt.dot(to_terms, slope), dims="term")


def _add_item_slopes(of_items: ItemRegression) -> list[Any]:
    """Add slopes to the model; return prior means of discriminations and midpoints, in residual sds."""
    import pymc as pm
    import pytensor
    import pytensor.tensor as pt

    basis = of_items.basis
    columns = pytensor.shared(basis, name="item_covariates", shape=(None, basis.shape[1]))
    slope = pm.Normal(
        "standard_item_slope",
        np.float64(0.0),
        np.float64(ITEM_SLOPE_SD),
        dims=("parameter", "item_term"),
        initval=np.zeros((2, basis.shape[1])),
    )
    return [pt.dot(columns, slope[row]) for row in range(2)]


def _name_item_slopes(of_items: ItemRegression, model: Any) -> None:
    """Add the slopes of the terms to the model."""
    import pymc as pm
    import pytensor
    import pytensor.tensor as pt

    to_terms = of_items.to_terms
    matrix = pytensor.shared(to_terms, name="item_slope_matrix", shape=(None, len(to_terms)))
    sds = pt.stack([model["discrimination_sd"], model["midpoint_sd"]])
    slopes = sds[:, None] * pt.dot(model["standard_item_slope"], matrix.T)
    pm.Deterministic("item_slope", slopes, dims=("parameter", "item_term"))
