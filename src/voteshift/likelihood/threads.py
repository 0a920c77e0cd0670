"""Threads for kernels that release the GIL."""

import functools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

__all__ = ["core_count", "together"]


def core_count() -> int:
    """Return the number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@functools.lru_cache(maxsize=2)
def _pool_of(process: int, workers: int) -> ThreadPoolExecutor:  # noqa: ARG001
    return ThreadPoolExecutor(workers, thread_name_prefix="voteshift")


def together(function: Callable[[], object], workers: int) -> None:
    """Call a function at the same time in this thread and in `workers` - 1 other threads.

    The other threads are kept between calls. A fork copies the data of a pool of threads but not its threads,
    so a process never uses a pool that another process made.
    """
    others = []
    if workers > 1:
        pool = _pool_of(os.getpid(), workers - 1)
        others = [pool.submit(function) for _ in range(workers - 1)]
    function()
    for other in others:
        other.result()
