"""Run one measurement in a separate process and print what it found as JSON.

    python benchmarks/worker.py MODULE FUNCTION '{"argument": value}'

The number of threads of NumPy's BLAS is read when NumPy is first imported, so whoever compares numbers of
threads sets the environment and starts a process: `measure` does.
"""

import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["MODULES", "environment", "measure"]

HERE = Path(__file__).parent
MODULES = ("kernels", "fits", "process", "long_records", "congress")
"""Modules whose functions may be run: they take and return what JSON can hold."""

_MARK = "RESULT "


def environment(threads: int, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment in which NumPy, its BLAS and Numba take this many threads."""
    count = str(threads)
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    return os.environ | dict.fromkeys(names, count) | dict(extra or {})


def measure(
    module: str,
    function: str,
    *,
    blas_threads: int = 1,
    extra: Mapping[str, str] | None = None,
    **arguments: Any,
) -> Any:
    """Run ``module.function(**arguments)`` in a fresh process and return its result.

    Parameters
    ----------
    module, function : str
        One of `MODULES`, and a function of it.
    blas_threads : int
        Threads of NumPy's BLAS.
    extra : mapping, optional
        More environment variables.
    **arguments
        Passed on as JSON.

    Raises
    ------
    RuntimeError
        If the process fails; the end of its standard error is in the message.
    """
    began = time.time()
    done = subprocess.run(
        [sys.executable, __file__, module, function, json.dumps(arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=environment(blas_threads, {"VOTESHIFT_BENCH_BEGAN": repr(began)} | dict(extra or {})),
    )
    for line in done.stdout.splitlines():
        if line.startswith(_MARK):
            return json.loads(line.removeprefix(_MARK))
    raise RuntimeError(f"{module}.{function} failed: {done.stderr.strip()[-2000:]}")


def main() -> int:
    """Run what the command line names."""
    module, function, arguments = sys.argv[1:]
    if module not in MODULES:
        raise SystemExit(f"{module} is none of {', '.join(MODULES)}")
    sys.path.insert(0, str(HERE))
    result = getattr(importlib.import_module(module), function)(**json.loads(arguments))
    print(_MARK + json.dumps(result), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
