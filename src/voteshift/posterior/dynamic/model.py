"""The dynamic model as a `pymc.Model`: random walks of members around a path common to all members."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.dynamic.objective import DynamicModel, DynamicPoint
from voteshift.ideal.objective import Priors
from voteshift.ideal.spec import IdealPoints
from voteshift.posterior.coordinates import start_sds
from voteshift.posterior.dynamic.density import WALK_TAU
from voteshift.posterior.dynamic.pins import StartPin, coords_of, fit_start, start_pin
from voteshift.posterior.op import Backend, log_likelihood
from voteshift.posterior.transforms import HalfSpace
from voteshift.rollcalls import RollCalls

__all__ = ["build_dynamic_model", "dynamic_model", "scatter_start"]

Floats = NDArray[np.float64]

_JITTER = 0.1


def dynamic_model(rollcalls: RollCalls, spec: IdealPoints, *, backend: Backend = "compiled") -> Any:
    """Return the `pymc.Model` of dynamic positions; see `voteshift.posterior.model.ideal_model`."""
    fit = fit_start(rollcalls, spec)
    pin = start_pin(fit, spec, rollcalls.polarity)
    return build_dynamic_model(fit.model, fit.mode.point, coords_of(fit), pin, backend=backend)


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
        Labels of the dimensions, from `coords_of`.
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
    start = values_at_mode(mode, three, priors)
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
        middle_sd = pm.Uniform("midpoint_sd", zero, np.float64(priors.midpoint), initval=start["midpoint_sd"])
        middle = pm.Normal("midpoint", zero, middle_sd, dims="item", initval=start["midpoint"])
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


def values_at_mode(mode: DynamicPoint, three: NDArray[np.intp], priors: Priors) -> dict[str, Floats]:
    """Return the values at the mode by variable of the model; steps are divided by the fixed tau."""
    walk = mode.walk
    return {
        "raw_start": mode.deviations[0],
        "raw_step": np.diff(mode.deviations, axis=0) / (walk.tau * np.sqrt(walk.gaps)[:, None]),
        "raw_tau": np.asarray(walk.tau[0]),
        "common_step": mode.steps,
        **start_sds(mode.discriminations, mode.midpoints, priors),
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
    centre = values_at_mode(mode, three, model.priors)
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
