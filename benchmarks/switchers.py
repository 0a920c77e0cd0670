"""Expected and observed numbers of members that changed their vote, over every step of the record.

    python benchmarks/switchers.py [--draws 500] [--out benchmarks/switchers.json]

For every step with a model, the check `expected_switchers` compares the number of members that voted both
times and changed their vote with its predictive distribution. Reported are the totals over all steps, and the
share of steps whose number is below and above the 90 % interval.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd

import voteshift as vs

__all__ = ["main", "measure", "summarise"]

LEVEL = 0.9


def measure(record: vs.RollCalls, family: str, n_draws: int) -> pd.DataFrame | str:
    """Return the rows of the check for one family, or the reason why there are none."""
    why = vs.explain(record, family, draws=vs.Draws(n_draws, level=LEVEL))
    check = vs.checks.expected_switchers(why)
    if not isinstance(check, vs.checks.CheckResult):
        return str(check)
    return check.tidy().assign(family=family)


def summarise(steps: pd.DataFrame) -> dict[str, Any]:
    """Return totals and shares of steps outside the interval, for the model and without member effects."""
    voted = steps[steps["voted"] > 0]
    layers = {
        "model": voted[voted["member_effect"] | ~_has_effect(voted)],
        "without member effects": voted[~voted["member_effect"]],
    }
    return {
        name: {
            "steps": len(part),
            "votes_twice": int(part["voted"].sum()),
            "switchers": int(part["observed"].sum()),
            "expected": float(part["estimate"].sum()),
            "below": float((part["observed"] < part["conf_low"]).mean()),
            "above": float((part["observed"] > part["conf_high"]).mean()),
        }
        for name, part in layers.items()
    }


def _has_effect(steps: pd.DataFrame) -> pd.Series:
    """Return True for the rows of steps that have a row with member effects."""
    return steps.groupby(["family", "old", "new"])["member_effect"].transform("any")


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Expected and observed switchers of every family")
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--families", type=int, default=None, help="only the first N families")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    record = vs.load_hrc()
    frames, failed = [], {}
    for family in list(record.families().index)[: asked.families]:
        try:
            rows = measure(record, str(family), asked.draws)
        except vs.VoteshiftError as error:
            rows = str(error)
        if isinstance(rows, str):
            failed[str(family)] = rows
        else:
            frames.append(rows)
        print(family, file=sys.stderr, flush=True)
    summary = summarise(pd.concat(frames, ignore_index=True))
    document = {
        "command": f"python benchmarks/switchers.py --draws {asked.draws}",
        "families": len(frames),
        "failed": failed,
        "summary": summary,
    }
    print(json.dumps(document, indent=1))
    if asked.out:
        asked.out.write_text(f"{json.dumps(document, indent=1)}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
