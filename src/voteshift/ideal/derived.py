"""Quantities of a fit from joint draws of its positions: contrasts, ranks, medians, groups, spread."""

from typing import Any

import numpy as np

from voteshift import quantities
from voteshift.ideal.interface import check_converged
from voteshift.ideal.orient import resolve_member
from voteshift.quantities.position_draws import PositionDraws, Source

__all__ = ["Derived"]


class Derived:
    """The quantities of a fit. A subclass has the properties of `Fit`.

    The functions of `voteshift.quantities` take a fit as their first argument; here they are its methods.
    """

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
        period, first, place = np.unique(design.period, return_index=True, return_inverse=True)
        drawn = fit.draw(n_draws, [str(fit.encoded.rollcalls[column]) for column in first], seed).positions
        still = fit.periods is None
        cast = design.codes >= 0
        return PositionDraws(
            positions=drawn[:, None] if still else drawn,
            present=np.stack([cast[:, design.period == row].any(axis=1) for row in period]),
            members=members,
            rollcalls=fit.encoded.rollcalls,
            period_of=place,
            periods=fit.periods,
            source=Source(
                level=fit.level,
                n_draws=n_draws,
                seed=seed,
                scale=fit.scale,
                identified_by=fit.identified_by,
                open_gaps=() if still else tuple(fit.encoded.bridges.open_gaps),
                group_steps=bool(getattr(fit, "groups", ())),
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

    contrast = quantities.contrast
    ranks = quantities.ranks
    median = quantities.median
    pivot = quantities.pivot
    group_means = quantities.group_means
    group_distance = quantities.group_distance
    spread = quantities.spread
