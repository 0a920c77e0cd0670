"""A map of two dimensions: positions with their regions, and the cutting lines of chosen roll calls."""

from collections.abc import Iterable
from itertools import product
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import UsageError, did_you_mean
from voteshift.ideal.interface import Fit
from voteshift.labels import group_name
from voteshift.plots.style import INK, MUTED, canvas, inches_wide, shorten, styled, text_inches
from voteshift.plots.versions import names
from voteshift.quantities.position_draws import FittedPositions
from voteshift.quantities.seats import groups_in_periods
from voteshift.rollcalls import RollCalls

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["cutting_lines_table", "spatial_map", "spatial_map_table"]

Floats = NDArray[np.float64]
_SIZE: Final = (5.6, 5.2)  # inches
_MOST_REGIONS: Final = 60  # members up to which every region is drawn
_MOST_NAMES: Final = 14
_LETTERS: Final = 6.5
_LONGEST: Final = 26
#: Of Okabe & Ito (2008), without yellow, which is too light on white; then grey.
_COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", INK)
_MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X")
_LINES: Final = ("-", "--", "-.", ":")
#: Places of a name around its marker: distances in points, and directions.
_NEAR: Final = (6.0, 12.0, 20.0, 30.0, 45.0, 60.0)
_LEADER: Final = {"arrowstyle": "-", "color": MUTED, "linewidth": 0.5, "shrinkA": 0.0, "shrinkB": 2.0}
_KEY: Final = 0.42  # inches of a key of the legend and the space around it
_ON_LINE: Final = 400  # points of a line that names keep off
_ON_ARROW: Final = 20
_SIDES: Final[dict[int, Any]] = {1: "left", 0: "center", -1: "right"}
_HEIGHTS: Final[dict[int, Any]] = {1: "bottom", 0: "center", -1: "top"}
_AROUND: Final = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))


