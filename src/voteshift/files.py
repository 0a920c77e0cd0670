"""Files that are whole or not there: written beside their place, then moved there."""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from voteshift.errors import InputError, VoteshiftError

__all__ = ["whole_file", "whole_folder", "write_files"]


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a path to write to; when the block ends without an error, what is there replaces `path`.

    Parameters
    ----------
    path : Path
        Where the file is to be. Until the end, and after any error or a kill, it is what it was.

    Raises
    ------
    InputError
        If it cannot be written: no such folder, no permission, a full disk.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
    except (OSError, ValueError) as error:
        raise _cannot(error, path) from None
    beside = Path(name)
    try:
        os.fchmod(handle, 0o644)  # what mkstemp makes is for its owner alone
        os.close(handle)
        yield beside
        _sync(beside)
        beside.replace(path)
        _sync(path.parent)
    except (OSError, ValueError) as error:
        beside.unlink(missing_ok=True)
        if isinstance(error, VoteshiftError):
            raise
        raise _cannot(error, path) from None
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Give a folder to write files to; when the block ends without an error it is at `path`.

    Parameters
    ----------
    path : Path
        Where the folder is to be; nothing may be there, or an empty folder.

    Raises
    ------
    InputError
        If something is there, or it cannot be written.
    """
    try:
        if path.exists() and not (path.is_dir() and not any(path.iterdir())):
            raise InputError(
                "something is there already", file=path, remedy="remove it or choose another place"
            )
        beside = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name[:100]}."))
    except VoteshiftError:
        raise
    except (OSError, ValueError) as error:
        raise _cannot(error, path) from None
    try:
        beside.chmod(0o755)
        yield beside
        for file in beside.iterdir():
            _sync(file)
        _sync(beside)
        beside.replace(path)
        _sync(path.parent)
    except (OSError, ValueError) as error:
        _remove(beside)
        if isinstance(error, VoteshiftError):
            raise
        raise _cannot(error, path) from None
    except BaseException:
        _remove(beside)
        raise


def write_files(folder: Path, contents: Mapping[str, str | dict[str, Any]]) -> None:
    """Write files into a folder, each first beside its place and then moved there.

    Parameters
    ----------
    folder : Path
        Made where it is not there.
    contents : mapping of file name to text or JSON document
        What to write.

    Raises
    ------
    InputError
        If the folder or a file cannot be written; files already in place stay what they were.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            text = content if isinstance(content, str) else _document(content)
            with whole_file(folder / name) as beside:
                beside.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"cannot write there: {error.strerror or error}", file=folder, remedy="choose another folder"
        ) from None


def _document(content: dict[str, Any]) -> str:
    """Write JSON; a number that is none is a programming error, not a result."""
    return json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)


def _remove(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink(missing_ok=True)
    folder.rmdir()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _cannot(error: Exception, path: Path) -> InputError:
    reason = getattr(error, "strerror", None) or error
    return InputError(
        f"cannot write there: {reason}",
        file=path,
        remedy="check the folder, its permissions and the space left",
    )
