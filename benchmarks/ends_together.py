"""Rates at which the check of ends that vote together fails, in worlds with a known answer.

    python benchmarks/ends_together.py [--datasets 30] [--kinds ...] [--out benchmarks/ends_together.json]

47 members, or 150 in the kinds with "150"; 120 other roll calls and three versions of one resolution; a tenth
of the votes is missing. Other roll calls are monotone, so the model is right about them. The name of a world
has its positions, its noise and the votes on the resolution:

normal, skewed, heavy, blocs, uniform   standard normal; exponential; t with 3 degrees of freedom; two blocs;
                                        uniform
logit, probit, cloglog                  noise of the logistic, the normal and the extreme-value distribution
strong, weak, none                      monotone, with slope 3, 1 or 0
tendency                                monotone with slope 1, and every member has a tendency on all versions
                                        (Laplace distribution, standard deviation 3)
ends                                    the utility of yes is a bell curve of the distance to a point from
                                        -0.4 to 0.4 (see unfolding.py), so both ends vote no
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import voteshift as vs
from unfolding import cut_latent, draw_noise, draw_positions
from voteshift.checks.ends_together import ALPHA, EndsTogether, ends_together

__all__ = ["KINDS", "judge", "main", "make_world", "summarise", "write_results"]

#: The worlds, and True if both ends vote together on the resolution.
KINDS = {
    "normal_logit_strong": False,
    "normal_cloglog_weak": False,
    "skewed_cloglog_strong": False,
    "skewed_cloglog_weak": False,
    "skewed_cloglog_none": False,
    "skewed_cloglog_tendency": False,
    "heavy_cloglog_strong": False,
    "blocs_probit_strong": False,
    "skewed_cloglog_strong_150": False,
    "uniform_probit_ends": True,
    "skewed_cloglog_ends": True,
}
SLOPES = {"strong": 3.0, "weak": 1.0, "none": 0.0, "tendency": 1.0, "ends": 0.0}
NOISE = {"logit": "logistic", "probit": "normal", "cloglog": "extreme"}
N_OTHERS = 120


def make_world(name: str, seed: int) -> vs.RollCalls:
    """Draw one world."""
    positions, noise, curve, *rest = name.split("_")
    rng = np.random.default_rng([seed, 43, list(KINDS).index(name)])
    size = int(rest[0]) if rest else 47
    x = draw_positions(positions, rng, size)
    others = x[:, None] * rng.normal(0.0, 2.0, N_OTHERS) + draw_noise(NOISE[noise], rng, (size, N_OTHERS))
    latent = SLOPES[curve] * x[:, None] + draw_noise(NOISE[noise], rng, (size, 3))
    if curve == "tendency":
        latent += 3.0 * rng.laplace(size=(size, 1)) / np.sqrt(2.0)
    if curve == "ends":
        latent += 4.0 * np.exp(-((x[:, None] - rng.uniform(-0.4, 0.4)) ** 2) / 1.28)
    votes = np.concatenate([cut_latent(others, rng), cut_latent(latent, rng)], axis=1)
    votes[rng.random(votes.shape) < 0.1] = vs.Vote.ABSENT
    order = rng.permutation(votes.shape[1])
    frame = pd.DataFrame(
        {
            "date": pd.date_range("2001-01-31", periods=len(order), freq="10D"),
            "title": ["On fish" if column >= N_OTHERS else f"Text {column}" for column in order],
        },
        index=[f"r{column:03d}" for column in range(len(order))],
    )
    members = pd.DataFrame(index=[f"M{row:03d}" for row in range(size)])
    return vs.RollCalls(votes[:, order], members, frame)


def judge(name: str, seed: int) -> list[float] | None:
    """Return the p-value of the check on one world, and 1 if the curve turns in the middle."""
    why = vs.explain(make_world(name, seed), "On fish", draws=vs.Draws(100, seed=seed), member_effect=False)
    result = ends_together(why)
    if not isinstance(result, EndsTogether):
        return None
    return [round(result.p_value, 4), float(result.turns_in_middle)]


def summarise(rows: dict[str, list[list[float] | None]]) -> dict[str, Any]:
    """Return the share of worlds of every kind in which the check fails, at its level and at 0.05."""
    kinds: dict[str, Any] = {}
    for name in [kind for kind in KINDS if kind in rows]:
        usable = np.array([row for row in rows[name] if row is not None]).reshape(-1, 2)
        p_values, inside = usable[:, 0], usable[:, 1] > 0.0
        total = len(rows[name])
        kinds[name] = {
            "ends_together": KINDS[name],
            "datasets": total,
            "without_p_value": total - len(usable),
            "fails": round(float((inside & (p_values <= ALPHA)).sum()) / total, 3),
            "fails_at_05": round(float((inside & (p_values <= 0.05)).sum()) / total, 3),
            "p_at_most_05": round(float((p_values <= 0.05).sum()) / total, 3),
        }
    return kinds


def write_results(results: dict[str, Any]) -> str:
    """Return the results as JSON, with the worlds of each kind in one line."""
    lines = [f'  "{kind}": {json.dumps(rows)}' for kind, rows in results["worlds"].items()]
    head = json.dumps({name: value for name, value in results.items() if name != "worlds"}, indent=1)
    return head[:-2] + ',\n "worlds": {\n' + ",\n".join(lines) + "\n }\n}\n"


def main(arguments: list[str] | None = None) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="How often the check of ends that vote together fails")
    parser.add_argument("--datasets", type=int, default=30, help="worlds of each kind")
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    worlds: dict[str, list[list[float] | None]] = {}
    if options.out and options.out.exists():  # kinds can be run in separate commands
        worlds = json.loads(options.out.read_text(encoding="utf-8"))["worlds"]
    for kind in options.kinds:
        worlds[kind] = [judge(kind, seed) for seed in range(options.datasets)]
        print(f"{kind}: {json.dumps(summarise({kind: worlds[kind]})[kind])}", file=sys.stderr, flush=True)
        ordered = {name: worlds[name] for name in KINDS if name in worlds}
        results = {
            "command": f"python benchmarks/ends_together.py --datasets {options.datasets} --kinds "
            + " ".join(ordered),
            "alpha": ALPHA,
            "kinds": summarise(ordered),
            "worlds": ordered,
        }
        if options.out:
            options.out.write_text(write_results(results), encoding="utf-8")
    print(json.dumps(summarise(worlds), indent=1))


if __name__ == "__main__":
    main()
