"""The parts of an explanation with bridges, with one family or subject left out at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import pandas as pd

from voteshift.arguments import checked
from voteshift.checks.result import CheckResult, Ends
from voteshift.checks.signs import of_both_signs
from voteshift.errors import Unavailable, VoteshiftError
from voteshift.ideal.interface import Fit
from voteshift.rollcalls import RollCalls
from voteshift.shift.explanation import Explanation
from voteshift.shift.parts import Draws, StepDraws, model_parts
from voteshift.votes import CAST
from voteshift.writing import signed

__all__ = ["LeaveOut", "leave_one_out"]

_LEAST: Final = 5  # smallest number of roll calls of a subject that is left out
_KEYS: Final = ["old", "new", "component", "category"]


@dataclass(frozen=True, eq=False)
class LeaveOut(CheckResult):
    """The parts of every step with one bridging family, or one subject, left out of the fit at a time.

    Attributes
    ----------
    family : str
        Slug of the resolution.
    table : DataFrame
        ``kind`` (none, family, subject), ``left_out`` ("" for none), ``old``, ``new``, ``component``,
        ``category``, ``estimate``, ``conf_low``, ``conf_high``.
    impossible : dict of str to str
        The families and subjects that could not be left out, and the reasons.
    draws : Draws
        The draws of every fit, all with the same random numbers.
    simulation_error : float
        The largest standard error of an estimate that is due to the number of draws.
    """

    family: str
    table: pd.DataFrame
    impossible: dict[str, str]
    draws: Draws
    simulation_error: float = float("nan")

    def tidy(self) -> pd.DataFrame:
        """Return every part with nothing left out, and with each family and subject left out."""
        return self.table.copy()

    def _title(self) -> str:
        return f"Parts of {self.family} with one family or subject left out"

    def _table(self) -> pd.DataFrame:
        return self.ranges()

    def ranges(self) -> pd.DataFrame:
        """Return the range of the estimate of every part.

        Returns
        -------
        DataFrame
            ``old``, ``new``, ``component``, ``category``, ``estimate`` (nothing left out), ``lowest``,
            ``without_lowest``, ``highest``, ``without_highest`` (the family or subject left out there) and
            ``sign_changes``: True if the lowest estimate is at most -0.1 and the highest at least 0.1 votes.
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

    def ranges_of(self, ends: Ends) -> pd.DataFrame:
        """Return the ranges of the parts of one step."""
        ranges = self.ranges()
        of_step = (ranges["old"] == ends[0]) & (ranges["new"] == ends[1])
        return ranges[of_step].reset_index(drop=True)

    @property
    def left_out(self) -> dict[str, list[str]]:
        """Names of the families and subjects left out, sorted."""
        names = self.table.loc[self.table["kind"] != "none", ["kind", "left_out"]].drop_duplicates()
        return {kind: sorted(names.loc[names["kind"] == kind, "left_out"]) for kind in ("family", "subject")}

    @property
    def text(self) -> str:
        """The families and subjects that were left out, and the reasons if one could not be left out."""
        families, subjects = self.left_out.values()
        lines = [
            f"{len(families)} families, and {len(subjects)} subjects with five or more roll calls, are left "
            f"out of the fit one at a time. Each fit has {self.draws.n} draws. The simulation error of an "
            f"estimate is at most {self.simulation_error:.2f}."
        ]
        lines += [f"{name} could not be left out: {reason}." for name, reason in self.impossible.items()]
        return " ".join(lines)

    def sentence(self, old: str, new: str) -> str:
        """Return the range of the parts of the category that changed most, and the signs that change."""
        ranges = self.ranges()
        step = ranges[(ranges["old"] == old) & (ranges["new"] == new)]
        moved = step.groupby("category")["estimate"].sum().abs()
        name = max(CAST, key=lambda category: moved.get(category, 0.0))
        n_left = self.table.loc[self.table["kind"] != "none", ["kind", "left_out"]].drop_duplicates()
        clauses, changes = [], []
        for row in step[step["category"] == name].itertuples():
            clauses.append(f"{row.component} {signed(row.lowest, 1)} to {signed(row.highest, 1)}")
            if row.sign_changes:
                changes.append(str(row.component))
        text = (
            f"If one family or subject is left out at a time ({len(n_left)} fits), the parts of {name} have "
            f"these ranges: {', '.join(clauses)} (simulation error of an estimate at most "
            f"{self.simulation_error:.2f})."
        )
        if changes:
            signs = " and of ".join(changes)
            text += f" The sign of {signs} differs between these fits."
        return text


