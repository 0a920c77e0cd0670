"""The explanation of a repeated vote: the exact account and the model's parts, step by step."""

from dataclasses import replace
from typing import get_args

from voteshift.arguments import checked
from voteshift.errors import InputError, NotUsableError, Unavailable, UsageError
from voteshift.ideal.interface import Fit, check_converged
from voteshift.ideal.spec import IdealPoints
from voteshift.joint import twin_family
from voteshift.resolution.refit import FitBy, check_method
from voteshift.rollcalls import RollCalls
from voteshift.shift.account import account_step, iterations_of, step_pairs
from voteshift.shift.explanation import Explanation
from voteshift.shift.models import EffectChoice, Models, draw_models, span_of
from voteshift.shift.parts import Draws, Estimand
from voteshift.shift.step import Step
from voteshift.shift.wording import why_unfitted

__all__ = ["explain", "family_window"]

_DRAWS = Draws()


@checked
def explain(
    rollcalls: RollCalls,
    family: str | None = None,
    *,
    model: IdealPoints | Fit | None = None,
    window: tuple[str | None, str | None] | None = None,
    member_effect: EffectChoice = True,
    draws: Draws = _DRAWS,
    estimand: Estimand = "realised",
    fit_by: FitBy = IdealPoints.fit,
) -> Explanation:
    """Explain why the outcome of a repeated vote changed.

    Parameters
    ----------
    rollcalls : RollCalls
        The record. If it has two linked chambers (`link_chambers`), the family's chamber is explained; the
        other chamber helps to estimate positions on the same scale.
    family : str, optional
        A slug, a title, or words that match one family. By default "mutually-beneficial-cooperation"; if the
        record does not have this family, the only family of the record.
    model : IdealPoints or Fit, optional
        The specification to fit to the contested roll calls of the window, or a fit of this record. By
        default ``IdealPoints(level=draws.level)``, with constant positions. With
        ``dynamics=RandomWalk(bridge="families")`` positions change from year to year, and the versions of
        every other repeated resolution share an item. Positions and resolution are then separate parts.
    window : tuple of str or None, optional
        First and last day, month or year of the roll calls to fit. By default, or with None at one end, the
        window begins two years before the first version and ends with the year of the last version.
    member_effect : bool or "pooled"
        Estimate a member effect: a lasting tendency of every member on this resolution, shared by its
        versions. Its mean differs between members that came, stayed and left. With state dependence, a
        member also repeats its last vote on the resolution with an estimated probability. The parts
        estimated without all of these are also kept. The standard deviation of the member effect has a wide
        prior; ``"pooled"`` estimates this prior from the other families of the fit (`pool_member_effects`),
        with the same mean for all members and without state dependence.
    draws : Draws
        Number and seed of the draws behind the intervals, and the coverage of the intervals.
    estimand : {"realised", "expected"}
        The change that the parts split. "realised": the change of the votes on record, exactly. "expected":
        the change of the tallies that the model expects, with a residual; this answers another question.
    fit_by : callable
        Function that fits a specification to roll calls: `IdealPoints.fit`; `cached_fit`, which stores fits
        on disk; or `sample_posterior`, which draws from the posterior and takes minutes.

    Returns
    -------
    Explanation
        The exact account of every step, and the parts estimated by the model if there is a model. The checks
        in `voteshift.checks` take the explanation as argument.

    Raises
    ------
    UsageError
        If the name does not match exactly one family, or an argument is not valid.
    InputError
        If a version has no date.
    NotUsableError
        If the fit did not converge.

    Notes
    -----
    The default estimand is the realised change among voting members. See `Counterfactual` for the draws. The
    parts are Shapley values (1953): averages over the orders in which council, positions and version can be
    replaced.
    """
    if estimand not in get_args(Estimand):
        raise UsageError(
            f"estimand={estimand!r} is not valid", remedy=f"use {' or '.join(get_args(Estimand))}"
        )
    if member_effect not in (True, False, "pooled"):
        raise UsageError(
            f"member_effect={member_effect!r} is not valid", remedy="use True, False or 'pooled'"
        )
    slug = rollcalls.family_slug(family)
    versions = iterations_of(rollcalls, slug)
    fit, reason = _fit_model(rollcalls, versions, slug, model, window, draws, fit_by)
    models: Models | Unavailable = Unavailable(reason)
    fitted: list[str] = []
    if fit is not None:
        check_converged(fit)
        fitted = [rollcall for rollcall in versions.rollcalls.index if rollcall in fit.rollcall_ids]
    if fit is not None and fitted:
        try:
            models = draw_models(
                rollcalls,
                fit,
                fitted,
                member_effect=member_effect,
                draws=draws,
                estimand=estimand,
                fit_by=fit_by,
            )
        except NotUsableError as error:
            models = Unavailable(str(error))
    span = None if fit is None else span_of(rollcalls, fit)
    return Explanation(
        family=slug,
        rollcalls=versions.rollcalls[["symbol", "date", "title"]].join(versions.tally()),
        steps=tuple(_list_steps(versions, models, fitted, span)),
        fit=fit,
        window=span,
        models=models,
        draws=draws,
        record=rollcalls,
        estimand=estimand,
        fit_by=fit_by,
    )


