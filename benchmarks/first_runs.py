"""Measure the first runs of a command on a new machine: one alone, then several at once.

    python benchmarks/first_runs.py --runs 10 --limit 600 -- explain

Every round begins without any cache: of kernels (Numba), of fits, of PyTensor and of matplotlib. The runs of
a round share one set of caches, as the processes of one user do. Wall time depends on what else the machine
does, the processor time less; both are printed, in one JSON object. Exit status 1 if a run fails, exceeds
the limit, or if the runs at once take more than 15 times as long as the one alone.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["MOST_RATIO", "Round", "main", "run_round"]

MOST_RATIO = 15.0
"""Bar: several first runs at once take at most this many times as long as one alone."""

_PROGRAM = "from voteshift.cli import main; main()"


@dataclass(frozen=True)
class Round:
    """Seconds of one round.

    Attributes
    ----------
    runs : int
        Processes that started at the same time.
    seconds : float
        Wall time from the start of the first to the end of the last.
    processor_seconds : float
        Processor time of all of them together.
    ended : int
        Processes that ended with exit status 0 within the limit.
    """

    runs: int
    seconds: float
    processor_seconds: float
    ended: int


def run_round(command: list[str], runs: int, limit: float, folder: Path) -> Round:
    """Run a command several times at once, with caches in an empty folder.

    Parameters
    ----------
    command : list of str
        Arguments of ``voteshift``.
    runs : int
        Processes.
    limit : float
        Seconds after which a process is stopped.
    folder : Path
        Empty folder: home folder and caches of the processes.
    """
    before, began = os.times(), time.monotonic()
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, *command],
            env=_environment(folder),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for _ in range(runs)
    ]
    ended = 0
    for process in processes:
        try:
            _, messages = process.communicate(timeout=max(0.0, began + limit - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            _, messages = process.communicate()
        ended += process.returncode == 0
        if process.returncode:
            sys.stderr.write(messages.decode(errors="replace")[-500:])
    after, seconds = os.times(), time.monotonic() - began
    processor = sum(after[2:4]) - sum(before[2:4])
    return Round(runs, round(seconds, 2), round(processor, 2), ended)


def _environment(folder: Path) -> dict[str, str]:
    """Return an environment in which every cache lies in one folder."""
    kept = {name: value for name, value in os.environ.items() if name != "VOTESHIFT_CACHE"}
    return kept | {
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "NUMBA_CACHE_DIR": str(folder / "numba"),
        "MPLCONFIGDIR": str(folder / "matplotlib"),
        "PYTENSOR_FLAGS": f"base_compiledir={folder / 'pytensor'}",
    }


def main(arguments: list[str] | None = None) -> int:
    """Measure both rounds, print them, and return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=10, help="processes at once (default: 10)")
    parser.add_argument("--limit", type=float, default=600.0, help="seconds a run may take (default: 600)")
    parser.add_argument("command", nargs="*", default=["explain"], help="arguments of voteshift")
    chosen = parser.parse_args(arguments)
    rounds = []
    for runs in (1, chosen.runs):
        with tempfile.TemporaryDirectory(prefix="first-runs-") as folder:
            rounds.append(run_round(chosen.command, runs, chosen.limit, Path(folder)))
    alone, together = rounds
    ratio = together.seconds / alone.seconds
    print(
        json.dumps(
            {
                "command": chosen.command,
                "cores": os.cpu_count(),
                "load": round(os.getloadavg()[0], 1),
                "alone": asdict(alone),
                "together": asdict(together),
                "ratio": round(ratio, 2),
                "processor_ratio": round(together.processor_seconds / alone.processor_seconds, 2),
            }
        )
    )
    return int(any(part.ended < part.runs for part in rounds) or ratio > MOST_RATIO)


if __name__ == "__main__":
    sys.exit(main())
