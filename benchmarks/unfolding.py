"""Do both ends vote together against the middle? Verdicts and positions in worlds with a known answer.

    python benchmarks/unfolding.py [--datasets 10] [--kinds bell ...] [--out benchmarks/unfolding.json]

The records of each kind are in benchmarks/unfolding.json, with the commands that drew them.

47 or 60 members and 150 or 200 roll calls; a tenth of the votes is missing. No world is drawn from the
quadratic logit model of the comparison. Cutpoints are shares of the members, so all categories occur.

Every curve is monotone in one dimension:
logit, probit       normal positions
skewed_logit        exponential positions
skewed_cloglog      exponential positions; noise of the extreme-value distribution (complementary log-log)
heavy_cloglog       positions from a t distribution with 3 degrees of freedom; extreme-value noise
blocs_probit        two blocs with standard deviation 0.4 at -1 and 1; normal noise

Every curve is monotone in two dimensions; positions are normal, with normal noise:
plane, plane_weak   slopes on the second dimension have 0.6 or 0.3 of the standard deviation of the first

Both ends vote together on some roll calls; positions are uniform:
bell                the utility of yes, or of no, is a bell curve (4 exp(-d^2 / 1.28)) of the distance d to a
                    point with standard deviation 0.7; noise from a t distribution with 3 degrees of freedom
bell_part           the same for 40 % of the roll calls; the others are monotone, with normal noise
ggum                binary votes from the generalised graded unfolding model of Roberts, Donoghue & Laughlin
                    (2000), with discriminations from 1 to 3, locations from -1.7 to 1.7 and thresholds from
                    -1.5 to -0.5; yes and no are exchanged at random
"""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import spearmanr

import voteshift as vs
from voteshift.errors import NotUsableError
from voteshift.posterior.unfolding_comparison import SUPPORT, compare_unfolding

__all__ = [
    "KINDS",
    "cut_latent",
    "draw_noise",
    "draw_positions",
    "judge",
    "main",
    "make_world",
    "summarise",
    "write_results",
]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Kind:
    """The truth of a world: its positions and noise, and what its curves are."""

    truth: str
    positions: str = "normal"
    noise: str = "normal"
    second: float = 0.0
    share: float = 0.0


KINDS = {
    "logit": Kind("monotone", noise="logistic"),
    "probit": Kind("monotone"),
    "skewed_logit": Kind("monotone", "skewed", "logistic"),
    "skewed_cloglog": Kind("monotone", "skewed", "extreme"),
    "heavy_cloglog": Kind("monotone", "heavy", "extreme"),
    "blocs_probit": Kind("monotone", "blocs"),
    "plane": Kind("second dimension", second=1.2),
    "plane_weak": Kind("second dimension", second=0.6),
    "bell": Kind("ends against the middle", "uniform", "t", share=1.0),
    "bell_part": Kind("ends against the middle", "uniform", "t", share=0.4),
    "ggum": Kind("ends against the middle", "uniform", "ggum", share=1.0),
}
_MISSING = 0.1
_FEWEST = 6  # votes in a roll call


def draw_positions(name: str, rng: np.random.Generator, size: int) -> Floats:
    """Draw positions with mean 0 and standard deviation 1."""
    if name == "skewed":
        x = rng.exponential(size=size)
    elif name == "heavy":
        x = rng.standard_t(3, size=size)
    elif name == "blocs":
        x = rng.choice([-1.0, 1.0], size) + 0.4 * rng.standard_normal(size)
    elif name == "uniform":
        x = rng.uniform(-1.0, 1.0, size)
    else:
        x = rng.standard_normal(size)
    return np.asarray((x - x.mean()) / x.std())


