"""One self-contained report of an explanation: answer, tables, pictures, checks and method."""

from voteshift.report.build import Report, make_report

__all__ = ["Report", "make_report"]
