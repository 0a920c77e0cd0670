"""The signs of parts, beyond what simulation may have made."""

from collections.abc import Iterable
from typing import Final

__all__ = ["of_both_signs"]

_LEAST: Final = (
    0.1  # votes; smaller parts are within three simulation errors of 2,000 draws, and have no sign
)


def of_both_signs(values: Iterable[float]) -> bool:
    """Return whether some parts are positive and others negative, by 0.1 votes or more each."""
    parts = list(values)
    return min(parts) <= -_LEAST and max(parts) >= _LEAST
