"""Simulated roll calls with known truth, for the tests of the ideal-point models."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.ascent import Problem
from voteshift.likelihood import Design


def norm_at(problem: Problem[Any], point: Any) -> float:
    """The gradient norm of `Ascent`, at any point."""
    slope, metric = problem.informed(point, "float64")
    return metric.norm(slope.gradient)


@dataclass(frozen=True)
class World:
    design: Design
    positions: NDArray[np.float64]


def ordered_world(
    seed: int, n_members: int = 40, n_rollcalls: int = 80, missing: float = 0.1, binary: float = 0.2
) -> World:
    """Votes of members with standardised positions; some roll calls lack the middle category."""
    rng = np.random.default_rng(seed)
    positions = rng.standard_normal(n_members)
    positions = (positions - positions.mean()) / positions.std()
    slopes = 2.5 * rng.standard_normal(n_rollcalls)
    middle = rng.standard_normal(n_rollcalls)
    half = np.exp(0.5 * rng.standard_normal(n_rollcalls))
    half[rng.random(n_rollcalls) < binary] = 0.0
    latent = np.outer(positions, slopes) + rng.logistic(size=(n_members, n_rollcalls))
    codes = (latent > middle - half).astype(np.int8) + (latent > middle + half)
    codes[rng.random(codes.shape) < missing] = -1
    keep = []
    kinds = []
    for column in range(n_rollcalls):
        values = np.unique(codes[codes[:, column] >= 0, column])
        if len(values) < 2:
            continue
        renumbered = np.searchsorted(values, codes[:, column]).astype(np.int8)
        codes[:, column] = np.where(codes[:, column] >= 0, renumbered, -1)
        keep.append(column)
        kinds.append(len(values))
    codes = np.ascontiguousarray(codes[:, keep])
    design = Design(
        votes=codes,
        period=np.zeros(len(keep), dtype=np.int32),
        item=np.arange(len(keep), dtype=np.int32),
        n_categories=np.array(kinds, dtype=np.int8),
    )
    return World(design, positions)
