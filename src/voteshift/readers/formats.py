"""The registry of formats: a name, a function that detects the format, and a function that reads it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Final

from voteshift.arguments import checked
from voteshift.errors import InputError, UsageError, quote
from voteshift.readers.findings import Notes
from voteshift.readers.record import Record
from voteshift.readers.text import head_of, is_folder
from voteshift.rollcalls import RollCalls

__all__ = ["FORMATS", "Format", "Sample", "find_format", "register_reader"]


@dataclass(frozen=True, slots=True)
class Sample:
    """The start of a file, or the names in a folder, used to detect the format.

    Parameters
    ----------
    path : Path
        The file or folder. Its name decides nothing for the formats that come with voteshift.
    head : bytes
        The first 64 KiB of a file, unpacked where it is gzip or xz; empty for a folder.
    files : tuple of str
        Names of what a folder holds, in order; empty for a file.
    """

    path: Path
    head: bytes = b""
    files: tuple[str, ...] = ()

    @property
    def first_line(self) -> str:
        """The first line that is not blank, as far as the sample goes; what is not UTF-8 is replaced."""
        lines = self.head.decode("utf-8-sig", "replace").splitlines()
        return next((line for line in lines if line.strip()), "")


@dataclass(frozen=True, slots=True)
class Format:
    """A format that can be read.

    Parameters
    ----------
    name : str
        What `read` calls it.
    about : str
        Its description, in a few words.
    sniff : callable
        Takes a `Sample`, returns whether the format is this one.
    load : callable
        Takes the path and the list of findings, returns the record.
    """

    name: str
    about: str
    sniff: Callable[[Sample], bool] = field(repr=False)
    load: Callable[[Path, Notes], Record] = field(repr=False)


#: All formats by name, in the order in which they are tried on a file.
FORMATS: Final[dict[str, Format]] = {}


@checked
def register_reader(
    name: str,
    sniff: Callable[[Sample], bool],
    read: Callable[[Path], RollCalls],
    *,
    about: str = "",
) -> None:
    """Add a format that `read`, `check_file` and every command then read like the formats of voteshift.

    Parameters
    ----------
    name : str
        A name that no other format has.
    sniff : callable
        Takes a `Sample` (the path, the first bytes or the names in the folder) and returns whether the file
        has this format. Added formats are tried first, the latest before the others.
    read : callable
        Takes the path and returns the `RollCalls`. It raises `InputError` for what it cannot take; file and
        line are welcome, and the file is added where it is not named.
    about : str, optional
        What the format is, in a few words.

    Raises
    ------
    UsageError
        If the name is empty or taken.
    """
    if not name or name in FORMATS:
        raise UsageError(
            f"the format name {quote(name)} is taken" if name else "the name of a format is empty",
            remedy="choose another name",
        )

    def load(path: Path, notes: Notes) -> Record:  # noqa: ARG001  the reader raises at the first error
        return Record.of(read_naming(path, read), path)

    others = dict(FORMATS)
    FORMATS.clear()
    FORMATS[name] = Format(name, about, sniff, load)
    FORMATS.update(others)


def read_naming(path: Path, read: Callable[[Path], RollCalls]) -> RollCalls:
    """Call a reader; errors that it raises name the file."""
    try:
        return read(path)
    except InputError as error:
        if error.file is not None:
            raise
        raise InputError(
            error.message, file=path, line=error.line, id=error.id, remedy=error.remedy
        ) from None


def find_format(path: str | PathLike[str], name: str | None = None) -> Format:
    """Return the format of a file or folder.

    Parameters
    ----------
    path : path
        The file or folder.
    name : str, optional
        The name of the format; by default it is detected from the contents of the file.

    Raises
    ------
    UsageError
        If no format has that name.
    InputError
        If the file cannot be read, or is of no format.
    """
    if name is not None:
        if name not in FORMATS:
            raise UsageError(f"unknown format {quote(name)}", remedy=f"formats are {', '.join(FORMATS)}")
        return FORMATS[name]
    sample = sample_of(Path(path))
    for candidate in FORMATS.values():
        if candidate.sniff(sample):
            return candidate
    raise InputError("the format of the file is not recognised", file=path, remedy="write it as a CSV table")


def sample_of(path: Path) -> Sample:
    """Return the sample by which the format of a file or folder is detected."""
    if not is_folder(path):
        return Sample(path, head=head_of(path))
    try:
        return Sample(path, files=tuple(sorted(entry.name for entry in path.iterdir())))
    except OSError as error:
        raise InputError(
            f"the folder cannot be listed: {error.strerror}", file=path, remedy="check its permissions"
        ) from None
