"""A short benchmark for one's own machine; ``benchmarks/run.py`` of the repository measures more."""

from voteshift.bench.short import Case, machine, run_cases

__all__ = ["Case", "machine", "run_cases"]
