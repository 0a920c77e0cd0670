"""Members whose vote on a repeated resolution is unlike their position."""

import numpy as np
import pandas as pd

from voteshift.arguments import checked
from voteshift.errors import NotUsableError
from voteshift.shift.explain import Explanation
from voteshift.votes import CATEGORIES

__all__ = ["against_position"]


@checked
def against_position(why: Explanation) -> pd.DataFrame:
    """Return how likely the model held every vote that was cast on the resolution, least likely first.

    Parameters
    ----------
    why : Explanation
        With a fit.

    Returns
    -------
    DataFrame
        ``member``, ``rollcall``, ``vote`` (as cast), ``p_vote`` (its probability given the member's position,
        mean over the posterior draws), ``likeliest`` (the vote the model held likeliest) and ``p_likeliest``.
        The votes themselves are among those the position was fitted to, so p_vote is on the high side.

    Raises
    ------
    NotUsableError
        If there is no model.
    """
    tallies = why.tallies
    if tallies is None:
        raise NotUsableError(f"no vote is unlike a position without a model: {why.why_no_model}")
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
    return pd.DataFrame(rows).sort_values("p_vote", kind="stable", ignore_index=True)
