"""The program that runs the commands and reports stream failures and unforeseen errors."""

import os
import sys
from typing import Final

__all__ = ["TRACEBACK", "run"]

#: If this variable is 1, the program shows where an unforeseen error happened.
TRACEBACK: Final = "VOTESHIFT_TRACEBACK"
_LONGEST: Final = 300  # characters of an unforeseen error's message


def run() -> None:
    """Run the command line in this process and replace its standard streams."""
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
            "there is not enough memory for this command (choose a shorter window, fewer draws or a smaller "
            "record)"
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
