"""Simulation-based calibration (Talts et al. 2018): truths from the prior, votes from the truths, and ranks.

Of a world drawn from the prior of a model and the draws of its posterior, the truth is one more draw: its
rank among independent ones is uniform, of every scalar. The model is that of `voteshift.ideal_model`, built
once; every world has its size, and only the data are exchanged.

The prior is symmetric, and so is the posterior before one member is held to its side. Which member, and which
side, `sample` chooses by the mode, from the votes alone: so the truth is reflected to that side, and members
are put in an order in which that member comes first.
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
from voteshift.ideal.objective import Model, Point, Priors
from voteshift.ideal.optimise import fit_map
from voteshift.ideal.results import IdealFit
from voteshift.likelihood import Design, evaluate
from voteshift.posterior.coordinates import scattered_start
from voteshift.posterior.item_coordinates import item_coordinates
from voteshift.posterior.model import build_model
from voteshift.posterior.pins import Pin, pin_of
from voteshift.posterior.quiet import quiet
from voteshift.shift.counterfactual import Counterfactual, mix
from voteshift.shift.latent import Latent
from voteshift.shift.parts import StepDraws
from voteshift.shift.shapley import shapley
from voteshift.votes import CATEGORIES

N_MEMBERS, N_ORDERED, N_BINARY = 16, 18, 10
KINDS = np.array([3] * N_ORDERED + [2] * N_BINARY, dtype=np.int8)
N_ITEMS = len(KINDS)
# Narrower than the default: of roll calls that small, most would be unanimous or next to it.
PRIORS = Priors(discrimination=3.0, midpoint=2.0, log_gap=1.0)
SPEC = vs.IdealPoints(priors=PRIORS, threads=1)
NAMES = ("position", "discrimination_sd", "midpoint_sd", "discrimination", "midpoint", "log_gap")
STEP = ["R00", "R01"]


@dataclass(frozen=True)
class World:
    """A truth, the votes it cast, and the mode of their posterior; the member that is held comes first."""

    truth: dict[str, np.ndarray]
    noise: np.ndarray
    rows: np.ndarray
    fit: IdealFit

    @property
    def design(self) -> Design:
        return self.fit.encoded.design


def cutpoints(middle, log_gap):
    """Of draws of midpoints (n, items) and log gaps (n, ordered items)."""
    half = np.zeros_like(middle)
    half[:, KINDS == 3] = 0.5 * np.exp(log_gap)
    return np.stack([middle - half, middle + half], axis=-1)


def world(rng: np.random.Generator) -> World | None:
    """Draw one; None where `sample` would refuse: no mode, or the reflection left open by the votes."""
    return answered(rng, rng.standard_normal(N_MEMBERS))


def answered(rng: np.random.Generator, raw: np.ndarray, means: np.ndarray | None = None) -> World | None:
    """Draw items and votes of members with these raw positions; None as in `world`.

    `means` are those of discriminations and midpoints in standard deviations, shape (2, items).
    """
    slope_mean, middle_mean = np.zeros((2, N_ITEMS)) if means is None else means
    sd, middle_sd = rng.uniform(0.0, PRIORS.discrimination), rng.uniform(0.0, PRIORS.midpoint)
    truth = {
        "position": ((raw - raw.mean()) / raw.std())[:, None],
        "discrimination_sd": np.array(sd),
        "midpoint_sd": np.array(middle_sd),
        "discrimination": sd * (slope_mean[:, None] + rng.standard_normal((N_ITEMS, 1))),
        "midpoint": middle_sd * (middle_mean + rng.standard_normal(N_ITEMS)),
        "log_gap": PRIORS.log_gap * rng.standard_normal(N_ORDERED),
    }
    cuts = cutpoints(truth["midpoint"][None], truth["log_gap"][None])[0]
    noise = rng.logistic(size=(N_MEMBERS, N_ITEMS))
    latent = truth["position"] @ truth["discrimination"].T + noise
    codes = (latent > cuts[:, 0]).astype(np.int8)
    codes += ((latent > cuts[:, 1]) & (KINDS == 3)).astype(np.int8)
    codes[rng.random(codes.shape) < 0.05] = -1
    # Two councils that share ten members: a step in which five leave and five join, or so.
    codes[:3, 0], codes[3:6, 1] = -1, -1
    try:
        found = mode(codes)
        pin = pin_of(found, vs.IdealPoints(), None)
    except (NotUsableError, ValueError):  # no mode: an item that lacks a category, its cutpoints run together
        return None
    if not found.converged or not pin.clear:
        return None
    return turned(truth, noise, found, pin)


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
    return IdealFit(encoded, model, fit_map(model), "", SPEC)


def turned(truth: dict[str, np.ndarray], noise: np.ndarray, found: IdealFit, pin: Pin) -> World:
    """Put the member that is held first, on the positive side, in the truth and at the mode."""
    row = found.encoded.members.get_loc(pin.member)
    rows = np.concatenate([[row], np.delete(np.arange(N_MEMBERS), row)])
    sign = np.sign(truth["position"][row, 0])
    truth = truth | {
        "position": sign * truth["position"][rows],
        "discrimination": sign * truth["discrimination"],
    }
    design, point = found.encoded.design, found.mode.point
    design = replace(design, votes=np.ascontiguousarray(design.codes[rows]))
    encoded = replace(found.encoded, design=design, members=found.encoded.members[rows])
    point = Point(
        pin.side * point.positions[rows],
        pin.side * point.discriminations,
        point.midpoints,
        point.log_gaps,
    )
    fit = IdealFit(encoded, Model(design, PRIORS, "logit", 1), replace(found.mode, point=point), "", SPEC)
    # Positions and discriminations change sign together: latent values, noise and cutpoints stay.
    return World(truth, noise[rows], rows, fit)


def compiled(first: World, **changed: float) -> Sampler:
    """Compile the model; `changed` breaks the priors of what is fitted."""
    fit = replace(first.fit, model=replace(first.fit.model, priors=replace(PRIORS, **changed)))
    with quiet():
        model = build_model(fit, Pin(str(fit.encoded.members[0]), 1, True))
    return Sampler.of(model, NAMES)


def data_of(at: World) -> Draws:
    """Return what a world exchanges in the compiled model."""
    items = item_coordinates(at.fit)
    return shared_votes(at.design) | {"item_slopes": items.slopes, "item_information": items.information}


def scalars(at: World, draws: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Three members, three items, what the items share, and the log-likelihood, in every draw."""
    position = draws["position"][:, np.argsort(at.rows), 0]
    slope, middle, gap = draws["discrimination"][..., 0], draws["midpoint"], draws["log_gap"]
    cuts = cutpoints(middle, gap)
    fitted = [
        evaluate(at.design, x[None], b, c).value
        for x, b, c in zip(draws["position"], draws["discrimination"], cuts, strict=True)
    ]
    return {
        **{f"position M{row:02d}": position[:, row] for row in (1, 7, 15)},
        **{f"discrimination R{item:02d}": slope[:, item] for item in (0, 9, N_ITEMS - 1)},
        **{f"midpoint R{item:02d}": middle[:, item] for item in (0, 9, N_ITEMS - 1)},
        **{f"log gap R{item:02d}": gap[:, item] for item in (0, 9)},
        "sd of discriminations": draws["discrimination_sd"],
        "sd of midpoints": draws["midpoint_sd"],
        "log-likelihood": np.array(fitted),
    }


