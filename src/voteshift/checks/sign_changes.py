"""Parts whose sign depends on the bridges: all bridges, rejected bridges split, or one bridge left out."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from voteshift.arguments import checked
from voteshift.checks.leave_one_out import LeaveOut
from voteshift.checks.result import CheckResult, Ends, Verdict
from voteshift.checks.signs import of_both_signs
from voteshift.checks.split_bridges import SplitBridges
from voteshift.errors import Unavailable
from voteshift.shift.explanation import Explanation
from voteshift.shift.parts import ModelParts
from voteshift.votes import CAST
from voteshift.writing import signed

__all__ = ["SignChange", "SignChanges", "find_sign_changes", "sign_changes"]


@dataclass(frozen=True, eq=False)
class SignChanges(CheckResult):
    """The parts whose sign depends on the bridges, for every step with separate parts for positions.

    Attributes
    ----------
    steps : dict of (str, str) to tuple of SignChange
        Results by the ids of the two roll calls of the step.
    """

    steps: dict[Ends, tuple["SignChange", ...]]

    @property
    def failures(self) -> dict[Ends | None, str]:
        """The steps with a part whose sign changes."""
        return {
            ends: f"Failed check: the sign of a part depends on which resolutions are assumed constant: "
            f"{'; '.join(change.words() for change in changes)}."
            for ends, changes in self.steps.items()
            if changes
        }

    @property
    def verdict(self) -> Verdict:
        """Failed if the sign of any part changes, otherwise passed."""
        return "failed" if self.failures else "passed"

    @property
    def text(self) -> str:
        """Sentences on the steps in which a part changes its sign with the bridges."""
        return " ".join(self.failures.values()) or "No part has a sign that depends on the bridges."

    def tidy(self) -> pd.DataFrame:
        """Return one row per part and choice of bridges, with the column ``estimate``."""
        rows = [
            (*ends, change.component, change.category, how, value)
            for ends, changes in self.steps.items()
            for change in changes
            for how, value in change.estimates
        ]
        return pd.DataFrame(rows, columns=["old", "new", "component", "category", "how", "estimate"])


@dataclass(frozen=True, slots=True)
class SignChange:
    """A part that is positive with one choice of bridges and negative with another.

    Attributes
    ----------
    component, category : str
        The part and its category.
    estimates : tuple of (str, float)
        The choice of bridges, in words, and the estimate.
    """

    component: str
    category: str
    estimates: tuple[tuple[str, float], ...]

    def words(self) -> str:
        """Return the name of the part, and its estimate with each choice of bridges."""
        values = [f"{signed(value, 1)} {how}" for how, value in self.estimates]
        return f"{self.component} ({self.category}): {', '.join(values)}"


@checked
def sign_changes(
    why: Explanation,
    *,
    split_bridges: SplitBridges | None = None,
    leave_one_out: LeaveOut | None = None,
) -> SignChanges | Unavailable:
    """Find the parts whose sign depends on the choice of bridges.

    Parameters
    ----------
    why : Explanation
        An explanation whose steps have separate parts for positions and for the resolution.
    split_bridges, leave_one_out : optional
        The results of these checks, if they were run.
    """
    bridged = [step for step in why.steps if step.separates]
    if not bridged:
        return Unavailable("no step has separate parts for positions and for the resolution")
    steps = {}
    for step in bridged:
        split = None if split_bridges is None else split_bridges.steps.get(step.ends)
        ranges = None if leave_one_out is None else leave_one_out.ranges_of(step.ends)
        if isinstance(step.model, ModelParts):
            steps[step.ends] = find_sign_changes(step.model, split, ranges)
    return SignChanges(steps)


def find_sign_changes(
    model: ModelParts, split: ModelParts | None, ranges: pd.DataFrame | None
) -> tuple[SignChange, ...]:
    """Return the parts whose sign changes; parts under 0.1 votes count as neither positive nor negative.

    Parameters
    ----------
    model : ModelParts
        The parts with all families.
    split : ModelParts or None
        The parts after splitting, if an item was split.
    ranges : DataFrame or None
        The rows of `LeaveOut.ranges` for this step.
    """
    if "positions" not in model.components:
        return ()
    changes = []
    for component in model.components:
        for category in CAST:
            estimates = tuple(_ways(model, split, ranges, component, category))
            values = [value for _, value in estimates]
            if of_both_signs(values):
                changes.append(SignChange(component, category, estimates))
    return tuple(changes)


def _ways(
    model: ModelParts, split: ModelParts | None, ranges: pd.DataFrame | None, component: str, category: str
) -> Iterator[tuple[str, float]]:
    yield "with all families", _estimate(model.table, component, category)
    if split is not None and component in split.components:
        yield "after splitting", _estimate(split.table, component, category)
    if ranges is not None:
        rows = ranges[(ranges["component"] == component) & (ranges["category"] == category)]
        for row in rows.itertuples():
            yield _without(str(row.without_lowest)), float(str(row.lowest))
            yield _without(str(row.without_highest)), float(str(row.highest))


def _without(name: str) -> str:
    return f"without {name}" if name else "with nothing left out"


def _estimate(table: pd.DataFrame, component: str, category: str) -> float:
    rows = table[(table["component"] == component) & (table["category"] == category)]
    return float(rows["estimate"].iloc[0])
