"""The program around the commands: interrupts, streams that fail, and errors that nobody foresaw."""

import os
import signal
import sys
from functools import partial
from types import FrameType
from typing import Final

__all__ = ["TRACEBACK", "run"]

#: Set to 1, it shows where an unforeseen error happened.
TRACEBACK: Final = "VOTESHIFT_TRACEBACK"
_INTERRUPTED: Final = 128 + signal.SIGINT
_LONGEST: Final = 300  # characters of an unforeseen error's message


def run() -> None:
    """Run the command line in this process, whose signals and streams it takes over."""
    _end_on_signals()
    try:
        from voteshift.cli.streams import open_streams

        open_streams()
        from voteshift.cli.app import app

        try:
            app(prog_name="voteshift")
        finally:
            sys.stdout.flush()
    except Exception as error:  # noqa: BLE001  this is where every error ends
        raise SystemExit(_report(error)) from None


def _report(error: Exception) -> int:
    """Write one sentence on an error to stderr and return the exit code."""
    from voteshift.errors import VoteshiftError

    if os.environ.get(TRACEBACK) == "1":
        import traceback

        traceback.print_exception(error)
    if isinstance(error, VoteshiftError):
        message, code = str(error), error.exit_code
    elif isinstance(error, MemoryError):
        message = (
            "there is not enough memory for this (choose a shorter window, fewer draws or a smaller record)"
        )
        code = 1
    else:
        text = " ".join(f"{type(error).__name__}: {error}".split())[:_LONGEST]
        message = (
            f"the command stopped at an error that voteshift did not foresee: {text} (please report it with "
            f"the command you ran; with {TRACEBACK}=1 in the environment the command shows where it happened)"
        )
        code = 1
    sys.stderr.write(f"voteshift: {message}\n")
    return code


def _end_on_signals() -> None:
    """Let an interrupt end the process at once, with what is half written removed.

    An exception would do so only where no library is at work: raised while a library is imported or compiled
    it is printed, swallowed, or ends the process with an abort.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        # Where it is ignored (`nohup`, a job in the background of a script) it stays so.
        if number is not None and signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, partial(_end, os.getpid()))


def _end(program: int, number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    """Remove what is half written, say that the command stopped, and end the process."""
    if os.getpid() != program:  # a process that a sampler forked: what is half written is not its own
        _die(number)
    signal.signal(number, signal.SIG_IGN)
    files = sys.modules.get("voteshift.files")
    if files is not None:
        files.discard_pending()
    processes = sys.modules.get("multiprocessing")
    if processes is not None and hasattr(processes, "active_children"):
        for child in processes.active_children():
            child.terminate()
    try:
        # A line of progress is wiped out, and the cursor it hid comes back.
        clear = b"\r\x1b[2K\x1b[?25h" if os.isatty(2) else b""
        os.write(2, clear + b"voteshift: stopped\n")
    except OSError:
        pass
    if number == signal.SIGINT:
        os._exit(_INTERRUPTED)
    _die(number)


def _die(number: int) -> None:
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
