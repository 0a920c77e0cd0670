"""Timings of value and gradient, compared with textbook NumPy, and of whole fits, in under two minutes."""

import os
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from voteshift.bench import textbook
from voteshift.bench.sets import BenchSet, bench_set
from voteshift.ideal.objective import Model, Priors
from voteshift.ideal.optimise import fit_map
from voteshift.likelihood import evaluate

__all__ = ["Case", "machine", "run_cases"]

_SETS = ("L", "ORD")
_PRECISIONS: tuple[Literal["float32", "float64"], ...] = ("float32", "float64")
_REPEATS = 5


@dataclass(frozen=True, slots=True)
class Case:
    """One measurement.

    Attributes
    ----------
    case : str
        value_gradient_float32, value_gradient_float64 or map; logit link.
    dataset : str
        One of `voteshift.bench.sets.SETS`.
    threads : int
        Threads used.
    seconds : float
        Median over five repeats, after a first call that compiles or loads the kernels.
    ns_per_vote : float or None
        Nanoseconds per cell of the matrix, missing cells included; None for a whole fit.
    ratio_to : dict of str to float
        Time of other code divided by the time of the case, both run in turn. The key ``numpy`` is textbook
        NumPy.
    gradient_norm : float or None
        Gradient norm at the end of a fit; None for other cases.
    """

    case: str
    dataset: str
    threads: int
    seconds: float
    ns_per_vote: float | None
    ratio_to: dict[str, float]
    gradient_norm: float | None = None


def machine() -> dict[str, Any]:
    """Return the machine and the versions of packages."""
    import llvmlite.binding as llvm
    import numba

    features = llvm.get_host_cpu_features()
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return {
        "cpu": names[0] if names else platform.processor(),
        "vector_bits": 512 if features.get("avx512f") else 256 if features.get("avx2") else 128,
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
    }


def run_cases(threads: int = 1, datasets: tuple[str, ...] = _SETS) -> Iterator[Case]:
    """Yield one measurement after another.

    Parameters
    ----------
    threads : int
        Number of threads of voteshift. The textbook code in NumPy uses one thread, except in matrix products.
    datasets : tuple of str
        Names in `voteshift.bench.sets.SETS`.
    """
    for name in datasets:
        drawn = bench_set(name)
        yield from _passes(drawn, threads)
        yield _fit(drawn, threads)


def _passes(drawn: BenchSet, threads: int) -> Iterator[Case]:
    positions, discriminations, cutpoints = drawn.parameters("logit")
    flat = drawn.design.codes, positions[0, :, 0], discriminations[:, 0]
    first, second = cutpoints.T
    yardstick: Callable[[], object] = (
        (lambda: textbook.ordered(*flat, first, second))
        if drawn.design.n_categories.max() == 3
        else (lambda: textbook.binary_logit(*flat, first))
    )
    for precision in _PRECISIONS:

        def kernel(precision: Literal["float32", "float64"] = precision) -> object:
            return evaluate(
                drawn.design, positions, discriminations, cutpoints, precision=precision, threads=threads
            )

        kernel()
        pairs = [(_seconds(kernel), _seconds(yardstick)) for _ in range(_REPEATS)]
        ours, theirs = np.median(pairs, axis=0)
        yield Case(
            f"value_gradient_{precision}",
            drawn.name,
            threads,
            float(ours),
            float(1e9 * ours / drawn.design.codes.size),
            {"numpy": float(theirs / ours)},
        )


def _fit(drawn: BenchSet, threads: int) -> Case:
    model = Model(drawn.design, Priors(), threads=threads)
    fit = fit_map(model)
    seconds = float(np.median([_seconds(lambda: fit_map(model)) for _ in range(_REPEATS)]))
    return Case("map", drawn.name, threads, seconds, None, {}, fit.gradient_norm)


def _seconds(function: Callable[[], object]) -> float:
    began = time.perf_counter()
    function()
    return time.perf_counter() - began
