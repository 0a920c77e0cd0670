"""Coverage of the random-intercept model on panels like the real one, with known conditional effects.

    nice python benchmarks/logistic_conditional.py [--minutes 15] [--seed 20261122] [--out FILE]

78 states, 12 of them seen three times, 39 twice, 27 once, as in the three votes. Every state has an
intercept ~ N(0, sd²) and a trait x ~ N(0, 1) with the effect stated on the logit of its own votes: a
conditional effect, another estimand than that of logistic_coverage.py, and never in one table with it. The
votes are no, abstain or yes with cutpoints -1 and 0.3; the second and third vote are harder by 0.5 and 0.3.

Every panel goes through ``vs.logit(..., model="random-intercept")`` with its defaults: 4 chains of 2,000
draws after 1,000. Only the compilation is shared between panels. One panel of every cell makes a round;
rounds are made until the time (of this process on the processor) is used up, and go on where a file of the
same seed ended. Samples whose diagnostics are out of bounds are counted, and count as covering nothing: a
user is told not to use them.

The bar, fixed before the first run: all diagnostics within bounds in at least 95 % of the panels; over all
panels, 90 % intervals hold the effect in 86 to 94 % and 95 % intervals in 92 to 98 %; and in every cell the
coverage is within two Monte-Carlo errors of these bands.
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
import nutpie
import pandas as pd
import pymc as pm
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.traversal import graph_inputs

import voteshift as vs
from voteshift.logistic import RandomIntercept
from voteshift.posterior.nuts import NUTS

SEATS = [(0, 1, 2)] * 12 + [(0, 1)] * 19 + [(1, 2)] * 20 + [(0,)] * 13 + [(1,)] * 7 + [(2,)] * 7
SPREADS, EFFECTS = (1.0, 3.0), (0.0, 1.0, 2.5)
HARDER, CUTPOINTS = np.array([0.0, 0.5, 0.3]), (-1.0, 0.3)
FORMULA = "vote ~ C(rollcall) + x"
LEVELS = (0.9, 0.95)
BANDS = {0.9: (86.0, 94.0), 0.95: (92.0, 98.0)}


def draw(sd: float, effect: float, rng: np.random.Generator) -> pd.DataFrame:
    """Draw one panel."""
    state = np.repeat(np.arange(len(SEATS)), [len(seats) for seats in SEATS])
    period = np.concatenate([np.array(seats) for seats in SEATS])
    x, intercept = rng.standard_normal(len(SEATS)), sd * rng.standard_normal(len(SEATS))
    latent = effect * x[state] + intercept[state] - HARDER[period] + rng.logistic(size=len(state))
    return pd.DataFrame(
        {
            "member": [f"S{index:02d}" for index in state],
            "rollcall": [f"R{index}" for index in period],
            "vote": np.array(["no", "abstain", "yes"])[np.digitize(latent, CUTPOINTS)],
            "x": x[state],
        }
    )


def compile_once() -> None:
    """Let nutpie compile the first model and put the data of the later ones into it: the form is the same."""
    compiling, kept = nutpie.compile_pymc_model, []

    def compiled(model: pm.Model, **options: Any) -> Any:
        if not kept:
            kept.append(compiling(model, **options))
            return kept[0]
        data = {
            node.name: node.get_value()
            for node in graph_inputs([model["votes"], model["coefficient"], model["cutpoint"]])
            if isinstance(node, SharedVariable) and node.name is not None
        }
        shared = kept[0].shared_data
        return kept[0].with_data(**{name: value for name, value in data.items() if name in shared})

    nutpie.compile_pymc_model = compiled


def one_run(sd: float, effect: float, seed: list[int]) -> dict[str, Any]:
    """Return the estimate of one panel, and whether its intervals hold the effect."""
    frame = draw(sd, effect, np.random.default_rng(seed))
    model = RandomIntercept(seed=seed[-1], nuts=NUTS(0.8, "nutpie", cores=1))
    result = vs.logit(FORMULA, frame, model=model)
    intervals = {level: result.conf_int(alpha=1 - level).loc["x"].tolist() for level in LEVELS}
    return {
        "usable": result.converged,
        "estimate": round(float(result.params["x"]), 4),
        "sd": round(float(result.params["sd(member)"]), 4),
        **{f"held_{level}": low <= effect <= high for level, (low, high) in intervals.items()},
        "width": round(intervals[0.95][1] - intervals[0.95][0], 4),
    }


def error_of(share: float, n: int) -> float:
    """Return the Monte-Carlo error of a coverage, in per cent."""
    return 100 * float(np.sqrt(share * (1 - share) / n))


def median(values: list[float]) -> float | None:
    """Return the median of what there is."""
    return round(float(np.median(values)), 3) if values else None


def covered(runs: list[dict[str, Any]], level: float) -> float:
    """Return in how many per cent of the runs a usable interval holds the effect."""
    return round(100 * float(np.mean([run["usable"] and run[f"held_{level}"] for run in runs])), 1)


def cell(sd: float, effect: float, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the coverage in one cell."""
    usable = [run for run in runs if run["usable"]]
    return {
        "sd": sd,
        "effect": effect,
        "runs": len(runs),
        "usable": len(usable),
        "median_estimate": median([run["estimate"] for run in usable]),
        "median_sd": median([run["sd"] for run in usable]),
        "median_width": median([run["width"] for run in usable]),
        "coverage": {f"{level:g}": covered(runs, level) for level in LEVELS},
        "monte_carlo_error": {f"{level:g}": round(error_of(level, len(runs)), 1) for level in LEVELS},
    }


