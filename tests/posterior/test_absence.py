"""Absence as a choice: who counts as absent, the hurdle's likelihood, and what it finds in a known case."""

from dataclasses import replace

import numpy as np
import pytensor
import pytest
from pytensor.compile.mode import Mode
from scipy.special import expit
from scipy.stats import norm

import voteshift as vs
from voteshift.ideal.encode import encode
from voteshift.posterior.absence import (
    ABSENCE,
    absence_design,
    add_hurdle,
    at_the_hurdle,
    tendencies_stand_apart,
)
from voteshift.posterior.model import build_model
from voteshift.posterior.pins import pin_of
from voteshift.posterior.quiet import quiet
from voteshift.simulation import Simulated

PLAIN = Mode(linker="py", optimizer=None)
"""Nothing is compiled but the kernel."""


def leaving(seed: int = 1, n_members: int = 40, n_rollcalls: int = 80, slope: float = 1.2) -> Simulated:
    """A council whose members are away the more often the further they stand to one side."""
    found = vs.simulate(n_members, n_rollcalls, seed=seed)
    rng = np.random.default_rng(seed)
    eta = -2.0 + slope * found.positions[0] + 0.5 * rng.standard_normal((n_members, n_rollcalls))
    votes = found.rollcalls.votes.copy()
    away = rng.random(votes.shape) < 1 / (1 + np.exp(-eta))
    votes[away] = np.where(rng.random(away.sum()) < 0.5, vs.Vote.ABSENT, vs.Vote.NOT_RECORDED)
    record = vs.RollCalls(votes, found.rollcalls.members, found.rollcalls.rollcalls)
    return Simulated(record, found.positions, found.discriminations, found.cutpoints, found.period, seed)


def test_who_is_absent_is_a_choice():
    record = leaving().rollcalls
    encoded = encode(record)
    votes = record.select(members=encoded.members, rollcalls=encoded.rollcalls).votes
    both, gaps = (absence_design(record, encoded, how).codes for how in ("absent", "gap"))
    assert ((both == 1) == np.isin(votes, [vs.Vote.ABSENT, vs.Vote.NOT_RECORDED])).all()
    assert ((gaps == 1) == (votes == vs.Vote.ABSENT)).all()
    assert ((gaps == -1) == (votes == vs.Vote.NOT_RECORDED)).all(), "a gap is unknown"
    assert ((both == 0) == (votes >= 0)).all()


def test_those_without_a_seat_are_not_absent():
    record = vs.load_hrc().between("2016", "2021")
    encoded = encode(record)
    codes = absence_design(record, encoded, "absent").codes
    votes = record.select(members=encoded.members, rollcalls=encoded.rollcalls).votes
    assert ((codes == -1) == (votes == vs.Vote.NOT_MEMBER)).all()


def test_few_absences_are_refused():
    record = vs.load_hrc().between("2016", "2021")
    with pytest.raises(vs.NotUsableError, match="45 absences"):
        vs.sample(record, absence="hurdle", not_recorded="gap")
    with pytest.raises(vs.UsageError, match=r"absence is 'random' .*'hurdle'"):
        vs.sample(record, absence="random")


