"""Sections of sentences, tables and pictures, before they are rendered."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Block", "Items", "Picture", "Section", "Subhead", "Table", "Text", "written"]


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Subhead:
    """A heading within a section."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list of sentences."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of cells as text: `text_columns` columns of words, then columns of numbers."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text_columns: int = 1


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, drawn when a page is written.

    Attributes
    ----------
    name : str
        A word for the picture, unique in the page.
    draw : callable
        Draws on new axes.
    alt, caption : str
        Description of the picture, for readers that cannot see it; caption, for readers that see it.
    """

    name: str
    draw: Callable[[], "Axes"]
    alt: str
    caption: str


Block = Text | Subhead | Items | Table | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report; `name` is its anchor on the page."""

    name: str
    title: str
    blocks: tuple[Block, ...]


def written(rows: Iterable[Iterable[object]]) -> tuple[tuple[str, ...], ...]:
    """Return the cells of a table as text."""
    return tuple(tuple(str(cell) for cell in row) for row in rows)
