"""Run the binary ideal-point models of R and voteshift, where R and the packages are installed.

    python benchmarks/peers.py hrc --out tests/references    # posterior means of the bundled record
    python benchmarks/peers.py s109 --out tests/references   # and of the Senate that pscl carries

On Debian: apt-get install r-base-core r-cran-pscl r-cran-mcmcpack. Items are N(0, 5^2) on both sides; the
packages add N(0, 1) positions and standardise what comes out, voteshift fits standardised positions.
"""

import argparse
import csv
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import voteshift as vs

__all__ = [
    "PEERS",
    "Chain",
    "binary_record",
    "find_peers",
    "main",
    "reference",
    "run_chain",
    "senate",
    "write_votes",
]

HERE = Path(__file__).parent / "references"
PEERS = {"pscl": "pscl_ideal.R", "MCMCpack": "mcmcpack_irt1d.R"}
"""Packages that can be run, and the script that runs each."""

SCALE = {
    "pscl": "items N(0, 5^2), positions N(0, 1); means then brought to mean 0 and standard deviation 1",
    "MCMCpack": "items N(0, 5^2), positions N(0, 1); every draw brought to mean 0 and standard deviation 1",
}
SINCE, UNTIL = "2016", "2021"
WHAT = {
    "hrc": f"bundled record {SINCE} to {UNTIL}, yes against no or abstain",
    "s109": "109th Senate of the package pscl, contested roll calls",
}


@dataclass(frozen=True)
class Chain:
    """Output of one Markov chain of a package: facts it printed, and a row per member."""

    facts: dict[str, str]
    positions: pd.DataFrame


def find_peers() -> dict[str, str]:
    """Return the version of each package of `PEERS` that Rscript finds; empty without R."""
    rscript = shutil.which("Rscript")
    versions: dict[str, str] = {}
    if rscript is None:
        return versions
    for package in PEERS:
        code = f'cat(as.character(packageVersion("{package}")))'
        asked = subprocess.run(
            [rscript, "--vanilla", "-e", code], capture_output=True, text=True, check=False, timeout=120
        )
        if asked.returncode == 0:
            versions[package] = asked.stdout.strip()
    return versions


def binary_record(since: str = SINCE, until: str = UNTIL) -> vs.RollCalls:
    """Return the bundled record as two categories: yes, and no or abstain.

    In an ordered model, joining neighbouring categories leaves a model of the same form with one cutpoint.
    Leaving abstentions out would not: who abstains stands in the middle, so they are not missing at random.
    Members that were absent, or had no seat, are missing. Every contested roll call is kept, also those with
    one member in the minority: the priors of the items, the same on both sides, keep them finite.
    """
    record = vs.load_hrc().between(since, until)
    votes = np.where(record.votes == vs.Vote.ABSTAIN, np.int8(vs.Vote.NO), record.votes)
    # Declared totals speak of three categories; dates and titles are not needed.
    rollcalls = record.rollcalls[["date", "title"]]
    binary = vs.RollCalls(votes, record.members, rollcalls, polarity="USA", source=record.source)
    voted = binary.members.index[(binary.votes >= 0).any(axis=1)]
    return binary.contested().select(members=voted)


def write_votes(path: Path, rollcalls: vs.RollCalls) -> None:
    """Write yes as 1, no as 0 and everything else as nothing, members by roll calls."""
    letters = {int(vs.Vote.YES): "1", int(vs.Vote.NO): "0"}
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["member", *(f"r{column}" for column in range(rollcalls.votes.shape[1]))])
        for member, row in zip(rollcalls.members.index, rollcalls.votes.tolist(), strict=True):
            writer.writerow([member, *(letters.get(vote, "") for vote in row)])


def senate(path: Path) -> vs.RollCalls:
    """Write the contested votes of the 109th Senate, which the R package pscl carries, and read them."""
    subprocess.run(["Rscript", "--vanilla", str(HERE / "s109.R"), str(path)], check=True, capture_output=True)
    frame = pd.read_csv(path, index_col=0, dtype=str, keep_default_na=False, encoding="utf-8")
    codes = frame.replace({"1": "yes", "0": "no", "": "absent"})
    codes.columns = [f"r{column}" for column in range(codes.shape[1])]
    return vs.RollCalls.from_wide(codes)


