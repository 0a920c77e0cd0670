"""The sections in order: all sections for a report, and the sections behind the answer for the terminal."""

from functools import partial

from voteshift.compose import account, checks, method, model
from voteshift.compose.contents import Picture, Section
from voteshift.compose.findings import Findings
from voteshift.plots.registry import registered_plots

__all__ = ["detail_sections", "report_sections"]


def report_sections(findings: Findings, command: str) -> tuple[Section, ...]:
    """Return the sections of a report.

    Parameters
    ----------
    findings : Findings
        The findings to report.
    command : str
        The command that made the report, as a person would type it.
    """
    sections = (
        account.short_answer(findings),
        account.the_votes(findings),
        account.accounts(findings),
        account.documents(findings),
        model.parts(findings),
        model.councils(findings),
        model.positions(findings),
        *checks.check_sections(findings),
        checks.everywhere(findings),
        checks.other_choices(findings),
        _further_pictures(findings),
        method.the_record(findings),
        method.making(findings, command),
    )
    return tuple(section for section in sections if section.blocks)


def detail_sections(findings: Findings) -> dict[str, tuple[Section, ...]]:
    """Return the sections behind the answer by heading: account, model, checks, method."""
    return {
        "Account": (account.accounts(findings), account.documents(findings)),
        "Model": (model.parts(findings), model.councils(findings)),
        "Checks": (*checks.check_sections(findings), checks.other_choices(findings)),
        "Method": (method.describe_method(findings),),
    }


def _further_pictures(findings: Findings) -> Section:
    """Return the pictures of other packages, and the pictures registered in code."""
    pictures = tuple(
        Picture(f"further_{plot.name}", partial(plot.draw, findings.why), plot.caption, plot.caption)
        for plot in registered_plots()
    )
    return Section("further_pictures", "Further pictures", pictures)
