"""Simulation-based calibration (Talts et al. 2018) of positions that move: truths from the prior, and ranks.

As `posterior.calibration` does for positions that hold. The model is that of `voteshift.ideal_model` with
periods, compiled once; of every world only the data are exchanged. The truth is drawn by numpy from the prior
as the documentation states it, not by the model. The member that is held to its side is chosen by the mode,
from the votes alone; truths are reflected to that side, and that member comes first.
"""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from posterior.ranks import (
    INDEPENDENT,
    LONGEST,
    Calibration,
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
from voteshift.ideal.dynamic.objective import DynamicModel, DynamicPoint
from voteshift.ideal.dynamic.optimise import fit_dynamic_map
from voteshift.ideal.dynamic.walk import Walk
from voteshift.ideal.objective import Priors
from voteshift.likelihood import Design, evaluate
from voteshift.posterior.dynamic.density import WALK_TAU
from voteshift.posterior.dynamic.model import build_dynamic_model, scatter_start
from voteshift.posterior.dynamic.pins import StartPin
from voteshift.posterior.quiet import quiet

N_MEMBERS, N_PERIODS, EACH, BRIDGES = 12, 3, 12, 5
N_ROLLCALLS = N_PERIODS * EACH
PRIORS = Priors(discrimination=3.0, midpoint=1.5, log_gap=1.0)
DELTA = 0.5
WALK = Walk(np.ones((N_PERIODS, N_MEMBERS), dtype=bool), np.array([1.0, 2.0]), np.full(N_MEMBERS, 0.3), DELTA)
PIN = StartPin(0, 1)
NAMES = (
    "deviation",
    "position",
    "tau",
    "common_step",
    "discrimination_sd",
    "midpoint_sd",
    "discrimination",
    "midpoint",
)


def items() -> np.ndarray:
    """Item of every roll call: the first roll calls of every period are the same items."""
    own = np.arange(N_ROLLCALLS)
    for slot in range(BRIDGES):
        own[slot::EACH] = slot
    return np.unique(own, return_inverse=True)[1].astype(np.int32)


ITEM = items()
PERIOD = np.repeat(np.arange(N_PERIODS), EACH).astype(np.int32)
N_ITEMS = int(ITEM.max()) + 1


def moving(codes: np.ndarray) -> DynamicModel:
    """Model of some votes."""
    kinds = np.full(N_ITEMS, 2, dtype=np.int8)
    design = Design(np.ascontiguousarray(codes), PERIOD, ITEM, kinds, N_PERIODS)
    return DynamicModel(design, PRIORS, WALK, threads=1)


@dataclass(frozen=True)
class World:
    """A truth, the votes it cast, and the mode of their posterior; the member that is held comes first."""

    truth: dict[str, np.ndarray]
    rows: np.ndarray
    model: DynamicModel
    mode: DynamicPoint


def world(rng: np.random.Generator) -> World | None:
    """Draw one; None where `sample` would refuse: no mode."""
    raw = rng.standard_normal((N_PERIODS, N_MEMBERS))
    width = abs(WALK_TAU * rng.standard_normal())
    raw[1:] *= width * np.sqrt(WALK.gaps)[:, None]
    raw = np.cumsum(raw, axis=0)
    mean, spread = raw.mean(), raw.std()
    step = DELTA * np.sqrt(WALK.gaps) * rng.standard_normal(N_PERIODS - 1)
    sd, middle_sd = rng.uniform(0.0, PRIORS.discrimination), rng.uniform(0.0, PRIORS.midpoint)
    deviation = (raw - mean) / spread
    path = np.concatenate([[0.0], np.cumsum(step)])
    path -= path.mean()  # all members are seen in every period
    truth = {
        "deviation": deviation,
        "position": deviation + path[:, None],
        "tau": np.array(width / spread),
        "common_step": step,
        "discrimination_sd": np.array(sd),
        "midpoint_sd": np.array(middle_sd),
        "discrimination": sd * rng.standard_normal((N_ITEMS, 1)),
        "midpoint": middle_sd * rng.standard_normal(N_ITEMS),
    }
    # Midpoints are counted from the mean of the path over the item's own roll calls.
    home = np.bincount(ITEM, path[PERIOD]) / np.bincount(ITEM)
    slope = truth["discrimination"][:, 0]
    middle = truth["midpoint"] + home * slope
    above = truth["position"][PERIOD] * slope[ITEM, None] - middle[ITEM, None]
    codes = (above + rng.logistic(size=above.shape) > 0).astype(np.int8).T
    codes[rng.random(codes.shape) < 0.05] = -1
    model = moving(codes)
    try:
        found = fit_dynamic_map(model)
    except (NotUsableError, ValueError):
        return None
    return turned(truth, model, found.point) if found.converged else None


def turned(truth: dict[str, np.ndarray], model: DynamicModel, mode: DynamicPoint) -> World:
    """Put the member that starts furthest out first, on the positive side, in the truth and at the mode."""
    row = int(np.argmax(np.abs(mode.deviations[0])))
    rows = np.concatenate([[row], np.delete(np.arange(N_MEMBERS), row)])
    start = truth["deviation"][0]
    sign = 1.0 if start[row] > np.delete(start, row).mean() else -1.0
    side = 1.0 if mode.deviations[0, row] > np.delete(mode.deviations[0], row).mean() else -1.0
    truth = truth | {
        "deviation": sign * truth["deviation"][:, rows],
        "position": sign * truth["position"][:, rows],
        "common_step": sign * truth["common_step"],
        "discrimination": sign * truth["discrimination"],
    }
    point = replace(
        mode,
        deviations=side * mode.deviations[:, rows],
        steps=side * mode.steps,
        discriminations=side * mode.discriminations,
    )
    return World(truth, rows, moving(model.design.codes[rows]), point)


def compiled(first: World, *, delta: float = DELTA, **changed: float) -> Sampler:
    """Compile the model; `delta` and `changed` break the priors of what is fitted."""
    priors, walk = replace(PRIORS, **changed), replace(first.model.walk, delta=delta)
    coords = {
        "member": list(range(N_MEMBERS)),
        "period": list(range(N_PERIODS)),
        "gap": list(range(N_PERIODS - 1)),
        "item": list(range(N_ITEMS)),
        "ordered_item": [],
        "dimension": [1],
    }
    with quiet():
        model = build_dynamic_model(replace(first.model, priors=priors, walk=walk), first.mode, coords, PIN)
    return Sampler.of(model, NAMES)


def scalars(at: World, draws: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Tau, three members, common steps, three items, what the items share, and the log-likelihood."""
    position = draws["position"][:, :, np.argsort(at.rows)]
    slope, middle = draws["discrimination"][..., 0], draws["midpoint"]
    shifts = draws["common_step"] @ at.model.leverage.T
    cuts = middle[:, ITEM] - slope[:, ITEM] * shifts
    fitted = [
        evaluate(at.model.by_rollcall, z[..., None], b[ITEM], np.stack([c, c], axis=1)).value
        for z, b, c in zip(draws["deviation"], draws["discrimination"], cuts, strict=True)
    ]
    return {
        "tau": draws["tau"],
        **{f"step {gap}": draws["common_step"][:, gap] for gap in range(N_PERIODS - 1)},
        **{f"position M{row}": position[:, period, row] for row, period in ((1, 0), (5, 1), (11, 2))},
        **{f"discrimination {item}": slope[:, item] for item in (0, BRIDGES, N_ITEMS - 1)},
        **{f"midpoint {item}": middle[:, item] for item in (0, BRIDGES, N_ITEMS - 1)},
        "sd of discriminations": draws["discrimination_sd"],
        "sd of midpoints": draws["midpoint_sd"],
        "log-likelihood": np.array(fitted),
    }  # fmt: skip


def rank(at: World, sampler: Sampler, seed: int, longest: int) -> Ranked:
    """Draw until 99 draws are independent, and rank the truth among them."""
    data, start = shared_votes(at.model.by_rollcall), scatter_start(at.model, at.mode, PIN)
    draws, divergences, n_draws = until_independent(
        lambda n_draws: sampler.draw(data, start, seed, n_draws), lambda draws: scalars(at, draws), longest
    )
    truth = {name: value[None] for name, value in at.truth.items()}
    rng = np.random.default_rng(seed)
    found = places(scalars(at, thinned(draws, n_draws)), scalars(at, truth), rng)
    inside = covered(draws, at.truth, ("position", "common_step", "discrimination", "midpoint"))
    return Ranked(found, inside, divergences, n_draws // INDEPENDENT)


def calibrate(n_worlds: int, seed: int = 0, *, longest: int = LONGEST, **changed: float) -> Calibration:
    """Rank truths of worlds drawn one after the other; `changed` breaks the priors of what is fitted."""
    return ranked_worlds(n_worlds, world, partial(compiled, **changed), rank, seed, longest)
