"""Parts whose sign depends on which bridges are held: all, split where rejected, one left out at a time."""

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
    """The parts whose sign depends on the bridges, for every step that separates positions.

    Attributes
    ----------
    steps : dict of (str, str) to tuple of SignChange
        By the ends of the step.
    """

    steps: dict[Ends, tuple["SignChange", ...]]

    @property
    def failures(self) -> dict[Ends | None, str]:
        """The steps with a part of either sign."""
        return {
            ends: f"Failed check: the sign depends on which resolutions are held constant: "
            f"{'; '.join(change.words() for change in changes)}."
            for ends, changes in self.steps.items()
            if changes
        }

    @property
    def verdict(self) -> Verdict:
        """Failed where any part has either sign, else passed."""
        return "failed" if self.failures else "passed"

    @property
    def text(self) -> str:
        """The sentences on the steps with such parts."""
        return " ".join(self.failures.values()) or "No part changes its sign with the bridges that are held."

    def tidy(self) -> pd.DataFrame:
        """Return one row per part and way of holding the bridges, the estimate as ``estimate``."""
        rows = [
            (*ends, change.component, change.category, how, value)
            for ends, changes in self.steps.items()
            for change in changes
            for how, value in change.estimates
        ]
        return pd.DataFrame(rows, columns=["old", "new", "component", "category", "how", "estimate"])


@dataclass(frozen=True, slots=True)
class SignChange:
    """A part that is positive one way and negative another.

    Attributes
    ----------
    component, category : str
        Which part.
    estimates : tuple of (str, float)
        The way in which the bridges were held constant, in words, and the estimate.
    """

    component: str
    category: str
    estimates: tuple[tuple[str, float], ...]

    def words(self) -> str:
        """Name the part and what it is each way."""
        values = [f"{signed(value, 1)} {how}" for how, value in self.estimates]
        return f"{self.component} ({self.category}): {', '.join(values)}"


@checked
def sign_changes(
    why: Explanation,
    *,
    split_bridges: SplitBridges | None = None,
    leave_one_out: LeaveOut | None = None,
) -> SignChanges | Unavailable:
    """Find the parts whose sign depends on which bridges are held.

    Parameters
    ----------
    why : Explanation
        One whose steps separate positions from the resolution.
    split_bridges, leave_one_out : optional
        The results of these checks, where they were run.
    """
    bridged = [step for step in why.steps if step.separates]
    if not bridged:
        return Unavailable("no step separates positions from the resolution")
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
    """Return the parts whose sign is not the same in all ways; what is under 0.1 votes has none.

    Parameters
    ----------
    model : ModelParts
        With all families.
    split : ModelParts or None
        After splitting, where something was split.
    ranges : DataFrame or None
        Of `LeaveOut.ranges`, of this step.
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
