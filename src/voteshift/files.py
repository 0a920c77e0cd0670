"""Writing of files without incomplete results: each file is written under a temporary name, then renamed."""

import errno
import json
import os
import secrets
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from voteshift.errors import InputError, VoteshiftError

__all__ = ["discard_pending", "whole_file", "whole_folder", "write_files"]


#: Unfinished files, which are removed when the command line is interrupted.
_PENDING: Final[set[Path]] = set()


def discard_pending() -> None:
    """Remove all files that are not completely written."""
    for path in list(_PENDING):
        _remove(path)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path to write to; if the block ends without an error, rename it to `path`.

    Parameters
    ----------
    path : Path
        The path of the file. The file does not change before the end of the block, nor after an error or if
        the process is killed. If `path` is a symbolic link, the file that it names is replaced and the link
        does not change. If a file is replaced, the new file gets its mode and, if the system allows it, its
        owner. A file that did not exist gets the default mode of the process (umask).

    Raises
    ------
    InputError
        If the file cannot be written: the folder does not exist, permission is missing, the disk is full, or
        `path` is not a file.
    """
    try:
        target = _target(path)
        before = _state(target)
        if before is not None and not stat.S_ISREG(before.st_mode):
            raise InputError("the target exists and is not a file", file=path, remedy="choose another path")
        if before is not None and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        beside = _beside(target)
        _PENDING.add(beside)
        # While the file is written, only users that could read the old file may read it.
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666 if before is None else 0o600))
    except VoteshiftError:
        raise
    except (OSError, ValueError) as error:
        raise _cannot(error, path) from None
    with _moved(beside, target, before, path):
        yield beside
        _sync(beside)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder to write to; if the block ends without an error, rename it to `path`.

    Parameters
    ----------
    path : Path
        The path of the folder. The folder must not exist or must be empty. Mode and owner of an empty folder
        are kept. A symbolic link does not change, as in `whole_file`.

    Raises
    ------
    InputError
        If `path` exists and is not an empty folder, or the folder cannot be written.
    """
    try:
        target = _target(path)
        before = _state(target)
        if before is not None and not (stat.S_ISDIR(before.st_mode) and not any(target.iterdir())):
            raise InputError(
                "the target already exists", file=path, remedy="remove the target or choose another path"
            )
        beside = _beside(target)
        _PENDING.add(beside)
        beside.mkdir(0o777 if before is None else 0o700)
    except VoteshiftError:
        raise
    except (OSError, ValueError) as error:
        raise _cannot(error, path) from None
    with _moved(beside, target, before, path):
        yield beside
        for file in beside.iterdir():
            _sync(file)
        _sync(beside)


def _target(path: Path) -> Path:
    """Return the file or folder that a path names, following symbolic links."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def _state(target: Path) -> os.stat_result | None:
    """Return the status of a file or folder, or None if it does not exist."""
    try:
        return target.stat()
    except FileNotFoundError:
        return None


def _beside(target: Path) -> Path:
    """Return an unused path in the same folder."""
    return target.with_name(f".{target.name[:40]}.{secrets.token_hex(4)}")


@contextmanager
def _moved(beside: Path, target: Path, before: os.stat_result | None, path: Path) -> Iterator[None]:
    """Rename what the block wrote to its final path; remove it after any error."""
    try:
        yield
        if before is not None:
            _take_over(beside, before)
        beside.replace(target)
        _sync(target.parent)
    except (OSError, ValueError) as error:
        _remove(beside)
        if isinstance(error, VoteshiftError):
            raise
        raise _cannot(error, path) from None
    except BaseException:
        _remove(beside)
        raise
    finally:
        _PENDING.discard(beside)


def _take_over(beside: Path, before: os.stat_result) -> None:
    """Give a new file the owner and the mode of the file that it replaces."""
    if hasattr(os, "chown"):
        with suppress(PermissionError):
            os.chown(beside, before.st_uid, before.st_gid)
    beside.chmod(stat.S_IMODE(before.st_mode))


def write_files(folder: Path, contents: Mapping[str, str | dict[str, Any]]) -> None:
    """Write files into a folder, each under a temporary name and then renamed.

    Parameters
    ----------
    folder : Path
        Created if it does not exist.
    contents : mapping of file name to text or JSON document
        The contents of the files.

    Raises
    ------
    InputError
        If the folder or a file cannot be written. Files that exist already do not change.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            text = content if isinstance(content, str) else _document(content)
            with whole_file(folder / name) as beside:
                beside.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"cannot write the file: {error.strerror or error}", file=folder, remedy="choose another folder"
        ) from None


def _document(content: dict[str, Any]) -> str:
    """Write JSON; NaN or infinity raises a ValueError, because it is a programming error."""
    return json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)


def _remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _cannot(error: Exception, path: Path) -> InputError:
    reason = getattr(error, "strerror", None) or error
    return InputError(
        f"cannot write the file: {reason}",
        file=path,
        remedy="check the folder, its permissions and the space left",
    )
