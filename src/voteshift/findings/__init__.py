"""Findings: an explanation and its checks, composed once for the terminal, JSON and the report."""

from voteshift.findings.result import Findings, findings

__all__ = ["Findings", "findings"]
