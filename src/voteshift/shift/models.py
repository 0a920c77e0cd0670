"""The models behind an explanation: draws of every vote on every version, with and without member effects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from voteshift.errors import NotUsableError, Unavailable
from voteshift.ideal.interface import Fit, check_converged
from voteshift.joint import could_stand, held_together, is_hrc
from voteshift.resolution.member_effect import MemberEffectFit
from voteshift.resolution.pooled import PooledEffect, pool_member_effects
from voteshift.resolution.refit import FitBy, Others, fit_without, refit
from voteshift.rollcalls import RollCalls
from voteshift.shift.counterfactual import Counterfactual, counterfactual
from voteshift.shift.effect_draws import USUAL, EffectForm, effect_counterfactual
from voteshift.shift.parts import Draws, Estimand, ModelParts, StepDraws, model_parts
from voteshift.shift.wording import identified_by, step_notes

__all__ = [
    "EffectChoice",
    "Models",
    "draw_models",
    "draw_without",
    "redraw_effects",
    "refit_with_items",
    "span_of",
]

#: True with member effects whose mean depends on seat history, and state dependence; "pooled" with member
#: effects whose prior is estimated from other families. This prior belongs to a model without the other two.
EffectChoice = bool | Literal["pooled"]


@dataclass(frozen=True, eq=False)
class Models:
    """Draws of every vote on every version, and the fit behind them.

    Attributes
    ----------
    record : RollCalls
        The record that contains the fitted roll calls.
    fit : Fit
        The fit with the versions.
    span : tuple of str
        First and last day of the roll calls of the fit.
    tallies : Counterfactual
        Every council under every version, from positions alone.
    draws : Draws
        Number, seed and level.
    estimand : {"realised", "expected"}
        The change that the parts split.
    fit_by : callable
        Function that fits a specification to roll calls.
    with_effect : Counterfactual or None
        The same tallies with member effects.
    member_effect : MemberEffectFit, Unavailable or None
        The fit of the member effect; None if it was not requested.
    pooled : PooledEffect or None
        The other families from which the prior of the member effect was estimated.
    others : Fit, Unavailable or None
        The same model fitted to all other roll calls. With member effects, positions come from this fit. None
        if member effects were not requested.
    chambers : str
        What links the scales of two chambers; "" for one chamber.
    """

    record: RollCalls
    fit: Fit
    span: tuple[str, str]
    tallies: Counterfactual
    draws: Draws
    estimand: Estimand
    fit_by: FitBy
    with_effect: Counterfactual | None = None
    member_effect: MemberEffectFit | Unavailable | None = None
    pooled: PooledEffect | None = None
    others: "Others | Unavailable | None" = None
    chambers: str = ""

    @property
    def main(self) -> Counterfactual:
        """The tallies behind the answer: with member effects if they were estimated."""
        return self.tallies if self.with_effect is None else self.with_effect

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return len(self.tallies.noise)

    def fit_others(self) -> "Others | Unavailable":
        """Return the same model fitted to all other roll calls; fit it at the first call."""
        if self.others is not None:
            return self.others
        try:
            return fit_without(self.record, self.fit, list(self.tallies.rollcalls), fit_by=self.fit_by)
        except NotUsableError as error:
            return Unavailable(str(error))

    def other_rollcalls(self) -> Fit:
        """Return the fit to all other roll calls: the one at hand, or else at the mode, because it is fast.

        Raises
        ------
        NotUsableError
            If the model cannot be fitted to the other roll calls.
        """
        if self.others is not None and not isinstance(self.others, Unavailable):
            return self.others
        versions = list(self.tallies.rollcalls)
        return fit_without(self.record, self.fit.mode_fit, versions, fit_by=self.fit_by)

    def split(self, versions: RollCalls, old: str, new: str) -> tuple[ModelParts, ModelParts | None]:
        """Return the parts of a step, and the parts without member effects if they were estimated."""
        main = self.split_main(versions, old, new)
        return main, None if self.with_effect is None else self._parts(self.tallies, versions, old, new)

    def split_main(self, versions: RollCalls, old: str, new: str) -> ModelParts:
        """Return the parts of a step."""
        return self._parts(self.main, versions, old, new)

    def _parts(self, tallies: Counterfactual, versions: RollCalls, old: str, new: str) -> ModelParts:
        fit, step = self.fit, (old, new)
        notes = step_notes(versions, tallies, fit, *step)
        if isinstance(self.member_effect, Unavailable):
            notes = (*notes, f"No member effect was estimated: {self.member_effect}.")
        ends = tallies.rollcalls.index(old), tallies.rollcalls.index(new)
        return model_parts(
            StepDraws(tallies, *ends, self.estimand, apart=bool(fit.bridges_between(*step))),
            level=self.draws.level,
            identified_by=identified_by(
                fit,
                self.span,
                step,
                council=is_hrc(versions, new),
                n_left_out=self._n_left_out if tallies.latent.member_effect is not None else 0,
                repetition=self._describe_repetition(),
                chambers=self.chambers,
            ),
            notes=notes,
            extrapolated=_extrapolated(fit, tallies, step) if tallies.latent.moves else (),
        )

    def _describe_repetition(self) -> str:
        """Return the probability that a member repeats its last vote, in words; "" if it is not estimated."""
        effect = self.member_effect
        if effect is None or isinstance(effect, Unavailable) or not effect.has_persistence:
            return ""
        return effect.describe_persistence(self.draws.level)

    @property
    def _n_left_out(self) -> int:
        """Number of roll calls not used for positions, because member effects explain them."""
        if self.others is None or isinstance(self.others, Unavailable):
            return 0
        return self.fit.n_rollcalls - self.others.n_rollcalls


def draw_models(
    rollcalls: RollCalls,
    fit: Fit,
    versions: list[str],
    *,
    member_effect: EffectChoice,
    draws: Draws,
    estimand: Estimand,
    fit_by: FitBy,
) -> Models:
    """Draw every vote on every version of a resolution, with and without member effects.

    Parameters
    ----------
    rollcalls : RollCalls
        A record that contains the versions.
    fit : Fit
        A fit that contains the versions.
    versions : list of str
        Ids of the versions, in date order.
    member_effect, draws, estimand, fit_by
        As in `explain`.

    Raises
    ------
    NotUsableError
        If the fit has no normal approximation.
    """
    electable = _electable(rollcalls, fit, versions)
    tallies = counterfactual(rollcalls, fit, versions, n_draws=draws.n, seed=draws.seed, also=electable)
    models = Models(
        rollcalls,
        fit,
        span_of(rollcalls, fit),
        tallies,
        draws,
        estimand,
        fit_by,
        chambers=held_together(rollcalls, fit.rollcall_ids, fit.member_ids),
    )
    if not member_effect or len(versions) < 2:
        return models
    return _add_member_effect(models, pooled=member_effect == "pooled")


def _add_member_effect(models: Models, *, pooled: bool) -> Models:
    """Return the models with member effects, or with the reason why there are no member effects."""
    others = models.fit_others()
    models = replace(models, others=others)
    if isinstance(others, Unavailable):
        return replace(models, member_effect=others)
    record, versions, draws = models.record, list(models.tallies.rollcalls), models.draws
    try:
        pool = None
        if pooled:
            family = str(record.rollcalls.loc[versions[0], "family"])
            pool = pool_member_effects(record, models.fit, family, fit_by=models.fit_by, seed=draws.seed)
        tallies, fitted = effect_counterfactual(
            record,
            models.tallies,
            others,
            n_draws=draws.n,
            seed=draws.seed,
            form=_allowed(USUAL, pool),
        )
    except NotUsableError as error:
        return replace(models, member_effect=Unavailable(str(error)))
    return replace(models, with_effect=tallies, member_effect=fitted, pooled=pool)


def redraw_effects(models: Models, draws: Draws, form: EffectForm) -> Models:
    """Draw every vote again with member effects of another form, from the same fit of all other roll calls.

    Parameters
    ----------
    models : Models
        Models with member effects.
    draws : Draws
        Number, seed and level.
    form : EffectForm
        The form of the member effects. If their prior was estimated from other families, they have this prior
        and no dependence on seat history or earlier votes.

    Raises
    ------
    NotUsableError
        If the models have no member effects, or the fit did not converge.
    """
    if models.with_effect is None or models.others is None or isinstance(models.others, Unavailable):
        raise NotUsableError("no member effect was estimated", remedy="call explain with member_effect=True")
    tallies, fitted = effect_counterfactual(
        models.record,
        models.tallies,
        models.others,
        n_draws=draws.n,
        seed=draws.seed,
        form=_allowed(form, models.pooled),
    )
    return replace(models, draws=draws, with_effect=tallies, member_effect=fitted)


def _allowed(form: EffectForm, pooled: PooledEffect | None) -> EffectForm:
    """Return a form of member effects, without what their pooled prior excludes."""
    if pooled is None:
        return form
    return replace(form, prior=(pooled.mean, pooled.sd), state_dependence=False, by_seats=False)


def draw_without(models: Models, rollcalls: Sequence[str]) -> Models:
    """Draw every vote on every version again, from a fit without some other roll calls.

    Parameters
    ----------
    models : Models
        The models to fit again.
    rollcalls : sequence of str
        Ids of the roll calls to leave out.

    Returns
    -------
    Models
        With member effects, `fit` is the fit of all other roll calls, because positions come from this fit.

    Raises
    ------
    NotUsableError
        If the fit did not converge, or the member effect cannot be estimated without these roll calls.
    """
    record, versions, draws = models.record, list(models.tallies.rollcalls), models.draws
    focal = [] if models.with_effect is None else versions
    fit = refit(record, models.fit, [*rollcalls, *focal])
    check_converged(fit)
    span = span_of(record, fit)
    if models.with_effect is None:
        tallies = counterfactual(record, fit, versions, n_draws=draws.n, seed=draws.seed)
        return replace(models, fit=fit, span=span, tallies=tallies, others=None)
    drawn, effect = effect_counterfactual(
        record,
        models.tallies,
        fit,
        n_draws=draws.n,
        seed=draws.seed,
        form=replace(USUAL, state_dependence=models.pooled is None, by_seats=models.pooled is None),
    )
    return replace(models, fit=fit, span=span, with_effect=drawn, member_effect=effect, others=fit)


def refit_with_items(models: Models, items: Mapping[str, str]) -> Models:
    """Draw the models again with different sets of roll calls that share an item.

    Parameters
    ----------
    models : Models
        The models to fit again.
    items : mapping of str to str
        Item of every roll call that shares an item.

    Raises
    ------
    NotUsableError
        If the fit did not converge.
    """
    fit = refit(models.record, models.fit, [], items=items, fit_by=models.fit_by)
    check_converged(fit, "the fit with other items")
    return draw_models(
        models.record,
        fit,
        list(models.tallies.rollcalls),
        member_effect=models.with_effect is not None,
        draws=models.draws,
        estimand=models.estimand,
        fit_by=models.fit_by,
    )


def _electable(rollcalls: RollCalls, fit: Fit, versions: list[str]) -> set[str]:
    """Return the members that could have held a seat at any version; empty if there is one chamber."""
    fitted = fit.rollcall_ids
    try:
        return {state for rollcall in versions for state in could_stand(rollcalls, fitted, rollcall)}
    except NotUsableError:
        return set()


def _extrapolated(fit: Fit, tallies: Counterfactual, step: tuple[str, str]) -> tuple[str, ...]:
    """Return members of either council with an extrapolated position at either vote of the step."""
    marked = fit.member_ids[fit.extrapolated(list(step)).any(axis=0)]
    ends = [tallies.rollcalls.index(rollcall) for rollcall in step]
    sat = tallies.members[tallies.council[:, ends].any(axis=1)]
    return tuple(sat[sat.isin(marked)])


def span_of(rollcalls: RollCalls, fit: Fit) -> tuple[str, str]:
    """Return the first and last day of the roll calls of a fit; "" for both if none has a date."""
    dates = rollcalls.rollcalls["date"].reindex(fit.rollcall_ids).dropna()
    return ("", "") if dates.empty else (f"{dates.min():%Y-%m-%d}", f"{dates.max():%Y-%m-%d}")
