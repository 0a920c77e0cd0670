"""A report as one HTML page."""

from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from voteshift.report.contents import Items, Picture, Report, Subhead, Table, Text

__all__ = ["render"]

_KINDS = {Text: "text", Subhead: "subhead", Items: "items", Table: "table", Picture: "picture"}
_PIXELS = 96  # of CSS to the inch


def render(report: Report) -> str:
    """Return the page.

    Parameters
    ----------
    report : Report
        Its contents.

    Returns
    -------
    str
        HTML. Whatever comes from the record is escaped; only the pictures, which hold outlines, are not.
    """
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.tests["a"] = lambda block, kind: _KINDS[type(block)] == kind
    environment.filters["drawing"] = lambda block: Markup(block.svg)  # noqa: S704
    environment.filters["pixels"] = lambda inches: round(_PIXELS * inches)
    source = files("voteshift.report").joinpath("page.html.j2").read_text(encoding="utf-8")
    return environment.from_string(source).render(report=report)
