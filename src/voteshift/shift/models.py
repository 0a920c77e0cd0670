"""The models behind an explanation: every vote on every version drawn, with member effects and without."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from voteshift.checks.elections import Election, could_stand, election
from voteshift.checks.expected_switchers import Switchers, switchers
from voteshift.checks.same_item import OneItemTest, likelihood_ratios
from voteshift.errors import NotUsableError
from voteshift.ideal.interface import Fit
from voteshift.joint import held_together, is_hrc
from voteshift.resolution.member_effect import MemberEffectFit
from voteshift.resolution.pooled import PooledEffect, pool_member_effects
from voteshift.resolution.refit import FitBy, fit_without
from voteshift.rollcalls import RollCalls
from voteshift.shift.counterfactual import Counterfactual, counterfactual
from voteshift.shift.effect_draws import effect_counterfactual
from voteshift.shift.parts import Estimand, ModelParts, StepDraws, model_parts
from voteshift.shift.wording import basis, identified_by, step_notes, voted_once

__all__ = ["Models", "modelled", "span_of"]


@dataclass(frozen=True, slots=True)
class Models:
    """What the steps of one explanation share; attributes as in `Explanation`."""

    fit: Fit
    span: tuple[str, str]
    tallies: Counterfactual
    level: float
    estimand: Estimand
    seed: int
    with_effect: Counterfactual | None = None
    member_effect: MemberEffectFit | str | None = None
    one_item: OneItemTest | str | None = None
    pooled: PooledEffect | None = None
    chambers: str = ""  # what puts two chambers on one scale
    n_left_out: int = 0  # roll calls that place nobody where a member effect explains them

    @property
    def n_draws(self) -> int:
        """How many draws there are."""
        return len(self.tallies.noise)

    def step(
        self, iterations: RollCalls, old: str, new: str
    ) -> tuple[ModelParts, ModelParts | None, tuple[Switchers, ...]]:
        """Return the parts of a step, those without member effects, and the switchers expected by either."""
        ends = self.tallies.rollcalls.index(old), self.tallies.rollcalls.index(new)
        both = [tallies for tallies in (self.with_effect, self.tallies) if tallies is not None]
        parts = [self._parts(tallies, iterations, *ends) for tallies in both]
        checks = [switchers(tallies, *ends, level=self.level, seed=self.seed) for tallies in both]
        return parts[0], parts[1] if len(parts) > 1 else None, tuple(checks)

    def main(self, iterations: RollCalls, old: str, new: str) -> ModelParts:
        """Return the parts of a step: with member effects, where one was fitted."""
        ends = self.tallies.rollcalls.index(old), self.tallies.rollcalls.index(new)
        return self._parts(self.with_effect or self.tallies, iterations, *ends)

    def elections(
        self, rollcalls: RollCalls, parts: tuple[ModelParts, ModelParts | None]
    ) -> tuple[Election, ...] | str:
        """Set the membership part of a step beside elections at random, or say why there are none."""
        try:
            return tuple(
                election(rollcalls, model.draws, self.fit, level=self.level, seed=self.seed)
                for model in parts
                if model is not None and model.draws is not None
            )
        except NotUsableError as error:
            return str(error)

    def _parts(self, tallies: Counterfactual, iterations: RollCalls, old: int, new: int) -> ModelParts:
        fit, step = self.fit, (tallies.rollcalls[old], tallies.rollcalls[new])
        moves = tallies.latent.moves
        leans = tallies.latent.member_effect is not None
        notes = step_notes(iterations, tallies, fit, *step)
        if isinstance(self.member_effect, str):
            notes = (*notes, f"No member effect was estimated: {self.member_effect}.")
        return model_parts(
            StepDraws(tallies, old, new, self.estimand, apart=bool(fit.encoded.bridges_between(*step))),
            level=self.level,
            identified_by=identified_by(
                fit,
                self.span,
                step,
                council=is_hrc(iterations, step[1]),
                n_left_out=self.n_left_out if leans else 0,
                chambers=self.chambers,
            ),
            notes=notes,
            basis=basis(fit, step),
            extrapolated=_extrapolated(fit, tallies, step) if moves else (),
            voted_once=voted_once(iterations, *step),
        )


def modelled(
    rollcalls: RollCalls,
    fit: Fit,
    iterations: list[str],
    *,
    member_effect: bool | Literal["pooled"],
    n_draws: int,
    seed: int,
    level: float,
    n_replicates: int = 0,
    estimand: Estimand = "realised",
    fit_by: FitBy,
) -> Models:
    """Draw every vote on every version of a resolution, with member effects and without.

    Parameters
    ----------
    rollcalls : RollCalls
        A record that holds the iterations.
    fit : Fit
        A fit that holds them.
    iterations : list of str
        Their ids, in date order.
    member_effect, n_draws, seed, level, n_replicates, estimand, fit_by
        As in `explain`.

    Raises
    ------
    NotUsableError
        If the fit has no normal approximation.
    """
    tallies = counterfactual(
        rollcalls, fit, iterations, n_draws=n_draws, seed=seed, also=_electable(rollcalls, fit, iterations)
    )
    together = held_together(rollcalls, fit.encoded.rollcalls, fit.encoded.members)
    models = Models(fit, span_of(rollcalls, fit), tallies, level, estimand, seed, chambers=together)
    return _beside(models, rollcalls, member_effect=member_effect, n_replicates=n_replicates, fit_by=fit_by)


def _electable(rollcalls: RollCalls, fit: Fit, iterations: list[str]) -> set[str]:
    """Return who could have held a seat at any iteration; nobody, where the fit is of one chamber."""
    fitted = fit.encoded.rollcalls
    try:
        return {state for rollcall in iterations for state in could_stand(rollcalls, fitted, rollcall)}
    except NotUsableError:
        return set()


def _beside(
    models: Models,
    rollcalls: RollCalls,
    *,
    member_effect: bool | Literal["pooled"],
    n_replicates: int,
    fit_by: FitBy,
) -> Models:
    """Add the member effect and the test of one item, which both need positions from all other roll calls."""
    iterations = list(models.tallies.rollcalls)
    if len(iterations) < 2 or not (member_effect or n_replicates):
        return models
    try:
        others = fit_without(rollcalls, models.fit, iterations, fit_by=fit_by)
    except NotUsableError as error:
        told = str(error)
        return replace(
            models, member_effect=told if member_effect else None, one_item=told if n_replicates else None
        )
    if member_effect:
        n_draws, seed = models.n_draws, models.seed
        try:
            pooled = None
            if member_effect == "pooled":
                family = str(rollcalls.rollcalls.loc[iterations[0], "family"])
                pooled = pool_member_effects(rollcalls, models.fit, family, fit_by=fit_by, seed=seed)
            prior = None if pooled is None else (pooled.mean, pooled.sd)
            leans = effect_counterfactual(
                rollcalls, models.tallies, others, n_draws=n_draws, seed=seed, prior=prior
            )
            n_left_out = len(models.fit.encoded.rollcalls) - len(others.encoded.rollcalls)
            models = replace(
                models, with_effect=leans[0], member_effect=leans[1], pooled=pooled, n_left_out=n_left_out
            )
        except NotUsableError as error:
            models = replace(models, member_effect=str(error))
    if n_replicates:
        try:
            test = likelihood_ratios(
                rollcalls,
                others,
                iterations,
                member_effect=bool(member_effect),
                n_replicates=n_replicates,
                seed=models.seed,
                pairs=[*pairwise(iterations), (iterations[0], iterations[-1])],
            )
            models = replace(models, one_item=test)
        except NotUsableError as error:
            models = replace(models, one_item=str(error))
    return models


def _extrapolated(fit: Fit, tallies: Counterfactual, step: tuple[str, str]) -> tuple[str, ...]:
    """Members of either council whose position at either end rests on too few votes of its period."""
    marked = fit.encoded.members[fit.extrapolated(list(step)).any(axis=0)]
    ends = [tallies.rollcalls.index(rollcall) for rollcall in step]
    sat = tallies.members[tallies.council[:, ends].any(axis=1)]
    return tuple(sat[sat.isin(marked)])


def span_of(rollcalls: RollCalls, fit: Fit) -> tuple[str, str]:
    """Return the first and last day of the roll calls of a fit."""
    dates = rollcalls.rollcalls["date"].reindex(fit.encoded.rollcalls)
    return f"{dates.min():%Y-%m-%d}", f"{dates.max():%Y-%m-%d}"
