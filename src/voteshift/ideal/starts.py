"""Several starts, because the log posterior has more than one mode in two or more dimensions."""

import math
from collections.abc import Callable
from dataclasses import replace

from voteshift.errors import NotUsableError
from voteshift.ideal.objective import Model
from voteshift.ideal.optimise import MapFit, fit_map
from voteshift.ideal.start import random_start

__all__ = ["SAME_MODE", "highest_mode"]

SAME_MODE = 1e-3
"""The log posteriors of two starts that ended at the same mode differ by less than this."""

_LOOSE = 1e-4  # gradient norm at which modes are ranked


def highest_mode(
    model: Model,
    *,
    n_dims: int,
    n_starts: int,
    tolerance: float,
    progress: Callable[[int, float], None] | None = None,
) -> tuple[MapFit, tuple[float, ...]]:
    """Maximise the log posterior from several starts and return the highest mode.

    Parameters
    ----------
    model : Model
        The log posterior.
    n_dims : int
        Number of dimensions.
    n_starts : int
        Number of starts. The first is the spectral start. The others are random positions with the seeds 0,
        1, ...
    tolerance : float
        Gradient norm at which the result counts as converged.
    progress : callable, optional
        Called with the iteration and the gradient norm of each start.

    Returns
    -------
    mode : MapFit
        The highest mode. Its iterations, evaluations and seconds are sums over all starts.
    falls : tuple of float, length n_starts - 1
        The log posterior of the mode minus the log posterior that each other start reached, in ascending
        order. A start that did not converge counts at the point where it stopped. The value is infinite if
        positions or cutpoints became equal during the optimisation.

    Raises
    ------
    NotUsableError
        If the votes do not identify `n_dims` dimensions.
    """
    first = fit_map(model, n_dims=n_dims, tolerance=tolerance if n_starts == 1 else _LOOSE, progress=progress)
    if n_starts == 1:
        return first, ()
    climbs, n_lost = [first], 0
    for seed in range(n_starts - 1):
        start = random_start(model.design, seed, n_dims)
        try:
            climbs.append(fit_map(model, start=start, tolerance=_LOOSE, progress=progress))
        except NotUsableError:
            n_lost += 1
    climbs.sort(key=lambda climb: -climb.objective)
    finish = fit_map(model, start=climbs[0].point, tolerance=tolerance, progress=progress)
    falls = [max(0.0, finish.objective - climb.objective) for climb in climbs[1:]] + [math.inf] * n_lost
    every = [*climbs, finish]
    mode = replace(
        finish,
        iterations=sum(climb.iterations for climb in every),
        evaluations=sum(climb.evaluations for climb in every),
        seconds=sum(climb.seconds for climb in every),
    )
    return mode, tuple(falls)
