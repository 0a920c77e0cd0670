"""When the coordinates of a fit are used, and on which side of the scale draws are reported."""

from dataclasses import replace

import numpy as np
import pytest

import voteshift as vs
from voteshift.posterior.dynamic import direct
from voteshift.posterior.dynamic import draws as dynamic_draws
from voteshift.posterior.dynamic.density import Density
from voteshift.posterior.dynamic.direct import _variables, metric_of
from voteshift.posterior.dynamic.pins import StartPin, fit_start
from voteshift.posterior.dynamic.results import DYNAMIC_SAMPLED
from voteshift.simulation import Dynamics

SPEC = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", tau="estimate"))


@pytest.fixture(scope="module")
def record() -> vs.RollCalls:
    moving = Dynamics(n_periods=6, tau=0.6, drift=0.2, bridges=4)
    return vs.simulate(12, 240, seed=3, seats=9, dynamics=moving).rollcalls


@pytest.fixture(scope="module")
def fit(record):
    return fit_start(record, SPEC)


@pytest.mark.parametrize("side", [1, -1])
def test_draws_are_on_the_side_of_the_pin_and_predict_the_same(fit, side):
    metric = metric_of(fit.model)
    assert metric is not None
    density = Density(replace(fit.model, threads=1), metric)
    row = int(np.argmax(np.abs(metric.point.deviations[0])))
    coordinates = np.random.default_rng(0).standard_normal(density.n_coordinates)
    here = _variables(density, coordinates, StartPin(row, side))
    there = _variables(density, coordinates, StartPin(row, -side))
    path = fit.model.walk.accumulation @ here["common_step"]
    first = (here["position"] - path[:, None])[0]
    assert side * (first[row] - np.delete(first, row).mean()) > 0
    for name in ("position", "discrimination", "common_step"):
        np.testing.assert_array_equal(here[name], -there[name])
    for name in ("midpoint", "log_gap", "tau", "discrimination_sd", "midpoint_sd"):
        np.testing.assert_array_equal(here[name], there[name])


def test_without_a_clear_tau_the_graph_is_sampled():
    """Nobody moves in two periods: tau can be 0, and no set of coordinates fits all tau."""
    still = vs.simulate(9, 40, seed=1, dynamics=Dynamics(n_periods=2, tau=0.01, bridges=2)).rollcalls
    spec = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", tau="estimate"))
    assert metric_of(fit_start(still, spec).model) is None


@pytest.mark.slow
def test_a_record_is_sampled_near_its_marginal_fit(record):
    """A short run from end to end: names, axes, scale and seed."""
    pytest.importorskip("nutpie")
    run = {"draws": 100, "tune": 150, "chains": 2, "seed": 1}
    found = vs.sample(record, SPEC, **run)
    posterior = found.tree["posterior"]
    assert set(posterior.data_vars) == set(DYNAMIC_SAMPLED)
    assert posterior["position"].dims == ("chain", "draw", "period", "member")
    assert posterior["common_step"].dims == ("chain", "draw", "gap")
    assert posterior.attrs["sampler"] == "nutpie"
    assert float(found.tree["sample_stats"]["n_steps"].mean()) < 64
    marginal = replace(SPEC, method="marginal").fit(record)
    both = found.tidy().merge(marginal.tidy(), on=["member", "period"], suffixes=("", "_marginal"))
    apart = (both["estimate"] - both["estimate_marginal"]) / both["std_error"]
    assert np.sqrt(np.mean(apart**2)) < 0.6
    again = vs.sample(record, SPEC, **run)
    np.testing.assert_array_equal(posterior["position"], again.tree["posterior"]["position"])


def test_without_a_factor_of_the_information_the_graph_is_sampled(fit, monkeypatch):
    def fails(*_):
        raise np.linalg.LinAlgError

    monkeypatch.setattr(direct, "build_metric", fails)
    assert direct.metric_of(fit.model) is None


@pytest.mark.nightly
def test_both_ways_draw_from_one_posterior(record, monkeypatch):
    """Means and standard deviations of every position, within the error of as many draws."""
    pytest.importorskip("nutpie")
    run = {"draws": 1500, "tune": 500, "chains": 2, "seed": 1}
    by_metric = vs.sample(record, SPEC, **run)
    monkeypatch.setattr(dynamic_draws, "metric_of", lambda _: None)
    graph = vs.sample(record, SPEC, **run)
    for name in ("position", "tau", "common_step", "discrimination_sd", "midpoint_sd"):
        one, other = by_metric.flat(name), graph.flat(name)
        width = other.std(axis=0)
        assert np.abs((one.mean(axis=0) - other.mean(axis=0)) / width).max() < 0.25
        np.testing.assert_allclose(one.std(axis=0), width, rtol=0.2)
