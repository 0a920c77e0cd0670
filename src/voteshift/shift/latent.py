"""Draws of the quantities that determine votes: positions, items, member effects and state dependence."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.laplace import Paths
from voteshift.ideal.objective import Link
from voteshift.resolution.noise import cumulative

__all__ = ["Latent", "chances", "chances_at"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Latent:
    """Draws of positions, items and member effects for the versions of one resolution.

    Attributes
    ----------
    positions : ndarray, shape (n_draws, n_dates, n_members, n_dims)
        Positions at the date of every version; a single date if positions are constant. With member effects,
        the covariates of their mean follow the dimensions.
    discriminations : ndarray, shape (n_draws, n_versions, n_dims)
    cutpoints : ndarray, shape (n_draws, n_versions, 2)
        no|abstain and abstain|yes; equal or infinite if a version lacks a category.
    member_effect : ndarray, shape (n_draws, n_members), or None
        The member effect on this resolution, the same for all its versions.
    effect_sd : ndarray, shape (n_draws,), or None
        Standard deviation of the member effect over members.
    paths : Paths or None
        The parts of the positions that members share, for the same dates and members; None if they are
        unknown.
    persistence : ndarray, shape (n_draws,), or None
        State dependence rho: the probability that a vote repeats the member's vote before it.
    """

    positions: Floats
    discriminations: Floats
    cutpoints: Floats
    member_effect: Floats | None = None
    effect_sd: Floats | None = None
    paths: Paths | None = None
    persistence: Floats | None = None

    @property
    def moves(self) -> bool:
        """True if positions differ between dates."""
        return self.positions.shape[1] > 1

    def eta(self, date: int, version: int) -> Floats:
        """Return x . beta plus the member effect, shape (n_draws, n_members)."""
        return self.eta_of(self.positions[:, date if self.moves else 0], version)

    def eta_of(self, positions: Floats, version: int) -> Floats:
        """Return the same for any positions, shape (n_draws, n_members, n_dims)."""
        eta: Floats = np.einsum("kid,kd->ki", positions, self.discriminations[:, version])
        return eta if self.member_effect is None else eta + self.member_effect

    def mixed(self, common: int, groups: int, individual: int) -> Floats:
        """Return positions whose parts come from different dates, shape (n_draws, n_members, n_dims).

        Parameters
        ----------
        common, groups, individual : int
            Index of the date of the common path, of the steps of groups, and of the rest of the position.
        """
        paths = self.paths
        if paths is None:
            raise ValueError("the parts of the positions that members share are unknown")
        moved: Floats = (paths.common[:, common] - paths.common[:, individual])[:, None]
        if paths.groups is not None:
            moved = moved + paths.groups[:, groups] - paths.groups[:, individual]
        positions = self.positions[:, individual].copy()
        positions[..., :1] += moved[..., None]  # covariates of the member effect's mean may follow
        return positions


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
    return chances_at(latent.eta(date, version), latent, version, link)


def chances_at(eta: Floats, latent: Latent, version: int, link: Link) -> Floats:
    """Return the same for any sums of x . beta and member effect, shape (n_draws, n_members)."""
    below = cumulative(latent.cutpoints[:, None, version] - eta[..., None], link)
    ends = np.ones((*eta.shape, 1))
    return np.diff(below, axis=-1, prepend=0.0 * ends, append=ends)
