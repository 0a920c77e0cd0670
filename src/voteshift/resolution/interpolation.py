"""Interpolation between values in a table.

The arithmetic is that of `scipy.interpolate`, which is not used because its import takes 0.2 seconds.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["interpolate_lines", "interpolate_monotone"]

Floats = NDArray[np.float64]
_STEEPEST = 3.0  # of the slope at an end, relative to the slope of the first or last segment


def interpolate_lines(x: Floats, rows: Floats, points: Floats) -> Floats:
    """Interpolate rows linearly.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Increasing values, two or more.
    rows : ndarray, shape (n, n_columns)
        The row at every value of x.
    points : ndarray, shape (n_points,)
        Values between the first and the last value of x.

    Returns
    -------
    ndarray, shape (n_points, n_columns)
    """
    high = np.searchsorted(x, points).clip(1, len(x) - 1)
    low = high - 1
    slope = (rows[high] - rows[low]) / (x[high] - x[low])[:, None]
    line: Floats = slope * (points - x[low])[:, None] + rows[low]
    return line


def interpolate_monotone(x: Floats, y: Floats, points: Floats) -> Floats:
    """Interpolate by cubic polynomials that are monotone wherever the values are.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Increasing values, two or more.
    y : ndarray, shape (n,)
        The number at every value of x.
    points : ndarray, shape (n_points,)
        Values between the first and the last value of x.

    Returns
    -------
    ndarray, shape (n_points,)
        The interpolant of Fritsch & Butland (1984, https://doi.org/10.1137/0905021), with one-sided slopes at
        the ends (Moler 2004, https://doi.org/10.1137/1.9780898717952, section 3.6).
    """
    width = np.diff(x)
    secant = np.diff(y) / width
    slope = _slopes(width, secant)
    bend = (slope[:-1] + slope[1:] - 2 * secant) / width
    place = np.clip(np.searchsorted(x, points, side="right") - 1, 0, len(width) - 1)
    step = points - x[place]
    square = step * step
    value = y[place] + slope[place] * step
    value = value + ((secant - slope[:-1]) / width - bend)[place] * square
    cubic: Floats = value + (bend / width)[place] * (square * step)
    return cubic


def _slopes(width: Floats, secant: Floats) -> Floats:
    """Return the slope at every value: the weighted harmonic mean of two secants, 0 where they disagree."""
    if len(secant) == 1:
        return np.repeat(secant, 2)
    before, after = 2 * width[1:] + width[:-1], width[1:] + 2 * width[:-1]
    flat = (np.sign(secant[1:]) != np.sign(secant[:-1])) | (secant[1:] == 0) | (secant[:-1] == 0)
    slope = np.zeros(len(secant) + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (before / secant[:-1] + after / secant[1:]) / (before + after)
    slope[1:-1][~flat] = 1.0 / mean[~flat]
    slope[0] = _end_slope(width[0], width[1], secant[0], secant[1])
    slope[-1] = _end_slope(width[-1], width[-2], secant[-1], secant[-2])
    return slope


def _end_slope(width: float, next_width: float, secant: float, next_secant: float) -> float:
    """Return the slope at an end from the last two segments, limited so that the interpolant is monotone."""
    slope = ((2 * width + next_width) * secant - width * next_secant) / (width + next_width)
    if np.sign(slope) != np.sign(secant):
        return 0.0
    if np.sign(secant) != np.sign(next_secant) and abs(slope) > _STEEPEST * abs(secant):
        return _STEEPEST * secant
    return slope
