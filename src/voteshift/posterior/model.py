"""The ideal-point model of a specification as a `pymc.Model`, to sample or to extend."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voteshift.arguments import checked
from voteshift.errors import NotUsableError, UsageError
from voteshift.ideal.methods import Marginal
from voteshift.ideal.results import IdealFit
from voteshift.ideal.spec import IdealPoints
from voteshift.posterior.coordinates import sheared, shears_of, start_values
from voteshift.posterior.graph import LogCdf, log_likelihood_graph
from voteshift.posterior.labels import item_names
from voteshift.posterior.op import Backend, log_likelihood
from voteshift.posterior.transforms import HalfSpace
from voteshift.rollcalls import RollCalls

__all__ = ["Pin", "build_model", "ideal_model", "pin_of", "start_at_mode", "static_fit"]

Floats = NDArray[np.float64]
_CLEAR = 4.0
"""Distance from 0, in standard errors, from which the sign of a member's position is nearly certain."""


@dataclass(frozen=True, slots=True)
class Pin:
    """The member whose sign is fixed, so that the direction of the scale is identified.

    Attributes
    ----------
    member : str
        Id of the member.
    side : {1, -1}
        Sign of the member's position: positive or negative.
    clear : bool
        True if the member's position at the mode is at least 4 standard errors from 0. The constraint on
        the sign then cuts off almost no part of the posterior.
    """

    member: str
    side: int
    clear: bool

    def words(self) -> str:
        """Return a description of the member and of its side of the scale."""
        return f"{self.member} is constrained to the {'positive' if self.side > 0 else 'negative'} side"


def pin_of(fit: IdealFit, spec: IdealPoints, default: str | None) -> Pin:
    """Choose the member whose sign is fixed.

    The function chooses the member that the specification names in ``polarity``. If the specification names
    no member, the function chooses the polarity member of the record, provided that the position of this
    member is at least 4 standard errors from 0. Otherwise the function chooses the member whose position is
    most standard errors from 0. The other half of the posterior is the mirror image of the sampled half and
    is not sampled.
    """
    positions = fit.mode.point.positions[:, 0]
    clearness = np.abs(positions) / fit.laplace.position_errors()[:, 0]
    rows = {str(name): row for row, name in enumerate(fit.encoded.members)}
    name = spec.polarity
    if name is None and default is not None and default in rows and clearness[rows[default]] >= _CLEAR:
        name = default
    if name is None:
        name = str(fit.encoded.members[int(np.argmax(clearness))])
    row = rows[name]
    return Pin(name, 1 if positions[row] > 0 else -1, bool(clearness[row] >= _CLEAR))


@checked
def ideal_model(
    rollcalls: RollCalls,
    spec: IdealPoints | None = None,
    *,
    backend: Backend = "compiled",
    log_cdf: LogCdf | None = None,
) -> Any:
    """Return an ideal-point model of a record as a `pymc.Model`.

    Parameters
    ----------
    rollcalls : RollCalls
        The record or any part of it. Unanimous roll calls are left out.
    spec : IdealPoints, optional
        The specification, with one dimension. The default is ``IdealPoints()``.
    backend : {"compiled", "graph"}
        Implementation of the likelihood: the compiled kernel, or a plain PyTensor graph.
    log_cdf : callable, optional
        Another distribution of the noise, which must be symmetric about 0. The function takes a PyTensor
        variable and returns the log of the distribution function. With ``log_cdf``, the likelihood is a
        plain PyTensor graph.

    Returns
    -------
    pymc.Model
        The dimensions are ``member``, ``item``, ``ordered_item`` (the items with three categories) and
        ``dimension``. The variables are:

        - ``raw_position`` (member): N(0, 1). Its scale has no effect on the likelihood.
        - ``position`` (member, dimension): ``raw_position``, standardised to mean 0 and standard deviation 1
          over the members.
        - ``discrimination_sd``: uniform between 0 and the prior standard deviation of the specification.
        - ``discrimination`` (item, dimension): normal with mean 0 and standard deviation
          ``discrimination_sd``.
        - ``midpoint`` (item) and ``log_gap`` (ordered_item): normal with mean 0. They are computed from
          ``raw_midpoint`` and ``raw_log_gap``.
        - ``votes``: the potential with the log-likelihood of the votes.

    Notes
    -----
    A standardised vector of independent N(0, 1) variables has a uniform distribution over all vectors with
    mean 0 and standard deviation 1. Therefore the prior on positions is constant, as in `IdealPoints`.

    The prior of a midpoint is N(0, sd) and does not depend on the discrimination. The model computes the
    midpoint as raw_midpoint + a * discrimination, with raw_midpoint ~ N(-a * discrimination, sd). The
    constant a is the slope of the regression of the midpoint on the discrimination at the mode. The
    coordinates of the sampler are then nearly uncorrelated. The model computes the log gap in the same way.

    `IdealPoints` fixes the standard deviation of the discriminations. Here the standard deviation is
    estimated, up to the value in the specification. If the standard deviation were fixed at a value too large
    for the record, hundreds of discriminations would be pulled towards this value. Because the scale of
    positions is fixed, the posterior would then move one member far from the middle and all others to the
    middle. This problem affects the bulk of the posterior, not the mode.

    The sign of one member's position is fixed (see `Pin`), because the mirror image of the scale is equally
    probable.

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
        If the specification has several dimensions, or dynamics with a fixed tau.
    NotUsableError
        If mode finding did not converge.
    """
    spec = start_at_mode(spec or IdealPoints())
    if spec.dynamics is not None:
        from voteshift.posterior.dynamic.model import dynamic_model

        if log_cdf is not None:
            raise UsageError(
                "log_cdf= requires static positions, but dynamics= is also given",
                remedy="leave out log_cdf= or dynamics=",
            )
        return dynamic_model(rollcalls, spec, backend=backend)
    fit = static_fit(rollcalls, spec)
    return build_model(fit, pin_of(fit, spec, rollcalls.polarity), backend=backend, log_cdf=log_cdf)


