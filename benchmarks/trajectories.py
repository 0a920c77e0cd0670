"""Recovery of dynamic positions: python benchmarks/trajectories.py [--worlds 40] [--out FILE].

Simulated chambers with known tau, common step, bridges and turnover. For each size: the correlation of
trajectories with the truth (smallest and median over worlds), the pooled coverage of 90 % intervals of
positions, and the common step a year, estimated and true; the same without bridges.
"""

import argparse
import json
import warnings
from pathlib import Path

import numpy as np

import voteshift as vs
from voteshift.simulation import Dynamics

DRIFT, TAU = 0.1, 0.1
CASES = {
    "assembly, 10 bridges": ({"n_members": 150, "n_rollcalls": 1000, "seats": 100}, 10),
    "assembly, no bridges": ({"n_members": 150, "n_rollcalls": 1000, "seats": 100}, 0),
    "council, 10 bridges": ({"n_members": 100, "n_rollcalls": 700, "seats": 47}, 10),
}


def recover(seed, size, bridges):
    world = vs.simulate(
        **size, seed=seed, missing=0.1, dynamics=Dynamics(10, tau=TAU, drift=DRIFT, bridges=bridges)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", vs.BridgeWarning)
        fit = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", tau=TAU)).fit(world.rollcalls)
    table, steps = fit.tidy(), fit.steps()
    members = world.rollcalls.members.index.get_indexer(table["member"])
    periods = np.array([fit.periods.index(label) for label in table["period"]])
    truth = world.positions[periods, members, 0]
    truth = (truth - truth.mean()) / truth.std()
    estimate = table["estimate"].to_numpy()
    sign = np.sign(np.sum(truth * estimate))
    return {
        "correlation": float(np.corrcoef(truth, sign * estimate)[0, 1]),
        "coverage": float(
            np.mean((table["conf_low"] <= sign * truth) & (sign * truth <= table["conf_high"]))
        ),
        "rows": len(table),
        "step": float(sign * steps["estimate"].mean()),
        "step_error": float(steps["std_error"].mean()),
        "converged": bool(fit.converged),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=40)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    result = {"worlds": options.worlds, "tau": TAU, "drift": DRIFT, "cases": {}}
    for name, (size, bridges) in CASES.items():
        results = [recover(seed, size, bridges) for seed in range(options.worlds)]
        correlation = [one["correlation"] for one in results]
        rows = np.array([one["rows"] for one in results])
        row = {
            **size,
            "bridges": bridges,
            "correlation_min": min(correlation),
            "correlation_median": float(np.median(correlation)),
            "coverage": float(rows @ np.array([one["coverage"] for one in results]) / rows.sum()),
            "step": float(np.mean([one["step"] for one in results])),
            "step_error": float(np.mean([one["step_error"] for one in results])),
            "converged": sum(one["converged"] for one in results),
        }
        result["cases"][name] = row
        print(
            f"{name}: correlation {row['correlation_min']:.4f} (least), {row['correlation_median']:.4f} "
            f"(median); coverage {100 * row['coverage']:.1f} %; common step {row['step']:.3f} a year, with "
            f"standard error {row['step_error']:.3f}, truth {DRIFT}; {row['converged']} of {options.worlds} "
            "converged"
        )
    if options.out:
        options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