def spatial_map_table(
    fit: FittedPositions,
    rollcalls: RollCalls,
    *,
    by: str = "group",
    n_draws: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Return the positions on the first two dimensions, and the ellipses of their joint uncertainty.

    Parameters
    ----------
    fit : Fit
        A fit of two or more dimensions.
    rollcalls : RollCalls
        The record to which the model was fitted. It has the groups.
    by : str
        Column of `RollCalls.members` with the group of each member.
    n_draws, seed : int
        Number of joint draws of the positions, and seed.

    Returns
    -------
    DataFrame
        One row per member: ``member``, ``label``, ``group``, ``first`` and ``second`` (means of the draws),
        ``major`` and ``minor`` (half axes of the ellipse that contains the position with the probability
        `fit.level`, if the two coordinates have a normal distribution), and ``angle`` (of the major axis, in
        degrees from the first dimension).

    Raises
    ------
    UsageError
        If the fit has one dimension.
    """
    drawn = fit.draw_positions(n_draws, seed)
    if drawn.positions.shape[-1] < 2:
        raise UsageError("a map needs two dimensions, but the fit has one", remedy="fit dims=2")
    both = drawn.positions[:, 0, :, :2]  # fits that change over periods have one dimension
    centre = both.mean(axis=0)
    apart = both - centre
    spread, axes = np.linalg.eigh(np.einsum("rid,rie->ide", apart, apart) / (len(both) - 1))
    # The square of the distance has a chi-square distribution with 2 degrees of freedom.
    half = np.sqrt(np.maximum(spread, 0.0) * -2.0 * np.log1p(-drawn.source.level))
    return pd.DataFrame(
        {
            "member": drawn.members,
            "label": [drawn.source.labels[name] for name in drawn.members],
            "group": groups_in_periods(rollcalls, by, drawn)[0],
            "first": centre[:, 0],
            "second": centre[:, 1],
            "major": half[:, 1],
            "minor": half[:, 0],
            "angle": np.degrees(np.arctan2(axes[:, 1, 1], axes[:, 0, 1])),
        }
    )


def cutting_lines_table(fit: Fit, rollcalls: Iterable[str]) -> pd.DataFrame:
    """Return the cutting lines of roll calls, at the estimates of their items.

    Parameters
    ----------
    fit : Fit
        A fit of two or more dimensions.
    rollcalls : iterable of str
        Ids of fitted roll calls.

    Returns
    -------
    DataFrame
        One row per roll call and cutpoint: ``rollcall``, ``cutpoint`` ("no|abstain"), ``first`` and
        ``second`` (discriminations), and ``cut``. On the line ``first`` x + ``second`` y = ``cut``, the
        probability of a vote above the cutpoint is one half. The vector (``first``, ``second``) is
        perpendicular to the line, and points to yes.

    Raises
    ------
    UsageError
        If a roll call was not fitted.
    """
    items = fit.items()
    rows: list[dict[str, Any]] = []
    for rollcall in map(str, rollcalls):
        item = items[items["rollcall"] == rollcall].set_index("dimension")
        if item.empty:
            raise UsageError(
                f"{rollcall!r} is not a fitted roll call",
                id=rollcall,
                remedy=did_you_mean(rollcall, fit.rollcall_ids),
            )
        first, second = (float(item.loc[dimension, "discrimination"]) for dimension in (1, 2))
        rows += [
            {
                "rollcall": rollcall,
                "cutpoint": name,
                "first": first,
                "second": second,
                "cut": float(item[name].iloc[0]),
            }
            for name in fit.cutpoint_names(rollcall)
        ]
    return pd.DataFrame(rows, columns=["rollcall", "cutpoint", "first", "second", "cut"])


class _Mapped(Fit, FittedPositions, Protocol):
    """A fit with joint draws of its positions."""


def spatial_map(
    fit: _Mapped,
    rollcalls: RollCalls,
    lines: Iterable[str] = (),
    *,
    named: Iterable[str] | None = None,
    by: str = "group",
    seed: int = 0,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw positions in two dimensions with the ellipses of their uncertainty, and cutting lines.

    Parameters
    ----------
    fit : Fit
        A fit of two or more dimensions; the map shows the first two.
    rollcalls : RollCalls
        The record to which the model was fitted.
    lines : iterable of str
        Ids of roll calls whose cutting lines are drawn. An arrow points to the side of yes.
    named : iterable of str, optional
        Ids of members whose names are written. By default the outermost members, as far as their names have
        room.
    by, seed
        As in `spatial_map_table`.
    ax : Axes, optional
        Axes to draw on; by default the axes of a new figure.

    Returns
    -------
    Axes
        Colours and markers show the groups; after the seven largest, groups are grey. With more than 60
        members, only the ellipses of named members are drawn.

    Raises
    ------
    UsageError
        As `spatial_map_table` and `cutting_lines_table`, and if a member in `named` is not in the fit or
        there is no room for its name.
    """
    table = spatial_map_table(fit, rollcalls, by=by, seed=seed)
    cuts = cutting_lines_table(fit, lines)
    wanted = None if named is None else [fit.find_member(name) for name in named]
    with styled():
        ax = canvas(ax, *_SIZE)
        ax.set_xlabel(
            f"first dimension (standard deviation 1)\nellipses: {100 * fit.level:g}% regions of positions"
        )
        ax.set_ylabel("second dimension")
        _legend(ax, table, cuts, rollcalls)
        figure = ax.get_figure(root=True)
        if figure is None:
            raise ValueError("axes without a figure have no room for names")
        figure.draw_without_rendering()  # the room that labels and legend leave
        _draw_members(ax, table)
        lines_drawn = _draw_lines(ax, cuts)
        written = _write_names(ax, table, wanted, lines_drawn, figure.dpi)
        drawn = table if len(table) <= _MOST_REGIONS else table[table["member"].isin(written)]
        _draw_regions(ax, drawn, table)
    return ax


def _looks(table: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Return the colour and the marker of every group, the largest first."""
    sizes = table["group"].value_counts()
    order = sorted(sizes.index, key=lambda name: (name == "", -sizes[name], name))
    looks = [*zip(_COLOURS, _MARKERS, strict=True)]
    return {name: looks[k] if name and k < len(looks) else (MUTED, ".") for k, name in enumerate(order)}


def _draw_members(ax: "Axes", table: pd.DataFrame) -> None:
    for name, (colour, marker) in _looks(table).items():
        here = table[table["group"] == name]
        ax.plot(
            here["first"],
            here["second"],
            linestyle="none",
            marker=marker,
            markersize=4.4,
            markerfacecolor=colour,
            markeredgecolor="#ffffff",
            markeredgewidth=0.4,
            zorder=4,
        )
    middle, half = _frame(ax, table)
    ax.set_xlim(middle[0] - half[0], middle[0] + half[0])
    ax.set_ylim(middle[1] - half[1], middle[1] + half[1])
    ax.set_aspect("equal")
    ax.grid(color="#ececec", linewidth=0.5)
    ax.set_axisbelow(True)


def _frame(ax: "Axes", table: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return middle and half widths of a map of all members, in the shape of the axes: scales agree."""
    points = table[["first", "second"]].to_numpy(float)
    room = 1.12 * np.ptp(points, axis=0) + 2.0 * float(table["major"].median())
    extent = ax.get_window_extent()
    across = max(room[0] / extent.width, room[1] / extent.height)
    half = 0.5 * across * np.array([extent.width, extent.height])
    return 0.5 * (points.min(axis=0) + points.max(axis=0)), half


def _draw_regions(ax: "Axes", drawn: pd.DataFrame, table: pd.DataFrame) -> None:
    from matplotlib.patches import Ellipse

    looks = _looks(table)
    for row in drawn.itertuples(index=False):
        colour = looks[row.group][0]
        ax.add_artist(
            Ellipse(
                (row.first, row.second),
                2.0 * row.major,
                2.0 * row.minor,
                angle=row.angle,
                facecolor=colour,
                alpha=0.12,
                linewidth=0.0,
                zorder=2,
                clip_on=True,
            )
        )


def _draw_lines(ax: "Axes", cuts: pd.DataFrame) -> Floats:
    """Draw cutting lines with arrows to the side of yes; return points on the lines, shape (n_points, 2)."""
    box = np.array([ax.get_xlim(), ax.get_ylim()])
    ids, points = list(dict.fromkeys(cuts["rollcall"])), [np.empty((0, 2))]
    for row in cuts.itertuples(index=False):
        ends = _within(np.array([row.first, row.second]), row.cut, box)
        if ends is None:  # the line is outside the map
            continue
        look = _line(ids.index(row.rollcall))
        ax.plot(*ends.T, zorder=3, **look)
        points.append(np.linspace(ends[0], ends[1], _ON_LINE))
        direction = np.array([row.first, row.second]) / np.hypot(row.first, row.second)
        foot = ends[0] + (0.3 + 0.12 * (len(points) % 4)) * (ends[1] - ends[0])
        tip = foot + 0.06 * np.ptp(box[0]) * direction
        points.append(np.linspace(foot, tip, _ON_ARROW))
        ax.annotate(
            "",
            tip,
            foot,
            arrowprops={"arrowstyle": "->", "color": INK, "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0},
            zorder=3,
        )
    return np.concatenate(points)


def _line(place: int) -> dict[str, Any]:
    return {"color": INK, "linewidth": 0.9, "linestyle": _LINES[place % len(_LINES)]}


def _within(slope: Floats, cut: float, box: Floats) -> Floats | None:
    """Return the ends of the line slope . x = cut in a box, shape (2, 2), or None if it passes the box by."""
    length = float(np.hypot(*slope))
    if length == 0.0:
        return None
    foot, along = slope * cut / length**2, np.array([-slope[1], slope[0]]) / length
    low, high = -np.inf, np.inf
    for axis in range(2):
        if abs(along[axis]) < 1e-12:
            if not box[axis, 0] <= foot[axis] <= box[axis, 1]:
                return None
            continue
        reach = sorted((box[axis] - foot[axis]) / along[axis])
        low, high = max(low, reach[0]), min(high, reach[1])
    return np.array([foot + low * along, foot + high * along]) if low < high else None


def _legend(ax: "Axes", table: pd.DataFrame, cuts: pd.DataFrame, rollcalls: RollCalls) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], linestyle="none", marker=marker, color=colour, markersize=4.4, label=_group(name))
        for name, (colour, marker) in _looks(table).items()
    ]
    ids = list(dict.fromkeys(cuts["rollcall"]))
    called = names(rollcalls.rollcalls.loc[ids]) if ids else []
    handles += [Line2D([], [], label=name, **_line(place)) for place, name in enumerate(called)]
    widest = _KEY + max(text_inches(str(handle.get_label()), _LETTERS) for handle in handles)
    ax.legend(
        handles=handles,
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=max(1, min(len(handles), int(inches_wide(ax) / widest))),
        fontsize=_LETTERS,
        handletextpad=0.3,
        columnspacing=1.0,
    )


