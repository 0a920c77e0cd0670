"""A check of the model: the switchers it expects among those who voted both times."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voteshift.arguments import check_seed
from voteshift.shift.counterfactual import Counterfactual
from voteshift.shift.noise import quantile
from voteshift.shift.parts import tails

__all__ = ["Switchers", "switchers"]


@dataclass(frozen=True, slots=True)
class Switchers:
    """Switchers on record beside those of votes drawn anew from the model.

    Attributes
    ----------
    voted : int
        Members that voted both times.
    observed : int
        Those whose vote differs.
    expected : float
        Mean over draws of the number that would differ.
    low, high : float
        Interval of that number, single votes' chance included.
    p_as_few, p_as_many : float
        Share of draws with at most, and at least, as many as on record: posterior predictive tails (Rubin
        1984; Gelman, Meng & Stern 1996), not p-values of a test.
    """

    voted: int
    observed: int
    expected: float
    low: float
    high: float
    p_as_few: float
    p_as_many: float


def switchers(tallies: Counterfactual, old: int, new: int, *, level: float, seed: int) -> Switchers:
    """Draw both votes of those who voted both times anew, and count who differs.

    Positions and items are those of the draw; noise is drawn anew, and so is the leaning, from its
    distribution over members: what the members' own votes say of it is not used twice.

    Parameters
    ----------
    tallies : Counterfactual
        Draws of what decides the votes.
    old, new : int
        Which iterations.
    level : float
        Coverage of the interval.
    seed : int
        Where the random numbers start.
    """
    both = np.asarray((tallies.votes[:, [old, new]] >= 0).all(axis=1))
    n_draws, voted = len(tallies.noise), int(both.sum())
    observed = int((tallies.votes[both, old] != tallies.votes[both, new]).sum())
    rng = np.random.default_rng([check_seed(seed), 3])
    latent = tallies.latent
    shift = np.zeros((n_draws, voted))
    if latent.leaning is not None and latent.leaning_sd is not None:
        fresh = latent.leaning_sd[:, None] * rng.standard_normal(shift.shape)
        shift = fresh - latent.leaning[:, both]
    votes: list[NDArray[np.int8]] = []
    for version in (old, new):
        at = latent.eta(version, version)[:, both] + shift + quantile(rng.random(shift.shape), tallies.link)
        cuts = latent.cutpoints[:, version]
        votes.append((at > cuts[:, :1]).astype(np.int8) + (at > cuts[:, 1:]))
    counts = (votes[0] != votes[1]).sum(axis=1)
    low, high = np.quantile(counts, tails(level))
    return Switchers(
        voted,
        observed,
        float(counts.mean()),
        float(low),
        float(high),
        float((counts <= observed).mean()),
        float((counts >= observed).mean()),
    )
