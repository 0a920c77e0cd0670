"""Methods of estimation of an ideal-point model."""

from dataclasses import dataclass
from typing import Final, Literal

from voteshift.errors import UsageError
from voteshift.ranges import check_count

__all__ = ["Marginal", "Method", "Mode", "as_method"]

_MOST_STARTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Mode:
    """Maximum a posteriori: the joint mode of positions and items.

    Parameters
    ----------
    starts : int, optional
        Number of starts of the optimiser. The fit keeps the highest mode and the number of starts that ended
        there. The default is 1 in one dimension. In more dimensions the log posterior has several modes, and
        the default is 10.
    """

    starts: int | None = None

    def __post_init__(self) -> None:
        """Validate the number of starts."""
        if self.starts is not None:
            check_count("starts", self.starts, most=_MOST_STARTS)


@dataclass(frozen=True, slots=True)
class Marginal:
    """Means and covariances of a normal variational approximation to the posterior.

    The uncertainty of the items is taken into account in the positions, and that of the positions in the
    items. The joint mode takes neither into account.

    Parameters
    ----------
    learn : bool
        True to estimate the prior standard deviations of discriminations and midpoints from the votes, up to
        the values in `Priors`. In several dimensions, discriminations have one standard deviation per
        dimension. False to fix all of them at these values.
    """

    learn: bool = True


Method = Mode | Marginal
_NAMES: Final = {"mode": Mode(), "marginal": Marginal()}


def as_method(value: "Method | Literal['mode', 'marginal']") -> Method:
    """Return the method that a name stands for.

    Raises
    ------
    UsageError
        If the value is neither a method nor the name of one.
    """
    method: object = _NAMES.get(value) if isinstance(value, str) else value
    if not isinstance(method, (Mode, Marginal)):
        raise UsageError(f"method is {value!r}", remedy="give 'mode' or 'marginal'")
    return method
