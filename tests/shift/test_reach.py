"""How far outside the data a question lies."""

from dataclasses import replace

import pytest

import voteshift as vs
from shift.trio import V18, V21
from voteshift.shift.naming import EVERYONE
from voteshift.shift.reach import reach_of


@pytest.fixture(scope="module")
def fit(record: vs.RollCalls) -> vs.IdealFit | vs.DynamicFit:
    return vs.IdealPoints().fit(record.between("2018", "2021"))


def test_members_with_few_votes_are_counted_by_the_fit(record: vs.RollCalls, fit: vs.IdealFit) -> None:
    members = list(fit.member_ids)
    n_votes = fit.tidy().set_index("member")["n_votes"]
    reach = reach_of(record, fit, V18, V21, members, 0)
    assert set(reach.few_votes) == set(n_votes.index[n_votes < 20])
    assert (reach.recorded, reach.predicted) == (0, len(members))


def test_everyone_is_no_years_apart(record: vs.RollCalls, fit: vs.IdealFit) -> None:
    reach = reach_of(record, fit, EVERYONE, V21, [], 47)
    assert reach.years_apart is None
    assert reach.longest_gap is None
    assert reach_of(record, fit, V18, V21, [], 47).years_apart == pytest.approx(3.0, abs=0.01)


def test_members_outside_the_range_are_named(record: vs.RollCalls, fit: vs.IdealFit) -> None:
    reach = reach_of(record, fit, V18, V21, ["CHN"], 46)
    outside = replace(reach, beyond=("CHN",), few_votes=("CHN",)).sentence()
    assert "CHN would be outside the range" in outside
    assert "fewer than 20 votes determine the positions of CHN" in outside
