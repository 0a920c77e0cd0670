"""The errors a person can cause, each saying what is wrong, where, and what to do."""

from collections.abc import Iterable
from os import PathLike

__all__ = [
    "BridgeWarning",
    "InputError",
    "NotUsableError",
    "UsageError",
    "VoteshiftError",
    "did_you_mean",
]


class VoteshiftError(Exception):
    """Base of every error voteshift raises on purpose.

    Parameters
    ----------
    message : str
        What is wrong.
    file : path, optional
        The file it is in.
    line : int, optional
        Line of that file, the first line being 1.
    id : str, optional
        The roll call or member concerned.
    remedy : str, optional
        What to do about it.
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
        self.message = message
        self.file = None if file is None else str(file)
        self.line = line
        self.id = id
        self.remedy = remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        """One line: place, what is wrong, what to do."""
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        text = f"{place}: {self.message}" if place else self.message
        return f"{text} ({self.remedy})" if self.remedy else text

    def __reduce__(self) -> tuple[object, ...]:
        """Rebuild from the parts, so that errors survive a trip between processes."""
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
    """Data that cannot be taken as they are."""

    exit_code = 3


class UsageError(VoteshiftError, ValueError):
    """A request that names nothing, or more than one thing."""

    exit_code = 2


class NotUsableError(VoteshiftError, RuntimeError):
    """An answer that must not be used: a fit that did not converge, a model that cannot be fitted."""

    exit_code = 1


class BridgeWarning(UserWarning):
    """Periods that no bridge joins: positions of one may not be compared with positions of the other."""


def did_you_mean(name: str, known: Iterable[object]) -> str:
    """Return the remedy where a name is not known: up to three that are.

    Parameters
    ----------
    name : str
        What was asked for.
    known : iterable
        What there is.

    Returns
    -------
    str
        Those that hold the name, whatever its case, else those spelled like it, else the first.
    """
    from difflib import get_close_matches

    names = [str(other) for other in known]
    holding = [other for other in names if name.casefold() in other.casefold()]
    near = (holding or get_close_matches(name, names, n=3))[:3]
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"there is {', '.join(names[:3])}{', …' * (len(names) > 3)}" if names else "there is none"
