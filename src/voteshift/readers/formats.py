"""The registry of formats: a name, a function that detects the format, and a function that reads it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from os import PathLike
from pathlib import Path
from typing import Final

from voteshift.arguments import checked
from voteshift.errors import InputError, UsageError, quote
from voteshift.extensions import installed, load_extension
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
        The file or folder. The built-in formats of voteshift are not detected from its name.
    head : bytes
        The first 64 KiB of a file, decompressed if the file is in gzip or xz; empty for a folder.
    files : tuple of str
        The names of the files in a folder, sorted; empty for a file.
    """

    path: Path
    head: bytes = b""
    files: tuple[str, ...] = ()

    @property
    def first_line(self) -> str:
        """The first line of the sample that is not blank; bytes that are not UTF-8 are replaced."""
        lines = self.head.decode("utf-8-sig", "replace").splitlines()
        return next((line for line in lines if line.strip()), "")


@dataclass(frozen=True, slots=True)
class Format:
    """A format that can be read.

    Parameters
    ----------
    name : str
        The name of the format in the argument `format` of `read`.
    about : str
        A short description of the format.
    sniff : callable
        A function of a `Sample` that returns True if the file has this format.
    load : callable
        A function of the path and the list of findings that returns the record.
    takes : tuple of str
        The arguments of `read` that this format uses: of ``codes``, ``columns``, ``date_format`` and
        ``encoding``. By default none, because a format with fixed codes and columns needs no explanation.
    """

    name: str
    about: str
    sniff: Callable[[Sample], bool] = field(repr=False)
    load: Callable[[Path, Notes], Record] = field(repr=False)
    takes: tuple[str, ...] = ()


#: All formats by name, in the order in which they are tried on a file. Formats of installed packages are
#: added when the first file is read, or the first format is added in code.
FORMATS: Final[dict[str, Format]] = {}
_GROUP: Final = "voteshift.readers"


@checked
def register_reader(
    name: str,
    sniff: Callable[[Sample], bool],
    read: Callable[[Path], RollCalls],
    *,
    about: str = "",
) -> None:
    """Add a format. `read`, `check_file` and every command then read it like the built-in formats.

    Parameters
    ----------
    name : str
        The name of the format. No other format may have the same name.
    sniff : callable
        A function of a `Sample` (the path, and the first bytes of a file or the file names in a folder). It
        returns True if the file has this format. Added formats are tried before the built-in formats, and the
        latest added format is tried first.
    read : callable
        A function of the path that returns the `RollCalls`. It raises `InputError` if the file is not valid,
        if possible with the line. If the error does not name the file, the name of the file is added to the
        error.
    about : str, optional
        A short description of the format.

    Raises
    ------
    UsageError
        If the name is empty, or another format has the name.
    """
    _add_installed()
    _add(name, sniff, read, about)


@cache
def _add_installed() -> None:
    """Add the formats of installed packages: objects with the functions ``sniff`` and ``read``."""
    for name in installed(_GROUP):
        reader = load_extension(_GROUP, name)
        _add(name, reader.sniff, reader.read, getattr(reader, "about", ""))


def _add(name: str, sniff: Callable[[Sample], bool], read: Callable[[Path], RollCalls], about: str) -> None:
    if not name or name in FORMATS:
        raise UsageError(
            f"a format with the name {quote(name)} already exists"
            if name
            else "the name of the format is empty",
            remedy="choose another name",
        )

    def load(path: Path, notes: Notes) -> Record:  # noqa: ARG001  the reader raises at the first error
        return Record.of(read_naming(path, read), path)

    others = dict(FORMATS)
    FORMATS.clear()
    FORMATS[name] = Format(name, about, sniff, load)
    FORMATS.update(others)


def read_naming(path: Path, read: Callable[[Path], RollCalls]) -> RollCalls:
    """Call a reader, and add the name of the file to an error that does not name the file."""
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
        If no format has the name `name`.
    InputError
        If the file cannot be read, or has none of the formats.
    """
    _add_installed()
    if name is not None:
        if name not in FORMATS:
            raise UsageError(f"unknown format {quote(name)}", remedy=f"formats are {', '.join(FORMATS)}")
        return FORMATS[name]
    sample = sample_of(Path(path))
    for candidate in FORMATS.values():
        if candidate.sniff(sample):
            return candidate
    raise InputError("the format of the file is unknown", file=path, remedy="write the votes as a CSV table")


def sample_of(path: Path) -> Sample:
    """Return the sample of a file or folder from which its format is detected."""
    if not is_folder(path):
        return Sample(path, head=head_of(path))
    try:
        return Sample(path, files=tuple(sorted(entry.name for entry in path.iterdir())))
    except OSError as error:
        raise InputError(
            f"the folder cannot be listed: {error.strerror}",
            file=path,
            remedy=("check the permissions of the folder"),
        ) from None
