"""The bench sets; `voteshift bench` needs them too, so they live in the package."""

from voteshift.bench.sets import LOGIT_SCALE, SETS, BenchSet, bench_set

__all__ = ["LOGIT_SCALE", "SETS", "BenchSet", "bench_set"]
