"""Time of one pass over the votes: by set, by threads, by number of votes, against one exponential."""

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

import bench_core
from voteshift.bench.sets import bench_set
from voteshift.likelihood import Design, evaluate

__all__ = ["by_threads", "growth", "spread", "value_and_gradient"]

_MEMBERS = 1_000
_ROWS = 20  # members drawn at a time: nothing but the matrix has its size
_LEAST = 0.05  # seconds a repeat takes at least


def spread(seconds: list[float]) -> dict[str, float]:
    """Return median, fastest and slowest."""
    return {"seconds": float(np.median(seconds)), "low": min(seconds), "high": max(seconds)}


def value_and_gradient(sets: list[str], repeats: int) -> dict[str, Any]:
    """Time value and gradient on one thread against the textbook; both links, both precisions."""
    drawn = {name: bench_set(name) for name in sets}
    rows = []
    for case in bench_core.cases(sets, [1]):
        timing = asdict(bench_core.run(case, drawn[case.dataset], repeats))
        rows.append(timing.pop("case") | timing)
    return {"machine": bench_core.machine(), "cases": rows}


def by_threads(dataset: str, counts: list[int], repeats: int) -> list[dict[str, Any]]:
    """Time value and gradient by number of threads; the numbers alternate within a repeat."""
    drawn = bench_set(dataset)
    rows = []
    for link in ("logit", "probit"):
        point = drawn.parameters(link)
        for precision in ("float32", "float64"):
            if link == "probit" and precision == "float32" and drawn.design.n_categories.max() == 3:
                continue  # float64 whatever is asked for
            passes = {n: _pass(drawn.design, point, link, precision, n) for n in counts}
            calls = _calls(passes[counts[0]])
            times: dict[int, list[float]] = {n: [] for n in counts}
            for _ in range(repeats):
                for n, function in passes.items():
                    times[n].append(_seconds(function, calls))
            for n in counts:
                ratios = [one / other for one, other in zip(times[counts[0]], times[n], strict=True)]
                rows.append(
                    {
                        "dataset": dataset,
                        "link": link,
                        "precision": precision,
                        "threads": n,
                        **spread(times[n]),
                        "ratio": float(np.median(times[counts[0]]) / np.median(times[n])),
                        "ratio_low": min(ratios),
                        "ratio_high": max(ratios),
                    }
                )
    return rows


def growth(sizes: list[int], repeats: int) -> dict[str, Any]:
    """Time value and gradient on matrices of 1,000 members and ever more roll calls, and one exponential.

    Votes are drawn in blocks of members. All sizes take turns within a repeat, and so does ``np.exp`` over
    an array that stays in the cache: what slows one slows the other.
    """
    worlds = [_world(size // _MEMBERS) for size in sizes]
    cases, exponential = [], {}
    for precision in ("float32", "float64"):
        values = np.random.default_rng(1).uniform(-8.0, 0.0, 4_096).astype(precision)
        passes = [_pass(design, point, "logit", precision, 1) for design, *point in worlds]
        passes.append(_exponential(values))
        cells = [*sizes, values.size]
        calls = [_calls(function) for function in passes]
        times: list[list[float]] = [[] for _ in passes]
        for _ in range(repeats):
            for slot, (function, count) in enumerate(zip(passes, calls, strict=True)):
                times[slot].append(1e9 * _seconds(function, count) / cells[slot])
        exponential[precision] = float(np.median(times.pop()))
        cases += [
            {
                "votes": size,
                "precision": precision,
                "ns": float(np.median(ns)),
                "ns_low": min(ns),
                "ns_high": max(ns),
            }
            for size, ns in zip(sizes, times, strict=True)
        ]
    return {"growth": cases, "exponential_ns": exponential}


def _exponential(values: NDArray[Any]) -> Callable[[], Any]:
    out = np.empty_like(values)
    return lambda: np.exp(values, out=out)


def _world(n_rollcalls: int) -> tuple[Design, NDArray[Any], NDArray[Any], NDArray[Any]]:
    rng = np.random.default_rng(n_rollcalls)
    positions, slopes = rng.normal(size=_MEMBERS), 1.7 * rng.normal(size=n_rollcalls)
    cuts = np.zeros((n_rollcalls, 2))
    cuts[:, 0] = 1.7 * rng.normal(0.0, 0.6, size=n_rollcalls)
    codes = np.empty((_MEMBERS, n_rollcalls), dtype=np.int8)
    for begin in range(0, _MEMBERS, _ROWS):
        rows = slice(begin, begin + _ROWS)
        drawn = rng.random((_ROWS, n_rollcalls), dtype=np.float32)
        margin = (np.outer(positions[rows], slopes) - cuts[:, 0]).astype(np.float32)
        codes[rows] = drawn * (1.0 + np.exp(-margin)) < 1.0
        codes[rows][rng.random((_ROWS, n_rollcalls), dtype=np.float32) < 0.05] = -1
    design = Design(
        codes,
        np.zeros(n_rollcalls, dtype=np.int32),
        np.arange(n_rollcalls, dtype=np.int32),
        np.full(n_rollcalls, 2, dtype=np.int8),
    )
    return design, positions[None, :, None], slopes[:, None], cuts


def _pass(design: Design, point: Any, link: Any, precision: Any, threads: int) -> Callable[[], Any]:
    function = lambda: evaluate(design, *point, link=link, precision=precision, threads=threads)  # noqa: E731
    if function().precision != precision:
        raise RuntimeError(f"{link} {precision} ran in another precision")
    return function


def _calls(function: Callable[[], Any]) -> int:
    """Enough calls that neither the clock nor a page fault matters."""
    function()
    return max(1, int(_LEAST / _seconds(function, 1)))


def _seconds(function: Callable[[], Any], calls: int) -> float:
    began = time.perf_counter()
    for _ in range(calls):
        function()
    return (time.perf_counter() - began) / calls
