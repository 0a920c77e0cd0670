"""Simulation-based calibration of slopes of items on covariates of roll calls, as in `calibration`.

Every world has its own covariates: a skewed one and a binary one. Slopes and residuals are drawn from the
prior of the model, and discriminations and midpoints from them; positions and votes as in the model without
covariates.
"""

from dataclasses import dataclass

import numpy as np

from posterior import calibration
from posterior.calibration import N_ITEMS, N_MEMBERS, NAMES, World, answered, data_of
from posterior.ranks import (
    INDEPENDENT,
    LONGEST,
    Calibration,
    Ranked,
    Sampler,
    covered,
    places,
    ranked_worlds,
    thinned,
    until_independent,
)
from voteshift.ideal.item_covariates import ItemRegression
from voteshift.posterior.coordinates import scattered_start, start_at_item_means
from voteshift.posterior.model import SLOPE_SD, build_model
from voteshift.posterior.pins import Pin
from voteshift.posterior.quiet import quiet

TERMS = ("Intercept", "skewed", "binary")
SHARED = (*NAMES, "standard_item_slope", "item_slope")


@dataclass(frozen=True)
class ItemWorld:
    """A world, with the covariates of its items, and with the slopes in its truth."""

    inside: World
    regression: ItemRegression
    truth: dict[str, np.ndarray]


def world(rng: np.random.Generator) -> ItemWorld | None:
    """Draw one; None as in `calibration.world`."""
    binary = (rng.permutation(N_ITEMS) < rng.integers(5, N_ITEMS - 4)).astype(float)
    X = np.column_stack([np.ones(N_ITEMS), rng.gamma(2.0, 1.0, N_ITEMS), binary])
    regression = ItemRegression.of("", TERMS, X)
    standard = SLOPE_SD * rng.standard_normal((2, len(TERMS)))
    raw = rng.standard_normal(N_MEMBERS)
    inside = answered(rng, raw, standard @ regression.basis.T)
    if inside is None:
        return None
    sign = np.sign(inside.truth["position"][:, 0] @ (raw - raw.mean())[inside.rows])
    standard[0] *= sign
    sds = np.array([inside.truth["discrimination_sd"], inside.truth["midpoint_sd"]])
    truth = {
        **inside.truth,
        "standard_item_slope": standard,
        "item_slope": sds[:, None] * (standard @ regression.to_terms.T),
    }
    return ItemWorld(inside, regression, truth)


def compiled(first: ItemWorld) -> Sampler:
    """Compile the model."""
    fit = first.inside.fit
    with quiet():
        model = build_model(fit, Pin(str(fit.encoded.members[0]), 1, True), None, first.regression)
    return Sampler.of(model, SHARED)


def scalars(at: ItemWorld, draws: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Slopes, and the scalars of the model without covariates."""
    slopes = {
        f"slope of {parameter}s on {term}": draws["item_slope"][:, row, k]
        for row, parameter in enumerate(("discrimination", "midpoint"))
        for k, term in enumerate(TERMS)
    }
    return slopes | calibration.scalars(at.inside, draws)


def rank(at: ItemWorld, sampler: Sampler, seed: int, longest: int) -> Ranked:
    """Draw until 99 draws are independent, and rank the truth among them."""
    start = start_at_item_means(scattered_start(at.inside.fit, 0, 1), len(TERMS))
    of_items = {"item_covariates": at.regression.basis, "item_slope_matrix": at.regression.to_terms}
    data = data_of(at.inside) | of_items
    draws, divergences, n_draws = until_independent(
        lambda n_draws: sampler.draw(data, start, seed, n_draws),
        lambda draws: scalars(at, draws),
        longest,
    )
    truth = {name: value[None] for name, value in at.truth.items()}
    found = places(scalars(at, thinned(draws, n_draws)), scalars(at, truth), np.random.default_rng(seed))
    return Ranked(found, covered(draws, at.truth, ("item_slope",)), divergences, n_draws // INDEPENDENT)


def calibrate(n_worlds: int, seed: int = 0, *, longest: int = LONGEST) -> Calibration:
    """Rank truths of worlds drawn one after the other."""
    return ranked_worlds(n_worlds, world, compiled, rank, seed, longest)
