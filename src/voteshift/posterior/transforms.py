"""The transform of a vector that fixes the direction of a scale."""

from typing import Any

import numpy as np
import pytensor.tensor as pt
from numpy.typing import NDArray
from pymc.logprob.transforms import Transform

__all__ = ["HalfSpace"]

Floats = NDArray[np.float64]


class HalfSpace(Transform):  # type: ignore[misc]  # PyMC carries no types
    """Transform that constrains one element of a vector to one side of the mean of all other elements.

    The constrained element is the mean of the other elements plus or minus the exponential of its coordinate.
    The other elements are equal to their coordinates. A distribution that stays the same when all signs
    change is restricted to one half and is otherwise unchanged.

    Parameters
    ----------
    element : int
        Index of the constrained element.
    side : {1, -1}
        Above (1) or below (-1) the mean of the other elements.
    """

    name = "half_space"
    ndim_supp = 1

    def __init__(self, element: int, side: int) -> None:
        self.element = element
        self.side = np.float64(side)

    def backward(self, value: Any, *inputs: Any) -> Any:  # noqa: ARG002
        """Compute the vector from its coordinates."""
        element = value[self.element]
        mean = (value.sum() - element) / (value.shape[0] - np.float64(1.0))
        return pt.set_subtensor(value[self.element], mean + self.side * pt.exp(element))

    def forward(self, value: Any, *inputs: Any) -> Any:  # noqa: ARG002
        """Compute the coordinates from the vector."""
        element = value[self.element]
        mean = (value.sum() - element) / (value.shape[0] - np.float64(1.0))
        return pt.set_subtensor(value[self.element], pt.log(self.side * (element - mean)))

    def log_jac_det(self, value: Any, *inputs: Any) -> Any:  # noqa: ARG002
        """Return the log Jacobian determinant of `backward`: the coordinate of the constrained element."""
        return value[self.element]

    def coordinates(self, vector: Floats) -> Floats:
        """Return the coordinates of a NumPy vector, as `forward` does for PyTensor variables.

        Raises
        ------
        ValueError
            If the constrained element is on the wrong side of the mean of the other elements.
        """
        distance = self.side * (vector[self.element] - np.delete(vector, self.element).mean())
        if not distance > 0:
            raise ValueError(
                "the constrained element is on the wrong side of the mean of the other elements; start "
                "with this element on the other side"
            )
        result = vector.copy()
        result[self.element] = np.log(distance)
        return result