def _group(name: str) -> str:
    return shorten(group_name(name) or "no group", _LONGEST)


def _write_names(
    ax: "Axes", table: pd.DataFrame, wanted: list[str] | None, lines: Floats, dpi: float
) -> list[str]:
    """Write names where they cover no marker, line or other name; return the members that are named."""
    places = table[["first", "second"]].to_numpy(float)
    points, marker = ax.transData.transform(places), 2.6 * dpi / 72
    on_lines = ax.transData.transform(lines)
    taken = np.vstack([np.hstack([points - marker, points + marker]), np.hstack([on_lines, on_lines])])
    frame = ax.get_window_extent()
    if wanted is None:
        order = np.argsort(-np.hypot(*(places - places.mean(axis=0)).T), kind="stable")
    else:
        order = np.array([int((table["member"] == name).to_numpy().argmax()) for name in wanted], dtype=int)
    named: list[str] = []
    for row in order:
        if wanted is None and len(named) == _MOST_NAMES:
            break
        for distance, (right, up) in product(_NEAR, _AROUND):
            text = ax.annotate(
                shorten(table["label"].iloc[row], _LONGEST),
                places[row],
                textcoords="offset points",
                xytext=(distance * right, distance * up),
                ha=_SIDES[right],
                va=_HEIGHTS[up],
                fontsize=_LETTERS,
                zorder=5,
            )
            box = text.get_window_extent().padded(1.0)
            inside = frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
            beside = (taken[:, 0] > box.x1) | (taken[:, 2] < box.x0)
            if inside and (beside | (taken[:, 1] > box.y1) | (taken[:, 3] < box.y0)).all():
                taken = np.vstack([taken, box.extents])
                named.append(str(table["member"].iloc[row]))
                if distance > _NEAR[1]:
                    tip = (distance * right, distance * up)
                    ax.annotate("", places[row], tip, textcoords="offset points", arrowprops=_LEADER)
                break
            text.remove()
        else:
            if wanted is not None:
                raise UsageError(
                    f"there is no room for the name of {table['label'].iloc[row]}",
                    remedy="name fewer members, or draw on larger axes",
                )
    return named
