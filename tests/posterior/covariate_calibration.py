"""Simulation-based calibration of slopes of positions on covariates, as in `calibration`.

Every world has its own covariates: a skewed one and a binary one. Slopes and residuals are drawn from the
prior of the model, and the positions from them; items and votes as in the model without covariates.
"""

from dataclasses import dataclass

import numpy as np

from posterior import calibration
from posterior.calibration import N_MEMBERS, NAMES, World, answered, data_of
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
from voteshift.ideal.covariates import Regression
from voteshift.posterior.coordinates import scattered_start, start_at_regression
from voteshift.posterior.model import SLOPE_SD, build_model
from voteshift.posterior.pins import Pin
from voteshift.posterior.quiet import quiet

TERMS = ("skewed", "binary")
SHARED = (*NAMES, "standard_slope", "slope", "residual_sd")


@dataclass(frozen=True)
class CovariateWorld:
    """A world, with its covariates in the order of its members, and with the slopes in its truth."""

    inside: World
    regression: Regression
    truth: dict[str, np.ndarray]


def world(rng: np.random.Generator) -> CovariateWorld | None:
    """Draw one; None as in `calibration.world`."""
    binary = (rng.permutation(N_MEMBERS) < rng.integers(4, N_MEMBERS - 3)).astype(float)
    X = np.column_stack([rng.gamma(2.0, 1.0, N_MEMBERS), binary])
    basis, root = np.linalg.qr(X - X.mean(axis=0))
    slope = SLOPE_SD * rng.standard_normal(len(TERMS))
    raw = np.sqrt(N_MEMBERS) * basis @ slope + rng.standard_normal(N_MEMBERS)
    inside = answered(rng, raw)
    if inside is None:
        return None
    sign = np.sign(inside.truth["position"][:, 0] @ (raw - raw.mean())[inside.rows])
    regression = Regression("", TERMS, basis[inside.rows], root)
    standard = sign * slope / raw.std()
    truth = {
        **inside.truth,
        "standard_slope": standard,
        "slope": regression.slope_matrix() @ standard,
        "residual_sd": np.array(1.0 / raw.std()),
    }
    return CovariateWorld(inside, regression, truth)


def compiled(first: CovariateWorld) -> Sampler:
    """Compile the model."""
    fit = first.inside.fit
    with quiet():
        model = build_model(fit, Pin(str(fit.encoded.members[0]), 1, True), first.regression)
    return Sampler.of(model, SHARED)


def scalars(at: CovariateWorld, draws: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Slopes, the residual standard deviation, and the scalars of the model without covariates."""
    slopes = {f"slope {term}": draws["slope"][:, k] for k, term in enumerate(TERMS)}
    return slopes | {"residual sd": draws["residual_sd"]} | calibration.scalars(at.inside, draws)


def rank(at: CovariateWorld, sampler: Sampler, seed: int, longest: int) -> Ranked:
    """Draw until 99 draws are independent, and rank the truth among them."""
    fit, regression = at.inside.fit, at.regression
    start = start_at_regression(scattered_start(fit, 0, 1), regression, fit.mode.point.positions[:, 0])
    data = data_of(at.inside) | {
        "covariates": regression.basis * np.sqrt(N_MEMBERS),
        "slope_matrix": regression.slope_matrix(),
    }
    draws, divergences, n_draws = until_independent(
        lambda n_draws: sampler.draw(data, start, seed, n_draws),
        lambda draws: scalars(at, draws),
        longest,
    )
    truth = {name: value[None] for name, value in at.truth.items()}
    found = places(scalars(at, thinned(draws, n_draws)), scalars(at, truth), np.random.default_rng(seed))
    inside = covered(draws, at.truth, ("slope", "residual_sd"))
    return Ranked(found, inside, divergences, n_draws // INDEPENDENT)


def calibrate(n_worlds: int, seed: int = 0, *, longest: int = LONGEST) -> Calibration:
    """Rank truths of worlds drawn one after the other."""
    return ranked_worlds(n_worlds, world, compiled, rank, seed, longest)
