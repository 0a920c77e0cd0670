"""Replacement and movement: lines that add up, and text that fits at journal width."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import voteshift as vs
from plots.looking import faults
from voteshift.plots import chamber_change, chamber_change_table
from voteshift.quantities import explain_chamber
from voteshift.simulation import Dynamics


@pytest.fixture(scope="module")
def fit():
    world = vs.simulate(24, 120, seats=15, term=2, seed=4, dynamics=Dynamics(6, tau=0.2, bridges=6))
    return vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families")).fit(world.rollcalls)


def test_the_lines_of_the_parts_add_up_to_the_line_of_the_change(fit):
    change = explain_chamber(fit, "median", "2000", "2005", n_draws=100)
    table = chamber_change_table(change)
    wide = table.pivot_table(index="time", columns="part", values="estimate")
    assert np.abs(wide["replacement"] + wide["movement"] - wide["change"]).max() < 1e-9
    medians = fit.median(n_draws=100).tidy()["estimate"]
    assert wide["change"].to_numpy() == pytest.approx((medians - medians[0]).to_numpy())
    last = table[table["time"] == 5].set_index("part")[["estimate", "conf_low", "conf_high"]]
    whole = change.tidy().iloc[:3].set_index("part")[["estimate", "conf_low", "conf_high"]]
    assert last.to_numpy() == pytest.approx(whole.to_numpy())
    assert table.loc[table["time"] < 5, "conf_low"].isna().all()


def test_two_periods_have_two_points(fit):
    table = chamber_change_table(
        explain_chamber(fit, "spread", "2000", "2005", every_period=False, n_draws=50)
    )
    assert table["time"].tolist() == [0, 1] * 3


@pytest.mark.parametrize("width", [3.5, 7.0])
@pytest.mark.parametrize("every_period", [True, False])
def test_no_text_is_cut_or_covered(fit, width, every_period):
    change = explain_chamber(fit, "spread", "2000", "2005", every_period=every_period, n_draws=50)
    with plt.rc_context({"savefig.bbox": None}):
        figure, ax = plt.subplots(figsize=(width, 2.8), layout="constrained")
        chamber_change(change, ax=ax)
        assert faults(figure) == []
