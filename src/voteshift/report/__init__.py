"""One self-contained report: story, tables, pictures, what identifies it, how it was made."""

from voteshift.report.build import make_report
from voteshift.report.contents import Report

__all__ = ["Report", "make_report"]
