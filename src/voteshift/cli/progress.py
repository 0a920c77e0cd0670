"""Display of the progress of long computations on stderr."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

__all__ = ["fit_progress"]

_PATIENCE = 2.0  # seconds before progress is shown on a terminal
_PATIENCE_ELSEWHERE = 30.0  # and in a log
_COMPILING = "compiling numerical code, which happens once per machine"


@contextmanager
def fit_progress(*, explains: bool = False) -> Iterator[Callable[[int, float], None]]:
    """Yield a callback that shows the iteration and gradient norm of a long fit.

    Parameters
    ----------
    explains : bool
        True if the command explains a vote. If it has to compile a kernel, a second process then compiles
        those that are needed after the fit.

    Notes
    -----
    On a terminal one line is updated; elsewhere a line is written every half minute. While kernels are
    compiled, there are no iterations to show, and the line reports the compilation.
    """
    from rich.console import Console

    from voteshift.likelihood.ahead import start_compilation
    from voteshift.likelihood.progress import observe_compilation

    console = Console(stderr=True, highlight=False)
    status = console.status("fitting")
    began = last = time.monotonic()

    def show_iteration(iteration: int, norm: float) -> None:
        nonlocal last
        now = time.monotonic()
        if now - began < _PATIENCE:
            return
        line = f"fitting: iteration {iteration}, gradient norm {norm:.1e} posterior sd"
        if sys.stderr.isatty():
            status.start()
            status.update(line)
        elif now - last >= _PATIENCE_ELSEWHERE:
            last = now
            console.print(line)

    def show_compilation() -> None:
        nonlocal last
        if sys.stderr.isatty():
            status.update(_COMPILING)
            status.start()
        else:
            last = time.monotonic()
            console.print(f"voteshift: {_COMPILING}")

    @contextmanager
    def observe() -> Iterator[None]:
        if explains:
            start_compilation()
        due = began + _PATIENCE if sys.stderr.isatty() else last + _PATIENCE_ELSEWHERE
        timer = Timer(max(0.0, due - time.monotonic()), show_compilation)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
            status.update("fitting")

    try:
        with observe_compilation(observe):
            yield show_iteration
    finally:
        status.stop()