@checked
def leave_one_out(
    why: Explanation, *, progress: Callable[[str], None] | None = None
) -> LeaveOut | Unavailable:
    """Fit a model with bridges again, with one family or one subject left out at a time.

    Parameters
    ----------
    why : Explanation
        An explanation whose steps have separate parts for positions and for the resolution.
    progress : callable, optional
        Called before each fit, with the name of the family or subject left out.

    Returns
    -------
    LeaveOut or Unavailable
        The parts without each other family that is a bridge, and without each subject with five or more
        roll calls. The parts with nothing left out are the parts of the explanation.
    """
    fit, models = why.fit, why.models
    if isinstance(models, Unavailable):
        return models
    if fit is None or fit.periods is None or fit.sampled:
        return Unavailable(
            "this check needs a dynamic model fitted at its mode, but the positions of this explanation "
            "are constant or were sampled"
        )
    bridged = [step.ends for step in why.steps if step.separates]
    if not bridged:
        return Unavailable(
            "no bridges span the gaps between the years, so there is nothing to leave out; widen the window"
        )
    frames: list[pd.DataFrame] = []
    impossible: dict[str, str] = {}
    error = 0.0
    for kind, name, rollcalls in _list_choices(why.record, fit, list(models.tallies.rollcalls)):
        if progress is not None:
            progress(name or "nothing")
        try:
            tallies = why.refit(without=rollcalls).main
        except VoteshiftError as lost:
            if kind == "none":
                return Unavailable(f"the fit with nothing left out failed: {lost}")
            impossible[name] = str(lost)
            continue
        for old, new in bridged:
            if not fit.bridges_between(old, new, without=rollcalls):
                impossible[name] = f"no other bridge spans the gaps from {old} to {new}"
                continue
            ends = tallies.rollcalls.index(old), tallies.rollcalls.index(new)
            parts = model_parts(
                StepDraws(tallies, *ends, models.estimand, apart=True),
                level=why.level,
                identified_by="",
                notes=(),
            )
            error = max(error, parts.simulation_error)
            table = parts.table[parts.table["component"] != "residual"]
            table = table.drop(columns=["order_low", "order_high"])
            frames.append(table.assign(kind=kind, left_out=name, old=old, new=new))
    table = pd.concat(frames, ignore_index=True)
    columns = ["kind", "left_out", *_KEYS, "estimate", "conf_low", "conf_high"]
    return LeaveOut(why.family, table[columns], impossible, why.draws, error)


def _list_choices(
    rollcalls: RollCalls, fit: Fit, iterations: list[str]
) -> Iterator[tuple[str, str, list[str]]]:
    """Yield kind, name and roll calls of each part left out; in the first case, nothing is left out."""
    yield "none", "", []
    items = fit.items().set_index("rollcall")["item"].drop(iterations)
    shared = items[items.duplicated(keep=False)]
    for item in sorted(shared.unique()):
        yield "family", str(item).removeprefix("family "), list(shared.index[shared == item])
    subjects = rollcalls.rollcalls["subject"].fillna("").reindex(items.index)
    counts = subjects[subjects != ""].value_counts()
    for subject in sorted(counts.index[counts >= _LEAST]):
        yield "subject", str(subject), list(subjects.index[subjects == subject])
