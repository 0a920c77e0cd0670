"""Coverage of intervals on panels like the real one, with known marginal effects.

    python benchmarks/logistic_coverage.py [--runs 1000] [--out FILE] [--only TIE EFFECT]

78 states, 12 of them seen three times, 39 twice, 27 once, as in the three votes. A trait x ~ N(0, 1) of the
state has the effect stated on the logit of yes; the votes of a state are tied by a Gaussian copula, so that
the marginal model is exactly the logit that is fitted, whatever the tie. Each cell counts how often 95 %
intervals hold the effect, and their median width. Where plain maximum likelihood has no finite estimate its
intervals do not exist; the number of runs in which a method has one is given, and coverage is over those.
"recommended" is what ``vs.logit`` does by default, and exists in every run.
"""

import argparse
import json
import platform
import sys
import time
from itertools import product
from pathlib import Path

import numpy as np
from scipy.special import stdtrit
from scipy.stats import logistic, norm

import voteshift as vs
from voteshift.logistic.clusters import cr1, jackknife, score_test
from voteshift.logistic.likelihoods import Likelihood
from voteshift.logistic.maximise import Problem, maximise
from voteshift.logistic.profile import profile_interval
from voteshift.logistic.separation import is_separated

SEATS = [(0, 1, 2)] * 12 + [(0, 1)] * 19 + [(1, 2)] * 20 + [(0,)] * 13 + [(1,)] * 7 + [(2,)] * 7
TIES, EFFECTS = (0.0, 0.5, 0.9), (0.0, 1.0, 2.5)
TERM = 3
NORMAL = float(norm.ppf(0.975))
METHODS = (
    "plain Wald",
    "CR1, normal",
    "CR1, t",
    "CR3, t",
    "score bootstrap",
    "Firth, profile",
    "Firth, CR3, t",
    "recommended",
)


def draw(tie: float, effect: float, rng: np.random.Generator) -> tuple[Problem, np.ndarray]:
    """Draw one panel."""
    clusters = np.repeat(np.arange(len(SEATS)), [len(seats) for seats in SEATS])
    period = np.concatenate([np.array(seats) for seats in SEATS])
    x = rng.standard_normal(len(SEATS))[clusters]
    X = np.column_stack([np.ones(len(x)), period == 1, period == 2, x]).astype(float)
    shared = rng.standard_normal(len(SEATS))[clusters]
    noise = np.sqrt(tie) * shared + np.sqrt(1 - tie) * rng.standard_normal(len(x))
    y = (X @ [0.3, -0.5, -0.3, effect] + logistic.ppf(norm.cdf(noise)) > 0).astype(np.intp)
    ones = np.ones(len(y))
    return Problem(Likelihood("binary", 2), y, X, ones, 0 * ones), clusters


def one_run(tie: float, effect: float, seed: list[int]) -> dict[str, tuple[bool, float] | None]:
    """Return for every method whether its interval holds the effect, and how wide it is."""
    problem, clusters = draw(tie, effect, np.random.default_rng(seed))
    t = float(stdtrit(clusters.max(), 0.975))
    intervals: dict[str, tuple[bool, float] | None] = dict.fromkeys(METHODS)

    def add(name: str, estimate: float, error: float, quantile: float) -> None:
        intervals[name] = (abs(estimate - effect) <= quantile * error, 2 * quantile * error)

    if not is_separated(problem):
        fit = maximise(problem)
        b = fit.params[TERM]
        naive = np.linalg.inv(-problem.hessian(fit.params))[TERM, TERM]
        add("plain Wald", b, np.sqrt(naive), NORMAL)
        robust = np.sqrt(cr1(problem, fit.params, clusters)[TERM, TERM])
        add("CR1, normal", b, robust, NORMAL)
        add("CR1, t", b, robust, t)
        jack = jackknife(problem, fit.params, clusters)
        if not jack.failed.any():
            add("CR3, t", b, np.sqrt(jack.covariance(fit.params)[TERM, TERM]), t)
        p = score_test(problem, fit.params, clusters, (TERM, effect), n_draws=999, seed=seed[-1])
        if np.isfinite(p):
            intervals["score bootstrap"] = (p > 0.05, np.nan)
    firth = Problem(problem.likelihood, problem.y, problem.X, problem.weights, problem.offset, penalised=True)
    fit = maximise(firth)
    variance = np.linalg.inv(firth.information(fit.params))[TERM, TERM]
    low, high = profile_interval(firth, fit, TERM, variance, 0.95)
    intervals["Firth, profile"] = (low <= effect <= high, high - low)
    jack = jackknife(firth, fit.params, clusters)
    add("Firth, CR3, t", fit.params[TERM], np.sqrt(jack.covariance(fit.params)[TERM, TERM]), t)
    # The rule of voteshift.logistic.inference.infer; a test holds the two together.
    intervals["recommended"] = intervals["CR3, t"] or intervals["Firth, CR3, t"]
    return intervals


def cell(tie: float, effect: float, runs: int, seed: int) -> dict[str, object]:
    """Return the coverage of every method in one cell."""
    results = [one_run(tie, effect, [seed, int(10 * tie), int(10 * effect), run]) for run in range(runs)]
    methods = {}
    for name in METHODS:
        usable = [result[name] for result in results if result[name] is not None]
        held = np.mean([hit for hit, _ in usable]) if usable else None
        widths = [width for _, width in usable if np.isfinite(width)]
        methods[name] = {
            "runs": len(usable),
            "coverage": None if held is None else round(100 * float(held), 1),
            "median_width": round(float(np.median(widths)), 3) if widths else None,
        }
    return {"tie": tie, "effect": effect, "runs": runs, "methods": methods}


def main() -> None:
    """Measure every cell and write the file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument(
        "--only",
        type=float,
        nargs=2,
        metavar=("TIE", "EFFECT"),
        help="One cell, put among those in the file.",
    )
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "logistic_coverage.json")
    arguments = parser.parse_args()
    wanted = [tuple(arguments.only)] if arguments.only else list(product(TIES, EFFECTS))
    cells = []
    if arguments.only and arguments.out.exists():
        before = json.loads(arguments.out.read_text(encoding="utf-8"))["cells"]
        cells = [row for row in before if (row["tie"], row["effect"]) not in wanted]
    for tie, effect in wanted:
        began = time.perf_counter()
        cells.append(cell(tie, effect, arguments.runs, arguments.seed))
        print(tie, effect, f"{time.perf_counter() - began:.0f} s", cells[-1]["methods"], file=sys.stderr)
    cells.sort(key=lambda row: (row["tie"], row["effect"]))
    document = {
        "made_by": "benchmarks/logistic_coverage.py",
        "versions": {
            "voteshift": vs.__version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
        },
        "seed": arguments.seed,
        "level": 0.95,
        "pattern": {"states": 78, "seen three times": 12, "twice": 39, "once": 27},
        "cells": cells,
    }
    arguments.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
