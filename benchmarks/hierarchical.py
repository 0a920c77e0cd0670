"""Slopes of positions on covariates beside MCMCpack::MCMCirtHier1d: python benchmarks/hierarchical.py.

    python benchmarks/hierarchical.py --iterations 60000 --out tests/references/mcmcpack_hier1d.json

The votes are those of `peers.binary_record`: the bundled record, yes against no or abstain. Covariates are
the bundled voice and log GDP per head. Two chains of the R package run from different seeds; then voteshift
samples the same model with the same priors of items (`vs.sample`) and fits its normal approximation
(``method="marginal"``). On Debian: apt-get install r-base-core r-cran-mcmcpack.

MCMCpack has free positions with an inverse gamma prior of the residual variance; voteshift has positions with
mean 0 and standard deviation 1. Every draw of the package is brought to this scale.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import voteshift as vs
from peers import binary_record, write_votes
from voteshift.datasets import load_covariates
from voteshift.ideal import Covariates
from voteshift.ideal.covariates import encode_covariates, without_missing

__all__ = ["FORMULA", "main", "record_and_covariates", "run_package"]

SCRIPT = Path(__file__).parent / "references" / "mcmcpack_hier1d.R"
FORMULA = "~ voice + log(gdp_per_head)"
PRIORS = (
    "items N(0, 5^2), slopes N(0, 10^2), residual variance IG(.0005, .0005); every draw brought to positions "
    "with mean 0 and standard deviation 1"
)


def record_and_covariates() -> tuple[vs.RollCalls, Covariates, pd.DataFrame]:
    """Return the votes, the covariates, and their centred matrix with one row per member."""
    covariates = Covariates(FORMULA, load_covariates(), missing="drop")
    record, _ = without_missing(covariates, binary_record())
    record = record.contested()
    regression = encode_covariates(covariates, record, record.members.index)
    matrix = pd.DataFrame(
        regression.basis @ regression.root, index=record.members.index, columns=regression.terms
    )
    return record, covariates, matrix


def run_package(
    record: vs.RollCalls, matrix: pd.DataFrame, *, seed: int, iterations: int, thin: int
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return means, standard deviations and effective draws of the slopes from one chain, and its versions."""
    with tempfile.TemporaryDirectory() as folder:
        votes, table, out = (Path(folder) / name for name in ("votes.csv", "covariates.csv", "out.csv"))
        write_votes(votes, record)
        matrix.to_csv(table)
        numbers = [str(number) for number in (seed, iterations, iterations // 10, thin)]
        done = subprocess.run(
            ["Rscript", "--vanilla", str(SCRIPT), str(votes), str(table), str(out), *numbers],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise SystemExit(f"MCMCpack failed: {done.stderr.strip()[-500:]}")
        facts = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
        return pd.read_csv(out).set_index("term"), facts


def main() -> None:
    """Run the package and voteshift, print the slopes, and store those of the package."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--iterations", type=int, default=60_000)
    parser.add_argument("--thin", type=int, default=10)
    parser.add_argument("--seed", type=int, default=2021)
    parser.add_argument("--draws", type=int, default=1000, help="of each chain of voteshift")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    record, covariates, matrix = record_and_covariates()
    chains, facts = [], {}
    for number in range(2):
        table, facts = run_package(
            record, matrix, seed=options.seed + number, iterations=options.iterations, thin=options.thin
        )
        sign = np.sign(table.loc["voice", "mean"])
        table["mean"] *= sign
        chains.append(table)
        print(f"chain {number + 1}\n{table}", flush=True)
    means = np.stack([chain["mean"] for chain in chains])
    effective = np.stack([chain["effective_draws"] for chain in chains])
    sds = np.sqrt(np.mean([chain["sd"] ** 2 for chain in chains], axis=0))
    error = sds / np.sqrt(effective.sum(axis=0))
    stored: dict[str, Any] = {
        "votes": "bundled record 2016 to 2021, yes against no or abstain",
        "formula": FORMULA,
        "package": "MCMCpack",
        "version": facts["version"],
        "r": facts["r"],
        "function": "MCMCirtHier1d",
        "priors": PRIORS,
        "seeds": [options.seed, options.seed + 1],
        "iterations": options.iterations,
        "thin": options.thin,
        "members": len(record.members),
        "rollcalls": len(record.rollcalls),
        "slopes": {
            term: {
                "mean": round(float(means[:, place].mean()), 5),
                "sd": round(float(sds[place]), 5),
                "monte_carlo_error": round(float(error[place]), 5),
                "chains": [round(float(mean), 5) for mean in means[:, place]],
            }
            for place, term in enumerate(chains[0].index)
        },
    }
    print(json.dumps(stored["slopes"], indent=1), flush=True)
    if options.out:
        options.out.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    priors = vs.Priors(positions=covariates)
    sampled = vs.sample(record, vs.IdealPoints(link="probit", priors=priors), draws=options.draws, seed=1)
    print("sampled", sampled.verdict, sampled.slopes, sep="\n", flush=True)
    marginal = vs.IdealPoints(link="probit", priors=priors, method="marginal").fit(record)
    print("marginal", marginal.slopes, sep="\n", flush=True)


if __name__ == "__main__":
    main()
