"""Slopes of positions in a logit: bias and coverage with estimated positions, in worlds with known truth.

    python benchmarks/position_slopes.py [--runs 200] [--out FILE] [--only WORLD N_ROLLCALLS]

300 members have positions with mean 0 and standard deviation 1, and a trait that is correlated with the
position (0.5). Positions are normal, in two camps, or skewed (gamma). Members vote on roll calls whose
discriminations are plus or minus U(0.4, 1.6) and whose locations are U(-1.5, 1.5): neither is drawn from
the priors of the fitted model. More roll calls give a higher reliability, which is the squared correlation
of true positions and posterior means. Each member then votes three times on a resolution, with slope 1 of
the position and -0.5 of the trait on the logit scale. The votes of a member are tied by a Gaussian copula
(0.5).

Four estimates of the slope of the position: with the true positions; in two steps, with positions at the
joint mode or at the posterior means (``model="binary"``); and ``model="measurement-error"``. Bias is in per
cent of the slope, next to its Monte-Carlo error. ``versus_true`` is the mean difference from the estimate
with the true positions in the same dataset, which leaves out the bias of every logit in small samples.
"""

import argparse
import json
import platform
import sys
import time
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import logistic, norm

import voteshift as vs

WORLDS, N_ROLLCALLS = ("normal", "two camps", "skewed"), (8, 24, 120)
N_MEMBERS, TIE, TRAIT = 300, 0.5, 0.5
SLOPE = {"position": 1.0, "trait": -0.5}
FORMULA = "yes ~ C(version) + position + trait"
METHODS = ("true positions", "two steps, mode", "two steps, means", "measurement-error")
Floats = NDArray[np.float64]


def draw_positions(world: str, rng: np.random.Generator) -> Floats:
    """Draw positions with mean 0 and standard deviation 1."""
    if world == "normal":
        x = rng.standard_normal(N_MEMBERS)
    elif world == "two camps":
        x = np.where(rng.random(N_MEMBERS) < 0.6, -1.0, 1.2) + rng.normal(0, 0.35, N_MEMBERS)
    else:
        x = rng.gamma(2.0, 1.0, N_MEMBERS)
    return (x - x.mean()) / x.std()


def draw(world: str, n_rollcalls: int, rng: np.random.Generator) -> tuple[Floats, vs.RollCalls, pd.DataFrame]:
    """Draw positions, the roll calls that show them, and the panel of the votes to explain."""
    x = draw_positions(world, rng)
    trait = TRAIT * x + np.sqrt(1 - TRAIT**2) * rng.standard_normal(N_MEMBERS)
    discrimination = rng.choice([-1.0, 1.0], n_rollcalls) * rng.uniform(0.4, 1.6, n_rollcalls)
    location = rng.uniform(-1.5, 1.5, n_rollcalls)
    yes = rng.random((N_MEMBERS, n_rollcalls)) < expit(discrimination * (x[:, None] - location))
    ids = [f"M{i:03d}" for i in range(N_MEMBERS)]
    record = vs.RollCalls.from_wide(
        pd.DataFrame(np.where(yes, "yes", "no"), index=ids, columns=[f"R{j}" for j in range(n_rollcalls)])
    )
    shared, single = rng.standard_normal((N_MEMBERS, 1)), rng.standard_normal((N_MEMBERS, 3))
    noise = logistic.ppf(norm.cdf(np.sqrt(TIE) * shared + np.sqrt(1 - TIE) * single))
    eta = np.array([0.3, -0.2, 0.1]) + (SLOPE["position"] * x + SLOPE["trait"] * trait)[:, None]
    panel = pd.DataFrame(
        {
            "member": np.repeat(ids, 3),
            "version": np.tile(["2018", "2020", "2021"], N_MEMBERS),
            "yes": (eta + noise > 0).astype(int).ravel(),
            "trait": np.repeat(trait, 3),
        }
    )
    return x, record, panel


