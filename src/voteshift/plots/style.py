"""The style of pictures: colours, shades and hatches of votes, size and fonts, and the width of text."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "COLOURS",
    "HATCHES",
    "INK",
    "MARKERS",
    "MUTED",
    "ON",
    "VOTE_ORDER",
    "canvas",
    "distinct",
    "hatched",
    "inches_high",
    "inches_wide",
    "off_screen",
    "shorten",
    "styled",
    "text_inches",
    "vote_legend",
]

INK: Final = "#1a1a1a"
MUTED: Final = "#6b6b6b"

#: The categories in the order of the model, then members with a seat and without a vote.
VOTE_ORDER: Final = ("yes", "abstain", "no", "absent")

#: The palette of Okabe & Ito (2008), its blue and orange moved apart in lightness (L* 33, 80, 55, 93), so
#: that the votes can be distinguished in print without colour and with every common colour blindness.
COLOURS: Final = {
    "yes": "#00527f",
    "abstain": "#f3c04f",
    "no": "#d55e00",
    "absent": "#ebebeb",
}
#: Colour of letters that stand on a vote's colour.
ON: Final = {"yes": "#ffffff", "abstain": INK, "no": INK, "absent": INK}
#: Hatches that distinguish votes in addition to colour.
HATCHES: Final = {"yes": "", "abstain": "", "no": "////", "absent": "...."}
MARKERS: Final = {"yes": "o", "abstain": "s", "no": "X", "absent": "v"}

_STYLE: Final[Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same letters, and widths, everywhere
    "font.size": 8.5,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8.5,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "axes.facecolor": "#ffffff",
    "figure.facecolor": "#ffffff",
    "text.color": INK,
    "text.parse_math": False,  # print dollar signs in titles unchanged
    "text.usetex": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "hatch.linewidth": 0.5,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "svg.fonttype": "path",
}
_off_screen: ContextVar[bool] = ContextVar("off_screen", default=False)


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the style of the package, without changing the user's settings."""
    import matplotlib as mpl

    with mpl.rc_context(_STYLE):
        yield


@contextmanager
def off_screen() -> Iterator[None]:
    """Make new pictures without pyplot, so that no window opens and no figure must be closed."""
    token = _off_screen.set(True)
    try:
        yield
    finally:
        _off_screen.reset(token)


def canvas(ax: "Axes | None", width: float, height: float) -> "Axes":
    """Return the given axes, or new axes on a figure of this size in inches."""
    if ax is not None:
        return ax
    if _off_screen.get():
        from matplotlib.figure import Figure

        return Figure(figsize=(width, height), layout="constrained").subplots()
    from matplotlib import pyplot as plt

    _, made = plt.subplots(figsize=(width, height), layout="constrained")
    return made


def inches_high(ax: "Axes") -> float:
    """Return the height of axes in inches."""
    return float(ax.get_window_extent().height) / float(ax.get_figure(root=True).dpi)  # type: ignore[union-attr]


def inches_wide(ax: "Axes") -> float:
    """Return the width of axes in inches."""
    return float(ax.get_window_extent().width) / float(ax.get_figure(root=True).dpi)  # type: ignore[union-attr]


def hatched(vote: str) -> dict[str, Any]:
    """Return the style of the area of a vote, with its hatch."""
    return {"facecolor": COLOURS[vote], "hatch": HATCHES[vote], "edgecolor": INK, "linewidth": 0.5}


def vote_legend(
    ax: "Axes", present: set[str], *, above: bool = False, look: Callable[[str], dict[str, Any]] = hatched
) -> None:
    """Draw a legend of the votes in `present`, below or above the axes, in the style of the areas."""
    from matplotlib.patches import Patch

    keys = [Patch(**look(name), label=name) for name in VOTE_ORDER if name in present]
    ax.legend(
        handles=keys,
        loc="lower center" if above else "upper center",
        bbox_to_anchor=(0.5, 1.0 if above else 0.0),
        ncols=len(keys),
        handlelength=1.4,
        columnspacing=1.2,
    )


def shorten(text: str, longest: int) -> str:
    """Return text of at most `longest` characters, cut at the end of a word if possible, with an ellipsis."""
    if len(text) <= longest:
        return text
    head = text[: longest - 1]
    for end in (" ", "-"):
        end_of_word = head.rfind(end)
        if end_of_word > 0.7 * longest:
            head = head[:end_of_word]
            break
    return f"{head.rstrip(' -')}\N{HORIZONTAL ELLIPSIS}"


def distinct(names: Iterable[str], longest: int) -> list[str]:
    """Shorten names so that they stay distinct. If two names would be equal, leave out the middle of both."""
    whole = list(names)
    short = [shorten(name, longest) for name in whole]
    seen = Counter(short)
    for index, name in enumerate(whole):
        if seen[short[index]] > 1 and len(name) > longest:
            tail = longest // 2
            short[index] = f"{name[: longest - tail - 1]}\N{HORIZONTAL ELLIPSIS}{name[-tail:]}"
    # Names that differ only in the middle are not shortened.
    seen = Counter(short)
    return [name if seen[cut] > 1 else cut for name, cut in zip(whole, short, strict=True)]


def text_inches(text: str, size: float) -> float:
    """Return the width of a line of text in inches, in the font of the style."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    if not text.strip():
        return 0.0
    path = TextPath((0, 0), text, size=size, prop=FontProperties(family="DejaVu Sans"))
    return float(path.get_extents().width) / 72
