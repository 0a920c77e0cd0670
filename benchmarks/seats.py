"""Parts of a change where seats are not random and members repeat their votes, on the Council's real seats.

    python benchmarks/seats.py [--datasets 40] [--draws 300] [--kinds base ...] [--out benchmarks/seats.json]

Positions, items and the votes on all other roll calls are drawn as in worlds.py. On the three versions of one
resolution the vote of every member is drawn and kept, whether it has a seat or not, so the parts of the
realised change are known numbers. `explain` sees the votes of the members with a seat in the real Council.

base          three items; every member has a lasting tendency of its own (Laplace distribution, sd 3.6)
later_1       one item; the same, and members without a seat at the first version tend to no by 1 sd
later_2       the same by 2 sd
repeat_50     three items; every member repeats its vote on the version before with probability .5
repeat_85     the same with probability .85
both          later_1, and every member repeats its vote on the version before with probability .85
second        three items that divide members along a second dimension only; the other roll calls have both
blocs_2       base, and every regional group has a shock on each version (t distribution with 5 degrees of
              freedom, sd 2 on the scale without tendencies)
blocs_4       the same with sd 4
west_6        base, and Western Europe and Others has such a shock on each version, with sd 6

No world is drawn from the model of member effects: tendencies are not normal, and members without a seat
also repeat the vote that they would have cast.
"""

import argparse
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import voteshift as vs
import worlds
from voteshift.shift.counterfactual import full_cutpoints
from voteshift.shift.effect_draws import EffectForm
from voteshift.shift.models import redraw_effects
from voteshift.shift.parts import ModelParts
from voteshift.shift.shapley import shapley

__all__ = ["KINDS", "STEPS", "SeatWorld", "judge", "main", "make_world", "summarise"]

Floats = NDArray[np.float64]
VERSIONS = (worlds.OLD, worlds.NEW, "29575")
STEPS = ((0, 1), (0, 2))
#: Other forms of the member effect, as in the check `sensitivity`.
FORMS = {
    "one mean": EffectForm(by_seats=False),
    "no state dependence": EffectForm(state_dependence=False),
    "neither": EffectForm(state_dependence=False, by_seats=False),
    "effects of groups": EffectForm(by_groups=True),
}
LEVEL = 0.9
_TAIL = 5  # degrees of freedom of the shocks of groups


@dataclass(frozen=True)
class Kind:
    """The distribution of the votes on the resolution; shocks are of the group `shaken`, or of all groups."""

    sd: float
    later: float
    repeat: float
    same_item: bool
    dims: int = 1
    shock: float = 0.0
    shaken: str = ""


KINDS = {
    "base": Kind(worlds.HABIT, 0.0, 0.0, same_item=False),
    "later_1": Kind(worlds.HABIT, 1.0, 0.0, same_item=True),
    "later_2": Kind(worlds.HABIT, 2.0, 0.0, same_item=True),
    "repeat_50": Kind(0.0, 0.0, 0.5, same_item=False),
    "repeat_85": Kind(0.0, 0.0, 0.85, same_item=False),
    "both": Kind(worlds.HABIT, 1.0, 0.85, same_item=True),
    "second": Kind(0.0, 0.0, 0.0, same_item=False, dims=2),
    "blocs_2": Kind(worlds.HABIT, 0.0, 0.0, same_item=False, shock=2.0),
    "blocs_4": Kind(worlds.HABIT, 0.0, 0.0, same_item=False, shock=4.0),
    "west_6": Kind(worlds.HABIT, 0.0, 0.0, same_item=False, shock=6.0, shaken="WEOG"),
}


@dataclass(frozen=True)
class SeatWorld:
    """A simulated record, and the true membership part of every step in `STEPS` (no, abstain, yes)."""

    record: vs.RollCalls
    membership: dict[tuple[int, int], Floats]
    switching: dict[tuple[int, int], Floats]


