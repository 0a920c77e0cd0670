"""Arguments of the public functions of logistic models, checked where a person gives them."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from voteshift.errors import UsageError

__all__ = [
    "check_alpha",
    "check_choice",
    "check_count",
    "check_level",
    "check_number",
    "check_seed",
    "check_type",
]

_LARGEST_SEED: Final = 2**32 - 1
_MOST_DRAWS: Final = 1_000_000


def check_type(value: Any, kind: type | tuple[type, ...], argument: str, remedy: str) -> None:
    """Refuse a value of another type.

    Raises
    ------
    UsageError
        If it is not of the type.
    """
    if not isinstance(value, kind):
        raise UsageError(f"{argument} is of type {type(value).__name__}", remedy=remedy)


def check_choice(value: Any, allowed: Sequence[str]) -> None:
    """Refuse a word that is not among the choices.

    Raises
    ------
    UsageError
        If it is not among those allowed, which are named.
    """
    if not isinstance(value, str) or value not in allowed:
        raise UsageError(f"{value!r} is not known here", remedy=f"one of {', '.join(allowed)}")


def check_level(level: Any) -> None:
    """Refuse a coverage that is not between 0 and 1.

    Raises
    ------
    UsageError
        If it is no number between 0 and 1.
    """
    if not isinstance(level, int | float | np.number) or isinstance(level, bool) or not 0 < level < 1:
        raise UsageError(f"level {level!r} is no coverage", remedy="give a number between 0 and 1")


def check_alpha(alpha: Any) -> None:
    """Refuse an alpha that is not between 0 and 1.

    Raises
    ------
    UsageError
        If it is no number between 0 and 1.
    """
    if not isinstance(alpha, int | float | np.number) or isinstance(alpha, bool) or not 0 < alpha < 1:
        raise UsageError(f"alpha is {alpha!r}", remedy="give a number between 0 and 1: 1 minus the level")


def check_number(value: Any, argument: str) -> None:
    """Refuse a value that is no finite number.

    Raises
    ------
    UsageError
        If it is another.
    """
    if not isinstance(value, int | float | np.number) or isinstance(value, bool) or not np.isfinite(value):
        raise UsageError(f"{argument} is {value!r}", remedy="give a finite number")


def check_seed(seed: Any) -> None:
    """Refuse a seed that is not a whole number from 0 to 2^32 - 1.

    Raises
    ------
    UsageError
        If it is another.
    """
    if not isinstance(seed, int | np.integer) or isinstance(seed, bool) or not 0 <= seed <= _LARGEST_SEED:
        raise UsageError(f"seed is {seed!r}", remedy=f"give a whole number from 0 to {_LARGEST_SEED}")


def check_count(value: Any, argument: str, *, least: int, most: int = _MOST_DRAWS) -> None:
    """Refuse a number of draws, bins or chains that is not whole or out of bounds.

    Raises
    ------
    UsageError
        If it is another.
    """
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or not least <= value <= most:
        raise UsageError(f"{argument} is {value!r}", remedy=f"give a whole number from {least} to {most}")
