"""Expected and observed numbers of members that changed their vote, over every step of the record.

    python benchmarks/switchers.py [--draws 500] [--out benchmarks/switchers.json]

For every step with a model, the check `expected_switchers` compares the number of members that voted both
times and changed their vote with its predictive distribution. Reported are the totals over all steps, and the
share of steps whose number is below and above the 90 % interval, for the model, the model without state
dependence, and positions alone. Models that could not be estimated are replaced by the next one.
"""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

import voteshift as vs
from voteshift.resolution.member_effect import MemberEffectFit
from voteshift.shift.effect_draws import EffectForm
from voteshift.shift.models import redraw_effects

__all__ = ["main", "measure", "summarise"]

LEVEL = 0.9


def measure(record: vs.RollCalls, family: str, n_draws: int) -> pd.DataFrame | str:
    """Return the rows of the check for one family, or the reason why there are none."""
    why = vs.explain(record, family, draws=vs.Draws(n_draws, level=LEVEL))
    check = vs.checks.expected_switchers(why)
    if not isinstance(check, vs.checks.CheckResult):
        return str(check)
    frames = [check.tidy().assign(family=family, state_dependence=True)]
    effect = why.member_effect
    if isinstance(effect, MemberEffectFit) and effect.has_persistence:
        assert not isinstance(why.models, vs.Unavailable)
        other = replace(why, models=redraw_effects(why.models, why.draws, EffectForm(state_dependence=False)))
        rows = vs.checks.expected_switchers(other).tidy()
        frames.append(rows[rows["member_effect"]].assign(family=family, state_dependence=False))
    return pd.concat(frames, ignore_index=True)


def summarise(steps: pd.DataFrame) -> dict[str, Any]:
    """Return totals and shares of steps outside the interval, for every model."""
    voted = steps[steps["voted"] > 0]
    has_effect, has_other = (
        is_of.groupby([voted[name] for name in ("family", "old", "new")]).transform("any")
        for is_of in (voted["member_effect"], ~voted["state_dependence"])
    )
    model = voted["state_dependence"] & (voted["member_effect"] | ~has_effect)
    layers = {
        "model": voted[model],
        "no state dependence": voted[~voted["state_dependence"] | (model & ~has_other)],
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
