"""Observers of the compilation of kernels. A command uses an observer to show that it is working."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Final

__all__ = ["announce_compilation", "observe_compilation"]

Observer = Callable[[], AbstractContextManager[object]]

_OBSERVER: Final[ContextVar[Observer]] = ContextVar("observer", default=nullcontext)


@contextmanager
def observe_compilation(observer: Observer) -> Iterator[None]:
    """Call an observer whenever a kernel is compiled within the block, and not loaded from the cache.

    Parameters
    ----------
    observer : callable
        Returns a context manager. It is entered before the kernel is compiled, or before waiting for another
        process that compiles the kernel. It is left afterwards.
    """
    token = _OBSERVER.set(observer)
    try:
        yield
    finally:
        _OBSERVER.reset(token)


def announce_compilation() -> AbstractContextManager[object]:
    """Return the context manager of the observer for a compilation."""
    return _OBSERVER.get()()
