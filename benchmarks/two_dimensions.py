"""Draws in two dimensions: convergence of aligned coordinates and of invariants, and the time they take.

    python benchmarks/two_dimensions.py council --draws 1500          # the whole bundled record
    python benchmarks/two_dimensions.py senate --votes votes.csv.xz   # the 109th Senate

Four chains; all settings but --draws are the defaults. The votes of the Senate are not bundled: --votes is a
table with the columns member, congress, rollcall and vote (1 yea, 0 nay), as in the data of Voteview. Seconds
of the processor count all threads; on a machine with other work they say more than the seconds that passed.
"""

import argparse
import json
import os
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import voteshift as vs
from voteshift.posterior.alignment import compare_chains, invariants
from voteshift.posterior.diagnose import diagnose
from voteshift.posterior.results import PosteriorFit

__all__ = ["main", "measure", "read_senate", "summarise"]

CONGRESS = 109


def read_senate(path: Path) -> vs.RollCalls:
    """Read the votes of the 109th Senate from a table with a row per vote."""
    votes = pd.read_csv(path)
    votes = votes[votes["congress"] == CONGRESS]
    wide = votes.pivot_table(index="member", columns="rollcall", values="vote", aggfunc="first")
    codes = pd.DataFrame(
        np.select([wide == 1, wide == 0], ["yes", "no"], "absent"),
        index=[f"M{member}" for member in wide.index],
        columns=[f"r{rollcall}" for rollcall in wide.columns],
    )
    return vs.RollCalls.from_wide(codes)


def summarise(fit: PosteriorFit) -> dict[str, dict[str, float]]:
    """Return the largest R-hat and the least effective draws of coordinates and of invariants."""
    posterior = fit.tree["posterior"]
    draws = {name: posterior[name].to_numpy() for name in fit.kept if name in posterior}
    position, slope = draws.pop("position"), draws.pop("discrimination")
    parts = {
        "positions, dimension 1": position[..., 0],
        "positions, dimension 2": position[..., 1],
        "discriminations, dimension 1": slope[..., 0],
        "discriminations, dimension 2": slope[..., 1],
        **draws,
        **invariants(position, slope),
    }
    summary = {}
    for name, values in parts.items():
        worst = diagnose({name: values}, 0)
        summary[name] = {"rhat": worst.rhat, "bulk": worst.ess_bulk, "tail": worst.ess_tail}
    return summary


def measure(rollcalls: vs.RollCalls, seed: int, **sizes: int) -> dict[str, Any]:
    """Sample a record in two dimensions; return figures as plain data."""
    began, processor = time.perf_counter(), time.process_time()
    fit = vs.sample(rollcalls, vs.IdealPoints(dims=2), seed=seed, **sizes)
    seconds, processor = time.perf_counter() - began, time.process_time() - processor
    posterior = fit.tree["posterior"]
    draws = posterior["position"].to_numpy()
    means, mode = draws.mean(axis=(0, 1)), fit.mode.point.positions
    return {
        "members": fit.n_members,
        "rollcalls": fit.n_rollcalls,
        "chains": int(posterior.sizes["chain"]),
        "draws": int(posterior.sizes["draw"]),
        "seconds": seconds,
        "seconds_compiling": float(posterior.attrs["seconds_compiling"]),
        "seconds_sampling": float(posterior.attrs["seconds_sampling"]),
        "processor_seconds": processor,
        "divergences": int(fit.tree["sample_stats"]["diverging"].sum()),
        "steps": float(fit.tree["sample_stats"]["n_steps"].mean()),
        "discrimination_sd": posterior["discrimination_sd"].to_numpy().mean(axis=(0, 1)).tolist(),
        "correlation_with_mode": [float(np.corrcoef(means[:, d], mode[:, d])[0, 1]) for d in range(2)],
        "separate_chains": compare_chains(draws, posterior["total_log_likelihood"].to_numpy()),
        "parts": summarise(fit),
    }


def main(arguments: list[str] | None = None) -> int:
    """Sample, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("record", choices=["council", "senate"])
    parser.add_argument("--votes", type=Path, help="with senate: the table of votes")
    parser.add_argument("--out", type=Path, help="add the figures to this JSON file")
    parser.add_argument("--draws", type=int, default=1000, help="draws kept in each chain")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    if chosen.record == "senate" and chosen.votes is None:
        parser.error("senate needs --votes")
    record = vs.load_hrc() if chosen.record == "council" else read_senate(chosen.votes)
    figures = measure(record, chosen.seed, draws=chosen.draws)
    print(
        f"{chosen.record}: {figures['members']} members, {figures['rollcalls']} roll calls, "
        f"{figures['chains']} chains of {figures['draws']} draws; {figures['seconds']:.0f} s, of which "
        f"{figures['seconds_compiling']:.0f} compiling and {figures['seconds_sampling']:.0f} sampling "
        f"({figures['processor_seconds']:.0f} s of the processor); {figures['divergences']} divergences, "
        f"{figures['steps']:.0f} steps a draw"
    )
    for name, one in figures["parts"].items():
        print(
            f"{name:<30} R-hat {one['rhat']:.4f}  effective {one['bulk']:6.0f} bulk {one['tail']:6.0f} tail"
        )
    print(
        "correlation of means with the mode: "
        + ", ".join(f"{value:.3f}" for value in figures["correlation_with_mode"])
        + "; standard deviations of discriminations: "
        + ", ".join(f"{value:.2f}" for value in figures["discrimination_sd"])
    )
    for line in figures["separate_chains"]:
        print(line)
    if chosen.out is not None:
        machine = {
            "processor": platform.processor() or platform.machine(),
            "cores": os.cpu_count(),
            "load": os.getloadavg()[0],
            "python": platform.python_version(),
            **{name: version(name) for name in ("pymc", "pytensor", "nutpie", "numba", "arviz-stats")},
        }
        document = json.loads(chosen.out.read_text(encoding="utf-8")) if chosen.out.exists() else {}
        document[chosen.record] = {"machine": machine, **figures}
        chosen.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
