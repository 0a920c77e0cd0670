"""Ideal points with their intervals, and the most likely vote at each position under each version."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from voteshift.errors import NotUsableError, UsageError, did_you_mean
from voteshift.ideal.interface import Fit
from voteshift.ideal.links import need_standard
from voteshift.ideal.objective import Link
from voteshift.plots.style import (
    COLOURS,
    HATCHES,
    INK,
    MARKERS,
    MUTED,
    VOTE_ORDER,
    canvas,
    distinct,
    styled,
)
from voteshift.plots.versions import names
from voteshift.resolution.noise import cumulative
from voteshift.shift.explanation import Explanation
from voteshift.votes import CATEGORIES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["fit_of", "positions", "positions_table", "regions_table"]

_WIDTH: Final = 4.5  # inches
_ROW: Final = 0.115
_LETTERS: Final = 6.5
_LONGEST: Final = 24
_OTHER: Final = "no vote"


def positions_table(source: Explanation | Fit, members: Iterable[str] | None = None) -> pd.DataFrame:
    """Return positions with intervals, and the last vote of each member in the family.

    Parameters
    ----------
    source : Explanation or Fit
        The explanation or the fit to draw.
    members : iterable of str, optional
        Ids of the members. By default all members that voted on a version of the explained resolution, or all
        members of the fit.

    Returns
    -------
    DataFrame
        ``member``, ``estimate``, ``std_error``, ``conf_low``, ``conf_high``: the position on the first
        dimension. The most negative position comes first. ``n_votes``: the number of votes. ``vote``: the
        last vote in the family. The vote is "" if the source is a fit, or the member never voted in the
        family.

    Raises
    ------
    NotUsableError
        If the explanation has no fit.
    UsageError
        If a member is not in the fit, or there is no member to draw.
    """
    fit = fit_of(source)
    table = fit.tidy()
    table = table[table["dimension"] == 1].drop(columns="dimension").set_index("member")
    if fit.periods is not None:  # rows are in order of time: the last row is the last period of a member
        table = table[~table.index.duplicated(keep="last")]
    last = _last_votes(source) if isinstance(source, Explanation) else {}
    chosen = list(table.index) if members is None else [str(name) for name in members]
    unknown = [name for name in chosen if name not in table.index]
    if unknown:
        raise UsageError(
            f"{unknown[0]!r} has no position in this fit",
            id=unknown[0],
            remedy=did_you_mean(unknown[0], table.index),
        )
    if members is None and last:
        chosen = [name for name in chosen if name in last]
    if not chosen:
        raise UsageError("there is no member to draw", remedy="name members of the fit")
    table = table.loc[chosen].sort_values("estimate", kind="stable").reset_index()
    table["vote"] = [last.get(name, "") for name in table["member"]]
    return table


def regions_table(why: Explanation) -> pd.DataFrame:
    """Return the regions of the scale in which no, abstain or yes is the most likely vote on each version.

    Parameters
    ----------
    why : Explanation
        The explanation to draw.

    Returns
    -------
    DataFrame
        One row per fitted version and region, from left to right.
        ``version``: roll-call id.
        ``category``: the most likely vote in the region, given the position and the items at the mode.
        ``begin``, ``end``: positions, infinite at the ends of the scale.
        A vote has no region if it is not the most likely vote at any position. An abstention has no region if
        the cutpoints are close. If the discrimination is weak, regions can end far outside the positions of
        members.

    Raises
    ------
    NotUsableError
        If no model was fitted, or it has several dimensions.
    """
    fit = fit_of(why)
    if fit.dims > 1:
        raise NotUsableError(
            "regions of votes need a fit with one dimension, but this fit has several dimensions",
            remedy="fit one dimension",
        )
    ids = [] if why.tallies is None else list(why.tallies.rollcalls)
    items = fit.items().set_index("rollcall")
    rows = []
    for version in ids:
        item = items.loc[version]
        present = list(fit.categories_of(version))
        slope = np.float64(item["discrimination"])
        cuts = [float(item[name]) for name in fit.cutpoint_names(version)]
        if len(cuts) > 1:
            present, cuts = _likeliest(present, (cuts[0], cuts[1]), need_standard(fit.link, "explanations"))
        with np.errstate(divide="ignore"):  # no slope: the ends are infinitely far
            ends = [-np.inf, *(np.array(cuts) / slope), np.inf]
        if slope < 0:
            present, ends = present[::-1], [-np.inf, *ends[-2:0:-1], np.inf]
        rows += [
            (version, name, begin, end)
            for name, begin, end in zip(present, ends, ends[1:], strict=False)
            if begin < end
        ]
    return pd.DataFrame(rows, columns=["version", "category", "begin", "end"])


def _likeliest(present: list[str], cuts: tuple[float, float], link: Link) -> tuple[list[str], list[float]]:
    """Return the votes that are most likely at some position, and the values of x b at which they change."""
    from scipy.optimize import brentq  # loading it takes longer than most commands

    half = (cuts[1] - cuts[0]) / 2

    def lead(step: float) -> float:
        """Return P(first) - P(middle) at a distance `step` above the first cutpoint."""
        below = cumulative(np.array([-step, 2 * half - step]), link)
        return float(2 * below[0] - below[1])

    if lead(half) >= 0:  # even half-way the middle vote is not the likeliest
        return [present[0], present[2]], [cuts[0] + half]
    step = float(brentq(lead, 0.0, half))  # both ends alike: the noise is symmetric
    return present, [cuts[0] + step, cuts[1] - step]


def positions(
    source: Explanation | Fit, members: Iterable[str] | None = None, *, ax: "Axes | None" = None
) -> "Axes":
    """Draw ideal points with their intervals, and for an explanation the regions of `regions_table`.

    Parameters
    ----------
    source : Explanation or Fit
        The explanation or the fit to draw.
    members : iterable of str, optional
        Ids of the members. By default all members that voted on a version of the explained resolution, or all
        members of the fit.
    ax : Axes, optional
        Axes to draw on; by default the axes of a new figure, as high as the members need.

    Returns
    -------
    Axes
        A row per member. The marker shows the last vote of the member in the family. Above the members there
        is a bar per version. Its colours show the most likely vote at each position.

    Raises
    ------
    NotUsableError
        If the explanation has no fit.
    UsageError
        If a member is not in the fit, or there is no member to draw.
    """
    table = positions_table(source, members)
    fit = fit_of(source)
    table = table.assign(label=table["member"].map(fit.member_labels))
    regions, called = None, []
    if isinstance(source, Explanation) and fit.dims == 1:
        regions = regions_table(source)
        called = names(source.rollcalls.loc[list(dict.fromkeys(regions["version"]))])
    with styled():
        ax = canvas(ax, _WIDTH, 1.1 + _ROW * len(table) + 2 * _ROW * len(called))
        _draw(ax, table, regions, called)
        when = "" if fit.periods is None else ", last period"
        ax.set_xlabel(
            f"position{when} (standard deviation 1) with {100 * fit.level:g}% interval\n{fit.direction}"
        )
    return ax


def fit_of(source: Explanation | Fit) -> Fit:
    """Return a fit, or the fit of an explanation.

    Raises
    ------
    NotUsableError
        If the explanation has no fit.
    """
    if not isinstance(source, Explanation):
        return source
    if source.fit is None:
        raise NotUsableError(f"positions need a fit, but no model was fitted: {source.why_no_model}")
    return source.fit


def _last_votes(why: Explanation) -> dict[str, str]:
    """Return the last vote of each member that voted on a version of the resolution."""
    last: dict[str, str] = {}
    for step in why.steps[: len(why.rollcalls) - 1]:
        for when in ("old", "new"):
            votes = step.account.members[when]
            last |= dict(votes[votes.isin(CATEGORIES)])
    return last


def _draw(ax: "Axes", table: pd.DataFrame, regions: pd.DataFrame | None, called: list[str]) -> None:
    top = 2.0 * len(called)
    rows = top + np.arange(len(table)) + (1.0 if called else 0.0)
    columns = table[["estimate", "conf_low", "conf_high"]].to_numpy(float)
    finite = columns[np.isfinite(columns)]  # an open interval runs to the frame
    pad = 0.04 * float(np.ptp(finite))
    limits = (float(finite.min()) - pad, float(finite.max()) + pad)
    low, high = np.clip(columns[:, 1], *limits), np.clip(columns[:, 2], *limits)
    ax.hlines(rows, low, high, color=MUTED, linewidth=0.9, zorder=2)
    for vote in (*VOTE_ORDER, ""):
        here = (table["vote"] == vote).to_numpy()
        if here.any():
            ax.plot(
                table["estimate"][here],
                rows[here],
                linestyle="none",
                marker=MARKERS.get(vote, "o"),
                markersize=4.6,
                markerfacecolor=COLOURS.get(vote, "#ffffff"),
                markeredgecolor=INK,
                markeredgewidth=0.5,
                zorder=3,
                label=vote or _OTHER,
            )
    if regions is not None:
        for index, version in enumerate(dict.fromkeys(regions["version"])):
            for row in regions[regions["version"] == version].itertuples(index=False):
                begin, end = np.clip([row.begin, row.end], *limits)
                if begin == end:  # outside the picture
                    continue
                ax.barh(
                    2.0 * index,
                    end - begin,
                    left=begin,
                    height=1.5,
                    facecolor=COLOURS[row.category],
                    hatch=HATCHES[row.category],
                    edgecolor=INK,
                    linewidth=0.6,
                )
    labels = distinct(table["label"], _LONGEST)
    ax.set_yticks([*(2.0 * index for index in range(len(called))), *rows], [*called, *labels])
    for label in ax.get_yticklabels():
        label.set_fontsize(_LETTERS)
    ax.tick_params(axis="y", length=0, pad=2)
    ax.set_xlim(*limits)
    ax.set_ylim(rows[-1] + 0.8, -1.2 if called else -0.8)
    ax.grid(axis="y", color="#e4e4e4", linewidth=0.4)
    ax.set_axisbelow(True)
    if (table["vote"] != "").any():
        _legend(ax)


def _legend(ax: "Axes") -> None:
    how: dict[str, Any] = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0), "ncols": 4}
    ax.legend(title="last vote in the family", title_fontsize=8, handletextpad=0.1, **how)
