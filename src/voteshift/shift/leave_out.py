"""What the parts of a bridged explanation owe to single families and subjects: each left out in turn."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import pandas as pd

from voteshift.arguments import checked
from voteshift.errors import NotUsableError, VoteshiftError
from voteshift.ideal.dynamic.results import DynamicFit
from voteshift.ideal.interface import Fit, check_converged
from voteshift.notebook import Shown
from voteshift.rollcalls import RollCalls
from voteshift.shift.counterfactual import Counterfactual, counterfactual
from voteshift.shift.leaning import leaning_counterfactual
from voteshift.shift.others import refit
from voteshift.shift.parts import Estimand, StepDraws, model_parts
from voteshift.shift.three_ways import of_both_signs
from voteshift.votes import CAST
from voteshift.writing import signed

__all__ = ["LeaveOut", "leave_out", "left_out_parts"]

_LEAST: Final = 5  # roll calls of a subject that is worth leaving out
_KEYS: Final = ["old", "new", "component", "category"]


@dataclass(frozen=True, eq=False)
class LeaveOut(Shown):
    """The parts of every step with one bridging family, or one subject, left out of the fit at a time.

    Attributes
    ----------
    family : str
        Slug of the resolution.
    table : DataFrame
        ``kind`` (none, family, subject), ``left_out`` ("" for none), ``old``, ``new``, ``component``,
        ``category``, ``estimate``, ``conf_low``, ``conf_high``.
    why_not : dict of str to str
        What could not be left out, and why.
    level : float
        Coverage of the intervals.
    seed, n_draws : int
        Of the draws, the same random numbers for every fit.
    simulation_error : float
        The largest standard error that an estimate owes to the number of draws.
    """

    family: str
    table: pd.DataFrame
    why_not: dict[str, str]
    level: float
    seed: int
    n_draws: int
    simulation_error: float = float("nan")

    def tidy(self) -> pd.DataFrame:
        """Return every part with everything in, and with each family and subject left out."""
        return self.table.copy()

    def _title(self) -> str:
        return f"Parts of {self.family} with one family or subject left out"

    def _table(self) -> pd.DataFrame:
        return self.ranges()

    def ranges(self) -> pd.DataFrame:
        """Return how far the estimate of every part ranges.

        Returns
        -------
        DataFrame
            ``old``, ``new``, ``component``, ``category``, ``estimate`` (nothing left out), ``lowest``,
            ``without_lowest``, ``highest``, ``without_highest`` (what is left out there) and
            ``sign_changes``: whether the range has parts of either sign, of
            0.1 votes or more.
        """
        rows = []
        for keys, part in self.table.groupby(_KEYS, sort=False):
            whole = part.loc[part["kind"] == "none", "estimate"].iloc[0]
            low, high = part.loc[part["estimate"].idxmin()], part.loc[part["estimate"].idxmax()]
            rows.append(
                (
                    *keys,
                    whole,
                    low["estimate"],
                    low["left_out"],
                    high["estimate"],
                    high["left_out"],
                    of_both_signs((low["estimate"], high["estimate"])),
                )
            )
        columns = [*_KEYS, "estimate", "lowest", "without_lowest", "highest", "without_highest"]
        return pd.DataFrame(rows, columns=[*columns, "sign_changes"])

    def sentence(self, old: str, new: str) -> str:
        """Say how far the parts of the category that moved most range, and whether a sign changes."""
        ranges = self.ranges()
        step = ranges[(ranges["old"] == old) & (ranges["new"] == new)]
        moved = step.groupby("category")["estimate"].sum().abs()
        name = max(CAST, key=lambda category: moved.get(category, 0.0))
        n_left = self.table.loc[self.table["kind"] != "none", ["kind", "left_out"]].drop_duplicates()
        said, changes = [], []
        for row in step[step["category"] == name].itertuples():
            said.append(f"{row.component} {signed(row.lowest, 1)} to {signed(row.highest, 1)}")
            if row.sign_changes:
                changes.append(str(row.component))
        told = (
            f"Leaving out one family or subject at a time ({len(n_left)} fits), the parts of {name} range: "
            f"{', '.join(said)} (simulation error of an estimate at most {self.simulation_error:.2f})."
        )
        if changes:
            signs = " and of ".join(changes)
            told += f" The sign of {signs} is not the same in all these fits."
        return told


@checked
def leave_out(
    rollcalls: RollCalls,
    family: str,
    *,
    since: str | None = None,
    until: str | None = None,
    polarity: str | None = None,
    leaning: bool = True,
    n_draws: int = 2000,
    seed: int = 0,
    level: float = 0.9,
    progress: Callable[[str], None] | None = None,
) -> LeaveOut:
    """Explain a repeated resolution with bridges, leaving out one family and one subject at a time.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    family : str
        A slug, a title, or words that name one family.
    since, until, polarity, leaning, n_draws, seed, level
        As in `explain`.
    progress : callable, optional
        Called with what is left out, before it is.

    Returns
    -------
    LeaveOut
        A fit without every other family in turn that bridges, and without every subject with five or more
        roll calls, of the model of ``explain(bridge="families")``. With its draws and its seed the parts with
        nothing left out are that explanation's.

    Raises
    ------
    UsageError
        If no one family answers to the name.
    NotUsableError
        If there is no bridged explanation with everything in.
    """
    from voteshift.shift.explain import explain  # which leaves out too, where asked

    why = explain(
        rollcalls,
        family,
        since=since,
        until=until,
        polarity=polarity,
        bridge="families",
        leaning=leaning,
        n_draws=n_draws,
        seed=seed,
        level=level,
    )
    if why.fit is None or why.tallies is None:
        raise NotUsableError(f"with everything in, {why.why_no_model}")
    return left_out_parts(
        rollcalls,
        why.fit,
        why.tallies,
        family=why.family,
        leaning=why.with_leaning is not None,
        n_draws=n_draws,
        seed=seed,
        level=level,
        progress=progress,
    )


def left_out_parts(
    rollcalls: RollCalls,
    fit: Fit,
    tallies: Counterfactual,
    *,
    family: str,
    leaning: bool,
    n_draws: int,
    seed: int,
    level: float,
    estimand: Estimand = "realised",
    progress: Callable[[str], None] | None = None,
) -> LeaveOut:
    """Fit a bridged model again without one family and one subject at a time.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    fit : Fit
        A fit with bridges.
    tallies : Counterfactual
        Every vote on every version, from that fit.
    family : str
        Slug of the resolution.
    leaning : bool
        Whether parts are those with a lasting leaning of members.
    n_draws, seed, level, estimand, progress
        As in `leave_out` and `explain`.

    Raises
    ------
    NotUsableError
        If the fit is not one at its mode, or no bridges span the gaps of any step.
    """
    if not isinstance(fit, DynamicFit):
        raise NotUsableError(
            "only a model fitted at its mode is fitted again without a family", remedy="take the method map"
        )
    iterations = list(tallies.rollcalls)
    steps = [*pairwise(iterations), *([(iterations[0], iterations[-1])] if len(iterations) > 2 else [])]
    bridged = [step for step in steps if fit.encoded.bridges_between(*step)]
    if not bridged:
        raise NotUsableError(
            "no bridges span the gaps between the years: nothing to leave out", remedy="widen the window"
        )
    frames: list[pd.DataFrame] = []
    why_not: dict[str, str] = {}
    error = 0.0
    for kind, name, gone in _choices(rollcalls, fit, iterations):
        if progress is not None:
            progress(name or "nothing")
        try:
            drawn = _drawn(rollcalls, fit, tallies, gone, leaning=leaning, n_draws=n_draws, seed=seed)
        except VoteshiftError as lost:
            if kind == "none":
                raise NotUsableError(f"with everything in, {lost}") from None
            why_not[name] = str(lost)
            continue
        for old, new in bridged:
            if not fit.encoded.bridges_between(old, new, without=gone):
                why_not[name] = f"no bridge spans the gaps from {old} to {new} without it"
                continue
            ends = iterations.index(old), iterations.index(new)
            parts = model_parts(
                StepDraws(drawn, *ends, estimand, apart=True), level=level, identified_by="", notes=()
            )
            error = max(error, parts.simulation_error)
            table = parts.table[parts.table["component"] != "residual"]
            table = table.drop(columns=["order_low", "order_high"])
            frames.append(table.assign(kind=kind, left_out=name, old=old, new=new))
    table = pd.concat(frames, ignore_index=True)
    columns = ["kind", "left_out", *_KEYS, "estimate", "conf_low", "conf_high"]
    return LeaveOut(family, table[columns], why_not, level, seed, n_draws, error)


def _drawn(
    rollcalls: RollCalls,
    fit: DynamicFit,
    tallies: Counterfactual,
    gone: list[str],
    *,
    leaning: bool,
    n_draws: int,
    seed: int,
) -> Counterfactual:
    """Draw every vote on every version from a fit without some roll calls."""
    iterations = list(tallies.rollcalls)
    again = refit(rollcalls, fit, [*gone, *(iterations if leaning else [])])
    check_converged(again)
    if leaning:  # positions are from all other roll calls alone
        return leaning_counterfactual(rollcalls, tallies, again, n_draws=n_draws, seed=seed)[0]
    return counterfactual(rollcalls, again, iterations, n_draws=n_draws, seed=seed)


def _choices(
    rollcalls: RollCalls, fit: DynamicFit, iterations: list[str]
) -> Iterator[tuple[str, str, list[str]]]:
    """Yield what is left out, nothing first, with its roll calls."""
    yield "none", "", []
    encoded = fit.encoded
    items = pd.Series(encoded.items, index=encoded.rollcalls).drop(iterations)
    shared = items[items.duplicated(keep=False)]
    for item in sorted(shared.unique()):
        yield "family", str(item).removeprefix("family "), list(shared.index[shared == item])
    subjects = rollcalls.rollcalls["subject"].fillna("").reindex(items.index)
    counts = subjects[subjects != ""].value_counts()
    for subject in sorted(counts.index[counts >= _LEAST]):
        yield "subject", str(subject), list(subjects.index[subjects == subject])
