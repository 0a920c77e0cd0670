"""Notices of the sampling libraries on import and compilation, which a user does not need."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["quiet"]

# PyTensor silences some of these itself, by filters it adds on import. They last until a block that was open
# at that time restores its own: who imported PyTensor, and when, would decide what a user sees.
_KNOWN = (
    "(?s).*ArviZ is undergoing a major refactor",
    "(?s).*PyTensor could not link to a BLAS installation",
    "(?s).*Cannot cache compiled function",
    "(?s).*g\\+\\+ not (available|detected)",
    # PyTensor declares every array to Numba as of any layout, whatever lies in memory.
    "(?s).*is faster on contiguous arrays",
)


@contextmanager
def quiet() -> Iterator[None]:
    """Hold back known notices of ArviZ and PyTensor that concern neither data nor results, and log lines."""
    logger = logging.getLogger("pymc")
    level = logger.level
    with warnings.catch_warnings():
        for message in _KNOWN:
            warnings.filterwarnings("ignore", message=message)
        logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            logger.setLevel(level)
