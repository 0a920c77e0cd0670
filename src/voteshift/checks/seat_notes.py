"""A sentence on the steps whose parts depend on means of member effects by seat history."""

from typing import Final

import pandas as pd

from voteshift.checks.result import Ends
from voteshift.votes import CAST
from voteshift.writing import with_interval

__all__ = ["seat_notes"]

#: The parts are said to depend on the means if the part 'membership' of a category differs by more votes.
_LARGEST: Final = 1.0
_NUMBERS: Final = ["estimate", "conf_low", "conf_high"]


def seat_notes(reported: pd.DataFrame, one_mean: pd.DataFrame) -> dict[Ends, str]:
    """Return a sentence for every step whose part 'membership' depends on the means by seat history.

    Parameters
    ----------
    reported, one_mean : DataFrame
        Parts with means of the member effect by seat history, and with the same mean for all members:
        ``old``, ``new``, ``component``, ``category``, ``estimate``, ``conf_low``, ``conf_high``.
    """
    keys = ["old", "new", "category"]
    one, other = (
        table[table["component"] == "membership"].set_index(keys)[_NUMBERS] for table in (reported, one_mean)
    )
    gaps = (one["estimate"] - other["estimate"]).abs()
    notes = {}
    for old, new in one.index.droplevel("category").unique():
        names = [name for name in CAST if gaps.get((old, new, name), 0.0) > _LARGEST]
        if names:
            listed = ", ".join(
                f"{name} {with_interval(*other.loc[(old, new, name)])} instead of "
                f"{with_interval(*one.loc[(old, new, name)])}"
                for name in names
            )
            notes[str(old), str(new)] = (
                "the parts depend on the means of member effects by seat history. If members that came, "
                "stayed and left are assumed not to differ on this resolution beyond their positions, the "
                f"part 'membership' is {listed}."
            )
    return notes
