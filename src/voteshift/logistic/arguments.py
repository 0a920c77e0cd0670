"""Checks of the arguments of public functions of logistic models."""

from collections.abc import Sequence
from typing import Any

from voteshift.errors import UsageError

__all__ = ["check_choice", "check_type"]


def check_type(value: Any, kind: type | tuple[type, ...], argument: str, remedy: str) -> None:
    """Validate the type of an argument.

    Raises
    ------
    UsageError
        If the value is not of this type.
    """
    if not isinstance(value, kind):
        raise UsageError(f"{argument} is of type {type(value).__name__}", remedy=remedy)


def check_choice(argument: str, value: Any, allowed: Sequence[str]) -> None:
    """Check that the value of an argument is one of its choices.

    Raises
    ------
    UsageError
        If the value is not among the choices. The error lists the choices.
    """
    if not isinstance(value, str) or value not in allowed:
        raise UsageError(f"{argument} is {value!r}", remedy=f"give one of {', '.join(allowed)}")
