"""Standard streams that may be closed, full, left by their reader, or unable to write every letter."""

import codecs
import io
import os
import sys
from typing import Final, TextIO

from voteshift.errors import InputError

__all__ = ["open_streams"]

#: Plain letters for the signs of tables that an encoding lacks.
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
    """Write a sign that the encoding lacks in plain letters, any other as its code."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    text = "".join(_PLAIN.get(letter) or ascii(letter)[1:-1] for letter in letters)
    return text, error.end


class _Results(io.TextIOWrapper):
    """Stdout: a reader that leaves ends the program quietly, a full disk with an error."""

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
    """Stderr: where no message can be written, the command goes on."""

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
        return SystemExit(0)  # `voteshift tally | head`: nothing is wrong on our side
    return InputError(
        f"the results cannot be written to standard output: {error.strerror or error}",
        remedy="check the space left, or write to another place",
    )


def _discard(number: int) -> None:
    """Redirect a stream to nowhere, so that the text it still holds raises no second error."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)


def open_streams() -> None:
    """Replace stdout and stderr.

    Signs that their encoding lacks are written in plain letters; ASCII, the encoding of a bare locale, is
    taken as UTF-8. A closed stdin, stdout or stderr is opened on nothing: no file may take its number.

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
            "standard output is closed, so there is no place for the results",
            remedy="send them to a file, or to /dev/null",
        )


def _taken(stream: TextIO | None, number: int, kind: type[io.TextIOWrapper]) -> TextIO:
    """Return a stream that writes to the same place, with the errors of `kind`."""
    if stream is not None and type(stream) is not io.TextIOWrapper:
        return stream  # that of a notebook or a test
    encoding = "utf-8" if stream is None else codecs.lookup(stream.encoding).name
    return kind(
        open(number, "wb", closefd=False),
        encoding="utf-8" if encoding == "ascii" else encoding,
        errors=_ERRORS,
        line_buffering=stream is not None and stream.line_buffering,
    )
