"""Checks of the numbers that a caller passes: each error states the value and the allowed range."""

import numpy as np

from voteshift.errors import UsageError

__all__ = ["MOST_DRAWS", "check_count", "check_level", "check_number", "check_seed"]

MOST_DRAWS = 100_000
_LARGEST_SEED = 2**63 - 1
_SMALLEST_LEVEL = 1e-6


def check_seed(seed: object) -> int:
    """Return a seed of random numbers.

    Parameters
    ----------
    seed : int
        A whole number from 0 to 2**63 - 1.

    Raises
    ------
    UsageError
        If the seed is another value: a fraction, a negative number, a truth value, text.
    """
    if not _is_whole(seed) or not 0 <= seed <= _LARGEST_SEED:  # type: ignore[operator]
        raise UsageError(f"seed is {seed!r}", remedy="give a whole number from 0 to 2**63 - 1")
    return int(seed)  # type: ignore[call-overload]


def check_count(name: str, value: object, *, least: int = 1, most: int) -> int:
    """Return a count.

    Parameters
    ----------
    name : str
        Name of the argument.
    value : int
        A whole number.
    least, most : int
        Smallest and largest value allowed.

    Raises
    ------
    UsageError
        If the value is not a whole number, or outside the range.
    """
    if not _is_whole(value) or not least <= value <= most:  # type: ignore[operator]
        raise UsageError(f"{name} is {value!r}", remedy=f"give a whole number from {least} to {most}")
    return int(value)  # type: ignore[call-overload]


def check_number(
    name: str, value: object, *, least: float, most: float, what: str = "", or_zero: bool = False
) -> float:
    """Return a number.

    Parameters
    ----------
    name : str
        Name of the argument.
    value : float
        A real number.
    least, most : float
        Smallest and largest value allowed.
    what : str
        The meaning of the number, for the error.
    or_zero : bool
        True if 0 is allowed as well.

    Raises
    ------
    UsageError
        If the value is not a number, or outside the range. NaN is outside every range.
    """
    is_number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not is_number or not (least <= value <= most or (or_zero and value == 0)):  # type: ignore[operator]
        zero = "0 or " if or_zero else ""
        meaning = f" ({what})" if what else ""
        raise UsageError(
            f"{name}{meaning} is {value!r}", remedy=f"give {zero}a number from {least:g} to {most:g}"
        )
    return float(value)  # type: ignore[arg-type]


def check_level(value: object, name: str = "level") -> float:
    """Return the coverage of an interval, or with ``name="alpha"`` its complement.

    Parameters
    ----------
    value : float
        A number from 1e-6 to 1 - 1e-6.
    name : str
        Name of the argument.

    Raises
    ------
    UsageError
        If the value is not a number, or outside the range.
    """
    return check_number(name, value, least=_SMALLEST_LEVEL, most=1 - _SMALLEST_LEVEL)


def _is_whole(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
