"""Is the scale over time right? Simulated chambers with a known change: python benchmarks/scale.py.

    python benchmarks/scale.py --worlds 40 --first 101 --out benchmarks/scale.json

The worlds do not come from the fitted model. First positions are skewed, members jump now and then, and in
two of three worlds all members move towards the centre or away from it together, so that the spread of the
positions changes. Discriminations are from a mixture of two Laplace distributions, midpoints from a t
distribution.

court      nine seats, about 46 members, 60 terms
growing    60 members in the first of 20 years, 190 in the last
outliers   90 seats; in the early years three members are far from all others, and later they come closer
heavy      90 seats; the root mean square of discriminations is 3
sharper    90 seats; discriminations in the last year are twice as large as in the first
shared     as sharper, and every year 12 of 30 roll calls are on items of the year before

All worlds but the last have no repeated roll call. Prints, by world and method: coverage of 90 % intervals of
positions, of differences between two members of a period and of a member's change over ten years; correlation
with the truth; periods with the wrong sign; the spread of each period over the true spread; coverage of the
intervals of the ratio of the last and the first spread, under each assumption of `spread_ratio`; and in how
many worlds a fit says that shared items identify the direction of the change, and how often that is right.
The joint mode gives no such ratio; its interval is that of joint draws. It is fitted to a quarter of the
worlds.
"""

import argparse
import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import voteshift as vs

__all__ = ["KINDS", "METHODS", "World", "check", "main", "make_world", "summarise"]

Floats = NDArray[np.float64]
KINDS = ("court", "growing", "outliers", "heavy", "sharper", "shared")
METHODS = ("marginal", "mode")
COVERED = ("positions", "differences", "changes over ten years")
LEVEL, FIRST_YEAR, LAG, PAIRS, REPEATED = 0.9, 1960, 10, 40, 12


@dataclass(frozen=True)
class World:
    """A simulated record and its true positions.

    Attributes
    ----------
    record : RollCalls
        What the fit sees.
    positions : ndarray, shape (n_periods, n_members)
        Positions with standard deviation 1 over the member-periods with a seat; NaN without a seat.
    discriminations, midpoints : ndarray, shape (n_rollcalls,)
        Items: a vote is yes if position times discrimination minus midpoint exceeds standard normal noise.
    """

    record: vs.RollCalls
    positions: Floats
    discriminations: Floats
    midpoints: Floats


