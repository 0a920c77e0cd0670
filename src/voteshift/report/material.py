"""What the sections of a report are written from."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pandas as pd

from voteshift.checks.sensitivity import Sensitivity
from voteshift.joint import is_hrc, of_chamber
from voteshift.labels import rollcall_labels
from voteshift.plots.versions import years
from voteshift.rollcalls import RollCalls
from voteshift.shift.explain import Explanation, Step
from voteshift.votes import CAST

__all__ = ["Material", "written"]

_IN_FULL: Final = 3  # steps told in full: of longer families the largest, and first to last


@dataclass(frozen=True, eq=False)
class Material:
    """One explanation and what is told beside it.

    Attributes
    ----------
    record : RollCalls
        The record.
    why : Explanation
        The explanation.
    others : Sensitivity
        The same under other choices.
    command : str
        What made the report, as a person would type it.
    """

    record: RollCalls
    why: Explanation
    others: Sensitivity
    command: str

    @cached_property
    def own(self) -> RollCalls:
        """The roll calls of the resolution's chamber: all, where the record is of one."""
        return of_chamber(self.record, str(self.why.rollcalls.index[0]))

    @property
    def of_council(self) -> bool:
        """Whether the resolution is one of the bundled record."""
        return is_hrc(self.record, str(self.why.rollcalls.index[0]))

    @cached_property
    def short(self) -> dict[str, str]:
        """The shortest name of every iteration: a year, where years tell them apart."""
        frame = self.why.rollcalls
        return dict(zip(frame.index, years(frame), strict=True))

    def called(self, rollcall: str) -> str:
        """Name an iteration by symbol and short date."""
        symbol = rollcall_labels(self.why.rollcalls)[rollcall]
        short = self.short[rollcall]
        return str(symbol) if short == symbol else f"{symbol} ({short})"

    def between(self, step: Step) -> str:
        """Name a step."""
        return f"{self.short[step.old]} to {self.short[step.new]}"

    def tally(self, rollcall: str) -> str:
        """Write a tally as yes-no-abstain."""
        row = self.why.rollcalls.loc[rollcall]
        return "-".join(str(int(row[name])) for name in CAST)

    @cached_property
    def shown(self) -> tuple[int, ...]:
        """Which steps are told in full, by number: those that moved most, and first to last."""
        steps = self.why.steps
        if len(steps) <= _IN_FULL:
            return tuple(range(len(steps)))
        size = [int(step.account.change.abs().sum()) for step in steps[:-1]]
        largest = sorted(sorted(range(len(size)), key=lambda at: -size[at])[: _IN_FULL - 1])
        return (*largest, len(steps) - 1)

    @property
    def leans(self) -> bool:
        """Whether the model's figures are with member effects."""
        return self.why.with_effect is not None

    @property
    def chosen(self) -> str:
        """Say which steps are told in full, where not all are."""
        if len(self.shown) == len(self.why.steps):
            return ""
        return (
            f"Of the {len(self.why.steps)} steps, the {_IN_FULL - 1} in which the tally moved most and the "
            "one from first to last are told in full."
        )

    def main_category(self, step: Step) -> str:
        """Return the category that moved most."""
        change: pd.Series = step.account.change[list(CAST)].abs()
        return str(change.idxmax())


def written(rows: Iterable[Iterable[object]]) -> tuple[tuple[str, ...], ...]:
    """Turn the cells of a table into text."""
    return tuple(tuple(str(cell) for cell in row) for row in rows)
