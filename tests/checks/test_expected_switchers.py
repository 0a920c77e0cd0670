"""The switchers that the model expects, beside those on record."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

import voteshift as vs
from voteshift.checks.expected_switchers import count_switchers, expected_switchers
from voteshift.resolution.member_effect import MemberEffectFit
from voteshift.shift.counterfactual import mix
from voteshift.shift.latent import Latent
from voteshift.votes import CATEGORIES


@pytest.fixture(scope="module")
def why(record: vs.RollCalls, once) -> vs.Explanation:  # type: ignore[no-untyped-def]
    explanation: vs.Explanation = once("explanation", lambda: vs.explain(record))
    return explanation


def test_the_council_repeats_itself(why: vs.Explanation) -> None:
    """Given positions alone the model expects about 11 switchers among 37; there were none."""
    assert isinstance(why.member_effect, MemberEffectFit)
    assert why.member_effect.sd_interval(0.9)[0] > 2
    with_effect, without = expected_switchers(why).steps[why.steps[1].ends]
    assert (without.voted, without.observed) == (37, 0)
    assert 9 <= without.expected <= 14
    assert without.p_as_few < 0.01
    assert with_effect.expected < 5
    assert 0.01 < with_effect.p_as_few < 0.05


def test_switchers_without_member_effect_are_sums_of_probabilities(why: vs.Explanation) -> None:
    assert why.tallies is not None
    tallies = why.tallies
    both = (tallies.votes[:, [1, 2]] >= 0).all(axis=1)
    one, other = (tallies.chances(k, k)[:, both] for k in (1, 2))
    assert expected_switchers(why).steps[why.steps[1].ends][1].expected == pytest.approx(
        (1 - (one * other).sum(axis=-1)).sum(axis=1).mean(), abs=0.25
    )


@pytest.mark.parametrize(("old", "new"), [(0, 2), (1, 2)])
def test_with_state_dependence_votes_repeat_the_drawn_vote_before_them(old: int, new: int) -> None:
    """Against an enumeration of the votes on all versions, integrated over the member effect."""
    votes = np.array([[0, 1, 2], [2, -1, 2], [2, 2, -1], [-1, 0, 0], [1, 1, 1]], dtype=np.int8)
    n, rho, sd = 40_000, 0.6, 1.5
    x = np.array([0.5, -1.0, 0.3, 1.2, -0.2])
    slopes, cuts = np.array([1.0, -0.5, 0.8]), np.array([[-1.0, 0.5], [-0.5, 1.0], [0.0, 1.5]])
    latent = Latent(
        np.tile(x[None, None, :, None], (n, 1, 1, 1)),
        np.tile(slopes[None, :, None], (n, 1, 1)),
        np.tile(cuts, (n, 1, 1)),
        np.ones((n, 5)),
        np.full(n, sd),
        persistence=np.full(n, rho),
    )
    tallies = mix(list("abc"), pd.Index(range(5)), votes, latent, None, [CATEGORIES] * 3, "logit", 1)
    found = count_switchers(tallies, old, new, level=0.9, seed=3)
    z = np.linspace(-6, 6, 241)
    weight = np.exp(-0.5 * z**2) / np.exp(-0.5 * z**2).sum()
    expected = 0.0
    for member in np.flatnonzero((votes[:, [old, new]] >= 0).all(axis=1)):
        cast = np.flatnonzero(votes[member, : new + 1] >= 0)
        for sequence in product(range(3), repeat=len(cast)):
            density, before = weight.copy(), None
            for version, vote in zip(cast, sequence, strict=True):
                below = expit(cuts[version] - (slopes[version] * x[member] + sd * z)[:, None])
                p = np.diff(below, axis=1, prepend=0.0, append=1.0)[:, vote]
                density *= p if before is None else rho * (vote == before) + (1 - rho) * p
                before = vote
            drawn = dict(zip(cast, sequence, strict=True))
            expected += (drawn[old] != drawn[new]) * density.sum()
    assert found.expected == pytest.approx(expected, abs=0.02)
