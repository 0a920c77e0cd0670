"""Time value and gradient of the compiled likelihood against textbook NumPy.

    python benchmarks/bench_core.py                      # all cases, a table and benchmarks/results/core.json
    python benchmarks/bench_core.py --sets S --repeats 5 # the short version

A time is the median over repeats of one evaluation, per cell of the matrix, missing cells included. Kernel
and yardstick alternate within a repeat, so that what else the machine does falls on both.
"""

import argparse
import json
import os
import platform
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numba
import numpy as np
import scipy

sys.path.insert(0, str(Path(__file__).parent))

from voteshift.bench import textbook
from voteshift.bench.sets import SETS, BenchSet, bench_set
from voteshift.likelihood import evaluate
from voteshift.likelihood.threads import core_count

__all__ = ["Case", "Timing", "cases", "machine", "run"]


@dataclass(frozen=True)
class Case:
    """One thing to time."""

    dataset: str
    link: str
    precision: str
    information: str | None
    threads: int


@dataclass(frozen=True)
class Timing:
    """Times of one case; `low` and `high` are the fastest and slowest repeat."""

    case: Case
    seconds: float
    low: float
    high: float
    ns_per_cell: float
    textbook_ns_per_cell: float | None
    ratio_to_textbook: float | None


def machine():
    """Describe the machine and the versions, vector width included."""
    import llvmlite.binding as llvm

    features = llvm.get_host_cpu_features()
    width = 512 if features.get("avx512f") else 256 if features.get("avx2") else 128
    model = platform.processor()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.split(":")[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line
        ]
        model = names[0] if names else model
    return {
        "cpu": model,
        "llvm_cpu": llvm.get_host_cpu_name(),
        "vector_bits": width,
        "cores": core_count(),
        "load_average": os.getloadavg()[0],
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "numba": numba.__version__,
        "system": platform.platform(),
    }


def cases(datasets, threads):
    """List the cases of some bench sets."""
    cases = []
    for dataset in datasets:
        for link in ("logit", "probit"):
            for precision in ("float32", "float64"):
                if dataset == "ORD" and link == "probit" and precision == "float32":
                    continue  # this one takes float64 whatever is asked for
                cases += [Case(dataset, link, precision, None, n) for n in threads]
                cases.append(Case(dataset, link, precision, "observed", 1))
    return cases


def textbook_pass(drawn: BenchSet, link: str):
    """Return the yardstick for a bench set as a function of nothing."""
    positions, slopes, cuts = drawn.parameters(link)
    flat = drawn.design.codes, positions[0, :, 0], slopes[:, 0]
    if drawn.name == "ORD":
        return lambda: textbook.ordered(*flat, cuts[:, 0], cuts[:, 1], link)
    binary = textbook.binary_logit if link == "logit" else textbook.binary_probit
    return lambda: binary(*flat, cuts[:, 0])


def seconds_of(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def run(case: Case, drawn: BenchSet, repeats: int) -> Timing:
    """Time one case over some repeats, after one evaluation that compiles or loads the kernel."""
    point = drawn.parameters(case.link)
    options = {
        "link": case.link,
        "precision": case.precision,
        "information": case.information,
        "threads": case.threads,
    }
    kernel = lambda: evaluate(drawn.design, *point, **options)  # noqa: E731
    if kernel().precision != case.precision:
        raise RuntimeError(f"{case} ran in another precision")
    yardstick = textbook_pass(drawn, case.link) if case.information is None else None
    # Evaluations a repeat: enough of them that the clock and a page fault do not matter.
    calls = max(1, int(0.02 / seconds_of(kernel)))
    times, of_textbook = [], []
    for _ in range(repeats):
        times.append(sum(seconds_of(kernel) for _ in range(calls)) / calls)
        if yardstick is not None:
            of_textbook.append(seconds_of(yardstick))
    cells = drawn.design.codes.size
    seconds = float(np.median(times))
    slow = float(np.median(of_textbook)) if of_textbook else None
    return Timing(
        case=case,
        seconds=seconds,
        low=min(times),
        high=max(times),
        ns_per_cell=1e9 * seconds / cells,
        textbook_ns_per_cell=None if slow is None else 1e9 * slow / cells,
        ratio_to_textbook=None if slow is None else slow / seconds,
    )


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", choices=SETS, default=["M", "L", "ORD"])
    parser.add_argument("--threads", nargs="+", type=int, default=sorted({1, 2, core_count()}))
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "core.json")
    options = parser.parse_args(arguments)
    if options.repeats < 5:
        parser.error("a median wants at least 5 repeats")
    where = machine()
    print("  ".join(f"{key}={value}" for key, value in where.items()))
    print(f"{'set':4} {'link':6} {'precision':9} {'also':9} {'threads':>7}", end=" ")
    print(f"{'ns/cell':>8} {'low':>7} {'high':>7}", end=" ")
    print(f"{'textbook':>8} {'ratio':>6}")
    timings = []
    drawn = {name: bench_set(name) for name in options.sets}
    for case in cases(options.sets, options.threads):
        timing = run(case, drawn[case.dataset], options.repeats)
        timings.append(asdict(timing))
        cells = drawn[case.dataset].design.codes.size
        print(
            f"{case.dataset:4} {case.link:6} {case.precision:9} {case.information or '':9} {case.threads:7d} "
            f"{timing.ns_per_cell:8.3f} {1e9 * timing.low / cells:7.3f} {1e9 * timing.high / cells:7.3f} ",
            end="",
        )
        ratio = timing.ratio_to_textbook
        print(f"{timing.textbook_ns_per_cell:8.1f} {ratio:6.1f}" if ratio is not None else "", flush=True)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    report = {"machine": where, "repeats": options.repeats, "timings": timings}
    options.out.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
