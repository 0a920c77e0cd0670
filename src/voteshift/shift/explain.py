"""Why the outcome of a repeated vote moved: the exact account and the model's parts, step by step."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from voteshift.errors import InputError, NotUsableError, UsageError
from voteshift.ideal.interface import Fit
from voteshift.ideal.spec import IdealPoints
from voteshift.rollcalls import RollCalls
from voteshift.shift.account import Account, account_step, iterations_of, step_pairs
from voteshift.shift.counterfactual import Counterfactual, counterfactual
from voteshift.shift.parts import Estimand, ModelParts, StepDraws, model_parts, tails
from voteshift.shift.wording import identified_by, step_notes, why_unfitted
from voteshift.votes import CATEGORIES, TALLY_COLUMNS

__all__ = ["DEFAULT_FAMILY", "Explanation", "ModelParts", "Step", "explain"]

DEFAULT_FAMILY: Final = "mutually-beneficial-cooperation"


@dataclass(frozen=True, slots=True)
class Step:
    """One step between two iterations.

    Attributes
    ----------
    old, new : str
        Ids of the roll calls.
    account : Account
        The exact account.
    model : ModelParts or str
        The model's parts, or why there are none.
    """

    old: str
    new: str
    account: Account
    model: ModelParts | str


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why the outcome of a repeated vote moved.

    Attributes
    ----------
    family : str
        Slug of the resolution.
    rollcalls : DataFrame, index ``rollcall``
        Its iterations in date order: ``symbol``, ``date``, ``title`` and the tally.
    steps : tuple of Step
        Each consecutive pair in date order, then first to last.
    fit : Fit or None
        The ideal-point fit behind the model's parts.
    tallies : Counterfactual or None
        Every council under every version, over the iterations that were fitted.
    window : tuple of str or None
        First and last day of the roll calls that were fitted.
    level : float
        Coverage of the intervals.
    seed, n_draws : int
        Of the draws behind them.
    """

    family: str
    rollcalls: pd.DataFrame
    steps: tuple[Step, ...]
    fit: Fit | None
    tallies: Counterfactual | None
    window: tuple[str, str] | None
    level: float
    seed: int
    n_draws: int

    def tidy(self) -> pd.DataFrame:
        """Return every number of every step in one long table.

        Returns
        -------
        DataFrame
            ``old``, ``new``, ``layer`` (account, model), ``component``, ``category``, ``estimate``,
            ``conf_low``, ``conf_high``; the exact account has no interval.
        """
        frames = []
        for step in self.steps:
            exact = {
                "change": step.account.change,
                "switching": step.account.switching,
                "turnover": step.account.turnover,
            }
            rows = [
                {"layer": "account", "component": part, "category": name, "estimate": float(counts[name])}
                for part, counts in exact.items()
                for name in TALLY_COLUMNS
            ]
            frame = pd.DataFrame(rows).assign(conf_low=np.nan, conf_high=np.nan)
            if isinstance(step.model, ModelParts):
                modelled = step.model.table.drop(columns=["order_low", "order_high"]).assign(layer="model")
                frame = pd.concat([frame, modelled[frame.columns]], ignore_index=True)
            frame.insert(0, "old", step.old)
            frame.insert(1, "new", step.new)
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    def expected(self) -> pd.DataFrame:
        """Return the expected tally of every council under every version, at the mode, with intervals.

        Returns
        -------
        DataFrame
            ``council``, ``version`` (roll-call ids), ``category``, ``estimate``, ``conf_low``, ``conf_high``.
            The intervals are of the expectation: the chance of single votes comes on top.
        """
        columns = ["council", "version", "category", "estimate", "conf_low", "conf_high"]
        if self.tallies is None:
            return pd.DataFrame(columns=columns)
        at_mode = self.tallies.at_mode
        low, high = np.quantile(self.tallies.expected, tails(self.level), axis=0)
        ids = self.tallies.rollcalls
        rows = [
            (council, version, name, at_mode[a, v, c], low[a, v, c], high[a, v, c])
            for a, council in enumerate(ids)
            for v, version in enumerate(ids)
            for c, name in enumerate(CATEGORIES)
        ]
        return pd.DataFrame(rows, columns=columns)

    def __repr__(self) -> str:
        """Say which resolution and how its tally moved."""
        tallies = " -> ".join(
            f"{row.yes}-{row.no}-{row.abstain}" for row in self.rollcalls.itertuples(index=False)
        )
        return f"<Explanation of {self.family}: {tallies}>"


