"""Files of earlier versions.

In `former/`, `static.nc` and `dynamic.nc` were written by version 0.1.0 before a specification was saved. The
files with a 2 were written before a specification had a method; it had a number of starts.
"""

from pathlib import Path

import pandas as pd
import pytest

import voteshift as vs
from voteshift.ideal import Mode
from voteshift.resolution.refit import refit
from voteshift.simulation import Dynamics

FORMER = Path(__file__).parent / "former"
NAMES = ["static", "static-2", "dynamic", "dynamic-2"]
DYNAMICS = Dynamics(n_periods=3, tau=0.3, drift=0.2, bridges=3)


@pytest.mark.parametrize("name", NAMES)
def test_a_former_file_is_read_with_the_numbers_that_were_written(name, tmp_path):
    fit = vs.load_posterior(FORMER / f"{name}.nc")
    expected = pd.read_csv(FORMER / f"{name}.csv", index_col=0, dtype={"period": str})
    pd.testing.assert_frame_equal(fit.tidy().astype({"member": str}), expected, check_dtype=False, rtol=1e-12)
    fit.save(tmp_path / "again.nc")
    again = vs.load_posterior(tmp_path / "again.nc")
    assert again.tidy().equals(fit.tidy())
    assert again.tree.identical(fit.tree)
    assert (again.spec, again.direction, again.cautions) == (fit.spec, fit.direction, fit.cautions)


def test_the_specification_of_a_static_file_is_rebuilt():
    fit = vs.load_posterior(FORMER / "static.nc")
    assert fit.spec == vs.IdealPoints(link="probit", priors=vs.Priors(discrimination=2.0), level=0.8)
    assert (fit.level, fit.link) == (0.8, "probit")


def test_the_specification_of_a_dynamic_file_is_rebuilt():
    fit = vs.load_posterior(FORMER / "dynamic.nc")
    dynamics = fit.spec.dynamics
    assert (fit.level, dynamics.periods, dynamics.delta, dynamics.tau) == (0.8, "year", 0.5, "estimate")
    assert set(dynamics.items.values()) == {"family resolution-1", "family resolution-2"}
    assert len(dynamics.items) == 6


def test_the_starts_of_a_static_file_are_those_of_its_method():
    fit = vs.load_posterior(FORMER / "static-2.nc")
    assert fit.spec == vs.IdealPoints(
        link="probit",
        priors=vs.Priors(discrimination=2.0),
        level=0.8,
        polarity="M3",
        method=Mode(starts=2),
    )


def test_a_dynamic_file_without_starts_has_the_default_method():
    fit = vs.load_posterior(FORMER / "dynamic-2.nc")
    assert fit.spec == vs.IdealPoints(
        level=0.8, dynamics=vs.RandomWalk("year", tau="estimate", delta=0.5, bridge="families")
    )
    assert fit.spec.method == Mode()
    assert fit.mode_fit.learned is None


@pytest.mark.parametrize("name", NAMES)
def test_the_model_of_a_former_file_is_fitted_again(name):
    start = vs.load_posterior(FORMER / f"{name}.nc").mode_fit
    record = vs.simulate(8, 24, seed=3, dynamics=DYNAMICS, missing=0.05).rollcalls
    again = refit(record, start, [])
    assert again.mode.objective == pytest.approx(start.mode.objective, rel=1e-9)