def draw_noise(name: str, rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Draw noise with a standard deviation of about that of the logistic distribution."""
    if name == "logistic":
        return rng.logistic(size=shape)
    if name == "extreme":
        return np.asarray(1.3 * rng.gumbel(size=shape))
    if name == "t":
        return np.asarray(1.5 * rng.standard_t(3, size=shape))
    return np.asarray(1.7 * rng.standard_normal(shape))


def _ggum(x: Floats, rng: np.random.Generator, n_rollcalls: int) -> NDArray[np.int8]:
    """Draw binary votes from the generalised graded unfolding model."""
    slope = rng.uniform(1.0, 3.0, n_rollcalls)
    place = rng.uniform(-1.7, 1.7, n_rollcalls)
    threshold = rng.uniform(-1.5, -0.5, n_rollcalls)
    distance = x[:, None] - place
    agree = np.exp(slope * (distance - threshold)) + np.exp(slope * (2.0 * distance - threshold))
    yes = rng.random(distance.shape) < agree / (agree + 1.0 + np.exp(3.0 * slope * distance))
    return np.where(yes ^ (rng.random(n_rollcalls) < 0.5), 2, 0).astype(np.int8)


def cut_latent(latent: Floats, rng: np.random.Generator) -> NDArray[np.int8]:
    """Divide latent values into no, abstain and yes, at random shares of the members."""
    low = rng.uniform(0.1, 0.75, latent.shape[1])
    high = np.minimum(low + rng.uniform(0.05, 0.25, latent.shape[1]), 0.95)
    rank = (latent.argsort(axis=0).argsort(axis=0) + 0.5) / len(latent)
    return ((rank > low).astype(np.int8) + (rank > high)).astype(np.int8)


def make_world(name: str, seed: int) -> tuple[vs.RollCalls, Floats]:
    """Draw one world; return its record and the true positions on the first dimension."""
    kind = KINDS[name]
    rng = np.random.default_rng([seed, 41, list(KINDS).index(name)])
    size = (47, 60)[seed % 2], (150, 200)[seed // 2 % 2]
    x = draw_positions(kind.positions, rng, size[0])
    if kind.noise == "ggum":
        votes = _ggum(x, rng, size[1])
    else:
        latent = x[:, None] * rng.normal(0.0, 2.0, size[1]) + draw_noise(kind.noise, rng, size)
        if kind.second:
            latent += rng.standard_normal((size[0], 1)) * rng.normal(0.0, kind.second, size[1])
        bells = np.arange(size[1]) < kind.share * size[1]
        if bells.any():
            distance = x[:, None] - rng.normal(0.0, 0.7, size[1])
            utility = 4.0 * np.exp(-(distance**2) / 1.28) * rng.choice([-1.0, 1.0], size[1])
            straight = x[:, None] * rng.normal(0.0, 2.0, size[1]) + draw_noise("normal", rng, size)
            latent = np.where(bells, utility + draw_noise(kind.noise, rng, size), straight)
        votes = cut_latent(latent, rng)
    votes[rng.random(votes.shape) < _MISSING] = vs.Vote.ABSENT
    kept = (votes >= 0).sum(axis=0) >= _FEWEST
    members = pd.DataFrame(index=pd.Index([f"m{row}" for row in range(size[0])], name="member"))
    frame = pd.DataFrame(index=pd.Index([f"r{column}" for column in np.flatnonzero(kept)], name="rollcall"))
    return vs.RollCalls(votes[:, kept], members, frame), x


def judge(name: str, seed: int) -> dict[str, Any]:
    """Compare shapes in one world."""
    record, x = make_world(name, seed)
    try:
        result = compare_unfolding(record, seed=seed)
    except NotUsableError as error:
        return {"seed": seed, "verdict": f"not usable: {error}"}
    row: dict[str, Any] = {"seed": seed, "verdict": result.verdict}
    truth = pd.Series(x, index=record.members.index)[result.positions.index]
    row["spearman"] = round(abs(float(spearmanr(truth, result.positions)[0])), 4)
    for shape in result.table.index.drop("unfolding"):
        row[str(shape)] = [round(float(value), 2) for value in result.table.loc[shape, ["gain", "std_error"]]]
    return row


def summarise(rows: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Return the share of worlds of every kind with each verdict, gains and rank correlations.

    ``within`` and ``above`` are the shares of worlds in which the gain over monotone curves is within two
    standard errors of 0, and above two standard errors.
    """
    kinds: dict[str, Any] = {}
    for name in [kind for kind in KINDS if kind in rows]:
        usable = [row for row in rows[name] if "spearman" in row]
        ratio = np.array([row["monotone"][0] / max(row["monotone"][1], 0.005) for row in usable])
        verdicts = [row["verdict"] for row in rows[name]]
        ranks = np.array([row["spearman"] for row in usable])
        kinds[name] = {
            "truth": KINDS[name].truth,
            "datasets": len(verdicts),
            "not_usable": len(verdicts) - len(usable),
            "within": round(float((np.abs(ratio) <= SUPPORT).mean()), 3),
            "above": round(float((ratio > SUPPORT).mean()), 3),
            "verdicts": {verdict: verdicts.count(verdict) for verdict in sorted(set(verdicts))},
            "spearman": {"median": round(float(np.median(ranks)), 3), "lowest": round(float(ranks.min()), 3)},
        }
    return kinds


def write_results(results: dict[str, Any]) -> str:
    """Return the results as JSON, with one line for each world."""
    parts = [
        f'  "{kind}": [\n' + ",\n".join(f"   {json.dumps(row)}" for row in rows) + "\n  ]"
        for kind, rows in results["worlds"].items()
    ]
    head = json.dumps({name: value for name, value in results.items() if name != "worlds"}, indent=1)
    return head[:-2] + ',\n "worlds": {\n' + ",\n".join(parts) + "\n }\n}\n"


def main(arguments: list[str] | None = None) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Verdicts on unfolding in worlds with a known answer")
    parser.add_argument("--datasets", type=int, default=10, help="worlds of each kind")
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    worlds: dict[str, list[dict[str, Any]]] = {}
    if options.out and options.out.exists():  # kinds can be run in separate commands
        worlds = json.loads(options.out.read_text(encoding="utf-8"))["worlds"]
    worlds |= {kind: [] for kind in options.kinds}
    for seed in range(options.datasets):
        for kind in options.kinds:
            worlds[kind].append(judge(kind, seed))
            print(f"{kind}: {json.dumps(worlds[kind][-1])}", file=sys.stderr, flush=True)
        ordered = {name: worlds[name] for name in KINDS if name in worlds}
        results = {
            "command": f"python benchmarks/unfolding.py --datasets {options.datasets} --kinds "
            + " ".join(ordered),
            "kinds": summarise(ordered),
            "worlds": ordered,
        }
        if options.out:
            options.out.write_text(write_results(results), encoding="utf-8")
    print(json.dumps(summarise(worlds), indent=1))


if __name__ == "__main__":
    main()