def explain(
    rollcalls: RollCalls,
    family: str = DEFAULT_FAMILY,
    *,
    fit: Fit | None = None,
    since: str | None = None,
    until: str | None = None,
    polarity: str | None = None,
    n_draws: int = 2000,
    seed: int = 0,
    level: float = 0.9,
    estimand: Estimand = "realised",
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
        A fit of the same record to use; then `since`, `until` and `polarity` have no say. By default a
        static model of the contested roll calls of the window is fitted.
    since, until : str, optional
        The window. By default from 1 January two years before the first iteration to 31 December of the
        year of the last.
    polarity : str, optional
        The member on the positive side of the scale; see `IdealPoints`.
    n_draws : int
        Draws of the normal approximation behind the intervals.
    seed : int
        Where the random numbers start.
    level : float
        Coverage of the intervals.
    estimand : {"realised", "expected"}
        What the model's parts split: the votes that were cast, which they add up to exactly, or the tallies
        the model expected, with what it did not expect as a residual. The second answers another question.
    progress : callable, optional
        Passed to the fit.

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
    Shapley (1953) for the parts: averages over the orders in which council and version can be replaced.
    """
    if not 0 < level < 1 or n_draws < 100:
        raise UsageError("level must lie between 0 and 1 and n_draws be at least 100")
    slug = rollcalls.family_slug(family)
    iterations = iterations_of(rollcalls, slug)
    order = list(iterations.rollcalls.index)
    table = iterations.rollcalls[["symbol", "date", "title"]].join(iterations.tally())
    reason = ""
    if fit is None:
        years = iterations.rollcalls["date"].dt.year
        first, last = since or str(years.min() - 2), until or str(years.max())
        window = rollcalls.between(first, last)
        if not len(window.rollcalls):
            raise UsageError(f"there is no roll call between {first} and {last}", remedy="widen the window")
        try:
            fit = IdealPoints(polarity=polarity, level=level).fit(window, progress=progress)
        except InputError as error:
            reason = str(error)
    if fit is not None and not fit.converged:
        raise NotUsableError(
            f"the fit did not converge ({fit.verdict})",
            remedy="choose another window",
        )
    fitted = [] if fit is None else [rollcall for rollcall in order if rollcall in fit.encoded.rollcalls]
    tallies = None
    if fit is not None and fitted:
        try:
            tallies = counterfactual(rollcalls, fit, fitted, n_draws=n_draws, seed=seed)
        except NotUsableError as error:
            reason = str(error)
    span = None if fit is None else _span(rollcalls, fit)
    why_not = {
        rollcall: reason or why_unfitted(iterations, rollcall, span)
        for rollcall in order
        if tallies is None or rollcall not in tallies.rollcalls
    }
    steps = []
    for old, new in step_pairs(iterations):
        model: ModelParts | str
        if old in why_not or new in why_not:
            model = why_not.get(old, why_not.get(new, reason))
        elif fit is not None and tallies is not None and span is not None:
            model = _step_parts(iterations, tallies, fit, span, (old, new), level, estimand)
        else:
            model = reason
        steps.append(Step(old, new, account_step(iterations, old, new), model))
    return Explanation(slug, table, tuple(steps), fit, tallies, span, level, seed, n_draws)


def _step_parts(
    iterations: RollCalls,
    tallies: Counterfactual,
    fit: Fit,
    span: tuple[str, str],
    step: tuple[str, str],
    level: float,
    estimand: Estimand,
) -> ModelParts:
    old, new = (tallies.rollcalls.index(rollcall) for rollcall in step)
    moves = tallies.latent.moves
    draws = StepDraws(tallies, old, new, estimand, apart=moves and bool(getattr(fit, "bridged", False)))
    return model_parts(
        draws,
        level=level,
        identified_by=identified_by(fit, span),
        notes=step_notes(iterations, tallies, fit, *step),
        extrapolated=_extrapolated(fit, step) if moves else (),
    )


def _extrapolated(fit: Fit, step: tuple[str, str]) -> tuple[str, ...]:
    """Members of the fit whose position at either end rests on too few votes of its period."""
    marked = getattr(fit, "extrapolated")(list(step)).any(axis=0)  # noqa: B009
    return tuple(fit.encoded.members[marked])


def _span(rollcalls: RollCalls, fit: Fit) -> tuple[str, str]:
    dates = rollcalls.rollcalls["date"].reindex(fit.encoded.rollcalls)
    return f"{dates.min():%Y-%m-%d}", f"{dates.max():%Y-%m-%d}"
