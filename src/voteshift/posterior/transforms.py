"""The change of variable that fixes the reflection of a scale."""

from typing import Any

import numpy as np
import pytensor.tensor as pt
from numpy.typing import NDArray
from pymc.logprob.transforms import Transform

__all__ = ["HalfSpace"]

Floats = NDArray[np.float64]


class HalfSpace(Transform):  # type: ignore[misc]  # PyMC carries no types
    """Keep one element of a vector on one side of the mean of the others, smoothly.

    The element is the mean of the others plus (or minus) the exponential of its coordinate; the others are
    their own coordinates. A distribution that stays the same when all signs change is thereby cut to one
    half, and nothing else about it changes.

    Parameters
    ----------
    element : int
        Which element is held to a side.
    side : {1, -1}
        Above or below the mean.
    """

    name = "half_space"
    ndim_supp = 1

    def __init__(self, element: int, side: int) -> None:
        self.element = element
        self.side = np.float64(side)

    def backward(self, value: Any, *inputs: Any) -> Any:  # noqa: ARG002
        """Return the vector at coordinates."""
        element = value[self.element]
        mean = (value.sum() - element) / (value.shape[0] - np.float64(1.0))
        return pt.set_subtensor(value[self.element], mean + self.side * pt.exp(element))

    def forward(self, value: Any, *inputs: Any) -> Any:  # noqa: ARG002
        """Return the coordinates of a vector."""
        element = value[self.element]
        mean = (value.sum() - element) / (value.shape[0] - np.float64(1.0))
        return pt.set_subtensor(value[self.element], pt.log(self.side * (element - mean)))

    def log_jac_det(self, value: Any, *inputs: Any) -> Any:  # noqa: ARG002
        """Return the log determinant: the coordinate of the element, whose exponential is taken."""
        return value[self.element]

    def coordinates(self, vector: Floats) -> Floats:
        """Return the coordinates of a vector of numbers, as `forward` does.

        Raises
        ------
        ValueError
            If the element is on the other side.
        """
        distance = self.side * (vector[self.element] - np.delete(vector, self.element).mean())
        if not distance > 0:
            raise ValueError("the element lies on the other side")
        result = vector.copy()
        result[self.element] = np.log(distance)
        return result
