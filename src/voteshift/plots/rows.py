"""Rows of families with names on the left, used by `overview` and `timelines`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from voteshift.plots.style import canvas, distinct

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["NO_FAMILY", "family_canvas", "name_rows"]

#: The remedy if no resolution of a record came back.
NO_FAMILY: Final = "use a longer record, or name the family of each roll call in a column named 'family'"

_WIDTH: Final = 6.4  # inches
_ROW: Final = 0.165
_LETTERS: Final = 6.5
_LONGEST: Final = 44


def family_canvas(ax: "Axes | None", n_rows: int, besides: float) -> "Axes":
    """Return the given axes, or new axes as high as the rows plus `besides` inches."""
    return canvas(ax, _WIDTH, besides + _ROW * n_rows)


def name_rows(ax: "Axes", slugs: Sequence[str], bold: str | None) -> None:
    """Write the slugs as names of the rows, from the top, with the slug `bold` in bold."""
    ax.set_yticks(range(len(slugs)), distinct(slugs, _LONGEST))
    for label, slug in zip(ax.get_yticklabels(), slugs, strict=True):
        label.set_fontsize(_LETTERS)
        label.set_fontweight("bold" if slug == bold else "normal")
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(slugs) - 0.4, -0.6)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x", color="#e4e4e4", linewidth=0.5)
    ax.set_axisbelow(True)
