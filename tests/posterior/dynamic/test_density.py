"""The density in the coordinates of a fit, against the graph that PyMC samples, and its gradient."""

from dataclasses import replace

import numpy as np
import pytensor
import pytest
from pytensor.compile.mode import Mode

import voteshift as vs
from voteshift.posterior.dynamic.density import Density
from voteshift.posterior.dynamic.direct import metric_of
from voteshift.posterior.dynamic.model import build_dynamic_model
from voteshift.posterior.dynamic.pins import StartPin, coords_of, fit_start
from voteshift.posterior.quiet import quiet
from voteshift.simulation import Dynamics

CASES = [("logit", "families", 0.3), ("probit", None, 0.0)]


@pytest.fixture(scope="module", params=CASES, ids=["bridged logit", "probit"])
def world(request):
    link, bridge, delta = request.param
    moving = Dynamics(n_periods=6, tau=0.6, drift=0.2, bridges=4)
    record = vs.simulate(12, 240, seed=3, seats=9, missing=0.05, dynamics=moving).rollcalls
    spec = vs.IdealPoints(
        link=link,
        priors=vs.Priors(3.0, 2.0, 1.5),
        dynamics=vs.RandomWalk(bridge=bridge, tau="estimate", delta=delta),
        method="mode",  # where chains start
    )
    fit = fit_start(record, spec)
    metric = metric_of(fit.model)
    assert metric is not None
    return fit, Density(replace(fit.model, threads=1), metric)


def draws(density, n, width=1.0):
    return width * np.random.default_rng(1).standard_normal((n, density.n_coordinates))


@pytest.mark.filterwarnings("ignore::voteshift.errors.BridgeWarning")
def test_the_gradient_is_the_derivative(world):
    _, density = world
    rng = np.random.default_rng(0)
    for coordinates in draws(density, 2):
        _, gradient = density.evaluate(coordinates)
        ends = np.eye(density.n_coordinates)[-3:]  # the scales
        for direction in (*rng.standard_normal((4, density.n_coordinates)), *ends):
            unit = direction / np.linalg.norm(direction)
            high, low = (density.evaluate(coordinates + sign * 1e-4 * unit)[0] for sign in (1, -1))
            assert gradient @ unit == pytest.approx((high - low) / 2e-4, rel=1e-6, abs=1e-6)


@pytest.mark.filterwarnings("ignore::voteshift.errors.BridgeWarning")
def test_it_is_the_density_of_the_graph(world):
    """Up to a constant: the volume of the linear map. The widths of the noise change with the scales."""
    fit, density = world
    walk, metric = fit.model.walk, density.metric
    constants = []
    for coordinates in draws(density, 4, 0.7):
        state = density._state(coordinates)
        point, raw = state.parameters.point, state.raw
        side = 1 if raw[0, 0] > raw[0, 1:].mean() else -1
        with quiet():
            model = build_dynamic_model(fit.model, fit.mode.point, coords_of(fit), StartPin(0, side))
            logp = pytensor.function(
                model.value_vars,
                model.logp(jacobian=False),
                mode=Mode(linker="py", optimizer=None),
                on_unused_input="ignore",
            )
        tau = state.parameters.tau * state.unit
        start = raw[0].copy()
        start[0] = np.log(side * (raw[0, 0] - raw[0, 1:].mean()))
        logits = np.log(state.shares / (1.0 - state.shares))
        values = {
            "raw_start": start,
            "raw_step": np.diff(raw, axis=0) / (tau * np.sqrt(walk.gaps))[:, None],
            "raw_tau": np.log(tau),
            "common_step": point.steps,
            "discrimination": point.discriminations,
            "midpoint": point.midpoints,
            "log_gap": point.log_gaps[fit.model.design.n_categories == 3],
            "discrimination_sd": logits[0],
            "midpoint_sd": logits[1],
        }
        names = [model.values_to_rvs[value].name for value in model.value_vars]
        by_graph = float(logp(*(np.asarray(values[name]) for name in names)))
        # From the variables of the graph to the coordinates: steps by tau, noise by its widths, the scales.
        scales = metric.scales
        jacobian = raw[1:].size * -state.logs[2] + scales.positions.sum() * state.logs[2]
        jacobian += scales.items.sum(axis=0) @ state.logs[:2]
        jacobian += state.logs[2] + np.log(state.shares * (1.0 - state.shares)).sum()
        constants.append(density.evaluate(coordinates)[0] - by_graph - jacobian)
    np.testing.assert_allclose(constants, constants[0], rtol=0, atol=1e-7)


@pytest.mark.filterwarnings("ignore::voteshift.errors.BridgeWarning")
def test_coordinates_out_of_range_have_no_density(world):
    _, density = world
    far = np.full(density.n_coordinates, 1e4)
    value, gradient = density.evaluate(far)
    assert value == -np.inf
    assert not gradient.any()