def in_the_bar(cells: list[dict[str, Any]], over_all: dict[str, Any]) -> bool:
    """Hold the figures against the bar of the docstring."""
    if over_all["usable"] < 0.95 * over_all["runs"]:
        return False
    for level, (low, high) in BANDS.items():
        key = f"{level:g}"
        if not low <= over_all["coverage"][key] <= high:
            return False
        for row in cells:
            slack = 2 * error_of(level, row["runs"])
            if not low - slack <= row["coverage"][key] <= min(high + slack, 100.0):
                return False
    return True


def main() -> None:
    """Run rounds until the time is used up, and write the file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "logistic_conditional.json")
    arguments = parser.parse_args()
    compile_once()
    wanted = list(product(SPREADS, EFFECTS))
    runs: dict[tuple[float, float], list[dict[str, Any]]] = {key: [] for key in wanted}
    if arguments.out.exists():
        before = json.loads(arguments.out.read_text(encoding="utf-8"))
        if before["seed"] == arguments.seed:
            runs = {(row["sd"], row["effect"]): row.pop("each") for row in before["cells"]}
    rounds = len(runs[wanted[0]])
    while time.process_time() < 60 * arguments.minutes:
        for sd, effect in wanted:
            seed = [arguments.seed, int(10 * sd), int(10 * effect), rounds]
            runs[sd, effect].append(one_run(sd, effect, seed))
        rounds += 1
        print(f"round {rounds}: {time.process_time():.0f} s of processor time", file=sys.stderr, flush=True)
        cells = [cell(*key, results) for key, results in runs.items()]
        n = sum(row["runs"] for row in cells)
        over_all = {
            "runs": n,
            "usable": sum(row["usable"] for row in cells),
            "coverage": {
                f"{level:g}": round(sum(row["coverage"][f"{level:g}"] * row["runs"] for row in cells) / n, 1)
                for level in LEVELS
            },
            "monte_carlo_error": {f"{level:g}": round(error_of(level, n), 1) for level in LEVELS},
        }
        document = {
            "made_by": "benchmarks/logistic_conditional.py",
            "versions": {
                "voteshift": vs.__version__,
                "python": platform.python_version(),
                "numpy": np.__version__,
                "pymc": pm.__version__,
                "nutpie": nutpie.__version__,
            },
            "seed": arguments.seed,
            "estimand": "conditional",
            "pattern": {"states": 78, "seen three times": 12, "twice": 39, "once": 27},
            "bands": {f"{level:g}": list(band) for level, band in BANDS.items()},
            "in_the_bar": in_the_bar(cells, over_all),
            "over_all": over_all,
            "cells": [{**row, "each": runs[row["sd"], row["effect"]]} for row in cells],
        }
        arguments.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
