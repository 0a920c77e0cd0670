"""Loyalty of members: votes with the majority of their group, and the share that a fit expects."""

from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from voteshift.arguments import checked
from voteshift.errors import UsageError
from voteshift.quantities.seats import group_of_votes
from voteshift.rollcalls import RollCalls
from voteshift.tables import Tabled
from voteshift.votes import CATEGORIES
from voteshift.writing import number

__all__ = ["Loyalty", "loyalty"]

Floats = NDArray[np.float64]
_ROWS: Final = 64
_COLUMNS: Final = 256
_K: Final = len(CATEGORIES)


class FittedModel(Protocol):
    """A fit of votes with a point estimate: every ideal-point fit."""

    @property
    def member_ids(self) -> pd.Index:
        """Ids of the members that were fitted."""

    @property
    def rollcall_ids(self) -> pd.Index:
        """Ids of the roll calls that were fitted."""

    @property
    def votes(self) -> NDArray[np.int8]:
        """Votes that were fitted: 0 no, 1 abstain, 2 yes, -1 none; shape (n_members, n_rollcalls)."""

    @property
    def level(self) -> float:
        """Coverage of the intervals."""

    def noise_cdf(self, z: Floats) -> Floats:
        """Return the distribution function of the noise."""

    def categories_of(self, rollcall: str) -> tuple[str, ...]:
        """Return the categories that occur in a roll call."""

    def at_mode(self, rollcalls: list[str]) -> Any:
        """Return point estimates of positions and items of some roll calls, as a single draw."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Loyalty(Tabled):
    """The loyalty of every member.

    Attributes
    ----------
    table : DataFrame
        The table that `tidy` returns.
    by : str
        The column that defines the groups.
    level : float or None
        Coverage of the intervals; None without a fit.
    n_ties : int
        Number of votes that are not counted, because the other members of the group were tied or cast no
        vote.
    """

    table: pd.DataFrame
    by: str
    level: float | None
    n_ties: int

    def tidy(self) -> pd.DataFrame:
        """Return one row per member with a counted vote.

        Returns
        -------
        DataFrame
            ``member``, ``group``, ``n_votes`` (counted votes), ``n_with`` (votes with the majority) and
            ``loyalty`` (their share). With a fit also ``expected``, ``std_error``, ``conf_low``,
            ``conf_high`` (the share that the fit predicts, with the interval of its noise) and ``level``.
            The least loyal member comes first.
        """
        return self.table.copy()

    @property
    def _coverage(self) -> float:
        return self.level or 0.0

    @property
    def text(self) -> str:
        """The least loyal member, and the members whose loyalty is outside its interval, in sentences."""
        return " ".join(self._said())

    def _said(self) -> list[str]:
        if self.table.empty:
            return ["No vote can be counted."]
        first = self.table.to_dict("records")[0]
        sentences = [
            f"The least loyal of {len(self.table)} members is {first['member']} ({first['group']}), which "
            f"votes with the majority of the other members of its {self.by} in {first['n_with']} of "
            f"{first['n_votes']} votes ({number(100 * first['loyalty'])}%)."
        ]
        if self.level is not None:
            below = int((self.table["loyalty"] < self.table["conf_low"]).sum())
            above = int((self.table["loyalty"] > self.table["conf_high"]).sum())
            sentences.append(
                f"The loyalty of {below} members is below and that of {above} members above the "
                f"{100 * self.level:g}% interval that the model predicts from their positions."
            )
        return sentences


@checked
def loyalty(rollcalls: RollCalls, fit: FittedModel | None = None, *, by: str = "group") -> Loyalty:
    """Compute how often each member votes with the majority of the other members of its group.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    fit : Fit, optional
        A fit of this record. If given, only fitted roll calls are counted, and each member is compared with
        the share of votes that the fit predicts from its position.
    by : str
        Column of `RollCalls.members` with the group of each member. In the column "group", the group on the
        day of the vote counts; the table then names the last group of a member.

    Returns
    -------
    Loyalty

    Raises
    ------
    UsageError
        If there is no such column, no member has a group, or the fit is of another record.

    Notes
    -----
    The majority of a group is the category (yes, no, abstain) with most votes of the other members. The vote
    of the member itself is left out, because in a small group a member would otherwise agree with itself. If
    two categories have most votes, or no other member of the group voted, the vote is not counted. The
    expected share uses point estimates, with the majorities as observed. Its interval is the normal interval
    of independent votes with these probabilities and does not include the uncertainty of the estimates.
    """
    names, group = group_of_votes(rollcalls, by)
    columns = np.arange(rollcalls.votes.shape[1])
    if fit is not None:
        columns = rollcalls.rollcalls.index.get_indexer(fit.rollcall_ids)
        rows = rollcalls.members.index.get_indexer(fit.member_ids)
        if (columns < 0).any() or (rows < 0).any() or not _same_votes(rollcalls, fit, rows, columns):
            raise UsageError(
                "the model was fitted to other votes", remedy="pass the record to which the model was fitted"
            )
    votes, group = rollcalls.votes[:, columns], group[:, columns]
    has_group = np.array([bool(name) for name in names])[group]
    majority = majority_of_others(votes, np.where(has_group, group, -1), len(names))
    belongs = (votes >= 0) & has_group
    counted = belongs & (majority >= 0)
    n_votes, n_with = counted.sum(axis=1), (counted & (majority == votes)).sum(axis=1)
    table = pd.DataFrame(
        {
            "member": rollcalls.members.index.to_numpy(),
            "group": rollcalls.members[by].to_numpy(),
            "n_votes": n_votes,
            "n_with": n_with,
            "loyalty": n_with / np.maximum(n_votes, 1),
        }
    )
    level = None
    if fit is not None:
        level = fit.level
        expected = np.full((len(table), 2), np.nan)
        expected[rows] = expected_shares(fit, majority[rows], counted[rows])
        reach = float(ndtri(0.5 + level / 2)) * expected[:, 1]
        table["expected"], table["std_error"] = expected.T
        table["conf_low"] = np.maximum(expected[:, 0] - reach, 0.0)
        table["conf_high"] = np.minimum(expected[:, 0] + reach, 1.0)
        table["level"] = level
    table = table[table["n_votes"] > 0].sort_values("loyalty", kind="stable", ignore_index=True)
    return Loyalty(table, by, level, int((belongs & (majority < 0)).sum()))


def majority_of_others(votes: NDArray[np.int8], group: NDArray[np.intp], n_groups: int) -> NDArray[np.int8]:
    """Return the category with most votes of the other members of a member's group in each roll call.

    Parameters
    ----------
    votes : ndarray of int8, shape (n_members, n_rollcalls)
        0 no, 1 abstain, 2 yes; negative codes mean that there is no vote.
    group : ndarray of int, shape (n_members, n_rollcalls)
        Group of each member in each roll call; -1 if it has none.
    n_groups : int
        Number of groups.

    Returns
    -------
    ndarray of int8, shape (n_members, n_rollcalls)
        The category, or -1 if there is none: two categories have most votes, no other member voted, or the
        member has no group.
    """
    n_members, n_rollcalls = votes.shape
    counts = np.zeros((n_groups + 1, n_rollcalls, _K), dtype=np.int32)  # the last row: without a group
    for code in range(_K):
        for name in range(n_groups):
            counts[name, :, code] = ((votes == code) & (group == name)).sum(axis=0)
    result = np.full(votes.shape, -1, dtype=np.int8)
    every = np.arange(n_rollcalls)
    for begin in range(0, n_members, _ROWS):
        rows = slice(begin, min(begin + _ROWS, n_members))
        others = counts[group[rows], every[None]]
        others -= votes[rows, :, None] == np.arange(_K)
        most = others.max(axis=2)
        single = ((others == most[..., None]).sum(axis=2) == 1) & (most > 0) & (group[rows] >= 0)
        result[rows][single] = others.argmax(axis=2)[single]
    return result


def expected_shares(fit: FittedModel, majority: NDArray[np.int8], counted: NDArray[np.bool_]) -> Floats:
    """Return the expected share of votes with the majority and its standard deviation, (n_members, 2).

    Parameters
    ----------
    fit : Fit
        The fit.
    majority : ndarray of int8, shape (n_members, n_rollcalls)
        The majority of each vote, in the rows and columns of the fit.
    counted : ndarray of bool, same shape
        The votes that are counted.
    """
    sums, variances = np.zeros(len(counted)), np.zeros(len(counted))
    ids = list(map(str, fit.rollcall_ids))
    for begin in range(0, len(ids), _COLUMNS):
        columns = slice(begin, begin + _COLUMNS)
        probability = _probabilities(fit, ids[columns])
        code = np.maximum(majority[:, columns], 0)
        chosen = np.take_along_axis(probability, code[..., None].astype(np.intp), axis=2)[..., 0]
        chosen = np.where(counted[:, columns], chosen, 0.0)
        sums += chosen.sum(axis=1)
        variances += (chosen * (1.0 - chosen)).sum(axis=1)
    n = np.where(counted.any(axis=1), counted.sum(axis=1), np.nan)
    return np.column_stack([sums / n, np.sqrt(variances) / n])


def _probabilities(fit: FittedModel, rollcalls: list[str]) -> Floats:
    """Return the probability of no, abstain and yes, shape (n_members, n_rollcalls, 3)."""
    point = fit.at_mode(rollcalls)
    positions = point.positions[0]
    line = np.einsum(
        "jid,jd->ij" if positions.ndim == 3 else "id,jd->ij", positions, point.discriminations[0]
    )
    below = fit.noise_cdf(point.cutpoints[0][None] - line[..., None])
    result = np.zeros((*line.shape, _K))
    for column, rollcall in enumerate(rollcalls):
        present = [CATEGORIES.index(name) for name in fit.categories_of(rollcall)]
        edges = [np.zeros(len(line)), *below[:, column, : len(present) - 1].T, np.ones(len(line))]
        result[:, column, present] = np.diff(np.stack(edges, axis=1), axis=1)
    return result


def _same_votes(
    rollcalls: RollCalls, fit: FittedModel, rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> bool:
    """Return True if the fitted votes are those of the record."""
    votes = rollcalls.votes[np.ix_(rows, columns)]
    return bool(np.array_equal(np.maximum(votes, np.int8(-1)), fit.votes))
