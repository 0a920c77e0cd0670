"""Draw the pictures of the README and the documentation.

    python tools/pictures.py [FOLDER]

They go to ``docs/img``, or to FOLDER. The same versions give the same bytes.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

import voteshift as vs
from voteshift.plots.style import COLOURS, INK, MARKERS, MUTED, off_screen, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["bloc_steps", "main", "two_stories", "votes_at"]

FOLDER = Path(__file__).parents[1] / "docs" / "img"
#: Nine members, the cutpoints of a resolution and of another one, and how far either story moves.
MEMBERS = np.array([-2.0, -1.45, -0.95, -0.55, -0.1, 0.35, 0.85, 1.4, 1.9])
RESOLUTION, OTHER, SHIFT = (-1.2, -0.3), (0.1, 0.65), -0.9
#: Prior standard deviations of the step of a group in a year, and years between two versions.
GROUP_SDS, YEARS = (0.25, 0.5, 1.0), (1, 2, 3)


def votes_at(positions: NDArray[np.float64], cuts: tuple[float, float]) -> list[str]:
    """Return how members vote without noise: no, abstain, yes as the cutpoints part them."""
    return [("no", "abstain", "yes")[sum(x > cut for cut in cuts)] for x in positions]


def two_stories() -> "Figure":
    """Draw one change of votes with two explanations, and the other resolution that separates them."""
    from matplotlib.figure import Figure

    moved = MEMBERS + SHIFT
    changed = (RESOLUTION[0] - SHIFT, RESOLUTION[1] - SHIFT)
    rows = [
        ("before", (MEMBERS, RESOLUTION), (MEMBERS, RESOLUTION)),
        ("after", (moved, RESOLUTION), (MEMBERS, changed)),
        ("another resolution, before", (MEMBERS, OTHER), (MEMBERS, OTHER)),
        ("another resolution, after", (moved, OTHER), (MEMBERS, OTHER)),
    ]
    with styled():
        figure = Figure(figsize=(7.6, 5.0), layout="constrained")
        panels = figure.subplots(4, 2, sharex=True, sharey=True)
        for (title, *stories), pair in zip(rows, panels, strict=True):
            for (positions, cuts), ax in zip(stories, pair, strict=True):
                _line(ax, positions, cuts)
                ax.set_title(title, fontsize=8, fontweight="normal", color=MUTED)
        for ax, story in zip(panels[0], ("Members moved", "The resolution changed"), strict=True):
            ax.set_title(f"{story}\n", fontsize=10, color=INK)
            ax.text(0, 1.06, "before", transform=ax.transAxes, fontsize=8, color=MUTED)
            for x, vote in ((-3.3, "no"), (RESOLUTION[0] + 0.06, "abstain"), (RESOLUTION[1] + 0.06, "yes")):
                ax.text(x, 0.62, vote, fontsize=8)
        for ax in (panels[1, 0], panels[3, 0]):
            _arrow(ax, 0.35, 0.35 + SHIFT)
        _arrow(panels[1, 1], RESOLUTION[0], changed[0])
        _arrow(panels[1, 1], RESOLUTION[1], changed[1])
    return figure


def bloc_steps() -> "Figure":
    """Draw the prior of the movement of a group over one to three years, for three values of delta_group."""
    from matplotlib.figure import Figure

    with styled():
        figure = Figure(figsize=(7.6, 2.6), layout="constrained")
        panels = figure.subplots(1, len(GROUP_SDS), sharex=True, sharey=True)
        for group_sd, ax in zip(GROUP_SDS, panels, strict=True):
            for years in YEARS:
                for level, width in ((0.95, 1.6), (0.5, 5.0)):
                    reach = group_sd * np.sqrt(years) * ndtri(0.5 + level / 2)
                    ax.plot([-reach, reach], [years, years], color=INK, lw=width, solid_capstyle="butt")
                beyond = 2 * ndtr(-1.0 / (group_sd * np.sqrt(years)))
                ax.text(2.1, years - 0.28, f"{100 * beyond:.0f}%", ha="right", fontsize=8, color=MUTED)
            for end in (-1.0, 1.0):
                ax.axvline(end, color=MUTED, lw=0.8, ls=":")
            ax.set_title(f"delta_group = {group_sd:g}", fontsize=9, color=INK)
            ax.set(xlim=(-2.2, 2.2), ylim=(3.6, 0.4), yticks=YEARS)
        panels[0].set_ylabel("years")
        panels[1].set_xlabel("movement of the group, in standard deviations of positions")
    return figure


def _arrow(ax: "Axes", start: float, end: float) -> None:
    style = {"arrowstyle": "->", "color": INK, "lw": 0.9, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", (end, -0.6), (start, -0.6), arrowprops=style)


def _line(ax: "Axes", positions: NDArray[np.float64], cuts: tuple[float, float]) -> None:
    """Draw members on a line, coloured by their vote, with the two cutpoints and the tally."""
    votes = votes_at(positions, cuts)
    for low, high, vote in zip((-3.4, *cuts), (*cuts, 2.4), ("no", "abstain", "yes"), strict=True):
        ax.axvspan(low, high, color=COLOURS[vote], alpha=0.16, lw=0)
    for cut in cuts:
        ax.axvline(cut, color=INK, lw=0.9)
    for x, vote in zip(positions, votes, strict=True):
        ax.plot(
            [x], [0], MARKERS[vote], color=COLOURS[vote], markeredgecolor=INK, markeredgewidth=0.6, ms=7.5
        )
    tally = "-".join(str(votes.count(vote)) for vote in ("yes", "no", "abstain"))
    ax.text(2.5, 0, tally, va="center", fontsize=9, fontweight="bold")
    ax.set(xlim=(-3.4, 2.4), ylim=(-1, 1), yticks=[], xticks=[])
    ax.spines["left"].set_visible(False)


def main(arguments: list[str]) -> int:
    """Draw every picture into a folder."""
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    record = vs.load_hrc()
    why = vs.explain(record, "mutually-beneficial-cooperation")
    pictures = {
        "flow": lambda: vs.plots.flow(why).figure,
        "waterfall": lambda: vs.plots.waterfall(why, step=0).figure,
        "two_stories": two_stories,
        "bloc_steps": bloc_steps,
    }
    for name, draw in pictures.items():
        with off_screen():
            draw().savefig(folder / f"{name}.png", dpi=160, metadata={"Software": None})
        print(folder / f"{name}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
