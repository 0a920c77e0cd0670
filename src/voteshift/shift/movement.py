"""The part of positions, split by the steps that members share: common, group and individual steps.

The position of a member at a date is the sum of three paths. If they are replaced one by one, the part of
positions is divided among them by the Owen value (Owen 1977, https://doi.org/10.1007/978-3-642-45494-3_7):
membership, positions and resolution are replaced in every order, and within positions the three paths are
replaced in every order. The sum over the paths is the Shapley value of positions, which does not change.
"""

from collections.abc import Callable
from itertools import product

import numpy as np
from numpy.typing import NDArray

from voteshift.shift.shapley import shapley_values

__all__ = ["PATHS", "split_movement"]

Floats = NDArray[np.float64]
Votes = Callable[[tuple[int, int, int], int], Floats]
#: Names of the parts of the movement.
PATHS = ("common steps", "group steps", "individual steps")
#: Weights of (council, version) by which membership and resolution are old or new when positions change.
_WEIGHTS = {(0, 0): 1 / 3, (0, 1): 1 / 6, (1, 0): 1 / 6, (1, 1): 1 / 3}


def split_movement(votes: Votes, seats: Floats, *, has_groups: bool) -> tuple[tuple[str, ...], Floats]:
    """Divide the part of positions among the paths.

    Parameters
    ----------
    votes : callable
        Returns the votes by category, shape (n_draws, n_members, 3), for the dates (0 old, 1 new) of the
        common path, the steps of groups and the individual path, and for a version (0 old, 1 new).
    seats : ndarray, shape (n_members, 2)
        1 for members of the old and of the new council, otherwise 0.
    has_groups : bool
        False if groups have no step; the second date is then that of the individual path.

    Returns
    -------
    names : tuple of str
        The paths, from `PATHS`.
    parts : ndarray, shape (n_paths, n_draws, 3)
        The part of each path in each draw.
    """
    names: tuple[str, ...] = PATHS if has_groups else (PATHS[0], PATHS[2])
    weight = np.stack([sum(_WEIGHTS[a, v] * seats[:, a] for a in (0, 1)) for v in (0, 1)])
    corners = None
    for mix in product((0, 1), repeat=len(names)):
        dates = (mix[0], mix[1], mix[-1])
        total = sum(np.einsum("kic,i->kc", votes(dates, version), weight[version]) for version in (0, 1))
        if corners is None:
            corners = np.empty((2,) * len(names) + np.shape(total))
        corners[mix] = total
    return names, np.asarray(shapley_values(np.asarray(corners), len(names)), dtype=np.float64)
