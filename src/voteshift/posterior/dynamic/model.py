"""The dynamic model as a `pymc.Model`: random walks of members around a path common to all members."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import NotUsableError, UsageError
from voteshift.ideal.dynamic.objective import DynamicModel, DynamicPoint
from voteshift.ideal.dynamic.results import DynamicFit
from voteshift.ideal.spec import IdealPoints
from voteshift.posterior.labels import item_names
from voteshift.posterior.op import Backend, log_likelihood
from voteshift.posterior.transforms import HalfSpace
from voteshift.rollcalls import RollCalls

__all__ = [
    "WALK_TAU",
    "StartPin",
    "build_dynamic_model",
    "dynamic_model",
    "fit_start",
    "list_coords",
    "scatter_start",
    "start_pin",
]

Floats = NDArray[np.float64]

WALK_TAU = 0.5
"""Scale of the half-normal prior of ``raw_tau``, in prior standard deviations of ``raw_start``."""

_ANY_TAU = 0.1  # fixed tau of the mode from which the chains start
_CLEAR = 1.0
_JITTER = 0.1


@dataclass(frozen=True, slots=True)
class StartPin:
    """The member whose side in the first period is fixed, so that the direction of the scale is identified.

    Attributes
    ----------
    row : int
        Row number of the member.
    side : {1, -1}
        Above (1) or below (-1) the mean of all other members.
    """

    row: int
    side: int


def dynamic_model(rollcalls: RollCalls, spec: IdealPoints, *, backend: Backend = "compiled") -> Any:
    """Return the `pymc.Model` of dynamic positions; see `voteshift.posterior.model.ideal_model`."""
    fit = fit_start(rollcalls, spec)
    pin = start_pin(fit, spec, rollcalls.polarity)
    return build_dynamic_model(fit.model, fit.mode.point, list_coords(fit), pin, backend=backend)


def fit_start(rollcalls: RollCalls, spec: IdealPoints) -> DynamicFit:
    """Find the mode from which the chains start, with a fixed tau.

    Raises
    ------
    UsageError
        If the specification has a fixed tau.
    NotUsableError
        If mode finding did not converge.
    """
    if spec.dynamics is None or spec.dynamics.tau != "estimate":
        raise UsageError(
            "sampling estimates tau, but the specification has a fixed tau", remedy='pass tau="estimate"'
        )
    fit = replace(spec, dynamics=replace(spec.dynamics, tau=_ANY_TAU)).fit(rollcalls)
    if not isinstance(fit, DynamicFit):
        raise TypeError("the fit of a specification with dynamics= must be a DynamicFit")
    if not fit.converged:
        raise NotUsableError(
            f"mode finding did not converge, so sampling cannot start ({fit.verdict})",
            remedy="use stronger item priors or a window with more roll calls",
        )
    return fit


def start_pin(fit: DynamicFit, spec: IdealPoints, default: str | None) -> StartPin:
    """Choose the member whose side in the first period is fixed.

    The function chooses the member that the specification names in ``polarity``. If the specification names
    no member, the function chooses the polarity member of the record, provided that the deviation of this
    member in the first period is at least 1 in absolute value. Otherwise the function chooses the member with
    the largest absolute deviation among the members that vote in the first period.
    """
    start = fit.mode.point.deviations[0]
    rows = {str(name): row for row, name in enumerate(fit.encoded.members)}
    name = spec.polarity
    if name is None and default in rows and abs(start[rows[str(default)]]) >= _CLEAR:
        name = default
    row = rows[name] if name is not None else int(np.argmax(np.abs(start) * fit.model.walk.seen[0]))
    others = np.delete(start, row).mean()
    return StartPin(row, 1 if start[row] > others else -1)


def list_coords(fit: DynamicFit) -> dict[str, list[Any]]:
    """Return the labels of the dimensions of the model."""
    named = item_names(fit.encoded.design.item, fit.encoded.items)
    kinds = fit.encoded.design.n_categories.tolist()
    return {
        "member": list(map(str, fit.encoded.members)),
        "period": list(fit.periods),
        "gap": [f"{one} to {two}" for one, two in zip(fit.periods[:-1], fit.periods[1:], strict=True)],
        "item": named,
        "ordered_item": [name for name, kind in zip(named, kinds, strict=True) if kind == 3],
        "dimension": [1],
    }


def build_dynamic_model(
    model: DynamicModel,
    mode: DynamicPoint,
    coords: dict[str, list[Any]],
    pin: StartPin,
    *,
    backend: Backend = "compiled",
) -> Any:
    """Return the `pymc.Model` of dynamic positions; see `ideal_model`.

    Parameters
    ----------
    model : DynamicModel
        Votes, priors, gaps between periods and the prior of the common step. The tau of this model is not
        used.
    mode : DynamicPoint
        The mode from which the chains start.
    coords : dict
        Labels of the dimensions, from `list_coords`.
    pin : StartPin
        The member whose side in the first period is fixed.
    backend : {"compiled", "graph"}
        Implementation of the likelihood: the compiled kernel, or a plain PyTensor graph.
    """
    import pymc as pm
    import pytensor
    import pytensor.tensor as pt

    design, walk, priors = model.design, model.walk, model.priors
    three = np.flatnonzero(design.n_categories == 3)
    start = values_at_mode(mode, three, priors.discrimination)
    zero, one = np.float64(0.0), np.float64(1.0)

    def shared(value: Any, name: str) -> Any:
        # A shared variable and not a constant, so that the compiled model can be reused for all records.
        return pytensor.shared(np.asarray(value), name=name, shape=(None,) * np.ndim(value))

    with pm.Model(coords=coords) as built:
        first = pm.Normal(
            "raw_start", zero, one, dims="member", default_transform=HalfSpace(pin.row, pin.side),
            initval=start["raw_start"],
        )  # fmt: skip
        step = pm.Normal("raw_step", zero, one, dims=("gap", "member"), initval=start["raw_step"])
        width = pm.HalfNormal("raw_tau", np.float64(WALK_TAU), initval=start["raw_tau"])
        moves = width * pt.sqrt(shared(walk.gaps, "gaps"))[:, None] * step
        raw = pt.concatenate([first[None], first[None] + pt.cumsum(moves, axis=0)], axis=0)
        seen = shared(walk.seen.astype(np.float64), "seen")
        n_seen = np.float64(walk.seen.sum())
        mean = (seen * raw).sum() / n_seen
        spread = pt.sqrt((seen * (raw - mean) ** 2).sum() / n_seen)
        deviation = pm.Deterministic("deviation", (raw - mean) / spread, dims=("period", "member"))
        pm.Deterministic("tau", width / spread)
        shift = pt.zeros(design.n_rollcalls)
        path = pt.zeros(len(walk.seen))
        if walk.delta > 0:
            common = pm.Normal(
                "common_step", zero, walk.delta * np.sqrt(walk.gaps), dims="gap", initval=start["common_step"]
            )
            shift = shared(model.leverage, "leverage") @ common
            path = shared(walk.accumulation, "accumulation") @ common
        pm.Deterministic("position", deviation + path[:, None], dims=("period", "member"))
        sd = pm.Uniform(
            "discrimination_sd", zero, np.float64(priors.discrimination), initval=start["discrimination_sd"]
        )
        slope = pm.Normal(
            "discrimination", zero, sd, dims=("item", "dimension"), initval=start["discrimination"]
        )
        middle = pm.Normal(
            "midpoint", zero, np.float64(priors.midpoint), dims="item", initval=start["midpoint"]
        )
        half = pt.zeros_like(middle)
        if len(three):
            log_gap = pm.Normal(
                "log_gap", zero, np.float64(priors.log_gap), dims="ordered_item", initval=start["log_gap"]
            )
            half = pt.set_subtensor(half[shared(three, "ordered_items")], np.float64(0.5) * pt.exp(log_gap))
        item = shared(design.item.astype(np.int64), "item_of")
        lifted = slope[:, 0][item] * shift
        cuts = pt.stack([middle - half, middle + half], axis=1)[item] - lifted[:, None]
        by_rollcall = slope[:, 0][item][:, None]
        votes = log_likelihood(
            model.by_rollcall, deviation[..., None], by_rollcall, cuts, link=model.link, backend=backend
        )
        pm.Potential("votes", votes)
    return built


def values_at_mode(mode: DynamicPoint, three: NDArray[np.intp], widest: float) -> dict[str, Floats]:
    """Return the values at the mode by variable of the model; steps are divided by the fixed tau."""
    walk = mode.walk
    return {
        "raw_start": mode.deviations[0],
        "raw_step": np.diff(mode.deviations, axis=0) / (walk.tau * np.sqrt(walk.gaps)[:, None]),
        "raw_tau": np.asarray(walk.tau[0]),
        "common_step": mode.steps,
        "discrimination_sd": np.minimum(np.sqrt(np.mean(mode.discriminations**2)), 0.9 * widest),
        "discrimination": mode.discriminations,
        "midpoint": mode.midpoints,
        "log_gap": mode.log_gaps[three],
    }


def scatter_start(
    model: DynamicModel, mode: DynamicPoint, pin: StartPin
) -> Callable[[np.random.Generator], dict[str, Floats]]:
    """Return a function that draws starting values around the mode.

    The member of `pin` starts on its fixed side. The starting values are coordinates of the sampler, by
    variable of the model.
    """
    three = np.flatnonzero(model.design.n_categories == 3)
    centre = values_at_mode(mode, three, model.priors.discrimination)
    half_space = HalfSpace(pin.row, pin.side)

    def draw(rng: np.random.Generator) -> dict[str, Floats]:
        here = {name: value + _JITTER * rng.uniform(-1, 1, value.shape) for name, value in centre.items()}
        here["raw_start"][pin.row] = centre["raw_start"][pin.row]
        others = np.delete(here["raw_start"], pin.row).mean()
        if not pin.side * (here["raw_start"][pin.row] - others) > 0:
            here["raw_start"][pin.row] = others + pin.side * _JITTER
        here["raw_start"] = half_space.coordinates(here["raw_start"])
        here["raw_tau"] = np.log(centre["raw_tau"] * np.exp(rng.uniform(-0.3, 0.3)))
        sd, widest = centre["discrimination_sd"], model.priors.discrimination
        here["discrimination_sd"] = np.log(sd) - np.log(widest - sd)
        if not len(three):
            del here["log_gap"]
        if not model.walk.delta > 0:
            del here["common_step"]
        return here

    return draw
