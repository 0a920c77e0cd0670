"""What a fit answers about the votes behind it, for positions that hold and for those that move."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from posterior.stand_in import stand_in
from voteshift.errors import UsageError

FAMILY = "mutually-beneficial-cooperation"


@pytest.fixture(scope="module")
def window() -> vs.RollCalls:
    return vs.load_hrc().between("2016", "2021")


@pytest.fixture(scope="module")
def static(window: vs.RollCalls) -> vs.IdealFit:
    fit = vs.IdealPoints().fit(window)
    assert isinstance(fit, vs.IdealFit)
    return fit


@pytest.fixture(scope="module")
def dynamic(window: vs.RollCalls) -> vs.DynamicFit:
    fit = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", apart=(FAMILY,))).fit(window)
    assert isinstance(fit, vs.DynamicFit)
    return fit


@pytest.fixture(params=["static", "dynamic"])
def fit(request: pytest.FixtureRequest) -> vs.IdealFit | vs.DynamicFit:
    chosen: vs.IdealFit | vs.DynamicFit = request.getfixturevalue(request.param)
    return chosen


def test_the_votes_are_those_of_the_record(fit: vs.IdealFit | vs.DynamicFit, window: vs.RollCalls) -> None:
    recorded = window.select(members=fit.member_ids, rollcalls=fit.rollcall_ids).votes
    assert np.array_equal(fit.votes, np.maximum(recorded, -1))
    assert fit.votes.shape == (fit.n_members, fit.n_rollcalls)
    assert fit.votes.dtype == np.int8


def test_what_was_left_out_and_what_was_fitted_are_the_record(
    fit: vs.IdealFit | vs.DynamicFit, window: vs.RollCalls
) -> None:
    assert {*fit.rollcall_ids, *fit.uncontested} == set(window.rollcalls.index)
    seated = window.members.index[(window.votes != vs.Vote.NOT_MEMBER).any(axis=1)]
    assert {*fit.member_ids, *fit.silent} == set(seated)


def test_categories_and_cutpoints_go_by_the_roll_call(fit: vs.IdealFit | vs.DynamicFit) -> None:
    items = fit.items().set_index("rollcall")
    for rollcall in fit.rollcall_ids[:40]:
        names = fit.cutpoint_names(rollcall)
        assert len(names) == len(fit.categories_of(rollcall)) - 1
        assert items.loc[rollcall, list(names)].notna().all()
    with pytest.raises(UsageError, match="is not among the fitted roll calls"):
        fit.categories_of("no such roll call")


def test_a_mode_says_that_it_is_one(fit: vs.IdealFit | vs.DynamicFit) -> None:
    assert not fit.sampled
    assert fit.mode_fit is fit


def test_draws_know_the_mode_they_started_from(static: vs.IdealFit, window: vs.RollCalls) -> None:
    posterior = stand_in(window)
    assert posterior.sampled
    assert isinstance(posterior.mode_fit, vs.IdealFit)
    pd.testing.assert_frame_equal(posterior.mode_fit.tidy(), static.tidy())


def test_periods_have_a_name_where_there_are_any(static: vs.IdealFit, dynamic: vs.DynamicFit) -> None:
    assert static.period_name is None
    assert dynamic.period_name == "year"
    assert list(static.steps().columns) == list(dynamic.steps().columns)
    assert static.steps().empty


def test_bridges_without_a_family_are_fewer(static: vs.IdealFit, dynamic: vs.DynamicFit) -> None:
    first, last = str(dynamic.rollcall_ids[0]), str(dynamic.rollcall_ids[-1])
    assert static.bridges_between(first, last) is None
    every = dynamic.bridges_between(first, last)
    none = dynamic.bridges_between(first, last, without=list(dynamic.rollcall_ids[1:-1]))
    assert every is not None
    assert none == 0 < every


def test_parts_are_listed_where_there_are_several(static: vs.IdealFit) -> None:
    assert static.parts is None
    assert static.list_parts() == []
