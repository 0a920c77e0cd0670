"""A simulated Congress in blocks, and the measurement of its store and of a fit."""

import json

import numpy as np
import pytest


@pytest.fixture
def congress(benchmark_script):
    script = benchmark_script("congress")
    script.PERIODS, script.GROWN = 4, 2
    return script


def test_every_roll_call_has_the_seats_of_its_chamber(congress):
    record = congress.simulate_congress(0, 0.02)
    seats = record.tally()["members"].to_numpy()
    period = record.rollcalls["congress"].to_numpy()
    is_house = record.rollcalls.index.str.startswith("house")
    assert record.store.n_blocks > 1
    for t, (house, senate) in enumerate([(65, 26), (250, 63), (435, 100), (435, 100)]):
        assert set(seats[is_house & (period == t + 1)]) == {house}
        assert set(seats[~is_house & (period == t + 1)]) == {senate}
    absent = (record.store.codes == -1).sum() / seats.sum()
    assert 0.06 < absent < 0.08


def test_store_and_fit_are_measured(congress, tmp_path, monkeypatch):
    monkeypatch.setattr(congress, "measure", lambda _, name, **rest: getattr(congress, name)(**rest))
    monkeypatch.setattr(congress, "simulate", lambda *_, **__: congress.simulate_congress(1, 0.001))
    out = tmp_path / "out.json"
    assert congress.main(["--scale", "0.001", "--threads", "1", "--out", str(out)]) == 0
    store, fit = json.loads(out.read_text())
    assert store["seats"] == fit["seats"]
    assert store["matrix_megabytes"] == pytest.approx(store["members"] * store["rollcalls"] / 1e6)
    assert store["store_megabytes"] < store["file_megabytes"] < 10
    assert fit["converged"]
    assert fit["gradient_norm"] <= 1e-6
    assert np.isfinite(fit["objective"])
