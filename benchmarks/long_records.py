"""Time and peak memory of fits of a long record, of which every member sat in a part.

    python benchmarks/long_records.py [--record VOTES.csv] [--before SRC] [--repeats 3] [--threads 2]
                                      [--out benchmarks/long_records.json]

The simulated record has the shape of the Senate of the 80th to 110th Congress: 31 congresses of 653 roll
calls and 100 seats, of which 14 change their member after every congress. `--record` names a file with one
row per vote instead: columns congress, rollcall, member and vote (1 yes, 0 no). `--before` names the folder
`src` of another checkout, whose fits are timed in turn with those of this one.

Every fit runs in a separate process. A fit of the same kind beforehand loads the kernels. Peak memory is that
of the process, Python and packages included; `megabytes_before` is the peak before the fit.
"""

import argparse
import json
import resource
import time
import warnings
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

import voteshift as vs
from voteshift.errors import BridgeWarning
from worker import measure

__all__ = ["fit_once", "main", "read_votes", "simulate"]

HERE = Path(__file__).parent
PERIODS, SEATS, ROLLCALLS, LEAVING = 31, 100, 653, 14


def simulate(
    seed: int = 0,
    *,
    periods: int = PERIODS,
    seats: int = SEATS,
    rollcalls: int = ROLLCALLS,
    leaving: int = LEAVING,
) -> vs.RollCalls:
    """Draw a record in which `leaving` of the `seats` change their member after every period."""
    rng = np.random.default_rng(seed)
    n_members = seats + (periods - 1) * leaving
    votes = np.full((n_members, periods * rollcalls), vs.Vote.NOT_MEMBER, dtype=np.int8)
    sitting, position = np.arange(seats), rng.standard_normal(n_members)
    for period in range(periods):
        if period:
            new = seats + (period - 1) * leaving + np.arange(leaving)
            sitting = np.concatenate([rng.permutation(sitting)[leaving:], new])
        slope, middle = 2.0 * rng.standard_normal(rollcalls), rng.standard_normal(rollcalls)
        latent = position[sitting, None] * slope - middle + rng.logistic(size=(seats, rollcalls))
        cast = np.where(latent > 0, vs.Vote.YES, vs.Vote.NO)
        cast[rng.random(cast.shape) < 0.07] = vs.Vote.ABSENT
        votes[sitting, period * rollcalls : (period + 1) * rollcalls] = cast
        position = position + 0.1 * rng.standard_normal(n_members)
    names = [f"{period + 1}-{number}" for period in range(periods) for number in range(rollcalls)]
    congress = np.repeat(np.arange(periods) + 1, rollcalls)
    return vs.RollCalls(
        votes,
        pd.DataFrame(index=[str(member) for member in range(n_members)]),
        pd.DataFrame({"congress": congress}, index=names),
    )


def read_votes(path: Path) -> vs.RollCalls:
    """Read a list of votes (1 and 0), with memory for the list and the matrix only."""
    frame = pd.read_csv(path, usecols=["congress", "rollcall", "member", "vote"], dtype=np.int32)
    members, row = np.unique(frame["member"], return_inverse=True)
    pairs, column = np.unique(frame["congress"] * 100_000 + frame["rollcall"], return_inverse=True)
    votes = np.full((len(members), len(pairs)), vs.Vote.NOT_MEMBER, dtype=np.int8)
    votes[row, column] = np.where(frame["vote"] == 1, vs.Vote.YES, vs.Vote.NO)
    congress, number = np.divmod(pairs, 100_000)
    return vs.RollCalls(
        votes,
        pd.DataFrame(index=members.astype(str)),
        pd.DataFrame(
            {"congress": congress}, index=[f"{a}-{b}" for a, b in zip(congress, number, strict=True)]
        ),
    )


def fit_once(kind: str, record: str | None, threads: int) -> dict[str, Any]:
    """Fit one model once and return time, peak memory and objective.

    Parameters
    ----------
    kind : {"static", "dynamic"}
        One position per member, or one per member and congress.
    record : str or None
        File of votes; None for the simulated record.
    threads : int
        Threads of the fit.
    """
    votes = simulate() if record is None else read_votes(Path(record))
    dynamics = vs.RandomWalk("congress") if kind == "dynamic" else None
    model = vs.IdealPoints(dynamics=dynamics, method="mode", threads=threads)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BridgeWarning)  # no roll calls of two congresses share an item
        model.fit(simulate(1, periods=4, rollcalls=1100))  # loads the kernels
        before = _peak()
        began = time.perf_counter()
        fit = model.fit(votes)
        seconds = time.perf_counter() - began
    after = _peak()
    began = time.perf_counter()
    fit.tidy()
    return {
        "seconds": seconds,
        "megabytes_before": before,
        "megabytes": after,
        "errors_seconds": time.perf_counter() - began,
        "errors_megabytes": _peak(),
        "members": fit.n_members,
        "rollcalls": fit.n_rollcalls,
        "objective": fit.mode.objective,
        "gradient_norm": fit.mode.gradient_norm,
    }


def _peak() -> float:
    """Return the peak memory of this process in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--record", type=Path)
    parser.add_argument("--before", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--kinds", nargs="+", default=["static", "dynamic"], choices=["static", "dynamic"])
    parser.add_argument("--out", type=Path, default=HERE / "long_records.json")
    options = parser.parse_args(arguments)
    sources = {"before": options.before, "after": HERE.parent / "src"}
    rows = []
    for kind in options.kinds:
        runs: dict[str, list[dict[str, Any]]] = {name: [] for name, src in sources.items() if src}
        for _ in range(options.repeats):
            for name, measured in runs.items():
                result = measure(
                    "long_records",
                    "fit_once",
                    extra={"PYTHONPATH": str(Path(sources[name]).resolve())},
                    kind=kind,
                    record=str(options.record.resolve()) if options.record else None,
                    threads=options.threads,
                )
                measured.append(result)
        for name, measured in runs.items():
            row = {key: median(result[key] for result in measured) for key in measured[0]}
            row = {"record": options.record.name if options.record else "simulated", "fit": kind} | row
            rows.append({"code": name, "threads": options.threads, "repeats": len(measured)} | row)
            print(json.dumps(rows[-1]), flush=True)
    options.out.write_text(json.dumps(rows, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
