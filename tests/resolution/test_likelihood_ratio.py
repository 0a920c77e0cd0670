"""The likelihood ratio of one item against an item each."""

import numpy as np
import pytest

from voteshift.resolution.likelihood_ratio import _statistics


def test_the_same_votes_twice_are_one_item() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 3, (30, 1)).astype(np.int8)
    twice = np.concatenate([codes, codes], axis=1)[:, None]
    ratio, done, _ = _statistics(twice, rng.standard_normal((1, 30, 1)), "logit")
    assert done.all()
    assert 0 <= ratio[0] < 1e-3


@pytest.mark.parametrize("n_members", [4, 12, 40])
def test_the_statistic_is_never_negative(n_members: int) -> None:
    """Small councils, with empty cells and separation."""
    rng = np.random.default_rng(n_members)
    codes = rng.integers(-1, 3, (n_members, 200, 2)).astype(np.int8)
    ratio, done, _ = _statistics(codes, rng.standard_normal((1, n_members, 1)), "logit")
    assert (ratio >= 0).all()
    assert done.all()
