"""Why the outcome of a repeated vote moved: the exact account and the model's parts, step by step."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final, Literal

from voteshift.errors import InputError, NotUsableError, UsageError
from voteshift.ideal.interface import Fit
from voteshift.ideal.spec import IdealPoints
from voteshift.rollcalls import RollCalls
from voteshift.shift.account import account_step, iterations_of, step_pairs
from voteshift.shift.counterfactual import Counterfactual, counterfactual
from voteshift.shift.explanation import Explanation, Step
from voteshift.shift.leaning import LeaningFit, leaning_counterfactual
from voteshift.shift.one_item import OneItemTest, likelihood_ratios
from voteshift.shift.others import fit_without
from voteshift.shift.parts import Estimand, ModelParts, StepDraws, model_parts
from voteshift.shift.placebo import Placebo, placebo
from voteshift.shift.switchers import Switchers, switchers
from voteshift.shift.wording import basis, identified_by, step_notes, why_unfitted

__all__ = ["DEFAULT_FAMILY", "Explanation", "ModelParts", "Step", "explain"]

DEFAULT_FAMILY: Final = "mutually-beneficial-cooperation"


def explain(
    rollcalls: RollCalls,
    family: str = DEFAULT_FAMILY,
    *,
    fit: Fit | None = None,
    since: str | None = None,
    until: str | None = None,
    polarity: str | None = None,
    bridge: Literal["families"] | None = None,
    leaning: bool = True,
    n_replicates: int = 0,
    n_draws: int = 2000,
    seed: int = 0,
    level: float = 0.9,
    estimand: Estimand = "realised",
    method: Literal["map", "nuts"] = "map",
    progress: Callable[[int, float], None] | None = None,
) -> Explanation:
    """Explain why the outcome of a repeated vote moved.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    family : str
        A slug, a title, or words that name one family.
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
        themselves more than their positions alone would have it. The parts without are kept beside.
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
    progress : callable, optional
        Passed to the fit of the mode.

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
    if not 0 < level < 1 or n_draws < 100:
        raise UsageError("level must lie between 0 and 1 and n_draws be at least 100")
    if estimand not in ("realised", "expected"):
        raise UsageError(f"the estimand is realised or expected, not {estimand!r}")
    slug = rollcalls.family_slug(family)
    iterations = iterations_of(rollcalls, slug)
    order = list(iterations.rollcalls.index)
    table = iterations.rollcalls[["symbol", "date", "title"]].join(iterations.tally())
    reason = ""
    if fit is None:
        window = _window(rollcalls, iterations, since, until)
        try:
            moving: dict[str, Any] = {"periods": "year", "bridge": bridge, "apart": (slug,)}
            spec = IdealPoints(polarity=polarity, level=level, **(moving if bridge else {}))
            fit = _fit(window, spec, method, seed, progress)
        except InputError as error:
            reason = str(error)
    if fit is not None and not fit.converged:
        raise NotUsableError(
            f"the fit did not converge ({fit.verdict})",
            remedy="sample more draws" if fit.reached["method"] == "nuts" else "choose another window",
        )
    fitted = [] if fit is None else [rollcall for rollcall in order if rollcall in fit.encoded.rollcalls]
    models: _Models | None = None
    if fit is not None and fitted:
        try:
            tallies = counterfactual(rollcalls, fit, fitted, n_draws=n_draws, seed=seed)
            models = _Models(fit, _span(rollcalls, fit), tallies, level, estimand, seed)
            models = _beside(models, rollcalls, leaning=leaning, n_replicates=n_replicates)
        except NotUsableError as error:
            reason = str(error)
    span = None if fit is None else _span(rollcalls, fit)
    steps = []
    for old, new in step_pairs(iterations):
        missing = [rollcall for rollcall in (old, new) if models is None or rollcall not in fitted]
        exact, elsewhere = account_step(iterations, old, new), _placebo(rollcalls, slug, old, new)
        if models is None or missing:
            why_not = reason or why_unfitted(iterations, missing[0], span)
            steps.append(Step(old, new, exact, elsewhere, why_not))
        else:
            steps.append(Step(old, new, exact, elsewhere, *models.step(iterations, old, new)))
    return Explanation(
        slug,
        table,
        tuple(steps),
        fit,
        None if models is None else models.tallies,
        None if models is None else models.with_leaning,
        None if models is None else models.leaning,
        None if models is None else models.one_item,
        span,
        level,
        seed,
        n_draws,
    )


