"""Measure speed, memory and agreement in one go: a table on standard output and a JSON file.

    python benchmarks/run.py --out benchmarks/published.json

Every measurement runs in a separate process, with as many threads for NumPy's BLAS as for voteshift. The
packages pscl, MCMCpack and emIRT of R are timed where Rscript finds them; what was skipped is printed.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import em
import peers
from report import render
from voteshift.bench.sets import SETS
from worker import measure

__all__ = ["main", "measure_all"]

SIZES = (100_000, 300_000, 1_000_000, 3_000_000, 10_000_000, 30_000_000, 100_000_000)
"""Votes of the matrices over which the cost of a vote is followed."""

SENATE = (102, 645)
"""Members and roll calls of the set on which packages of R are timed."""


def measure_all(
    sets: list[str],
    threads: list[int],
    repeats: int,
    *,
    quick: bool = False,
    unga: Path | None = None,
    say: Callable[[str], object] = str,
) -> dict[str, Any]:
    """Run every measurement.

    Parameters
    ----------
    sets : list of str
        Bench sets.
    threads : list of int
        Numbers of threads that are compared; the first is the one of everything else.
    repeats : int
        Repeats of each timing.
    quick : bool
        Small sizes and no packages of R: to see that it runs, not to learn anything.
    unga : Path, optional
        A folder with the record of the General Assembly, as `voteshift.read` knows it.
    say : callable
        Told what is being done.

    Returns
    -------
    dict
        What the JSON file holds.
    """
    one, largest = threads[0], "L" if "L" in sets else sets[0]
    links = ("probit",) if quick else ("logit", "probit")
    results: dict[str, Any] = {
        "repeats": repeats,
        "threads": threads,
        "sets": sets,
        "quick": quick,
        "skipped": [],
    }
    results["load_before"] = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    say("value and gradient against the textbook")
    passes = measure("kernels", "value_and_gradient", sets=sets, repeats=repeats)
    results["machine"], results["kernels"] = passes["machine"], passes["cases"]
    results["machine"].pop("load_average", None)  # this run's own
    results["machine"]["system"] = f"{platform.system()} {platform.machine()}"
    say(f"threads on {largest}")
    results["kernel_threads"] = measure(
        "kernels", "by_threads", blas_threads=max(threads), dataset=largest, counts=threads, repeats=repeats
    )
    say("cost per vote as votes grow")
    sizes = [size for size in SIZES if not quick or size <= 1_000_000]
    results |= measure("kernels", "growth", sizes=sizes, repeats=repeats)
    results["fits"] = []
    for dataset in sets:
        for link in links:
            for count in threads:
                say(f"fit {dataset}, {link}, threads {count}")
                # SciPy once per model: where it ends does not depend on threads.
                most = 20_000 if count == one else 0
                arguments: dict[str, Any] = {
                    "dataset": dataset,
                    "link": link,
                    "repeats": repeats,
                    "scipy_iterations": most,
                }
                results["fits"].append(measure("fits", "fit", blas_threads=count, threads=count, **arguments))
    results["real"] = _real(results, links, one, repeats, unga, say)
    say("random starts")
    middle = "M" if "M" in sets else sets[0]
    results["starts"] = [measure("fits", "starts", dataset=middle, link=link, seeds=[1, 2]) for link in links]
    results |= _processes(sets, repeats, largest, links, quick, say)
    results["peers"] = _peers(results, repeats, quick, say)
    results["em"] = _em(results, [name for name in sets if name != "S"], repeats, quick, say)
    return results


def _real(
    results: dict[str, Any],
    links: tuple[str, ...],
    threads: int,
    repeats: int,
    unga: Path | None,
    say: Callable[[str], object],
) -> list[dict[str, Any]]:
    """Fit real records: the bundled one, and that of the General Assembly where a folder is given."""
    folders = {"HRC": None} | ({} if unga is None else {"UNGA": str(unga)})
    if unga is None:
        results["skipped"].append("the General Assembly: no folder given (--unga)")
    timed = []
    for name, folder in folders.items():
        for link in links:
            say(f"fit {name}, {link}")
            arguments: dict[str, Any] = {"name": name, "folder": folder, "link": link}
            timed.append(measure("fits", "real", threads=threads, repeats=repeats, **arguments))
    return timed


def _processes(
    sets: list[str],
    repeats: int,
    largest: str,
    links: tuple[str, ...],
    quick: bool,
    say: Callable[[str], object],
) -> dict[str, Any]:
    """Measure memory, and what a process pays before its first result."""
    results: dict[str, Any] = {"memory": [], "start": []}
    with tempfile.TemporaryDirectory() as folder:
        saved = {name: str(Path(folder) / f"{name}.npy") for name in {"S", *sets}}
        for name, path in saved.items():
            measure("process", "save", dataset=name, path=path)
        for link in links:
            say(f"memory of a fit of {largest}, {link}")
            arguments: dict[str, Any] = {"small": saved["S"], "large": saved[largest], "link": link}
            measured = [measure("process", "memory", **arguments) for _ in range(max(2, repeats // 2))]
            results["memory"].append({"dataset": largest, "link": link} | max(measured, key=_peak))
        # A small set and one that takes the float32 kernels as well.
        for name in dict.fromkeys(["S", "M" if "M" in sets else "S"]):
            say(f"first call on {name}")
            # In a quick run nothing is compiled that was compiled before.
            cache = {} if quick else {"NUMBA_CACHE_DIR": str(Path(folder) / f"cache-{name}")}
            arguments = {"path": saved[name], "link": "logit"}
            first = measure("process", "start", extra=cache, **arguments)
            later = [measure("process", "start", extra=cache, **arguments) for _ in range(repeats)]
            middle = sorted(later, key=lambda one: one["process_seconds"])[repeats // 2]
            results["start"].append({"dataset": name, "link": "logit", "compiling": first, "cached": middle})
    return results


def _peak(measured: dict[str, Any]) -> float:
    return float(measured["with_record"])


def _peers(
    results: dict[str, Any], repeats: int, quick: bool, say: Callable[[str], object]
) -> list[dict[str, Any]]:
    """Time an iteration of the packages of R, and a whole fit of the same votes."""
    if quick:
        results["skipped"].append("packages of R: a quick run")
        return []
    import voteshift as vs

    timed = []
    versions = peers.find_peers()
    missing = [name for name in peers.PEERS if name not in versions]
    results["skipped"] += [f"{name}: Rscript does not find it" for name in missing]
    world = vs.simulate(*SENATE, seed=105, link="probit", categories=2, missing=0.05)
    drawn = world.rollcalls.contested()
    model = vs.IdealPoints(link="probit", threads=1)
    fit = model.fit(drawn)
    with tempfile.TemporaryDirectory() as folder:
        votes = Path(folder) / "votes.csv"
        peers.write_votes(votes, drawn)
        for package, version in versions.items():
            say(f"{package}, {repeats} times")
            iterations, fits = [], []
            for number in range(repeats):
                # The difference of two lengths leaves out what is paid once.
                short, long = (
                    float(
                        peers.run_chain(
                            package, votes, seed=number, iterations=length, burnin=0, thin=10
                        ).facts["seconds"]
                    )
                    for length in (100, 1_100)
                )
                iterations.append((long - short) / 1_000)
                began = time.perf_counter()
                model.fit(drawn)
                fits.append(time.perf_counter() - began)
            per_iteration, seconds = sorted(iterations)[repeats // 2], sorted(fits)[repeats // 2]
            timed.append(
                {
                    "package": package,
                    "version": version,
                    "members": drawn.votes.shape[0],
                    "rollcalls": drawn.votes.shape[1],
                    "seconds_per_iteration": per_iteration,
                    "low": min(iterations),
                    "high": max(iterations),
                    "fit_seconds": seconds,
                    "fit_gradient_norm": fit.mode.gradient_norm,
                    "fit_in_iterations": seconds / per_iteration,
                }
            )
    return timed


def _em(
    results: dict[str, Any], sets: list[str], repeats: int, quick: bool, say: Callable[[str], object]
) -> list[dict[str, Any]]:
    """Time emIRT where it is found, and set it against the probit fits of this run on as many threads."""
    version = None if quick else em.find_em()
    if version is None:
        results["skipped"] += [] if quick else ["emIRT: Rscript does not find it"]
        return []
    threads = results["threads"][0]
    fits = {
        fit["dataset"]: fit for fit in results["fits"] if (fit["link"], fit["threads"]) == ("probit", threads)
    }
    timed = []
    for name in sets:
        say(f"emIRT, {name}")
        peer = em.time_em(name, threads, repeats)
        ours = fits[name]
        timed.append(
            peer
            | {
                "fit_seconds": ours["seconds"],
                "fit_gradient_norm": ours["gradient_norm"],
                "fit_pearson": ours["pearson"],
                "ratio": peer["seconds"] / ours["seconds"],
            }
        )
    return timed


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", type=lambda text: text.split(","), default=list(SETS), help="S,M,L,ORD")
    parser.add_argument(
        "--threads", type=lambda text: [int(part) for part in text.split(",")], default=[1, 2]
    )
    parser.add_argument("--repeats", type=int, default=5, help="at least 5")
    parser.add_argument(
        "--quick", action="store_true", help="see that it runs: any repeats, no packages of R"
    )
    parser.add_argument("--unga", type=Path, help="folder with the record of the General Assembly")
    parser.add_argument("--out", type=Path, help="where to write JSON")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.sets if name not in SETS]
    if unknown:
        parser.error(f"{unknown[0]!r} is none of {', '.join(SETS)}")
    if options.repeats < (1 if options.quick else 5):
        parser.error("a published median wants at least 5 repeats")
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ[name] = "1"  # for R, and for what is timed in this process
    results = measure_all(
        options.sets,
        options.threads,
        options.repeats,
        quick=options.quick,
        unga=options.unga,
        say=lambda words: print(f"... {words}", file=sys.stderr, flush=True),
    )
    print(render(results))
    if options.out is not None:
        options.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
