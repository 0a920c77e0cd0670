"""Quantities that a paper reports of ideal points: contrasts, ranks, medians, pivots, groups, spread.

Every function draws the positions of all members jointly and computes the quantity in every draw, so that
intervals take the dependence of positions into account. The fit is at the mode, marginal or sampled, static
or dynamic. In a dynamic fit, a quantity of a period uses the members that cast a fitted vote in this period.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.arguments import checked
from voteshift.errors import UsageError
from voteshift.quantities.numbers import (
    Interval,
    Place,
    interval,
    interval_of_ranks,
    mean_by_group,
    median_of,
    pivots,
    rank_members,
    spread_of,
    votes_needed,
)
from voteshift.quantities.position_draws import FittedPositions, PositionDraws
from voteshift.quantities.results import (
    Contrast,
    GroupDistance,
    GroupMeans,
    Median,
    Pivots,
    Ranks,
    Spread,
)
from voteshift.quantities.seats import belonging, groups_in_periods
from voteshift.ranges import MOST_DRAWS, check_count
from voteshift.rollcalls import RollCalls

__all__ = ["contrast", "group_distance", "group_means", "median", "pivot", "ranks", "spread"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@checked
def contrast(
    fit: FittedPositions,
    member: str,
    other: str,
    *,
    period: str | None = None,
    dimension: int = 1,
    n_draws: int = 1000,
    seed: int = 0,
) -> Contrast:
    """Compute the position of one member minus the position of another.

    Parameters
    ----------
    fit : Fit
        A converged fit.
    member, other : str
        Ids or names of two members.
    period : str, optional
        A period of a dynamic fit. By default every period in which both members voted.
    dimension : int
        The dimension, from 1.
    n_draws, seed : int
        Number of joint draws, and seed. A thousand draws estimate the end of a 90% interval with an error
        of 7% of its standard deviation.

    Raises
    ------
    UsageError
        If a member or period is unknown, both names denote one member, or the two members did not both vote
        in the period.
    NotUsableError
        If the fit did not converge, or its members are not on one scale.
    """
    drawn = _draw(fit, n_draws, seed)
    pair = [fit.find_member(member), fit.find_member(other)]
    if pair[0] == pair[1]:
        raise UsageError(f"{member!r} and {other!r} are the same member", remedy="name two members")
    columns = drawn.members.get_indexer(pair)
    rows = [row for row in drawn.period_rows(period) if drawn.present[row, columns].all()]
    if not rows:
        where = f"in {period}" if period is not None else "in the same period"
        absent = [one for one, column in zip(pair, columns, strict=True) if not _voted(drawn, period)[column]]
        names = " and ".join(drawn.source.labels[one] for one in absent or pair)
        raise UsageError(
            f"{names} did not {'both vote' if len(absent) != 1 else 'vote'} {where}, so there is no position "
            "to compare",
            remedy="choose a period in which both members voted",
        )
    positions = drawn.axis(dimension)[:, rows]
    difference = positions[..., columns[0]] - positions[..., columns[1]]
    table = _table(
        drawn, rows, interval(difference, drawn.source.level), first={"member": pair[0], "other": pair[1]},
        probability=(difference > 0).mean(axis=0),
    )  # fmt: skip
    return Contrast(table, drawn.source)


@checked
def ranks(
    fit: FittedPositions,
    *,
    period: str | None = None,
    members: Sequence[str] | None = None,
    dimension: int = 1,
    n_draws: int = 1000,
    seed: int = 0,
) -> Ranks:
    """Rank the members of a chamber; rank 1 is the most negative position.

    Parameters
    ----------
    fit : Fit
        A converged fit.
    period : str, optional
        A period of a dynamic fit. By default every period in which at least two members of the chamber voted.
    members : sequence of str, optional
        Ids or names of the members of the chamber, for instance those seated at one vote. By default all
        members that voted, in a dynamic fit all members that voted in the period.
    dimension, n_draws, seed : int
        As in `contrast`.

    Raises
    ------
    UsageError, NotUsableError
        As in `contrast`. Also if fewer than two members remain.
    """
    drawn = _draw(fit, n_draws, seed)
    parts = []
    for row, inside in _chambers(fit, drawn, period, members):
        order = rank_members(drawn.axis(dimension)[:, row, inside])
        size = int(inside.sum())
        part = pd.DataFrame(
            {
                "member": drawn.members.to_numpy()[inside],
                **_columns(interval_of_ranks(order, drawn.source.level)),
                "n_members": size,
                "p_first": (order == 1).mean(axis=0),
                "p_last": (order == size).mean(axis=0),
            }
        ).sort_values("estimate", kind="stable", ignore_index=True)
        parts.append(_in_period(drawn, row, part, after="member"))
    return Ranks(_together(drawn, parts), drawn.source)


@checked
def median(
    fit: FittedPositions,
    *,
    period: str | None = None,
    members: Sequence[str] | None = None,
    dimension: int = 1,
    n_draws: int = 1000,
    seed: int = 0,
) -> Median:
    """Compute the median position of a chamber, and who holds it with what probability.

    Parameters
    ----------
    fit, period, members, dimension, n_draws, seed
        As in `ranks`.

    Raises
    ------
    UsageError, NotUsableError
        As in `ranks`.
    """
    drawn = _draw(fit, n_draws, seed)
    parts, holders = [], []
    for row, inside in _chambers(fit, drawn, period, members):
        place = median_of(drawn.axis(dimension)[:, row, inside])
        part, who = _placed(drawn, row, inside, place)
        parts.append(part)
        holders.append(who)
    return Median(_together(drawn, parts), drawn.source, pd.concat(holders, ignore_index=True))


@checked
def pivot(
    fit: FittedPositions,
    majority: float,
    *,
    period: str | None = None,
    members: Sequence[str] | None = None,
    dimension: int = 1,
    n_draws: int = 1000,
    seed: int = 0,
) -> Pivots:
    """Compute the pivots of a majority, and who holds them with what probability.

    Parameters
    ----------
    fit : Fit
        A converged fit.
    majority : float or int
        A share from 0.5 to 1 (0.6, 2/3), or a whole number of votes (60). One half means more than half.
    period, members, dimension, n_draws, seed
        As in `ranks`.

    Raises
    ------
    UsageError
        As in `ranks`. Also if the majority is not more than half of the members, or more than all.
    NotUsableError
        As in `contrast`.

    References
    ----------
    Krehbiel (1998), Pivotal Politics: A Theory of U.S. Lawmaking, chapter 2.
    """
    drawn = _draw(fit, n_draws, seed)
    parts, holders = [], []
    for row, inside in _chambers(fit, drawn, period, members):
        needed = votes_needed(majority, int(inside.sum()))
        ends = pivots(drawn.axis(dimension)[:, row, inside], needed)
        for name, place in zip(("low", "high"), ends, strict=True):
            part, who = _placed(drawn, row, inside, place)
            part.insert(0, "pivot", name)
            who.insert(0, "pivot", name)
            parts.append(part.assign(n_needed=needed))
            holders.append(who)
    return Pivots(_together(drawn, parts), drawn.source, pd.concat(holders, ignore_index=True))


@checked
def group_means(
    fit: FittedPositions,
    rollcalls: RollCalls,
    *,
    by: str = "group",
    period: str | None = None,
    dimension: int = 1,
    n_draws: int = 1000,
    seed: int = 0,
) -> GroupMeans:
    """Compute the mean position of every group.

    Parameters
    ----------
    fit : Fit
        A converged fit.
    rollcalls : RollCalls
        The record to which the model was fitted. It has the groups.
    by : str
        Column of `RollCalls.members` with the group of each member. If the group of a member changes, the
        group on the day of its last vote in the period counts.
    period, dimension, n_draws, seed
        As in `contrast`.

    Raises
    ------
    UsageError, NotUsableError
        As in `contrast`. Also if there is no such column, or no member has a group.
    """
    drawn = _draw(fit, n_draws, seed)
    groups = groups_in_periods(rollcalls, by, drawn)
    parts = []
    for row in drawn.period_rows(period):
        names = sorted(set(groups[row, drawn.present[row]]) - {""})
        belongs = np.stack([belonging(groups, drawn.present, row, name) for name in names])
        means = interval(mean_by_group(drawn.axis(dimension)[:, row], belongs), drawn.source.level)
        part = pd.DataFrame({"group": names, **_columns(means), "n_members": belongs.sum(axis=1)})
        parts.append(_in_period(drawn, row, part, after="group"))
    none = drawn.members[((groups == "") & drawn.present).any(axis=0)]
    return GroupMeans(_together(drawn, parts), drawn.source, tuple(map(str, none)))


@checked
def group_distance(
    fit: FittedPositions,
    group: str,
    other: str,
    rollcalls: RollCalls,
    *,
    by: str = "group",
    period: str | None = None,
    dimension: int = 1,
    n_draws: int = 1000,
    seed: int = 0,
) -> GroupDistance:
    """Compute the mean position of one group minus the mean position of another.

    Parameters
    ----------
    fit : Fit
        A converged fit.
    group, other : str
        Two groups.
    rollcalls, by
        As in `group_means`.
    period, dimension, n_draws, seed
        As in `contrast`. By default every period in which members of both groups voted.

    Raises
    ------
    UsageError, NotUsableError
        As in `group_means`. Also if a group is unknown, or has no member that voted in the period.
    """
    drawn = _draw(fit, n_draws, seed)
    groups = groups_in_periods(rollcalls, by, drawn, needed=(group, other))
    rows, draws = [], []
    for row in drawn.period_rows(period):
        belongs = np.stack([belonging(groups, drawn.present, row, name) for name in (group, other)])
        if belongs.any(axis=1).all():
            means = mean_by_group(drawn.axis(dimension)[:, row], belongs)
            rows.append(row)
            draws.append(means[:, 0] - means[:, 1])
    if not rows:
        where = f"in {period}" if period is not None else "in the same period"
        raise UsageError(
            f"members of {group!r} and of {other!r} did not vote {where}",
            remedy="choose a period in which both groups voted",
        )
    difference = np.stack(draws, axis=1)
    table = _table(
        drawn, rows, interval(difference, drawn.source.level), first={"group": group, "other": other},
        probability=(difference > 0).mean(axis=0),
    )  # fmt: skip
    return GroupDistance(table, drawn.source)


@checked
def spread(
    fit: FittedPositions,
    *,
    period: str | None = None,
    members: Sequence[str] | None = None,
    dimension: int = 1,
    n_draws: int = 1000,
    seed: int = 0,
) -> Spread:
    """Compute the standard deviation of the positions of a chamber.

    Parameters
    ----------
    fit, period, members, dimension, n_draws, seed
        As in `ranks`. A static fit needs `members`, because its scale gives all its members together the
        standard deviation 1.

    Raises
    ------
    UsageError, NotUsableError
        As in `ranks`. Also if the fit is static and `members` is not given.

    Notes
    -----
    The sentences report what identifies the scale over periods. If no item is shared across a gap between
    two periods, the votes do not distinguish positions that move apart from roll calls that divide members
    more sharply.
    """
    drawn = _draw(fit, n_draws, seed)
    if drawn.periods is None and members is None:
        raise UsageError(
            "the standard deviation of the positions of all members is 1 in a static fit, because it defines "
            "the scale",
            remedy="pass members=, or fit a model with dynamics=",
        )
    rows, sizes, draws = [], [], []
    for row, inside in _chambers(fit, drawn, period, members):
        rows.append(row)
        sizes.append(int(inside.sum()))
        draws.append(spread_of(drawn.axis(dimension)[:, row, inside]))
    values = interval(np.stack(draws, axis=1), drawn.source.level)
    over_time = ""
    if len(rows) > 1 and drawn.periods is not None:
        over_time = fit.scale_over_time(drawn.periods[rows[0]], drawn.periods[rows[-1]])
    return Spread(_table(drawn, rows, values, n_members=np.array(sizes)), drawn.source, over_time)


def _draw(fit: FittedPositions, n_draws: int, seed: int) -> PositionDraws:
    return fit.draw_positions(check_count("n_draws", n_draws, most=MOST_DRAWS), seed)


def _voted(drawn: PositionDraws, period: str | None) -> Bools:
    """Return True for members that voted in a period, or in any period."""
    return np.asarray(drawn.present[drawn.period_rows(period)].any(axis=0))


def _chambers(
    fit: FittedPositions, drawn: PositionDraws, period: str | None, members: Sequence[str] | None
) -> list[tuple[int, Bools]]:
    """Return the row of each period with two members or more, and the members of the chamber in it."""
    chosen = np.ones(len(drawn.members), dtype=bool)
    if members is not None:
        ids = [fit.find_member(name) for name in members]
        chosen = np.asarray(drawn.members.isin(ids))
    chambers = [(row, chosen & drawn.present[row]) for row in drawn.period_rows(period)]
    chambers = [(row, inside) for row, inside in chambers if inside.sum() > 1]
    if not chambers:
        where = "" if period is None else f" in {period}"
        raise UsageError(
            f"a chamber needs two members that voted{where}, and these members are fewer",
            remedy="name more members" if period is None else "name more members, or choose another period",
        )
    return chambers


def _columns(values: Interval) -> dict[str, Floats]:
    return {name: getattr(values, name) for name in ("estimate", "std_error", "conf_low", "conf_high")}


def _table(
    drawn: PositionDraws,
    rows: list[int],
    values: Interval,
    *,
    first: dict[str, str] | None = None,
    **last: Floats,
) -> pd.DataFrame:
    """Return one row per period: labels, period, the interval, further columns, level."""
    table = pd.DataFrame({**_columns(values), **last, "level": drawn.source.level})
    if drawn.periods is not None:
        table.insert(0, "period", [drawn.periods[row] for row in rows])
    for place, (name, value) in enumerate((first or {}).items()):
        table.insert(place, name, value)
    return table


def _in_period(drawn: PositionDraws, row: int, part: pd.DataFrame, *, after: str) -> pd.DataFrame:
    """Insert the period of the rows after a column, unless the fit is static."""
    if drawn.periods is not None:
        place = list(part.columns).index(after) + 1 if after else 0
        part.insert(place, "period", drawn.periods[row])
    return part


def _together(drawn: PositionDraws, parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True).assign(level=drawn.source.level)


def _placed(drawn: PositionDraws, row: int, inside: Bools, place: Place) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the row of a place in the order of members, and the members that may hold it."""
    who = pd.DataFrame({"member": drawn.members.to_numpy()[inside], "probability": place.share})
    who = who[who["probability"] > 0].sort_values(
        "probability", ascending=False, kind="stable", ignore_index=True
    )
    first = who.iloc[0]
    part = pd.DataFrame(
        {
            **_columns(interval(place.position, drawn.source.level)),
            "member": first["member"],
            "probability": first["probability"],
            "n_members": int(inside.sum()),
        }
    )
    return _in_period(drawn, row, part, after=""), _in_period(drawn, row, who, after="member")