def make_world(kind: str, seed: int) -> World:
    """Draw one world."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    n_periods, n_items = (60, 60) if kind == "court" else (20, 30)
    seated = _seats(kind, n_periods, rng)
    n_members = seated.shape[1]
    start = rng.gamma(4.0, 0.5, n_members) - 2.0  # mean 0, sd 1, skewed
    change = rng.choice([-1.0, 0.0, 1.0]) * rng.uniform(0.25, 0.6)  # of the log of all positions
    walk = 0.1 * rng.standard_normal((n_periods, n_members))
    walk += (rng.random(walk.shape) < 0.02) * rng.normal(0, 0.6, walk.shape)
    walk[0] = 0.0
    paths = start + np.cumsum(walk * (np.cumsum(seated, axis=0) > 1), axis=0)
    if kind == "outliers":
        far = rng.choice(n_members, 3, replace=False)
        seated[:, far] = True
        fade = np.clip(1.0 - np.arange(n_periods) / (0.4 * n_periods), 0.0, 1.0)
        paths[:, far] = np.array([-4.0, -4.5, -5.0]) * (0.5 + 0.5 * fade[:, None])
    x = paths * np.exp(change * np.linspace(-0.5, 0.5, n_periods))[:, None]
    voted = x[seated]
    sharp = 3.0 if kind == "heavy" else 1.8
    period = np.repeat(np.arange(n_periods), n_items)
    size = rng.laplace(0, 1, len(period)) * np.where(rng.random(len(period)) < 0.3, 1.4, 0.55)
    slopes = sharp * size / np.sqrt(2 * (0.3 * 1.4**2 + 0.7 * 0.55**2)) / voted.std()
    if kind in ("sharper", "shared"):
        slopes *= 2.0 ** np.linspace(-0.5, 0.5, n_periods)[period]
    midpoints = 0.7 * rng.standard_t(6, len(period))
    item = np.arange(len(period))
    if kind == "shared":
        again = (item % n_items < REPEATED) & (period > 0)
        item[again] += REPEATED - n_items  # roll calls of the year before that were new then
    slopes, midpoints = slopes[item], midpoints[item]
    eta = (x[period] - voted.mean()) * slopes[:, None] - midpoints[:, None]
    yes = eta + rng.standard_normal(eta.shape) > 0
    votes = np.where(yes, vs.Vote.YES, vs.Vote.NO)
    absent = 0.0 if kind == "court" else 0.1
    votes = np.where(rng.random(votes.shape) < absent, vs.Vote.ABSENT, votes)
    votes = np.where(seated[period], votes, vs.Vote.NOT_MEMBER).T.astype(np.int8)
    rollcalls = pd.DataFrame(
        {
            "date": pd.to_datetime([f"{FIRST_YEAR + t}-06-01" for t in period]),
            "family": [f"f{number:04d}" for number in item],
        },
        index=pd.Index([f"r{row:04d}" for row in range(len(period))], name="rollcall"),
    )
    members = pd.DataFrame(index=pd.Index([f"m{row:03d}" for row in range(n_members)], name="member"))
    truth = np.where(seated, (x - voted.mean()) / voted.std(), np.nan)
    return World(vs.RollCalls(votes, members, rollcalls), truth, slopes * voted.std(), midpoints)


def _seats(kind: str, n_periods: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return the seats, shape (n_periods, n_members)."""
    if kind == "growing":
        joined = np.sort(np.r_[np.zeros(60), rng.integers(1, n_periods - 1, 130)])
        return np.arange(n_periods)[:, None] >= joined
    n_seats, low, high = (9, 8, 22) if kind == "court" else (90, 5, 20)
    spells = []
    for _ in range(n_seats):
        begin = -int(rng.integers(0, low))
        while begin < n_periods:
            end = begin + int(rng.integers(low, high))
            if end > 0:
                spells.append((begin, end))
            begin = end
    years = np.arange(n_periods)[:, None]
    begins, ends = np.array(spells).T
    return (years >= begins) & (years < ends)


def check(world: World, method: str, seed: int) -> dict[str, Any] | None:
    """Fit a world and compare the fit with the truth; None if the fit did not converge."""
    bridge = "families" if world.record.rollcalls["family"].duplicated().any() else None
    walk = vs.RandomWalk(tau="estimate" if method == "marginal" else 0.1, delta=0.0, bridge=bridge)
    fit = vs.IdealPoints(link="probit", method=method, threads=1, dynamics=walk).fit(world.record)
    if not fit.converged:
        return None
    drawn, table, rng = fit.draw_positions(400, seed), fit.tidy(), np.random.default_rng(seed)
    present, draws = drawn.present, drawn.axis(1)
    truth = world.positions[:, world.record.members.index.get_indexer(drawn.members)]
    rows = np.searchsorted(fit.periods, table["period"]), drawn.members.get_indexer(table["member"])
    truth = truth * np.sign(np.corrcoef(table["estimate"], truth[rows])[0, 1])
    x = truth[rows]
    by_period = [np.corrcoef(part["estimate"], x[part.index])[0, 1] for _, part in table.groupby("period")]
    pairs, changes = [], []
    for t, inside in enumerate(present):
        one, other = rng.choice(np.flatnonzero(inside), (2, PAIRS))
        one, other = one[one != other], other[one != other]
        pairs.append(holds(draws[:, t, one] - draws[:, t, other], truth[t, one] - truth[t, other]))
        if t + LAG < len(present):
            stays = inside & present[t + LAG]
            moved = draws[:, t + LAG, stays] - draws[:, t, stays]
            changes.append(holds(moved, truth[t + LAG, stays] - truth[t, stays]))
    spreads = [draws[:, t, inside].std(axis=1) for t, inside in enumerate(present)]
    true_spreads = np.array([truth[t, inside].std() for t, inside in enumerate(present)])
    change = float(np.log(true_spreads[-1] / true_spreads[0]))
    result = {
        "positions": float(np.mean((table["conf_low"] <= x) & (x <= table["conf_high"]))),
        "differences": float(np.concatenate(pairs).mean()),
        "changes over ten years": float(np.concatenate(changes).mean()),
        "r": float(np.corrcoef(table["estimate"], x)[0, 1]),
        "periods with the wrong sign": int(np.sum(np.array(by_period) < 0)),
        "spread": [float(np.mean(part) / true) for part, true in zip(spreads, true_spreads, strict=True)],
        "change": change,
    }
    drawn_change = np.log(spreads[-1] / spreads[0])
    estimates, covered = [float(drawn_change.mean())], [bool(holds(drawn_change[:, None], change)[0])]
    if method == "marginal":
        ratio = fit.spread_ratio()
        ends = np.log(ratio.tidy()[["estimate", "conf_low", "conf_high"]].to_numpy())
        estimates, covered = ends[:, 0].tolist(), ((ends[:, 1] <= change) & (change <= ends[:, 2])).tolist()
        result["identified"] = ratio.identified
    return {**result, "estimates": estimates, "ratio covered": covered}


