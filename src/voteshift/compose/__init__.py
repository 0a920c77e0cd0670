"""Findings: an explanation and its checks, composed once for the terminal, JSON and the report."""
