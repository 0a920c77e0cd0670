"""Marginal fits in several dimensions: against draws, their time, held-out votes, and coverage.

    python benchmarks/marginal_dimensions.py posterior council
    python benchmarks/marginal_dimensions.py posterior senate --votes votes.csv.xz   # the 109th Senate
    python benchmarks/marginal_dimensions.py held_out council
    python benchmarks/marginal_dimensions.py coverage --worlds 20
    python benchmarks/marginal_dimensions.py seconds --millions 1

posterior: the marginal fit in two dimensions against four chains of NUTS. Every draw is rotated towards the
means of the marginal fit (orthogonal Procrustes). The distance of the means is in posterior standard
deviations.

held_out: five folds of single votes, in one, two and three dimensions, at the mode with prior standard
deviations 5 and 2 of discriminations, and with the marginal fit, which estimates them.

coverage: 90% intervals of distances between members. The worlds are drawn here and not by the package:
positions from a mixture, discriminations with a t distribution, normal noise of various sizes for every roll
call, and votes missing at random. Neither fit nor prior assumes these.

seconds: a record of binary votes with 1000 members in two dimensions, against the mode in one dimension.
The votes of the Senate are not bundled; see two_dimensions.py.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import orthogonal_procrustes

import voteshift as vs
from two_dimensions import read_senate
from voteshift.posterior.comparison import compare_held_out
from voteshift.posterior.held_out import k_fold

__all__ = ["covered_distances", "draw_world", "held_out", "main", "posterior", "seconds"]

Floats = NDArray[np.float64]

MARGINAL = vs.IdealPoints(dims=2, method="marginal")


def _percentiles(values: Floats) -> dict[str, float]:
    points = {"5%": 5, "median": 50, "95%": 95, "largest": 100}
    return {name: round(float(np.percentile(values, point)), 3) for name, point in points.items()}


def posterior(record: vs.RollCalls, *, draws: int, seed: int) -> dict[str, Any]:
    """Compare means and standard deviations of positions with those of draws."""
    began = time.perf_counter()
    fit = vs.IdealPoints(dims=2, method="marginal").fit(record)
    table = fit.tidy()
    seconds_marginal = time.perf_counter() - began
    means = table["estimate"].to_numpy().reshape(-1, 2)
    errors = table["std_error"].to_numpy().reshape(-1, 2)
    mode = vs.IdealPoints(dims=2).fit(record)
    mode_table = mode.tidy()
    began = time.perf_counter()
    sampled = vs.sample(record, vs.IdealPoints(dims=2), draws=draws, seed=seed)
    seconds_nuts = time.perf_counter() - began
    data = sampled.tree["posterior"]
    positions = data["position"].to_numpy().reshape(-1, *means.shape)
    turned = np.stack([one @ orthogonal_procrustes(one, means)[0] for one in positions])
    centre, sd = turned.mean(axis=0), turned.std(axis=0)
    at_mode = mode_table["estimate"].to_numpy().reshape(-1, 2)
    at_mode = at_mode @ orthogonal_procrustes(at_mode, centre)[0]
    distance = np.abs(means - centre) / sd
    return {
        "converged": fit.converged,
        "distance": fit.mode.gradient_norm,
        "draws_converged": sampled.converged,
        "verdict_of_draws": sampled.verdict,
        "seconds": {"marginal": round(seconds_marginal, 1), "nuts": round(seconds_nuts, 1)},
        "discrimination_sd": {
            "marginal": fit.learned.by_dimension,
            "nuts": data["discrimination_sd"].to_numpy().mean(axis=(0, 1)).tolist(),
        },
        "means": {str(d + 1): _percentiles(distance[:, d]) for d in range(2)},
        "means_within_0.15": round(float((distance <= 0.15).mean()), 3),
        "means_of_the_mode": {
            str(d + 1): _percentiles((np.abs(at_mode - centre) / sd)[:, d]) for d in range(2)
        },
        "sd_ratio": {str(d + 1): _percentiles((errors / sd)[:, d]) for d in range(2)},
        "sd_ratio_within_0.9_1.1": round(float((np.abs(errors / sd - 1.0) <= 0.1).mean()), 3),
        "correlation": [round(float(np.corrcoef(means[:, d], centre[:, d])[0, 1]), 4) for d in range(2)],
    }


def held_out(record: vs.RollCalls, *, folds: int, seed: int) -> list[dict[str, object]]:
    """Return a row for each number of dimensions and method, the best first."""
    specifications = {}
    for dims in (1, 2, 3):
        for sd in (2.0, 5.0):
            specifications[f"mode, prior sd {sd:g}, {dims}"] = vs.IdealPoints(
                dims=dims, method="mode", priors=vs.Priors(discrimination=sd)
            )
        specifications[f"marginal, {dims}"] = vs.IdealPoints(dims=dims, method="marginal")
    held = {name: k_fold(record, spec, k=folds, seed=seed) for name, spec in specifications.items()}
    rows: list[dict[str, object]] = json.loads(
        compare_held_out(held).tidy().round(4).to_json(orient="records")
    )
    return rows


def draw_world(seed: int, *, members: int = 50, rollcalls: int = 150) -> tuple[vs.RollCalls, Floats]:
    """Draw a record and its true positions, standardised; see the top of this file."""
    rng = np.random.default_rng(seed)
    side = rng.random(members) < 0.6
    first = np.where(side, rng.normal(0.9, 0.5, members), rng.normal(-1.2, 0.7, members))
    second = rng.uniform(-1.5, 1.5, members)
    truth = np.column_stack([first, second])
    truth -= truth.mean(axis=0)
    values, axes = np.linalg.eigh(truth.T @ truth / members)
    truth = truth @ (axes / np.sqrt(values)) @ axes.T
    slopes = rng.standard_t(5, (rollcalls, 2)) * np.array([1.2, 0.7])
    slopes *= rng.gamma(4.0, 0.25, rollcalls)[:, None]
    latent = truth @ slopes.T - rng.normal(0.0, 0.8, rollcalls) + rng.normal(0.0, 1.0, (members, rollcalls))
    votes = np.select(
        [rng.random((members, rollcalls)) < 0.1, latent > 0.3, latent > -0.3], ["", "yes", "abstain"], "no"
    )
    frame = pd.DataFrame(
        np.where(votes == "", "absent", votes),
        index=[f"m{row:03}" for row in range(members)],
        columns=[f"r{column:04}" for column in range(rollcalls)],
    )
    return vs.RollCalls.from_wide(frame), truth


def covered_distances(record: vs.RollCalls, truth: Floats, *, method: str, draws: int = 1000) -> float:
    """Return the share of pairs of members whose true distance is in the 90% interval of the draws."""
    fit = vs.IdealPoints(dims=2, method=method).fit(record)
    if not fit.converged:
        raise RuntimeError(f"the fit did not converge: {fit.verdict}")
    rows = [int(str(name)[1:]) for name in fit.member_ids]
    positions = fit.draw(draws, [str(fit.rollcall_ids[0])], seed=1).positions
    pairs = np.triu_indices(len(rows), 1)
    drawn = np.linalg.norm(positions[:, pairs[0]] - positions[:, pairs[1]], axis=2)
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
    true = np.linalg.norm(truth[rows][pairs[0]] - truth[rows][pairs[1]], axis=1)
    return float(((low <= true) & (true <= high)).mean())


def coverage(worlds: int, seed: int) -> list[dict[str, object]]:
    """Return the coverage of distances over worlds of two sizes, for both methods."""
    rows: list[dict[str, object]] = []
    for members, rollcalls in ((50, 150), (25, 60)):
        shares: dict[str, list[float]] = {"mode": [], "marginal": []}
        for world in range(worlds):
            record, truth = draw_world(seed + world, members=members, rollcalls=rollcalls)
            for method, kept in shares.items():
                kept.append(covered_distances(record, truth, method=method))
        for method, kept in shares.items():
            error = np.std(kept, ddof=1) / np.sqrt(len(kept))
            rows.append(
                {
                    "members": members,
                    "rollcalls": rollcalls,
                    "method": method,
                    "worlds": worlds,
                    "coverage": round(float(np.mean(kept)), 3),
                    "std_error": round(float(error), 3),
                }
            )
    return rows


def seconds(millions: float, seed: int) -> dict[str, Any]:
    """Return the seconds of a marginal fit in two dimensions and of the mode in one."""
    rng = np.random.default_rng(seed)
    members, rollcalls = 1000, int(1000 * millions)
    positions = rng.standard_normal((members, 2))
    slopes = rng.standard_normal((rollcalls, 2)) * np.array([2.0, 1.0])
    chances = 1.0 / (1.0 + np.exp(-(positions @ slopes.T - rng.standard_normal(rollcalls))))
    votes = (2 * (rng.random(chances.shape) < chances)).astype(np.int8)
    record = vs.RollCalls(
        votes,
        pd.DataFrame(index=[f"m{row}" for row in range(members)]),
        pd.DataFrame(index=[f"r{column}" for column in range(rollcalls)]),
    )
    taken: dict[str, Any] = {"votes": votes.size}
    # Large enough for every kernel of the large record, which are compiled before the clock starts.
    small = record.select(rollcalls=list(record.rollcalls.index[:600]))
    for name, spec in (("mode, 1", vs.IdealPoints()), ("marginal, 2", MARGINAL)):
        spec.fit(small)
        began, processor = time.perf_counter(), time.process_time()
        fit = spec.fit(record)
        taken[name] = {
            "seconds": round(time.perf_counter() - began, 2),
            "processor_seconds": round(time.process_time() - processor, 2),
            "converged": fit.converged,
            "evaluations": fit.mode.evaluations,
            "seconds_after_the_search": round(fit.mode.seconds, 2),
        }
        if fit.dims == 2:
            estimate = fit.reported.positions
            turn = orthogonal_procrustes(estimate, positions)[0]
            taken[name]["correlation"] = [
                round(float(np.corrcoef((estimate @ turn)[:, d], positions[:, d])[0, 1]), 4) for d in range(2)
            ]
    for of in ("seconds", "processor_seconds"):
        taken[f"ratio of {of}"] = round(taken["marginal, 2"][of] / taken["mode, 1"][of], 1)
    return taken


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Marginal fits in several dimensions")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("posterior", "held_out"):
        one = commands.add_parser(name)
        one.add_argument("record", choices=["council", "senate"])
        one.add_argument("--votes", type=Path, help="with senate: the table of votes")
        one.add_argument("--seed", type=int, default=1)
        one.add_argument("--draws", type=int, default=1000)
        one.add_argument("--folds", type=int, default=5)
    one = commands.add_parser("coverage")
    one.add_argument("--worlds", type=int, default=20)
    one.add_argument("--seed", type=int, default=0)
    one = commands.add_parser("seconds")
    one.add_argument("--millions", type=float, default=1.0)
    one.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    rows: list[Any]
    if asked.command == "coverage":
        rows = coverage(asked.worlds, asked.seed)
    elif asked.command == "seconds":
        rows = [seconds(asked.millions, asked.seed)]
    else:
        if asked.record == "senate" and asked.votes is None:
            parser.error("--votes is required for the Senate")
        record = vs.load_hrc() if asked.record == "council" else read_senate(asked.votes)
        if asked.command == "posterior":
            rows = [posterior(record, draws=asked.draws, seed=asked.seed)]
        else:
            rows = held_out(record, folds=asked.folds, seed=asked.seed)
    for row in rows:
        print(json.dumps(row, indent=None if len(rows) > 1 else 1))


if __name__ == "__main__":
    main()
