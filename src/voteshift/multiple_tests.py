"""Adjustment of p-values for multiple tests."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["holm"]


def holm(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Adjust p-values for multiple testing by Holm's step-down method.

    Parameters
    ----------
    p_values : ndarray, shape (n,)
        P-values of n hypotheses.

    Returns
    -------
    ndarray, shape (n,)
        Adjusted p-values in the same order (Holm 1979, Scandinavian Journal of Statistics 6, 65-70). The
        values equal the values of statsmodels, which is not used because its import takes half a second.
    """
    order = np.argsort(p_values, kind="stable")
    n = len(p_values)
    adjusted = np.empty(n)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(p_values[order] * (n - np.arange(n))))
    return adjusted
