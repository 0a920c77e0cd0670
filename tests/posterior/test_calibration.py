"""Truths drawn from the prior are draws of their posterior: simulation-based calibration of the sampler.

A few worlds and short chains in the default suite: where 1,000 draws are not 99 independent ones, ranks
spread more and the band is left sooner. How well the sampler is calibrated takes more of both:

pytest -m nightly tests/posterior/test_calibration.py -k forty      # some five minutes on one core
pytest -m nightly tests/posterior/test_calibration.py -k hundred  # 100 and 200 worlds
"""

from importlib import import_module

import pytest

pytest.importorskip("nutpie")

HOLD = pytest.param("posterior.calibration", id="of positions that hold")
MOVE = pytest.param("posterior.dynamic.calibration", id="of positions that move")
COVARIATES = "posterior.covariate_calibration"
ITEMS = "posterior.item_covariate_calibration"
PLANE = pytest.param("posterior.spatial_calibration", id="of two dimensions")


# Not of two dimensions: of the first eight worlds the log-likelihood leaves its band by one world. A hundred
# worlds, these eight among them, stay inside all bands.
@pytest.mark.parametrize("module", [HOLD, MOVE])
@pytest.mark.slow
def test_a_few_worlds_are_calibrated(module):
    found = import_module(module).calibrate(8, longest=4000)
    print(found)
    assert not found.outside, found
    assert 0.8 <= found.coverage <= 0.98, found


@pytest.mark.parametrize("module", [HOLD, MOVE, PLANE])
@pytest.mark.nightly
@pytest.mark.parametrize(
    ("n_worlds", "least", "most"),
    [
        pytest.param(40, 0.82, 0.97, id="forty"),
        pytest.param(100, 0.85, 0.95, id="one hundred"),
        pytest.param(200, 0.86, 0.94, id="two hundred"),
    ],
)
def test_worlds_are_calibrated(module, n_worlds, least, most):
    found = import_module(module).calibrate(n_worlds)
    print(found)
    assert not found.outside, found
    assert least <= found.coverage <= most, found


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("n_worlds", "least", "most"),
    [pytest.param(40, 0.82, 0.97, id="forty"), pytest.param(200, 0.86, 0.94, id="two hundred")],
)
def test_slopes_of_covariates_are_calibrated(n_worlds, least, most):
    """Coverage is that of slopes and of the standard deviation of residuals."""
    found = import_module(COVARIATES).calibrate(n_worlds)
    print(found)
    assert not found.outside, found
    assert least <= found.coverage <= most, found


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("n_worlds", "least", "most"),
    [pytest.param(40, 0.82, 0.97, id="forty"), pytest.param(100, 0.85, 0.95, id="one hundred")],
)
def test_slopes_of_items_are_calibrated(n_worlds, least, most):
    """Coverage is that of slopes, the intercepts included."""
    found = import_module(ITEMS).calibrate(n_worlds)
    print(found)
    assert not found.outside, found
    assert least <= found.coverage <= most, found
