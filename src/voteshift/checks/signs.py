"""The signs of parts that are larger than simulation error."""

from collections.abc import Iterable
from typing import Final

__all__ = ["of_both_signs"]

_LEAST: Final = (
    0.1  # votes; smaller parts are within three simulation errors of 2,000 draws, so their sign is uncertain
)


def of_both_signs(values: Iterable[float]) -> bool:
    """Return True if one part is at least 0.1 votes and another part is at most -0.1 votes."""
    parts = list(values)
    return min(parts) <= -_LEAST and max(parts) >= _LEAST
