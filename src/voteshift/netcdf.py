"""What is asked of a netCDF file before HDF5 is let at it."""

import mmap
import struct
from pathlib import Path
from typing import Final

from voteshift.errors import InputError

__all__ = ["need_ends", "need_whole"]

#: The first bytes of a heap of texts, and what stands before each of its entries: number and length.
_HEAP: Final = b"GCOL\x01\x00\x00\x00"
_HEAD: Final = struct.Struct("<8sQ")
_ENTRY: Final = struct.Struct("<H6xQ")
#: An array of more bytes than this, and than so many for each byte of its file, is a trap.
_FREE: Final = 1 << 26
_MOST_RATIO: Final = 400


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


def need_whole(path: Path, remedy: str) -> None:
    """Raise unless everything a netCDF file holds is in it, once, and is of a size that it can hold.

    HDF5 follows links and arrays into whatever other file they name; groups may hold each other.

    Parameters
    ----------
    path : Path
        A netCDF-4 file, of which `need_ends` has been asked.
    remedy : str
        What to do where it is not so.

    Raises
    ------
    InputError
        If it is not so.
    OSError, RuntimeError, ValueError
        If the file cannot be read.
    """
    import h5py

    def refuse(what: str) -> InputError:
        return InputError(what, file=path, remedy=remedy)

    most = _FREE + _MOST_RATIO * path.stat().st_size
    with h5py.File(path, "r") as file:
        left, seen = [file["/"]], {h5py.h5o.get_info(file.id).addr}
        while left:
            group = left.pop()
            for name in group:
                if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                    raise refuse("the netCDF file holds a link, which is not followed")
                item = group[name]
                if isinstance(item, h5py.Group):
                    place = h5py.h5o.get_info(item.id).addr
                    if place in seen:
                        raise refuse("the netCDF file holds groups that hold each other")
                    seen.add(place)
                    left.append(item)
                elif isinstance(item, h5py.Dataset):
                    if item.is_virtual or item.external:
                        raise refuse("the netCDF file names another file for its data, which is not followed")
                    if item.nbytes > most:
                        raise refuse(f"{name} unpacks to {item.nbytes >> 20} MiB")


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
