"""Effect of leaving out unanimous roll calls on members at the ends: python benchmarks/unanimous.py.

In simulated courts of nine (`simulate_court` of benchmarks/marginal.py), the position of the member furthest
from the middle is multiplied by a factor. All other positions, and the distributions of discriminations and
midpoints, are the true ones. Items are integrated out on a grid, so nothing is fitted but the factor. Prints
the factor with the highest likelihood, with all roll calls and with the contested ones only. The true factor
is 1. --courts sets the number of courts, 10 by default.
"""

import argparse

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, logsumexp

from marginal import simulate_court

Floats = NDArray[np.float64]

FACTORS = np.arange(0.5, 4.01, 0.1)
SLOPE_SD, MIDPOINT_SD = 1.7, 0.8  # of `simulate_court`, for positions that are not standardised
POINTS = np.linspace(-4.0, 4.0, 61)


def log_likelihoods(yes: NDArray[np.bool_], positions: Floats) -> Floats:
    """Return the log-likelihood of each roll call of a term, items integrated out, shape (n_rollcalls,)."""
    slopes, midpoints = SLOPE_SD * POINTS[:, None], MIDPOINT_SD * POINTS
    log_weight = -0.5 * (POINTS[:, None] ** 2 + POINTS**2)
    log_weight -= logsumexp(log_weight)
    eta = positions[:, None, None] * slopes - midpoints
    by_vote = np.stack([log_ndtr(-eta), log_ndtr(eta)]).reshape(2, len(positions), -1)
    every = np.einsum("ir,iq->rq", ~yes, by_vote[0]) + np.einsum("ir,iq->rq", yes, by_vote[1])
    return np.asarray(logsumexp(every + log_weight.ravel(), axis=1))


def best_factors(seed: int) -> tuple[float, float, float]:
    """Return the share of unanimous roll calls, and the best factors with and without them."""
    record, truth = simulate_court(seed)
    # `simulate_court` returns standardised positions; its midpoints are drawn around the mean before.
    raw = truth.assign(truth=truth["truth"] * truth.attrs["sd"] + truth.attrs["mean"])
    table = raw.pivot_table(index="member", columns="period", values="truth")
    terms = table.notna().sum(axis=1)
    extreme = str(table.mean(axis=1).abs()[terms >= 8].idxmax())
    total = {kept: np.zeros(len(FACTORS)) for kept in ("every", "contested")}
    unanimous = n_rollcalls = 0
    year = record.rollcalls["date"].dt.year
    for term in table.columns[table.loc[extreme].notna()]:
        column = record.rollcalls.index[year == term]
        members = table.index[table[term].notna()]
        yes = record.select(members=list(members), rollcalls=list(column)).votes == 2
        is_unanimous = yes.all(axis=0) | ~yes.any(axis=0)
        unanimous, n_rollcalls = unanimous + int(is_unanimous.sum()), n_rollcalls + len(column)
        for place, factor in enumerate(FACTORS):
            positions = table.loc[members, term].to_numpy() * np.where(members == extreme, factor, 1.0)
            values = log_likelihoods(yes, positions)
            total["every"][place] += values.sum()
            total["contested"][place] += values[~is_unanimous].sum()
    best = {kept: float(FACTORS[values.argmax()]) for kept, values in total.items()}
    return unanimous / n_rollcalls, best["every"], best["contested"]


def main() -> None:
    """Run the courts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--courts", type=int, default=10)
    rows = np.array([best_factors(seed) for seed in range(1, parser.parse_args().courts + 1)])
    share, every, contested = rows.T
    print(
        f"{len(rows)} courts, {share.mean():.1%} of roll calls unanimous; best factor with all roll calls: "
        f"median {np.median(every):.2f} ({every.min():.1f} to {every.max():.1f}); with contested ones only: "
        f"median {np.median(contested):.2f} ({contested.min():.1f} to {contested.max():.1f})"
    )


if __name__ == "__main__":
    main()
