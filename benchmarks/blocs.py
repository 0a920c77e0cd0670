"""Are blocs that moved distinguished from a resolution that changed? On the real seats and families.

    python benchmarks/blocs.py [--datasets 40] [--kinds west_one ...] [--delta-group 0.5] [--item-sd 5]
                               [--method mode] [--out FILE]

Every world draws positions and items from the normal approximation of a fit to the Council's record of 2016
to 2021 (see worlds.py). Other than the model, a member's own steps have heavy tails (Student's t with 3
degrees of freedom), and the items of repeated resolutions drift a little from version to version. The
resolution under study keeps its item, except in `changed`. The parts of the realised change are known
numbers.

west_half, west_one      Western Europe and Others moves .5 or 1 standard deviations before 2020
africa_half, africa_one  the same for the African group
west_returns             Western Europe and Others moves 1 before 2020 and moves back before 2021
west_between             Western Europe and Others moves 1 before 2019 and moves back before 2020
still                    no group moves, and the resolution keeps its item
changed                  no group moves, and the resolution has two items
"""

import argparse
import json
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import voteshift as vs
import worlds
from voteshift.errors import Unavailable
from voteshift.shift.parts import ModelParts

__all__ = ["KINDS", "Bloc", "judge", "main", "make_world", "share_beyond", "specify", "summarise"]

Floats = NDArray[np.float64]
TAU, TAIL = 0.1, 3  # a member's own step in a year: standard deviation, degrees of freedom
#: Of the discrimination and of both cutpoints of an item from one version to the next: the upper ends of the
#: 90 % intervals that `drift` gives on the Council's record of 2016 to 2021, where both estimates are 0.
DRIFT = (0.27, 0.19)


@dataclass(frozen=True)
class Bloc:
    """The movement of one group.

    Attributes
    ----------
    group : str
        The regional group; "" for none.
    size : float
        The distance, in standard deviations of positions.
    since, until : int
        First and last year at the new place.
    changed : bool
        True if the resolution under study has two items.
    """

    group: str = ""
    size: float = 0.0
    since: int = 2020
    until: int = 9999
    changed: bool = False


KINDS = {
    "west_half": Bloc("WEOG", 0.5),
    "west_one": Bloc("WEOG", 1.0),
    "africa_half": Bloc("AFRICAN", 0.5),
    "africa_one": Bloc("AFRICAN", 1.0),
    "west_returns": Bloc("WEOG", 1.0, until=2020),
    "west_between": Bloc("WEOG", 1.0, since=2019, until=2019),
    "still": Bloc(),
    "changed": Bloc(changed=True),
}


def make_world(kind: str, seed: int, like: worlds.Source) -> worlds.World:
    """Draw one world."""
    bloc = KINDS[kind]
    moves = (like.window.members.loc[like.fit.encoded.members, "group"] == bloc.group).to_numpy()

    def move(rng: np.random.Generator, x: Floats, years: NDArray[np.int64]) -> Floats:
        every = np.arange(years.min(), years.max() + 1)
        steps = rng.standard_t(TAIL, (len(x), len(every))) * TAU / np.sqrt(TAIL / (TAIL - 2))
        walk = x[:, None] + np.cumsum(steps, axis=1)
        walk[np.ix_(moves, (every >= bloc.since) & (every <= bloc.until))] += bloc.size
        return walk[:, years - every[0]]

    def share(frame: pd.DataFrame, slopes: Floats, cuts: Floats) -> None:
        worlds.share_items(frame, slopes, cuts)
        rng = np.random.default_rng([seed, 99])
        families = frame["family"].to_numpy()
        for family in sorted(set(families) - {"", worlds.FAMILY}):
            versions = np.flatnonzero(families == family)[1:]
            slopes[versions] += np.cumsum(DRIFT[0] * rng.standard_normal(len(versions)))
            cuts[versions] += np.cumsum(DRIFT[1] * rng.standard_normal(len(versions)))[:, None]

    return worlds.make_world("everything" if bloc.changed else "movement", seed, like, move=move, share=share)


def specify(
    delta_group: float, *, item_sd: float = 5.0, method: Literal["mode", "marginal"] = "mode"
) -> vs.IdealPoints:
    """Return a model with bridges, except between the versions of the resolution under study."""
    return vs.IdealPoints(
        dynamics=vs.RandomWalk(bridge="families", apart=(worlds.FAMILY,), delta_group=delta_group),
        priors=vs.Priors(discrimination=item_sd, midpoint=item_sd),
        method=method,
    )


