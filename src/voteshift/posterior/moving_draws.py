"""Draws of the posterior of positions that move."""

from typing import Any

from voteshift.ideal.spec import IdealPoints
from voteshift.posterior.diagnose import check_signs
from voteshift.posterior.labels import labelled
from voteshift.posterior.moving_model import (
    build_moving_model,
    moving_fit,
    moving_names,
    moving_start,
    start_pin,
)
from voteshift.posterior.moving_results import MOVING, DynamicPosterior
from voteshift.posterior.sampling import run_sampler
from voteshift.posterior.storage import data_groups
from voteshift.rollcalls import RollCalls

__all__ = ["sample_moving"]


def sample_moving(rollcalls: RollCalls, spec: IdealPoints, **how: Any) -> DynamicPosterior:
    """Sample the posterior of positions that move; see `voteshift.posterior.draws.sample`.

    Parameters
    ----------
    rollcalls, spec
        As there; `spec` with periods.
    **how
        Passed to `run_sampler`.
    """
    fit = moving_fit(rollcalls, spec)
    pin = start_pin(fit, spec, rollcalls.polarity)
    model = build_moving_model(fit.model, fit.mode.point, moving_names(fit), pin)
    names = [name for name in MOVING if name in model.named_vars]
    found = run_sampler(model, names, moving_start(fit.model, fit.mode.point, pin), **how)
    position = found.draws["position"]
    check_signs(position.reshape(*position.shape[:2], -1))
    member = str(fit.encoded.members[pin.row])
    side = "positive" if pin.side > 0 else "negative"
    direction = f"{fit.direction}; {member} is held on the {side} side at the start of the walks"
    settings = {name: how[name] for name in ("seed", "tune", "target_accept")} | {
        "sampler": found.sampler,
        "seconds_compiling": found.compiling,
        "seconds_sampling": found.sampling,
    }
    tree = labelled(found, model, settings, **data_groups(fit.encoded))
    return DynamicPosterior(fit, direction, tree)
