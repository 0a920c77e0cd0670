"""A registry of the streams of random numbers that one result uses.

Every stream starts from the user's seed and a further number, so that two uses of one seed draw different
numbers. If two parts of a result shared a stream, they would be correlated without a reason in the data.

Results with a single stream (`simulate`, `bootstrap`, the weights of members in logistic models, folds,
replicated votes) start this stream from the seed alone. A sampler also starts from this stream, with one
child stream for each chain. `Stream.FIT` is the stream of the seed alone in an explanation. All fits compared
in an explanation share it on purpose, so that differences between fits do not come from different random
numbers.
"""

from collections.abc import Sequence
from enum import Enum, unique

import numpy as np

from voteshift.ranges import check_seed

__all__ = ["Stream", "start_stream"]


@unique
class Stream(Enum):
    """Uses of random numbers.

    The value is the number after the seed, and True if the places of versions follow this number. Appending 0
    to a seed does not change it, so the stream with number 0 is the stream of the seed alone.
    """

    FIT = (0, False)
    """Positions and items of a fit; the order of the draws of a sampled fit."""
    NOISE = (1, False)
    """Noise of every member and version, given the votes on record."""
    MEMBER_EFFECTS = (2, False)
    """Member effects, and the items estimated with them."""
    EXPECTED_SWITCHERS = (3, False)
    """Newly drawn votes of the members that voted both times."""
    ELECTIONS = (4, False)
    """Elections at random."""
    SAME_ITEM = (4, True)
    """Replicates for the test that versions share one item, from positions only."""
    SAME_ITEM_MEMBER_EFFECTS = (5, True)
    """Replicates for the test that versions share one item, with member effects."""
    PREDICTIVE_CHECK = (6, False)
    """Newly drawn votes of a whole record."""
    POOLED_FAMILIES = (7, False)
    """Folds of the families over which a prior of member effects is pooled."""
    CUTPOINTS = (8, False)
    """Cutpoints of categories that no member chose in a version."""
    CUTPOINTS_MEMBER_EFFECTS = (9, False)
    """The same cutpoints, with member effects."""
    GROUP_DEPENDENCE = (10, False)
    """Newly drawn votes of a whole record, for the cohesion of groups."""
    SAME_ITEM_GROUP_EFFECTS = (9, True)
    """Replicates for the test that versions share one item, with member effects and group effects."""
    STATE_DEPENDENCE = (11, False)
    """Votes that repeat an earlier vote."""
    DIMENSIONS = (12, False)
    """Replicates for the test of a further dimension."""
    ENDS_TOGETHER = (13, False)
    """Replicates for the test that the ends of the scale vote together."""
    COVARIATE_PARTS = (14, False)
    """Slopes and residual standard deviation of positions on covariates."""


def start_stream(seed: int, stream: Stream, versions: Sequence[int] = ()) -> np.random.Generator:
    """Return a generator of random numbers at the start of a stream.

    Parameters
    ----------
    seed : int
        The user's seed.
    stream : Stream
        The use.
    versions : sequence of int
        Places of the compared versions, in increasing order, if the stream needs versions.

    Raises
    ------
    UsageError
        If the seed is not a whole number from 0 to 2**63 - 1.
    ValueError
        If the stream needs versions and fewer than two are given, or if it needs none and versions are given.
    """
    number, has_versions = stream.value
    if has_versions != (len(versions) > 1):
        raise ValueError(f"{stream.name} takes {'two or more versions' if has_versions else 'no version'}")
    return np.random.default_rng([check_seed(seed), number, *versions])
