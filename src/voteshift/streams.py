"""A registry of the streams of random numbers that stand next to each other in one result.

Every stream starts from the user's seed and a number after it, so that no two uses of one seed draw the
same numbers: two parts of a result that shared a stream would move together for no reason in the data.

Results with a single stream (`simulate`, `bootstrap`, the weights of members in logistic models, folds,
replicated votes) start it from the seed alone, as does a sampler, which hands children of it to its chains.
`Stream.FIT` is that stream in an explanation. It is shared on purpose by the fits that are compared there:
differences between two fits are then not differences between two sets of random numbers.
"""

from collections.abc import Sequence
from enum import Enum, unique

import numpy as np

from voteshift.ranges import check_seed

__all__ = ["Stream", "start_stream"]


@unique
class Stream(Enum):
    """Uses of random numbers.

    The value is the number after the seed, and whether the places of versions follow it. A word of 0 at the
    end adds nothing: the stream with number 0 is that of the seed alone.
    """

    FIT = (0, False)
    """Positions and items of a fit; of a sampled fit the order of its draws."""
    NOISE = (1, False)
    """Noise of every member and version, given the votes on record."""
    MEMBER_EFFECTS = (2, False)
    """Member effects, and the items that go with them."""
    EXPECTED_SWITCHERS = (3, False)
    """Votes of the members that voted both times, drawn anew."""
    ELECTIONS = (4, False)
    """Elections at random."""
    SAME_ITEM = (4, True)
    """Replicates for the test of one item, from positions alone."""
    SAME_ITEM_MEMBER_EFFECTS = (5, True)
    """Replicates for the test of one item, with member effects."""
    PREDICTIVE_CHECK = (6, False)
    """Votes of a whole record, drawn anew."""
    POOLED_FAMILIES = (7, False)
    """Folds of the families that a prior of member effects is pooled over."""


def start_stream(seed: int, stream: Stream, versions: Sequence[int] = ()) -> np.random.Generator:
    """Return a generator of random numbers at the start of a stream.

    Parameters
    ----------
    seed : int
        The user's seed.
    stream : Stream
        The use.
    versions : sequence of int
        Places of the versions compared, in increasing order, where the stream has them.

    Raises
    ------
    UsageError
        If the seed is not a whole number from 0 to 2**63 - 1.
    ValueError
        If versions are missing, or the stream has none.
    """
    number, has_versions = stream.value
    if has_versions != (len(versions) > 1):
        raise ValueError(f"{stream.name} takes {'two or more versions' if has_versions else 'no version'}")
    return np.random.default_rng([check_seed(seed), number, *versions])
