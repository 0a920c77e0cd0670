"""Files that are whole or not there."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from voteshift.errors import InputError

__all__ = ["write_files"]


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
            text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, indent=2)
            _write_whole(folder / name, text)
    except OSError as error:
        raise InputError(
            f"cannot write there: {error.strerror or error}", file=folder, remedy="choose another folder"
        ) from None


def _write_whole(path: Path, text: str) -> None:
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        os.fchmod(handle, 0o644)  # what mkstemp makes is for its owner alone
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
