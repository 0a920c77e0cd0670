"""Small dynamic models with known truth."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.dynamic.objective import DynamicModel, DynamicPoint
from voteshift.ideal.dynamic.walk import Walk
from voteshift.ideal.objective import Link, Priors
from voteshift.likelihood import Design

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DynamicWorld:
    model: DynamicModel
    positions: Floats  # periods by members, mean 0 and standard deviation 1 over those seen
    path: Floats


def dynamic_world(
    seed: int,
    *,
    n_members: int = 12,
    n_periods: int = 4,
    each: int = 6,
    bridges: int = 2,
    tau: float = 0.2,
    delta: float = 1.0,
    drift: float = 0.3,
    link: Link = "logit",
    gone: float = 0.2,
    seats: float = 1.0,
    n_groups: int = 0,
    delta_group: float = 0.5,
) -> DynamicWorld:
    """Draw votes in which the last `bridges` roll calls of each period share items over periods."""
    rng = np.random.default_rng(seed)
    path = drift * np.arange(n_periods)
    walks = rng.standard_normal(n_members) + np.cumsum(
        tau * rng.standard_normal((n_periods, n_members)), axis=0
    )
    positions = path[:, None] + walks
    n_rollcalls = n_periods * each
    period = np.repeat(np.arange(n_periods), each).astype(np.int32)
    item = np.arange(n_rollcalls, dtype=np.int32)
    for slot in range(bridges):
        item[np.arange(n_periods) * each + each - 1 - slot] = each - 1 - slot
    _, item = np.unique(item, return_inverse=True)
    n_items = item.max() + 1
    slopes = 2.0 * rng.standard_normal(n_items)
    middle = rng.standard_normal(n_items)
    gap = 0.5 + rng.gamma(3.0, 0.4, n_items)
    gap[: n_items // 4] = 0.0
    noise = rng.logistic(size=(n_members, n_rollcalls))
    if link == "probit":
        noise = rng.standard_normal((n_members, n_rollcalls))
    latent = positions[period].T * slopes[item] + noise
    low, high = (middle - gap / 2)[item], (middle + gap / 2)[item]
    codes = ((latent > low).astype(np.int8) + (latent > high)).astype(np.int8)
    kinds = np.where(gap > 0, 3, 2).astype(np.int8)
    codes = np.where(kinds[item] == 2, codes // 2, codes).astype(np.int8)
    codes[rng.random(codes.shape) < gone] = -1
    away = rng.random((n_members, n_periods)) > seats
    away[:, 0] &= ~away.all(axis=1)
    codes[away[:, period]] = -1
    design = Design(np.ascontiguousarray(codes), period, item.astype(np.int32), kinds, n_periods)
    seen = np.stack([(codes[:, period == t] >= 0).any(axis=1) for t in range(n_periods)])
    walk = Walk(seen, np.ones(n_periods - 1), np.full(n_members, tau), delta)
    if n_groups:  # the first member has no group
        groups = np.append(-1, np.arange(n_members - 1) % n_groups)
        walk = replace(walk, groups=groups, delta_group=delta_group)
    voted = positions[seen]
    model = DynamicModel(design, Priors(), walk, link)
    return DynamicWorld(model, (positions - voted.mean()) / voted.std(), path / voted.std())


def random_point(model: DynamicModel, seed: int) -> DynamicPoint:
    rng = np.random.default_rng(seed)
    walk = model.walk
    n_items = model.design.n_items
    steps = rng.standard_normal(len(walk.gaps)) if walk.delta > 0 else np.zeros(len(walk.gaps))
    deviations = walk.standardised(rng.standard_normal(walk.seen.shape))[0]
    point = DynamicPoint(
        walk,
        deviations,
        steps,
        rng.standard_normal((n_items, 1)),
        rng.standard_normal(n_items),
        np.where(model.design.n_categories == 3, 0.3 * rng.standard_normal(n_items), 0.0),
        0.3 * rng.standard_normal((len(walk.gaps) + 1, walk.n_groups)),
    )
    return (
        replace(point, deviations=deviations + walk.group_paths(point.group_steps))
        if walk.n_groups
        else point
    )
