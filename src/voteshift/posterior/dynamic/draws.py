"""Draws of the posterior of dynamic positions."""

from typing import Any

from voteshift.ideal.spec import IdealPoints
from voteshift.posterior.diagnose import check_signs
from voteshift.posterior.dynamic.model import (
    build_dynamic_model,
    fit_start,
    list_coords,
    scatter_start,
    start_pin,
)
from voteshift.posterior.dynamic.results import DYNAMIC_SAMPLED, DynamicPosterior
from voteshift.posterior.labels import labelled
from voteshift.posterior.sampling import run_sampler
from voteshift.posterior.storage import data_groups
from voteshift.rollcalls import RollCalls

__all__ = ["sample_dynamic"]


def sample_dynamic(rollcalls: RollCalls, spec: IdealPoints, **run: Any) -> DynamicPosterior:
    """Sample the posterior of dynamic positions; see `voteshift.posterior.draws.sample`.

    Parameters
    ----------
    rollcalls, spec
        As in `voteshift.posterior.draws.sample`. `spec` must have dynamics.
    **run
        Settings that are passed to `run_sampler`.
    """
    fit = fit_start(rollcalls, spec)
    pin = start_pin(fit, spec, rollcalls.polarity)
    model = build_dynamic_model(fit.model, fit.mode.point, list_coords(fit), pin)
    names = [name for name in DYNAMIC_SAMPLED if name in model.named_vars]
    sampled = run_sampler(model, names, scatter_start(fit.model, fit.mode.point, pin), **run)
    position = sampled.draws["position"]
    check_signs(position.reshape(*position.shape[:2], -1))
    member = str(fit.encoded.members[pin.row])
    side = "positive" if pin.side > 0 else "negative"
    direction = f"{fit.direction}; {member} is constrained to the {side} side in the first period"
    settings = {
        "seed": run["seed"],
        "tune": run["tune"],
        "target_accept": run["nuts"].target_accept,
        "sampler": sampled.sampler,
        "seconds_compiling": sampled.compiling,
        "seconds_sampling": sampled.sampling,
    }
    tree = labelled(sampled, model, settings, **data_groups(fit.encoded))
    return DynamicPosterior(fit, direction, tree)
