"""Truths drawn from the prior are draws of their posterior: simulation-based calibration of the sampler.

pytest -m nightly tests/posterior/test_calibration.py
"""

from importlib import import_module

import pytest

pytest.importorskip("nutpie")


@pytest.mark.parametrize(
    "module",
    [
        pytest.param("posterior.calibration", id="of positions that hold"),
        pytest.param("posterior.moving_calibration", id="of positions that move"),
    ],
)
@pytest.mark.parametrize(
    ("n_worlds", "least", "most"),
    [
        pytest.param(40, 0.82, 0.97, id="forty", marks=pytest.mark.worlds),
        pytest.param(200, 0.86, 0.94, id="two hundred", marks=pytest.mark.nightly),
    ],
)
def test_worlds_are_calibrated(module, n_worlds, least, most):
    found = import_module(module).calibrate(n_worlds)
    print(found)
    assert not found.outside, found
    assert least <= found.coverage <= most, found
