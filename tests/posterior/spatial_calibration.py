"""Simulation-based calibration (Talts et al. 2018) of two dimensions: truths from the prior, and ranks.

As `posterior.calibration` does for one dimension. The model is that of `voteshift.ideal_model`, compiled
once; of every world only the data are exchanged. The truth is drawn by numpy from the prior as the
documentation states it, not by the model. Ranks are of quantities that no rotation changes, so no axes have
to be chosen.
"""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

import voteshift as vs
from posterior.ranks import (
    INDEPENDENT,
    LONGEST,
    Calibration,
    Draws,
    Ranked,
    Sampler,
    covered,
    places,
    ranked_worlds,
    shared_votes,
    thinned,
    until_independent,
)
from voteshift.errors import NotUsableError
from voteshift.ideal.encode import Encoded
from voteshift.ideal.objective import Model, Priors
from voteshift.ideal.optimise import fit_map
from voteshift.ideal.results import IdealFit
from voteshift.likelihood import Design, evaluate
from voteshift.posterior.item_coordinates import item_coordinates
from voteshift.posterior.quiet import quiet
from voteshift.posterior.spatial import build_spatial_model, spatial_start
from voteshift.votes import CATEGORIES

N_MEMBERS, N_ORDERED, N_BINARY = 15, 24, 16
KINDS = np.array([3] * N_ORDERED + [2] * N_BINARY, dtype=np.int8)
N_ITEMS = len(KINDS)
PRIORS = Priors(discrimination=3.0, midpoint=2.0, log_gap=1.0)
SPEC = vs.IdealPoints(dims=2, priors=PRIORS, threads=1)
NAMES = ("position", "discrimination_sd", "midpoint_sd", "discrimination", "midpoint", "log_gap")
PAIRS = ((0, 1), (2, 7), (5, 14))


@dataclass(frozen=True)
class World:
    """A truth, and the mode of the posterior of the votes it cast."""

    truth: Draws
    fit: IdealFit


def cutpoints(middle, log_gap):
    """Of draws of midpoints (n, items) and log gaps (n, ordered items)."""
    half = np.zeros_like(middle)
    half[:, KINDS == 3] = 0.5 * np.exp(log_gap)
    return np.stack([middle - half, middle + half], axis=-1)


def world(rng: np.random.Generator) -> World | None:
    """Draw one; None where `sample` would refuse, because mode finding failed."""
    raw = rng.standard_normal((N_MEMBERS, 2))
    left, _, right = np.linalg.svd(raw - raw.mean(axis=0), full_matrices=False)
    sds, middle_sd = rng.uniform(0.0, PRIORS.discrimination, 2), rng.uniform(0.0, PRIORS.midpoint)
    truth = {
        "position": np.sqrt(N_MEMBERS) * left @ right,
        "discrimination_sd": np.sort(sds)[::-1],
        "midpoint_sd": np.array(middle_sd),
        "discrimination": sds * rng.standard_normal((N_ITEMS, 2)),
        "midpoint": middle_sd * rng.standard_normal(N_ITEMS),
        "log_gap": PRIORS.log_gap * rng.standard_normal(N_ORDERED),
    }
    cuts = cutpoints(truth["midpoint"][None], truth["log_gap"][None])[0]
    latent = truth["position"] @ truth["discrimination"].T + rng.logistic(size=(N_MEMBERS, N_ITEMS))
    codes = (latent > cuts[:, 0]).astype(np.int8)
    codes += ((latent > cuts[:, 1]) & (KINDS == 3)).astype(np.int8)
    codes[rng.random(codes.shape) < 0.05] = -1
    try:
        found = mode(codes)
        found.laplace  # noqa: B018  computed here, where it may fail
    except (NotUsableError, ValueError):  # no mode: an item that lacks a category, its cutpoints run together
        return None
    return World(truth, found) if found.converged else None


def mode(codes: np.ndarray) -> IdealFit:
    """Fit the votes, every item with the categories it was given, whether they occur or not."""
    nothing, own = np.zeros(N_ITEMS, dtype=np.int32), np.arange(N_ITEMS, dtype=np.int32)
    design = Design(np.ascontiguousarray(codes), nothing, own, KINDS)
    encoded = Encoded(
        design,
        pd.Index([f"M{row:02d}" for row in range(N_MEMBERS)]),
        pd.Index([f"R{item:02d}" for item in range(N_ITEMS)]),
        tuple(CATEGORIES if kind == 3 else ("no", "yes") for kind in KINDS),
        (),
        (),
    )
    model = Model(design, PRIORS, "logit", 1)
    return IdealFit(encoded, model, fit_map(model, n_dims=2), "", SPEC)


