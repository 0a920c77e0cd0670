"""The exact account of a step between two roll calls: who switched, attended, joined, left. No model.

Change in each category = switching of stayers that voted both times + attendance of stayers that voted once
+ votes of members that joined - votes of members that left.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.arguments import checked
from voteshift.errors import InputError
from voteshift.notebook import Shown
from voteshift.rollcalls import RollCalls
from voteshift.votes import TALLY_COLUMNS, Vote
from voteshift.writing import signed

__all__ = [
    "PARTS",
    "STATES",
    "TURNOVER_NOTE",
    "Account",
    "AddingUpError",
    "account",
    "account_step",
    "iterations_of",
    "path_note",
    "step_pairs",
    "vote_states",
]

#: The parts of a change, in the order of tables; attendance only where a stayer voted once.
PARTS: Final = ("switching", "attendance", "turnover")
#: Row and column order of the transition table.
STATES: Final = (*TALLY_COLUMNS, "not a member")
_STATE_OF: Final = {
    Vote.YES: 0,
    Vote.NO: 1,
    Vote.ABSTAIN: 2,
    Vote.ABSENT: 3,
    Vote.NOT_RECORDED: 3,
    Vote.NOT_MEMBER: 4,
}
#: The states of a seat over a step, and the parts of the change in shares that compare with stayers.
_STATUS: Final = ("stayer", "left", "joined")
_STAYED: Final = ("stayers", "joined", "left")
_SHARE_TOLERANCE: Final = 1e-12

TURNOVER_NOTE: Final = (
    "Turnover is arithmetic, not an effect of membership. Members that left voted on the old version, and "
    "members that joined voted on the new version, so turnover includes the change of the resolution for "
    "these seats."
)


class AddingUpError(AssertionError):
    """Parts do not add up to the whole. This is an error of the program, not of the data."""


@dataclass(frozen=True, slots=True)
class Account(Shown):
    """Exact account of one step.

    Attributes
    ----------
    old, new : str
        Ids of the two roll calls.
    members : DataFrame, index ``member``
        Every member with a seat at either vote: ``name``, ``group`` (on the day of the new vote; on the day
        of the old vote for members that left), ``old`` and ``new`` (yes, no, abstain, absent, not a member),
        ``status`` (stayer, left, joined) and, per category, the contribution of the
        member to the change (-1, 0 or 1).
    transitions : DataFrame, shape (5, 5)
        Number of members that changed from each row to each column.
    """

    old: str
    new: str
    members: pd.DataFrame
    transitions: pd.DataFrame

    def __post_init__(self) -> None:
        """Check that the parts add up."""
        if not (self.change == self.switching + self.attendance + self.turnover).all():
            raise AddingUpError(f"the parts do not add up to the change from {self.old} to {self.new}")
        relative = self.relative_to_stayers()
        total = relative[list(_STAYED)].sum(axis=1)
        if self.stayers and not np.allclose(total, relative["change"], rtol=0, atol=_SHARE_TOLERANCE):
            raise AddingUpError(f"shares do not add up to the change from {self.old} to {self.new}")

    def tidy(self) -> pd.DataFrame:
        """Return exact counts: ``component`` (change, then `parts`), ``category``, ``estimate``."""
        counts = {"change": self.change, **self.parts}
        rows = [(part, name, int(row[name])) for part, row in counts.items() for name in TALLY_COLUMNS]
        return pd.DataFrame(rows, columns=["component", "category", "estimate"])

    def _title(self) -> str:
        return f"Account of {self.old} to {self.new}"

    def _said(self) -> tuple[str, ...]:
        once = f" and {len(self.voted_once)} voted once" if len(self.voted_once) else ""
        counts = (
            f"{self.stayers} members held a seat both times, and {len(self.switchers)} of these members "
            f"switched{once}"
        )
        return (f"{counts}; {self.left} left, {self.joined} joined.", TURNOVER_NOTE)

    def _table(self) -> pd.DataFrame:
        return pd.DataFrame({"change": self.change, **self.parts}).T.rename_axis("component")

    @property
    def stayers(self) -> int:
        """Members with a seat both times."""
        return int((self.members["status"] == "stayer").sum())

    @property
    def left(self) -> int:
        """Members with a seat the first time only."""
        return int((self.members["status"] == "left").sum())

    @property
    def joined(self) -> int:
        """Members with a seat the second time only."""
        return int((self.members["status"] == "joined").sum())

    @property
    def change(self) -> pd.Series:
        """New minus old tally in each category."""
        return self._tally("new") - self._tally("old")

    @property
    def kind(self) -> pd.Series:
        """The part to which each member belongs: switching, attendance or turnover; index ``member``."""
        stayed = self.members["status"].to_numpy(object) == "stayer"
        kind = np.where(stayed, "switching", "turnover").astype(object)
        kind[self._once] = "attendance"
        return pd.Series(kind, index=self.members.index, name="kind")

    @property
    def parts(self) -> dict[str, pd.Series]:
        """The parts that add up to the change, by name; attendance only if a stayer voted once."""
        names = [part for part in PARTS if part != "attendance" or self._once.any()]
        return {part: getattr(self, part) for part in names}

    @property
    def switching(self) -> pd.Series:
        """The part of stayers that voted both times."""
        return self._part(self.kind == "switching")

    @property
    def attendance(self) -> pd.Series:
        """The part of stayers that voted once, so that they were away from one of the two votes."""
        return self._part(self.kind == "attendance")

    @property
    def turnover(self) -> pd.Series:
        """Votes of members that joined minus votes of members that left; not an effect of membership."""
        return self._part(self.kind == "turnover")

    @property
    def switchers(self) -> pd.DataFrame:
        """Stayers that voted both times and changed their vote: ``name``, ``group``, ``old``, ``new``."""
        moved = (self.kind == "switching") & (self.members["old"] != self.members["new"])
        return self.members.loc[moved, ["name", "group", "old", "new"]]

    @property
    def voted_once(self) -> pd.DataFrame:
        """Stayers that voted once: ``name``, ``group``, ``old``, ``new``; one of the two is absent."""
        return self.members.loc[self._once, ["name", "group", "old", "new"]]

    def by_group(self) -> pd.DataFrame:
        """Return the parts per category and group: columns (part, category)."""
        kind, columns = self.kind, list(TALLY_COLUMNS)
        groups = self.members["group"]
        parts = {
            part: self.members.loc[kind == part, columns].groupby(groups[kind == part]).sum()
            for part in self.parts
        }
        return pd.concat(parts, axis=1).fillna(0).astype(int)

    def relative_to_stayers(self) -> pd.DataFrame:
        """Split the change in shares into parts of stayers, of new members and of departed members.

        Let s, j and l be the shares of a category among stayers, joiners and leavers, J and L the numbers of
        joiners and leavers, and n the number of seats. Then

            change = (s_new - s_old) + J/n_new (j_new - s_new) - L/n_old (l_old - s_old),

        The equation is exact, in shares of all seats. Without stayers there is no comparison, and the parts
        are NaN.

        Returns
        -------
        DataFrame, index category
            ``change``, ``stayers``, ``joined``, ``left``, in shares of seats.
        """
        status = self.members["status"].to_numpy(object)
        # Of every state of a vote (columns) in every status (rows).
        old, new = (
            np.array(
                [
                    [np.count_nonzero(votes[status == one] == name) for name in TALLY_COLUMNS]
                    for one in _STATUS
                ]
            )
            for votes in (self.members[when].to_numpy(object) for when in ("old", "new"))
        )
        stayed, left, joined = (int(np.count_nonzero(status == one)) for one in _STATUS)
        n_old, n_new = stayed + left, stayed + joined
        parts = {"change": new[[0, 2]].sum(axis=0) / n_new - old[[0, 1]].sum(axis=0) / n_old}
        if not stayed:
            return pd.DataFrame(parts | dict.fromkeys(_STAYED, np.nan), index=list(TALLY_COLUMNS))
        share_old, share_new = old[0] / stayed, new[0] / stayed
        parts["stayers"] = share_new - share_old
        # Adding 0 turns a negative zero into zero.
        parts["joined"] = joined / n_new * (new[2] / max(joined, 1) - share_new) + 0.0
        parts["left"] = -left / n_old * (old[1] / max(left, 1) - share_old) + 0.0
        return pd.DataFrame(parts, index=list(TALLY_COLUMNS))

    @property
    def _once(self) -> NDArray[np.bool_]:
        old, new, status = (self.members[name].to_numpy(object) for name in ("old", "new", "status"))
        once: NDArray[np.bool_] = (status == "stayer") & ((old == "absent") != (new == "absent"))
        return once

    def _tally(self, when: str) -> pd.Series:
        counts = Counter(self.members[when])
        return pd.Series({name: counts[name] for name in TALLY_COLUMNS})

    def _part(self, rows: pd.Series) -> pd.Series:
        return self.members.loc[rows, list(TALLY_COLUMNS)].sum().astype(int)


def iterations_of(rollcalls: RollCalls, family: str) -> RollCalls:
    """Return the versions of one family in date order.

    Raises
    ------
    UsageError
        If the name does not match exactly one family.
    InputError
        If a version has no date.
    """
    versions = rollcalls.select(family=family)
    dates = versions.rollcalls["date"]
    if dates.isna().any():
        missing = str(dates.isna().idxmax())
        raise InputError(
            f"roll call {missing} has no date", id=missing, remedy=("add the date of the roll call")
        )
    return versions.select(rollcalls=dates.sort_values(kind="stable").index)


def step_pairs(iterations: RollCalls) -> list[tuple[str, str]]:
    """Return each consecutive pair of versions, then first to last."""
    ids = list(iterations.rollcalls.index)
    pairs = list(pairwise(ids))
    return [*pairs, (ids[0], ids[-1])] if len(ids) > 2 else pairs


@checked
def account(rollcalls: RollCalls, family: str) -> tuple[Account, ...]:
    """Compute the exact account of every step of a repeated resolution; no model.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    family : str
        A slug, a title, or words that match one family.

    Returns
    -------
    tuple of Account
        Each consecutive pair in date order, then first to last.
    """
    iterations = iterations_of(rollcalls, family)
    return tuple(account_step(iterations, old, new) for old, new in step_pairs(iterations))


def path_note(accounts: Sequence[Account]) -> str:
    """Return a sentence that compares switching from first to last with the sum over the steps.

    Parameters
    ----------
    accounts : sequence of Account
        The accounts that `account` returns: consecutive steps, then first to last.

    Returns
    -------
    str
        Empty with fewer than two consecutive steps. Changes add up over steps, but switching does not: a
        member that left or joined in between is a stayer of some steps and not of others.
    """
    if len(accounts) < 3:
        return ""
    *steps, whole = accounts
    summed = np.sum([step.switching.to_numpy() for step in steps], axis=0)

    def written(counts: NDArray[np.int64]) -> str:
        return ", ".join(f"{name} {signed(count)}" for name, count in zip(TALLY_COLUMNS, counts, strict=True))

    stayed = [step.members.index[step.members["status"] == "stayer"] for step in steps]
    throughout = len(set.intersection(*map(set, stayed)))
    over, ends = written(summed), written(whole.switching.to_numpy())
    differs = (
        f"adds up to {over} over the steps but is {ends}" if over != ends else f"is {ends} over the steps and"
    )
    return (
        f"Switching {differs} from first to last. {whole.stayers} members held a seat at the first and the "
        f"last vote, {throughout} of them at every vote. Members that left or joined in between count as "
        "turnover in some of the steps."
    )


def account_step(rollcalls: RollCalls, old: str, new: str) -> Account:
    """Compute the exact account of the change from one roll call to another.

    Parameters
    ----------
    rollcalls : RollCalls
        A record that contains both roll calls.
    old, new : str
        Ids of the roll calls.

    Raises
    ------
    UsageError
        If a roll call is unknown.
    InputError
        If no member had a seat in one of the roll calls.
    """
    pair = rollcalls.select(rollcalls=[old, new])
    for rollcall, empty in zip((old, new), ~(pair.votes != Vote.NOT_MEMBER).any(axis=0), strict=True):
        if empty:
            raise InputError(
                f"no member had a seat in roll call {rollcall}",
                id=rollcall,
                remedy="leave out the roll call, or add its members",
            )
    pair = pair.seated()
    states = vote_states(pair.votes)
    names = np.array(STATES, dtype=object)
    had, has = states[:, 0] != 4, states[:, 1] != 4
    members = pair.members[["name", "group"]].fillna("")
    if len(pair.groups):
        every, codes = pair.group_codes()
        groups = np.array(every, dtype=object)[codes]
        members["group"] = np.where(has, groups[:, 1], groups[:, 0])
    members["old"], members["new"] = names[states[:, 0]], names[states[:, 1]]
    members["status"] = np.where(had & has, "stayer", np.where(had, "left", "joined")).astype(object)
    for index, name in enumerate(TALLY_COLUMNS):
        members[name] = (states[:, 1] == index).astype(int) - (states[:, 0] == index).astype(int)
    counts = np.zeros((len(STATES), len(STATES)), dtype=int)
    np.add.at(counts, (states[:, 0], states[:, 1]), 1)
    transitions = pd.DataFrame(counts, index=list(STATES), columns=list(STATES))
    result = Account(old, new, members, transitions)
    tally = pair.tally()[list(TALLY_COLUMNS)]
    if not (tally.loc[new] - tally.loc[old] == result.change).all():
        raise AddingUpError(f"the account does not agree with the tallies of {old} and {new}")
    return result


def vote_states(votes: NDArray[np.int8]) -> NDArray[np.intp]:
    """Return the state of every seat: 0 yes, 1 no, 2 abstain, 3 absent, 4 not a member; same shape."""
    table = np.empty(len(Vote), dtype=np.intp)
    for vote, state in _STATE_OF.items():
        table[int(vote) - min(Vote)] = state
    return table[votes.astype(np.intp) - min(Vote)]
