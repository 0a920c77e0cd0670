"""A report as one HTML page."""

from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from voteshift.compose.contents import Items, Picture, Section, Subhead, Table, Text
from voteshift.report.pictures import draw_svg

__all__ = ["render"]

_KINDS = {Text: "text", Subhead: "subhead", Items: "items", Table: "table", Picture: "picture"}
_PIXELS = 96  # of CSS to the inch


def render(title: str, lead: str, sections: Sequence[Section]) -> str:
    """Return sections as one HTML page.

    Parameters
    ----------
    title, lead : str
        Title, and the line below the title.
    sections : sequence of Section
        Sections of the page.

    Returns
    -------
    str
        HTML, with all text of the record escaped. Pictures contain only outlines and are not escaped.
    """
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.tests["a"] = lambda block, kind: _KINDS[type(block)] == kind
    environment.filters["drawn"] = draw_svg
    environment.filters["markup"] = Markup
    environment.filters["pixels"] = lambda inches: round(_PIXELS * inches)
    source = files("voteshift.report").joinpath("page.html.j2").read_text(encoding="utf-8")
    return environment.from_string(source).render(title=title, lead=lead, sections=sections)
