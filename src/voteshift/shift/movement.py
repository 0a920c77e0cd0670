"""The part of positions, split by the steps that members share: common, group and individual steps.

The position of a member at a date is the sum of three paths. If they are replaced one by one, the part of
positions is divided among them by the Owen value (Owen 1977, https://doi.org/10.1007/978-3-642-45494-3_7).
The factors (membership, positions, resolution) are replaced in every order, and within positions the three
paths are replaced in every order. The sum over the paths is the Shapley value of positions, which does not
change.
"""

from collections.abc import Callable, Mapping
from itertools import product
from math import factorial

import numpy as np
from numpy.typing import NDArray

from voteshift.shift.shapley import shapley_values

__all__ = ["PATHS", "split_movement", "weigh_members"]

Floats = NDArray[np.float64]
Votes = Callable[[tuple[int, int, int], int], Floats]
#: Names of the parts of the movement.
PATHS = ("common steps", "group steps", "individual steps")


def weigh_members(councils: Mapping[tuple[int, ...], Floats]) -> Floats:
    """Return the mean vote of every member over the orders in which other factors precede positions.

    Parameters
    ----------
    councils : mapping
        1 for members that vote, otherwise 0, shape (n_members,), by the state (0 old, 1 new) of the factors
        of the council.

    Returns
    -------
    ndarray, shape (2, n_members)
        Weight of a member's vote on the old and on the new version.
    """

    def weight(n_new: int, n_others: int) -> float:
        return factorial(n_new) * factorial(n_others - n_new) / factorial(n_others + 1)

    return np.stack(
        [
            sum(weight(sum(state) + version, len(state) + 1) * voting for state, voting in councils.items())
            for version in (0, 1)
        ]
    )


def split_movement(votes: Votes, weight: Floats, *, has_groups: bool) -> tuple[tuple[str, ...], Floats]:
    """Divide the part of positions among the paths.

    Parameters
    ----------
    votes : callable
        Returns the votes by category, shape (n_draws, n_members, 3), for the dates (0 old, 1 new) of the
        common path, the steps of groups and the individual path, and for a version (0 old, 1 new).
    weight : ndarray, shape (2, n_members)
        Weight of a member's vote on each version, from `weigh_members`.
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
    corners = None
    for mix in product((0, 1), repeat=len(names)):
        dates = (mix[0], mix[1], mix[-1])
        total = sum(np.einsum("kic,i->kc", votes(dates, version), weight[version]) for version in (0, 1))
        if corners is None:
            corners = np.empty((2,) * len(names) + np.shape(total))
        corners[mix] = total
    return names, np.asarray(shapley_values(np.asarray(corners), len(names)), dtype=np.float64)
