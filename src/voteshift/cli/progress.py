"""Progress of long work, on stderr."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["fit_progress"]

_PATIENCE = 2.0  # seconds before a word about progress is wanted on a terminal
_PATIENCE_ELSEWHERE = 30.0  # and in a log, where kernels that are compiled are no news


@contextmanager
def fit_progress() -> Iterator[Callable[[int, float], None]]:
    """Give a callback for a fit that shows iteration and gradient norm once the fit takes long.

    On a terminal one line is kept up to date; elsewhere a line is written every half minute.
    """
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    status = console.status("fitting")
    began = told = time.monotonic()

    def tell(iteration: int, norm: float) -> None:
        nonlocal told
        now = time.monotonic()
        if now - began < _PATIENCE:
            return
        line = f"fitting: iteration {iteration}, gradient norm {norm:.1e} posterior sd"
        if sys.stderr.isatty():
            status.start()
            status.update(line)
        elif now - told >= _PATIENCE_ELSEWHERE:
            told = now
            console.print(line)

    try:
        yield tell
    finally:
        status.stop()
