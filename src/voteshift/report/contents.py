"""What a report holds, before it is a page: sections of sentences, tables and pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from voteshift.errors import InputError, UsageError
from voteshift.files import write_files

__all__ = ["Block", "Items", "Picture", "Report", "Section", "Subhead", "Table", "Text"]


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
    """A table of written cells; the first `text_columns` hold words, the others numbers."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text_columns: int = 1


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing: SVG, what it shows in words, and its width in inches."""

    svg: str
    alt: str
    caption: str
    width: float


Block = Text | Subhead | Items | Table | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report; `name` is its place on the page."""

    name: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, eq=False)
class Report:
    """An explanation to hand to a colleague.

    Attributes
    ----------
    title : str
        Title of the resolution.
    lead : str
        What it is a report of, in one line.
    sections : tuple of Section
        Its parts.
    level : float
        Coverage of the intervals.
    seed, n_draws : int
        Of the draws behind them. The same record, seed and versions give the same bytes.
    """

    title: str
    lead: str
    sections: tuple[Section, ...]
    level: float
    seed: int
    n_draws: int

    def html(self) -> str:
        """Return one self-contained page: no network, no script."""
        from voteshift.report.page import render

        return render(self)

    def markdown(self) -> str:
        """Return the sentences and tables as Markdown, without the pictures."""
        from voteshift.report.markdown import render

        return render(self)

    def write(self, path: str | Path) -> Path:
        """Write the report: Markdown where the name ends in .md, a page where it ends in .html.

        Parameters
        ----------
        path : str or Path
            Where to. The file is whole or not there.

        Raises
        ------
        UsageError
            If the ending is neither.
        InputError
            If the file cannot be written.
        """
        path = Path(path)
        kinds = {".html": self.html, ".htm": self.html, ".md": self.markdown}
        if path.suffix.lower() not in kinds:
            raise UsageError(f"a report is .html or .md, not {path.suffix or 'without an ending'}")
        if path.is_dir():
            raise InputError("is a folder", file=path, remedy="name a file")
        write_files(path.parent, {path.name: kinds[path.suffix.lower()]()})
        return path

    def pictures(self) -> Sequence[Picture]:
        """Return the pictures in order."""
        return [b for section in self.sections for b in section.blocks if isinstance(b, Picture)]

    def _repr_html_(self) -> str:
        """Show the page in a notebook, in a frame of its own that runs no script."""
        from html import escape

        page = escape(self.html(), quote=True)
        style = "width:100%;height:40em;border:1px solid #ccc"
        return f'<iframe sandbox="" style="{style}" srcdoc="{page}"></iframe>'

    def __repr__(self) -> str:
        """Say what it is."""
        return f"<Report: {self.title}, {len(self.sections)} sections, {len(self.pictures())} pictures>"
