"""The whole General Assembly: python benchmarks/assembly.py FOLDER [--out FILE] [--no-reference].

FOLDER holds Voeten's record as packaged for R (votes.csv.xz, rollcalls.csv) and pairs of roll calls with the
same text (matches.csv). Contested roll calls, three categories, probit, by session, bridges from the pairs:
reads, fits and takes standard errors, and prints seconds, memory and the gradient norm. Then, as a reference
of one's own making, a static fit of every session: Spearman's correlation within each.

Run it twice: the first time includes compilation.
"""

import argparse
import json
import os
import resource
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

import voteshift as vs
from voteshift.readers import read_pairs

LEAST_VOTES = 5


def within_sessions(record, table):
    """Spearman's correlation with a static fit of each session."""
    rows = []
    for session, positions in table.groupby("period", sort=False):
        ids = record.rollcalls.index[record.rollcalls["session"] == session]
        alone = record.select(rollcalls=list(ids)).contested()
        if alone.votes.shape[1] < 2:
            continue
        try:
            static = vs.IdealPoints(link="probit").fit(alone).tidy().set_index("member")
        except vs.NotUsableError as error:
            print(f"session {session}, {alone.votes.shape[1]} contested roll calls: {error}")
            continue
        both = positions.set_index("member").merge(
            static, left_index=True, right_index=True, suffixes=("", "_static")
        )
        both = both[both["n_votes"] >= LEAST_VOTES]
        if len(both) > 2:
            value = abs(spearmanr(both["estimate"], both["estimate_static"])[0])
            rows.append({"session": session, "rollcalls": alone.votes.shape[1], "spearman": value})
    return pd.DataFrame(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--tau", type=float, default=0.1)
    parser.add_argument("--no-reference", action="store_true")
    options = parser.parse_args()
    clock = [time.perf_counter()]
    record = vs.read(options.folder)
    clock.append(time.perf_counter())
    pairs = read_pairs(options.folder / "matches.csv", record.rollcalls.index)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", vs.BridgeWarning)
        fit = vs.IdealPoints(
            link="probit",
            dynamics=vs.RandomWalk("session", items=pairs.kept, tau=options.tau),
            method="mode",
        ).fit(record)
    clock.append(time.perf_counter())
    table = fit.tidy()
    clock.append(time.perf_counter())
    reading, fitting, errors = np.diff(clock)
    result = {
        "members": len(fit.encoded.members),
        "rollcalls": len(fit.encoded.rollcalls),
        "votes": int((fit.encoded.design.codes >= 0).sum()),
        "member_periods": len(table),
        "pairs": len(pairs.kept),
        "pairs_left_out": len(pairs.left_out),
        "gaps": len(fit.periods) - 1,
        "gaps_no_pair_spans": fit.encoded.bridges.open_gaps,
        "tau": options.tau,
        "converged": fit.converged,
        "gradient_norm": fit.mode.gradient_norm,
        "iterations": fit.mode.iterations,
        "seconds_read": reading,
        "seconds_fit": fitting,
        "seconds_errors": errors,
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
        "cores": os.cpu_count(),
    }
    print(
        f"{result['votes']:,} votes of {result['members']} members on {result['rollcalls']:,} roll calls; "
        f"{result['pairs']} pairs, {result['pairs_left_out']} left out\n"
        f"no pair spans {len(result['gaps_no_pair_spans'])} of {result['gaps']} gaps between sessions: "
        f"{', '.join(' to '.join(gap) for gap in result['gaps_no_pair_spans'])}\n"
        f"read {reading:.1f} s, fit {fitting:.1f} s, standard errors {errors:.1f} s; peak "
        f"{result['peak_gb']:.2f} GB; converged {fit.converged}, gradient norm {fit.mode.gradient_norm:.1e}"
    )
    if not options.no_reference:
        sessions = within_sessions(record, table)
        many = sessions[sessions["rollcalls"] >= 40]
        result |= {
            "spearman_median": float(sessions["spearman"].median()),
            "spearman_least_of_40": float(many["spearman"].min()),
            "sessions_of_40": len(many),
        }
        print(
            f"Spearman within sessions: median {result['spearman_median']:.3f}, least of {len(many)} with 40 "
            f"or more contested roll calls {result['spearman_least_of_40']:.3f}"
        )
    if options.out:
        options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