def compiled(first: World, **changed: float) -> Sampler:
    """Compile the model; `changed` breaks the priors of what is fitted."""
    fit = replace(first.fit, model=replace(first.fit.model, priors=replace(PRIORS, **changed)))
    with quiet():
        return Sampler.of(build_spatial_model(fit), NAMES)


def data_of(at: World) -> Draws:
    """Return what a world exchanges in the compiled model."""
    items = item_coordinates(at.fit)
    return shared_votes(at.fit.encoded.design) | {
        "first_axis": at.fit.mode.point.positions[:, 0].copy(),
        "item_slopes": items.slopes,
        "item_information": items.information,
    }


def scalars(at: World, draws: Draws) -> Draws:
    """Distances, inner products, what the items share, and the log-likelihood, in every draw."""
    position, slope = draws["position"], draws["discrimination"]
    cuts = cutpoints(draws["midpoint"], draws["log_gap"])
    fitted = [
        evaluate(at.fit.encoded.design, x[None], b, c).value
        for x, b, c in zip(position, slope, cuts, strict=True)
    ]
    unit = slope / np.linalg.norm(slope, axis=-1, keepdims=True)
    return {
        **{
            f"distance M{one:02d} M{other:02d}": np.linalg.norm(
                position[:, one] - position[:, other], axis=-1
            )
            for one, other in PAIRS
        },
        "distance M03 from the middle": np.linalg.norm(position[:, 3], axis=-1),
        "angle of cutting lines R00 R30": (unit[:, 0] * unit[:, 30]).sum(axis=-1),
        "angle of cutting lines R09 R39": (unit[:, 9] * unit[:, 39]).sum(axis=-1),
        "length of discrimination R09": np.linalg.norm(slope[:, 9], axis=-1),
        "predictor M01 R00": (position[:, 1] * slope[:, 0]).sum(axis=-1),
        "midpoint R09": draws["midpoint"][:, 9],
        "log gap R09": draws["log_gap"][:, 9],
        "larger sd of discriminations": draws["discrimination_sd"][:, 0],
        "smaller sd of discriminations": draws["discrimination_sd"][:, 1],
        "sd of midpoints": draws["midpoint_sd"],
        "log-likelihood": np.array(fitted),
    }


def unrotated(draws: Draws) -> Draws:
    """Return what no rotation changes: distances of all pairs, linear predictors, midpoints and log gaps."""
    position, slope = draws["position"], draws["discrimination"]
    apart = position[..., :, None, :] - position[..., None, :, :]
    one, other = np.triu_indices(N_MEMBERS, 1)
    return {
        "distance": np.linalg.norm(apart, axis=-1)[..., one, other],
        "predictor": position @ np.swapaxes(slope, -1, -2),
        "midpoint": draws["midpoint"],
        "log_gap": draws["log_gap"],
    }


def rank(at: World, sampler: Sampler, seed: int, longest: int) -> Ranked:
    """Draw until 99 draws are independent, and rank the truth among them."""
    rng = np.random.default_rng(seed)
    draws, divergences, n_draws = until_independent(
        lambda n_draws: sampler.draw(data_of(at), spatial_start(at.fit), seed, n_draws),
        lambda draws: scalars(at, draws),
        longest,
    )
    truth = {name: value[None] for name, value in at.truth.items()}
    found = places(scalars(at, thinned(draws, n_draws)), scalars(at, truth), rng)
    some = unrotated(draws)
    inside = covered(some, unrotated(at.truth), tuple(some))
    return Ranked(found, inside, divergences, n_draws // INDEPENDENT)


def calibrate(n_worlds: int, seed: int = 0, *, longest: int = LONGEST, **changed: float) -> Calibration:
    """Rank truths of worlds drawn one after the other; `changed` breaks the priors of what is fitted."""
    return ranked_worlds(n_worlds, world, partial(compiled, **changed), rank, seed, longest)