def run_chain(
    package: str, votes: Path, *, seed: int, iterations: int, burnin: int, thin: int, threads: int = 1
) -> Chain:
    """Run one chain of a package over a file of votes."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        raise FileNotFoundError("Rscript is not on the path")
    count = str(threads)
    environment = os.environ | {"OPENBLAS_NUM_THREADS": count, "OMP_NUM_THREADS": count}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "positions.csv"
        numbers = [str(number) for number in (seed, iterations, burnin, thin)]
        done = subprocess.run(
            [rscript, "--vanilla", str(HERE / PEERS[package]), str(votes), str(out), *numbers],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{package} failed: {done.stderr.strip()[-500:]}")
        facts = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
        # A member called NA is a member.
        positions = pd.read_csv(out, dtype={"member": str}, keep_default_na=False)
    return Chain(facts, positions.set_index("member"))


def oriented(chain: Chain, member: str) -> pd.DataFrame:
    """Return mean and sd with the member on the positive side."""
    sign = -1.0 if chain.positions.loc[member, "mean"] < 0 else 1.0
    return chain.positions.assign(mean=sign * chain.positions["mean"])


def reference(package: str, votes: Path, member: str, *, seed: int, iterations: int, thin: int) -> dict:
    """Average two chains from different seeds, and say how well they agree.

    The first tenth of each is thrown away.
    """
    burnin = iterations // 10
    chains = [
        run_chain(package, votes, seed=seed + number, iterations=iterations, burnin=burnin, thin=thin)
        for number in range(2)
    ]
    one, other = (oriented(chain, member) for chain in chains)
    facts = chains[0].facts
    return {
        "package": package,
        "version": facts["version"],
        "r": facts["r"],
        "seeds": [seed, seed + 1],
        "iterations": iterations,
        "burnin": burnin,
        "thin": thin,
        "scale": SCALE[package],
        "effective_draws_min": [int(chain.facts["effective_draws_min"]) for chain in chains],
        "effective_draws_median": [int(chain.facts["effective_draws_median"]) for chain in chains],
        "correlation_between_chains": round(float(np.corrcoef(one["mean"], other["mean"])[0, 1]), 7),
        "rollcalls": int(facts["rollcalls"]),
        "positions": {
            name: [
                round(float(one.loc[name, "mean"] + other.loc[name, "mean"]) / 2, 5),
                round(float(np.sqrt((one.loc[name, "sd"] ** 2 + other.loc[name, "sd"] ** 2) / 2)), 5),
            ]
            for name in one.index
        },
    }


def compare(rollcalls: vs.RollCalls, stored: dict) -> dict[str, float]:
    """Fit the same votes and correlate positions and standard errors with a reference."""
    fit = vs.IdealPoints(link="probit", threads=1).fit(rollcalls)
    mine = fit.tidy().set_index("member")
    theirs = pd.DataFrame.from_dict(stored["positions"], orient="index", columns=["mean", "sd"]).loc[
        mine.index
    ]
    return {
        "members": len(mine),
        "pearson": abs(float(np.corrcoef(mine["estimate"], theirs["mean"])[0, 1])),
        "spearman": abs(float(mine["estimate"].corr(theirs["mean"], method="spearman"))),
        "pearson_of_errors": float(np.corrcoef(mine["std_error"], theirs["sd"])[0, 1]),
        "median_ratio_of_errors": float((mine["std_error"] / theirs["sd"]).median()),
        "gradient_norm": fit.mode.gradient_norm,
        "seconds": fit.mode.seconds,
    }


def _one_line_each(stored: dict) -> str:
    """Return JSON with a line per member."""
    rows = [f'  "{name}": {json.dumps(pair)}' for name, pair in stored["positions"].items()]
    facts = [f' "{key}": {json.dumps(value)}' for key, value in stored.items() if key != "positions"]
    return "{\n" + ",\n".join(facts) + ',\n "positions": {\n' + ",\n".join(rows) + "\n }\n}\n"


def _print(title: str, stored: dict, correlations: dict[str, float]) -> None:
    print(
        f"{title}: {stored['package']} {stored['version']} (R {stored['r']}), two chains of "
        f"{stored['iterations']} iterations, effective draws at least {min(stored['effective_draws_min'])}, "
        f"correlation between chains {stored['correlation_between_chains']:.5f}"
    )
    print(
        "  voteshift, probit: " + ", ".join(f"{key} {value:.6g}" for key, value in correlations.items()),
        flush=True,
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the packages over one record and print how voteshift compares."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("record", choices=["hrc", "s109"])
    parser.add_argument("--packages", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--iterations", type=int, default=50_000)
    parser.add_argument("--thin", type=int, default=20)
    parser.add_argument("--seed", type=int, default=20_21)
    parser.add_argument("--out", type=Path, help="folder for pscl_hrc.json and the like")
    options = parser.parse_args(arguments)
    peers = find_peers()
    with tempfile.TemporaryDirectory() as folder:
        votes = Path(folder) / "votes.csv"
        for package in options.packages:
            if package not in peers:
                print(f"skipped {package}: Rscript or the package is not installed")
                continue
            if options.record == "hrc":
                rollcalls = binary_record()
                write_votes(votes, rollcalls)
            else:
                rollcalls = senate(votes)
            stored = reference(
                package,
                votes,
                "USA" if options.record == "hrc" else str(rollcalls.members.index[0]),
                seed=options.seed,
                iterations=options.iterations,
                thin=options.thin,
            )
            if options.out is not None:
                path = options.out / f"{package.lower()}_{options.record}.json"
                named = {"votes": WHAT[options.record]} | stored
                path.write_text(_one_line_each(named), encoding="utf-8")
            _print(options.record, stored, compare(rollcalls, stored))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
