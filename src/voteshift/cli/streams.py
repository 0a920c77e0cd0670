"""Standard streams that may be closed, on a full disk, no longer read, or in a limited encoding."""

import codecs
import io
import os
import sys
from typing import Final, TextIO

from voteshift.errors import InputError

__all__ = ["open_streams"]

#: Plain letters for the signs of tables that do not exist in an encoding.
_PLAIN: Final = {
    "\N{MINUS SIGN}": "-",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{BOX DRAWINGS LIGHT HORIZONTAL}": "-",
}
_ERRORS: Final = "voteshift.plain"


def _plain(error: UnicodeError) -> tuple[str, int]:
    """Return plain letters, or the code, for a character that does not exist in the encoding."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    text = "".join(_PLAIN.get(letter) or ascii(letter)[1:-1] for letter in letters)
    return text, error.end


class _Results(io.TextIOWrapper):
    """Stdout: if the reader ends, the program ends without an error; a full disk raises an error."""

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError as error:
            raise _ended(error) from None

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            raise _ended(error) from None


class _Messages(io.TextIOWrapper):
    """Stderr: if a message cannot be written, the command continues."""

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError:
            _discard(2)


def _ended(error: OSError) -> BaseException:
    _discard(1)
    if isinstance(error, BrokenPipeError):
        return SystemExit(0)  # `voteshift tally | head`: this is not an error
    return InputError(
        f"the results cannot be written to standard output: {error.strerror or error}",
        remedy="check the free space of the disk, or write to another file",
    )


def _discard(number: int) -> None:
    """Redirect a stream to the null device, so that its buffered text raises no second error."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)


def open_streams() -> None:
    """Replace stdout and stderr.

    Signs that do not exist in the encoding are written in plain letters. The encoding ASCII, the encoding
    of the C locale, is replaced by UTF-8. A closed stdin, stdout or stderr is opened on the null
    device, so that no other file gets its number.

    Raises
    ------
    InputError
        If stdout is closed.
    """
    closed = sys.stdout is None
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
    codecs.register_error(_ERRORS, _plain)
    sys.stderr = _taken(sys.stderr, 2, _Messages)
    sys.stdout = _taken(sys.stdout, 1, _Results)
    if closed:
        raise InputError(
            "standard output is closed, so the results cannot be printed",
            remedy="redirect standard output to a file, or to /dev/null",
        )


def _taken(stream: TextIO | None, number: int, kind: type[io.TextIOWrapper]) -> TextIO:
    """Return a stream of class `kind` that writes to the same file descriptor."""
    if stream is not None and type(stream) is not io.TextIOWrapper:
        return stream  # that of a notebook or a test
    encoding = "utf-8" if stream is None else codecs.lookup(stream.encoding).name
    return kind(
        open(number, "wb", closefd=False),
        encoding="utf-8" if encoding == "ascii" else encoding,
        errors=_ERRORS,
        line_buffering=stream is not None and stream.line_buffering,
    )
