"""Files that are whole or not there."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from voteshift.errors import InputError
from voteshift.writers.whole import whole_file

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
            with whole_file(folder / name) as beside:
                beside.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"cannot write there: {error.strerror or error}", file=folder, remedy="choose another folder"
        ) from None
