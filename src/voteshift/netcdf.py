"""Checks of a netCDF file before HDF5 opens it."""

import mmap
from pathlib import Path

from voteshift.errors import InputError
from voteshift.hdf5 import HEAP, excess, objects_of_heap

__all__ = ["need_ends", "need_whole"]


def need_ends(path: Path, remedy: str) -> None:
    """Raise unless the entries of every heap of texts in a file lead to its end.

    HDF5 (2.0.0) walks over them without looking: at an entry of no length it loops without end, and nothing
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
        start = content.find(HEAP)
        while start >= 0:
            if objects_of_heap(content, start) is None:
                raise InputError(
                    "the netCDF file is damaged: a table of texts in it is not valid",
                    file=path,
                    remedy=remedy,
                )
            start = content.find(HEAP, start + 1)


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
                        raise refuse("the netCDF file has groups that contain each other")
                    seen.add(place)
                    left.append(item)
                elif isinstance(item, h5py.Dataset) and (item.is_virtual or item.external):
                    raise refuse("the netCDF file names another file for its data, which is not followed")
        with path.open("rb") as raw, mmap.mmap(raw.fileno(), 0, access=mmap.ACCESS_READ) as content:
            if (message := excess(file, content)) is not None:
                raise refuse(message)
