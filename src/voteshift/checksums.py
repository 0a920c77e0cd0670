"""Checksums of arrays and of netCDF files, to check that the numbers read are the numbers written.

A checksum detects damaged and exchanged files. It is not a signature: a person who changes a file on purpose
can compute the checksum again.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import InputError

if TYPE_CHECKING:
    import h5py

__all__ = ["NAME", "NOT_VERIFIED", "add_checksum", "checksum_of", "verify_checksum"]

#: Global attribute of a netCDF file with its checksum.
NAME: Final = "voteshift_checksum"
#: The caution for a file without a checksum.
NOT_VERIFIED: Final = (
    "the file contains no checksum, so damage to its numbers cannot be detected",
    "write the file again with this version of voteshift",
)
#: Attributes of the file itself that a checksum leaves out: itself, and addresses that HDF5 keeps both ways.
_LEFT_OUT: Final = frozenset({NAME, "REFERENCE_LIST"})


def checksum_of(parts: Iterable[tuple[str, object]]) -> str:
    """Return the SHA-256 digest of named values, in hexadecimal.

    Parameters
    ----------
    parts : iterable of (str, object)
        Names with arrays, or with values that can be written as JSON. The digest reads the parts in order.
        For an array it reads a line of JSON with name, dtype and shape, then the bytes of the array in C
        order. For any other value it reads a line of JSON with name and value.
    """
    digest = hashlib.sha256()
    for name, value in parts:
        if isinstance(value, np.ndarray) and not value.dtype.hasobject:
            content = np.ascontiguousarray(value).reshape(-1)
            digest.update(json.dumps([name, value.dtype.descr, value.shape]).encode() + b"\n")
            digest.update(content.view(np.uint8) if content.nbytes else b"")
        else:
            digest.update(json.dumps([name, "json", value]).encode() + b"\n")
    return digest.hexdigest()


def add_checksum(file: "h5py.File") -> None:
    """Compute the checksum of everything in a netCDF-4 file and write it as the attribute `NAME`."""
    file.attrs[NAME] = checksum_of(_parts(file))


def verify_checksum(file: "h5py.File", path: Path) -> bool:
    """Return True if a netCDF-4 file has a checksum; raise an error if the content differs from the checksum.

    Parameters
    ----------
    file : h5py.File
        The open file, already checked by `voteshift.netcdf.need_whole`.
    path : Path
        The path of the file, for the error.

    Raises
    ------
    InputError
        If the content differs from the checksum.
    """
    if NAME not in file.attrs:
        return False
    if _plain(file, file.attrs[NAME]) != checksum_of(_parts(file)):
        raise InputError(
            "the content differs from the checksum: the file is damaged, or was edited after it was written",
            file=path,
            remedy=(
                "write or fetch the file again; if you edited the file on purpose, delete the attribute "
                f"{NAME} of the file"
            ),
        )
    return True


def _parts(file: "h5py.File") -> Iterator[tuple[str, object]]:
    """Yield every array and attribute of a file by path, in order of names, each group before its content."""
    import h5py

    waiting: list[Any] = [file["/"]]
    while waiting:
        item = waiting.pop()
        for name in sorted(set(item.attrs) - _LEFT_OUT):
            yield f"{item.name}@{name}", _plain(file, item.attrs[name])
        if isinstance(item, h5py.Dataset):
            yield item.name, _plain(file, item[()])
        else:
            waiting.extend(item[name] for name in sorted(item, reverse=True))


def _plain(file: "h5py.File", value: object) -> "NDArray[Any] | object":
    """Return numbers as an array, text as text, and a reference as the name of the object it refers to."""
    import h5py

    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, h5py.Reference):
        return file[value].name if value else None
    if isinstance(value, h5py.Empty):
        return None
    if isinstance(value, np.ndarray) and value.dtype.hasobject:
        return [value.shape, [_plain(file, part) for part in value.ravel().tolist()]]
    if isinstance(value, str):
        return value
    return np.asarray(value)
