"""The datasets of the benchmark, drawn from fixed seeds and never written to disk.

S, M and L have two categories and 5 % missing votes; ORD has three categories and 15 % missing votes.
Positions and discriminations are N(0, 1), and the noise is normal. A probit kernel is timed at the true
parameters, and a logit kernel at the true item parameters times `LOGIT_SCALE`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voteshift.likelihood import Design

__all__ = ["LOGIT_SCALE", "SETS", "BenchSet", "bench_set"]

LOGIT_SCALE = 1.7
"""Ratio of logistic to normal parameters that describe about the same probabilities."""

SETS = {"S": (100, 500, 101), "M": (500, 2_000, 102), "L": (1_000, 10_000, 103), "ORD": (193, 5_000, 104)}
"""Members, roll calls and seed of each set."""


@dataclass(frozen=True)
class BenchSet:
    """A design and its true parameters, on the scale of the normal link and with the shapes of `evaluate`."""

    name: str
    design: Design
    positions: NDArray[np.float64]
    discriminations: NDArray[np.float64]
    cutpoints: NDArray[np.float64]

    def parameters(self, link: str) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return positions, discriminations and cutpoints for a link."""
        scale = LOGIT_SCALE if link == "logit" else 1.0
        return self.positions, scale * self.discriminations, scale * self.cutpoints


def bench_set(name: str) -> BenchSet:
    """Draw the dataset with a name in `SETS`."""
    n_members, n_rollcalls, seed = SETS[name]
    rng = np.random.default_rng(seed)
    positions, slopes = rng.normal(size=n_members), rng.normal(size=n_rollcalls)
    if name == "ORD":
        first = rng.normal(-1.2, 0.6, size=n_rollcalls)
        cuts = np.stack([first, first + 0.3 + rng.gamma(3.0, 0.15, size=n_rollcalls)], axis=1)
        missing = 0.15
    else:
        cuts = np.stack([rng.normal(0.0, 0.6, size=n_rollcalls), np.zeros(n_rollcalls)], axis=1)
        missing = 0.05
    kinds = 3 if name == "ORD" else 2
    codes = np.empty((n_members, n_rollcalls), dtype=np.int8)
    for rows in np.array_split(np.arange(n_members), -(-n_members // 200)):
        latent = np.outer(positions[rows], slopes) + rng.normal(size=(len(rows), n_rollcalls))
        block = (latent > cuts[:, 0]).astype(np.int8)
        if kinds == 3:
            block += latent > cuts[:, 1]
        block[rng.random(block.shape) < missing] = -1
        codes[rows] = block
    design = Design(
        codes,
        np.zeros(n_rollcalls, dtype=np.int32),
        np.arange(n_rollcalls, dtype=np.int32),
        np.full(n_rollcalls, kinds, dtype=np.int8),
    )
    return BenchSet(name, design, positions[None, :, None], slopes[:, None], cuts)