def make_world(name: str, seed: int, like: worlds.Source) -> SeatWorld:
    """Draw one world."""
    kind = KINDS[name]
    rng = np.random.default_rng([seed, 17, list(KINDS).index(name)])
    encoded = like.fit.encoded
    ids, members = list(encoded.rollcalls), encoded.members
    draws = like.fit.draw(1, ids, int(rng.integers(2**31)))
    x, slopes = draws.positions[0], draws.discriminations[0]
    cuts = full_cutpoints(draws.cutpoints, list(encoded.categories))[0]
    seated = like.window.select(members=members, rollcalls=ids).votes >= 0
    latent = x @ slopes.T + rng.logistic(size=(len(x), len(ids)))
    every = (latent > cuts[:, 0]).astype(np.int8) + (latent > cuts[:, 1])
    columns = [ids.index(version) for version in VERSIONS]
    along = np.linalg.norm(slopes[columns], axis=1) if kind.dims > 1 else slopes[columns, 0]
    groups = like.window.members.loc[members, "group"].to_numpy(str)
    shocks = _shocks(kind, rng, groups)
    potential = _votes(kind, rng, x[:, -1], along, cuts[columns], seated[:, columns], shocks)
    every[:, columns] = potential
    votes = np.where(seated, every, np.int8(vs.Vote.NOT_MEMBER)).astype(np.int8)
    frame = like.window.rollcalls.loc[ids]
    kept = ["date", "symbol", "title", "subject", "session", "amendment", "family"]
    record = vs.RollCalls(
        votes, like.window.members.loc[members], frame[[c for c in kept if c in frame]], polarity="USA"
    )
    parts = {step: _parts(potential, seated[:, columns], *step) for step in STEPS}
    return SeatWorld(
        record,
        {step: values[0] for step, values in parts.items()},
        {step: values[1] for step, values in parts.items()},
    )


def _shocks(kind: Kind, rng: np.random.Generator, groups: NDArray[np.str_]) -> Floats:
    """Draw the shock of every member's group on every version, shape (n_members, n_versions)."""
    if not kind.shock:
        return np.zeros((len(groups), len(VERSIONS)))
    names = np.unique(groups)
    shocks = kind.shock * rng.standard_t(_TAIL, (len(names), len(VERSIONS))) / np.sqrt(_TAIL / (_TAIL - 2))
    if kind.shaken:
        shocks[names != kind.shaken] = 0.0
    return np.asarray(shocks[np.searchsorted(names, groups)])


def _votes(
    kind: Kind,
    rng: np.random.Generator,
    x: Floats,
    slopes: Floats,
    cuts: Floats,
    seated: NDArray[np.bool_],
    shocks: Floats,
) -> NDArray[np.int8]:
    """Draw the vote of every member on every version, whether it has a seat or not."""
    if kind.same_item:
        slopes, cuts = np.repeat(slopes[:1], len(slopes)), np.repeat(cuts[:1], len(cuts), axis=0)
    tendency = kind.sd * rng.laplace(size=len(x)) / np.sqrt(2.0)
    tendency -= kind.later * kind.sd * ~seated[:, 0]
    stretch = np.sqrt(1.0 + kind.sd**2 / (np.pi**2 / 3))
    latent = stretch * (x[:, None] * slopes + shocks) + tendency[:, None]
    latent += rng.logistic(size=latent.shape)
    votes = (latent > stretch * cuts[:, 0]).astype(np.int8) + (latent > stretch * cuts[:, 1])
    repeats = rng.random(votes.shape) < kind.repeat
    for version in range(1, votes.shape[1]):
        votes[:, version] = np.where(repeats[:, version], votes[:, version - 1], votes[:, version])
    return votes


def _parts(potential: NDArray[np.int8], seated: NDArray[np.bool_], old: int, new: int) -> Floats:
    """Return membership and switching, shape (2, 3)."""
    corners = np.empty((2, 2, 3))
    for sits, council in enumerate((old, new)):
        for version, text in enumerate((old, new)):
            cast = potential[seated[:, council], text]
            corners[sits, version] = [(cast == code).sum() for code in range(3)]
    return shapley(corners, 2).parts