def start_at_mode(spec: IdealPoints) -> IdealPoints:
    """Return a specification that is fitted at the mode, where the chains start."""
    return replace(spec, method="mode") if isinstance(spec.method, Marginal) else spec


def static_fit(rollcalls: RollCalls, spec: IdealPoints) -> IdealFit:
    """Fit the mode of a specification with one dimension and static positions."""
    if spec.dims != 1:
        raise UsageError(
            f"dims is {spec.dims}, but sampling requires one dimension, because the rotations of several "
            "dimensions are equally probable",
            remedy="use dims=1, or fit the mode, which gives a normal approximation",
        )
    if spec.target is not None:
        raise UsageError(
            "target= is for several dimensions, but sampling uses one dimension",
            remedy="pass polarity= instead of target=",
        )
    fit = spec.fit(rollcalls)
    if not isinstance(fit, IdealFit):
        raise TypeError("the fit of a specification without dynamics= must be an IdealFit")
    if not fit.converged:
        raise NotUsableError(
            f"mode finding did not converge, so sampling cannot start ({fit.verdict})",
            remedy="use stronger item priors or a window with more roll calls",
        )
    return fit


def build_model(
    fit: IdealFit, pin: Pin, *, backend: Backend = "compiled", log_cdf: LogCdf | None = None
) -> Any:
    """Return the `pymc.Model` of a fit at its mode; see `ideal_model`."""
    import pymc as pm
    import pytensor
    import pytensor.tensor as pt

    encoded, priors = fit.encoded, fit.model.priors
    design = encoded.design
    three = np.flatnonzero(design.n_categories == 3)
    names = item_names(design.item, encoded.rollcalls)
    coords: dict[str, list[Any]] = {
        "member": list(map(str, encoded.members)),
        "item": names,
        "ordered_item": [names[item] for item in three],
        "dimension": [1],
    }
    shears = shears_of(fit)
    start = sheared(start_values(fit), shears, design.n_categories == 3)
    row = coords["member"].index(pin.member)
    zero = np.float64(0.0)
    with pm.Model(coords=coords) as model:
        raw = pm.Normal(
            "raw_position",
            zero,
            np.float64(1.0),
            dims="member",
            default_transform=HalfSpace(row, pin.side),
            initval=start["raw_position"],
        )
        mean = raw.mean()
        scale = pt.sqrt(pt.mean((raw - mean) ** 2))
        position = pm.Deterministic("position", ((raw - mean) / scale)[:, None], dims=("member", "dimension"))
        widest = np.float64(priors.discrimination)
        sd = pm.Uniform("discrimination_sd", zero, widest, initval=start["discrimination_sd"])
        slope = pm.Normal(
            "discrimination", zero, sd, dims=("item", "dimension"), initval=start["discrimination"]
        )
        # A shared variable, so that the compiled model can be reused for all records of the same size.
        shear = pytensor.shared(shears.midpoint, name="shear_midpoint", shape=(None,)) * slope[:, 0]
        raw_middle = pm.Normal(
            "raw_midpoint", -shear, np.float64(priors.midpoint), dims="item", initval=start["raw_midpoint"]
        )
        middle = pm.Deterministic("midpoint", raw_middle + shear, dims="item")
        half = pt.zeros_like(middle)
        if len(three):
            where = pytensor.shared(three, name="ordered_items", shape=(None,))
            by = pytensor.shared(shears.log_gap, name="shear_log_gap", shape=(None, 2))
            shear = by[:, 0] * slope[where, 0] + by[:, 1] * middle[where]
            raw_gap = pm.Normal(
                "raw_log_gap",
                -shear,
                np.float64(priors.log_gap),
                dims="ordered_item",
                initval=start["raw_log_gap"],
            )
            log_gap = pm.Deterministic("log_gap", raw_gap + shear, dims="ordered_item")
            half = pt.set_subtensor(half[where], np.float64(0.5) * pt.exp(log_gap))
        cuts = pt.stack([middle - half, middle + half], axis=1)
        parameters = position[None], slope, cuts
        if log_cdf is not None:
            votes = log_likelihood_graph(design, *parameters, link=log_cdf)
        else:
            votes = log_likelihood(design, *parameters, link=fit.model.link, backend=backend)
        pm.Potential("votes", votes)
    return model
