"""A member effect beside draws of a posterior: positions from a second sample, without the resolution."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from posterior.stand_in import stand_in
from voteshift.checks.prior_sensitivity import prior_sensitivity
from voteshift.checks.same_item import same_item
from voteshift.posterior import draws as posterior_draws
from voteshift.resolution.member_effect import MemberEffectFit


@pytest.fixture(scope="module")
def record() -> vs.RollCalls:
    return vs.load_hrc()


@pytest.fixture(scope="module")
def window(record) -> vs.RollCalls:
    return record.between("2016", "2021")


def parts(why: vs.Explanation) -> np.ndarray:
    columns = ["estimate", "conf_low", "conf_high"]
    return np.stack([step.model.table[columns].to_numpy() for step in why.steps])


@pytest.mark.slow
def test_draws_of_the_normal_approximation_give_its_answer(record, window, monkeypatch):
    """The same draws in other clothes: what is left is another random order, and the centre."""
    asked = {}

    def again(fit, kept, spec):
        asked.update(fit=fit, rollcalls=list(kept.rollcalls.index), spec=spec)
        return stand_in(kept, 1000, seed=3)

    monkeypatch.setattr(posterior_draws, "sample_again", again)
    fit = stand_in(window, 1000)
    sampled = vs.explain(record, model=fit)
    normal = vs.explain(record, model=vs.IdealPoints().fit(window))
    assert asked["fit"] is fit
    assert not set(sampled.rollcalls.index) & set(asked["rollcalls"])
    assert set(asked["rollcalls"]) | set(sampled.rollcalls.index) == set(map(str, fit.rollcall_ids))
    assert isinstance(sampled.member_effect, MemberEffectFit)
    assert sampled.member_effect.sd == pytest.approx(normal.member_effect.sd, rel=0.05)
    assert "of the parts estimated without member effects" in prior_sensitivity(sampled).text
    apart = np.abs(parts(sampled) - parts(normal))
    assert apart[..., 0].max() < 0.3
    assert apart.max() <= 1.0  # ends are whole votes or halves
    assert same_item(sampled).table["p_value"].to_numpy() == pytest.approx(
        same_item(normal).table["p_value"].to_numpy(), abs=0.05
    )


def test_a_hurdle_is_not_sampled_again_and_that_is_said(record, window):
    fit = stand_in(window, 1000)
    fit.tree["posterior"].attrs["absence"] = "hurdle, not recorded: absent"
    why = vs.explain(record, model=fit, draws=vs.Draws(200))
    assert "absence='hurdle'" in str(why.member_effect)
    assert any("absence='hurdle'" in note for note in why.steps[0].model.notes)
    assert why.steps[0].positions_only is None


def test_the_mode_behind_a_sample_is_that_of_the_fit(window):
    fit = stand_in(window)
    mode = fit.mode_fit
    assert mode.tidy().equals(vs.IdealPoints().fit(window).tidy())
    assert mode.mode_fit is mode


@pytest.mark.nightly
def test_draws_in_two_dimensions_explain_what_the_mode_explains():
    """A sample, and a second one without the resolution; positions on axes of their own in each."""
    world = vs.simulate(24, 60, seed=4, dims=2).rollcalls
    frame = world.rollcalls.assign(
        title=["peace" if number in (20, 50) else f"t{number}" for number in range(60)],
        date=pd.date_range("2001-01-31", periods=60, freq="30D"),
    )
    votes = world.votes.copy()
    votes[:6, 20] = votes[-6:, 50] = vs.Vote.NOT_MEMBER
    record = vs.RollCalls(votes, world.members, frame.drop(columns="family", errors="ignore"))
    spec = vs.IdealPoints(dims=2, priors=vs.Priors(3.0, 3.0, 1.0))
    fit = vs.sample(record, spec, draws=1500, chains=2, seed=1)
    sampled = vs.explain(record, "peace", model=fit)
    at_mode = vs.explain(record, "peace", model=spec)
    assert isinstance(sampled.member_effect, MemberEffectFit)
    assert sampled.models.main.latent.positions.shape[-1] == 4  # two dimensions and two means
    change = sampled.steps[0].account.change
    totals = sampled.steps[0].model.table.groupby("category")["estimate"].sum()
    assert {name: totals[name] for name in change.index} == pytest.approx(change.to_dict())
    assert np.abs(parts(sampled) - parts(at_mode))[..., 0].max() < 1.0
