"""Functions that sample the posterior of a record."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from voteshift.arguments import checked
from voteshift.errors import NotUsableError, UsageError
from voteshift.ideal.covariates import without_missing
from voteshift.ideal.item_covariates import without_gaps
from voteshift.ideal.item_slopes import find_rare
from voteshift.ideal.links import need_standard
from voteshift.ideal.results import IdealFit
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
from voteshift.posterior.alignment import align_draws
from voteshift.posterior.coordinates import scattered_start, start_at_item_means, start_at_regression
from voteshift.posterior.diagnose import check_signs
from voteshift.posterior.dynamic.draws import sample_dynamic
from voteshift.posterior.dynamic.results import DynamicPosterior
from voteshift.posterior.labels import labelled
from voteshift.posterior.model import build_model
from voteshift.posterior.nuts import NUTS
from voteshift.posterior.pins import item_regression_of, pin_of, regression_of, start_at_mode, static_fit
from voteshift.posterior.results import SAMPLED, PosteriorFit
from voteshift.posterior.sampled import Sampled
from voteshift.posterior.sampling import Chains, run_sampler
from voteshift.posterior.spatial import build_spatial_model, spatial_start
from voteshift.posterior.storage import data_groups
from voteshift.ranges import MOST_DRAWS, check_count, check_seed
from voteshift.rollcalls import RollCalls

__all__ = ["sample", "sample_again", "sample_posterior"]

_NUTS = NUTS()


@checked
def sample(
    rollcalls: RollCalls,
    spec: IdealPoints | None = None,
    *,
    draws: int = 1000,
    tune: int = 500,
    chains: int = 4,
    seed: int = 0,
    nuts: NUTS = _NUTS,
    absence: Absence = "ignorable",
    not_recorded: NotRecorded = "absent",
    progress: Callable[[str], None] | None = None,
) -> PosteriorFit | DynamicPosterior:
    """Sample the posterior of an ideal-point model, static with one or two dimensions, or dynamic.

    Parameters
    ----------
    rollcalls : RollCalls
        The record or any part of it. Unanimous roll calls are left out and listed in the result.
    spec : IdealPoints, optional
        The specification to sample. The default is ``IdealPoints()``.
    draws : int
        Number of draws kept in each chain.
    tune : int
        Number of warm-up draws before the kept draws. In the warm-up the sampler adapts its step size and
        the scales of the parameters.
    chains : int
        Number of chains. With a single chain, R-hat cannot be computed and the sample counts as not usable.
    seed : int
        Seed of the random numbers.
    nuts : NUTS
        Further settings of the sampler: target acceptance rate, implementation and number of cores
        (`voteshift.posterior.nuts.NUTS`). The result names the implementation that was used.
    absence : {"ignorable", "hurdle"}
        Model of absence. With ``"ignorable"``, absence is independent of positions. With ``"hurdle"``, the
        probability of absence depends on the position, and only present members vote (Rosas, Shomer &
        Haptonstahl 2015; see `voteshift.posterior.absence`).
    not_recorded : {"absent", "gap"}
        Used with ``absence="hurdle"`` only. Meaning of a seat without a recorded vote: an absence
        (``"absent"``), or a gap in the catalogue (``"gap"``).
    progress : callable, optional
        Function that is called with a description of the current stage of the computation.

    Returns
    -------
    PosteriorFit or DynamicPosterior
        A `DynamicPosterior` if the specification has ``dynamics``. `converged` is false if R-hat is above
        1.01, if fewer than 400 draws are effective, or if a transition diverged. Draws that did not converge
        must not be used.

    Raises
    ------
    InputError
        If no roll call is contested.
    UsageError
        If the specification cannot be sampled, or a number is out of range.
    NotUsableError
        If mode finding did not converge, if the record has fewer than 100 absences for
        ``absence="hurdle"``, or if two chains are mirror images of each other.

    Notes
    -----
    The No-U-Turn sampler (Hoffman & Gelman 2014) samples the model of `ideal_model`. The starting values of
    a chain are drawn around the mode; in the static model they are at most one standard error from the mode.
    With nutpie, and if the votes identify tau, a dynamic model is sampled in the coordinates of a marginal
    fit (`voteshift.posterior.dynamic.metric`). Its chains start at draws from the normal approximation.

    With two dimensions, all rotations and reflections of a space are equally probable. Every draw is rotated
    to the mean of all draws, and this mean to the axes of the mode, which ``polarity``, ``target`` or the
    discriminations of the roll calls determine (`voteshift.posterior.alignment.align_draws`). `converged`
    then also requires that distances between members and angles between cutting lines, which do not depend on
    the axes, are within the bounds. If two chains describe different spaces, `cautions` names these chains.
    """
    spec = start_at_mode(spec or IdealPoints()).with_ids(rollcalls)
    check_seed(seed)
    for name, value in (("draws", draws), ("tune", tune), ("chains", chains)):
        check_count(name, value, most=MOST_DRAWS)
    check_absence(absence, not_recorded)
    run: dict[str, Any] = {
        "draws": draws,
        "tune": tune,
        "chains": chains,
        "seed": seed,
        "nuts": nuts,
        "progress": progress,
    }
    if spec.dynamics is not None:
        need_standard(spec.link, "samples of dynamic models")
        if absence == "hurdle":
            raise UsageError(
                "absence='hurdle' requires static positions, but dynamics= is also given",
                remedy="leave out absence= or dynamics=",
            )
        return sample_dynamic(rollcalls, spec, **run)
    if spec.dims > 1 and absence == "hurdle":
        raise UsageError(
            f"absence='hurdle' requires one dimension, but dims is {spec.dims}",
            remedy="leave out absence=, or pass dims=1",
        )
    rollcalls, missing = without_missing(spec.priors.covariates, rollcalls)
    rollcalls, gaps = without_gaps(spec.priors.item_covariates, rollcalls)
    fit = static_fit(rollcalls, spec)
    regression = regression_of(spec, rollcalls, fit)
    of_items = item_regression_of(spec, rollcalls, fit)
    settings = {
        "seed": seed,
        "tune": tune,
        "target_accept": nuts.target_accept,
        "absence": absence if absence == "ignorable" else f"{absence}, not recorded: {not_recorded}",
    }
    if spec.dims > 1:
        return _sample_plane(fit, spec, settings, run)
    pin = pin_of(fit, spec, rollcalls.polarity)
    model = build_model(fit, pin, regression, of_items)
    start = scattered_start(fit, list(map(str, fit.encoded.members)).index(pin.member), pin.side)
    if regression is not None:
        settings["without_covariates"] = json.dumps(missing)
        start = start_at_regression(start, regression, fit.mode.point.positions[:, 0])
    if of_items is not None:
        settings["without_item_covariates"] = json.dumps(gaps)
        settings["rare_rollcalls"] = json.dumps(find_rare(of_items, fit.encoded.rollcalls))
        start = start_at_item_means(start, len(of_items.terms))
    if absence == "hurdle":
        away = absence_design(rollcalls, fit.encoded, not_recorded)
        apart = tendencies_stand_apart(away, fit.mode.point.positions[:, 0])
        add_hurdle(model, away, link=need_standard(spec.link, "models of absence"), apart=apart)
        start = at_the_hurdle(start, away, apart=apart)
    sampled = run_sampler(model, _kept(model), start, **run)
    check_signs(sampled.draws["position"][..., 0])
    direction = fit.direction if pin.words() in fit.direction else f"{fit.direction}; {pin.words()}"
    if not pin.clear:
        direction += (
            ", although the position of this member is close to 0; the interval of the position is cut "
            "off at 0"
        )
    return _posterior(fit, spec, direction, model, sampled, settings)


def _sample_plane(
    fit: IdealFit, spec: IdealPoints, settings: dict[str, Any], run: dict[str, Any]
) -> PosteriorFit:
    """Sample a model of two dimensions and rotate the draws to common axes."""
    model = build_spatial_model(fit)
    sampled = run_sampler(model, _kept(model), spatial_start(fit), **run)
    aligned = align_draws(
        sampled.draws["position"], sampled.draws["discrimination"], fit.mode.point.positions
    )
    draws = sampled.draws | {"position": aligned.positions, "discrimination": aligned.discriminations}
    direction = f"{fit.direction}; every draw is rotated to these axes"
    return _posterior(fit, spec, direction, model, replace(sampled, draws=draws), settings)


def _kept(model: Any) -> list[str]:
    """Return the names of the variables of a model whose draws are kept."""
    return [name for name in SAMPLED if name in model.named_vars]


def _posterior(
    fit: IdealFit, spec: IdealPoints, direction: str, model: Any, sampled: Chains, settings: dict[str, Any]
) -> PosteriorFit:
    """Return draws with labels, as a fit."""
    made = {
        "sampler": sampled.sampler,
        **settings,
        "seconds_compiling": sampled.compiling,
        "seconds_sampling": sampled.sampling,
    }
    tree = labelled(sampled, model.named_vars_to_dims, model.coords, made, **data_groups(fit.encoded))
    return PosteriorFit(fit.encoded, fit.model, fit.mode, direction, spec, tree)


def sample_posterior(
    spec: IdealPoints, rollcalls: RollCalls, *, seed: int = 0
) -> PosteriorFit | DynamicPosterior:
    """Draw from the posterior of a specification, with the default settings.

    `explain` accepts this function as ``fit_by``.

    Parameters
    ----------
    spec : IdealPoints
        The specification of the model. If positions are dynamic, tau is sampled together with the other
        parameters, and the tau of the specification is not used.
    rollcalls : RollCalls
        The record or any part of it.
    seed : int
        Seed of the random numbers.
    """
    if spec.dynamics is not None:
        spec = replace(spec, dynamics=replace(spec.dynamics, tau="estimate"))
    return sample(rollcalls, spec, seed=seed)


def sample_again(fit: Sampled, rollcalls: RollCalls, spec: IdealPoints) -> PosteriorFit | DynamicPosterior:
    """Sample roll calls with the sampler, the settings and the seed of an existing sampled fit.

    Parameters
    ----------
    fit : Sampled
        The fit whose settings are used.
    rollcalls, spec
        As in `sample`.

    Raises
    ------
    NotUsableError
        If the fit has ``absence="hurdle"``, or for the reasons in `sample`.
    """
    settings, sizes = fit.tree["posterior"].attrs, fit.tree["posterior"].sizes
    if settings.get("absence", "ignorable") != "ignorable":
        raise NotUsableError(
            "the fit has absence='hurdle', so it cannot be sampled again without some roll calls",
            remedy="sample the model with absence='ignorable'",
        )
    return sample(
        rollcalls,
        spec,
        draws=int(sizes["draw"]),
        tune=int(settings["tune"]),
        chains=int(sizes["chain"]),
        seed=int(settings["seed"]),
        nuts=NUTS(target_accept=float(settings["target_accept"]), sampler=settings["sampler"]),
    )
