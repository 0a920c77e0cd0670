"""Members whose vote on a repeated resolution is unlike their position."""

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

_UNLIKELY: Final = 0.2  # probability below which a vote is unlike a position


@dataclass(frozen=True, eq=False)
class UnlikelyVotes(CheckResult):
    """The probability of every vote cast on the resolution, given the member's position.

    Attributes
    ----------
    table : DataFrame
        ``member``, ``rollcall``, ``vote`` (as cast), ``p_vote`` (its probability given the member's position,
        mean over the draws), ``likeliest`` (the vote the model held likeliest) and ``p_likeliest``; the least
        likely vote first.
    """

    table: pd.DataFrame

    @property
    def unlikely(self) -> pd.DataFrame:
        """The votes with a probability below 0.2."""
        return self.table[self.table["p_vote"] < _UNLIKELY]

    @property
    def text(self) -> str:
        """The number of unlikely votes, and the reason why it is low."""
        return (
            f"{len(self.unlikely)} of {len(self.table)} votes on the resolution had a probability below "
            f"{_UNLIKELY:g} given the member's position. The positions were fitted to these votes among "
            "others, "
            "so the probabilities are on the high side."
        )

    def tidy(self) -> pd.DataFrame:
        """Return `table`, with the probability of the vote as ``estimate``."""
        return self.table.rename(columns={"p_vote": "estimate"})


@checked
def unlikely_votes(why: Explanation) -> UnlikelyVotes | Unavailable:
    """Return how likely the model held every vote that was cast on the resolution.

    Parameters
    ----------
    why : Explanation
        With a model.
    """
    tallies = why.tallies
    if tallies is None:
        return Unavailable(f"no vote is unlike a position without a model: {why.why_no_model}")
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
