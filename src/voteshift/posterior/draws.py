"""`sample`: from a record to draws of the posterior."""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from voteshift.arguments import checked
from voteshift.errors import NotUsableError, UsageError
from voteshift.ideal.spec import IdealPoints
from voteshift.posterior.absence import (
    Absence,
    NotRecorded,
    absence_design,
    add_hurdle,
    at_the_hurdle,
    check_absence,
    tendencies_stand_apart,
)
from voteshift.posterior.coordinates import scattered_start
from voteshift.posterior.diagnose import check_signs
from voteshift.posterior.labels import labelled
from voteshift.posterior.model import build_model, pin_of, static_fit
from voteshift.posterior.moving_draws import sample_moving
from voteshift.posterior.moving_results import DynamicPosterior
from voteshift.posterior.results import SAMPLED, PosteriorFit
from voteshift.posterior.sampled import Sampled
from voteshift.posterior.sampling import Sampler, run_sampler
from voteshift.posterior.storage import data_groups
from voteshift.ranges import MOST_DRAWS, check_count, check_number, check_seed
from voteshift.rollcalls import RollCalls

__all__ = ["sample", "sample_again", "sample_posterior"]


@checked
def sample(
    rollcalls: RollCalls,
    spec: IdealPoints | None = None,
    *,
    draws: int = 1000,
    tune: int = 500,
    chains: int = 4,
    cores: int | None = None,
    seed: int = 0,
    target_accept: float = 0.9,
    sampler: Sampler | None = None,
    absence: Absence = "ignorable",
    not_recorded: NotRecorded = "absent",
    progress: Callable[[str], None] | None = None,
) -> PosteriorFit | DynamicPosterior:
    """Sample the posterior of an ideal-point model of one dimension, static or dynamic.

    Parameters
    ----------
    rollcalls : RollCalls
        The record or any part of it; unanimous roll calls are left out and listed in the result.
    spec : IdealPoints, optional
        What to fit; the default specification if None.
    draws, tune : int
        Draws of each chain kept, and those before them in which the sampler learns the scales.
    chains : int
        Chains; with fewer than two there is no R-hat, and the sample counts as not usable.
    cores : int, optional
        Chains at a time; all cores by default. The draws of nutpie do not depend on it.
    seed : int
        Where the random numbers start.
    target_accept : float
        Acceptance rate the step size is adapted to.
    sampler : {"nutpie", "pymc"}, optional
        By default nutpie where it is installed; which one ran is in the result.
    absence : {"ignorable", "hurdle"}
        Whether who is absent says nothing of positions, or absence comes before the vote with a probability
        that depends on position (Rosas, Shomer & Haptonstahl 2015; see `voteshift.posterior.absence`).
    not_recorded : {"absent", "gap"}
        In a hurdle: whether a seat without a recorded vote was absent, or is a gap in the catalogue.
    progress : callable, optional
        Called with a line on what is being done.

    Returns
    -------
    PosteriorFit or DynamicPosterior
        The latter with `periods`. With its verdict: R-hat above 1.01, fewer than 400 effective draws or any
        divergence make it one that is not to be used.

    Raises
    ------
    InputError
        If nothing is contested.
    UsageError
        If the specification cannot be sampled, or a number makes no sense.
    NotUsableError
        If there is no mode to start from, there are fewer than 100 absences for a hurdle, or chains hold
        mirror images of each other.

    Notes
    -----
    The No-U-Turn sampler (Hoffman & Gelman 2014) on the model of `ideal_model`. Every parameter of a chain
    starts up to one standard error from the mode.
    """
    spec = spec or IdealPoints()
    check_seed(seed)
    for name, value in (("draws", draws), ("tune", tune), ("chains", chains)):
        check_count(name, value, most=MOST_DRAWS)
    check_number("target_accept", target_accept, least=0.01, most=0.9999, what="a share")
    check_absence(absence, not_recorded)
    how: dict[str, Any] = {
        "draws": draws,
        "tune": tune,
        "chains": chains,
        "cores": min(chains, cores or os.cpu_count() or 1),
        "seed": seed,
        "target_accept": target_accept,
        "sampler": sampler,
        "progress": progress,
    }
    if spec.periods is not None:
        if absence == "hurdle":
            raise UsageError(
                "a hurdle of absence is for positions that do not move", remedy="leave out periods"
            )
        return sample_moving(rollcalls, spec, **how)
    fit = static_fit(rollcalls, spec)
    pin = pin_of(fit, spec, rollcalls.polarity)
    model = build_model(fit, pin)
    start = scattered_start(fit, list(map(str, fit.encoded.members)).index(pin.member), pin.side)
    if absence == "hurdle":
        away = absence_design(rollcalls, fit.encoded, not_recorded)
        apart = tendencies_stand_apart(away, fit.mode.point.positions[:, 0])
        add_hurdle(model, away, link=spec.link, apart=apart)
        start = at_the_hurdle(start, away, apart=apart)
    names = [name for name in SAMPLED if name in model.named_vars]
    found = run_sampler(model, names, start, **how)
    check_signs(found.draws["position"][..., 0])
    direction = fit.direction if pin.words() in fit.direction else f"{fit.direction}; {pin.words()}"
    if not pin.clear:
        direction += ", though it lies near the middle: its own interval is cut off at 0"
    settings = {
        "sampler": found.sampler,
        "seed": seed,
        "tune": tune,
        "target_accept": target_accept,
        "absence": absence if absence == "ignorable" else f"{absence}, not recorded: {not_recorded}",
        "seconds_compiling": found.compiling,
        "seconds_sampling": found.sampling,
    }
    tree = labelled(found, model, settings, **data_groups(fit.encoded))
    return PosteriorFit(fit.encoded, fit.model, fit.mode, direction, spec.level, tree)


def sample_posterior(
    spec: IdealPoints, rollcalls: RollCalls, *, seed: int = 0
) -> PosteriorFit | DynamicPosterior:
    """Sample a specification with the default settings: what `explain` takes as ``fit_by``.

    Parameters
    ----------
    spec : IdealPoints
        What to fit. Where positions move, tau is learned from the draws.
    rollcalls : RollCalls
        The record or any part of it.
    seed : int
        Start of the random numbers.
    """
    if spec.periods is not None:
        spec = replace(spec, tau="estimate")
    return sample(rollcalls, spec, seed=seed)


def sample_again(fit: Sampled, rollcalls: RollCalls, spec: IdealPoints) -> PosteriorFit | DynamicPosterior:
    """Sample other roll calls with the sampler, the settings and the seed of a sampled fit.

    Parameters
    ----------
    fit : Sampled
        Whose settings are taken.
    rollcalls, spec
        As in `sample`.

    Raises
    ------
    NotUsableError
        If the fit has a hurdle of absence, or as in `sample`.
    """
    settings, sizes = fit.tree["posterior"].attrs, fit.tree["posterior"].sizes
    if settings.get("absence", "ignorable") != "ignorable":
        raise NotUsableError(
            "a model with a hurdle of absence is not sampled again without some roll calls",
            remedy="take absence to be ignorable",
        )
    return sample(
        rollcalls,
        spec,
        draws=int(sizes["draw"]),
        tune=int(settings["tune"]),
        chains=int(sizes["chain"]),
        seed=int(settings["seed"]),
        target_accept=float(settings["target_accept"]),
        sampler=settings["sampler"],
    )
