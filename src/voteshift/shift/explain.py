"""Why the outcome of a repeated vote moved: the exact account and the model's parts, step by step."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from voteshift.arguments import check_seed
from voteshift.errors import InputError, NotUsableError, UsageError
from voteshift.ideal.interface import Fit, check_converged
from voteshift.ideal.spec import IdealPoints
from voteshift.joint import of_chamber, twin_family
from voteshift.rollcalls import RollCalls
from voteshift.shift.account import account_step, iterations_of, step_pairs
from voteshift.shift.explanation import Explanation, Step
from voteshift.shift.leave_out import LeaveOut, left_out_parts
from voteshift.shift.models import Models, modelled, span_of
from voteshift.shift.others import FitBy
from voteshift.shift.parts import Estimand, ModelParts
from voteshift.shift.placebo import Placebo, placebo
from voteshift.shift.splitting import Splitting, split_bridges
from voteshift.shift.wording import why_unfitted

__all__ = ["Explanation", "ModelParts", "Step", "explain"]


def explain(
    rollcalls: RollCalls,
    family: str | None = None,
    *,
    fit: Fit | None = None,
    since: str | None = None,
    until: str | None = None,
    polarity: str | None = None,
    bridge: Literal["families"] | None = None,
    leaning: bool | Literal["pooled"] = True,
    n_replicates: int = 0,
    n_draws: int = 2000,
    seed: int = 0,
    level: float = 0.9,
    estimand: Estimand = "realised",
    method: Literal["map", "nuts"] = "map",
    leave_out: bool = False,
    fit_by: FitBy = IdealPoints.fit,
    progress: Callable[[int, float], None] | None = None,
    leaving: Callable[[str], None] | None = None,
) -> Explanation:
    """Explain why the outcome of a repeated vote moved.

    Parameters
    ----------
    rollcalls : RollCalls
        The record; of two chambers, as `beside` makes it, the family's own is explained, and the other places
        members on the same scale.
    family : str, optional
        A slug, a title, or words that name one family; by default mutually-beneficial-cooperation, or the
        only family of a record without that.
    fit : Fit, optional
        A fit of the same record to use; then `since`, `until`, `polarity` and `bridge` have no say. By
        default a model of the contested roll calls of the window is fitted, static unless there is a bridge.
    since, until : str, optional
        The window. By default from 1 January two years before the first iteration to 31 December of the
        year of the last.
    polarity : str, optional
        The member on the positive side of the scale; see `IdealPoints`.
    bridge : {"families"}, optional
        Let positions move from year to year, held together by the iterations of every other repeated
        resolution, each family one item: then positions and resolution come apart. Without it positions are
        held constant and the two are one component, "switching".
    leaning : bool
        Give every member a lasting leaning on this resolution, shared by its iterations: states repeat
        themselves more than their positions alone would have it. The parts without are kept beside. Its
        standard deviation has a prior of wide spread; ``"pooled"`` estimates that prior from the other
        families of the fit (`pooled_leaning`).
    n_replicates : int
        Bootstrap replicates of the test that the iterations are one item (`one_item_test`), 999 or more; 0
        for no test.
    n_draws : int
        Draws behind the intervals.
    seed : int
        Where the random numbers start.
    level : float
        Coverage of the intervals.
    estimand : {"realised", "expected"}
        What the model's parts split: the votes that were cast, which they add up to exactly, or the tallies
        the model expected, with what it did not expect as a residual. The second answers another question.
    method : {"map", "nuts"}
        What the intervals come from where no `fit` is given: the normal approximation at the mode, or draws
        of the posterior (see `sample`), which take minutes.
    leave_out : bool
        With bridges, also fit without one family and one subject at a time (`leave_out`), which takes a fit
        for each. That bridges which a screen rejects are split is always tried.
    fit_by : callable
        What fits a specification to roll calls at its mode: `IdealPoints.fit`, or `cached_fit`.
    progress : callable, optional
        Passed to the fit of the mode.
    leaving : callable, optional
        Called with what is left out, before it is.

    Returns
    -------
    Explanation
        The exact account of every step, and the model's parts where there is a model.

    Raises
    ------
    UsageError
        If no one family answers to the name, or a number makes no sense.
    InputError
        If an iteration has no date.
    NotUsableError
        If the fit did not converge.

    Notes
    -----
    The estimand is the realised change among those who voted. See `Counterfactual` for the draws, and
    Shapley (1953) for the parts: averages over the orders in which council, positions and version can be
    replaced.
    """
    check_seed(seed)
    if not 0 < level < 1 or n_draws < 100:
        raise UsageError("level must lie between 0 and 1 and n_draws be at least 100")
    if estimand not in ("realised", "expected"):
        raise UsageError(f"the estimand is realised or expected, not {estimand!r}")
    slug = rollcalls.family_slug(family)
    iterations = iterations_of(rollcalls, slug)
    order = list(iterations.rollcalls.index)
    reason = ""
    if fit is None:
        window = _window(rollcalls, iterations, since, until)
        apart = twin_family(window, slug)
        moving: dict[str, Any] = {"periods": "year", "bridge": bridge, "apart": apart} if bridge else {}
        spec = IdealPoints(polarity=polarity, level=level, **moving)
        fit_at_mode = fit_by if progress is None else partial(fit_by, progress=progress)
        try:
            fit = _fit(window, spec, method, seed, fit_at_mode)
        except InputError as error:
            reason = str(error)
    if fit is not None:
        check_converged(fit)
    fitted = [] if fit is None else [rollcall for rollcall in order if rollcall in fit.encoded.rollcalls]
    models: Models | None = None
    if fit is not None and fitted:
        try:
            models = modelled(
                rollcalls,
                fit,
                fitted,
                leaning=leaning,
                n_replicates=n_replicates,
                n_draws=n_draws,
                seed=seed,
                level=level,
                estimand=estimand,
                fit_by=fit_by,
            )
        except NotUsableError as error:
            reason = str(error)
    span = None if fit is None else span_of(rollcalls, fit)
    steps = _steps(rollcalls, iterations, models, fitted, reason, span)
    splitting: Splitting | str | None = None
    left_out: LeaveOut | str | None = None
    if models is not None and any(map(_told_apart, steps)):
        splitting = _split(rollcalls, models, fit_by)
        left_out = _left_out(rollcalls, models, leaving) if leave_out else None
        steps = [_three_ways(step, iterations, splitting, left_out) for step in steps]
    return Explanation(
        family=slug,
        rollcalls=iterations.rollcalls[["symbol", "date", "title"]].join(iterations.tally()),
        steps=tuple(steps),
        fit=fit,
        tallies=None if models is None else models.tallies,
        with_leaning=None if models is None else models.with_leaning,
        leaning=None if models is None else models.leaning,
        one_item=None if models is None else models.one_item,
        window=span,
        level=level,
        seed=seed,
        n_draws=n_draws,
        record=rollcalls,
        pooled=None if models is None else models.pooled,
        splitting=splitting,
        left_out=left_out,
    )


def _steps(
    rollcalls: RollCalls,
    iterations: RollCalls,
    models: Models | None,
    fitted: list[str],
    reason: str,
    span: tuple[str, str] | None,
) -> list[Step]:
    """Account for every step, and give it the model's parts, or why it has none."""
    own = of_chamber(rollcalls, str(iterations.rollcalls.index[0]))
    slug = str(iterations.rollcalls["family"].iloc[0])
    steps = []
    for old, new in step_pairs(iterations):
        missing = [rollcall for rollcall in (old, new) if models is None or rollcall not in fitted]
        exact, elsewhere = account_step(iterations, old, new), _placebo(own, slug, old, new)
        if models is None or missing:
            why_not = reason or why_unfitted(iterations, missing[0], span)
            steps.append(Step(old, new, exact, elsewhere, why_not))
        else:
            found = models.step(iterations, old, new)
            steps.append(Step(old, new, exact, elsewhere, *found, models.elections(rollcalls, found[:2])))
    return steps


