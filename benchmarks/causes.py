"""Are states that moved told from a resolution that changed? On the real seats and families.

    python benchmarks/causes.py [--seeds 40] [--out benchmarks/causes.json]

moved     one item for both versions; all members take a step before 2020, and walks of their own
changed   two items; walks only

Other repeated resolutions keep their items. In each world the parts of the realised change are known numbers
(see worlds.py). Reported for the votes of no: the mean true part, the mean estimate, and in how many worlds
the 90 % interval of a part covers it. The world that moved is fitted a second time with the common step and
the steps of groups declared to be 0, where it must fail.
"""

import argparse
import json
from pathlib import Path

import numpy as np

import voteshift as vs
import worlds
from voteshift.errors import Unavailable

CAUSES = {"moved": ("movement", 1.6), "changed": ("everything", 0.0)}
PARTS = ("membership", "positions", "resolution")
NO = worlds.CATEGORIES.index("no")


def judge(cause, seed, like, *, delta, n_draws=500):
    """Return true parts, estimates and whether the intervals cover, of the votes of no; None: no model."""
    kind, worlds.STEP = CAUSES[cause]
    world = worlds.make_world(kind, seed, like)
    dynamics = vs.RandomWalk(
        bridge="families", apart=(worlds.FAMILY,), delta=delta, delta_group=None if delta > 0 else 0.0
    )
    fit = vs.IdealPoints(dynamics=dynamics, method="mode").fit(world.record)
    why = vs.explain(
        world.record, worlds.FAMILY, model=fit, draws=vs.Draws(n_draws, seed=seed), member_effect=False
    )
    (step,) = (one for one in why.steps if (one.old, one.new) == (worlds.OLD, worlds.NEW))
    if isinstance(step.model, Unavailable):
        return None
    table = step.model.table.set_index(["component", "category"]).xs("no", level="category").loc[list(PARTS)]
    truth = np.array([world.parts[part][NO] for part in PARTS])
    slack = 1e-6
    covers = (table["conf_low"] - slack <= truth) & (truth <= table["conf_high"] + slack)
    return truth, table["estimate"].to_numpy(), covers.to_numpy()


def _named(parts):
    return {name: round(float(value), 6) + 0.0 for name, value in zip(PARTS, parts, strict=True)}


def measure(cause, seeds, like, *, delta):
    """Judge worlds and sum up."""
    judged = [judge(cause, seed, like, delta=delta) for seed in seeds]
    results = [one for one in judged if one is not None]
    truth, estimate, covers = (np.array(column) for column in zip(*results, strict=True))
    return {
        "worlds": len(judged),
        "without_model": len(judged) - len(results),
        "delta": delta,
        "mean_change_of_no": float(truth.sum(axis=1).mean()),
        "truth": _named(truth.mean(axis=0)),
        "estimate": _named(estimate.mean(axis=0)),
        "covered": dict(zip(PARTS, covers.sum(axis=0).tolist(), strict=True)),
    }


def main():
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Movement told from change")
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    like = worlds.source()
    result = {}
    for name, cause, delta in (("moved", "moved", 1.0), ("changed", "changed", 1.0), ("fixed", "moved", 0.0)):
        row = result[name] = measure(cause, range(asked.seeds), like, delta=delta)
        parts = "; ".join(
            f"{part} {row['estimate'][part]:+.2f} (true {row['truth'][part]:+.2f}, covered "
            f"{row['covered'][part]} of {row['worlds']})"
            for part in PARTS
        )
        print(f"{name}, delta {delta:g}: change of no {row['mean_change_of_no']:+.1f}; {parts}", flush=True)
    if asked.out:
        asked.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
