"""Does the explanation find a cause that is known? Simulated councils on the seats of the real one.

    python benchmarks/worlds.py --datasets 60 --moving 30 --out benchmarks/worlds.json

Every world draws positions and items from the normal approximation of a fit to the Council's record of 2016
to 2021, and the votes of all roll calls from them, on the seats that voted. On two versions of one resolution
every member's vote is drawn and kept, whether it sits or not: the parts of the realised change are then known
numbers. `explain` sees the votes of those who sit.

turnover      one item for both versions; new members come from one side
resolution    two items; the seats of the record
mixture       two items, and new members from one side
habit         as mixture, and every member leans its own way on this resolution (sd 3.6): given positions,
              votes are not independent, which the model without member effects takes them to be
movement      one item; members move by a common step of 1 between 2019 and 2020 and by separate walks;
              other repeated resolutions keep their items (bridges); three parts
everything    as movement, with two items
"""

import argparse
import json
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import voteshift as vs
from voteshift.checks.split_bridges import SplitBridges, split_bridges
from voteshift.shift.counterfactual import full_cutpoints
from voteshift.shift.parts import ModelParts
from voteshift.shift.shapley import shapley

__all__ = [
    "MOVING",
    "STILL",
    "World",
    "judge",
    "main",
    "make_world",
    "share_items",
    "source",
    "summarise",
]

Floats = NDArray[np.float64]
Move = Callable[[np.random.Generator, Floats, NDArray[np.int64]], Floats]
Share = Callable[[pd.DataFrame, Floats, Floats], None]
FAMILY, OLD, NEW = "mutually-beneficial-cooperation", "27478", "29343"
STILL, MOVING = ("turnover", "resolution", "mixture", "habit"), ("movement", "everything")
CATEGORIES = ("no", "abstain", "yes")
LAYERS = ("model", "model without member effects")
HABIT, STEP, TAU, STAYERS, PULL = 3.6, 1.0, 0.1, 22, 1.2
LEVEL = 0.9


@dataclass(frozen=True)
class World:
    """A simulated record and the parts of its realised change from `OLD` to `NEW`.

    Attributes
    ----------
    record : RollCalls
        What `explain` sees.
    parts : dict of str to ndarray, shape (3,)
        The true part of every component: no, abstain, yes.
    """

    record: vs.RollCalls
    parts: dict[str, Floats]


@dataclass(frozen=True)
class Source:
    """The record that worlds are drawn like."""

    window: vs.RollCalls
    fit: vs.IdealFit


def source(dims: int = 1) -> Source:
    """Fit the record that parameters are drawn from."""
    window = vs.load_hrc().between("2016", "2021")
    fit = vs.IdealPoints(dims=dims).fit(window)
    assert isinstance(fit, vs.IdealFit)
    return Source(window, fit)