def _told_apart(step: Step) -> bool:
    """Whether positions and resolution are parts by themselves."""
    return isinstance(step.model, ModelParts) and "positions" in step.model.components


def _split(rollcalls: RollCalls, models: Models, fit_by: FitBy) -> Splitting | str:
    """Screen the bridges of a fit and split those that are rejected, or say why that cannot be done."""
    try:
        return split_bridges(
            rollcalls,
            models.fit,
            list(models.tallies.rollcalls),
            leaning=models.with_leaning is not None,
            n_draws=models.n_draws,
            seed=models.seed,
            level=models.level,
            estimand=models.estimand,
            fit_by=fit_by,
        )
    except NotUsableError as error:
        return str(error)


def _left_out(rollcalls: RollCalls, models: Models, progress: Callable[[str], None] | None) -> LeaveOut | str:
    """Fit again without single families and subjects, or say why that cannot be done."""
    family = str(rollcalls.rollcalls.loc[models.tallies.rollcalls[0], "family"])
    try:
        return left_out_parts(
            rollcalls,
            models.fit,
            models.tallies,
            family=family,
            leaning=models.with_leaning is not None,
            n_draws=models.n_draws,
            seed=models.seed,
            level=models.level,
            estimand=models.estimand,
            progress=progress,
        )
    except NotUsableError as error:
        return str(error)


def _three_ways(
    step: Step, iterations: RollCalls, splitting: Splitting | str | None, left_out: LeaveOut | str | None
) -> Step:
    """Give a step its parts after splitting, and their range without single families and subjects."""
    if not _told_apart(step):
        return step
    if isinstance(splitting, Splitting) and splitting.models is not None:
        step = replace(step, after_splitting=splitting.models.main(iterations, step.old, step.new))
    if isinstance(left_out, LeaveOut):
        ranges = left_out.ranges()
        own = (ranges["old"] == step.old) & (ranges["new"] == step.new)
        step = replace(step, ranges=ranges[own].reset_index(drop=True))
    return step


def _fit(
    window: RollCalls,
    spec: IdealPoints,
    method: Literal["map", "nuts"],
    seed: int,
    fit_by: FitBy,
) -> Fit:
    """Fit the window's model by the method asked for; PyMC is imported where it is needed."""
    if method == "map":
        return fit_by(spec, window)
    if method == "nuts":
        from voteshift.posterior.draws import sample

        if spec.periods is not None:
            spec = replace(spec, tau="estimate")  # draws learn tau
        return sample(window, spec, seed=seed)
    raise UsageError(f"the method is map or nuts, not {method!r}")


def _window(rollcalls: RollCalls, iterations: RollCalls, since: str | None, until: str | None) -> RollCalls:
    years = iterations.rollcalls["date"].dt.year
    first, last = since or str(years.min() - 2), until or str(years.max())
    window = rollcalls.between(first, last)
    if not len(window.rollcalls):
        raise UsageError(f"there is no roll call between {first} and {last}", remedy="widen the window")
    return window


def _placebo(rollcalls: RollCalls, slug: str, old: str, new: str) -> Placebo | str:
    try:
        return placebo(rollcalls, slug, old, new)
    except NotUsableError as error:
        return str(error)
