"""Three ways to hold bridges: all of them, split where a pair is rejected, and one left out at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pandas as pd

from voteshift.shift.parts import ModelParts
from voteshift.votes import CAST
from voteshift.writing import signed

__all__ = ["SignChange", "of_both_signs", "sign_changes", "sign_sentence"]

_LEAST = 0.1  # votes; smaller parts are within three simulation errors of 2,000 draws, and have no sign


@dataclass(frozen=True, slots=True)
class SignChange:
    """A part that is positive one way and negative another.

    Attributes
    ----------
    component, category : str
        Which part.
    found : tuple of (str, float)
        How the bridges were held, in words, and the estimate.
    """

    component: str
    category: str
    found: tuple[tuple[str, float], ...]

    def words(self) -> str:
        """Name the part and what it is each way."""
        told = [f"{signed(value, 1)} {how}" for how, value in self.found]
        return f"{self.component} ({self.category}): {', '.join(told)}"


def sign_changes(
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
            found = tuple(_ways(model, split, ranges, component, category))
            values = [value for _, value in found]
            if of_both_signs(values):
                changes.append(SignChange(component, category, found))
    return tuple(changes)


def of_both_signs(values: Iterable[float]) -> bool:
    """Return whether some parts are positive and others negative, by more than simulation may have made."""
    found = list(values)
    return min(found) <= -_LEAST and max(found) >= _LEAST


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


def sign_sentence(changes: tuple[SignChange, ...]) -> str:
    """Say whose sign depends on the bridges; "" where none does."""
    if not changes:
        return ""
    told = "; ".join(change.words() for change in changes)
    return f"The sign depends on which bridges are held: {told}."
