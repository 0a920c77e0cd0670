"""Draws of the posterior of dynamic positions."""

import time
from typing import Any

from voteshift.ideal.dynamic.results import DynamicFit
from voteshift.ideal.spec import IdealPoints
from voteshift.posterior.diagnose import check_signs
from voteshift.posterior.dynamic.direct import DIMS, metric_of, sample_in_metric
from voteshift.posterior.dynamic.pins import StartPin, coords_of, fit_start, start_pin
from voteshift.posterior.dynamic.results import DYNAMIC_SAMPLED, DynamicPosterior
from voteshift.posterior.labels import labelled
from voteshift.posterior.sampling import Chains, choose_sampler, run_sampler
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
        Settings that are passed to the sampler.
    """
    fit = fit_start(rollcalls, spec)
    pin = start_pin(fit, spec, rollcalls.polarity)
    began = time.perf_counter()
    metric = metric_of(fit.model) if choose_sampler(run["nuts"]) == "nutpie" else None
    if metric is not None:
        preparing = time.perf_counter() - began
        sampled, dims = sample_in_metric(fit, pin, metric, preparing=preparing, **run), DIMS
    else:
        sampled, dims = _sample_graph(fit, pin, **run)
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
    tree = labelled(sampled, dims, coords_of(fit), settings, **data_groups(fit.encoded))
    return DynamicPosterior(fit, direction, tree)


def _sample_graph(fit: DynamicFit, pin: StartPin, **run: Any) -> tuple[Chains, dict[str, tuple[str, ...]]]:
    """Sample the `pymc.Model`; return the chains and the axes of its variables."""
    from voteshift.posterior.dynamic.model import build_dynamic_model, scatter_start

    model = build_dynamic_model(fit.model, fit.mode.point, coords_of(fit), pin)
    names = [name for name in DYNAMIC_SAMPLED if name in model.named_vars]
    chains = run_sampler(model, names, scatter_start(fit.model, fit.mode.point, pin), **run)
    return chains, dict(model.named_vars_to_dims)
