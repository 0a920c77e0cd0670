"""Errors that a user can cause, each with a message, a place and a remedy."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from os import PathLike
from typing import Final

__all__ = [
    "BridgeWarning",
    "DataWarning",
    "InputError",
    "NotUsableError",
    "Unavailable",
    "UsageError",
    "VoteshiftError",
    "did_you_mean",
    "escape_text",
    "quote",
]

_LONGEST_QUOTED: Final = 60


class VoteshiftError(Exception):
    """Base class of all errors that voteshift raises on purpose.

    Parameters
    ----------
    message : str
        What is wrong.
    file : path, optional
        The file that contains the error.
    line : int, optional
        The line of the file, from 1.
    id : str, optional
        The roll call or member that the error is about.
    remedy : str, optional
        What the user can do.
    """

    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        file: str | PathLike[str] | None = None,
        line: int | None = None,
        id: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.message = escape_text(message)
        self.file = None if file is None else str(file)
        self.line = line
        self.id = id
        self.remedy = None if remedy is None else escape_text(remedy)
        super().__init__(str(self))

    def __str__(self) -> str:
        """Return one line: place, message, remedy."""
        place = escape_text(":".join(str(part) for part in (self.file, self.line) if part is not None))
        text = f"{place}: {self.message}" if place else self.message
        return f"{text} ({self.remedy})" if self.remedy else text

    def __reduce__(self) -> tuple[object, ...]:
        """Rebuild the error from its parts, so that it can be sent from one process to another."""
        return (_rebuild, (type(self), self.message, self.file, self.line, self.id, self.remedy))


def _rebuild(
    kind: type[VoteshiftError],
    message: str,
    file: str | None,
    line: int | None,
    id: str | None,
    remedy: str | None,
) -> VoteshiftError:
    return kind(message, file=file, line=line, id=id, remedy=remedy)


class InputError(VoteshiftError, ValueError):
    """Data that cannot be read or used."""

    exit_code = 3


class UsageError(VoteshiftError, ValueError):
    """A request that is invalid or ambiguous."""

    exit_code = 2


class NotUsableError(VoteshiftError, RuntimeError):
    """An answer that must not be used: a fit that did not converge, a model that cannot be fitted."""

    exit_code = 1


class DataWarning(UserWarning):
    """Data that are used, although you should check them."""


class BridgeWarning(UserWarning):
    """A gap between two periods has no bridge, so positions before and after this gap are not comparable."""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A result that could not be computed. Its truth value is False.

    Attributes
    ----------
    reason : str
        The reason, as a clause that can end a sentence.
    """

    reason: str

    def __bool__(self) -> bool:
        """Return False, so that ``if result:`` selects the results that could be computed."""
        return False

    def __str__(self) -> str:
        """Return the reason."""
        return self.reason


def escape_text(text: str) -> str:
    """Return text with every character that is not printable escaped: control characters and line ends."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def quote(value: object) -> str:
    """Return a value as messages show it: escaped, and shortened if it is long.

    Parameters
    ----------
    value : object
        A value from a file or an argument. A NumPy scalar is shown as a Python value.
    """
    if type(value).__module__ == "numpy" and getattr(value, "shape", None) == ():
        value = value.item()  # type: ignore[attr-defined]
    text = escape_text(repr(value))
    if len(text) <= _LONGEST_QUOTED + 2:
        return text
    if isinstance(value, str):
        return escape_text(repr(value[: _LONGEST_QUOTED - 3] + "..."))
    return text[:_LONGEST_QUOTED] + "..."


def did_you_mean(name: str, choices: Iterable[object]) -> str:
    """Return a remedy for an unknown name: up to three names to choose from.

    Parameters
    ----------
    name : str
        The unknown name.
    choices : iterable
        The names to choose from.

    Returns
    -------
    str
        The names that contain the unknown name, in upper or lower case. If there are none, the names with a
        similar spelling. If no name has a similar spelling, the first three names.
    """
    names = [str(other) for other in choices]
    holding = [other for other in names if name.casefold() in other.casefold()]
    near = (holding or get_close_matches(name, names, n=3))[:3]
    if near:
        return f"did you mean {' or '.join(near)}?"
    return (
        f"choose from {', '.join(names[:3])}{', …' * (len(names) > 3)}"
        if names
        else ("there is no name to choose from")
    )
