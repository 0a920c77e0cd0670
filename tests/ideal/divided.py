"""Simulated records whose members fall into two parts."""

import numpy as np
import pandas as pd

import voteshift as vs

Sizes = tuple[tuple[int, int], tuple[int, int]]
EVEN: Sizes = ((20, 40), (20, 40))
KINDS = ("no vote", "three votes", "three votes of one member", "one member")


def divided_record(seed: int, joint: str, sizes: Sizes = EVEN) -> tuple[vs.RollCalls, np.ndarray]:
    """Two groups of members with roll calls of their own, joined as asked, and the true positions."""
    (first, n_first), (second, n_second) = sizes
    n_members, n_rollcalls = first + second, n_first + n_second
    world = vs.simulate(n_members, n_rollcalls, seed=seed, categories=2)
    whole = world.rollcalls.votes
    votes = np.full(whole.shape, int(vs.Vote.NOT_MEMBER), dtype=np.int8)
    votes[:first, :n_first] = whole[:first, :n_first]
    votes[first:, n_first:] = whole[first:, n_first:]
    rng = np.random.default_rng(seed)
    one = int(rng.integers(first, n_members))
    if joint == "three votes":
        cells = rng.choice(second * n_first, 3, replace=False)
        rows, columns = first + cells // n_first, cells % n_first
    elif joint == "three votes of one member":
        rows, columns = np.full(3, one), rng.choice(n_first, 3, replace=False)
    elif joint == "one member":
        rows, columns = np.full(n_first, one), np.arange(n_first)
    elif joint == "three roll calls":
        chosen = rng.choice(n_first, 3, replace=False)
        rows, columns = np.repeat(np.arange(first, n_members), 3), np.tile(chosen, second)
    elif joint == "all votes":
        rows, columns = (part.ravel() for part in np.indices(whole.shape))
    else:
        rows = columns = np.empty(0, dtype=int)
    votes[rows, columns] = whole[rows, columns]
    dates = pd.date_range("2001-01-01", periods=n_rollcalls, freq="30D")
    members = pd.DataFrame(index=[f"M{row:02d}" for row in range(n_members)])
    rollcalls = pd.DataFrame({"date": dates}, index=[f"R{column:02d}" for column in range(n_rollcalls)])
    return vs.RollCalls(votes, members, rollcalls), world.positions[0, :, 0]


def is_mirrored(fit: vs.IdealFit, truth: np.ndarray, n_first: int) -> bool:
    """Whether one part stands the right way round and the other does not."""
    found = fit.mode.point.positions[:, 0]
    parts = (slice(None, n_first), slice(n_first, None))
    signs = [np.sign(np.corrcoef(found[part], truth[part])[0, 1]) for part in parts]
    return bool(signs[0] != signs[1])
