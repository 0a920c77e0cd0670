"""Interpolation against that of SciPy, to the last bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator, interp1d

from voteshift.resolution.interpolation import interpolate_lines, interpolate_monotone

#: Integers are exact, so that slopes are 0 and signs of slopes change often.
numbers = st.one_of(st.integers(-3, 3).map(float), st.floats(-50.0, 50.0, width=32))
tables = st.lists(st.tuples(st.floats(0.05, 3.0), numbers, numbers), min_size=2, max_size=9)


def points(x):
    return np.concatenate([x, np.linspace(x[0], x[-1], 60)])


@settings(max_examples=200, deadline=None)
@given(tables)
def test_the_monotone_interpolant_is_that_of_scipy(rows):
    width, y, _ = np.array(rows).T
    x = np.cumsum(width)
    found = interpolate_monotone(x, y, points(x))
    assert np.array_equal(found, PchipInterpolator(x, y)(points(x)))


@settings(max_examples=100, deadline=None)
@given(tables)
def test_lines_are_those_of_scipy(rows):
    width, *columns = np.array(rows).T
    x, table = np.cumsum(width), np.column_stack(columns)
    assert np.array_equal(interpolate_lines(x, table, points(x)), interp1d(x, table, axis=0)(points(x)))


def test_values_that_rise_are_interpolated_by_values_that_rise():
    x, y = np.arange(5.0), np.array([0.0, 1.0, 1.0, 1.5, 9.0])
    found = interpolate_monotone(x, y, np.linspace(0.0, 4.0, 401))
    assert (np.diff(found) >= -1e-12).all()
    assert found[[0, 100, 200, 300, 400]] == pytest.approx(y)
