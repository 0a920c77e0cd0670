"""When the coordinates of a fit are used, and on which side of the scale draws are reported."""

from dataclasses import replace

import numpy as np
import pytest

import voteshift as vs
from voteshift.posterior.dynamic.density import Density
from voteshift.posterior.dynamic.direct import _variables, metric_of
from voteshift.posterior.dynamic.pins import StartPin, fit_start
from voteshift.simulation import Dynamics


@pytest.fixture(scope="module")
def fit():
    moving = Dynamics(n_periods=6, tau=0.6, drift=0.2, bridges=4)
    record = vs.simulate(12, 240, seed=3, seats=9, dynamics=moving).rollcalls
    return fit_start(record, vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", tau="estimate")))


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
