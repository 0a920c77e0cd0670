"""Coverage of quantities of simulated chambers: python benchmarks/chambers.py [--worlds 200] [--out FILE].

Chambers with two groups, six periods and 60 seats. The model that generates votes is not the fitted model:
positions have heavy tails, the noise is normal where the logit link is fitted, and the discriminations of
roll calls are log-normal. In a world, seats are turned over, members move, or both. Ten resolutions return in
every period, and the fit shares their items. The steps of members are independent; in a quarter as many
further worlds whole groups drift apart, which only a model with steps of groups allows. For the mode, the
marginal fit and the mode with steps of groups, prints the share of 90 % intervals that contain the truth:
contrasts of pairs of members, ranks, medians, spread, and the parts of the change of a chamber between the
first and the last period.
"""

import argparse
import json
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import voteshift as vs
from voteshift import quantities
from voteshift.quantities.numbers import split_change

SEATS, PERIODS, ROLLCALLS, BRIDGES = 60, 6, 50, 10
DRIFTS = {"independent steps": 0.0, "groups drift apart": 0.3}  # in standard deviations of a step
KINDS = ("turnover", "movement", "both")
METHODS = ("mode", "marginal", "mode with steps of groups")
PAIRS = 10
STATISTICS = {"median": (), "spread": (), "group_mean": ("A",), "group_distance": ("A", "B")}
LOW, HIGH = 0.86, 0.94


class OneDraw:
    """A fit whose positions are drawn once: its quantities are computed from the same draws."""

    def __init__(self, fit, seed):
        self.fit, self.drawn = fit, fit.draw_positions(1000, seed)

    def find_member(self, name):
        """Return the id of a member."""
        return self.fit.find_member(name)

    def draw_positions(self, n_draws, seed):  # noqa: ARG002
        """Return the same draws every time."""
        return self.drawn

    def scale_over_time(self, before=None, after=None):
        """Return what the fit says about the scale."""
        return self.fit.scale_over_time(before, after)


class Chamber:
    """A simulated chamber: positions and groups of all members by period, seats, and a record of votes."""

    def __init__(self, seed, kind, drift):
        rng = np.random.default_rng(seed)
        turnover = 0.0 if kind == "movement" else 0.12
        step = 0.02 if kind == "turnover" else 0.12
        replaced = rng.random((PERIODS - 1, SEATS)) < turnover
        n = SEATS + int(replaced.sum())
        seat = np.arange(SEATS)
        self.seated = np.zeros((PERIODS, n), dtype=bool)
        first = np.zeros(n, dtype=int)
        newest = SEATS
        for t in range(PERIODS):
            if t:
                for place in np.flatnonzero(replaced[t - 1]):
                    seat[place] = newest
                    first[newest] = t
                    newest += 1
            self.seated[t, seat] = True
        group = rng.random(n) < 0.5
        side = np.where(group, 1.0, -1.0)
        # Later generations are further from the centre; with drift, whole groups move away from it as well.
        start = side * (0.8 + 0.06 * first) + 0.7 * rng.standard_t(4, n) / np.sqrt(2)
        steps = step * (rng.standard_t(4, (PERIODS - 1, n)) / np.sqrt(2) + drift * side)
        self.positions = start + np.vstack([np.zeros(n), np.cumsum(steps, axis=0)])
        self.groups = np.where(group, "A", "B").astype(object)
        self.rollcalls = self.vote(rng)
        self.direction = self.rollcalls.members.index[
            int(np.argmax(np.where(self.seated[0], start, -np.inf)))
        ]

    def vote(self, rng):
        """Return the record: probit votes, a tenth of them missing."""
        repeated = np.tile(np.arange(ROLLCALLS) < BRIDGES, PERIODS)
        period = np.repeat(np.arange(PERIODS), ROLLCALLS)
        n_items = len(period)
        slope = rng.choice([-1.0, 1.0], n_items) * np.exp(rng.normal(0.0, 0.7, n_items))
        middle = 0.9 * rng.standard_normal(n_items)
        item = np.where(repeated, np.arange(n_items) % ROLLCALLS, np.arange(n_items))
        x = self.positions[period].T
        yes = slope[item] * (x - middle[item]) + rng.standard_normal(x.shape) > 0
        votes = np.where(yes, int(vs.Vote.YES), int(vs.Vote.NO)).astype(np.int8)
        votes[rng.random(votes.shape) < 0.1] = int(vs.Vote.ABSENT)
        votes[~self.seated[period].T] = int(vs.Vote.NOT_MEMBER)
        ids = [f"r{number}" for number in range(n_items)]
        self.items = {ids[j]: f"item {item[j]}" for j in np.flatnonzero(repeated)}
        frame = pd.DataFrame({"term": period}, index=ids)
        members = pd.DataFrame(
            {"group": self.groups}, index=[f"m{number}" for number in range(self.positions.shape[1])]
        )
        return vs.RollCalls(votes, members, frame)

    def fit(self, method):
        """Fit the dynamic model: at the mode with tau 0.1, without and with steps of groups; marginal.

        A marginal fit estimates tau and has no steps of groups.

        If the votes do not identify tau, which happens if members hardly move, tau is 0.1.
        """
        steps = 0.5 if method == "mode with steps of groups" else 0.0
        walk = vs.RandomWalk("term", items=self.items, tau=0.1, delta_group=steps)
        name = "marginal" if method == "marginal" else "mode"
        spec = vs.IdealPoints(method=name, dynamics=walk, polarity=self.direction)
        if name == "mode":
            return spec.fit(self.rollcalls)
        try:
            return replace(spec, dynamics=replace(walk, tau="estimate")).fit(self.rollcalls)
        except vs.NotUsableError:
            return spec.fit(self.rollcalls)


