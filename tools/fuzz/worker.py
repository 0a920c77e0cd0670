"""A process that answers requests under limits of time and memory, and is replaced when it dies."""

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

__all__ = ["GIB", "Worker"]

GIB = 2**30
_TICKS = os.sysconf("SC_CLK_TCK")


class Worker:
    """Runs `fuzz.child` with a module of readers.

    Parameters
    ----------
    module : str
        Module with ``read`` and ``check_file``, or with ``app``.
    seconds : float
        Processor time a request may take; ten times as much by the clock.
    memory : int
        Bytes of addresses that may be added to the process: more than it may hold, as some are only reserved.
    """

    def __init__(
        self, module: str = "voteshift.readers", *, seconds: float = 5.0, memory: int = 2 * GIB
    ) -> None:
        self.module, self.seconds, self.memory = module, seconds, memory
        self.starts = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._buffer = b""

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
            self._buffer = b""

    def _start(self) -> subprocess.Popen[bytes]:
        tools = Path(__file__).parents[1]
        paths = [str(tools), str(tools.parent / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
        threads = dict.fromkeys(["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"], "1")
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "fuzz.child", self.module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | threads | {"PYTHONPATH": os.pathsep.join(paths)},
        )
        self.starts += 1
        return process

    def ask(self, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Send requests at once; return the answers, whose outcome is ``hung`` or ``died`` where none came.

        A request may have its own limit of processor time under ``seconds``.
        """
        answers: list[dict[str, Any]] = []
        while len(answers) < len(requests):
            if self._process is None:
                self._process = self._start()
                self._send([{"do": "limit", "bytes": self.memory}])
                if self._receive(120.0)["outcome"] != "limited":
                    raise RuntimeError("the process that is fuzzed does not start")
            self._send(requests[len(answers) :])
            while len(answers) < len(requests) and self._process is not None:
                answers.append(self._receive(requests[len(answers)].get("seconds", self.seconds)))
        return answers

    def _send(self, requests: list[dict[str, Any]]) -> None:
        if self._process is None or self._process.stdin is None:
            raise RuntimeError("there is no process")
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(b"".join(json.dumps(request).encode() + b"\n" for request in requests))
            self._process.stdin.flush()

    def _receive(self, seconds: float) -> dict[str, Any]:
        process = self._process
        if process is None or process.stdout is None:
            raise RuntimeError("there is no process")
        begun, used = time.monotonic(), _processor_time(process.pid)
        while b"\n" not in self._buffer:
            if select.select([process.stdout], [], [], 0.25)[0]:
                piece = os.read(process.stdout.fileno(), 1 << 20)
                if not piece:
                    return self._lost(begun, "died")
                self._buffer += piece
            elif _processor_time(process.pid) - used > seconds or time.monotonic() - begun > 10 * seconds:
                return self._lost(begun, "hung")
        line, _, self._buffer = self._buffer.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _lost(self, begun: float, outcome: str) -> dict[str, Any]:
        code = None if self._process is None else self._process.poll()
        self.stop()
        return {
            "outcome": outcome,
            "code": code,
            "seconds": time.monotonic() - begun,
            "peak": 0,
            "warnings": [],
        }


def _processor_time(process: int) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS
