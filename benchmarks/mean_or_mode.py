"""Is it the software or the summary? Posterior means from voteshift's own likelihood against stored ones.

    python benchmarks/mean_or_mode.py tests/references/pscl_hrc.json

voteshift reports the mode of the posterior, packages built on Markov chains its mean. Where a position is
poorly known the two differ. Here the gradient of `voteshift.ideal` drives a Hamiltonian chain (leapfrog
steps, a metric from the curvature at the mode) over the votes of the reference. Its means
are compared with the stored ones.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import peers
import voteshift as vs
from voteshift.ideal.objective import Model, Point, item_information, log_posterior, standardise

__all__ = ["main", "sample"]

Floats = NDArray[np.float64]
_STEPS = 24
_WANTED = 0.8  # share of proposals accepted while the length of a step is sought


def sample(model: Model, mode: Point, iterations: int, seed: int) -> tuple[Floats, float]:
    """Draw standardised positions from the posterior, starting at the mode.

    Returns
    -------
    positions : ndarray, shape (n_kept, n_members)
        The last nine tenths of the draws.
    accepted : float
        Share of proposals accepted among these.
    """
    n_members = model.design.n_members
    rng = np.random.default_rng(seed)

    def slope(flat: Floats) -> tuple[float, Floats]:
        # Free positions are N(0, 1) and only their standardised form meets the votes.
        free = flat[:n_members, None]
        point = Point.from_items(standardise(free), Point.from_flat(flat, n_members, 1).items())
        value = log_posterior(model, point)
        gradient = value.gradient.flat()
        gradient[:n_members] = gradient[:n_members] / free.std() - flat[:n_members]
        # Items with two categories have no gap: give the idle coordinate a normal of its own.
        gradient[n_members + 2 :: 3] = -flat[n_members + 2 :: 3]
        idle = float(flat[n_members + 2 :: 3] @ flat[n_members + 2 :: 3])
        return value.value - 0.5 * (float(flat[:n_members] @ flat[:n_members]) + idle), gradient

    at_mode = log_posterior(model, mode, information="expected")
    blocks = item_information(model, mode, at_mode, observed=False)
    information = at_mode.evaluation.position_information
    if information is None:
        raise ValueError("no information was asked for")
    mass = np.concatenate([information[0, :, 0, 0] + 1.0, np.einsum("jdd->jd", blocks).ravel()])
    here = mode.flat()
    value, gradient = slope(here)
    step, kept, accepted = 0.1, [], 0
    for iteration in range(iterations):
        momentum = rng.standard_normal(len(mass)) * np.sqrt(mass)
        energy = value - 0.5 * float(momentum @ (momentum / mass))
        proposal, pull = here.copy(), gradient
        # A length that varies keeps a trajectory from coming round to where it began.
        length = step * rng.uniform(0.8, 1.2)
        for _ in range(_STEPS):
            momentum = momentum + 0.5 * length * pull
            proposal = proposal + length * momentum / mass
            new_value, pull = slope(proposal)
            momentum = momentum + 0.5 * length * pull
        change = new_value - 0.5 * float(momentum @ (momentum / mass)) - energy
        chance = float(np.exp(min(0.0, change))) if np.isfinite(change) else 0.0
        if rng.random() < chance:
            here, value, gradient = proposal, new_value, pull
            accepted += iteration >= iterations // 10
        if iteration < iterations // 10:
            step *= float(np.exp((chance - _WANTED) / np.sqrt(iteration + 1.0)))
        else:
            kept.append(standardise(here[:n_members, None])[:, 0])
    return np.array(kept), accepted / max(1, len(kept))


def main(arguments: list[str] | None = None) -> int:
    """Print three correlations: mode with stored means, own means with stored means, mode with own means."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reference", type=Path, help="pscl_hrc.json and the like")
    parser.add_argument("--iterations", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    stored = json.loads(options.reference.read_text(encoding="utf-8"))
    fit = vs.IdealPoints(link="probit", threads=1).fit(peers.binary_record())
    draws, accepted = sample(fit.model, fit.mode.point, options.iterations, options.seed)
    frame = pd.DataFrame.from_dict(stored["positions"], orient="index", columns=["mean", "sd"])
    frame = frame.loc[fit.encoded.members]
    mode = fit.mode.point.positions[:, 0]
    mine = draws.mean(axis=0)
    halves = np.array_split(draws, 2)
    print(f"own chain: {len(draws)} draws kept, {100 * accepted:.0f} % of proposals accepted")
    pairs = {
        "first half of the own chain with the second": (halves[0].mean(axis=0), halves[1].mean(axis=0)),
        f"mode with {stored['package']}'s means": (mode, frame["mean"]),
        f"own means with {stored['package']}'s means": (mine, frame["mean"]),
        "mode with own means": (mode, mine),
        f"own standard deviations with {stored['package']}'s": (draws.std(axis=0), frame["sd"]),
    }
    for words, (one, other) in pairs.items():
        print(f"{words}: correlation {abs(float(np.corrcoef(one, other)[0, 1])):.5f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
