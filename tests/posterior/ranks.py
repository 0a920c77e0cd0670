"""Ranks of truths among independent draws, and the band that uniform ranks stay in."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
import nutpie
from arviz_stats.base import array_stats
from arviz_stats.ecdf_utils import compute_ecdf, ecdf_pit

from voteshift.likelihood import Design
from voteshift.posterior.coordinates import Start
from voteshift.posterior.native import votes_of
from voteshift.posterior.quiet import quiet
from voteshift.posterior.sampling import flat_start

INDEPENDENT, LONGEST = 99, 16_000
Draws = dict[str, np.ndarray]
World = TypeVar("World")


@dataclass(frozen=True)
class Ranked:
    """One world: the place of the truth among independent draws, and which intervals hold it."""

    places: dict[str, float]
    covered: np.ndarray
    divergences: int
    stride: int


@dataclass
class Sampler:
    """A model compiled once, whose data are exchanged for those of a world."""

    model: object
    compiled: object
    names: tuple[str, ...]

    @classmethod
    def of(cls, model: object, names: tuple[str, ...]) -> "Sampler":
        with quiet():
            return cls(model, nutpie.compile_pymc_model(model, var_names=list(names)), names)

    def draw(self, data: Draws, start: Start, seed: int, n_draws: int) -> tuple[Draws, int]:
        """One chain; its draws by variable and the number of divergences."""
        compiled = self.compiled.with_data(**data)
        with quiet():
            found = nutpie.sample(
                replace(compiled, initial_point_func=flat_start(self.model, start)),
                draws=n_draws,
                tune=500,
                chains=1,
                cores=1,
                seed=seed,
                target_accept=0.95,
                save_warmup=False,
                progress_bar=False,
            )
        draws = {name: np.asarray(found["posterior"][name])[0] for name in self.names}
        return draws, int(np.asarray(found["sample_stats"]["diverging"]).sum())


def shared_votes(design: Design) -> Draws:
    """Return the data of a design by the names they have in a compiled model."""
    return {f"votes_{name}": value for name, value in votes_of(design)._asdict().items()}


def until_independent(
    draw: Callable[[int], tuple[Draws, int]],
    scalars: Callable[[Draws], Draws],
    longest: int,
    n_draws: int = 1000,
) -> tuple[Draws, int, int]:
    """Draw a chain longer and longer until 99 draws of every scalar are independent, or it is `longest` long.

    Returns
    -------
    draws : dict
        By variable.
    divergences, n_draws : int
    """
    while True:
        draws, divergences = draw(n_draws)
        least = min(
            float(array_stats.ess(values[None], chain_axis=0, draw_axis=1, method="bulk"))
            for values in scalars(draws).values()
        )
        if least > INDEPENDENT or n_draws >= longest:
            return draws, divergences, n_draws
        n_draws *= 4


def thinned(draws: Draws, n_draws: int) -> Draws:
    """Return 99 of them, evenly spaced."""
    kept = np.linspace(0, n_draws - 1, INDEPENDENT).astype(int)
    return {name: values[kept] for name, values in draws.items()}


def places(of_draws: Draws, of_truth: Draws, rng: np.random.Generator) -> dict[str, float]:
    """Return where in (0, 1) the truth stands among the draws, ties broken at random."""
    found = {}
    for name, values in of_draws.items():
        below, ties = (values < of_truth[name]).sum(), (values == of_truth[name]).sum()
        found[name] = (below + rng.integers(ties + 1) + rng.random()) / (INDEPENDENT + 1)
    return found


def covered(draws: Draws, truth: Draws, names: tuple[str, ...]) -> np.ndarray:
    """Return which 90 % intervals of some variables hold the truth."""
    found = []
    for name in names:
        low, high = np.quantile(draws[name], [0.05, 0.95], axis=0)
        found.append(((low <= truth[name]) & (truth[name] <= high)).ravel())
    return np.concatenate(found)


@dataclass(frozen=True)
class Calibration:
    """All worlds."""

    ranked: list[Ranked]
    left_out: int

    @cached_property
    def outside(self) -> dict[str, float]:
        """Scalars whose rank ECDF leaves the simultaneous 99 % band, and by how much at most."""
        places = {name: np.array([one.places[name] for one in self.ranked]) for name in self.ranked[0].places}
        first = next(iter(places.values()))
        points, _, low, high = ecdf_pit(first, 0.99, 2000, rng=np.random.default_rng(0))
        far = {}
        for name, values in places.items():
            ecdf = compute_ecdf(values, points)
            over = max(float((ecdf - high).max()), float((low - ecdf).max()))
            if over > 1e-12:
                far[name] = over
        return far

    @property
    def coverage(self) -> float:
        """Share of 90 % intervals of positions and items that hold the truth."""
        return float(np.mean([one.covered.mean() for one in self.ranked]))

    def __str__(self) -> str:
        diverging = sum(one.divergences > 0 for one in self.ranked)
        return (
            f"{len(self.ranked)} worlds ({self.left_out} left out, {diverging} with divergences, "
            f"{sum(one.stride > 11 for one in self.ranked)} drawn longer): coverage of 90 % intervals "
            f"{100 * self.coverage:.1f} %, outside the band: {self.outside or 'none'}"
        )


def ranked_worlds(
    n_worlds: int,
    world: Callable[[np.random.Generator], World | None],
    compiled: Callable[[World], Sampler],
    rank: Callable[[World, Sampler, int, int], Ranked],
    seed: int,
    longest: int,
) -> Calibration:
    """Rank the truths of worlds drawn one after the other; those that `world` leaves out are counted."""
    ranked: list[Ranked] = []
    left_out, number, sampler = 0, 0, None
    while len(ranked) < n_worlds:
        at = world(np.random.default_rng([seed, number]))
        number += 1
        if at is None:
            left_out += 1
            continue
        sampler = sampler or compiled(at)
        ranked.append(rank(at, sampler, seed + number, longest))
    return Calibration(ranked, left_out)
