"""A short benchmark to run on your machine; ``benchmarks/run.py`` of the repository measures more."""

from voteshift.bench.short import Case, machine, run_cases

__all__ = ["Case", "machine", "run_cases"]
