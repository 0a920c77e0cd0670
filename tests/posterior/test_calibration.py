"""Truths drawn from the prior are draws of their posterior: simulation-based calibration of the sampler.

pytest -m nightly tests/posterior/test_calibration.py
"""

import pytest

pytest.importorskip("nutpie")


def test_forty_worlds_are_calibrated():
    from posterior.calibration import calibrate

    found = calibrate(40)
    print(found)
    assert not found.outside, found
    assert 0.82 <= found.coverage <= 0.97, found


def test_forty_worlds_of_positions_that_move_are_calibrated():
    from posterior.moving_calibration import calibrate

    found = calibrate(40)
    print(found)
    assert not found.outside, found
    assert 0.82 <= found.coverage <= 0.97, found


@pytest.mark.nightly
def test_two_hundred_worlds_are_calibrated():
    from posterior.calibration import calibrate

    found = calibrate(200)
    print(found)
    assert not found.outside, found
    assert 0.86 <= found.coverage <= 0.94, found


@pytest.mark.nightly
def test_two_hundred_worlds_of_positions_that_move_are_calibrated():
    from posterior.moving_calibration import calibrate

    found = calibrate(200)
    print(found)
    assert not found.outside, found
    assert 0.86 <= found.coverage <= 0.94, found
