"""Draws of the items and of sigma for one resolution, given draws of the positions."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from voteshift.likelihood.persistence import repeated_votes
from voteshift.likelihood.terms import Link
from voteshift.likelihood.threads import core_count, together

__all__ = ["ItemDraws", "ItemModel", "move_items"]

Floats = NDArray[np.float64]
_AT_A_TIME: Final = 10
#: Spacing of the grid over the member effect on the latent scale, and its largest point. If a member has
#: more than two votes, the spacing is divided by sqrt(votes) / 1.5.
_SPACING: Final[dict[Link, float]] = {"logit": 1.8, "probit": 1.4}
_REACH: Final = 5.0
#: Lengths of the steps of an item in standard deviations, and of log sigma.
_SCALES: Final = np.array([2.5, 1.2, 0.5, 1.0, 0.5, 0.25])


@dataclass(frozen=True, slots=True, eq=False)
class ItemModel:
    """Votes on one resolution and the priors of its items and of log sigma.

    Attributes
    ----------
    codes : ndarray of int8, shape (n_members, n_versions)
        0 no, 1 abstain, 2 yes; negative for no vote.
    item : ndarray of int, shape (n_versions,)
        Item of every version.
    kinds : ndarray of bool, shape (n_items, 3)
        True for the categories that were chosen in each item.
    precision : ndarray, shape (n_items, n_dims + 2)
        Precision of the normal prior of discriminations, midpoint and log gap, on the scale without member
        effects. The means are 0.
    log_sd : tuple of float
        Mean, standard deviation and largest value of log sigma.
    noise_sd : float
        Standard deviation of the noise.
    link : {"logit", "probit"}
        Distribution of the noise.
    """

    codes: NDArray[np.int8]
    item: NDArray[np.intp]
    kinds: NDArray[np.bool_]
    precision: Floats
    log_sd: tuple[float, float, float]
    noise_sd: float
    link: Link


@dataclass(frozen=True, slots=True, eq=False)
class ItemDraws:
    """Draws of items and of log sigma.

    Attributes
    ----------
    items : ndarray, shape (n_draws, n_items, n_dims + 2)
        Discriminations, midpoint and log gap, on the scale without member effects.
    log_sd : ndarray, shape (n_draws,)
        Log of sigma.
    acceptance : float
        Share of accepted steps.
    """

    items: Floats
    log_sd: Floats
    acceptance: float


@functools.cache
def _kernel() -> Callable[..., Any]:
    from voteshift.likelihood import kernels_item_draws
    from voteshift.likelihood.compiling import compiled

    return compiled(kernels_item_draws.move, kernels_item_draws.signature())  # type: ignore[no-untyped-call]


def move_items(
    model: ItemModel,
    positions: Floats,
    items: Floats,
    log_sd: Floats,
    root: Floats,
    node: NDArray[np.intp],
    *,
    n_sweeps: int,
    rng: np.random.Generator,
    persistence: Floats | None = None,
) -> ItemDraws:
    """Move approximate draws of items and log sigma towards their posterior given the positions.

    Every draw is the start of a Markov chain. A sweep moves every item three times and log sigma three times
    by random steps, with the member effects integrated out (see `kernels_item_draws`). The posterior of items
    and sigma given the positions of the draw is the stationary distribution of the chain.

    Parameters
    ----------
    model : ItemModel
        Votes and priors.
    positions : ndarray, shape (n_draws, n_dates, n_members, n_dims)
        Positions at a single date for all versions, or at the date of each version.
    items, log_sd : ndarray, shape (n_draws, n_items, n_dims + 2) and (n_draws,)
        Approximate draws.
    root : ndarray, shape (n_nodes, n_items, n_dims + 2, n_dims + 2)
        Cholesky factors of the covariance of every item given all other items.
    node : ndarray of int, shape (n_draws,)
        Index into `root` of every draw.
    n_sweeps : int
        Number of sweeps.
    rng : Generator
        Source of randomness.
    persistence : ndarray, shape (n_draws,), optional
        Probability that a vote repeats the member's vote before it, as in `evaluate_testlets`; 0 by default.
    """
    n_draws, n_dates = positions.shape[:2]
    n_items, width = items.shape[1:]
    n_steps = len(_SCALES) // 2
    shape = (n_draws, n_sweeps, n_items + 1, n_steps)
    votes = max(1, int((model.codes >= 0).sum(axis=1).max(initial=1)))
    moved = np.array(items, dtype=np.float64, order="C")
    moved_sd = np.minimum(log_sd, model.log_sd[2])
    accepted = np.zeros(n_draws)
    member, version = np.nonzero(model.codes >= 0)
    member, version = (part[np.lexsort((version, member, model.item[version]))] for part in (member, version))
    item = model.item[version]
    # The votes of a member on an item are a pair.
    begins = np.flatnonzero(np.diff(item * len(model.codes) + member, prepend=-1))
    _, voter = np.unique(member[begins], return_inverse=True)
    arguments = (
        np.searchsorted(item[begins], np.arange(n_items + 1)),
        voter,
        np.append(begins, len(member)),
        member,
        np.zeros(len(version), np.int64) if n_dates == 1 else version,
        np.ascontiguousarray(model.codes[member, version], np.int8),
        repeated_votes(model.codes)[member, version],
        np.zeros(n_draws) if persistence is None else np.ascontiguousarray(persistence, np.float64),
        np.argsort(voter, kind="stable"),
        np.append(0, np.cumsum(np.bincount(voter))),
        np.ascontiguousarray(model.kinds, np.bool_),
        np.ascontiguousarray(positions, np.float64),
        np.array(model.log_sd),
        model.noise_sd,
        2.0 * _REACH * max(1.0, float(np.sqrt(votes)) / 1.5) / _SPACING[model.link],
        _REACH,
        np.ascontiguousarray(root, np.float64),
        np.ascontiguousarray(node, np.int64),
        np.ascontiguousarray(model.precision, np.float64),
        rng.standard_normal((*shape, width)),
        np.log(rng.random(shape)),
        _SCALES,
        model.link == "probit",
    )
    parts = iter([(k, min(k + _AT_A_TIME, n_draws)) for k in range(0, n_draws, _AT_A_TIME)])
    kernel = _kernel()

    def work() -> None:
        # An iterator over a list hands every part to one thread alone.
        for begin, end in parts:
            kernel(*arguments, begin, end, moved, moved_sd, accepted)

    together(work, min(core_count(), -(-n_draws // _AT_A_TIME)))
    share = float(accepted.mean()) / max(n_sweeps * (n_items + 1) * n_steps, 1)
    return ItemDraws(moved, moved_sd, share)
