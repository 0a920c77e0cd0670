"""The same explanation under other choices: windows, roll calls, dimensions, abstentions, tau, bridges."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Final, cast

import numpy as np
import pandas as pd

from voteshift.arguments import checked
from voteshift.checks.result import CheckResult, Ends
from voteshift.checks.seat_notes import seat_notes
from voteshift.errors import InputError, NotUsableError, Unavailable, UsageError
from voteshift.ideal.cut import fit_cut
from voteshift.ideal.dynamic.spec import RandomWalk
from voteshift.ideal.interface import Fit, check_converged
from voteshift.ideal.objective import Priors
from voteshift.ideal.respecify import specification_of, votes_of
from voteshift.ideal.spec import IdealPoints
from voteshift.resolution.refit import FitBy, refit
from voteshift.rollcalls import RollCalls
from voteshift.shift.account import step_pairs
from voteshift.shift.answer import Range, Wording
from voteshift.shift.effect_draws import EffectForm
from voteshift.shift.explanation import Explanation
from voteshift.shift.models import Models, redraw_effects, span_of
from voteshift.shift.naming import model_window
from voteshift.shift.parts import Draws, ModelParts
from voteshift.shift.wording import why_unfitted
from voteshift.spells import number_groups
from voteshift.votes import CAST, Vote

__all__ = ["Sensitivity", "sensitivity"]

#: The explanation itself, with and without member effects.
_REPORTED: Final = (
    ("as reported", "the explanation of this report", "model"),
    (
        "without member effects",
        "the explanation of this report, without member effects",
        "model without member effects",
    ),
)
_ONE_MEAN: Final = "one mean of member effects"
_HURDLE_DRAWS: Final = 4000  # draws of each chain: standard deviations of absences converge slowly
_COLUMNS: Final = ["variant", "old", "new", "component", "category", "estimate", "conf_low", "conf_high"]


@dataclass(frozen=True, slots=True)
class Sensitivity(CheckResult):
    """One explanation under several choices.

    Attributes
    ----------
    family : str
        Slug of the resolution.
    variants : DataFrame, index ``variant``
        ``says`` (the choice in words), ``first`` and ``last`` (day of the fitted roll calls), ``members`` and
        ``rollcalls`` (numbers in the fit) and ``why_not`` (why there is no answer, or "").
    table : DataFrame
        ``variant``, ``old``, ``new``, ``component``, ``category``, ``estimate``, ``conf_low``, ``conf_high``:
        the parts of every step under every choice. The change of a step is the same under every choice.
    draws : Draws
        The draws behind every other choice.
    reported_draws : int
        Number of draws behind the explanation as reported, with and without member effects.
    simulation_error : float
        The largest standard error of an estimate that is due to the number of draws.
    words : Wording
        The words for the versions.
    """

    family: str
    variants: pd.DataFrame
    table: pd.DataFrame
    draws: Draws
    reported_draws: int
    simulation_error: float
    words: Wording

    def tidy(self) -> pd.DataFrame:
        """Return every part of every step under every choice: the columns of `table`."""
        return self.table.copy()

    def _title(self) -> str:
        return f"Parts of {self.family} under other choices"

    @property
    def text(self) -> str:
        """The source of the draws, the choices that gave no answer, and dependence on seat history."""
        lost = self.variants[self.variants["why_not"] != ""]
        failed = [f"There is no answer for {name}: {row['why_not']}." for name, row in lost.iterrows()]
        return " ".join([self.how_drawn(), *failed, *self.cautions])

    @property
    def cautions(self) -> tuple[str, ...]:
        """A sentence for every step whose parts depend on means of member effects by seat history."""
        names = self.words.versions
        return tuple(
            f"Caution, {names[old]} to {names[new]}: {note}" for (old, new), note in self._by_seats().items()
        )

    def _by_seats(self) -> Mapping[Ends, str]:
        of = self.table["variant"]
        return seat_notes(self.table[of == _REPORTED[0][0]], self.table[of == _ONE_MEAN])

    def how_drawn(self) -> str:
        """Return the number of draws behind the parts, and their simulation error."""
        return (
            f"{100 * self.draws.level:g}% intervals are computed from {self.reported_draws} draws for the "
            f"explanation as reported and from {self.draws.n} draws for every other choice (seed "
            f"{self.draws.seed}). The simulation error of an estimate is at most {self.simulation_error:.2f}."
        )

    def spread(self, old: str, new: str) -> pd.DataFrame:
        """Return the range of the estimates of one step over the choices.

        Returns
        -------
        DataFrame
            ``component``, ``category``, ``lowest`` and ``highest`` (estimates), ``variants`` (number of
            choices).
        """
        step = self.table[(self.table["old"] == old) & (self.table["new"] == new)]
        grouped = step.groupby(["component", "category"], sort=False)["estimate"]
        return grouped.agg(lowest="min", highest="max", variants="size").reset_index()

    def other_estimates(self, old: str, new: str, category: str) -> dict[str, Range]:
        """Return the range of the estimates of every part of one step over the other choices.

        Parameters
        ----------
        old, new : str
            Ids of the roll calls.
        category : str
            yes, no or abstain.

        Returns
        -------
        dict of str to Range
            By component. Empty if no other choice has the same components as the explanation.
        """
        step = self.table[(self.table["old"] == old) & (self.table["new"] == new)]
        estimates = step[step["category"] == category].pivot_table(
            index="variant", columns="component", values="estimate"
        )
        reported = _REPORTED[0][0]
        if reported not in estimates.index:
            return {}
        same = (estimates.notna() == estimates.loc[reported].notna()).all(axis=1)
        others = estimates[same].drop(index=reported).dropna(axis=1)
        return {
            str(part): Range(float(values.min()), float(values.max()), len(values))
            for part, values in others.items()
            if len(values)
        }


@dataclass(frozen=True, slots=True)
class _Choice:
    """One choice.

    Attributes
    ----------
    name, says : str
        Its name and its description.
    fit : callable
        A function that fits it.
    member_effect : bool
        True if it has member effects.
    form : EffectForm or None
        The form of the member effects, if only this form differs.
    """

    name: str
    says: str
    fit: Callable[[], Fit]
    member_effect: bool = True
    form: EffectForm | None = None


@checked
def sensitivity(
    why: Explanation,
    *,
    window: tuple[str | None, str | None] | None = None,
    polarity: str | None = None,
    n_draws: int = 500,
    absence: bool = False,
) -> Sensitivity:
    """Explain a repeated resolution under other choices.

    Parameters
    ----------
    why : Explanation
        The explanation as reported. All other choices use its estimand, seed and level.
    window : tuple of str or None, optional
        The window of every choice that does not define another window; by default as in `explain`.
    polarity : str, optional
        The member on the positive side of the scale.
    n_draws : int
        Number of draws behind every other choice.
    absence : bool
        Also sample the posterior with ignorable absence, and with a probability of absence that depends on
        position; see `sample`. This takes minutes.

    Returns
    -------
    Sensitivity
        The choices are: the explanation as reported; the explanation without member effects; the whole
        record; only the years of the family; no amendments; positions from all other roll calls, without
        member effects; two dimensions; abstentions on other resolutions dropped; these abstentions counted as
        no; priors of items half as wide and twice as wide; with member effects, no state dependence, the
        same mean of member effects whatever the seat history, and an effect of every group on every version.
        With `absence`, all without member effects: draws of the posterior; draws with a hurdle model of
        absence, in which seats without a recorded vote count as absences; the same hurdle model, in which
        these seats count as gaps in the catalogue. If the explanation separates positions and resolution at
        the mode, further choices keep this separation: tau half and twice as large; no group steps; group
        steps with a prior twice as wide; items with priors twice as wide; only the years of the family; no
        amendments; each half of the bridges. A choice without an answer is listed with the reason. The fit of
        the models does not show which choice is correct.

    Raises
    ------
    UsageError
        If the window contains no roll call, or a number is out of range.
    """
    rollcalls, versions = why.record, why.versions
    draws = Draws(n_draws, why.draws.seed, why.level)
    wide = model_window(rollcalls, *versions.rollcalls.index)
    since, until = window or (None, None)
    ends = (since or wide[0], until or wide[1])
    frames, rows, errors = [], {}, [0.0]
    for name, says, layer in _REPORTED:
        reported = [(step.layers[layer], *step.ends) for step in why.steps if layer in step.layers]
        errors += [parts.simulation_error for parts, *_ in reported]
        tables = [_labelled(parts, name, *step) for parts, *step in reported]
        if tables or layer == "model":
            rows[name] = {
                "says": f"{says}: roll calls of {ends[0]} to {ends[1]}",
                **asdict(_Extent() if why.fit is None else _extent(rollcalls, why.fit)),
                "why_not": "" if tables else why.why_no_model,
            }
            frames += tables
    spec = IdealPoints(polarity=polarity, level=why.level)
    choices = [
        *_choices(rollcalls, why.family, ends, spec, why.fit_by),
        *_effect_choices(why),
        *_dynamic_choices(why),
    ]
    if absence:
        choices += _sampled(rollcalls.between(*ends), spec, draws.seed)
    for choice in choices:
        why_not, tables, extent = "", [], _Extent()
        try:
            fit = choice.fit()
            check_converged(fit)
            extent = _extent(rollcalls, fit)
            fitted = [name for name in versions.rollcalls.index if name in fit.rollcall_ids]
            steps = [step for step in step_pairs(versions) if set(step) <= set(fitted)]
            if not steps:
                raise NotUsableError(_unfitted(versions, fitted, (extent.first, extent.last)))
            models = _models(why, fit, choice, draws)
            split = [(models.split_main(versions, *step), step) for step in steps]
            errors += [parts.simulation_error for parts, _ in split]
            tables = [_labelled(parts, choice.name, *step) for parts, step in split]
        except (InputError, NotUsableError, UsageError) as error:
            why_not = str(error)
        rows[choice.name] = {"says": choice.says, **asdict(extent), "why_not": why_not}
        frames += tables
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=_COLUMNS)
    variants = pd.DataFrame.from_dict(rows, orient="index").rename_axis("variant")
    return Sensitivity(why.family, variants, table, draws, why.draws.n, max(errors), why.words)


def _models(why: Explanation, fit: Fit, choice: _Choice, draws: Draws) -> Models:
    """Draw every vote on every version again under one choice."""
    if choice.form is None or isinstance(why.models, Unavailable):
        return why.refit(model=fit, member_effect=choice.member_effect, draws=draws)
    return redraw_effects(why.models, draws, choice.form)


def _choices(
    rollcalls: RollCalls, slug: str, window: tuple[str, str], spec: IdealPoints, fit_by: FitBy
) -> Iterator[_Choice]:
    chosen = rollcalls.between(*window)
    years = rollcalls.select(family=slug).rollcalls["date"].dt.year
    first, last = str(years.min()), str(years.max())

    def fits(record: RollCalls, how: IdealPoints = spec) -> Callable[[], Fit]:
        return lambda: fit_by(how, record)

    yield _Choice("whole record", "all roll calls of the record", fits(rollcalls))
    yield _Choice(
        f"{first} to {last}",
        "only the years from the first to the last version",
        fits(rollcalls.between(first, last)),
    )
    texts = chosen.rollcalls.index[~chosen.rollcalls["amendment"].astype(bool)]
    yield _Choice("no amendments", "only votes on whole texts", fits(chosen.select(rollcalls=texts)))
    focal = list(chosen.rollcalls.index[(chosen.rollcalls["family"] == slug).to_numpy(bool)])
    yield _Choice(
        "resolution held out",
        "positions from all other roll calls, then items of the resolution on the same scale; no member "
        "effects",
        lambda: fit_cut(spec, chosen, focal, fit_by=fit_by),
        member_effect=False,
    )
    plane = IdealPoints(dims=2, polarity=spec.polarity, level=spec.level)
    yield _Choice("two dimensions", "positions in two dimensions", fits(chosen, plane))
    for name, says, vote in (
        ("abstentions dropped", "abstentions on other resolutions count as absences", Vote.ABSENT),
        ("abstentions as no", "abstentions on other resolutions count as no", Vote.NO),
    ):
        yield _Choice(name, says, fits(_recoded(chosen, vote, slug)))
    usual = spec.priors
    for word, factor in (("half", 0.5), ("twice", 2.0)):
        other = Priors(factor * usual.discrimination, factor * usual.midpoint, factor * usual.log_gap)
        yield _Choice(
            f"priors {word} as wide",
            f"prior standard deviations of items {word} as large as by default",
            fits(chosen, replace(spec, priors=other)),
        )


def _effect_choices(why: Explanation) -> Iterator[_Choice]:
    """Yield the choices of the form of member effects; none if the explanation has no member effects."""
    fit, effect = why.fit, why.member_effect
    if fit is None or effect is None or isinstance(effect, Unavailable):
        return
    if effect.has_persistence:
        yield _Choice(
            "no state dependence",
            "members repeat no vote because they cast it before",
            lambda: fit,
            form=EffectForm(state_dependence=False),
        )
    if effect.n_means:
        yield _Choice(
            _ONE_MEAN,
            "the mean of the member effect is the same for members that came, stayed and left",
            lambda: fit,
            form=EffectForm(by_seats=False),
        )
    if number_groups(why.record.members["group"]).max(initial=-1) > 0:
        yield _Choice(
            "effects of groups",
            "members of a group vote together on each version, more than position and member effect explain",
            lambda: fit,
            form=EffectForm(by_groups=True),
        )


def _dynamic_choices(why: Explanation) -> Iterator[_Choice]:
    """Yield the choices in which positions stay dynamic; none without bridges, or if the fit was sampled."""
    fit = why.fit
    if fit is None or fit.sampled or not any(step.separates for step in why.steps):
        return
    record, frame = why.record, why.record.rollcalls.loc[fit.rollcall_ids]

    def fits(without: pd.Index, items: Mapping[str, str] | None = None) -> Callable[[], Fit]:
        return lambda: refit(record, fit, list(without), items=items, fit_by=why.fit_by)

    spec = specification_of(fit)
    walk = cast("RandomWalk", spec.dynamics)

    def fits_tau(factor: float) -> Callable[[], Fit]:
        fixed = cast("float | Mapping[str, float]", walk.tau)  # an estimate is fixed in the specification
        tau = (
            {group: factor * size for group, size in fixed.items()}
            if isinstance(fixed, Mapping)
            else factor * fixed
        )
        return fits_walk(replace(walk, tau=tau))

    def fits_walk(other: RandomWalk) -> Callable[[], Fit]:
        return lambda: why.fit_by(replace(spec, dynamics=other), votes_of(fit, record))

    moving = "; positions change over periods"
    for word, factor in (("half", 0.5), ("twice", 2.0)):
        says = f"individual steps of members {word} as large{moving}"
        yield _Choice(f"tau {word} as large", says, fits_tau(factor), why.has_effect)
    if walk.delta_group:
        without = fits_walk(replace(walk, groups=None, delta_group=0.0))
        yield _Choice("no group steps", f"groups have no common steps{moving}", without, why.has_effect)
        wider = fits_walk(replace(walk, delta_group=2.0 * walk.delta_group))
        says = f"prior of the steps of groups twice as wide{moving}"
        yield _Choice("group steps twice as wide", says, wider, why.has_effect)
    usual = spec.priors
    weak = replace(usual, discrimination=2.0 * usual.discrimination, midpoint=2.0 * usual.midpoint)
    yield _Choice(
        "item priors twice as wide",
        f"prior standard deviations of discriminations and midpoints twice as large{moving}",
        lambda: why.fit_by(replace(spec, priors=weak), votes_of(fit, record)),
        why.has_effect,
    )
    years = record.rollcalls.loc[why.rollcalls.index, "date"].dt.year
    outside = frame.index[~frame["date"].dt.year.between(years.min(), years.max())]
    if len(outside):
        yield _Choice(
            f"{years.min()} to {years.max()}, dynamic",
            f"only the years from the first to the last version{moving}",
            fits(outside),
            why.has_effect,
        )
    amendments = frame.index[frame["amendment"].astype(bool)] if "amendment" in frame else frame.index[:0]
    if len(amendments):
        yield _Choice(
            "no amendments, dynamic", f"only votes on whole texts{moving}", fits(amendments), why.has_effect
        )
    items = dict(cast("Mapping[str, str]", walk.items))
    names = sorted(set(items.values()))
    for place, word in enumerate(("one half", "the other half")):
        chosen = set(names[place::2])
        yield _Choice(
            f"{word} of the bridges",
            f"{len(chosen)} of the {len(names)} shared items, every second in order of name{moving}",
            fits(frame.index[:0], {rollcall: item for rollcall, item in items.items() if item in chosen}),
            why.has_effect,
        )


def _sampled(record: RollCalls, spec: IdealPoints, seed: int) -> Iterator[_Choice]:
    """Yield the choices for the model of absence; each is a sample of the posterior."""
    from voteshift.posterior.draws import sample

    unknown = "probability of absence depends on position; seats without a recorded vote count as"
    yield _Choice(
        "sampled",
        "draws of the posterior, with ignorable absence; no member effects",
        lambda: sample(record, spec, seed=seed),
        member_effect=False,
    )
    yield _Choice(
        "absence by position",
        f"{unknown} absences; no member effects",
        lambda: sample(record, spec, absence="hurdle", not_recorded="absent", draws=_HURDLE_DRAWS, seed=seed),
        member_effect=False,
    )
    yield _Choice(
        "absence by position, gaps apart",
        f"{unknown} gaps in the catalogue; no member effects",
        lambda: sample(record, spec, absence="hurdle", not_recorded="gap", draws=_HURDLE_DRAWS, seed=seed),
        member_effect=False,
    )


def _recoded(rollcalls: RollCalls, vote: Vote, slug: str) -> RollCalls:
    """Return a record in which abstentions on other resolutions are recoded.

    Declared totals are dropped, because they no longer match. The votes on the resolution keep their three
    categories, so the change to explain stays the same.
    """
    frame = rollcalls.rollcalls
    elsewhere = (frame["family"] != slug).to_numpy(bool)
    return RollCalls(
        np.where((rollcalls.votes == Vote.ABSTAIN) & elsewhere, np.int8(vote), rollcalls.votes),
        rollcalls.members,
        frame.drop(columns=[name for name in CAST if name in frame.columns]),
        polarity=rollcalls.polarity,
        source=rollcalls.source,
        groups=rollcalls.groups,
    )


def _labelled(model: ModelParts, name: str, old: str, new: str) -> pd.DataFrame:
    return model.rows.assign(variant=name, old=old, new=new)[_COLUMNS]


def _unfitted(versions: RollCalls, fitted: list[str], span: tuple[str, str]) -> str:
    """Return the reason why a fit does not contain both versions of any step."""
    missing = [name for name in versions.rollcalls.index if name not in fitted]
    return "; ".join(dict.fromkeys(why_unfitted(versions, name, span) for name in missing))


@dataclass(frozen=True, slots=True)
class _Extent:
    """First day, last day and numbers of members and roll calls of a fit."""

    first: str = ""
    last: str = ""
    members: int = 0
    rollcalls: int = 0


def _extent(rollcalls: RollCalls, fit: Fit) -> _Extent:
    return _Extent(*span_of(rollcalls, fit), fit.n_members, fit.n_rollcalls)