@pytest.mark.parametrize(
    ("link", "apart"),
    [
        ("logit", False),
        ("logit", True),
        pytest.param("probit", False, marks=pytest.mark.nightly),
    ],
)
def test_the_hurdle_is_what_it_says_and_the_same_as_a_graph(link, apart):
    record = leaving(n_members=20, n_rollcalls=40).rollcalls
    spec = vs.IdealPoints(link=link)
    fit = spec.fit(record)
    design = absence_design(record, fit.encoded, "absent")
    pin = pin_of(fit, spec, None)
    values = []
    with quiet():
        for backend in ("compiled", "graph"):
            model = build_model(fit, pin)
            add_hurdle(model, design, link=link, backend=backend, apart=apart)
            point = model.initial_point()
            rng = np.random.default_rng(0)
            point = {name: value + 0.3 * rng.standard_normal(value.shape) for name, value in point.items()}
            outputs = model.replace_rvs_by_values([model["absences"], model["position"]])
            function = pytensor.function(
                model.value_vars,
                [*outputs, model.logp(), model.dlogp()],
                mode=PLAIN,
                on_unused_input="ignore",
            )
            values.append(function(**point))
    (one, position, logp, gradient), (other, _, logp_graph, gradient_graph) = values
    assert one == pytest.approx(other, rel=1e-10)
    assert logp == pytest.approx(logp_graph, rel=1e-10)
    np.testing.assert_allclose(gradient, gradient_graph, atol=1e-8 * np.abs(gradient_graph).max())
    level, slope = (
        point[f"absence_{name}_signed"] * point[f"absence_{name}_raw"] for name in ("level", "slope")
    )
    expected = point["absence_mean"] + point["absence_slope_mean"] * position
    tendency = (
        point["absence_odds"][:, None] - expected
        if apart
        else point["absence_tendency_signed"] * point["absence_tendency_raw"][:, None]
    )
    eta = expected + tendency + level + position * slope
    chance = expit(eta) if link == "logit" else norm.cdf(eta)
    terms = np.where(design.codes == 1, np.log(chance), np.log1p(-chance))
    assert one == pytest.approx(terms[design.codes >= 0].sum(), rel=1e-8)


@pytest.mark.parametrize("apart", [False, True])
def test_starts_fit_the_model(apart):
    record = leaving(n_members=20, n_rollcalls=40).rollcalls
    spec = vs.IdealPoints()
    fit = spec.fit(record)
    design = absence_design(record, fit.encoded, "absent")
    with quiet():
        model = build_model(fit, pin_of(fit, spec, None))
        add_hurdle(model, design, link="logit", apart=apart)
        ours = at_the_hurdle(lambda _: {}, design, apart=apart)(np.random.default_rng(0))
        for value in model.value_vars:
            name = model.values_to_rvs[value].name
            if name.startswith("absence"):
                assert np.shape(ours.pop(name)) == model.initial_point()[value.name].shape
    assert not ours


def test_members_stand_apart_by_more_than_position_and_chance():
    """Only the coordinates of the sampler hang on it."""
    record = leaving().rollcalls
    fit = vs.IdealPoints().fit(record)
    design, where = absence_design(record, fit.encoded, "absent"), fit.mode.point.positions[:, 0]
    assert not tendencies_stand_apart(design, where)
    codes = design.codes.copy()
    often = np.random.default_rng(0).random((10, codes.shape[1])) < 0.8
    codes[:10][(codes[:10] == 0) & often] = 1  # ten members are hardly ever there
    assert tendencies_stand_apart(replace(design, votes=codes), where)


@pytest.mark.slow
def test_a_hurdle_is_sampled(drawn):
    """What is said of it is not asked here, only that votes and absences meet in one compiled model."""
    assert set(ABSENCE) <= set(drawn.tree["posterior"])
    assert "hurdle" in drawn.tree["posterior"].attrs["absence"]
    assert "absence" in drawn.identified_by
    assert any("absences" in caution for caution in drawn.cautions)
    posterior = drawn.tree["posterior"]
    level = posterior["absence_level"] - posterior["absence_mean"]
    assert posterior["absence_tendency"].dims == ("chain", "draw", "member")
    assert level.dims == posterior["absence_slope"].dims == ("chain", "draw", "item")


@pytest.mark.nightly
def test_a_dependence_on_position_is_found():
    """pytest -m nightly tests/posterior/test_absence.py"""
    pytest.importorskip("nutpie")
    council = leaving()
    found = vs.sample(council.rollcalls, absence="hurdle", chains=2, tune=600, draws=1000, seed=1)
    sign = np.sign(np.corrcoef(council.positions[0, :, 0], found.tidy()["estimate"])[0, 1])
    slope = sign * found.flat("absence_slope_mean")
    low, high = np.quantile(slope, [0.05, 0.95])
    assert 0 < low < 1.2 < high
    none = vs.sample(leaving(seed=2, slope=0.0).rollcalls, absence="hurdle", chains=2, seed=1)
    low, high = np.quantile(none.flat("absence_slope_mean"), [0.025, 0.975])
    assert low < 0 < high
