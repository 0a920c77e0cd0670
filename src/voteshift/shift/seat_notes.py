"""A note on the parts where they depend on the means of member effects by seat history."""

from typing import Final

from voteshift.shift.parts import ModelParts
from voteshift.votes import CAST
from voteshift.writing import with_interval

__all__ = ["few_draws", "seat_notes"]

#: A note is written if the part 'membership' of a category differs by more than this number of votes.
_LARGEST: Final = 1.0
_SHARE, _FEWEST = 5, 100


def few_draws(n_draws: int) -> int:
    """Return the number of draws behind the comparison: a fifth of all draws, and at least 100."""
    return max(_FEWEST, n_draws // _SHARE)


def seat_notes(parts: ModelParts, one_mean: ModelParts) -> tuple[str, ...]:
    """Return a note for the categories whose membership part depends on the means by seat history.

    Parameters
    ----------
    parts : ModelParts
        The parts of a step, where the mean of the member effect depends on seat history.
    one_mean : ModelParts
        The parts of the same step, with the same mean for all members.
    """
    reported, other = (
        table[table["component"] == "membership"].set_index("category")
        for table in (parts.table, one_mean.table)
    )
    gaps = (reported["estimate"] - other["estimate"]).abs()
    names = [name for name in CAST if gaps[name] > _LARGEST]
    if not names:
        return ()
    rows = [
        f"{name} {with_interval(*other.loc[name, ['estimate', 'conf_low', 'conf_high']])} instead of "
        f"{with_interval(*reported.loc[name, ['estimate', 'conf_low', 'conf_high']])}"
        for name in names
    ]
    return (
        "Caution: the parts depend on whether members that came later, stayed and left differ on this "
        "resolution beyond their positions. If the mean of the member effect is the same for all, the "
        f"part 'membership' is {', '.join(rows)}.",
    )
