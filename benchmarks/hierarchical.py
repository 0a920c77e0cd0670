"""Slopes of positions compared with MCMCpack::MCMCirtHier1d: python benchmarks/hierarchical.py RECORD.

    python benchmarks/hierarchical.py council --out tests/references/mcmcpack_hier1d_hrc.json
    python benchmarks/hierarchical.py senate --out tests/references/mcmcpack_hier1d_s109.json

council: the votes of `peers.binary_record`, that is the bundled record with yes against no or abstain; the
bundled voice and log GDP per head. senate: the 109th Senate that pscl contains, and whether a member is a
Republican.

Two chains of the package run from different seeds. Every draw is brought to positions with mean 0 and
standard deviation 1. The package has free positions and items N(0, 5^2). On that scale its discriminations
have the standard deviation 5 times that of its positions. voteshift fits this model with both values fixed
(``Marginal(learn=False)``), and then with priors that are estimated, as by default; ``--draws`` also samples
the latter. On Debian: apt-get install r-base-core r-cran-mcmcpack r-cran-pscl.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import peers
import voteshift as vs
from voteshift.datasets import load_covariates
from voteshift.ideal import Covariates, Marginal
from voteshift.ideal.covariates import encode_covariates, without_missing

__all__ = ["ITEM_SD", "council", "fixed", "main", "matrix_of", "run_package", "senate"]

SCRIPT = peers.HERE / "mcmcpack_hier1d.R"
ITEM_SD = 5.0
PARTY = """
suppressPackageStartupMessages(library(pscl)); data(s109)
cat(paste0(rownames(s109$legis.data), "\\t", s109$legis.data$party), sep = "\\n")
"""


def council() -> tuple[vs.RollCalls, Covariates]:
    """Return the votes of the Council and the covariates; members without a value are left out."""
    covariates = Covariates("~ voice + log(gdp_per_head)", load_covariates(), missing="drop")
    record, _ = without_missing(covariates, peers.binary_record())
    return record.contested(), covariates


def senate() -> tuple[vs.RollCalls, Covariates]:
    """Return the votes of the 109th Senate, which pscl contains, and the party of every member."""
    with tempfile.TemporaryDirectory() as folder:
        record = peers.senate(Path(folder) / "votes.csv")
    listed = subprocess.run(["Rscript", "--vanilla", "-e", PARTY], check=True, capture_output=True, text=True)
    party = dict(line.split("\t") for line in listed.stdout.splitlines())
    table = pd.DataFrame(
        [(member, float(party[member] == "R")) for member in record.members.index],
        columns=["member", "republican"],
    )
    return record, Covariates("~ republican", table)


RECORDS = {"council": council, "senate": senate}


def matrix_of(record: vs.RollCalls, covariates: Covariates) -> pd.DataFrame:
    """Return the centred covariates, one row per member."""
    regression = encode_covariates(covariates, record, record.members.index)
    return pd.DataFrame(
        regression.basis @ regression.root, index=record.members.index, columns=regression.terms
    )


def fixed(covariates: Covariates, discrimination: float, midpoint: float = ITEM_SD) -> vs.IdealPoints:
    """Return the specification with fixed prior standard deviations of items."""
    priors = vs.Priors(positions=covariates, discrimination=discrimination, midpoint=midpoint)
    return vs.IdealPoints(link="probit", method=Marginal(learn=False), priors=priors)


def run_package(
    record: vs.RollCalls, matrix: pd.DataFrame, *, seed: int, iterations: int, thin: int
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return means, standard deviations and effective draws of the slopes of one chain, and facts on it."""
    with tempfile.TemporaryDirectory() as folder:
        votes, table, out = (Path(folder) / name for name in ("votes.csv", "covariates.csv", "out.csv"))
        peers.write_votes(votes, record)
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


def reference(record: vs.RollCalls, covariates: Covariates, options: argparse.Namespace) -> dict[str, Any]:
    """Return the slopes of two chains of the package, with their Monte-Carlo errors."""
    matrix = matrix_of(record, covariates)
    chains, facts = [], []
    for number in range(2):
        table, fact = run_package(
            record, matrix, seed=options.seed + number, iterations=options.iterations, thin=options.thin
        )
        chains.append(table.assign(mean=table["mean"] * np.sign(table["mean"].iloc[0])))
        facts.append(fact)
    means = np.stack([chain["mean"] for chain in chains])
    sds = np.sqrt(np.mean([chain["sd"] ** 2 for chain in chains], axis=0))
    error = sds / np.sqrt(np.sum([chain["effective_draws"] for chain in chains], axis=0))
    return {
        "formula": covariates.formula,
        "package": "MCMCpack",
        "function": "MCMCirtHier1d",
        "version": facts[0]["version"],
        "r": facts[0]["r"],
        "priors": "items N(0, 5^2), slopes N(0, 10^2), residual variance IG(.0005, .0005)",
        "seeds": [options.seed, options.seed + 1],
        "iterations": options.iterations,
        "thin": options.thin,
        "members": len(record.members),
        "rollcalls": len(record.rollcalls),
        "sd_of_positions": round(float(np.mean([float(fact["sd_of_positions"]) for fact in facts])), 4),
        "slopes": {
            str(term): {
                "mean": round(float(means[:, place].mean()), 5),
                "sd": round(float(sds[place]), 5),
                "monte_carlo_error": round(float(error[place]), 5),
                "chains": [round(float(mean), 5) for mean in means[:, place]],
            }
            for place, term in enumerate(chains[0].index)
        },
    }


def main() -> None:
    """Run the package and voteshift, print the slopes, and store those of the package."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("record", choices=RECORDS)
    parser.add_argument("--iterations", type=int, default=20_000)
    parser.add_argument("--thin", type=int, default=10)
    parser.add_argument("--seed", type=int, default=2021)
    parser.add_argument("--draws", type=int, help="of each of four chains of voteshift")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    record, covariates = RECORDS[options.record]()
    stored = reference(record, covariates, options)
    print(json.dumps(stored, indent=1), flush=True)
    if options.out:
        options.out.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    same = fixed(covariates, ITEM_SD * stored["sd_of_positions"]).fit(record)
    learned = vs.IdealPoints(link="probit", method="marginal", priors=vs.Priors(positions=covariates))
    print(
        "the same priors", same.slopes, "estimated priors", learned.fit(record).slopes, sep="\n", flush=True
    )
    if options.draws:
        sampled = vs.sample(record, learned, draws=options.draws, seed=1)
        print("sampled", sampled.verdict, sampled.slopes, sep="\n", flush=True)


if __name__ == "__main__":
    main()
