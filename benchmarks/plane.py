"""Draws in two dimensions compared with pscl and MCMCpack: python benchmarks/plane.py.

    python benchmarks/plane.py --iterations 100000 --thin 50 --out benchmarks/plane.json

The votes are those of the 109th Senate that pscl contains, contested roll calls. One chain of pscl::ideal(d
= 2) and MCMCpack::MCMCirtKd, and four of voteshift, one core each. Positions of every draw of every program
are centred and whitened (mean 0, identity covariance over members), because the votes fix neither scale nor
axes, and then rotated to the mean of voteshift's draws (`voteshift.posterior.alignment.align_draws`).
Prints, by axis: correlation of posterior means, median ratio of the widths of 90 % intervals; and effective
draws a second, the smallest bulk estimate over members and axes (for voteshift, of all chains over the
seconds of all chains). Warm-up counts, and the compilation of voteshift's model is timed apart. On Debian:
apt-get install r-base-core r-cran-pscl r-cran-mcmcpack.
"""

import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import peers
import voteshift as vs
from voteshift.posterior.alignment import align_draws
from voteshift.posterior.nuts import NUTS

__all__ = ["compare", "effective_draws", "main", "peer_draws", "whiten"]

Floats = NDArray[np.float64]
PACKAGES = ("pscl", "MCMCpack")


def whiten(positions: Floats) -> Floats:
    """Bring every draw, (..., n_members, 2), to mean 0 and identity covariance, without turning it."""
    centred = positions - positions.mean(axis=-2, keepdims=True)
    covariance = np.swapaxes(centred, -1, -2) @ centred / centred.shape[-2]
    values, vectors = np.linalg.eigh(covariance)
    root = vectors / np.sqrt(values)[..., None, :] @ np.swapaxes(vectors, -1, -2)
    return np.asarray(centred @ root)


def effective_draws(positions: Floats) -> float:
    """Return the smallest bulk estimate over members and axes; shape (n_chains, n_draws, n_members, 2)."""
    from arviz_stats.base import array_stats

    flat = positions.reshape(*positions.shape[:2], -1)
    return min(
        float(array_stats.ess(flat[..., place], chain_axis=0, draw_axis=1, method="bulk"))
        for place in range(flat.shape[-1])
    )


def peer_draws(
    package: str, votes: Path, *, seed: int, iterations: int, thin: int
) -> tuple[Floats, float, str]:
    """Return draws of one chain, (1, n_draws, n_members, 2), its seconds, and the version of the package."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "draws.csv"
        numbers = [str(number) for number in (seed, iterations, iterations // 10, thin)]
        done = subprocess.run(
            [
                "Rscript",
                "--vanilla",
                str(peers.HERE / "draws_plane.R"),
                package,
                str(votes),
                str(out),
                *numbers,
            ],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
        if done.returncode != 0:
            raise SystemExit(f"{package} failed: {done.stderr.strip()[-500:]}")
        facts = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
        flat = pd.read_csv(out).to_numpy()
    first, second = np.split(flat, 2, axis=1)
    return np.stack([first, second], axis=-1)[None], float(facts["seconds"]), facts["version"]


def compare(theirs: Floats, ours: Floats) -> dict[str, list[float]]:
    """Return, by axis, the correlation of means and the median ratio of widths of 90 % intervals."""
    theirs, ours = (draws.reshape(-1, *draws.shape[2:]) for draws in (theirs, ours))
    widths = [np.subtract(*np.quantile(draws, [0.95, 0.05], axis=0)) for draws in (ours, theirs)]
    return {
        "correlation": [
            round(float(np.corrcoef(theirs.mean(axis=0)[:, axis], ours.mean(axis=0)[:, axis])[0, 1]), 4)
            for axis in range(2)
        ],
        "width_ratio": [round(float(ratio), 3) for ratio in np.median(widths[0] / widths[1], axis=0)],
    }


def main() -> None:
    """Run every program over the same votes and print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--iterations", type=int, default=100_000)
    parser.add_argument("--thin", type=int, default=50)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--packages", nargs="+", choices=PACKAGES, default=PACKAGES)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        votes = Path(folder) / "votes.csv"
        record = peers.senate(votes)
        fit = vs.sample(
            record,
            vs.IdealPoints(link="probit", dims=2),
            draws=options.draws,
            seed=options.seed,
            nuts=NUTS(cores=1),
        )
        made = fit.tree["posterior"].attrs
        ours = fit.tree["posterior"]["position"].to_numpy()
        target = whiten(ours.mean(axis=(0, 1)))
        ours = align_draws(whiten(ours), whiten(ours), target).positions
        least = effective_draws(ours)
        seconds = float(made["seconds_sampling"])
        document: dict[str, Any] = {
            "members": ours.shape[2],
            "voteshift": {
                "version": vs.__version__,
                "verdict": fit.verdict,
                "draws": options.draws,
                "seconds": round(seconds, 1),
                "seconds_compiling": round(float(made["seconds_compiling"]), 1),
                "effective_draws": round(least, 1),
                "per_second": round(least / seconds, 3),
            },
        }
        print(json.dumps(document), flush=True)
        rows = [list(map(str, record.members.index)).index(member) for member in fit.encoded.members]
        for package in options.packages:
            draws, seconds, version = peer_draws(
                package, votes, seed=options.seed, iterations=options.iterations, thin=options.thin
            )
            theirs = whiten(draws[:, :, rows])
            theirs = align_draws(theirs, theirs, ours.mean(axis=(0, 1))).positions
            least = effective_draws(theirs)
            halves = np.split(theirs[:, : 2 * (theirs.shape[1] // 2)], 2, axis=1)
            document[package] = {
                "version": version,
                "iterations": options.iterations,
                "thin": options.thin,
                "seconds": round(seconds, 1),
                "effective_draws": round(least, 1),
                "per_second": round(least / seconds, 5),
                "ratio": round(document["voteshift"]["per_second"] / (least / seconds), 1),
                **compare(theirs, ours),
                "halves": compare(halves[0], halves[1]),
            }
            print(package, json.dumps(document[package]), flush=True)
    if options.out:
        options.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
