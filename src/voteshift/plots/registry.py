"""Pictures of an explanation by name: those of other packages, and those registered in code."""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import getdoc
from typing import TYPE_CHECKING, Any, Final

from voteshift.errors import UsageError
from voteshift.extensions import installed, load_extension

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Plot", "register_plot", "registered_plots"]

_GROUP: Final = "voteshift.plots"


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture of an explanation.

    Attributes
    ----------
    name : str
        The name of the picture.
    draw : callable
        Takes an `Explanation`; draws on new axes and returns them.
    caption : str
        The text below the picture.
    """

    name: str
    draw: Callable[[Any], "Axes"]
    caption: str


_REGISTERED: dict[str, Plot] = {}


def register_plot(name: str, draw: Callable[[Any], "Axes"]) -> None:
    """Register a picture, so that reports show it.

    Parameters
    ----------
    name : str
        The name of the picture: letters, digits and underscores.
    draw : callable
        Takes an `Explanation`; draws on new axes and returns them. The first line of its docstring is the
        caption.

    Raises
    ------
    UsageError
        If another picture has this name, the name is not valid, or `draw` has no docstring.
    """
    if name in _REGISTERED or name in installed(_GROUP):
        raise UsageError(f"a picture with the name {name!r} already exists", remedy="choose another name")
    _REGISTERED[name] = _plot(name, draw)


def registered_plots() -> tuple[Plot, ...]:
    """Return the pictures of other packages and the pictures registered in code."""
    others = (_plot(name, load_extension(_GROUP, name)) for name in installed(_GROUP))
    return (*others, *_REGISTERED.values())


def _plot(name: str, draw: Callable[[Any], "Axes"]) -> Plot:
    if not name.isidentifier():
        raise UsageError(
            f"name={name!r} is not a valid name of a picture", remedy="use letters, digits and underscores"
        )
    words = getdoc(draw)
    if not words:
        raise UsageError(
            f"the picture {name!r} has no caption",
            remedy="give the function a docstring; its first line is the caption",
        )
    return Plot(name, draw, words.splitlines()[0])
