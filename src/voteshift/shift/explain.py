"""Why the outcome of a repeated vote moved: the exact account and the model's parts, step by step."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import InputError, NotUsableError, UsageError
from voteshift.ideal.results import IdealFit
from voteshift.ideal.spec import IdealPoints
from voteshift.rollcalls import RollCalls
from voteshift.shift.account import Account, AddingUpError, account_step, iterations_of, step_pairs
from voteshift.shift.counterfactual import Counterfactual, counterfactual
from voteshift.shift.shapley import shapley
from voteshift.votes import CATEGORIES, TALLY_COLUMNS, Vote

__all__ = ["DEFAULT_FAMILY", "Explanation", "ModelParts", "Step", "explain"]

DEFAULT_FAMILY: Final = "mutually-beneficial-cooperation"
_TOLERANCE: Final = 1e-9
_PARTS: Final = ("membership", "switching")


@dataclass(frozen=True, slots=True)
class ModelParts:
    """The model's split of one step into membership and switching.

    Attributes
    ----------
    table : DataFrame
        Columns ``component`` (membership, switching, residual), ``category`` (yes, no, abstain),
        ``estimate`` (mean over draws), ``conf_low``, ``conf_high``, and ``order_low``, ``order_high``: the
        estimate in the order of replacing council and version that makes it smallest, and largest.
    observed : dict of str to int
        The change it adds up to: among those who voted.
    identified_by : str
        What lets the model tell the components apart, and what it assumes.
    notes : tuple of str
        What else must be said beside the numbers.
    """

    table: pd.DataFrame
    observed: dict[str, int]
    identified_by: str
    notes: tuple[str, ...]

    def __post_init__(self) -> None:
        """Check that the parts add up to what was observed."""
        total = self.table.groupby("category")["estimate"].sum()
        for name, change in self.observed.items():
            if abs(total[name] - change) > _TOLERANCE:
                raise AddingUpError(f"the parts of {name} add up to {total[name]}, not to {change}")


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
    fit : IdealFit or None
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
    fit: IdealFit | None
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
        low, high = np.quantile(self.tallies.expected, _tails(self.level), axis=0)
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
    fit: IdealFit | None = None,
    since: str | None = None,
    until: str | None = None,
    polarity: str | None = None,
    n_draws: int = 2000,
    seed: int = 0,
    level: float = 0.9,
    progress: Callable[[int, float], None] | None = None,
) -> Explanation:
    """Explain why the outcome of a repeated vote moved.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    family : str
        A slug, a title, or words that name one family.
    fit : IdealFit, optional
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
            f"the fit did not converge (gradient norm {fit.mode.gradient_norm:.1e} posterior sd)",
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
        rollcall: reason or _why_unfitted(iterations, rollcall, span)
        for rollcall in order
        if tallies is None or rollcall not in tallies.rollcalls
    }
    steps = []
    for old, new in step_pairs(iterations):
        model: ModelParts | str
        if old in why_not or new in why_not:
            model = why_not.get(old, why_not.get(new, reason))
        elif fit is not None and tallies is not None and span is not None:
            model = _model_parts(iterations, tallies, fit, span, old, new, level)
        else:
            model = reason
        steps.append(Step(old, new, account_step(iterations, old, new), model))
    return Explanation(slug, table, tuple(steps), fit, tallies, span, level, seed, n_draws)


