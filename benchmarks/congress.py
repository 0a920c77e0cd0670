"""Time and memory of a record of the size of both houses of the US Congress since 1789, in blocks.

    python benchmarks/congress.py [--scale 1.0] [--repeats 1] [--threads 2] [--parts store fit]
                                  [--out benchmarks/congress.json]

The record is simulated: 115 congresses of two chambers, whose seats grow from 65 and 26 to 435 and 100 by the
63rd congress. A part of the members leaves after every congress, and the roll calls of a congress grow with
time, so that about 12,500 members cast 26 million votes in 107,000 roll calls. The positions are those of a
random walk by congress, and 7% of the seats have no vote. `--scale` multiplies the number of roll calls.

`store` measures the store and what a record does with it, `fit` a dynamic fit at the mode by congress with
one dimension, of a record that another process simulated. Each runs in a separate process. Seconds are of
processor time, with `wall` of the clock, which other work on the machine delays. Peak memory is that of the
process, Python and packages included, in MiB; `megabytes_before` is the peak before the measured step.
"""

import argparse
import json
import resource
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

import voteshift as vs
from long_records import simulate
from voteshift.blocks import store_seats
from voteshift.errors import BridgeWarning
from voteshift.writers import write
from worker import measure

__all__ = ["main", "measure_fit", "measure_store", "simulate_congress", "write_record"]

HERE = Path(__file__).parent
PERIODS, GROWN = 115, 62
SEATS = {"house": (65, 435), "senate": (26, 100)}
ROLLCALLS = {"house": 61_000, "senate": 46_000}
LEAVING = {"house": 0.268, "senate": 0.195}


def simulate_congress(seed: int = 0, scale: float = 1.0) -> vs.RollCalls:
    """Draw the votes chamber by chamber, as a list of seats and never as a matrix.

    Parameters
    ----------
    seed : int
        Seed of the draws.
    scale : float
        Multiplies the number of roll calls.
    """
    rng = np.random.default_rng(seed)
    share = 0.3 + np.minimum(np.arange(PERIODS) / GROWN, 1.0) ** 2 + np.arange(PERIODS) / PERIODS
    position = np.zeros(0)
    sitting = {name: np.zeros(0, dtype=np.int32) for name in SEATS}
    lists: tuple[list[Any], list[Any], list[Any]] = ([], [], [])
    names: list[str] = []
    congress: list[int] = []
    for t in range(PERIODS):
        for chamber, (first, last) in SEATS.items():
            seats = round(first + (last - first) * min(t / GROWN, 1.0))
            stay = sitting[chamber][rng.random(len(sitting[chamber])) >= LEAVING[chamber]]
            new = np.arange(len(position), len(position) + seats - len(stay), dtype=np.int32)
            position = np.concatenate([position, rng.standard_normal(len(new))])
            members = sitting[chamber] = np.concatenate([stay, new])
            n = max(3, round(scale * ROLLCALLS[chamber] * share[t] / share.sum()))
            slope, middle = 2.0 * rng.standard_normal(n, dtype=np.float32), rng.standard_normal(n)
            theirs = position[members].astype(np.float32)
            latent = slope[:, None] * theirs - middle[:, None].astype(np.float32)
            chance = 1.0 / (1.0 + np.exp(-latent))
            cast = np.where(rng.random(chance.shape, dtype=np.float32) < chance, vs.Vote.YES, vs.Vote.NO)
            cast = cast.astype(np.int8)
            cast[rng.random(cast.shape, dtype=np.float32) < 0.07] = vs.Vote.ABSENT
            place = np.arange(len(names), len(names) + n, dtype=np.int32)
            listed = np.tile(members, n), np.repeat(place, seats), cast.ravel()
            for part, values in zip(lists, listed, strict=True):
                part.append(values)
            names += [f"{chamber}-{t + 1}-{number + 1}" for number in range(n)]
            congress += [t + 1] * n
        position += 0.1 * rng.standard_normal(len(position))
    member, rollcall, code = (np.concatenate(part) for part in lists)
    lists = ([], [], [])
    store = store_seats(member, rollcall, code, (len(position), len(names)))
    del member, rollcall, code
    # Without a title, no family: the titles of 107,000 simulated roll calls would be noise.
    frame = pd.DataFrame({"congress": congress, "family": ""}, index=names)
    return vs.RollCalls(store, pd.DataFrame(index=[f"m{k}" for k in range(len(position))]), frame)


