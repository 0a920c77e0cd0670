"""Compilation of the kernels of explanations in a second process: python -m voteshift.likelihood.ahead.

On a new machine, an explanation compiles its kernels one after the other, which takes longer than all else.
Numba compiles one kernel at a time in a process. A process that needs a kernel waits for the process that
compiles it (`voteshift.likelihood.compiling`).
"""

import os
import subprocess
import sys

__all__ = ["compile_kernels", "start_compilation"]

_STARTED: list["subprocess.Popen[bytes]"] = []


def compile_kernels() -> None:
    """Compile the kernels that an explanation needs after its fit, the largest first."""
    from voteshift.likelihood import item_draws, persistence, testlets

    for module in (item_draws, persistence, testlets):
        module._kernel()


def start_compilation() -> None:
    """Start `compile_kernels` in a second process, once, if there is a second core.

    The process has the same packages as this one and writes nothing but the cache of kernels. If it cannot be
    started, this process compiles all kernels.
    """
    if _STARTED or not sys.executable or (os.cpu_count() or 1) < 2:
        return
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        process = subprocess.Popen(  # noqa: S603  # this interpreter and a module of this package
            [sys.executable, "-m", __name__],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            **quiet,  # type: ignore[call-overload]
        )
    except OSError:
        return  # no room for another process: everything is compiled here
    _STARTED.append(process)


if __name__ == "__main__":
    compile_kernels()
