"""The fitted votes with their labels: the members and roll calls that were fitted or left out."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.ideal.derived import Derived
from voteshift.ideal.encode import Encoded, place_of
from voteshift.ideal.orient import label_members
from voteshift.likelihood.terms import cumulative

__all__ = ["FEW_VOTERS", "FittedVotes"]

FEW_VOTERS = 30
"""With fewer votes on a roll call, its item is far from normal, and many roll calls are unanimous."""


class FittedVotes(Derived):
    """The labelled votes of a fit. A subclass has the field `encoded`."""

    encoded: Encoded

    def group_steps(self) -> pd.DataFrame:
        """Return the steps that the members of a group have in common; empty if groups have no step."""
        return pd.DataFrame()

    @property
    def member_ids(self) -> pd.Index:
        """Ids of the members that were fitted: the members with a vote in a contested roll call."""
        return self.encoded.members

    @property
    def member_labels(self) -> dict[str, str]:
        """Label of each member by id: the id, and the name if the id is a number."""
        return label_members(self.encoded.members, self.encoded.names)

    @property
    def rollcall_ids(self) -> pd.Index:
        """Ids of the contested roll calls that were fitted, in the order of the fit."""
        return self.encoded.rollcalls

    @property
    def n_members(self) -> int:
        """Number of members that were fitted."""
        return len(self.encoded.members)

    @property
    def n_rollcalls(self) -> int:
        """Number of roll calls that were fitted."""
        return len(self.encoded.rollcalls)

    @property
    def silent(self) -> tuple[str, ...]:
        """Ids of the members that were left out: they cast no vote in the fitted roll calls."""
        return self.encoded.silent

    @property
    def uncontested(self) -> tuple[str, ...]:
        """Ids of the roll calls that were left out: all votes cast in them were the same."""
        return self.encoded.uncontested

    @property
    def _voters(self) -> float:
        """Median number of votes cast in a fitted roll call."""
        return float(np.median(self.encoded.design.count_voters()))

    def _caution_of_unanimity(self) -> list[str]:
        """Return the caution of fits with estimated priors, in which unanimous roll calls would count."""
        if self._voters >= FEW_VOTERS:
            return []
        return [
            f"unanimous roll calls are left out, and few members vote on each roll call (median "
            f"{self._voters:g}): members at the ends of the scale can be placed too far out"
        ]

    @property
    def votes(self) -> NDArray[np.int8]:
        """Votes that were fitted: 0 no, 1 abstain, 2 yes, -1 none; shape (n_members, n_rollcalls)."""
        codes = self.encoded.design.codes
        places = place_of(self.encoded)
        return np.where(codes >= 0, places[np.arange(self.n_rollcalls), codes], np.int8(-1))

    @property
    def period_name(self) -> str | None:
        """The variable that divides roll calls into periods: "year" or a column; None without periods."""
        periods = getattr(self.encoded, "periods", None)
        return None if periods is None else str(periods.name)

    def noise_cdf(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the distribution function F of the noise: P(y <= c) = F(cutpoint c - x . beta)."""
        fit: Any = self  # every fit has `link`
        return cumulative(z, fit.link)

    def categories_of(self, rollcall: str) -> tuple[str, ...]:
        """Return the categories that occur in a roll call, for instance ``("no", "yes")``.

        Parameters
        ----------
        rollcall : str
            Id of a fitted roll call. If the roll call shares an item, the categories are the categories of
            the item.

        Raises
        ------
        UsageError
            If the roll call was not fitted.
        """
        return self.encoded.categories[self.encoded.columns([rollcall])[0]]

    def cutpoint_names(self, rollcall: str) -> tuple[str, ...]:
        """Return the names of the cutpoints of a roll call, for instance ``("no|abstain", "abstain|yes")``.

        Parameters
        ----------
        rollcall : str
            Id of a fitted roll call.

        Raises
        ------
        UsageError
            If the roll call was not fitted.
        """
        return self.encoded.cutpoint_names(int(self.encoded.columns([rollcall])[0]))

    def bridges_between(self, old: str, new: str, *, without: Collection[str] = ()) -> int | None:
        """Return the smallest number of bridges that span a gap between the periods of two roll calls.

        Parameters
        ----------
        old, new : str
            Ids of fitted roll calls.
        without : collection of str
            Ids of roll calls that do not count as bridges.

        Returns
        -------
        int or None
            None if both roll calls are in one period, or if the model has no periods.

        Raises
        ------
        UsageError
            If the model has periods and one of the two roll calls was not fitted.
        """
        return self.encoded.bridges_between(old, new, without=without)

    def list_parts(self) -> list[tuple[pd.Index, pd.Index]]:
        """Return the ids of members and roll calls of each part, if too few votes connect the parts.

        Returns
        -------
        list of (Index, Index)
            The part with most members comes first. The list is empty if all members are on one scale.
        """
        fit: Any = self  # every fit has `parts`
        if fit.parts is None:
            return []
        part_of_column = fit.parts.item[self.encoded.design.item]
        return [
            (self.encoded.members[fit.parts.member == part], self.encoded.rollcalls[part_of_column == part])
            for part in range(int(fit.parts.member.max()) + 1)
        ]
