"""Dynamic positions: chosen members over time with their intervals, all other members in grey."""

from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from voteshift.errors import NotUsableError, UsageError, did_you_mean
from voteshift.ideal.interface import Fit
from voteshift.plots.positions import fit_of
from voteshift.plots.style import INK, MUTED, canvas, distinct, styled, text_inches
from voteshift.shift.explanation import Explanation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["trajectories", "trajectories_table"]

_WIDTH: Final = 6.2  # inches
_HEIGHT: Final = 4.2
_LETTERS: Final = 7.5
_LONGEST: Final = 20
_CHOSEN: Final = 5  # number of members drawn by default
_TICKS: Final = 12
#: Of Okabe & Ito (2008), the colours that differ clearly on white, each with a separate marker.
_LINES: Final = (
    ("#0072b2", "o"),
    ("#d55e00", "s"),
    ("#009e73", "^"),
    ("#cc79a7", "D"),
    ("#1a1a1a", "v"),
    ("#e69f00", "P"),
    ("#56b4e9", "X"),
)


def trajectories_table(source: Explanation | Fit, members: Iterable[str] | None = None) -> pd.DataFrame:
    """Return positions of members, period by period.

    Parameters
    ----------
    source : Explanation or Fit
        A fit with dynamic positions, or an explanation whose fit has dynamic positions.
    members : iterable of str, optional
        Ids of the members. By default the five members that moved furthest between the first and the last
        period in which they cast five votes or more.

    Returns
    -------
    DataFrame
        ``member``, ``period``. ``time``: the place of the period among the periods of the fit, from 0.
        ``estimate``, ``std_error``, ``conf_low``, ``conf_high``: the position. ``n_votes``: the number of
        votes in the period. ``extrapolated``: True if the member cast fewer than five votes in the period.
        Members are in the order of `members`, by default the member that moved furthest first. A period in
        which a member cast no vote has no row.

    Raises
    ------
    NotUsableError
        If there is no fit, or its positions are constant.
    UsageError
        If a member is not in the fit, or is named twice.
    """
    fit, periods = _moving(source)
    table = fit.tidy().drop(columns="dimension")
    table.insert(2, "time", table["period"].map({name: index for index, name in enumerate(periods)}))
    chosen = _furthest(table) if members is None else [str(name) for name in members]
    if not chosen:
        raise UsageError("there is no member to draw", remedy="name members of the fit")
    members_of_fit = set(table["member"])
    for name in chosen:
        if name not in members_of_fit:
            remedy = did_you_mean(name, dict.fromkeys(table["member"]))
            raise UsageError(f"{name!r} has no position in this fit", id=name, remedy=remedy)
    if len(set(chosen)) < len(chosen):
        raise UsageError("a member is named twice", remedy="name each member once")
    place = {name: index for index, name in enumerate(chosen)}
    table = table[table["member"].isin(place)]
    return table.sort_values(
        ["member", "time"], key=lambda column: column.map(place) if column.name == "member" else column
    ).reset_index(drop=True)


def trajectories(
    source: Explanation | Fit, members: Iterable[str] | None = None, *, ax: "Axes | None" = None
) -> "Axes":
    """Draw the positions of members over time with intervals, and all other members in grey.

    Parameters
    ----------
    source : Explanation or Fit
        A fit with dynamic positions, or an explanation whose fit has dynamic positions.
    members : iterable of str, optional
        Ids of at most seven members. The default is the default of `trajectories_table`.
    ax : Axes, optional
        Axes to draw on; by default the axes of a new figure.

    Returns
    -------
    Axes
        A line and a band per member. In periods with fewer than five votes of the member, its position is
        extrapolated: the marker is hollow and the line is dashed. The line is dotted over periods in which
        the member cast no vote.

    Raises
    ------
    NotUsableError
        If there is no fit, or its positions are constant.
    UsageError
        If a member is not in the fit or is named twice, or more than seven members are named.
    """
    table = trajectories_table(source, members)
    fit, periods = _moving(source)
    chosen = list(dict.fromkeys(table["member"]))
    if len(chosen) > len(_LINES):
        raise UsageError(
            f"{len(chosen)} members are too many for distinct lines",
            remedy=f"name at most {len(_LINES)} members",
        )
    everyone = trajectories_table(source, dict.fromkeys(fit.tidy()["member"]))
    rest = everyone[~everyone["member"].isin(chosen)]
    with styled():
        ax = canvas(ax, _WIDTH, _HEIGHT)
        _draw(ax, table, rest, periods, fit.member_labels)
        ax.set_ylabel(f"position (standard deviation 1) with {100 * fit.level:g}% interval\n{fit.direction}")
        _legend(ax, table)
    return ax


def _moving(source: Explanation | Fit) -> tuple[Fit, tuple[str, ...]]:
    """Return a fit with dynamic positions, and its periods."""
    fit = fit_of(source)
    if fit.periods is None:
        raise NotUsableError(
            "the positions of this fit are constant, so there are no trajectories to draw",
            remedy='fit a model with periods, or explain with bridge="families"',
        )
    return fit, fit.periods


def _furthest(table: pd.DataFrame) -> list[str]:
    """Return the members that moved furthest between periods in which they cast five votes or more."""
    seen = table[~table["extrapolated"]].groupby("member", sort=False)["estimate"]
    moved = (seen.last() - seen.first()).abs()[seen.size() > 1]
    if moved.empty:
        raise NotUsableError(
            "no member cast five or more votes in each of two periods", remedy="name members to draw"
        )
    return [str(name) for name in moved.sort_values(ascending=False, kind="stable").index[:_CHOSEN]]


