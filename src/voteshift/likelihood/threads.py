"""Threads for kernels that release the GIL."""

import functools
import os
from concurrent.futures import ThreadPoolExecutor

__all__ = ["core_count", "pool"]


def core_count() -> int:
    """Return the number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@functools.lru_cache(maxsize=2)
def _pool_of(process: int, workers: int) -> ThreadPoolExecutor:  # noqa: ARG001
    return ThreadPoolExecutor(workers, thread_name_prefix="voteshift")


def pool(workers: int) -> ThreadPoolExecutor:
    """Return a pool of threads, kept between calls.

    A fork copies the pool's bookkeeping and none of its threads, so a process never uses a pool that
    another one made.
    """
    return _pool_of(os.getpid(), workers)