def parts(tallies: Counterfactual) -> dict[str, np.ndarray]:
    """The realised parts of the step from the first roll call to the second, in every draw.

    Not every world has members that voted once, so attendance is counted with membership.
    """
    step = StepDraws(tallies, 0, 1, "realised", apart=False)
    *council, switching = shapley(step.corners, step.n_factors).parts
    return {
        f"{part}, {name}": values[:, CATEGORIES.index(name)]
        for part, values in (("membership", sum(council)), ("switching", switching))
        for name in ("no", "yes")
    }


def latent(draws: dict[str, np.ndarray]) -> Latent:
    cuts = cutpoints(draws["midpoint"], draws["log_gap"])
    return Latent(draws["position"][:, None], draws["discrimination"][:, :2], cuts[:, :2])


def rank(at: World, sampler: Sampler, seed: int, longest: int) -> Ranked:
    """Draw until 99 draws are independent, and rank the truth among them."""
    rng = np.random.default_rng(seed)
    draws, divergences, n_draws = until_independent(
        lambda n_draws: sampler.draw(data_of(at), scattered_start(at.fit, 0, 1), seed, n_draws),
        lambda draws: scalars(at, draws),
        longest,
    )
    some = thinned(draws, n_draws)
    truth = {name: value[None] for name, value in at.truth.items()}
    votes = at.design.codes[:, :2]
    present = [CATEGORIES, CATEGORIES]
    drawn = mix(STEP, at.fit.encoded.members, votes, latent(some), None, present, "logit", seed)
    true = replace(drawn, latent=latent(truth), noise=at.noise[None, :, :2])
    found = places(scalars(at, some) | parts(drawn), scalars(at, truth) | parts(true), rng)
    inside = covered(draws, at.truth, ("position", "discrimination", "midpoint", "log_gap"))
    return Ranked(found, inside, divergences, n_draws // INDEPENDENT)


def calibrate(n_worlds: int, seed: int = 0, *, longest: int = LONGEST, **changed: float) -> Calibration:
    """Rank truths of worlds drawn one after the other; `changed` breaks the priors of what is fitted."""
    return ranked_worlds(n_worlds, world, partial(compiled, **changed), rank, seed, longest)
