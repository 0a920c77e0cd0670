"""Time emIRT, the EM algorithms of Imai, Lo & Olmsted (2016), on the bench sets, where R has it.

Debian does not package it: it is timed where it is found. Its model is the probit one of two or three
categories with items N(0, 5^2) and positions N(0, 1), which is not identified to the last digit as ours is;
what is compared is the time to its own tolerance of 1e-6, and where its positions end.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from kernels import spread
from voteshift.bench.sets import bench_set

__all__ = ["find_em", "run_em", "time_em"]

SCRIPT = Path(__file__).parent / "references" / "emirt.R"
LONG = 10.0
"""Seconds beyond which a fit is timed once."""


def find_em() -> str | None:
    """Return the version of emIRT that Rscript finds."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    code = 'cat(as.character(packageVersion("emIRT")))'
    asked = subprocess.run([rscript, "--vanilla", "-e", code], capture_output=True, text=True, check=False)
    return asked.stdout.strip() if asked.returncode == 0 else None


def run_em(dataset: str, threads: int) -> dict[str, Any]:
    """Fit a bench set once; ``seconds`` are those of the call inside R."""
    drawn = bench_set(dataset)
    rscript = shutil.which("Rscript")
    if rscript is None:
        raise FileNotFoundError("Rscript is not on the path")
    codes = drawn.design.codes
    numbers = [*codes.shape, int(drawn.design.n_categories.max()), threads, 1]
    with tempfile.TemporaryDirectory() as folder:
        votes, out = Path(folder) / "votes.bin", Path(folder) / "positions.csv"
        np.maximum(codes, -1).T.tofile(votes)
        done = subprocess.run(
            [rscript, "--vanilla", str(SCRIPT), str(votes), str(out), *map(str, numbers)],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"OPENBLAS_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)},
        )
        if done.returncode != 0:
            raise RuntimeError(f"emIRT failed: {done.stderr.strip()[-500:]}")
        facts = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
        position = np.loadtxt(out)
    return {
        "version": facts["version"],
        "seconds": float(facts["seconds"]),
        "iterations": int(facts["iterations"]),
        "pearson": abs(float(np.corrcoef(position, drawn.positions[0, :, 0])[0, 1])),
    }


def time_em(dataset: str, threads: int, repeats: int) -> dict[str, Any]:
    """Time emIRT on a bench set, once where that takes long."""
    runs = [run_em(dataset, threads)]
    while len(runs) < repeats and runs[0]["seconds"] < LONG:
        runs.append(run_em(dataset, threads))
    return {
        "package": "emIRT",
        "version": runs[0]["version"],
        "dataset": dataset,
        "threads": threads,
        "runs": len(runs),
        "iterations": runs[0]["iterations"],
        "pearson": runs[0]["pearson"],
        **spread([one["seconds"] for one in runs]),
    }
