"""Signal handlers that end the program at once and leave no partial file.

The command line loads this module first. The module imports nothing large, because an interrupt before it has
run ends in a traceback.
"""

import os
import signal
import sys

__all__ = ["end_on_signals", "ignore_interrupts"]

_PROGRAM = os.getpid()


def end_on_signals() -> None:
    """Make an interrupt end the process at once and remove files that are half written.

    An exception is not enough. If it is raised while a library is imported or compiled, it is printed or
    ignored, or the process aborts.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        # An ignored signal (`nohup`, a background job of a script) stays ignored.
        if number is not None and signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _end)


def ignore_interrupts() -> None:
    """Ignore interrupts after the command is done, while Python ends."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end(number: int, frame: object) -> None:  # noqa: ARG001
    """Remove files that are half written, report the stop on stderr, and end the process."""
    if os.getpid() != _PROGRAM:  # a process that a sampler forked does not own the half-written files
        _die(number)
    signal.signal(number, signal.SIG_IGN)
    try:
        _clean_up()
    finally:  # whatever fails there: an exception raised here would go through the code that was interrupted
        if number == signal.SIGINT:
            os._exit(128 + number)
        _die(number)


def _clean_up() -> None:
    # A module that is being imported right now is listed, and has no functions yet.
    discard = getattr(sys.modules.get("voteshift.files"), "discard_pending", None)
    if discard is not None:
        discard()
    list_children = getattr(sys.modules.get("multiprocessing"), "active_children", None)
    if list_children is not None:
        for child in list_children():
            child.terminate()
    try:
        # A line of progress is wiped out, and the cursor it hid comes back.
        clear = b"\r\x1b[2K\x1b[?25h" if os.isatty(2) else b""
        os.write(2, clear + b"voteshift: stopped\n")
    except OSError:
        pass


def _die(number: int) -> None:
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
