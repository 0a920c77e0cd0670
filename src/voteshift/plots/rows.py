"""A row for every family of a record, named at its left: what `overview` and `timelines` have in common."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from voteshift.plots.style import canvas, distinct

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["NO_FAMILY", "family_canvas", "name_rows"]

#: What to do where no resolution of a record came back.
NO_FAMILY: Final = "take a longer record, or say in a column family which roll calls belong together"

_WIDTH: Final = 6.4  # inches
_ROW: Final = 0.165
_LETTERS: Final = 6.5
_LONGEST: Final = 44


def family_canvas(ax: "Axes | None", n_rows: int, besides: float) -> "Axes":
    """Return the axes given, or new ones as high as the rows need and so many inches besides."""
    return canvas(ax, _WIDTH, besides + _ROW * n_rows)


def name_rows(ax: "Axes", slugs: Sequence[str], bold: str | None) -> None:
    """Name row k, counted from the top, by the k-th slug, one of them in bold; the y axis is the rows."""
    ax.set_yticks(range(len(slugs)), distinct(slugs, _LONGEST))
    for label, slug in zip(ax.get_yticklabels(), slugs, strict=True):
        label.set_fontsize(_LETTERS)
        label.set_fontweight("bold" if slug == bold else "normal")
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(slugs) - 0.4, -0.6)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x", color="#e4e4e4", linewidth=0.5)
    ax.set_axisbelow(True)
