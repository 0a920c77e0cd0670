"""Observers of the compilation of kernels: a command shows with one that it is at work."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Final

__all__ = ["announce_compilation", "observe_compilation"]

Observer = Callable[[], AbstractContextManager[object]]

_OBSERVER: Final[ContextVar[Observer]] = ContextVar("observer", default=nullcontext)


@contextmanager
def observe_compilation(observer: Observer) -> Iterator[None]:
    """Call an observer whenever a kernel is compiled, instead of loaded, within the block.

    Parameters
    ----------
    observer : callable
        Returns a context manager, which is entered before the kernel is compiled, or before another process
        that compiles it is waited for, and left afterwards.
    """
    token = _OBSERVER.set(observer)
    try:
        yield
    finally:
        _OBSERVER.reset(token)


def announce_compilation() -> AbstractContextManager[object]:
    """Return the context manager of the observer, to be entered around a compilation."""
    return _OBSERVER.get()()
