"""The report on a repeated resolution: findings on one page to give to a colleague."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voteshift.arguments import checked
from voteshift.checks import DEFAULT_CHECKS, default_checks
from voteshift.compose.contents import Picture, Section
from voteshift.compose.findings import Findings, findings
from voteshift.compose.sections import report_sections
from voteshift.errors import InputError, UsageError
from voteshift.files import write_files
from voteshift.prose import write_day
from voteshift.report import markdown, page
from voteshift.shift.explanation import Explanation

__all__ = ["REPORT_CHECKS", "Report", "make_report"]

#: The checks of a report: the default checks, exact tests, and the checks that a short answer leaves out.
REPORT_CHECKS: Final = (
    *DEFAULT_CHECKS,
    "exact_tests",
    "sensitivity",
    "unlikely_votes",
    "documents",
    "bridge_drift",
)


@dataclass(frozen=True, eq=False)
class Report:
    """An explanation to give to a colleague.

    Attributes
    ----------
    title : str
        Title of the resolution.
    lead : str
        Subject of the report, in one line.
    sections : tuple of Section
                Sections of the report.
    level : float
        Coverage of the intervals.
    seed, n_draws : int
        Seed and number of the draws used for the intervals. The same record, seed and versions of packages
        give the same bytes.
    """

    title: str
    lead: str
    sections: tuple[Section, ...]
    level: float
    seed: int
    n_draws: int

    def html(self) -> str:
        """Return one self-contained HTML page, which needs no network and no script."""
        return page.render(self.title, self.lead, self.sections)

    def markdown(self) -> str:
        """Return the sentences and tables as Markdown, without the pictures."""
        return markdown.render(self.title, self.lead, self.sections)

    def write(self, path: str | Path) -> Path:
        """Write the report as Markdown if the name ends in .md, or as a page if it ends in .html or .htm.

        Parameters
        ----------
        path : str or Path
            File to write. The file is replaced only when the new content is complete.

        Raises
        ------
        UsageError
            If the name has another ending.
        InputError
            If the file cannot be written.
        """
        path = Path(path)
        kinds = {".html": self.html, ".htm": self.html, ".md": self.markdown}
        if path.suffix.lower() not in kinds:
            raise UsageError(
                f"cannot infer the format from {path.name!r}", remedy="end the name in .html, .htm or .md"
            )
        if path.is_dir():
            raise InputError("is a folder", file=path, remedy="pass the name of a file")
        write_files(path.parent, {path.name: kinds[path.suffix.lower()]()})
        return path

    def pictures(self) -> Sequence[Picture]:
        """Return the pictures in order."""
        return [b for section in self.sections for b in section.blocks if isinstance(b, Picture)]

    def _repr_html_(self) -> str:
        """Show the page in a notebook, in a separate frame that runs no script."""
        from html import escape

        page = escape(self.html(), quote=True)
        style = "width:100%;height:40em;border:1px solid #ccc"
        return f'<iframe sandbox="" style="{style}" srcdoc="{page}"></iframe>'

    def __repr__(self) -> str:
        """Return the title."""
        return f"<Report: {self.title}, {len(self.sections)} sections, {len(self.pictures())} pictures>"


@checked
def make_report(source: Explanation | Findings, *, command: str | None = None) -> Report:
    """Compose a report from an explanation and its checks.

    Parameters
    ----------
    source : Explanation or Findings
        An explanation or findings. On an explanation, `REPORT_CHECKS` and its default checks are run.
        Findings are reported without further checks.
    command : str, optional
        Command that writes the report, as a person types it. The report shows this command.

    Returns
    -------
    Report
        The report. The method `write` writes the report to a file.
    """
    if isinstance(source, Explanation):
        source = findings(source, checks=tuple(dict.fromkeys((*REPORT_CHECKS, *default_checks(source)))))
    why = source.why
    frame = why.rollcalls
    where = why.record.source or "the record"
    lead = (
        f"Why the outcome of a repeated vote changed: {len(frame)} votes in {where}, "
        f"{write_day(frame['date'].iloc[0])} to {write_day(frame['date'].iloc[-1])}."
    )
    call = f"voteshift.make_report(voteshift.explain(record, {why.family!r}, draws={why.draws}))"
    title = str(frame["title"].iloc[-1]) or why.family
    sections = report_sections(source, command or call)
    return Report(title, lead, sections, why.level, why.draws.seed, why.draws.n)
