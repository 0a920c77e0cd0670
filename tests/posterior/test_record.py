"""The bundled record, 2016 to 2021, by sampling.

pytest -m nightly tests/posterior/test_record.py
"""

from dataclasses import replace

import numpy as np
import pytest

import voteshift as vs
from voteshift.posterior.results import PosteriorFit

pytestmark = pytest.mark.nightly


@pytest.fixture(scope="module")
def record() -> vs.RollCalls:
    return vs.load_hrc()


@pytest.fixture(scope="module")
def draws(record) -> PosteriorFit:
    pytest.importorskip("nutpie")
    return vs.sample(record.between("2016", "2021"), chains=4, draws=2000, seed=0)


def test_the_sample_is_usable_and_in_time(draws):
    assert draws.converged, draws.verdict
    assert draws.reached["seconds"] < 180


def test_means_stand_where_the_mode_does(record, draws):
    mode = vs.IdealPoints().fit(record.between("2016", "2021"))
    assert np.corrcoef(draws.tidy()["estimate"], mode.tidy()["estimate"])[0, 1] > 0.995


def test_parts_agree_with_the_normal_approximation(record, draws):
    """Means within half a vote, ends within one and a half."""
    mode = vs.IdealPoints().fit(record.between("2016", "2021"))
    sampled, normal = (vs.explain(record, model=fit, member_effect=False) for fit in (draws, mode))
    for one, other in zip(sampled.steps, normal.steps, strict=True):
        here = one.model.table.set_index(["component", "category"])
        there = other.model.table.set_index(["component", "category"])
        assert np.abs(here["estimate"] - there["estimate"]).max() < 0.5
        for end in ("conf_low", "conf_high"):
            assert np.abs(here[end] - there[end]).max() <= 1.5


def test_medians_and_ends_agree_with_the_normal_approximation(record, draws, benchmark_script):
    """With a member effect, from a second sample, and without."""
    parts_of = benchmark_script("sampled_parts").parts_of
    sampled = parts_of(record, draws)
    normal = parts_of(record, vs.IdealPoints().fit(record.between("2016", "2021")))
    assert set(sampled) == set(normal)
    assert {layer for layer, *_ in sampled} == {"model", "model without member effects"}
    for step, found in sampled.items():
        far = np.abs(found - normal[step])
        assert far[0].max() <= 0.5
        assert far[1:].max() <= 1.5


def test_the_kernel_makes_the_sampler_ten_times_faster(record, benchmark_script):
    """The same chain twice: same draws, another time. And the model adds little to the kernel."""
    window = record.between("2016", "2021")
    for _ in range(3):  # another process may come between
        found = benchmark_script("draws").kernel_or_graph(window)
        if found["ratio_sampling"] >= 10 and found["inside_over_alone"] <= 2:
            break
    assert found["draws_apart"] < 1e-4, "rounding grows along a chain, no further than this in forty draws"
    assert found["steps_compiled"] == found["steps_graph"]
    assert found["ratio_sampling"] >= 10, found
    assert found["inside_over_alone"] <= 2, found


def test_positions_that_move_are_sampled_and_stand_where_the_mode_does(record):
    pytest.importorskip("nutpie")
    window = record.between("2016", "2021")
    spec = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", tau="estimate"))
    sampled, mode = vs.sample(window, spec, seed=0), spec.fit(window)
    assert sampled.converged, sampled.verdict
    marginal = replace(spec, method="marginal").fit(window)
    together = [
        np.corrcoef(sampled.tidy()["estimate"], fit.tidy()["estimate"])[0, 1] for fit in (mode, marginal)
    ]
    table, other = sampled.tidy(), marginal.tidy()
    apart = np.sqrt(np.mean(((table["estimate"] - other["estimate"]) / table["std_error"]) ** 2))
    ratio = (other["std_error"] / table["std_error"]).mean()
    print(
        f"{sampled.verdict}; correlation with mode and marginal fit {together}; {apart:.3f} posterior sd "
        f"from the marginal fit, standard errors x {ratio:.3f}; tau {sampled.tau} beside {mode.tau} and "
        f"{marginal.tau}"
    )
    assert together[0] > 0.995  # the mode has other priors: sd 5 for midpoints
    assert together[1] > 0.999
    assert apart < 0.4
    assert 0.85 < ratio < 1.1
    assert sampled.tau.tau == pytest.approx(mode.tau.tau, abs=0.02)
    here, there = sampled.steps(), marginal.steps()
    assert np.abs(here["estimate"] - there["estimate"]).max() < 0.5 * there["std_error"].min()
