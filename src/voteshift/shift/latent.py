"""Draws of the quantities that determine votes: positions, items, member effects and state dependence."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.objective import Link
from voteshift.resolution.noise import cumulative

__all__ = ["Latent", "chances"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Latent:
    """Draws of positions, items and member effects for the versions of one resolution.

    Attributes
    ----------
    positions : ndarray, shape (n_draws, n_dates, n_members, n_dims)
        Positions at the date of every version; a single date if positions are constant.
    discriminations : ndarray, shape (n_draws, n_versions, n_dims)
    cutpoints : ndarray, shape (n_draws, n_versions, 2)
        no|abstain and abstain|yes; equal or infinite if a version lacks a category.
    member_effect : ndarray, shape (n_draws, n_members), or None
        The member effect on this resolution, the same for all its versions.
    effect_sd : ndarray, shape (n_draws,), or None
        Standard deviation of the member effect over members.
    persistence : ndarray, shape (n_draws,), or None
        State dependence rho: the probability that a vote repeats the member's vote before it.
    """

    positions: Floats
    discriminations: Floats
    cutpoints: Floats
    member_effect: Floats | None = None
    effect_sd: Floats | None = None
    persistence: Floats | None = None

    @property
    def moves(self) -> bool:
        """True if positions differ between dates."""
        return self.positions.shape[1] > 1

    def eta(self, date: int, version: int) -> Floats:
        """Return x . beta plus the member effect, shape (n_draws, n_members)."""
        positions = self.positions[:, date if self.moves else 0]
        eta: Floats = np.einsum("kid,kd->ki", positions, self.discriminations[:, version])
        return eta if self.member_effect is None else eta + self.member_effect


def chances(latent: Latent, date: int, version: int, link: Link) -> Floats:
    """Return P(no, abstain, yes) of every member on a version, shape (n_draws, n_members, 3).

    Parameters
    ----------
    latent : Latent
        Positions, items and member effects.
    date, version : int
        Index of the date of the positions, and index of the version.
    link : {"logit", "probit"}
        Distribution of the noise.
    """
    eta = latent.eta(date, version)
    below = cumulative(latent.cutpoints[:, None, version] - eta[..., None], link)
    ends = np.ones((*eta.shape, 1))
    return np.diff(below, axis=-1, prepend=0.0 * ends, append=ends)
