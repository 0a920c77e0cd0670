"""Simulated councils with known truth: trajectories, coverage, and what bridges tell.

The full run: pytest -m nightly tests/ideal/dynamic/test_truth.py
"""

import warnings
from dataclasses import dataclass

import numpy as np
import pytest

import voteshift as vs
from voteshift.simulation import Dynamics

DRIFT = 0.1


@dataclass(frozen=True)
class Recovered:
    correlation: float
    covered: np.ndarray
    common_step: float
    step_error: float
    true_step: float


def recover(seed: int, *, bridges: int = 10) -> Recovered:
    """Fit an assembly of 150 states, 100 of which sit at a time for three years, 100 roll calls a year."""
    world = vs.simulate(
        150,
        1000,
        seed=seed,
        seats=100,
        missing=0.1,
        dynamics=Dynamics(n_periods=10, tau=0.1, drift=DRIFT, bridges=bridges),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", vs.BridgeWarning)
        fit = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", tau=0.1)).fit(world.rollcalls)
    assert isinstance(fit, vs.DynamicFit)
    assert fit.converged
    table = fit.tidy()
    members = world.rollcalls.members.index.get_indexer(table["member"])
    periods = np.array([fit.periods.index(label) for label in table["period"]])
    truth = world.positions[periods, members, 0]
    spread = truth.std()
    truth = (truth - truth.mean()) / spread
    sign = np.sign(np.sum(truth * table["estimate"]))
    off = np.abs(sign * table["estimate"] - truth) / table["std_error"]
    steps = fit.steps()
    return Recovered(
        float(np.corrcoef(truth, sign * table["estimate"])[0, 1]),
        (off < 1.6449).to_numpy(),
        float(sign * steps["estimate"].mean()),
        float(steps["std_error"].mean()),
        DRIFT,
    )


def check(seeds: range) -> None:
    found = [recover(seed) for seed in seeds]
    coverage = np.concatenate([one.covered for one in found]).mean()
    assert min(one.correlation for one in found) >= 0.98
    assert 0.86 <= coverage <= 0.94
    # Over 9 steps the mean of the common step is a third as uncertain as one of them.
    assert np.mean([one.common_step for one in found]) == pytest.approx(DRIFT, abs=0.02)


def test_trajectories_are_recovered() -> None:
    check(range(2))


@pytest.mark.nightly
def test_trajectories_are_recovered_in_forty_worlds() -> None:
    check(range(40))


def test_without_bridges_the_common_step_is_as_uncertain_as_its_prior() -> None:
    found = recover(0, bridges=0)
    assert abs(found.common_step) < 1e-9
    assert found.step_error == pytest.approx(1.0, rel=1e-6)


def test_a_gap_without_bridges_is_warned_about() -> None:
    world = vs.simulate(30, 60, seed=1, dynamics=Dynamics(n_periods=3, tau=0.1))
    with pytest.warns(vs.BridgeWarning, match="2000 to 2001"):
        fit = vs.IdealPoints(dynamics=vs.RandomWalk()).fit(world.rollcalls)
    assert not fit.bridged
    assert "only positions relative to other members" in fit.cautions[0]
    assert "no roll calls of different periods are assumed to share an item" in fit.identified_by


def test_a_declared_zero_is_named() -> None:
    world = vs.simulate(30, 90, seed=2, dynamics=Dynamics(n_periods=3, tau=0.1, bridges=5))
    fit = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", delta=0)).fit(world.rollcalls)
    assert isinstance(fit, vs.DynamicFit)
    assert "an assumption and not an estimate (delta = 0)" in fit.identified_by
    assert not fit.steps()["estimate"].any()
