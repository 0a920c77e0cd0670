"""The switchers that the model expects, beside those on record."""

import pytest

import voteshift as vs
from voteshift.checks.expected_switchers import expected_switchers
from voteshift.resolution.member_effect import MemberEffectFit


@pytest.fixture(scope="module")
def why(record: vs.RollCalls) -> vs.Explanation:
    return vs.explain(record)


def test_the_council_repeats_itself(why: vs.Explanation) -> None:
    """Given positions alone the model expects about 11 switchers among 37; there were none."""
    assert isinstance(why.member_effect, MemberEffectFit)
    assert why.member_effect.sd_interval(0.9)[0] > 2
    with_effect, without = expected_switchers(why).steps[why.steps[1].ends]
    assert (without.voted, without.observed) == (37, 0)
    assert 9 <= without.expected <= 14
    assert without.p_as_few < 0.01
    assert with_effect.expected < 5
    assert with_effect.p_as_few > 0.03


def test_switchers_without_member_effect_are_sums_of_probabilities(why: vs.Explanation) -> None:
    assert why.tallies is not None
    tallies = why.tallies
    both = (tallies.votes[:, [1, 2]] >= 0).all(axis=1)
    one, other = (tallies.chances(k, k)[:, both] for k in (1, 2))
    assert expected_switchers(why).steps[why.steps[1].ends][1].expected == pytest.approx(
        (1 - (one * other).sum(axis=-1)).sum(axis=1).mean(), abs=0.25
    )