@dataclass(frozen=True, slots=True)
class _Models:
    """What the steps of one explanation share; attributes as in `Explanation`."""

    fit: Fit
    span: tuple[str, str]
    tallies: Counterfactual
    level: float
    estimand: Estimand
    seed: int
    with_leaning: Counterfactual | None = None
    leaning: LeaningFit | str | None = None
    one_item: OneItemTest | str | None = None

    def step(
        self, iterations: RollCalls, old: str, new: str
    ) -> tuple[ModelParts, ModelParts | None, tuple[Switchers, ...]]:
        """Return the parts of a step, those without a leaning, and the switchers expected by either."""
        ends = self.tallies.rollcalls.index(old), self.tallies.rollcalls.index(new)
        both = [tallies for tallies in (self.with_leaning, self.tallies) if tallies is not None]
        parts = [self._parts(tallies, iterations, *ends) for tallies in both]
        checks = [switchers(tallies, *ends, level=self.level, seed=self.seed) for tallies in both]
        return parts[0], parts[1] if len(parts) > 1 else None, tuple(checks)

    def _parts(self, tallies: Counterfactual, iterations: RollCalls, old: int, new: int) -> ModelParts:
        fit, step = self.fit, (tallies.rollcalls[old], tallies.rollcalls[new])
        moves = tallies.latent.moves
        leans = tallies.latent.leaning is not None
        notes = step_notes(iterations, tallies, fit, *step)
        if isinstance(self.leaning, str):
            notes = (*notes, f"No leaning of members could be fitted: {self.leaning}.")
        return model_parts(
            StepDraws(tallies, old, new, self.estimand, apart=bool(fit.encoded.bridges_between(*step))),
            level=self.level,
            identified_by=identified_by(
                fit, self.span, step, n_left_out=len(tallies.rollcalls) if leans else 0
            ),
            notes=notes,
            basis=basis(fit, step),
            extrapolated=_extrapolated(fit, tallies, step) if moves else (),
        )


def _fit(
    window: RollCalls,
    spec: IdealPoints,
    method: Literal["map", "nuts"],
    seed: int,
    progress: Callable[[int, float], None] | None,
) -> Fit:
    """Fit the window's model by the method asked for; PyMC is imported where it is needed."""
    if method == "map":
        return spec.fit(window, progress=progress)
    if method == "nuts":
        from voteshift.posterior.draws import sample

        return sample(window, spec, seed=seed)
    raise UsageError(f"the method is map or nuts, not {method!r}")


def _window(rollcalls: RollCalls, iterations: RollCalls, since: str | None, until: str | None) -> RollCalls:
    years = iterations.rollcalls["date"].dt.year
    first, last = since or str(years.min() - 2), until or str(years.max())
    window = rollcalls.between(first, last)
    if not len(window.rollcalls):
        raise UsageError(f"there is no roll call between {first} and {last}", remedy="widen the window")
    return window


def _beside(models: _Models, rollcalls: RollCalls, *, leaning: bool, n_replicates: int) -> _Models:
    """Add the leaning and the test of one item, which both need positions from all other roll calls."""
    iterations = list(models.tallies.rollcalls)
    if len(iterations) < 2 or not (leaning or n_replicates):
        return models
    try:
        others = fit_without(rollcalls, models.fit, iterations)
    except NotUsableError as error:
        told = str(error)
        return replace(models, leaning=told if leaning else None, one_item=told if n_replicates else None)
    if leaning:
        n_draws = len(models.tallies.noise)
        try:
            leans = leaning_counterfactual(
                rollcalls, models.tallies, others, n_draws=n_draws, seed=models.seed
            )
            models = replace(models, with_leaning=leans[0], leaning=leans[1])
        except NotUsableError as error:
            models = replace(models, leaning=str(error))
    if n_replicates:
        try:
            test = likelihood_ratios(
                rollcalls,
                others,
                iterations,
                n_replicates=n_replicates,
                seed=models.seed,
                pairs=[*pairwise(iterations), (iterations[0], iterations[-1])],
            )
            models = replace(models, one_item=test)
        except NotUsableError as error:
            models = replace(models, one_item=str(error))
    return models


def _placebo(rollcalls: RollCalls, slug: str, old: str, new: str) -> Placebo | str:
    try:
        return placebo(rollcalls, slug, old, new)
    except NotUsableError as error:
        return str(error)


def _extrapolated(fit: Fit, tallies: Counterfactual, step: tuple[str, str]) -> tuple[str, ...]:
    """Members of either council whose position at either end rests on too few votes of its period."""
    marked = fit.encoded.members[fit.extrapolated(list(step)).any(axis=0)]
    ends = [tallies.rollcalls.index(rollcall) for rollcall in step]
    sat = tallies.members[tallies.council[:, ends].any(axis=1)]
    return tuple(sat[sat.isin(marked)])


def _span(rollcalls: RollCalls, fit: Fit) -> tuple[str, str]:
    dates = rollcalls.rollcalls["date"].reindex(fit.encoded.rollcalls)
    return f"{dates.min():%Y-%m-%d}", f"{dates.max():%Y-%m-%d}"
