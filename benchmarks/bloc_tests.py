"""Rejection rates of the tests of one resolution if groups vote as blocs, on the seats of the real Council.

    python benchmarks/bloc_tests.py --datasets 60 --out benchmarks/bloc_tests.json

The votes of all members that voted on two versions of one resolution are drawn again; all other votes are
those on record. Positions are drawn from the normal approximation of the fit to all other roll calls, and the
tests use that fit. Nothing else in a world is of the family of the tested models: noise is normal, member
effects and the shocks of blocs have t distributions with 5 degrees of freedom.

no blocs            one item for both versions, no shocks
every bloc          one item; every regional group has a shock on each version
West alone          one item; Western Europe and Others has a shock on each version
changed             the items of 2018 and 2020; every regional group has a shock on each version
changed, weak blocs the same with shocks of half the size
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import voteshift as vs
from voteshift.checks.exact_tests import paired_tests
from voteshift.checks.placebo import compare_families
from voteshift.checks.same_item import likelihood_ratios
from voteshift.errors import NotUsableError
from voteshift.resolution.items import fit_items
from voteshift.resolution.refit import Others, fit_without, positions_at
from worlds import FAMILY, NEW, OLD, Source, source

__all__ = ["KINDS", "TESTS", "Truth", "judge", "main", "make_world", "summarise", "write_results"]

Floats = NDArray[np.float64]
#: Standard deviation of the shocks by kind, in logistic units on the scale without member effects.
KINDS = {
    "no blocs": 0.0,
    "every bloc": 4.0,
    "West alone": 6.0,
    "changed": 4.0,
    "changed, weak blocs": 2.0,
}
HABIT, TAIL = 2.5, 5
TESTS = ("groups", "member effects", "positions alone", "stuart_maxwell", "by group", "placebo")
ALPHA = 0.05


class Truth:
    """The record that worlds resemble, its fit without the resolution, and the items of two versions."""

    def __init__(self, like: Source) -> None:
        family = like.window.rollcalls["family"]
        away = [name for name in family.index[family == FAMILY] if name not in (OLD, NEW)]
        self.window = like.window.select(rollcalls=[name for name in family.index if name not in away])
        self.others: Others = fit_without(self.window, like.fit, [OLD, NEW, *away])
        votes = self.window.select(rollcalls=[OLD, NEW]).votes
        self.cast = votes >= 0
        self.voted = self.cast.any(axis=1)
        members = list(self.window.members.index[self.voted])
        self.held, self.drawn, _ = positions_at(self.window, self.others, [OLD, NEW], members, 1000, 0)
        self.groups = self.window.members.loc[members, "group"].to_numpy(str)
        period = np.zeros(2, dtype=np.int32)
        self.items = fit_items(votes[self.voted], period, self.held, np.arange(2), self.others.link)


def make_world(kind: str, seed: int, truth: Truth) -> vs.RollCalls:
    """Draw the votes on both versions of one world."""
    rng = np.random.default_rng([seed, list(KINDS).index(kind)])
    x = truth.drawn[rng.integers(len(truth.drawn)), 0]
    names = np.unique(truth.groups)
    shocks = KINDS[kind] * rng.standard_t(TAIL, (len(names), 2)) / np.sqrt(TAIL / (TAIL - 2))
    if kind == "West alone":
        shocks[names != "WEOG"] = 0.0
    noise_sd = np.pi / np.sqrt(3.0)
    stretch = np.sqrt(1.0 + (HABIT / noise_sd) ** 2)
    habit = HABIT * rng.standard_t(TAIL, (len(x), 1)) / np.sqrt(TAIL / (TAIL - 2))
    noise = noise_sd * rng.standard_normal((len(x), 2))
    item = np.arange(2) if kind.startswith("changed") else np.zeros(2, dtype=int)
    eta = x @ truth.items.discriminations[item].T + shocks[np.searchsorted(names, truth.groups)]
    latent = stretch * eta + habit + noise
    cuts = stretch * truth.items.cutpoints[item]
    codes = (latent > cuts[:, 0]).astype(np.int8) + (latent > cuts[:, 1])
    votes = truth.window.votes.copy()
    columns = truth.window.rollcalls.index.get_indexer([OLD, NEW])
    block = votes[:, columns]
    full = np.zeros_like(block)
    full[truth.voted] = codes
    votes[:, columns] = np.where(truth.cast, full, block)
    frame = truth.window.rollcalls
    kept = [
        name
        for name in ("date", "symbol", "title", "subject", "session", "amendment", "family")
        if name in frame
    ]
    return vs.RollCalls(votes, truth.window.members, frame[kept], polarity="USA")


def judge(record: vs.RollCalls, truth: Truth, *, n_replicates: int, seed: int) -> dict[str, float]:
    """Return the p-value of every test in one world; NaN if a test has none."""
    try:
        test = likelihood_ratios(
            record, truth.others, [OLD, NEW], member_effect=True, n_replicates=n_replicates, seed=seed
        )
        by_effects = {one.effects: float(one.table["p_value"].iloc[0]) for one in test.tests}
    except NotUsableError:
        by_effects = {}
    step = paired_tests(record, FAMILY).steps[0]
    has_change = "stuart_maxwell" in step.tests.index
    row = step.tests.loc["stuart_maxwell"] if has_change else {"p_value": np.nan, "p_group": np.nan}
    return {
        "groups": by_effects.get("member and group", np.nan),
        "member effects": by_effects.get("member", np.nan),
        "positions alone": by_effects.get("none", np.nan),
        "stuart_maxwell": float(row["p_value"]),
        "by group": float(row["p_group"]),
        "placebo": compare_families(record, FAMILY, OLD, NEW).p_more,
    }


def summarise(p_values: dict[str, dict[str, list[float | None]]]) -> dict[str, Any]:
    """Return the share of worlds in which each test rejects; a test without a p-value does not reject.

    Parameters
    ----------
    p_values : dict of str to dict of str to list of float
        P-values of the worlds by kind and test; None if a test has none.
    """
    kinds: dict[str, Any] = {}
    for kind in [name for name in KINDS if name in p_values]:
        values = {name: np.array(p_values[kind][name], dtype=float) for name in TESTS}
        kinds[kind] = {
            "datasets": len(values[TESTS[0]]),
            "shock_sd": KINDS[kind],
            "rejected": {name: float((p <= ALPHA).mean()) for name, p in values.items()},
            "rejected_at_0.1": {name: float((p <= 0.1).mean()) for name, p in values.items()},
            "without_p_value": {name: int(np.isnan(p).sum()) for name, p in values.items()},
        }
    return kinds


def main(arguments: list[str] | None = None) -> None:
    """Draw the worlds, run the tests and print the rates."""
    parser = argparse.ArgumentParser(description="Rejection rates where groups vote as blocs")
    parser.add_argument("--datasets", type=int, default=60, help="worlds of each kind")
    parser.add_argument("--replicates", type=int, default=999)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    truth = Truth(source())
    p_values: dict[str, dict[str, list[float | None]]] = {}
    if options.out and options.out.exists():  # kinds can be run in separate commands
        earlier = json.loads(options.out.read_text(encoding="utf-8"))
        if earlier["replicates"] == options.replicates:
            p_values = earlier["p_values"]
    for kind in options.kinds:
        worlds = [
            judge(make_world(kind, seed, truth), truth, n_replicates=options.replicates, seed=seed)
            for seed in range(options.datasets)
        ]
        p_values[kind] = {
            name: [None if np.isnan(p[name]) else round(p[name], 5) for p in worlds] for name in TESTS
        }
        print(f"{kind}: done", file=sys.stderr)
    results = {
        "command": f"python benchmarks/bloc_tests.py --datasets {options.datasets} "
        f"--replicates {options.replicates}",
        "replicates": options.replicates,
        "alpha": ALPHA,
        "kinds": summarise(p_values),
        "p_values": p_values,
    }
    if options.out:
        options.out.write_text(write_results(results), encoding="utf-8")
    print(json.dumps(results["kinds"], indent=1))


def write_results(results: dict[str, Any]) -> str:
    """Return the results as JSON, with the p-values of each test in one line."""
    lines = [
        f'  "{kind}": {{\n'
        + ",\n".join(f'   "{name}": {json.dumps(values)}' for name, values in tests.items())
        + "\n  }"
        for kind, tests in results["p_values"].items()
    ]
    head = json.dumps({name: value for name, value in results.items() if name != "p_values"}, indent=1)
    return head[:-2] + ',\n "p_values": {\n' + ",\n".join(lines) + "\n }\n}\n"


if __name__ == "__main__":
    main()