def _model_parts(
    iterations: RollCalls,
    tallies: Counterfactual,
    fit: IdealFit,
    span: tuple[str, str],
    old: str,
    new: str,
    level: float,
) -> ModelParts:
    ends = [tallies.rollcalls.index(old), tallies.rollcalls.index(new)]
    corners = tallies.realised[:, ends][:, :, ends].astype(float)
    observed = {
        name: _cast(iterations, new, code) - _cast(iterations, old, code)
        for code, name in enumerate(CATEGORIES)
    }
    change = np.array(list(observed.values()), dtype=float)
    if not (corners[:, 1, 1] - corners[:, 0, 0] == change).all():
        raise AddingUpError(f"a draw misses the observed change from {old} to {new}")
    split = shapley(np.moveaxis(corners, 0, 2), len(_PARTS))
    residual = change - split.parts.sum(axis=0)
    if np.abs(residual).max() > _TOLERANCE:
        raise AddingUpError(f"the parts of a draw miss the observed change from {old} to {new}")
    low_tail, high_tail = _tails(level)
    by_order = split.orders.mean(axis=2)  # of the draws: (orders, parts, categories)
    rows = []
    for part, values, ordered in (
        *zip(_PARTS, split.parts, by_order.swapaxes(0, 1), strict=True),
        ("residual", residual, residual.mean(axis=0)[None]),
    ):
        for code, name in reversed(list(enumerate(CATEGORIES))):
            low, high = np.quantile(values[:, code], [low_tail, high_tail])
            rows.append(
                {
                    "component": part,
                    "category": name,
                    "estimate": values[:, code].mean(),
                    "conf_low": low,
                    "conf_high": high,
                    "order_low": ordered[:, code].min(),
                    "order_high": ordered[:, code].max(),
                }
            )
    symbols = iterations.rollcalls["symbol"]
    notes = [
        f"Nobody chose {' or '.join(names)} in {symbols[rollcall] or rollcall}: under that version the model "
        "expects none."
        for rollcall, names in tallies.lacking.items()
        if rollcall in (old, new)
    ]
    notes += _attendance(iterations, old, new)
    notes += [f"Caution: {caution}." for caution in fit.cautions]
    return ModelParts(pd.DataFrame(rows), observed, _identified_by(fit, span), tuple(notes))


def _attendance(iterations: RollCalls, old: str, new: str) -> list[str]:
    """Name those who sat both times and voted once: the model counts them as another council."""
    votes = iterations.select(rollcalls=[old, new]).votes
    once = ((votes >= 0).sum(axis=1) == 1) & (votes != Vote.NOT_MEMBER).all(axis=1)
    if not once.any():
        return []
    names = ", ".join(iterations.members.index[once])
    return [
        f"The model's council is those who voted. Sat both times and voted once: {names}; their coming and "
        "going is part of 'membership'."
    ]


def _identified_by(fit: IdealFit, span: tuple[str, str]) -> str:
    n_members, n_rollcalls = fit.encoded.design.codes.shape
    return (
        f"one position per member, held constant from {span[0]} to {span[1]} (an assumption), from "
        f"{n_rollcalls} contested roll calls of {n_members} members, this family's among them; contested "
        "votes are the minority of what a council adopts. Without a bridge between the dates, movement of "
        "states and change of the resolution cannot be told apart: both are in 'switching'. Given positions, "
        "votes are taken to be independent of each other."
    )


def _why_unfitted(iterations: RollCalls, rollcall: str, span: tuple[str, str] | None) -> str:
    votes = iterations.select(rollcalls=[rollcall]).votes
    if not (votes >= 0).any():
        return f"in {rollcall} nobody voted"
    if len(np.unique(votes[votes >= 0])) < 2:
        return f"in {rollcall} all votes cast were the same: there is nothing to place it by"
    if span is not None:
        return f"{rollcall} lies outside the fitted roll calls ({span[0]} to {span[1]})"
    return f"{rollcall} was not fitted"


def _span(rollcalls: RollCalls, fit: IdealFit) -> tuple[str, str]:
    dates = rollcalls.rollcalls["date"].reindex(fit.encoded.rollcalls)
    return f"{dates.min():%Y-%m-%d}", f"{dates.max():%Y-%m-%d}"


def _cast(iterations: RollCalls, rollcall: str, code: int) -> int:
    column: NDArray[np.int8] = iterations.select(rollcalls=[rollcall]).votes
    return int((column == code).sum())


def _tails(level: float) -> tuple[float, float]:
    return (1 - level) / 2, (1 + level) / 2
