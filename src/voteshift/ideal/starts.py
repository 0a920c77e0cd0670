"""Several starts: in two dimensions and more the log posterior has more than one mode."""

import math
from collections.abc import Callable
from dataclasses import replace

from voteshift.errors import NotUsableError
from voteshift.ideal.objective import Model
from voteshift.ideal.optimise import MapFit, fit_map
from voteshift.ideal.start import random_start

__all__ = ["SAME_MODE", "highest_mode"]

SAME_MODE = 1e-3
"""Log posteriors of starts that ended at one mode differ by less."""

_LOOSE = 1e-4  # gradient norm at which a mode is known well enough to be ranked


def highest_mode(
    model: Model,
    *,
    n_dims: int,
    n_starts: int,
    tolerance: float,
    progress: Callable[[int, float], None] | None = None,
) -> tuple[MapFit, tuple[float, ...]]:
    """Climb from several places and keep the highest mode that was reached.

    Parameters
    ----------
    model : Model
        What is maximised.
    n_dims : int
        Number of dimensions.
    n_starts : int
        The spectral start, and for the others random positions from the seeds 0, 1, ...
    tolerance : float
        Gradient norm at which the result counts as converged.
    progress : callable, optional
        Called with the iteration and the gradient norm of each climb.

    Returns
    -------
    mode : MapFit
        Iterations, evaluations and seconds are those of all climbs.
    falls : tuple of float, length n_starts - 1
        Log posterior of the mode less that of each other start, in ascending order. Of a start that did not
        converge, at the point where it stopped; infinite where positions or cutpoints became equal.

    Raises
    ------
    NotUsableError
        If the votes do not identify so many dimensions.
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
