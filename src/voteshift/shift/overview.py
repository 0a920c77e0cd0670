"""Every resolution that came back: tallies over time, and the turnover in each step. No model."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.arguments import checked
from voteshift.notebook import Shown
from voteshift.rollcalls import RollCalls
from voteshift.shift.account import TURNOVER_NOTE, vote_states
from voteshift.votes import TALLY_COLUMNS

__all__ = ["Overview", "StepFlows", "overview", "step_flows", "votes_moved"]

_NOT_MEMBER: Final = len(TALLY_COLUMNS)
_PARTS: Final = ("change", "switching", "turnover")
_COUNTS: Final = ("stayers", "left", "joined", "switchers")
_STEP_COLUMNS: Final = [
    "family",
    "old",
    "new",
    "years",
    *_COUNTS,
    *(f"{part}_{name}" for part in _PARTS for name in TALLY_COLUMNS),
    "moved_switching",
    "moved_turnover",
    "turnover_share",
]


@dataclass(frozen=True, slots=True)
class Overview(Shown):
    """Families and their steps.

    Attributes
    ----------
    families : DataFrame, index ``family``
        ``title``, ``rollcalls`` (ids in date order), ``first`` and ``last`` (dates), ``steps`` (number of
        steps). Sums over the steps: ``moved_switching`` and ``moved_turnover`` (see `votes_moved`), and
        ``turnover_share``, the share of turnover in the sum of both (NaN if no vote moved or a version has no
        date).
    tallies : DataFrame
        One row per version: ``family``, ``rollcall``, ``symbol``, ``date``, ``yes``, ``no``, ``abstain``,
        ``absent``, ``members``.
    steps : DataFrame
        One row per consecutive pair of versions: ``family``, ``old``, ``new``, ``years`` (between the votes),
        ``stayers``, ``left``, ``joined``, ``switchers``; ``change_yes`` ... ``turnover_absent`` as in the
        exact account; ``moved_switching``, ``moved_turnover``, ``turnover_share``.
    undated : tuple of str
        Families without steps, because a version has no date.
    note : str
        The definition of turnover as a sentence.
    """

    families: pd.DataFrame
    tallies: pd.DataFrame
    steps: pd.DataFrame
    undated: tuple[str, ...]
    note: str = TURNOVER_NOTE

    @property
    def moved(self) -> tuple[float, float]:
        """Votes moved over all steps: by switching and by turnover."""
        return float(self.steps["moved_switching"].sum()), float(self.steps["moved_turnover"].sum())

    def tidy(self) -> pd.DataFrame:
        """Return one row per step, part and category.

        Returns
        -------
        DataFrame
            ``family``, ``old``, ``new``, ``component`` (change, switching, turnover), ``category``,
            ``estimate`` (a count, without interval).
        """
        ends = self.steps[["family", "old", "new"]]
        parts = [
            ends.assign(component=part, category=name, estimate=self.steps[f"{part}_{name}"])
            for part in _PARTS
            for name in TALLY_COLUMNS
        ]
        return pd.concat(parts, ignore_index=True)

    def _title(self) -> str:
        return "Every resolution that came back"

    def _said(self) -> tuple[str, ...]:
        return self.sentence(), self.note

    def _table(self) -> pd.DataFrame:
        columns = ["title", "first", "last", "steps", "moved_switching", "moved_turnover", "turnover_share"]
        return self.families[columns]

    def sentence(self) -> str:
        """Return the votes that turnover and switching moved, in sentences."""
        steps = self.steps
        if steps.empty:
            return "No resolution came back."
        switching, turnover = self.moved
        more = int((steps["moved_turnover"] > steps["moved_switching"]).sum())
        less = int((steps["moved_turnover"] < steps["moved_switching"]).sum())
        share = (
            f" ({100 * turnover / (switching + turnover):.0f}% of the total)" if switching + turnover else ""
        )
        held, changed = steps["stayers"].sum(), steps[["left", "joined"]].max(axis=1).sum()
        return (
            f"{len(self.families)} families, {len(steps)} steps. In net terms, turnover moved {turnover:g} "
            f"votes{share} and switching moved {switching:g} votes. Turnover moved more votes in {more} "
            f"steps, switching in {less} steps, and both moved the same number in "
            f"{len(steps) - more - less} steps. Turnover moved {turnover / max(changed, 1):.2f} votes for "
            f"each seat that changed hands. Switching moved {switching / max(held, 1):.2f} votes for each "
            f"seat that did not change hands; in {100 * steps['switchers'].sum() / max(held, 1):.0f}% of "
            "these seats the vote or absence changed."
        )


@dataclass(frozen=True, slots=True)
class StepFlows:
    """Counts of one step.

    Attributes
    ----------
    stayers, left, joined, switchers : int
        Number of members with a seat both times, the first time only and the second time only; number of
        stayers whose vote or absence changed.
    change, switching, turnover : ndarray of int, shape (4,)
        Counts for yes, no, abstain and absent, as in the exact account.
    """

    stayers: int
    left: int
    joined: int
    switchers: int
    change: NDArray[np.int64]
    switching: NDArray[np.int64]
    turnover: NDArray[np.int64]

    def row(self) -> dict[str, float]:
        """Return the columns of the table of steps."""
        row: dict[str, float] = {name: getattr(self, name) for name in _COUNTS}
        for part in _PARTS:
            counts = zip(TALLY_COLUMNS, getattr(self, part).tolist(), strict=True)
            row |= {f"{part}_{name}": count for name, count in counts}
        switching, turnover = float(votes_moved(self.switching)), float(votes_moved(self.turnover))
        both = switching + turnover
        row |= {"moved_switching": switching, "moved_turnover": turnover}
        return row | {"turnover_share": turnover / both if both else float("nan")}


def step_flows(old: NDArray[np.int8], new: NDArray[np.int8]) -> StepFlows:
    """Count one step from two columns of votes: a fast version of the exact account.

    Parameters
    ----------
    old, new : ndarray of int8, shape (n_members,)
        Vote codes of the same members.
    """
    before, after = vote_states(old), vote_states(new)
    sat, sits = before != _NOT_MEMBER, after != _NOT_MEMBER
    stayer = sat & sits

    def gained(who: NDArray[np.bool_]) -> NDArray[np.int64]:
        counts = [np.bincount(states[who], minlength=_NOT_MEMBER + 1) for states in (after, before)]
        return (counts[0] - counts[1])[:_NOT_MEMBER]

    return StepFlows(
        stayers=int(stayer.sum()),
        left=int((sat & ~sits).sum()),
        joined=int((sits & ~sat).sum()),
        switchers=int((before != after)[stayer].sum()),
        change=gained(sat | sits),
        switching=gained(stayer),
        turnover=gained(sat ^ sits),
    )


def votes_moved(changes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the net number of votes moved: half the sum of absolute changes over the categories.

    Parameters
    ----------
    changes : ndarray of int, shape (..., 4)
        Change of yes, no, abstain and absent. Moves in opposite directions between two categories cancel,
        both in switching and in turnover. If a council grows, every additional seat counts as half a vote.
    """
    return 0.5 * np.abs(changes).sum(axis=-1)


