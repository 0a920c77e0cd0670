"""Arguments of the public functions of logistic models, checked where a person gives them."""

from collections.abc import Sequence
from typing import Any

from voteshift.errors import UsageError

__all__ = ["check_choice", "check_type"]


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
