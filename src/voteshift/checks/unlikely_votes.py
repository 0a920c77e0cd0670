"""Votes on a repeated resolution that are unlikely given the member's position."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from voteshift.arguments import checked
from voteshift.checks.result import CheckResult
from voteshift.errors import Unavailable
from voteshift.shift.explanation import Explanation
from voteshift.votes import CATEGORIES

__all__ = ["UnlikelyVotes", "unlikely_votes"]

_UNLIKELY: Final = 0.2  # probability below which a vote is unlikely


@dataclass(frozen=True, eq=False)
class UnlikelyVotes(CheckResult):
    """The probability of every vote cast on the resolution, given the member's position.

    Attributes
    ----------
    table : DataFrame
        ``member``, ``rollcall``, ``vote`` (as cast), ``p_vote`` (probability of this vote given the member's
        position, mean over the draws), ``likeliest`` (the most likely vote by the model) and ``p_likeliest``.
        The least likely vote comes first.
    """

    table: pd.DataFrame

    @property
    def unlikely(self) -> pd.DataFrame:
        """The votes with a probability below 0.2."""
        return self.table[self.table["p_vote"] < _UNLIKELY]

    @property
    def text(self) -> str:
        """The number of unlikely votes, and the reason why this number is low."""
        return (
            f"{len(self.unlikely)} of {len(self.table)} votes on the resolution had a probability below "
            f"{_UNLIKELY:g} given the member's position. The positions were estimated from these votes and "
            "other votes, so the probabilities tend to be too high."
        )

    def tidy(self) -> pd.DataFrame:
        """Return `table`, with the probability of the vote as ``estimate``."""
        return self.table.rename(columns={"p_vote": "estimate"})


@checked
def unlikely_votes(why: Explanation) -> UnlikelyVotes | Unavailable:
    """Return the probability of every vote that was cast on the resolution, given positions.

    Parameters
    ----------
    why : Explanation
        An explanation with a model.
    """
    tallies = why.tallies
    if tallies is None:
        return Unavailable(f"unlikely votes need a model, but no model was fitted: {why.why_no_model}")
    rows = []
    for version, rollcall in enumerate(tallies.rollcalls):
        chances = tallies.chances(version, version).mean(axis=0)
        cast = tallies.votes[:, version]
        for row in np.flatnonzero(cast >= 0):
            best = int(chances[row].argmax())
            rows.append(
                {
                    "member": tallies.members[row],
                    "rollcall": rollcall,
                    "vote": CATEGORIES[cast[row]],
                    "p_vote": float(chances[row, cast[row]]),
                    "likeliest": CATEGORIES[best],
                    "p_likeliest": float(chances[row, best]),
                }
            )
    table = pd.DataFrame(rows).sort_values("p_vote", kind="stable", ignore_index=True)
    return UnlikelyVotes(table)