def truth_of(chamber, fit):
    """Return true positions on the scale of the fit, (n_periods, n_members), and who voted."""
    drawn = fit.draw_positions(1, 0)
    rows = chamber.rollcalls.members.index.get_indexer(drawn.members)
    x = chamber.positions[:, rows]
    inside = x[drawn.present]
    return (x - inside.mean()) / inside.std(), drawn.present, rows


def check(chamber, fit, seed):
    """Return for each quantity whether each interval holds the truth."""
    rng = np.random.default_rng([seed, 1])
    x, present, rows = truth_of(chamber, fit)
    members, fit = fit.member_ids, OneDraw(fit, seed)
    last = PERIODS - 1
    period = str(last)
    inside = np.flatnonzero(present[last])
    result = {}
    pairs = [rng.choice(inside, 2, replace=False) for _ in range(PAIRS)]
    tables = [
        quantities.contrast(fit, members[a], members[b], period=period, seed=seed).tidy() for a, b in pairs
    ]
    result["contrasts"] = [
        holds(table, x[last, a] - x[last, b]) for table, (a, b) in zip(tables, pairs, strict=True)
    ]
    ranks = quantities.ranks(fit, period=period, seed=seed).tidy().set_index("member")
    true_ranks = pd.Series(np.argsort(np.argsort(x[last, inside])) + 1, index=members[inside])
    order = ranks.loc[true_ranks.index]
    result["ranks"] = ((order["conf_low"] <= true_ranks) & (true_ranks <= order["conf_high"])).tolist()
    medians = quantities.median(fit, seed=seed).tidy()
    result["medians"] = [holds(medians.iloc[[t]], np.median(x[t, present[t]])) for t in range(PERIODS)]
    spreads = quantities.spread(fit, seed=seed).tidy()
    result["spread"] = [holds(spreads.iloc[[t]], x[t, present[t]].std()) for t in range(PERIODS)]
    truth_groups = chamber.groups[rows]
    for statistic, groups in STATISTICS.items():
        parts = explain(chamber, fit, statistic, groups, seed)
        true = true_parts(statistic, groups, x, present, truth_groups)
        for part in ("change", "replacement", "movement"):
            row = parts[parts["part"] == part]
            result[f"{statistic}: {part}"] = [holds(row, true[part])]
    return result


def explain(chamber, fit, statistic, groups, seed):
    """Return the three rows of the change between the first and the last period."""
    change = quantities.explain_chamber(
        fit,
        statistic,
        "0",
        str(PERIODS - 1),
        groups=groups,
        rollcalls=chamber.rollcalls if groups else None,
        seed=seed,
    )
    return change.tidy().iloc[:3]


def true_parts(statistic, groups, x, present, labels):
    """Return the true parts: the same sums of the same differences, of true positions."""
    total = {"change": 0.0, "replacement": 0.0, "movement": 0.0}
    inside = [
        np.stack([present[t] & (labels == name) for name in groups]) if groups else present[t][None]
        for t in range(PERIODS)
    ]
    for t in range(PERIODS - 1):
        split = split_change(
            statistic, (x[t][None], x[t + 1][None]), (present[t], present[t + 1]), (inside[t], inside[t + 1])
        )
        for part in total:
            total[part] += float(getattr(split, part)[0])
    return total


def holds(row, truth):
    """Return whether the interval of a row of a table contains the truth."""
    return bool(row["conf_low"].iloc[0] <= truth <= row["conf_high"].iloc[0])


def simulate_world(seed, drift):
    """Return, by method and quantity, the share of intervals that hold the truth in one world."""
    chamber = Chamber(seed, KINDS[seed % len(KINDS)], DRIFTS[drift])
    result = {}
    for method in METHODS:
        fit = chamber.fit(method)
        result[method] = (
            {name: float(np.mean(values)) for name, values in check(chamber, fit, seed).items()}
            if fit.converged
            else None
        )
    return result


def summarise(results):
    """Return the coverage of every quantity by method; `results` has the result of each world by seed."""
    worlds = list(results.values())
    document = {"worlds": len(worlds), "seeds": sorted(results), "not_converged": {}, "coverage": {}}
    for method in METHODS:
        tried = [world[method] for world in worlds if method in world]
        usable = [world for world in tried if world is not None]
        document["not_converged"][method] = len(tried) - len(usable)
        document["coverage"][method] = {
            name: {
                "coverage": round(float(np.mean([world[name] for world in usable])), 4),
                "std_error": round(float(np.std([world[name] for world in usable]) / len(usable) ** 0.5), 4),
                "worlds": len(usable),
            }
            for name in usable[0]
        }
    return document


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    warnings.simplefilter("ignore", vs.BridgeWarning)
    document = {}
    for drift, steps in DRIFTS.items():
        n_worlds = options.worlds // (4 if steps else 1)
        document[drift] = summarise({seed: simulate_world(seed, drift) for seed in range(n_worlds)})
        for method, by_name in document[drift]["coverage"].items():
            for name, row in by_name.items():
                mark = "" if LOW <= row["coverage"] <= HIGH else "  outside 86 to 94 %"
                print(
                    f"{drift}, {method}, {name}: {100 * row['coverage']:.1f} % "
                    f"(standard error {100 * row['std_error']:.1f}){mark}"
                )
    if options.out:
        options.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