def _fit_model(
    rollcalls: RollCalls,
    versions: RollCalls,
    slug: str,
    model: IdealPoints | Fit | None,
    window: tuple[str | None, str | None] | None,
    draws: Draws,
    fit_by: FitBy,
) -> tuple[Fit | None, str]:
    """Return the fit of the model, or the reason why the roll calls of the window cannot be fitted."""
    if model is not None:
        check_method(model if isinstance(model, IdealPoints) else model.spec)
    if model is not None and not isinstance(model, IdealPoints):
        if window is not None:
            raise UsageError(
                "window= has no effect if model= is a fit",
                remedy="leave out window=, or pass a specification",
            )
        return model, ""
    chosen = family_window(rollcalls, versions, window)
    spec = IdealPoints(level=draws.level) if model is None else model
    dynamics = spec.dynamics
    if dynamics is not None and dynamics.bridge is not None and not dynamics.apart:
        spec = replace(spec, dynamics=replace(dynamics, apart=twin_family(chosen, slug)))
    try:
        return fit_by(spec, chosen), ""
    except InputError as error:
        return None, str(error)


def _list_steps(
    versions: RollCalls,
    models: Models | Unavailable,
    fitted: list[str],
    span: tuple[str, str] | None,
) -> list[Step]:
    """Return every step with its account and its parts, or with the reason why there are no parts."""
    steps = []
    for old, new in step_pairs(versions):
        account = account_step(versions, old, new)
        missing = [rollcall for rollcall in (old, new) if rollcall not in fitted]
        if isinstance(models, Unavailable) or missing:
            reason = str(models) if isinstance(models, Unavailable) else ""
            unfitted = reason or why_unfitted(versions, (missing or [old])[0], span)
            steps.append(Step(old, new, account, Unavailable(unfitted)))
        else:
            steps.append(Step(old, new, account, *models.split(versions, old, new)))
    return steps


def family_window(
    rollcalls: RollCalls, versions: RollCalls, window: tuple[str | None, str | None] | None
) -> RollCalls:
    """Return the roll calls of a window around the versions of a resolution.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    versions : RollCalls
        The versions, each with a date.
    window : tuple of str or None, optional
        As in `explain`.

    Raises
    ------
    UsageError
        If there is no roll call in the window.
    """
    years = versions.rollcalls["date"].dt.year
    if window is not None and len(window) != 2:
        raise UsageError(
            f"window has {len(window)} elements, not two",
            remedy='pass the first and the last day, for example ("2019-01-01", None)',
        )
    since, until = window or (None, None)
    first, last = since or str(years.min() - 2), until or str(years.max())
    chosen = rollcalls.between(first, last)
    if not len(chosen.rollcalls):
        raise UsageError(f"there is no roll call between {first} and {last}", remedy="widen the window")
    return chosen