def holds(draws: Floats, truth: Floats | float) -> NDArray[np.bool_]:
    """Return whether central intervals of draws, one per column, contain the truth."""
    low, high = np.quantile(draws, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], axis=0)
    return np.asarray((low <= truth) & (truth <= high))


def summarise(results: list[dict[str, Any] | None]) -> dict[str, Any]:
    """Summarise the results of one kind of world and one method."""
    usable = [result for result in results if result is not None]
    if not usable:
        return {"worlds": len(results), "converged": 0}
    r = [result["r"] for result in usable]
    spread = np.concatenate([result["spread"] for result in usable])
    change = np.array([result["change"] for result in usable])
    estimates = np.array([result["estimates"] for result in usable])
    document = {
        "worlds": len(results),
        "converged": len(usable),
        "coverage": {name: round(float(np.mean([each[name] for each in usable])), 3) for name in COVERED},
        "r": {"median": round(float(np.median(r)), 4), "lowest": round(min(r), 4)},
        "worlds with a period of the wrong sign": sum(
            each["periods with the wrong sign"] > 0 for each in usable
        ),
        "spread over true spread": {
            "5 %": round(float(np.quantile(spread, 0.05)), 3),
            "95 %": round(float(np.quantile(spread, 0.95)), 3),
            "within .9 to 1.1": round(float(np.mean((spread >= 0.9) & (spread <= 1.1))), 3),
        },
        "ratio covered": np.mean([each["ratio covered"] for each in usable], axis=0).round(3).tolist(),
        "estimated change has the true sign": np.mean(np.sign(estimates) == np.sign(change)[:, None], axis=0)
        .round(3)
        .tolist(),
    }
    if "identified" in usable[0]:
        identified = np.array([each["identified"] for each in usable])
        right = np.sign(estimates[:, -1]) == np.sign(change)
        document["identified"] = int(identified.sum())
        document["identified with the true sign"] = int((identified & right).sum())
    return document


def main() -> None:
    """Simulate the worlds, fit them and print the measures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=40)
    parser.add_argument("--first", type=int, default=1, help="seed of the first world")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    warnings.simplefilter("ignore", vs.BridgeWarning)
    document = {}
    for kind in options.kinds:
        document[kind] = {}
        for method in METHODS:
            n_worlds = options.worlds if method == "marginal" else -(-options.worlds // 4)
            seeds = range(options.first, options.first + n_worlds)
            document[kind][method] = summarise(
                [check(make_world(kind, seed), method, seed) for seed in seeds]
            )
            print(f"{kind}, {method}: {json.dumps(document[kind][method])}", flush=True)
    if options.out:
        options.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
