"""The change of a chamber between two periods: members that were replaced, and members that moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.arguments import checked
from voteshift.errors import UsageError, quote
from voteshift.quantities.numbers import Split, interval, split_change, statistic_of
from voteshift.quantities.position_draws import FittedPositions, PositionDraws
from voteshift.quantities.results import Quantity, between
from voteshift.quantities.seats import belonging, groups_in_periods
from voteshift.ranges import MOST_DRAWS, check_count
from voteshift.rollcalls import RollCalls
from voteshift.writing import number, signed

__all__ = ["ChamberChange", "ChamberStatistic", "explain_chamber"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
ChamberStatistic = Literal["median", "group_mean", "group_distance", "spread"]

_EXACT: Final = 1e-9
_PARTS: Final = ("change", "replacement", "movement")
_SCALED: Final = ("spread", "group_distance")  # which change with the scale of a period
_GROUPS: Final = {"median": 0, "spread": 0, "group_mean": 1, "group_distance": 2}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ChamberChange(Quantity):
    """The change of a chamber's statistic, split into replacement and movement.

    The table has ``from``, ``to``, ``part`` ("change", "replacement" or "movement"), ``estimate``,
    ``std_error``, ``conf_low``, ``conf_high``, ``probability`` (that the part is positive), ``stayed``,
    ``left``, ``joined`` (numbers of members) and ``level``. The first three rows are the whole change. If it
    is summed over several pairs of periods, three rows for each pair follow, and the numbers of members in
    the first rows are sums over pairs.

    Attributes
    ----------
    statistic : str
        The statistic, in words.
    before, after : float
        Mean over draws of the statistic in the first and the last period.
    draws : dict of str to ndarray, shape (n_draws,)
        The whole change and its parts in every draw.
    over_time : str
        For a spread or a distance of groups, what identifies the ratio of the spreads of both periods, as a
        sentence; otherwise empty.
    """

    statistic: str
    before: float
    after: float
    draws: dict[str, Floats]
    over_time: str

    def __post_init__(self) -> None:
        """Validate that the parts add up to the change, in every draw and in the table.

        Raises
        ------
        ValueError
            If they do not. This is a programming error.
        """
        rest = self.draws["change"] - self.draws["replacement"] - self.draws["movement"]
        wide = self.table["estimate"].to_numpy().reshape(-1, len(_PARTS))
        sums = wide[:, 0] - wide[:, 1:].sum(axis=1)
        if max(np.abs(rest).max(), np.abs(sums).max()) > _EXACT:
            raise ValueError("replacement and movement do not add up to the change")

    def _answer(self) -> list[str]:
        change, replacement, movement = self.table.iloc[: len(_PARTS)].to_dict("records")
        return [
            f"From {change['from']} to {change['to']}, {self.statistic} changes from "
            f"{number(self.before, 2)} to {number(self.after, 2)}, by {signed(change['estimate'], 2)} "
            f"({self._interval()} {between(change)}).",
            f"Replacement of members contributes {signed(replacement['estimate'], 2)} "
            f"({between(replacement)}), and movement of members that stay {signed(movement['estimate'], 2)} "
            f"({between(movement)}).",
        ]

    def _identified(self) -> list[str]:
        return [*filter(None, [self.over_time]), *super(ChamberChange, self)._identified()]

    @property
    def _compares_periods(self) -> bool:
        return True

    def _title(self) -> str:
        return f"Change of {self.statistic}"


@checked
def explain_chamber(
    fit: FittedPositions,
    statistic: ChamberStatistic,
    before: str,
    after: str,
    *,
    groups: Sequence[str] = (),
    rollcalls: RollCalls | None = None,
    by: str = "group",
    every_period: bool = True,
    n_draws: int = 1000,
    seed: int = 0,
) -> ChamberChange:
    """Split the change of a chamber between two periods into replacement and movement.

    Parameters
    ----------
    fit : Fit
        A converged dynamic fit.
    statistic : {"median", "group_mean", "group_distance", "spread"}
        The statistic of the members that voted in a period. The distance is the mean of the first group
        minus the mean of the second group; the spread is the standard deviation.
    before, after : str
        Two periods of the fit, the earlier period first.
    groups : sequence of str
        One group for "group_mean", two groups for "group_distance".
    rollcalls : RollCalls, optional
        The record to which the model was fitted, for the statistics of groups.
    by : str
        Column of `RollCalls.members` with the group of each member, as in `group_means`.
    every_period : bool
        If True, the default, the parts are summed over all pairs of consecutive periods, so that the movement
        of members that later leave counts as movement. If False, only the two periods are compared, and
        all that members did who did not vote in both of them counts as replacement.
    n_draws, seed : int
        Number of joint draws, and seed.

    Returns
    -------
    ChamberChange
        The parts add up to the change in every draw.

    Raises
    ------
    UsageError
        If the fit is static, a period or group is unknown, the periods are not in order, or the statistic
        lacks its groups or its record. Also if a group has no member that voted in one of the periods.
    NotUsableError
        If the fit did not converge, or its members are not on one scale.

    Notes
    -----
    Replacement is the effect of members that leave, members that join, and members that change their group.
    Movement is the effect of new positions of members that stay. A part is the Shapley value of its factor:
    the mean of its effect before and after the other factor has changed (Shapley 1953,
    https://doi.org/10.1515/9781400881970-018). No position is extrapolated: members that leave keep their
    last position, and members that join have only their first position. A member that does not vote in a
    period has left, and joins if it votes again. Theriault (2006, Legislative Studies Quarterly 31: 483-503)
    divides the polarization of the United States Congress into the same two parts.
    """
    check_count("n_draws", n_draws, most=MOST_DRAWS)
    if statistic not in get_args(ChamberStatistic):
        raise UsageError(
            f"unknown statistic {quote(statistic)}",
            remedy=f"choose from {', '.join(get_args(ChamberStatistic))}",
        )
    _check_groups(statistic, groups, rollcalls)
    drawn = fit.draw_positions(n_draws, seed)
    rows = _period_range(drawn, before, after, every_period)
    inside = _members_of(drawn, rows, groups, rollcalls, by)
    positions = drawn.axis(1)
    pairs = list(pairwise(rows))
    splits = [
        split_change(
            statistic,
            (positions[:, one], positions[:, other]),
            (drawn.present[one], drawn.present[other]),
            (inside[one], inside[other]),
        )
        for one, other in pairs
    ]
    whole = Split(*(np.sum([getattr(split, part) for split in splits], axis=0) for part in _PARTS))
    ends = [statistic_of(statistic, positions[:, row], inside[row]) for row in (rows[0], rows[-1])]
    if np.abs(whole.change - (ends[1] - ends[0])).max() > _EXACT:
        raise ValueError("the changes of the pairs of periods do not add up to the whole change")
    counts = [_counts(inside, pair) for pair in pairs]
    sums = {name: sum(count[name] for count in counts) for name in counts[0]}
    table = [_rows_of(drawn, (rows[0], rows[-1]), whole, sums)]
    if len(pairs) > 1:
        table += [_rows_of(drawn, *each) for each in zip(pairs, splits, counts, strict=True)]
    return ChamberChange(
        pd.concat(table, ignore_index=True),
        drawn.source,
        _in_words(statistic, groups),
        float(ends[0].mean()),
        float(ends[1].mean()),
        {part: getattr(whole, part) for part in _PARTS},
        fit.scale_over_time(before, after) if statistic in _SCALED else "",
    )


def _check_groups(statistic: str, groups: Sequence[str], rollcalls: RollCalls | None) -> None:
    """Validate the number of groups, and that a record with groups is there if it is needed."""
    needed = _GROUPS[statistic]
    if len(groups) != needed:
        wanted = ("leave out groups=", 'pass groups=("A",)', 'pass groups=("A", "B")')[needed]
        raise UsageError(f"statistic {statistic!r} takes {needed} groups, not {len(groups)}", remedy=wanted)
    if needed and rollcalls is None:
        raise UsageError(
            f"statistic {statistic!r} needs the groups of members",
            remedy="pass rollcalls=, the record to which the model was fitted",
        )


def _period_range(drawn: PositionDraws, before: str, after: str, every_period: bool) -> list[int]:
    """Return the rows of the periods that are compared, in order."""
    if drawn.periods is None:
        raise UsageError(
            "the positions of this fit are constant, so a chamber has no change between periods",
            remedy="fit a model with dynamics=",
        )
    (first,), (last,) = drawn.period_rows(before), drawn.period_rows(after)
    if first >= last:
        raise UsageError(
            f"the period {after!r} is not after {before!r}", remedy="give two periods, the earlier one first"
        )
    return list(range(first, last + 1)) if every_period else [first, last]


def _members_of(
    drawn: PositionDraws, rows: list[int], groups: Sequence[str], rollcalls: RollCalls | None, by: str
) -> dict[int, Bools]:
    """Return the members of the chamber, or of each group, by period: shape (1 or n_groups, n_members)."""
    if rollcalls is None or not groups:
        return {row: drawn.present[row][None] for row in rows}
    labels = groups_in_periods(rollcalls, by, drawn, needed=groups)
    inside = {row: np.stack([belonging(labels, drawn.present, row, name) for name in groups]) for row in rows}
    for row, belongs in inside.items():
        for name, is_member in zip(groups, belongs, strict=True):
            if not is_member.any():
                raise UsageError(
                    f"no member of {name!r} voted{drawn.in_words(row)}",
                    remedy="choose periods in which all groups voted, or every_period=False",
                )
    return inside


def _counts(inside: dict[int, Bools], pair: tuple[int, int]) -> dict[str, int]:
    """Count the members that stayed in the chamber and their group, left, and joined."""
    old, new = inside[pair[0]], inside[pair[1]]
    return {
        "stayed": int((old & new).sum()),
        "left": int((old & ~new).sum()),
        "joined": int((new & ~old).sum()),
    }


def _rows_of(
    drawn: PositionDraws, pair: tuple[int, int], split: Split, counts: dict[str, int]
) -> pd.DataFrame:
    """Return the three rows of a change."""
    draws = np.stack([getattr(split, part) for part in _PARTS], axis=1)
    values = interval(draws, drawn.source.level)
    return pd.DataFrame(
        {
            "from": drawn.period_label(pair[0]),
            "to": drawn.period_label(pair[1]),
            "part": _PARTS,
            **{name: getattr(values, name) for name in ("estimate", "std_error", "conf_low", "conf_high")},
            "probability": (draws > 0).mean(axis=0),
            **counts,
            "level": drawn.source.level,
        }
    )


def _in_words(statistic: str, groups: Sequence[str]) -> str:
    if statistic == "group_mean":
        return f"the mean position of {groups[0]}"
    if statistic == "group_distance":
        return f"the mean position of {groups[0]} minus that of {groups[1]}"
    return "the median position" if statistic == "median" else "the standard deviation of positions"