def judge(
    world: worlds.World, model: vs.IdealPoints, *, n_draws: int, seed: int, member_effect: bool
) -> list[dict[str, Any]] | None:
    """Explain a world and return true parts, estimates and intervals; None without a model."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", vs.BridgeWarning)
        why = vs.explain(
            world.record,
            worlds.FAMILY,
            model=model,
            draws=vs.Draws(n_draws, seed=seed),
            member_effect=member_effect,
        )
    (step,) = (one for one in why.steps if one.ends == (worlds.OLD, worlds.NEW))
    if isinstance(step.model, Unavailable):
        return None
    return [row for layer, parts in step.layers.items() for row in _compare(layer, parts, world)]


def _compare(layer: str, model: ModelParts, world: worlds.World) -> list[dict[str, Any]]:
    """Return one row per part and category."""
    table = model.table.set_index(["component", "category"])
    rows = []
    for part, truth in world.parts.items():
        for code, category in enumerate(worlds.CATEGORIES):
            row = table.loc[(part, category)]
            rows.append(
                {
                    "layer": layer,
                    "part": part,
                    "category": category,
                    "truth": float(truth[code]),
                    "estimate": float(row["estimate"]),
                    "low": float(row["conf_low"]),
                    "high": float(row["conf_high"]),
                }
            )
    return rows


def summarise(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return truth, estimate, coverage and width of every part and category in every world."""
    table = pd.DataFrame(list(rows))
    slack = 1e-6  # parts are multiples of a sixth: equal ends must not fail by rounding
    table["covered"] = (table["low"] - slack <= table["truth"]) & (table["truth"] <= table["high"] + slack)
    table["width"] = table["high"] - table["low"]
    result: dict[str, Any] = {}
    for (kind, layer, part), some in table.groupby(["kind", "layer", "part"], sort=False):
        result.setdefault(kind, {}).setdefault(layer, {})[part] = {
            "datasets": len(some) // len(worlds.CATEGORIES),
            "coverage": round(float(some["covered"].mean()), 4),
        } | {
            str(category): {
                "truth": round(float(one["truth"].mean()), 4) + 0.0,
                "estimate": round(float(one["estimate"].mean()), 4) + 0.0,
                "covered": int(one["covered"].sum()),
                "width": round(float(one["width"].mean()), 4),
            }
            for category, one in some.groupby("category", sort=False)
        }
    return result


def share_beyond(like: worlds.Source, group: str, distance: float) -> float:
    """Return the share of roll calls with a cutpoint farther out than a group that moved by a distance."""
    fit, members = like.fit, like.window.members.loc[like.fit.encoded.members, "group"]
    point = fit.mode.point
    place = float(point.positions[(members == group).to_numpy(), 0].mean())
    cuts = point.cutpoints(fit.encoded.design.n_categories) / point.discriminations
    farthest = np.nanmax(np.sign(place) * cuts, axis=1)
    return float(np.mean(farthest > abs(place) + distance))


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Movement of blocs and change of a resolution")
    parser.add_argument("--datasets", type=int, default=40, help="worlds of each kind")
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--delta-group", type=float, default=0.5)
    parser.add_argument(
        "--item-sd", type=float, default=5.0, help="prior sd of discriminations and midpoints"
    )
    parser.add_argument("--method", choices=["mode", "marginal"], default="mode")
    parser.add_argument("--member-effect", action="store_true", help="also explain with member effects")
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    like = worlds.source()
    for distance in (0.0, 1.0):
        share = share_beyond(like, "WEOG", distance)
        print(f"roll calls with a cutpoint beyond the place of WEOG plus {distance:g}: {100 * share:.1f} %")
    model = specify(asked.delta_group, item_sd=asked.item_sd, method=asked.method)
    rows: list[dict[str, Any]] = []
    missing: dict[str, int] = {}
    for kind in asked.kinds:
        for seed in range(asked.first, asked.first + asked.datasets):
            judged = judge(
                make_world(kind, seed, like),
                model,
                n_draws=asked.draws,
                seed=seed,
                member_effect=asked.member_effect,
            )
            if judged is None:
                missing[kind] = missing.get(kind, 0) + 1
            rows += [{"kind": kind, "seed": seed, **row} for row in judged or ()]
        results = {
            "command": f"python benchmarks/blocs.py --datasets {asked.datasets} --delta-group "
            f"{asked.delta_group:g} --item-sd {asked.item_sd:g} --method {asked.method}"
            + " --member-effect"
            * asked.member_effect,
            "method": asked.method,
            "delta_group": asked.delta_group,
            "item_sd": asked.item_sd,
            "draws": asked.draws,
            "without_model": missing,
            "worlds": summarise(rows),
        }
        name = "abstain" if kind.startswith("africa") else "no"  # the votes that change most
        for layer, parts in results["worlds"].get(kind, {}).items():
            for part, row in parts.items():
                votes = row[name]
                print(
                    f"{kind}, {layer}, {name}: {part} {votes['estimate']:+.2f} (true {votes['truth']:+.2f}), "
                    f"covered {votes['covered']} of {row['datasets']}; all categories {row['coverage']:.2f}",
                    flush=True,
                )
        if asked.out:
            asked.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
