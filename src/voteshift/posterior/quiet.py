"""Suppression of notices that the sampling libraries print on import and compilation."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["quiet"]

# PyTensor suppresses some of these notices itself, with warning filters that it adds on import. These filters
# disappear when an enclosing `catch_warnings` block restores its own filters. Without the list below, the
# notices that a user sees would depend on the place where PyTensor was first imported.
_KNOWN = (
    "(?s).*ArviZ is undergoing a major refactor",
    "(?s).*PyTensor could not link to a BLAS installation",
    "(?s).*Cannot cache compiled function",
    "(?s).*g\\+\\+ not (available|detected)",
    # PyTensor declares every array to Numba with an unknown layout, even if the array is contiguous.
    "(?s).*is faster on contiguous arrays",
)


@contextmanager
def quiet() -> Iterator[None]:
    """Suppress known notices of ArviZ and PyTensor that concern neither data nor results, and PyMC's log."""
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
