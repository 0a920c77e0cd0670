"""A specification as a `pymc.Model` with named dimensions and variables, to sample or to extend."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voteshift.arguments import checked
from voteshift.errors import NotUsableError, UsageError
from voteshift.ideal.results import IdealFit
from voteshift.ideal.spec import IdealPoints
from voteshift.posterior.coordinates import sheared, shears_of, start_values
from voteshift.posterior.graph import LogCdf, log_likelihood_graph
from voteshift.posterior.labels import item_names
from voteshift.posterior.op import Backend, log_likelihood
from voteshift.posterior.transforms import HalfSpace
from voteshift.rollcalls import RollCalls

__all__ = ["Pin", "build_model", "ideal_model", "pin_of", "static_fit"]

Floats = NDArray[np.float64]
_CLEAR = 4.0
"""Standard errors from the centre at which a member identifies the reflection with near certainty."""


@dataclass(frozen=True, slots=True)
class Pin:
    """The member whose side fixes the reflection of the scale.

    Attributes
    ----------
    member : str
        Its id.
    side : {1, -1}
        Positive or negative.
    clear : bool
        True where the mode lies several standard errors from 0, so that no part of the posterior is cut off.
    """

    member: str
    side: int
    clear: bool

    def words(self) -> str:
        """Return the member and its side in words."""
        return f"{self.member} is held on the {'positive' if self.side > 0 else 'negative'} side"


def pin_of(fit: IdealFit, spec: IdealPoints, default: str | None) -> Pin:
    """Choose the member whose side fixes the reflection.

    The member that the specification names; else that of the record, if it is clear of 0; else the member
    clearest of 0. The other half of the posterior is the mirror image and is not sampled.
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
        The record or any part of it; unanimous roll calls are left out.
    spec : IdealPoints, optional
        The specification, of one dimension; the default one if None.
    backend : {"compiled", "graph"}
        The likelihood as the compiled kernel, or as a plain PyTensor graph.
    log_cdf : callable, optional
        Another distribution of the noise, symmetric about 0: a function that returns log F of a PyTensor
        variable. Then the likelihood is a graph.

    Returns
    -------
    pymc.Model
        Dimensions ``member``, ``item``, ``ordered_item`` (those with three categories), ``dimension``.
        Variables: ``raw_position`` (member), N(0, 1), free of scale; ``position`` (member, dimension), the
        same with mean 0 and standard deviation 1 over the members; ``discrimination_sd``, uniform between 0
        and the specification's prior standard deviation; ``discrimination`` (item, dimension), N(0,
        discrimination_sd); ``midpoint`` (item) and ``log_gap`` (ordered_item), normal with mean 0, out of
        ``raw_midpoint`` and ``raw_log_gap``; and the potential ``votes``, the log-likelihood.

    Notes
    -----
    A vector of independent N(0, 1), standardised, is uniform over all vectors of mean 0 and standard
    deviation 1: the prior on positions is constant, as in the mode that `IdealPoints` finds.
    A midpoint is N(0, sd) whatever the discrimination: written as raw_midpoint + a discrimination with
    raw_midpoint ~ N(-a discrimination, sd). The constant a is the regression of one on the other at the
    mode, so that the coordinates of the sampler are nearly uncorrelated; likewise the log gap.
    Unlike in `IdealPoints`, the standard deviation of discriminations is learned, up to the one given. Held
    at a value too wide for the record, it would make hundreds of discriminations pull towards it, and under
    the constraint of scale the posterior would move one member far out and all others to the middle. This
    does not affect the mode; it affects the bulk of the posterior.
    One member is held on its side of the scale (see `Pin`), because the mirror image is as probable.

    With dynamics the model is that of `voteshift.posterior.dynamic.model`: dimensions ``period`` and ``gap``
    besides; ``raw_start`` (member), N(0, 1); ``raw_step`` (gap, member), N(0, 1); ``raw_tau``, half-normal
    (0.5); ``deviation`` (period, member), the walk made of these, with mean 0 and standard deviation 1 over
    the member-periods with a vote; ``tau``, the standard deviation of its steps a year on that scale;
    ``common_step`` (gap), N(0, delta^2 years), unless delta is 0; and ``position`` (period, member),
    deviation plus common path.

    Raises
    ------
    UsageError
        If the specification has several dimensions, or dynamics at a fixed tau.
    NotUsableError
        If mode finding did not converge.
    """
    spec = spec or IdealPoints()
    if spec.dynamics is not None:
        from voteshift.posterior.dynamic.model import dynamic_model

        if log_cdf is not None:
            raise UsageError("log_cdf= is for static positions", remedy="leave out log_cdf= or dynamics=")
        return dynamic_model(rollcalls, spec, backend=backend)
    fit = static_fit(rollcalls, spec)
    return build_model(fit, pin_of(fit, spec, rollcalls.polarity), backend=backend, log_cdf=log_cdf)


def static_fit(rollcalls: RollCalls, spec: IdealPoints) -> IdealFit:
    """Fit the mode of a specification of one static dimension."""
    if spec.dims != 1:
        raise UsageError(
            f"dims is {spec.dims}, and sampling takes one dimension: in more, rotations are equally probable",
            remedy="use dims=1, or the normal approximation of the fit",
        )
    if spec.target is not None:
        raise UsageError("target= rotates several dimensions", remedy="pass polarity= for one dimension")
    fit = spec.fit(rollcalls)
    if not isinstance(fit, IdealFit):
        raise TypeError("a specification without dynamics gives a static fit")
    if not fit.converged:
        raise NotUsableError(
            f"mode finding did not converge, so sampling cannot start ({fit.verdict})",
            remedy="use stronger item priors or a wider window",
        )
    return fit


def build_model(
    fit: IdealFit, pin: Pin, *, backend: Backend = "compiled", log_cdf: LogCdf | None = None
) -> Any:
    """Return the `pymc.Model` whose mode is the fit; see `ideal_model`."""
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
        # Shared, as the votes are: a compiled model is then the same for all records of its size.
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