def _runs(part: pd.DataFrame) -> list[pd.DataFrame]:
    """Split the periods of a member at missing periods."""
    run = (part["time"].diff() != 1).cumsum()
    return [stretch for _, stretch in part.groupby(run)]


def _draw(
    ax: "Axes",
    table: pd.DataFrame,
    rest: pd.DataFrame,
    periods: tuple[str, ...],
    labels: dict[str, str],
) -> None:
    for _, part in rest.groupby("member", sort=False):
        for run in _runs(part):
            ax.plot(run["time"], run["estimate"], color="#cfcfcf", linewidth=0.6, zorder=1)
    ends: dict[str, tuple[float, float]] = {}
    for (member, part), (colour, marker) in zip(table.groupby("member", sort=False), _LINES, strict=False):
        runs = _runs(part)
        for run in runs:
            _line(ax, run, colour)
        for one, other in pairwise(runs):
            ends_of = [part.iloc[index] for part, index in ((one, -1), (other, 0))]
            away = ([end[name] for end in ends_of] for name in ("time", "estimate"))
            ax.plot(*away, color=colour, linewidth=0.7, linestyle=":", zorder=3)
        how: dict[str, Any] = {"linestyle": "none", "marker": marker, "markeredgecolor": colour, "zorder": 4}
        for hollow, some in part.groupby("extrapolated"):
            face = "#ffffff" if hollow else colour
            ax.plot(some["time"], some["estimate"], markerfacecolor=face, markersize=4.6, **how)
        last = part.iloc[-1]
        ends[labels[str(member)]] = (float(last["time"]), float(last["estimate"]))
    _names(ax, ends, periods)
    step = -(-len(periods) // _TICKS)
    ax.set_xticks(range(0, len(periods), step), periods[::step])
    if max(map(len, periods)) > 5:  # longer than a year
        for label in ax.get_xticklabels():
            label.set_rotation(45)
            label.set_horizontalalignment("right")
    ax.grid(axis="y", color="#e4e4e4", linewidth=0.5)
    ax.set_axisbelow(True)


def _line(ax: "Axes", run: pd.DataFrame, colour: str) -> None:
    """Draw the band and the line of consecutive periods, dashed next to an extrapolated period."""
    # If the interval has no outer end, the band ends at the line.
    low = run["conf_low"].where(np.isfinite(run["conf_low"]), run["estimate"])
    high = run["conf_high"].where(np.isfinite(run["conf_high"]), run["estimate"])
    ax.fill_between(run["time"], low, high, color=colour, alpha=0.13, linewidth=0, zorder=2)
    if len(run) == 1:
        ax.vlines(run["time"], low, high, color=colour, linewidth=1.0, zorder=2)
    for one, other in pairwise(run.itertuples(index=False)):
        dashed = one.extrapolated or other.extrapolated
        ax.plot(
            [one.time, other.time],
            [one.estimate, other.estimate],
            color=colour,
            linewidth=1.4,
            linestyle=(0, (2, 1.5)) if dashed else "-",
            zorder=3,
        )


def _names(ax: "Axes", ends: dict[str, tuple[float, float]], periods: tuple[str, ...]) -> None:
    """Write the names of members on the right, at a distance from each other if lines end close together."""
    low, high = ax.get_ylim()
    inches = ax.get_position().height * ax.get_figure(root=True).get_figheight()  # type: ignore[union-attr]
    gap = 1.5 * _LETTERS / 72 / max(inches, 1.0) * (high - low)
    order = sorted(ends, key=lambda name: ends[name][1])
    labels = dict(zip(order, distinct(order, _LONGEST), strict=True))
    heights = _spread([ends[name][1] for name in order], gap, low, high)
    right = len(periods) - 1
    label_x = right + 0.05 * max(right, 1)
    width = max(text_inches(label, _LETTERS) for label in labels.values())
    colours = dict(zip(ends, _LINES, strict=False))
    for name, height in zip(order, heights, strict=True):
        x, y = ends[name]
        ax.plot([x, label_x], [y, height], color=colours[name][0], linewidth=0.5, linestyle=":", zorder=2)
        ax.text(label_x, height, f" {labels[name]}", va="center", fontsize=_LETTERS, color=INK)
    span = right + 0.1
    drawn = max(_WIDTH - 1.3 - width, 1.0)
    ax.set_xlim(-0.05 * span - 0.1, label_x + (label_x + 0.1) * (width + 0.1) / drawn)
    ax.set_ylim(min(low, heights[0] - gap), max(high, heights[-1] + gap))


def _spread(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Return places in ascending order, at least `gap` apart and near the places in `wanted`."""
    placed = list(wanted)
    for index in range(1, len(placed)):
        placed[index] = max(placed[index], placed[index - 1] + gap)
    over = placed[-1] - high
    if over > 0:
        placed[-1] -= over
        for index in range(len(placed) - 2, -1, -1):
            placed[index] = min(placed[index], placed[index + 1] - gap)
    return placed if placed[0] >= low else list(np.array(placed) + low - placed[0])


def _legend(ax: "Axes", table: pd.DataFrame) -> None:
    from matplotlib.lines import Line2D

    keys = [Line2D([], [], color="#cfcfcf", linewidth=1.0, label="everyone else")]
    if table["extrapolated"].any():
        how: dict[str, Any] = {"color": MUTED, "marker": "o", "markersize": 4.6, "linewidth": 1.2}
        keys = [
            Line2D([], [], label="five votes or more", **how),
            Line2D(
                [], [], label="fewer: extrapolated", markerfacecolor="#ffffff", linestyle=(0, (2, 1.5)), **how
            ),
            *keys,
        ]
    ax.legend(handles=keys, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(keys))