def make_world(
    kind: str, seed: int, like: Source, *, move: Move | None = None, share: Share | None = None
) -> World:
    """Draw one world; `move` and `share` replace the movement of members and the items of the bridges."""
    move, share = move or _moved, share or share_items
    rng = np.random.default_rng([seed, [*STILL, *MOVING].index(kind)])
    encoded = like.fit.encoded
    ids, members = list(encoded.rollcalls), encoded.members
    draws = like.fit.draw(1, ids, int(rng.integers(2**31)))
    x = draws.positions[0, :, 0]
    slopes = draws.discriminations[0, :, 0].copy()
    cuts = full_cutpoints(draws.cutpoints, list(encoded.categories))[0]
    old, new = ids.index(OLD), ids.index(NEW)
    if kind in ("turnover", "movement"):
        slopes[new], cuts[new] = slopes[old], cuts[old]
    frame = like.window.rollcalls.loc[ids]
    paths = np.repeat(x[:, None], len(ids), axis=1)
    if kind in MOVING:
        share(frame, slopes, cuts)
        paths = move(rng, x, frame["date"].dt.year.to_numpy())
    lean = HABIT * rng.standard_normal(len(x)) if kind == "habit" else np.zeros(len(x))
    of_family = (frame["family"] == FAMILY).to_numpy()
    latent = paths * slopes + rng.logistic(size=paths.shape)
    stretch = np.sqrt(1 + lean.std() ** 2 / (np.pi**2 / 3))  # so that tallies stay what they would be
    fresh = rng.logistic(size=(len(x), of_family.sum()))
    latent[:, of_family] = paths[:, of_family] * slopes[of_family] * stretch + fresh
    latent[:, of_family] += lean[:, None]
    cuts[of_family] *= stretch
    every = _category(latent, cuts)
    seated = like.window.select(members=members, rollcalls=ids).votes >= 0
    if kind not in ("resolution", *MOVING):
        seated[:, new] = _new_council(rng, x, seated[:, old], int(seated[:, new].sum()))
    votes = np.where(seated, every, np.int8(vs.Vote.NOT_MEMBER)).astype(np.int8)
    columns = ["date", "symbol", "title", "subject", "session", "amendment", "family"]
    record = vs.RollCalls(
        votes, like.window.members.loc[members], frame[[c for c in columns if c in frame]], polarity="USA"
    )
    council = seated[:, [old, new]]
    # votes by date of the positions and version, with the noise of (member, version) held
    stretched = slopes * np.where(of_family, stretch, 1.0)
    noise = latent[:, [old, new]] - paths[:, [old, new]] * stretched[[old, new]]
    corners = np.empty((2, 2, 2, 3))
    for date, period in enumerate((old, new)):
        for version, rollcall in enumerate((old, new)):
            scale = stretch if of_family[rollcall] else 1.0
            utility = paths[:, period] * slopes[rollcall] * scale + noise[:, version]
            cast = _category(utility[:, None], cuts[[rollcall]])[:, 0]
            for sits in (0, 1):
                corners[sits, date, version] = [(cast[council[:, sits]] == code).sum() for code in range(3)]
    if kind in MOVING:
        names, parts = ("membership", "positions", "resolution"), shapley(corners, 3).parts
    else:
        names, parts = ("membership", "switching"), shapley(corners[:, 0], 2).parts
    return World(record, dict(zip(names, parts, strict=True)))


def judge(world: World, kind: str, *, n_draws: int, seed: int) -> list[dict[str, Any]]:
    """Explain a world and compare every interval with the true part; empty where there is no model."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", vs.BridgeWarning)
        why = vs.explain(
            world.record,
            FAMILY,
            model=vs.IdealPoints(
                dynamics=vs.RandomWalk(bridge="families" if kind in MOVING else None), method="mode"
            ),
            draws=vs.Draws(n_draws, seed=seed, level=LEVEL),
        )
    (step,) = (step for step in why.steps if (step.old, step.new) == (OLD, NEW))
    rows = []
    # After splitting there are parts only in the few worlds whose bridges a screen rejects by chance.
    layers = _layers(why, step)
    for layer in [name for name in LAYERS if name in layers]:
        model = layers[layer]
        table = model.table.set_index(["component", "category"])
        for component, truth in world.parts.items():
            for code, name in enumerate(CATEGORIES):
                row = table.loc[(component, name)]
                rows.append(
                    {
                        "world": kind,
                        "layer": layer,
                        "component": component,
                        "category": name,
                        "truth": float(truth[code]),
                        "estimate": float(row["estimate"]),
                        "low": float(row["conf_low"]),
                        "high": float(row["conf_high"]),
                    }
                )
    return rows


def _layers(why: vs.Explanation, step: vs.Step) -> dict[str, ModelParts]:
    """Return the parts by layer, those after splitting among them."""
    split = split_bridges(why)
    after = split.steps.get(step.ends) if isinstance(split, SplitBridges) else None
    return step.layers | ({} if after is None else {"model after splitting": after})


def summarise(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return coverage, error and width of every part in every world, and pooled.

    Pooled are all worlds but habit, where the model without member effects is wrong on purpose.
    """
    table = pd.DataFrame(list(rows))
    # Parts are multiples of a sixth: equal ends must not fail by rounding.
    slack = 1e-6
    table["covered"] = (table["low"] - slack <= table["truth"]) & (table["truth"] <= table["high"] + slack)
    table["error"] = table["estimate"] - table["truth"]
    table["width"] = table["high"] - table["low"]
    worlds: dict[str, Any] = {}
    for (world, layer, component), part in table.groupby(["world", "layer", "component"], sort=False):
        worlds.setdefault(world, {}).setdefault(layer, {})[component] = {
            "datasets": len(part) // len(CATEGORIES),
            "coverage": float(part["covered"].mean()),
            "mean_absolute_truth": float(part["truth"].abs().mean()),
            "mean_error": {
                name: float(some["error"].mean()) for name, some in part.groupby("category", sort=False)
            },
            "mean_absolute_error": float(part["error"].abs().mean()),
            "mean_width": float(part["width"].mean()),
        }
    honest = table[table["world"] != "habit"]
    pooled = {str(layer): float(part["covered"].mean()) for layer, part in honest.groupby("layer")}
    return {"level": LEVEL, "pooled": pooled, "worlds": worlds}


