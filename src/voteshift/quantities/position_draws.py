"""Joint draws of the positions of a fit, with labels: the material of every derived quantity."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import UsageError, did_you_mean

__all__ = ["FittedPositions", "PositionDraws", "Source"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Source:
    """The draws from which a quantity was computed, and what identifies positions.

    Attributes
    ----------
    level : float
        Coverage of the intervals.
    n_draws, seed : int
        Number of draws, and seed of the random numbers.
    scale : str
        The constraint on location and scale of the positions, in words.
    identified_by : str
        Assumptions that identify positions over time, in words.
    open_gaps : tuple of (str, str)
        Neighbouring periods without a shared item.
    group_steps : bool
        True if the model has a step that is common to the members of a group.
    labels : dict of str to str
        Label of each member by id.
    cautions : tuple of str
        Cautions that belong with the fit.
    """

    level: float
    n_draws: int
    seed: int
    scale: str
    identified_by: str
    open_gaps: tuple[tuple[str, str], ...]
    group_steps: bool
    labels: dict[str, str]
    cautions: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PositionDraws:
    """Joint draws of the positions of all members in all periods.

    Attributes
    ----------
    positions : ndarray, shape (n_draws, n_periods, n_members, n_dims)
        Positions. A static fit has one period.
    present : ndarray of bool, shape (n_periods, n_members)
        True if a member cast a fitted vote in a period. All other positions are extrapolated and not used.
    members : Index
        Ids of the members.
    rollcalls : Index
        Ids of the fitted roll calls.
    period_of : ndarray of int, shape (n_rollcalls,)
        Row of the period of each roll call.
    periods : tuple of str or None
        Labels of the periods; None in a static fit.
    source : Source
        The origin of the draws.
    """

    positions: Floats
    present: NDArray[np.bool_]
    members: pd.Index
    rollcalls: pd.Index
    period_of: NDArray[np.intp]
    periods: tuple[str, ...] | None
    source: Source

    def axis(self, dimension: int) -> Floats:
        """Return the draws of one dimension, shape (n_draws, n_periods, n_members).

        Raises
        ------
        UsageError
            If the fit does not have this dimension.
        """
        n_dims = self.positions.shape[-1]
        if not 1 <= dimension <= n_dims:
            raise UsageError(
                f"dimension is {dimension}",
                remedy=f"give a whole number from 1 to {n_dims}" if n_dims > 1 else "give 1",
            )
        return self.positions[..., dimension - 1]

    def period_rows(self, period: str | None) -> list[int]:
        """Return the row of one period, or of all periods.

        Raises
        ------
        UsageError
            If a period is given for a static fit, or the fit does not have this period.
        """
        if period is None:
            return list(range(len(self.present)))
        if self.periods is None:
            raise UsageError(
                f"period is {period!r}, but the positions of this fit are constant",
                remedy="leave out period=, or fit a model with dynamics=",
            )
        if period not in self.periods:
            raise UsageError(f"the fit has no period {period!r}", remedy=did_you_mean(period, self.periods))
        return [self.periods.index(period)]

    def period_label(self, row: int) -> str | None:
        """Return the label of a period; None in a static fit."""
        return None if self.periods is None else self.periods[row]

    def in_words(self, row: int) -> str:
        """Return the words that place a sentence in a period; empty in a static fit."""
        return "" if self.periods is None else f" in {self.periods[row]}"


class FittedPositions(Protocol):
    """A fit with joint draws of its positions: every ideal-point fit."""

    def draw_positions(self, n_draws: int, seed: int) -> PositionDraws:
        """Draw the positions of all members in all periods jointly."""

    def find_member(self, name: str) -> str:
        """Return the id of the member that an id or a name describes."""

    def scale_over_time(self, before: str | None = None, after: str | None = None) -> str:
        """Return the ratio of the spreads of two periods, and whether votes identify it, as a sentence."""