def judge(world: SeatWorld, name: str, *, n_draws: int, seed: int) -> list[dict[str, Any]]:
    """Explain a world, and compare the membership part of every step with the true part.

    The parts add up to the change on record, so the error of the other part is the same with the other sign.
    """
    why = vs.explain(world.record, worlds.FAMILY, draws=vs.Draws(n_draws, seed=seed, level=LEVEL))
    assert not isinstance(why.models, vs.Unavailable)
    forms = {layer: redraw_effects(why.models, why.draws, form) for layer, form in FORMS.items()}
    rows = []
    for old, new in STEPS:
        (step,) = (one for one in why.steps if one.ends == (VERSIONS[old], VERSIONS[new]))
        layers = dict(step.layers)
        layers |= {layer: models.split_main(why.versions, *step.ends) for layer, models in forms.items()}
        for layer, model in layers.items():
            assert isinstance(model, ModelParts)
            table = model.table.set_index(["component", "category"])
            for code, category in enumerate(worlds.CATEGORIES):
                row = table.loc[("membership", category)]
                rows.append(
                    {
                        "world": name,
                        "layer": layer,
                        "step": f"{VERSIONS[old]} to {VERSIONS[new]}",
                        "category": category,
                        "truth": float(world.membership[old, new][code]),
                        "estimate": float(row["estimate"]),
                        "low": float(row["conf_low"]),
                        "high": float(row["conf_high"]),
                    }
                )
    return rows


def summarise(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return coverage, errors and widths by world, layer and step."""
    table = pd.DataFrame(list(rows))
    slack = 1e-6
    table["covered"] = (table["low"] - slack <= table["truth"]) & (table["truth"] <= table["high"] + slack)
    table["error"] = table["estimate"] - table["truth"]
    table["width"] = table["high"] - table["low"]
    worlds_of: dict[str, Any] = {}
    for (world, layer), part in table.groupby(["world", "layer"], sort=False):
        worlds_of.setdefault(str(world), {})[str(layer)] = {
            "datasets": len(part) // (len(worlds.CATEGORIES) * len(STEPS)),
            "coverage": float(part["covered"].mean()),
            "coverage_by_step": {
                str(name): float(some["covered"].mean()) for name, some in part.groupby("step", sort=False)
            },
            "mean_error": {
                str(name): float(some["error"].mean()) for name, some in part.groupby("category", sort=False)
            },
            "mean_absolute_error": float(part["error"].abs().mean()),
            "mean_width": float(part["width"].mean()),
        }
    return {"level": LEVEL, "worlds": worlds_of}


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Coverage where seats are not random and votes repeat")
    parser.add_argument("--datasets", type=int, default=40, help="worlds of each kind")
    parser.add_argument("--first", type=int, default=0, help="seed of the first world of each kind")
    parser.add_argument("--draws", type=int, default=300)
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    sources = {dims: worlds.source(dims) for dims in {KINDS[kind].dims for kind in asked.kinds}}
    rows = []
    for kind in asked.kinds:
        for seed in range(asked.first, asked.first + asked.datasets):
            rows += judge(
                make_world(kind, seed, sources[KINDS[kind].dims]), kind, n_draws=asked.draws, seed=seed
            )
        for layer, summary in summarise(rows)["worlds"][kind].items():
            print(kind, layer, json.dumps(summary), flush=True)
    results = {
        "command": f"python benchmarks/seats.py --datasets {asked.datasets} --first {asked.first} "
        f"--draws {asked.draws} --kinds {' '.join(asked.kinds)}",
        "draws": asked.draws,
        **summarise(rows),
    }
    if asked.out:
        asked.out.write_text(f"{json.dumps(results, indent=1)}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
