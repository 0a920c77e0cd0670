"""Every resolution that came back: tallies over time, and the parts of each step. No model."""

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
from voteshift.shift.account import PARTS, TURNOVER_NOTE, vote_states
from voteshift.votes import TALLY_COLUMNS

__all__ = ["Overview", "StepFlows", "overview", "step_flows", "votes_moved"]

_ABSENT: Final = TALLY_COLUMNS.index("absent")
_NOT_MEMBER: Final = len(TALLY_COLUMNS)
_COUNTS: Final = ("stayers", "left", "joined", "switchers", "voted_once")
_MOVED: Final = [f"moved_{part}" for part in PARTS]
_STEP_COLUMNS: Final = [
    "family",
    "old",
    "new",
    "years",
    *_COUNTS,
    *(f"{part}_{name}" for part in ("change", *PARTS) for name in TALLY_COLUMNS),
    *_MOVED,
    "turnover_share",
]


@dataclass(frozen=True, slots=True)
class Overview(Shown):
    """Families and their steps.

    Attributes
    ----------
    families : DataFrame, index ``family``
        ``title``, ``rollcalls`` (ids in date order), ``first`` and ``last`` (dates), ``steps`` (number of
        steps). Sums over the steps: ``moved_switching``, ``moved_attendance`` and ``moved_turnover`` (see
        `votes_moved`), and ``turnover_share``, the share of turnover in the sum of the three (NaN if no vote
        moved or a version has no date).
    tallies : DataFrame
        One row per version: ``family``, ``rollcall``, ``symbol``, ``date``, ``yes``, ``no``, ``abstain``,
        ``absent``, ``members``.
    steps : DataFrame
        One row per consecutive pair of versions: ``family``, ``old``, ``new``, ``years`` (between the votes),
        ``stayers``, ``left``, ``joined``, ``switchers``, ``voted_once``; ``change_yes`` ...
        ``turnover_absent`` as in the exact account; ``moved_switching``, ``moved_attendance``,
        ``moved_turnover``, ``turnover_share``.
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
    def moved(self) -> tuple[float, float, float]:
        """Votes moved over all steps: by switching, by attendance and by turnover."""
        switching, attendance, turnover = (float(self.steps[name].sum()) for name in _MOVED)
        return switching, attendance, turnover

    def tidy(self) -> pd.DataFrame:
        """Return one row per step, part and category.

        Returns
        -------
        DataFrame
            ``family``, ``old``, ``new``, ``component`` (change, switching, attendance, turnover),
            ``category``, ``estimate`` (a count, without interval). Attendance has rows only for steps in
            which a stayer voted once.
        """
        once = self.steps["voted_once"] > 0
        parts = [
            rows[["family", "old", "new"]].assign(
                component=part, category=name, estimate=rows[f"{part}_{name}"]
            )
            for part in ("change", *PARTS)
            for rows in [self.steps[once] if part == "attendance" else self.steps]
            for name in TALLY_COLUMNS
        ]
        return pd.concat(parts, ignore_index=True)

    def _title(self) -> str:
        return "Every resolution that came back"

    def _said(self) -> tuple[str, ...]:
        return self.sentence(), self.note

    def _table(self) -> pd.DataFrame:
        columns = ["title", "first", "last", "steps", *_MOVED, "turnover_share"]
        return self.families[columns]

    def sentence(self) -> str:
        """Return the votes that turnover, switching and attendance moved, in sentences."""
        steps = self.steps
        if steps.empty:
            return "No resolution came back."
        switching, attendance, turnover = self.moved
        total = switching + attendance + turnover
        more = int((steps["moved_turnover"] > steps["moved_switching"]).sum())
        less = int((steps["moved_turnover"] < steps["moved_switching"]).sum())
        share = f" ({100 * turnover / total:.0f}% of the total)" if total else ""
        once = int(steps["voted_once"].sum())
        came = (
            f" Attendance moved {attendance:g} votes: {once} times a member held a seat both times and voted "
            "once."
            if once
            else ""
        )
        held, changed = steps["stayers"].sum(), steps[["left", "joined"]].max(axis=1).sum()
        return (
            f"{len(self.families)} families, {len(steps)} steps. In net terms, turnover moved {turnover:g} "
            f"votes{share} and switching moved {switching:g} votes.{came} Turnover moved more votes in "
            f"{more} steps, switching in {less} steps, and both moved the same number in "
            f"{len(steps) - more - less} steps. Turnover moved {turnover / max(changed, 1):.2f} votes for "
            f"each seat that changed hands. Switching moved {switching / max(held, 1):.2f} votes for each "
            f"seat that did not change hands; in {100 * steps['switchers'].sum() / max(held, 1):.0f}% of "
            "these seats the vote changed."
        )


@dataclass(frozen=True, slots=True)
class StepFlows:
    """Counts of one step.

    Attributes
    ----------
    stayers, left, joined, switchers, voted_once : int
        Number of members with a seat both times, the first time only and the second time only; number of
        stayers that voted both times and changed their vote, and that voted once.
    change, switching, attendance, turnover : ndarray of int, shape (4,)
        Counts for yes, no, abstain and absent, as in the exact account.
    """

    stayers: int
    left: int
    joined: int
    switchers: int
    voted_once: int
    change: NDArray[np.int64]
    switching: NDArray[np.int64]
    attendance: NDArray[np.int64]
    turnover: NDArray[np.int64]

    def row(self) -> dict[str, float]:
        """Return the columns of the table of steps."""
        row: dict[str, float] = {name: getattr(self, name) for name in _COUNTS}
        for part in ("change", *PARTS):
            counts = zip(TALLY_COLUMNS, getattr(self, part).tolist(), strict=True)
            row |= {f"{part}_{name}": count for name, count in counts}
        moved = {f"moved_{part}": float(votes_moved(getattr(self, part))) for part in PARTS}
        total = sum(moved.values())
        return row | moved | {"turnover_share": moved["moved_turnover"] / total if total else float("nan")}


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
    once = stayer & ((before == _ABSENT) ^ (after == _ABSENT))
    twice = stayer & ~once

    def gained(who: NDArray[np.bool_]) -> NDArray[np.int64]:
        counts = [np.bincount(states[who], minlength=_NOT_MEMBER + 1) for states in (after, before)]
        return (counts[0] - counts[1])[:_NOT_MEMBER]

    return StepFlows(
        stayers=int(stayer.sum()),
        left=int((sat & ~sits).sum()),
        joined=int((sits & ~sat).sum()),
        switchers=int((before != after)[twice].sum()),
        voted_once=int(once.sum()),
        change=gained(sat | sits),
        switching=gained(twice),
        attendance=gained(once),
        turnover=gained(sat ^ sits),
    )


def votes_moved(changes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the net number of votes moved: half the sum of absolute changes over the categories.

    Parameters
    ----------
    changes : ndarray of int, shape (..., 4)
        Change of yes, no, abstain and absent. Moves in opposite directions between two categories cancel,
        within every part. If a council grows, every additional seat counts as half a vote.
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
    frame = rollcalls.rollcalls
    counts = rollcalls.tally()
    place = {rollcall: column for column, rollcall in enumerate(frame.index)}
    every_version = dict.fromkeys(listed["rollcalls"].explode().dropna())
    votes = rollcalls.select(rollcalls=every_version).votes
    here = {rollcall: column for column, rollcall in enumerate(every_version)}
    days = frame["date"].tolist()
    steps, undated = [], []
    for family, ids in listed["rollcalls"].items():
        columns = [place[rollcall] for rollcall in ids]
        if any(pd.isna(days[column]) for column in columns):
            undated.append(str(family))
            continue
        for old, new in pairwise(columns):
            ends = {"old": frame.index[old], "new": frame.index[new]}
            flows = step_flows(votes[:, here[ends["old"]]], votes[:, here[ends["new"]]])
            years = (days[new] - days[old]).days / 365.25
            steps.append({"family": family, **ends, "years": years, **flows.row()})
    table = pd.DataFrame(steps, columns=_STEP_COLUMNS)
    by_family = table.groupby("family")[_MOVED].sum().reindex(listed.index)
    total = by_family.sum(axis=1, min_count=1)
    listed = listed.assign(
        steps=table.groupby("family").size().reindex(listed.index, fill_value=0),
        **by_family,
        turnover_share=(by_family["moved_turnover"] / total).where(total > 0),
    )
    versions = listed["rollcalls"].explode()
    tallies = frame[["symbol", "date"]].join(counts).loc[versions].reset_index()
    tallies.insert(0, "family", versions.index)
    return Overview(listed, tallies, table, tuple(undated))
