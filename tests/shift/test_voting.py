"""Probabilities of votes on a version, with a member effect where there is one."""

import numpy as np
import pytest

import voteshift as vs
from shift.trio import V18, V20, V21
from voteshift.resolution.refit import fit_without
from voteshift.shift.voting import family_in, voting


@pytest.fixture(scope="module")
def fit(record: vs.RollCalls) -> vs.IdealFit | vs.DynamicFit:
    return vs.IdealPoints().fit(record.between("2018", "2021"))


def test_the_versions_of_a_fit_are_in_the_order_of_time(record: vs.RollCalls, fit: vs.IdealFit) -> None:
    assert family_in(record, fit, V20) == [V18, V20, V21]
    later = vs.IdealPoints().fit(record.between("2020", "2021"))
    assert family_in(record, later, V20) == [V20, V21]
    loose = str(record.rollcalls.index[record.rollcalls["family"] == ""][0])
    assert family_in(record, fit, loose) == [loose]


def test_the_fit_without_the_resolution_may_be_given(record: vs.RollCalls, fit: vs.IdealFit) -> None:
    who = list(fit.member_ids[:8])
    others = fit_without(record, fit, [V18, V20, V21])
    plain, own, given = (
        voting(record, fit, V21, who, member_effect=member_effect, n_draws=100, seed=0)
        for member_effect in (np.bool_(False), True, others)
    )
    assert plain.fitted is None
    assert plain.member_effect is None
    assert np.array_equal(plain.plain, own.plain)
    assert own.member_effect is not None
    assert np.array_equal(own.member_effect, given.member_effect)
    assert own.member_effect.shape == (100, 8, 3)
    assert own.member_effect.sum(axis=-1) == pytest.approx(1.0)
