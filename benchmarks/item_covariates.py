"""Slopes of items on covariates of roll calls in simulated worlds: python benchmarks/item_covariates.py.

    python benchmarks/item_covariates.py --worlds 200 --out benchmarks/item_covariates.json

A world has members whose positions are skewed (gamma) and items whose discriminations and midpoints depend on
two covariates of the roll call: whether it is urgent (0 or 1), and a standard normal number. Their
residuals are independent of each other. Each kind of world breaks one assumption or none:

normal   residuals are normal
heavy    residuals are from a t distribution with 4 degrees of freedom
related  the residual of the midpoint is correlated with that of the discrimination (.6)
small    20 members and 60 roll calls; 60 members and 200 roll calls elsewhere
lopsided as the Human Rights Council: members in two camps, large discriminations of both signs, and a middle
         that votes yes unless the roll call is urgent; residuals from a t distribution

Prints, by kind and parameter: mean slope over true slope, and coverage of 90 % intervals; then the same of
the regression of estimated discriminations and midpoints on the covariates (two steps).
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import voteshift as vs

__all__ = ["KINDS", "World", "check", "main", "make_world", "summarise"]

Floats = NDArray[np.float64]
World = tuple[vs.RollCalls, float]
TERMS = ("urgent", "budget")
KINDS = ("normal", "heavy", "related", "small", "lopsided")
USUAL = {"discrimination": (0.5, 0.8, 0.4, 1.0), "midpoint": (-0.2, 0.6, -0.3, 0.7)}
LOPSIDED = {"discrimination": (-1.1, -4.8, 1.5, 2.8), "midpoint": (-2.9, 4.8, -0.4, 0.8)}
"""Intercept, slopes of urgent and budget, and residual standard deviation."""
LEVEL_Z = 1.6448536269514722


def truth_of(kind: str) -> dict[str, tuple[float, ...]]:
    """Return intercept, slopes and residual standard deviation of a kind of world, by parameter."""
    return LOPSIDED if kind == "lopsided" else USUAL


def make_world(kind: str, seed: int) -> World:
    """Return a record, and the standard deviation of its true positions."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    n_members, n_items = (20, 60) if kind == "small" else (60, 200)
    x = rng.gamma(4.0, 0.5, n_members)
    if kind == "lopsided":
        x = np.where(rng.random(n_members) < 0.55, -1.0, 1.2) + rng.normal(0, 0.35, n_members)
    x = (x - x.mean()) / x.std()
    urgent = (np.arange(n_items) % 2).astype(float)
    budget = rng.standard_normal(n_items)
    tails = kind in ("heavy", "lopsided")
    noise = rng.standard_t(4, (2, n_items)) / np.sqrt(2) if tails else rng.standard_normal((2, n_items))
    if kind == "related":
        noise[1] = 0.6 * noise[0] + 0.8 * noise[1]
    X = np.column_stack([np.ones(n_items), urgent, budget])
    items = {
        name: X @ truth[:3] + truth[3] * residual
        for (name, truth), residual in zip(truth_of(kind).items(), noise, strict=True)
    }
    eta = np.outer(x, items["discrimination"]) - items["midpoint"]
    yes = eta + rng.logistic(size=eta.shape) > 0
    votes = np.where(yes, vs.Vote.YES, vs.Vote.NO)
    votes = np.where(rng.random(votes.shape) < 0.1, vs.Vote.ABSENT, votes).astype(np.int8)
    rollcalls = pd.DataFrame(
        {"urgent": urgent, "budget": budget},
        index=pd.Index([f"r{row:03d}" for row in range(n_items)], name="rollcall"),
    )
    members = pd.DataFrame(index=pd.Index([f"m{row:02d}" for row in range(n_members)], name="member"))
    return vs.RollCalls(votes, members, rollcalls, polarity=f"m{int(x.argmax()):02d}"), float(x.std())


def check(world: World) -> pd.DataFrame | None:
    """Return slopes of both methods, one row per parameter and term; None if the fit did not converge."""
    record, _ = world
    fit = vs.IdealPoints(priors=vs.Priors(item_means="~ urgent + budget")).fit(record)
    if not fit.converged:
        return None
    table = fit.item_slopes.tidy()
    table = table[table["term"] != "Intercept"]
    plain = vs.IdealPoints(method="marginal").fit(record).items().set_index("rollcall")
    X = record.rollcalls.loc[plain.index, list(TERMS)].to_numpy()
    X = np.column_stack([np.ones(len(X)), X])
    inverse = np.linalg.inv(X.T @ X)
    rows = []
    for parameter, column in (("discrimination", "discrimination"), ("midpoint", plain.columns[-1])):
        y = plain[column].to_numpy(float)
        slopes = inverse @ X.T @ y
        sd = np.sqrt(np.sum((y - X @ slopes) ** 2) / (len(y) - 3))
        for rank, term in enumerate(TERMS, start=1):
            rows.append((parameter, term, slopes[rank], sd * np.sqrt(inverse[rank, rank])))
    two = pd.DataFrame(rows, columns=["parameter", "term", "two_steps", "two_steps_error"])
    return table.merge(two, on=["parameter", "term"])


def summarise(kind: str, results: list[pd.DataFrame | None]) -> dict[str, Any]:
    """Return ratios of mean slopes to the truth, and coverage."""
    usable = [table for table in results if table is not None]
    document: dict[str, Any] = {"worlds": len(results), "converged": len(usable)}
    whole = pd.concat(usable)
    for (parameter, term), part in whole.groupby(["parameter", "term"], sort=False):
        true = truth_of(kind)[parameter][TERMS.index(term) + 1]
        covered = (part["conf_low"] <= true) & (true <= part["conf_high"])
        two = (part["two_steps"] - true).abs() <= LEVEL_Z * part["two_steps_error"]
        document[f"{parameter}, {term}"] = {
            "estimate over truth": round(float(part["estimate"].mean() / true), 3),
            "coverage": round(float(covered.mean()), 3),
            "two steps over truth": round(float(part["two_steps"].mean() / true), 3),
            "two steps coverage": round(float(two.mean()), 3),
        }
    return document


def main() -> None:
    """Simulate the worlds, fit them and print the measures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    document = {}
    for kind in options.kinds:
        document[kind] = summarise(
            kind, [check(make_world(kind, seed)) for seed in range(1, options.worlds + 1)]
        )
        print(f"{kind}: {json.dumps(document[kind])}", flush=True)
    if options.out:
        options.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
