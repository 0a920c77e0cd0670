"""The best possible positions in the worlds of `scale.py`: python benchmarks/known_items.py.

    python benchmarks/known_items.py --worlds 40 --first 101 --out benchmarks/known_items.json

Here the true items are known, so the votes have to determine positions only. Given the items, members are
independent, and the path of each member has a posterior with a random-walk prior; its mode is found by
Newton steps (probit, N(0, 1.5^2) for the first position). Of four standard deviations of a step, each world
takes the one with the highest correlation with the truth, which no real fit can do. Prints, by kind of
world, the correlation with the truth and the coverage of 90 % intervals: a bound for every method that also
estimates the items.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve
from scipy.stats import norm

from scale import KINDS, World, make_world

__all__ = ["find_path", "main", "score"]

Floats = NDArray[np.float64]
STEPS = (0.08, 0.12, 0.17, 0.25)
START_SD, LEVEL_Z, MOST = 1.5, 1.6448536269514722, 100


def find_path(
    votes: Floats, period: NDArray[np.intp], slopes: Floats, midpoints: Floats, n_periods: int, step_sd: float
) -> tuple[Floats, Floats]:
    """Return the posterior mode of a member's path and its standard deviations, shape (n_periods,).

    Parameters
    ----------
    votes, period, slopes, midpoints : ndarray, shape (n_votes,)
        Votes (1 yes, -1 no), their periods and their items.
    n_periods, step_sd
        Number of periods, and standard deviation of a step.
    """
    differences = np.diff(np.eye(n_periods), axis=0)
    prior = differences.T @ differences / step_sd**2
    prior[0, 0] += START_SD**-2
    path, precision = np.zeros(n_periods), prior
    for _ in range(MOST):
        z = votes * (slopes * path[period] - midpoints)
        ratio = np.exp(norm.logpdf(z) - norm.logcdf(z))
        gradient = np.bincount(period, votes * slopes * ratio, n_periods) - prior @ path
        precision = prior + np.diag(np.bincount(period, slopes**2 * ratio * (ratio + z), n_periods))
        step = solve(precision, gradient, assume_a="pos")
        path = path + step / max(1.0, np.abs(step).max())
        if np.abs(step).max() < 1e-9:
            return path, np.sqrt(np.diag(np.linalg.inv(precision)))
    raise RuntimeError("the mode of a path was not found")


def score(world: World) -> dict[str, float]:
    """Return correlation with the truth and coverage for the best standard deviation of a step."""
    votes, truth = world.record.votes, world.positions
    dates = world.record.rollcalls["date"].dt.year.to_numpy()
    period = dates - dates.min()
    rows = []
    for step_sd in STEPS:
        estimates, errors = np.full_like(truth, np.nan), np.full_like(truth, np.nan)
        for member in range(votes.shape[0]):
            sat = np.flatnonzero(~np.isnan(truth[:, member]))
            if not len(sat):
                continue
            first, n_periods = sat[0], sat[-1] - sat[0] + 1
            cast = np.flatnonzero(votes[member] >= 0)
            path, errors_of = find_path(
                np.where(votes[member, cast] == 2, 1.0, -1.0),
                period[cast] - first,
                world.discriminations[cast],
                world.midpoints[cast],
                n_periods,
                step_sd,
            )
            estimates[sat, member], errors[sat, member] = path[sat - first], errors_of[sat - first]
        seated = ~np.isnan(truth)
        distance = np.abs(estimates - truth)[seated]
        rows.append(
            {
                "r": float(np.corrcoef(estimates[seated], truth[seated])[0, 1]),
                "coverage": float(np.mean(distance <= LEVEL_Z * errors[seated])),
                "step_sd": step_sd,
            }
        )
    return max(rows, key=lambda row: row["r"])


def main() -> None:
    """Score the worlds and print the bounds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=40)
    parser.add_argument("--first", type=int, default=101)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    document: dict[str, Any] = {}
    for kind in KINDS:
        seeds = range(options.first, options.first + options.worlds)
        rows = [score(make_world(kind, seed)) for seed in seeds]
        document[kind] = {
            "worlds": len(rows),
            "r": {
                "median": round(float(np.median([row["r"] for row in rows])), 4),
                "highest": round(max(row["r"] for row in rows), 4),
            },
            "coverage": round(float(np.mean([row["coverage"] for row in rows])), 3),
        }
        print(f"{kind}: {json.dumps(document[kind])}", flush=True)
    if options.out:
        options.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
