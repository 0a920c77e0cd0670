"""What is asked of a netCDF file before HDF5 is let at it."""

import mmap
import struct
from pathlib import Path
from typing import Final

from voteshift.errors import InputError

__all__ = ["need_ends"]

#: The first bytes of a heap of texts, and what stands before each of its entries: number and length.
_HEAP: Final = b"GCOL\x01\x00\x00\x00"
_HEAD: Final = struct.Struct("<8sQ")
_ENTRY: Final = struct.Struct("<H6xQ")


def need_ends(path: Path, remedy: str) -> None:
    """Raise unless the entries of every heap of texts in a file lead to its end.

    HDF5 (2.0.0) walks over them without looking: at an entry of no length it goes round for ever, and nothing
    in Python can stop it. See "Global Heap" in the HDF5 File Format Specification, section III.E.

    Parameters
    ----------
    path : Path
        A netCDF-4 file; of any other file nothing is asked.
    remedy : str
        What to do where one is damaged.

    Raises
    ------
    InputError
        If one leads nowhere.
    OSError, ValueError
        If the file cannot be read, or is empty.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        at = content.find(_HEAP)
        while at >= 0:
            if not _ends(content, at):
                raise InputError(
                    "the netCDF file is damaged: a table of texts in it leads nowhere",
                    file=path,
                    remedy=remedy,
                )
            at = content.find(_HEAP, at + 1)


def _ends(content: mmap.mmap, at: int) -> bool:
    if at + _HEAD.size > len(content):
        return True
    end = min(len(content), at + _HEAD.unpack_from(content, at)[1])
    place = at + _HEAD.size
    while place + _ENTRY.size <= end:
        number, length = _ENTRY.unpack_from(content, place)
        # Entry 0 is what is free, its own head included; the others are filled up to eight bytes.
        step = length if number == 0 else _ENTRY.size + length + -length % 8
        if not 0 < step <= end - place:
            return False
        place += step
    return True
