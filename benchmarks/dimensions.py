"""Rates at which the check of dimensions warns, in worlds with one dimension and with two.

    python benchmarks/dimensions.py [--datasets 40] [--kinds base ...] [--out benchmarks/dimensions.json]

Worlds are those of seats.py, worlds.py, blocs.py and bloc_tests.py, on the seats of the real Council.

Other roll calls have one dimension, and so has the resolution:
base, later_2, repeat_85, both   member effects that are not normal, and members that repeat their votes
                                 (seats.py)
habit                            normal member effects, and new members from one side (worlds.py)
west_one                         Western Europe and Others moves by 1 standard deviation before 2020; the
                                 model has constant positions (blocs.py)
west_one, dynamic                the same; the model has dynamic positions, with steps of groups

Other votes are those on record, which have a second dimension; the resolution has one dimension
(bloc_tests.py):
every bloc, West alone

The resolution divides members along a second dimension of the other roll calls (seats.py):
second
"""

import argparse
import json
import shlex
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import bloc_tests
import blocs
import seats
import voteshift as vs
import worlds
from voteshift.checks.dimensions import ALPHA, Dimensions, dimensions

__all__ = ["KINDS", "judge", "main", "make_record", "sources", "summarise", "write_results"]

#: The worlds, and True if the resolution has a second dimension.
KINDS = {
    "base": False,
    "later_2": False,
    "repeat_85": False,
    "both": False,
    "habit": False,
    "west_one": False,
    "west_one, dynamic": False,
    "every bloc": False,
    "West alone": False,
    "second": True,
}
DYNAMIC = ", dynamic"


def sources() -> dict[int, worlds.Source]:
    """Fit the record that parameters are drawn from, in one and in two dimensions."""
    return {dims: worlds.source(dims) for dims in (1, 2)}


def make_record(
    kind: str, seed: int, like: dict[int, worlds.Source], truth: bloc_tests.Truth
) -> vs.RollCalls:
    """Draw one world."""
    name = kind.removesuffix(DYNAMIC)
    if name in bloc_tests.KINDS:
        return bloc_tests.make_world(name, seed, truth)
    if name in seats.KINDS:
        return seats.make_world(name, seed, like[seats.KINDS[name].dims]).record
    if name in blocs.KINDS:
        return blocs.make_world(name, seed, like[1]).record
    return worlds.make_world(name, seed, like[1]).record


def judge(kind: str, record: vs.RollCalls, seed: int) -> float:
    """Return the p-value of the check on one world; NaN if there is none."""
    dynamics = vs.RandomWalk(bridge="families", delta_group=0.5) if kind.endswith(DYNAMIC) else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", vs.BridgeWarning)
        # The check fits its own member effects; the parts are not used.
        why = vs.explain(
            record,
            worlds.FAMILY,
            model=vs.IdealPoints(dynamics=dynamics),
            draws=vs.Draws(100, seed=seed),
            member_effect=False,
        )
        result = dimensions(why)
    return result.p_value if isinstance(result, Dimensions) else np.nan


def summarise(p_values: dict[str, list[float | None]]) -> dict[str, Any]:
    """Return the share of worlds of every kind in which the check warns; no p-value means no warning.

    Parameters
    ----------
    p_values : dict of str to list of float
        P-values by kind; None if there is none.
    """
    kinds: dict[str, Any] = {}
    for kind in [name for name in KINDS if name in p_values]:
        values = np.array(p_values[kind], dtype=float)
        kinds[kind] = {
            "datasets": len(values),
            "second_dimension": KINDS[kind],
            "warned": float((values <= ALPHA).mean()),
            "without_p_value": int(np.isnan(values).sum()),
        }
    return kinds


def run(kinds: list[str], datasets: int) -> Iterator[tuple[str, list[float | None]]]:
    """Draw and judge worlds, kind by kind."""
    like = sources()
    truth = bloc_tests.Truth(like[1])
    for kind in kinds:
        p_values = [judge(kind, make_record(kind, seed, like, truth), seed) for seed in range(datasets)]
        yield kind, [None if np.isnan(p) else round(p, 5) for p in p_values]


def main(arguments: list[str] | None = None) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="How often the check of dimensions warns")
    parser.add_argument("--datasets", type=int, default=40, help="worlds of each kind")
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    p_values: dict[str, list[float | None]] = {}
    if options.out and options.out.exists():  # kinds can be run in separate commands
        p_values = json.loads(options.out.read_text(encoding="utf-8"))["p_values"]
    for kind, values in run(options.kinds, options.datasets):
        p_values[kind] = values
        print(f"{kind}: {json.dumps(summarise({kind: values})[kind])}", file=sys.stderr, flush=True)
        results = {
            "command": f"python benchmarks/dimensions.py --datasets {options.datasets} --kinds "
            + " ".join(shlex.quote(name) for name in KINDS if name in p_values),
            "alpha": ALPHA,
            "kinds": summarise(p_values),
            "p_values": {name: p_values[name] for name in KINDS if name in p_values},
        }
        if options.out:
            options.out.write_text(write_results(results), encoding="utf-8")
    print(json.dumps(summarise(p_values), indent=1))


def write_results(results: dict[str, Any]) -> str:
    """Return the results as JSON, with the p-values of each kind in one line."""
    lines = [f'  "{kind}": {json.dumps(values)}' for kind, values in results["p_values"].items()]
    head = json.dumps({name: value for name, value in results.items() if name != "p_values"}, indent=1)
    return head[:-2] + ',\n "p_values": {\n' + ",\n".join(lines) + "\n }\n}\n"


if __name__ == "__main__":
    main()
