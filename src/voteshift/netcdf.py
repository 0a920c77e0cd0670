"""Checks of a netCDF file before HDF5 opens it."""

import mmap
from pathlib import Path

from voteshift.errors import InputError
from voteshift.hdf5 import HEAP, excess, objects_of_heap

__all__ = ["need_ends", "need_whole"]


def need_ends(path: Path, remedy: str) -> None:
    """Check that the lengths of the entries of every heap of texts in a file are valid.

    HDF5 (2.0.0) does not check these lengths. If an entry has length 0, HDF5 loops without end, and Python
    cannot interrupt it. See "Global Heap" in the HDF5 File Format Specification, section III.E.

    Parameters
    ----------
    path : Path
        A netCDF-4 file. Any other file passes the check.
    remedy : str
        The remedy in the error.

    Raises
    ------
    InputError
        If a length is not valid.
    OSError, ValueError
        If the file cannot be read, or is empty.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        start = content.find(HEAP)
        while start >= 0:
            if objects_of_heap(content, start) is None:
                raise InputError(
                    "the netCDF file is damaged: it contains an invalid table of texts",
                    file=path,
                    remedy=remedy,
                )
            start = content.find(HEAP, start + 1)


def need_whole(path: Path, remedy: str) -> None:
    """Check that a netCDF file contains all its data, contains each group once, and states valid sizes.

    HDF5 follows links to other files and reads arrays from other files. Groups can contain each other.

    Parameters
    ----------
    path : Path
        A netCDF-4 file, already checked by `need_ends`.
    remedy : str
        The remedy in the error.

    Raises
    ------
    InputError
        If the check fails.
    OSError, RuntimeError, ValueError
        If the file cannot be read.
    """
    import h5py

    def refuse(what: str) -> InputError:
        return InputError(what, file=path, remedy=remedy)

    with h5py.File(path, "r") as file:
        left, seen = [file["/"]], {h5py.h5o.get_info(file.id).addr}
        while left:
            group = left.pop()
            for name in group:
                if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                    raise refuse("the netCDF file contains a link, but voteshift does not follow links")
                item = group[name]
                if isinstance(item, h5py.Group):
                    place = h5py.h5o.get_info(item.id).addr
                    if place in seen:
                        raise refuse("the netCDF file has groups that contain each other")
                    seen.add(place)
                    left.append(item)
                elif isinstance(item, h5py.Dataset) and (item.is_virtual or item.external):
                    raise refuse(
                        "the netCDF file stores data in another file, but voteshift does not read other files"
                    )
        with path.open("rb") as raw, mmap.mmap(raw.fileno(), 0, access=mmap.ACCESS_READ) as content:
            if (message := excess(file, content)) is not None:
                raise refuse(message)
