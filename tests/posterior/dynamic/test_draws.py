"""Positions that move, sampled.

pytest -m nightly tests/posterior/dynamic/test_draws.py
"""

import numpy as np
import pytest

import voteshift as vs
from voteshift.simulation import Dynamics

pytestmark = pytest.mark.nightly


@pytest.fixture(scope="module")
def sampled():
    pytest.importorskip("nutpie")
    council = vs.simulate(20, 100, seed=3, dynamics=Dynamics(n_periods=4, tau=0.3, drift=0.2, bridges=6))
    spec = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", tau="estimate"))
    return council, vs.sample(council.rollcalls, spec, chains=4, tune=600, draws=1000, seed=1)


def test_a_small_panel_is_sampled_and_the_truth_found(sampled):
    council, found = sampled
    assert found.converged, found.verdict
    table = found.tidy()
    truth = council.positions[..., 0]
    rows = found.encoded.members.get_indexer(table["member"])
    periods = [found.periods.index(name) for name in table["period"]]
    there = truth[periods, rows]
    assert abs(np.corrcoef(there, table["estimate"])[0, 1]) > 0.9
    sign = np.sign(np.corrcoef(there, table["estimate"])[0, 1])
    on_scale = sign * (there - there.mean()) / there.std()
    covered = (table["conf_low"] <= on_scale) & (on_scale <= table["conf_high"])
    assert 0.8 < covered.mean() < 0.98
    low, high = np.quantile(found.flat("tau"), [0.005, 0.995])
    # Simulated steps are 0.3 for starts of standard deviation 1; deviations are put on their own scale.
    deviation = truth - truth.mean(axis=1, keepdims=True)
    assert low < 0.3 / deviation.std() < high


def test_means_stand_nearer_the_mode_than_modes_under_other_priors_to_each_other(sampled):
    """Draws learn how wide discriminations are; in a small panel the mode hangs on the width it is given."""
    council, found = sampled
    learned = vs.Priors(discrimination=float(found.flat("discrimination_sd").mean()))
    modes = [
        vs.IdealPoints(priors=priors, dynamics=vs.RandomWalk(bridge="families", tau=found.tau.tau))
        .fit(council.rollcalls)
        .tidy()["estimate"]
        for priors in (vs.Priors(), learned)
    ]
    apart = np.corrcoef(*modes)[0, 1]
    for mode in modes:
        assert np.corrcoef(found.tidy()["estimate"], mode)[0, 1] > apart


def test_the_ratio_of_spreads_is_that_of_the_draws(sampled):
    council, found = sampled
    drawn = found.draw_positions(found.n_draws, 1)
    spreads = [drawn.axis(1)[:, row, drawn.present[row]].std(axis=1) for row in (0, -1)]
    logs = np.log(spreads[1] / spreads[0])
    ratios = found.log_ratios(0, len(found.periods) - 1)
    assert ratios.independent.estimate == pytest.approx(logs.mean(), abs=1e-9)
    # Shared items alone say about the same at the means of the draws and at those of a marginal fit.
    marginal = vs.IdealPoints(method="marginal", dynamics=vs.RandomWalk(bridge="families", tau="estimate"))
    other = marginal.fit(council.rollcalls).log_ratios(0, len(found.periods) - 1)
    assert ratios.shared.std_error == pytest.approx(other.shared.std_error, rel=0.3)
    assert abs(ratios.shared.estimate - other.shared.estimate) < 0.5 * other.shared.std_error
