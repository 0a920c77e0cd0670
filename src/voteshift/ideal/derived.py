"""Quantities of a fit from joint draws of its positions: contrasts, ranks, medians, groups, spread."""

from typing import Any

import numpy as np

from voteshift import quantities
from voteshift.errors import NotUsableError, UsageError, did_you_mean
from voteshift.ideal.interface import check_converged
from voteshift.ideal.orient import resolve_member
from voteshift.quantities.position_draws import PositionDraws, Source
from voteshift.quantities.spread_ratio import SpreadRatio, compare_periods

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
        voted = design.count_votes() > 0
        return PositionDraws(
            positions=drawn[:, None] if still else drawn,
            present=voted[period],
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

    def spread_ratio(self, before: str | None = None, after: str | None = None) -> SpreadRatio:
        """Compute the spread of positions in one period, divided by the spread in an earlier period.

        Parameters
        ----------
        before, after : str, optional
            Two periods of a dynamic fit, the earlier period first. The defaults are the first and the last
            period.

        Returns
        -------
        SpreadRatio
            The ratio if members move independently of each other, as the random walks say, and the ratio if
            the roll calls of both periods discriminate alike; and whether the votes identify the direction.

        Raises
        ------
        UsageError
            If the fit is static, a period is unknown, or the periods are not in order.
        NotUsableError
            If the fit did not converge, its members are not on one scale, or it is a fit at the joint mode.
            The joint mode weighs the scale of a period neither by the number of positions nor by the number
            of roll calls, so a spread can drift from period to period.
        """
        fit: Any = self
        if fit.periods is None:
            raise UsageError(
                "the positions of this fit are constant, so they have no spread by period",
                remedy="fit a model with dynamics=",
            )
        labels = fit.periods
        before, after = before or labels[0], after or labels[-1]
        for name in (before, after):
            if name not in labels:
                raise UsageError(f"the fit has no period {name!r}", remedy=did_you_mean(name, labels))
        first, last = labels.index(before), labels.index(after)
        if first >= last:
            raise UsageError(
                f"the period {after!r} is not after {before!r}",
                remedy="give two periods, the earlier one first",
            )
        check_converged(fit)
        shared = int(fit.encoded.bridges.table["bridges"].iloc[first:last].min())
        return compare_periods(fit.log_ratios(first, last), before, after, shared, fit.level)

    def scale_over_time(self, before: str | None = None, after: str | None = None) -> str:
        """Return the result of `spread_ratio` as a sentence; the reason, if the fit does not give a ratio."""
        try:
            text = self.spread_ratio(before, after).text
        except NotUsableError as error:
            text = f"do not read a change of the spread of positions from this fit: {error.message}"
        return f"{text[0].upper()}{text[1:]}."

    contrast = quantities.contrast
    ranks = quantities.ranks
    median = quantities.median
    pivot = quantities.pivot
    group_means = quantities.group_means
    group_distance = quantities.group_distance
    spread = quantities.spread
