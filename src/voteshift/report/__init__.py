"""One self-contained report: story, tables, pictures, what identifies it, how it was made."""

from voteshift.report.build import Report, make_report

__all__ = ["Report", "make_report"]
