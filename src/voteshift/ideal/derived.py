"""Quantities of a fit from joint draws of its positions: contrasts, ranks, medians, groups, spread."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from voteshift import quantities
from voteshift.ideal.interface import check_converged
from voteshift.ideal.orient import resolve_member
from voteshift.quantities.position_draws import PositionDraws, Source
from voteshift.quantities.results import (
    Contrast,
    GroupDistance,
    GroupMeans,
    Median,
    Pivots,
    Ranks,
    Spread,
)
from voteshift.rollcalls import RollCalls

__all__ = ["Derived"]


class Derived:
    """The quantities of a fit. A subclass has the properties of `Fit`."""

    def draw_positions(self, n_draws: int, seed: int) -> PositionDraws:
        """Draw the positions of all members in all periods jointly.

        Parameters
        ----------
        n_draws, seed : int
            Number of draws, and seed of the random numbers.

        Raises
        ------
        NotUsableError
            If the fit did not converge, or its members are not on one scale.
        """
        fit: Any = self  # properties that the subclasses add
        check_converged(fit)
        design, members = fit.encoded.design, fit.encoded.members
        period, first = np.unique(design.period, return_index=True)
        drawn = fit.draw(n_draws, [str(fit.encoded.rollcalls[column]) for column in first], seed).positions
        still = fit.periods is None
        cast = design.codes >= 0
        return PositionDraws(
            positions=drawn[:, None] if still else drawn,
            present=np.stack([cast[:, design.period == row].any(axis=1) for row in period]),
            members=members,
            periods=fit.periods,
            source=Source(
                level=fit.level,
                n_draws=n_draws,
                seed=seed,
                scale=fit.scale,
                identified_by=fit.identified_by,
                open_gaps=() if still else tuple(fit.encoded.bridges.open_gaps),
                labels=fit.member_labels,
                cautions=fit.cautions,
            ),
        )

    def find_member(self, name: str) -> str:
        """Return the id of the member that an id, a name or the first words of a name describes.

        Raises
        ------
        UsageError
            If no member or several members have this name. The remedy lists candidates.
        """
        fit: Any = self
        return resolve_member(name, fit.encoded.members, fit.encoded.names)

    def contrast(
        self,
        member: str,
        other: str,
        *,
        period: str | None = None,
        dimension: int = 1,
        n_draws: int = 1000,
        seed: int = 0,
    ) -> Contrast:
        """Compute the position of one member minus that of another; see `voteshift.quantities.contrast`."""
        return quantities.contrast(
            self, member, other, period=period, dimension=dimension, n_draws=n_draws, seed=seed
        )

    def ranks(
        self,
        *,
        period: str | None = None,
        members: Sequence[str] | None = None,
        dimension: int = 1,
        n_draws: int = 1000,
        seed: int = 0,
    ) -> Ranks:
        """Rank the members, 1 for the most negative position; see `voteshift.quantities.ranks`."""
        return quantities.ranks(
            self, period=period, members=members, dimension=dimension, n_draws=n_draws, seed=seed
        )

    def median(
        self,
        *,
        period: str | None = None,
        members: Sequence[str] | None = None,
        dimension: int = 1,
        n_draws: int = 1000,
        seed: int = 0,
    ) -> Median:
        """Compute the median of a chamber and who holds it; see `voteshift.quantities.median`."""
        return quantities.median(
            self, period=period, members=members, dimension=dimension, n_draws=n_draws, seed=seed
        )

    def pivot(
        self,
        majority: float,
        *,
        period: str | None = None,
        members: Sequence[str] | None = None,
        dimension: int = 1,
        n_draws: int = 1000,
        seed: int = 0,
    ) -> Pivots:
        """Compute the pivots of a majority and who holds them; see `voteshift.quantities.pivot`."""
        return quantities.pivot(
            self, majority, period=period, members=members, dimension=dimension, n_draws=n_draws, seed=seed
        )

    def group_means(
        self,
        rollcalls: RollCalls,
        *,
        by: str = "group",
        period: str | None = None,
        dimension: int = 1,
        n_draws: int = 1000,
        seed: int = 0,
    ) -> GroupMeans:
        """Compute the mean position of every group; see `voteshift.quantities.group_means`."""
        return quantities.group_means(
            self, rollcalls, by=by, period=period, dimension=dimension, n_draws=n_draws, seed=seed
        )

    def group_distance(
        self,
        group: str,
        other: str,
        rollcalls: RollCalls,
        *,
        by: str = "group",
        period: str | None = None,
        dimension: int = 1,
        n_draws: int = 1000,
        seed: int = 0,
    ) -> GroupDistance:
        """Compute the difference of two group means; see `voteshift.quantities.group_distance`."""
        return quantities.group_distance(
            self,
            group,
            other,
            rollcalls,
            by=by,
            period=period,
            dimension=dimension,
            n_draws=n_draws,
            seed=seed,
        )

    def spread(
        self,
        *,
        period: str | None = None,
        members: Sequence[str] | None = None,
        dimension: int = 1,
        n_draws: int = 1000,
        seed: int = 0,
    ) -> Spread:
        """Compute the standard deviation of positions; see `voteshift.quantities.spread`."""
        return quantities.spread(
            self, period=period, members=members, dimension=dimension, n_draws=n_draws, seed=seed
        )