def measure_store(scale: float, seed: int = 0) -> dict[str, Any]:
    """Measure the store of the simulated record, and what a record does with it."""
    began = time.process_time()
    record = simulate_congress(seed, scale)
    result: dict[str, Any] = {"simulate_seconds": time.process_time() - began, **_size(record)}
    last = [str(id_) for id_ in record.rollcalls.index[record.rollcalls["congress"] == PERIODS]]
    steps: dict[str, Callable[[], object]] = {
        "tally": record.tally,
        "contested": record.contested,
        "seated": record.seated,
        "select_congress": lambda: record.select(rollcalls=last).seated(),
        "votes_of_congress": lambda: record.select(rollcalls=last).seated().votes,
        "repr": lambda: repr(record),
    }
    for name, step in steps.items():
        began = time.process_time()
        step()
        result[f"{name}_seconds"] = time.process_time() - began
    with TemporaryDirectory() as folder:
        path = Path(folder) / "congress.voteshift"
        for name, step in (("write", lambda: write(record, path)), ("read", lambda: vs.read(path))):
            began = time.process_time()
            step()
            result[f"{name}_seconds"] = time.process_time() - began
        result["file_megabytes"] = path.stat().st_size / 1e6
    return result | {"megabytes": _peak()}


def write_record(path: str, scale: float, seed: int = 0) -> None:
    """Simulate a record and write it, so that the process of a fit does not hold the lists too."""
    write(simulate_congress(seed, scale), path)


def measure_fit(path: str, threads: int) -> dict[str, Any]:
    """Measure a dynamic fit at the mode by congress of the record in a file."""
    model = vs.IdealPoints(dynamics=vs.RandomWalk("congress"), method="mode", threads=threads)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BridgeWarning)  # no roll calls of two congresses share an item
        model.fit(simulate(1, periods=4, rollcalls=1100))  # loads the kernels
        record = vs.read(path)
        before, began, cpu = _peak(), time.perf_counter(), time.process_time()
        fit = model.fit(record)
    return {
        "wall": time.perf_counter() - began,
        "seconds": time.process_time() - cpu,
        "megabytes_before": before,
        "megabytes": _peak(),
        **_size(record),
        "fitted_members": fit.n_members,
        "fitted_rollcalls": fit.n_rollcalls,
        "converged": fit.converged,
        "iterations": fit.mode.iterations,
        "evaluations": fit.mode.evaluations,
        "objective": fit.mode.objective,
        "gradient_norm": fit.mode.gradient_norm,
    }


def _size(record: vs.RollCalls) -> dict[str, Any]:
    store = record.store
    seats = int((store.codes != vs.Vote.NOT_MEMBER).sum())
    return {
        "members": store.shape[0],
        "rollcalls": store.shape[1],
        "seats": seats,
        "votes": int((store.codes >= 0).sum()),
        "blocks": store.n_blocks,
        "store_megabytes": store.nbytes / 1e6,
        "bytes_per_seat": store.nbytes / seats,
        "matrix_megabytes": store.shape[0] * store.shape[1] / 1e6,
    }


def _peak() -> float:
    """Return the peak memory of this process in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--parts", nargs="+", default=["store", "fit"], choices=["store", "fit"])
    parser.add_argument("--out", type=Path, default=HERE / "congress.json")
    options = parser.parse_args(arguments)
    rows = []
    with TemporaryDirectory() as folder:
        path = f"{folder}/congress.voteshift"
        if "fit" in options.parts:
            measure("congress", "write_record", path=path, scale=options.scale)
        arguments_of: dict[str, dict[str, Any]] = {
            "store": {"scale": options.scale},
            "fit": {"path": path, "threads": options.threads},
        }
        for part in options.parts:
            for _ in range(options.repeats):
                result = measure("congress", f"measure_{part}", **arguments_of[part])
                row = {"part": part, "scale": options.scale, "threads": options.threads}
                rows.append(row | result)
                print(json.dumps(rows[-1]), flush=True)
    options.out.write_text(json.dumps(rows, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
