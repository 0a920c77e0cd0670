"""The distance between a question about votes that were not cast and the data."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.ideal.interface import Fit
from voteshift.rollcalls import RollCalls
from voteshift.shift.counterfactual import latent_of
from voteshift.shift.naming import EVERYONE

__all__ = ["Reach", "reach_of"]

_TOLERANCE: Final = 1e-9
_FEW_VOTES: Final = 20


@dataclass(frozen=True, slots=True)
class Reach:
    """The distance between a question and the data.

    Attributes
    ----------
    recorded, predicted : int
        Number of votes on record that are kept, and number of votes that are predicted.
    years_apart : float or None
        Years from the council's own vote to the version's vote, if both have a date; negative if the version
        is older.
    beyond : tuple of str
        Predicted members whose latent position on the version is outside the range of the members that voted
        on the version. The model extrapolates for these members.
    few_votes : tuple of str
        Predicted members whose positions are based on fewer than 20 votes of the fit.
    longest_gap : float or None
        Years from the version to the nearest vote of a member in the fit: the largest value over the
        predicted members.
    """

    recorded: int
    predicted: int
    years_apart: float | None
    beyond: tuple[str, ...]
    few_votes: tuple[str, ...]
    longest_gap: float | None

    def sentence(self) -> str:
        """Return the distance in a sentence."""
        n = self.recorded + self.predicted
        clauses = [
            f"{self.recorded} of {n} votes on this version are on record and kept, {self.predicted} are "
            f"predicted"
        ]
        if self.years_apart is not None:
            clauses.append(
                f"the council's own vote and this version are {abs(self.years_apart):.1f} years apart"
            )
        if self.predicted and self.longest_gap is not None:
            clauses.append(
                f"every predicted member cast a vote within {self.longest_gap:.1f} years of this version"
            )
        clauses.append(
            f"{', '.join(self.beyond)} would be outside the range of the members that voted on this version, "
            "so the model extrapolates"
            if self.beyond
            else "no predicted member is outside the range of the members that voted on this version"
        )
        if self.few_votes:
            clauses.append(
                f"fewer than {_FEW_VOTES} votes determine the positions of {', '.join(self.few_votes)}"
            )
        return "; ".join(clauses) + "."


def reach_of(
    rollcalls: RollCalls, fit: Fit, council: str, version: str, predicted: list[str], recorded: int
) -> Reach:
    """Measure how far a question is outside the data.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    fit : Fit
        A fit that contains the version and the members.
    council, version : str
        Ids of the roll calls, or `EVERYONE` for the council.
    predicted : list of str
        Members whose vote is predicted.
    recorded : int
        Number of votes on record that are kept.
    """
    everyone, has_voted = np.ones(fit.n_members, dtype=bool), fit.votes >= 0
    mode = latent_of(fit.at_mode([version]), [fit.categories_of(version)], everyone, moves=False)
    eta = mode.eta(0, 0)[0]
    voted = eta[has_voted[:, fit.rollcall_ids.get_loc(version)]]
    rows = fit.member_ids.get_indexer(pd.Index(predicted, dtype=object))
    beyond = (eta[rows] < voted.min() - _TOLERANCE) | (eta[rows] > voted.max() + _TOLERANCE)
    cast = has_voted[rows]
    dates = rollcalls.rollcalls["date"]
    gap = apart = None
    if len(rows) and pd.notna(dates[version]):
        years = ((dates.reindex(fit.rollcall_ids) - dates[version]).dt.days / 365.25).abs().to_numpy(float)
        nearest = np.where(cast & ~np.isnan(years), years, np.inf).min(axis=1)
        gap = float(nearest.max()) if np.isfinite(nearest).all() else None
    if council != EVERYONE and pd.notna(dates[council]) and pd.notna(dates[version]):
        apart = float((dates[version] - dates[council]).days / 365.25)
    names: NDArray[np.object_] = np.array(predicted, dtype=object)
    return Reach(
        recorded=recorded,
        predicted=len(predicted),
        years_apart=apart,
        beyond=tuple(names[beyond]),
        few_votes=tuple(names[cast.sum(axis=1) < _FEW_VOTES]),
        longest_gap=gap,
    )
