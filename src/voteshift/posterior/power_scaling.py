"""Power-scaling sensitivity: the change of a quantity when the priors or the votes get another weight."""

import numpy as np
from numpy.typing import NDArray

from voteshift.posterior.quiet import quiet

__all__ = ["SENSITIVE", "power_sensitivity"]

Floats = NDArray[np.float64]

SENSITIVE = 0.05
"""Value from which a quantity counts as sensitive (Kallioinen, Paananen, Buerkner & Vehtari 2024)."""

_POWERS = (0.99, 1.01)


def power_sensitivity(values: Floats, log_density: Floats) -> Floats:
    """Compute the sensitivity of distributions to the power of a prior or of a likelihood.

    Parameters
    ----------
    values : ndarray, shape (n_values, n_draws)
        Draws of each quantity.
    log_density : ndarray, shape (n_draws,)
        Log of the density that is raised to a power, in the same draws.

    Returns
    -------
    ndarray, shape (n_values,)
        Derivative of the cumulative Jensen-Shannon distance with respect to log2 of the power. It is
        computed as in `arviz_stats.psense`, with Pareto-smoothed importance weights at powers 0.99 and 1.01
        (Kallioinen, Paananen, Bürkner & Vehtari 2024, https://doi.org/10.1007/s11222-023-10366-5). It is 0
        if a quantity has the same value in every draw.
    """
    with quiet():
        from arviz_stats.base import array_stats

    weights = []
    for power in _POWERS:
        log_weight = array_stats.power_scale_lw(log_density[None], alpha=power, axis=(0, 1))
        weight = np.exp(log_weight - log_weight.max())
        weights.append(weight / weight.sum())
    result = np.zeros(len(values))
    for row, draws in enumerate(values):
        if np.ptp(draws):
            result[row] = array_stats.power_scale_sense(
                draws[None], *weights, *_POWERS, chain_axis=0, draw_axis=1
            )
    return result