def _category(latent: Floats, cuts: Floats) -> NDArray[np.int8]:
    return (latent > cuts[:, 0]).astype(np.int8) + (latent > cuts[:, 1])


def share_items(frame: pd.DataFrame, slopes: Floats, cuts: Floats) -> None:
    """Let every other repeated resolution keep the item of its first iteration."""
    for family, part in frame.reset_index().groupby(frame["family"].to_numpy()):
        if family and family != FAMILY:
            slopes[part.index], cuts[part.index] = slopes[part.index[0]], cuts[part.index[0]]


def _moved(rng: np.random.Generator, x: Floats, years: NDArray[np.int64]) -> Floats:
    """Positions at every roll call: walks by year, and a step of all members before 2020."""
    first, last = int(years.min()), int(years.max())
    walk = x[:, None] + np.cumsum(TAU * rng.standard_normal((len(x), last - first + 1)), axis=1)
    walk[:, 2020 - first :] += STEP
    return walk[:, years - first]


def _new_council(rng: np.random.Generator, x: Floats, sat: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    """Seat some of the old members at random, and new ones from the positive side more than the other."""
    seated = np.zeros(len(x), dtype=bool)
    seated[rng.choice(np.flatnonzero(sat), STAYERS, replace=False)] = True
    away = np.flatnonzero(~sat)
    weight = np.exp(PULL * x[away])
    seated[rng.choice(away, size - STAYERS, replace=False, p=weight / weight.sum())] = True
    return seated


def run(kinds: Iterable[str], datasets: int, *, n_draws: int, first_seed: int = 0) -> list[dict[str, Any]]:
    """Draw and judge worlds of some kinds."""
    like = source()
    rows = []
    for kind in kinds:
        for seed in range(first_seed, first_seed + datasets):
            rows += judge(make_world(kind, seed, like), kind, n_draws=n_draws, seed=seed)
    return rows


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description="Coverage of the parts where they are known")
    parser.add_argument("--datasets", type=int, default=60, help="worlds of each kind whose positions hold")
    parser.add_argument("--moving", type=int, default=30, help="worlds of each kind whose positions move")
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    rows = run(STILL, asked.datasets, n_draws=asked.draws) + run(MOVING, asked.moving, n_draws=asked.draws)
    results = {
        "command": f"python benchmarks/worlds.py --datasets {asked.datasets} --moving {asked.moving} "
        f"--draws {asked.draws}",
        "draws": asked.draws,
        **summarise(rows),
    }
    text = json.dumps(results, indent=1)
    if asked.out:
        asked.out.write_text(f"{text}\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