@checked
def overview(rollcalls: RollCalls, families: Sequence[str] | None = None) -> Overview:
    """Compare all resolutions that came back.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    families : sequence of str, optional
        Families to include: slugs, titles, or words that match one family each. By default all families.

    Raises
    ------
    UsageError
        If a name does not match exactly one family.
    """
    listed = rollcalls.families()
    if families is not None:
        listed = listed.loc[[rollcalls.family_slug(name) for name in families]]
    frame, votes = rollcalls.rollcalls, rollcalls.votes
    counts = rollcalls.tally()
    place = {rollcall: column for column, rollcall in enumerate(frame.index)}
    days = frame["date"].tolist()
    steps, undated = [], []
    for family, ids in listed["rollcalls"].items():
        columns = [place[rollcall] for rollcall in ids]
        if any(pd.isna(days[column]) for column in columns):
            undated.append(str(family))
            continue
        for old, new in pairwise(columns):
            flows = step_flows(votes[:, old], votes[:, new])
            years = (days[new] - days[old]).days / 365.25
            ends = {"old": frame.index[old], "new": frame.index[new]}
            steps.append({"family": family, **ends, "years": years, **flows.row()})
    table = pd.DataFrame(steps, columns=_STEP_COLUMNS)
    by_family = table.groupby("family")[["moved_switching", "moved_turnover"]].sum().reindex(listed.index)
    both = by_family.sum(axis=1, min_count=1)
    listed = listed.assign(
        steps=table.groupby("family").size().reindex(listed.index, fill_value=0),
        moved_switching=by_family["moved_switching"],
        moved_turnover=by_family["moved_turnover"],
        turnover_share=(by_family["moved_turnover"] / both).where(both > 0),
    )
    versions = listed["rollcalls"].explode()
    tallies = frame[["symbol", "date"]].join(counts).loc[versions].reset_index()
    tallies.insert(0, "family", versions.index)
    return Overview(listed, tallies, table, tuple(undated))
