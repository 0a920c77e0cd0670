"""The bundled record, 2016 to 2021, by sampling.

pytest -m nightly tests/posterior/test_record.py
"""

import importlib
import sys

import numpy as np
import pytest

import voteshift as vs
from voteshift.shift.shapley import shapley

pytestmark = pytest.mark.nightly


@pytest.fixture(scope="module")
def record() -> vs.RollCalls:
    return vs.load_hrc()


@pytest.fixture(scope="module")
def draws(record) -> vs.PosteriorFit:
    pytest.importorskip("nutpie")
    return vs.sample(record.between("2016", "2021"), chains=4, draws=1000, seed=0)


def test_the_sample_is_usable_and_in_time(draws):
    assert draws.converged, draws.verdict
    assert draws.reached["seconds"] < 180


def test_means_stand_where_the_mode_does(record, draws):
    mode = vs.IdealPoints().fit(record.between("2016", "2021"))
    assert np.corrcoef(draws.tidy()["estimate"], mode.tidy()["estimate"])[0, 1] > 0.995


def test_parts_agree_with_the_normal_approximation(record, draws):
    """Means within half a vote, ends within one and a half."""
    mode = vs.IdealPoints().fit(record.between("2016", "2021"))
    sampled, normal = (vs.explain(record, fit=fit, n_replicates=0, leaning=False) for fit in (draws, mode))
    for one, other in zip(sampled.steps, normal.steps, strict=True):
        here = one.model.table.set_index(["component", "category"])
        there = other.model.table.set_index(["component", "category"])
        assert np.abs(here["estimate"] - there["estimate"]).max() < 0.5
        for end in ("conf_low", "conf_high"):
            assert np.abs(here[end] - there[end]).max() <= 1.5


def medians(step, level=0.9):
    """Median and ends of every part in every category, shape (3, parts, categories)."""
    parts = shapley(step.model.draws.corners, step.model.draws.n_factors).parts
    return np.quantile(parts, [0.5, (1 - level) / 2, (1 + level) / 2], axis=1)


@pytest.mark.parametrize("leaning", [True, False])
def test_medians_and_ends_agree_with_the_normal_approximation(record, draws, leaning):
    mode = vs.IdealPoints().fit(record.between("2016", "2021"))
    sampled, normal = (
        vs.explain(record, fit=fit, n_replicates=0, leaning=leaning, n_draws=4000) for fit in (draws, mode)
    )
    far = [
        np.abs(medians(one) - medians(other)) for one, other in zip(sampled.steps, normal.steps, strict=True)
    ]
    assert np.max([step[0] for step in far]) <= 0.5
    assert np.max([step[1:] for step in far]) <= 1.5


@pytest.fixture
def scripts(root, monkeypatch):
    monkeypatch.syspath_prepend(str(root / "benchmarks"))
    yield importlib.import_module
    for name in ("draws", "peers"):
        sys.modules.pop(name, None)


def test_the_kernel_makes_the_sampler_ten_times_faster(record, scripts):
    """The same chain twice: same draws, another time. And the model adds little to the kernel."""
    window = record.between("2016", "2021")
    for _ in range(3):  # another process may come between
        found = scripts("draws").kernel_or_graph(window)
        if found["ratio_sampling"] >= 10 and found["inside_over_alone"] <= 2:
            break
    assert found["draws_apart"] < 1e-6
    assert found["steps_compiled"] == found["steps_graph"]
    assert found["ratio_sampling"] >= 10, found
    assert found["inside_over_alone"] <= 2, found
