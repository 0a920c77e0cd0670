"""Pictures as SVG for an HTML page, with reproducible bytes and unique ids."""

import io
import re
import warnings
from dataclasses import dataclass
from typing import Final

from voteshift.compose.contents import Picture
from voteshift.plots.style import off_screen, styled

__all__ = ["Drawn", "draw_svg"]

_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
_ID: Final = re.compile(r'\b(id="|href="#|url\(#)')
_PATH: Final = re.compile(r'\bd="[^"]*"')
_LONG: Final = re.compile(r"(\d+\.\d\d)\d+")
_SIZE: Final = re.compile(r'<svg\b[^>]*?viewBox="(?P<box>[^"]*)"[^>]*>', re.DOTALL)
_METADATA: Final = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_STYLE: Final = re.compile(r"<style[^>]*>.*?</style>", re.DOTALL)
_UNDRAWN: Final = (
    " Letters that do not exist in the font of the picture are drawn as boxes. The tables show these letters."
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture as SVG, with its caption and its width in inches."""

    svg: str
    caption: str
    width: float


def draw_svg(picture: Picture) -> Drawn:
    """Draw a picture and return it as SVG for an HTML page.

    Parameters
    ----------
    picture : Picture
        The picture. Every id in the SVG begins with its name.

    Returns
    -------
    Drawn
        The SVG. Letters are drawn as outlines and comments are left out, so no text of the record becomes
        markup.
    """
    import matplotlib as mpl

    out = io.StringIO()
    salt = mpl.rc_context({"svg.hashsalt": picture.name})
    with styled(), off_screen(), salt, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        figure = picture.draw().get_figure(root=True)
        if figure is None:
            raise ValueError("a picture needs a figure")
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    undrawn = any("missing from font" in str(warning.message) for warning in caught)
    svg = out.getvalue()
    svg = _METADATA.sub("", _COMMENT.sub("", svg[svg.index("<svg") :]))
    svg = _STYLE.sub("", svg)  # would affect the whole page, which defines these two rules
    # A hundredth of a point is finer than any screen or printer.
    svg = _PATH.sub(lambda path: _LONG.sub(r"\1", path[0]), svg)
    svg = _ID.sub(rf"\g<1>{picture.name}-", svg)
    svg = _SIZE.sub(r'<svg viewBox="\g<box>" aria-hidden="true" focusable="false">', svg, count=1)
    caption = picture.caption + (_UNDRAWN if undrawn else "")
    return Drawn(svg.strip(), caption, float(figure.get_figwidth()))
