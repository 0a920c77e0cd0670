"""A fit is made again from its own specification and votes."""

from dataclasses import replace

import pytest

import voteshift as vs
from posterior.stand_in import stand_in
from voteshift.errors import NotUsableError
from voteshift.ideal.respecify import describes_votes, specification_of, votes_of

FAMILY = "mutually-beneficial-cooperation"


@pytest.fixture(scope="module")
def window() -> vs.RollCalls:
    return vs.load_hrc().between("2018", "2021")


@pytest.fixture(scope="module", params=["static", "dynamic"])
def fit(request: pytest.FixtureRequest, window: vs.RollCalls) -> vs.IdealFit | vs.DynamicFit:
    dynamics = vs.RandomWalk(bridge="families", apart=(FAMILY,))
    dynamic = vs.IdealPoints(dynamics=dynamics, link="probit", level=0.8)
    return (vs.IdealPoints(level=0.8) if request.param == "static" else dynamic).fit(window)


def test_the_same_model_of_the_same_votes_is_the_same_fit(
    fit: vs.IdealFit | vs.DynamicFit, window: vs.RollCalls
) -> None:
    again = specification_of(fit).fit(votes_of(fit, window))
    assert (again.link, again.level, again.periods) == (fit.link, fit.level, fit.periods)
    columns = ["member"] + (["period"] if fit.periods else [])
    first, second = (found.tidy().set_index(columns)["estimate"] for found in (fit, again))
    second = second.reindex(first.index)
    sign = 1.0 if first.corr(second) > 0 else -1.0  # the votes of a fit name no member on the positive side
    assert (sign * second).to_numpy() == pytest.approx(first.to_numpy(), abs=1e-3)


def test_roll_calls_are_left_out_of_votes_and_items(
    fit: vs.IdealFit | vs.DynamicFit, window: vs.RollCalls
) -> None:
    gone = list(fit.rollcall_ids[:3])
    assert not set(votes_of(fit, window, gone).rollcalls.index) & set(gone)
    dynamics = specification_of(fit, gone).dynamics
    assert (dynamics is None) == (fit.periods is None)
    assert dynamics is None or not set(dict(dynamics.items or {})) & set(gone)


def test_draws_have_no_specification(window: vs.RollCalls) -> None:
    with pytest.raises(NotUsableError, match="only an IdealFit or a DynamicFit can be fitted again"):
        specification_of(stand_in(window))


def test_a_fit_describes_its_own_votes_alone(fit: vs.IdealFit | vs.DynamicFit, window: vs.RollCalls) -> None:
    assert describes_votes(fit, window)
    votes = window.votes.copy()
    column = window.rollcalls.index.get_loc(fit.rollcall_ids[0])
    row = (votes[:, column] == vs.Vote.YES).argmax()
    votes[row, column] = vs.Vote.NO
    undeclared = window.rollcalls.drop(columns=["yes", "no", "abstain"])
    assert not describes_votes(fit, vs.RollCalls(votes, window.members, undeclared))
    stated = replace(fit, mode=replace(fit.mode, objective=fit.mode.objective + 1.0))
    assert not describes_votes(stated, window)
    assert not describes_votes("a fit", window)
