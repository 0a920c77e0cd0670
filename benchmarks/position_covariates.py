"""Slopes of positions on covariates: bias and coverage of the joint model and of a regression in two steps.

    python benchmarks/position_covariates.py [--runs 200] [--out FILE]

80 members have a skewed covariate (gamma, shape 2) and a binary covariate that is correlated with it. The
position is 0.6 times the standardised skewed covariate, plus 0.5 times the binary covariate, plus a residual
in two camps: -1 or 1.2, each plus N(0, 0.35^2), times 0.8. Positions are then standardised over the members,
and the true slopes with them. Discriminations of roll calls are plus or minus U(0.4, 1.6), and their
locations U(-1.5, 1.5); in the ordered worlds a second cutpoint is U(0.3, 1.5) above the first. Neither
distribution is the prior of the fitted model. 24 roll calls give a reliability of 0.8.

Four estimates of the slopes: by least squares on the true positions, on positions at the joint mode, and on
the posterior means of a marginal fit without covariates; and the joint marginal fit with covariates.
Intervals of least squares use the t distribution. Bias is in per cent of the slope, next to its Monte-Carlo
error.
"""

import argparse
import json
import platform
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t

import voteshift as vs
from voteshift.ideal import Priors

N_MEMBERS, LEVEL = 80, 0.9
SLOPES = {"skewed": 0.6, "binary": 0.5}
KINDS = ("binary", "ordered")
N_ROLLCALLS = 24
METHODS = ("true positions", "two steps, mode", "two steps, means", "joint")
Floats = NDArray[np.float64]


def draw(kind: str, rng: np.random.Generator) -> tuple[Floats, Floats, vs.RollCalls]:
    """Draw standardised positions, the true slopes, and the record with the covariates of members."""
    skewed = (rng.gamma(2.0, 1.0, N_MEMBERS) - 2.0) / np.sqrt(2.0)
    binary = (skewed + rng.standard_normal(N_MEMBERS) > 0.0).astype(float)
    camps = np.where(rng.random(N_MEMBERS) < 0.55, -1.0, 1.2) + rng.normal(0, 0.35, N_MEMBERS)
    x = SLOPES["skewed"] * skewed + SLOPES["binary"] * binary + 0.8 * camps
    slopes = np.array(list(SLOPES.values())) / x.std()
    x = (x - x.mean()) / x.std()
    discrimination = rng.choice([-1.0, 1.0], N_ROLLCALLS) * rng.uniform(0.4, 1.6, N_ROLLCALLS)
    location = rng.uniform(-1.5, 1.5, N_ROLLCALLS)
    latent = discrimination * (x[:, None] - location) + rng.logistic(size=(N_MEMBERS, N_ROLLCALLS))
    words = np.where(latent > 0, "yes", "no").astype(object)
    if kind == "ordered":
        words[(latent > 0) & (latent < rng.uniform(0.3, 1.5, N_ROLLCALLS))] = "abstain"
    ids = [f"M{i:03d}" for i in range(N_MEMBERS)]
    record = vs.RollCalls.from_wide(
        pd.DataFrame(words, index=ids, columns=[f"R{j}" for j in range(N_ROLLCALLS)])
    )
    members = record.members.assign(skewed=pd.Series(skewed, ids), binary=pd.Series(binary, ids))
    return x, slopes, vs.RollCalls(record.votes, members, record.rollcalls)


def least_squares(X: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return the slopes of a regression, and half the length of their intervals."""
    design = np.column_stack([np.ones(len(X)), X])
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ y
    df = len(X) - design.shape[1]
    variance = float(np.sum((y - design @ coefficients) ** 2)) / df
    reach = float(t.ppf(0.5 + LEVEL / 2, df)) * np.sqrt(variance * np.diag(inverse))
    return coefficients[1:], reach[1:]


def one_run(kind: str, seed: list[int]) -> dict[str, Any]:
    """Return the estimates over the truth, and whether the intervals cover, of every method."""
    x, slopes, record = draw(kind, np.random.default_rng(seed))
    X = record.members[list(SLOPES)].to_numpy(float)
    places = {"true positions": x}
    for method, name in (("mode", "two steps, mode"), ("marginal", "two steps, means")):
        table = vs.IdealPoints(method=method, threads=1).fit(record).tidy().set_index("member")
        estimate = table["estimate"].reindex(record.members.index).fillna(0.0).to_numpy(float)
        places[name] = estimate * np.sign(np.corrcoef(x, estimate)[0, 1])
    estimates = {name: least_squares(X, place) for name, place in places.items()}
    priors = Priors(positions="~ skewed + binary")
    fit = vs.IdealPoints(method="marginal", priors=priors, level=LEVEL, threads=1).fit(record)
    table = fit.slopes.tidy()
    sign = np.sign(
        np.corrcoef(x, fit.tidy().set_index("member")["estimate"].reindex(record.members.index))[0, 1]
    )
    reach = (table["conf_high"] - table["conf_low"]).to_numpy() / 2
    estimates["joint"] = (sign * table["estimate"].to_numpy(), reach)
    out: dict[str, Any] = {
        name: (estimate / slopes, np.abs(estimate - slopes) <= half, half / slopes)
        for name, (estimate, half) in estimates.items()
    }
    share = 1.0 - float(np.var(x - X @ slopes))
    out["share"] = (fit.slopes.share.estimate, share)
    out["reliability"] = np.corrcoef(x, places["two steps, means"])[0, 1] ** 2
    out["converged"] = fit.converged
    return out


def cell(kind: str, runs: int, seed: int) -> dict[str, Any]:
    """Return bias and coverage of every method in one cell."""
    results = [one_run(kind, [seed, KINDS.index(kind), N_ROLLCALLS, run]) for run in range(runs)]
    row: dict[str, Any] = {
        "kind": kind,
        "runs": runs,
        "converged": int(sum(result["converged"] for result in results)),
        "reliability": round(float(np.mean([result["reliability"] for result in results])), 3),
        "share_estimate": round(float(np.mean([result["share"][0] for result in results])), 3),
        "share_true": round(float(np.mean([result["share"][1] for result in results])), 3),
        "terms": {},
    }
    for term, name in enumerate(SLOPES):
        row["terms"][name] = {}
        for method in METHODS:
            ratios = np.array([result[method][0][term] for result in results])
            row["terms"][name][method] = {
                "bias": round(100 * float(ratios.mean() - 1), 1),
                "monte_carlo_error": round(100 * float(ratios.std() / np.sqrt(runs)), 1),
                "coverage": round(100 * float(np.mean([result[method][1][term] for result in results])), 1),
                "interval": round(float(np.median([2 * result[method][2][term] for result in results])), 2),
            }
    return row


def main() -> None:
    """Measure every cell and write the file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261201)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "position_covariates.json")
    arguments = parser.parse_args()
    cells: list[dict[str, Any]] = []
    for kind in KINDS:
        began = time.perf_counter()
        cells.append(cell(kind, arguments.runs, arguments.seed))
        print(f"{time.perf_counter() - began:.0f} s", kind, file=sys.stderr)
        document = {
            "made_by": "benchmarks/position_covariates.py",
            "versions": {
                "voteshift": vs.__version__,
                "python": platform.python_version(),
                "numpy": np.__version__,
            },
            "seed": arguments.seed,
            "level": LEVEL,
            "n_members": N_MEMBERS,
            "n_rollcalls": N_ROLLCALLS,
            "slopes": SLOPES,
            "cells": cells,
        }
        arguments.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
