"""The change of a chamber over periods: replacement and movement, summed up to each period."""

from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from voteshift.plots.style import INK, MUTED, canvas, styled
from voteshift.quantities import ChamberChange

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["chamber_change", "chamber_change_table"]

_WIDTH: Final = 6.2  # inches
_HEIGHT: Final = 3.2
_LETTER: Final = 0.095  # inches of a letter of the title
_ROOM: Final = 0.3  # inches of a label of a period on the axis
#: Of Okabe & Ito (2008): colour, marker and line of each part.
_LOOKS: Final[dict[str, Any]] = {
    "change": {"color": INK, "marker": "o", "linestyle": "-"},
    "replacement": {"color": "#0072b2", "marker": "s", "linestyle": "--"},
    "movement": {"color": "#d55e00", "marker": "^", "linestyle": "-."},
}


def chamber_change_table(change: ChamberChange) -> pd.DataFrame:
    """Return the change and its parts, summed from the first period up to each period.

    Parameters
    ----------
    change : ChamberChange
        The result of `voteshift.quantities.explain_chamber`.

    Returns
    -------
    DataFrame
        ``period``, ``time`` (place of the period, from 0), ``part`` ("change", "replacement" or "movement")
        and ``estimate``. ``conf_low`` and ``conf_high``, the interval of the whole change, are missing before
        the last period.
    """
    table = change.tidy()
    whole, pairs = table.iloc[:3], table.iloc[3:] if len(table) > 3 else table
    rows = []
    for part, steps in pairs.groupby("part", sort=False):
        estimate = np.concatenate([[0.0], np.cumsum(steps["estimate"])])
        ends = whole[whole["part"] == part].iloc[0]
        rows.append(
            pd.DataFrame(
                {
                    "period": [steps["from"].iloc[0], *steps["to"]],
                    "time": np.arange(len(estimate)),
                    "part": part,
                    "estimate": estimate,
                    "conf_low": [np.nan] * len(steps) + [ends["conf_low"]],
                    "conf_high": [np.nan] * len(steps) + [ends["conf_high"]],
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def chamber_change(change: ChamberChange, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the change of a chamber and its two parts, summed from the first period up to each period.

    Parameters
    ----------
    change : ChamberChange
        The result of `voteshift.quantities.explain_chamber`.
    ax : Axes, optional
        Axes to draw on; by default the axes of a new figure.

    Returns
    -------
    Axes
        A line for the change, for replacement and for movement. The bars at the last period are the
        intervals of the whole change. The lines of replacement and movement add up to the line of the change.
    """
    table = chamber_change_table(change)
    periods = list(dict.fromkeys(table["period"]))
    last = len(periods) - 1
    with styled():
        ax = canvas(ax, _WIDTH, _HEIGHT)
        ax.axhline(0.0, color=MUTED, linewidth=0.6, zorder=1)
        for place, (part, rows) in enumerate(table.groupby("part", sort=False)):
            look = _LOOKS[str(part)]
            ax.plot(rows["time"], rows["estimate"], markersize=4, linewidth=1.3, label=part, zorder=3, **look)
            end, x = rows.iloc[-1], last * (1.02 + 0.03 * (place + 1))
            ax.vlines(x, end["conf_low"], end["conf_high"], color=look["color"], linewidth=1.6, zorder=2)
            ax.plot(x, end["estimate"], color=look["color"], marker=look["marker"], markersize=4, zorder=3)
        figure: Any = ax.get_figure(root=True)
        inches = ax.get_position().width * figure.get_figwidth()
        room = _ROOM + 0.07 * max(max(map(len, periods)) - 4, 0)
        step = max(1, int(np.ceil(len(periods) * room / inches)))
        ax.set_xticks(range(0, len(periods), step), periods[::step])
        ax.grid(axis="y", color="#e4e4e4", linewidth=0.5)
        ax.set_axisbelow(True)
        ax.set_ylabel(f"change since {periods[0]}")
        level = change.source.level
        title = f"{change.statistic[0].upper()}{change.statistic[1:]}"
        ax.set_title(fill(title, max(int(inches / _LETTER), 12)), pad=20)
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, borderpad=0.2, columnspacing=1.2)
        ax.set_xlabel(f"bars: {100 * level:g}% intervals in {periods[-1]}")
    return ax