def one_run(world: str, n_rollcalls: int, seed: list[int]) -> dict[str, Any]:
    """Return the estimates of every method, and the reliability of the positions."""
    x, record, panel = draw(world, n_rollcalls, np.random.default_rng(seed))
    truth = pd.DataFrame({"estimate": x, "std_error": 0.0}, index=record.members.index)
    tables = {"true positions": truth}
    for method, name in (("mode", "two steps, mode"), ("marginal", "two steps, means")):
        table = vs.IdealPoints(method=method).fit(record).tidy().set_index("member").loc[truth.index]
        table["estimate"] *= np.sign(np.corrcoef(x, table["estimate"])[0, 1])
        tables[name] = table
    tables["measurement-error"] = tables["two steps, means"]
    out: dict[str, Any] = {"reliability": np.corrcoef(x, tables["measurement-error"]["estimate"])[0, 1] ** 2}
    for name, table in tables.items():
        rows = panel.assign(
            position=panel["member"].map(table["estimate"]),
            position_se=panel["member"].map(table["std_error"]),
        )
        if name == "measurement-error":
            result = vs.logit(FORMULA, rows, model=name, level=0.95)
        else:  # CR1 and the jackknife hardly differ with 300 members
            result = vs.logit(FORMULA, rows, errors="CR1", level=0.95)
        ends = result.conf_int()
        out[name] = {
            term: (float(result.params[term]), bool(ends.loc[term, 0] <= value <= ends.loc[term, 1]))
            for term, value in SLOPE.items()
        }
    return out


def cell(world: str, n_rollcalls: int, runs: int, seed: int) -> dict[str, Any]:
    """Return bias and coverage of every method in one cell."""
    results = [
        one_run(world, n_rollcalls, [seed, WORLDS.index(world), n_rollcalls, run]) for run in range(runs)
    ]
    row: dict[str, Any] = {
        "world": world,
        "n_rollcalls": n_rollcalls,
        "runs": runs,
        "reliability": round(float(np.mean([result["reliability"] for result in results])), 3),
        "terms": {},
    }
    for term, value in SLOPE.items():
        true = np.array([result["true positions"][term][0] for result in results])
        row["terms"][term] = {}
        for name in METHODS:
            estimates = np.array([result[name][term][0] for result in results])
            away, apart = estimates / value - 1, (estimates - true) / value
            row["terms"][term][name] = {
                "bias": round(100 * float(away.mean()), 2),
                "monte_carlo_error": round(100 * float(away.std() / np.sqrt(runs)), 2),
                "median_bias": round(100 * float(np.median(away)), 2),
                "versus_true": round(100 * float(apart.mean()), 2),
                "versus_true_error": round(100 * float(apart.std() / np.sqrt(runs)), 2),
                "coverage": round(100 * float(np.mean([result[name][term][1] for result in results])), 1),
            }
    return row


def main() -> None:
    """Measure every cell and write the file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261130)
    parser.add_argument(
        "--only", nargs=2, metavar=("WORLD", "N"), help="One cell, put among those in the file."
    )
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "position_slopes.json")
    arguments = parser.parse_args()
    wanted = list(product(WORLDS, N_ROLLCALLS))
    cells: list[dict[str, Any]] = []
    if arguments.only:
        wanted = [(arguments.only[0], int(arguments.only[1]))]
        if arguments.out.exists():
            before = json.loads(arguments.out.read_text(encoding="utf-8"))["cells"]
            cells = [row for row in before if (row["world"], row["n_rollcalls"]) != wanted[0]]
    for world, n_rollcalls in wanted:
        began = time.perf_counter()
        cells.append(cell(world, n_rollcalls, arguments.runs, arguments.seed))
        cells.sort(key=lambda row: (WORLDS.index(row["world"]), row["n_rollcalls"]))
        print(f"{time.perf_counter() - began:.0f} s", world, n_rollcalls, file=sys.stderr)
        document = {
            "made_by": "benchmarks/position_slopes.py",
            "versions": {
                "voteshift": vs.__version__,
                "python": platform.python_version(),
                "numpy": np.__version__,
            },
            "seed": arguments.seed,
            "level": 0.95,
            "n_members": N_MEMBERS,
            "slopes": SLOPE,
            "cells": cells,
        }
        arguments.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
