"""Checks of the sizes that an HDF5 file states against the size of the file, before HDF5 allocates memory.

HDF5 does not check lengths: one damaged length in a file of 20 kB makes it request 4 GiB.
"""

import math
import mmap
import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

from voteshift.budget import ARRAYS

if TYPE_CHECKING:
    import h5py

__all__ = ["HEAP", "excess", "objects_of_heap"]

#: The first bytes of a heap of texts; number and length precede each object of a heap. See "Global Heap"
#: in the HDF5 File Format Specification, section III.E.
HEAP: Final = b"GCOL\x01\x00\x00\x00"
_HEAD: Final = struct.Struct("<8sQ")
_OBJECT: Final = struct.Struct("<H6xQ")
#: A reference to a text: its length, the address of a heap, the number of the object there.
_REFERENCE: Final = np.dtype([("length", "<u4"), ("heap", "<u8"), ("number", "<u4")])
_NO_ADDRESS: Final = (1 << 64) - 1


def objects_of_heap(content: mmap.mmap, begin: int) -> dict[int, int] | None:
    """Return the size of every object of a heap by its number, or None if an entry has an invalid length."""
    sizes: dict[int, int] = {}
    if begin + _HEAD.size > len(content):
        return sizes
    end = min(len(content), begin + _HEAD.unpack_from(content, begin)[1])
    place = begin + _HEAD.size
    while place + _OBJECT.size <= end:
        number, length = _OBJECT.unpack_from(content, place)
        # Object 0 is the free space with its header; other objects are padded to eight bytes.
        step = length if number == 0 else _OBJECT.size + length + -length % 8
        if not 0 < step <= end - place:
            return None
        sizes[number] = length
        place += step
    return sizes


def excess(file: "h5py.File", content: mmap.mmap) -> str | None:
    """Return a message if a file states a size above its budget, or None if all sizes are allowed.

    Parameters
    ----------
    file : File
        The open file, which contains hard links only.
    content : mmap
        The bytes of the file.

    Returns
    -------
    str or None
        A message about the first array, attribute, packed piece or text that is larger than the file allows.
    """
    return next(_excesses(file, content), None)


def _excesses(file: "h5py.File", content: mmap.mmap) -> Iterator[str]:
    limit, size = ARRAYS.limit(len(content)), len(content)
    heaps = _heaps(content)
    stored: list[tuple[int, int]] = []
    total = 0
    for name, item in _objects(file):
        for attribute in item.attrs:
            stated = item.attrs.get_id(attribute)
            asked = math.prod(map(int, stated.shape or ())) * stated.get_type().get_size()
            if asked > limit:
                yield f"the attribute {attribute} of {name} needs {asked >> 20} MiB, too much for this file"
        if not hasattr(item, "chunks"):
            continue
        width = item.id.get_type().get_size()
        asked = math.prod(map(int, item.shape or ())) * width
        packed = math.prod(map(int, item.chunks or ())) * width
        total += asked
        if max(asked, packed) > limit or total > limit:
            yield f"{name} unpacks to {max(asked, packed) >> 20} MiB, too much for a file of this size"
        pieces = list(_pieces(item))
        if any(length > size for _, length in pieces):
            yield f"a chunk of {name} is longer than the file"
        if _holds_texts(item.id.get_type()):
            if item.id.get_create_plist().get_nfilters():
                yield f"the texts of {name} are compressed, which is not supported"
            for begin, length in pieces:
                count = min(length, max(size - begin, 0)) // _REFERENCE.itemsize
                references = (
                    np.frombuffer(content, _REFERENCE, count, begin) if count else np.empty(0, _REFERENCE)
                )
                for text, heap, number in references.tolist():
                    if text and text > heaps.get(heap, {}).get(number, 0):
                        yield f"{name} names a text of {text} bytes, which is not in the file"
                    total += text
            if total > limit:
                yield f"the texts of {name} need {total >> 20} MiB, too much for a file of this size"
        stored += pieces
    yield from _excess_of_attributes(content, heaps, stored)


def _excess_of_attributes(
    content: mmap.mmap, heaps: dict[int, dict[int, int]], stored: list[tuple[int, int]]
) -> Iterator[str]:
    """Check the references to the texts of attributes, which are outside the data."""
    begins = np.array(sorted(stored) or [(0, 0)], dtype=np.uint64)
    for heap, sizes in heaps.items():
        address, place = struct.pack("<Q", heap), -1
        while (place := content.find(address, place + 1)) >= 0:
            block = int(np.searchsorted(begins[:, 0], place, side="right")) - 1
            within_data = block >= 0 and place < int(begins[block].sum())
            if within_data or place < 4 or place + 12 > len(content):
                continue
            text, _, number = struct.unpack_from("<IQI", content, place - 4)
            if number in sizes and text > sizes[number]:
                yield f"an attribute names a text of {text} bytes, which is not in the file"


def _heaps(content: mmap.mmap) -> dict[int, dict[int, int]]:
    heaps, place = {}, -1
    while (place := content.find(HEAP, place + 1)) >= 0:
        heaps[place] = objects_of_heap(content, place) or {}
    return heaps


def _objects(file: "h5py.File") -> Iterator[tuple[str, "h5py.Group | h5py.Dataset"]]:
    waiting = [("the file", file["/"])]
    while waiting:
        name, item = waiting.pop()
        yield name, item
        if not hasattr(item, "chunks"):
            waiting += [(child, item[child]) for child in item]


def _pieces(item: "h5py.Dataset") -> Iterator[tuple[int, int]]:
    """Yield the offset and the length in bytes of every chunk of a dataset."""
    if item.chunks is None:
        if (begin := item.id.get_offset()) is not None and begin != _NO_ADDRESS:
            yield int(begin), int(item.id.get_storage_size())
        return
    for number in range(item.id.get_num_chunks()):
        piece = item.id.get_chunk_info(number)
        yield int(piece.byte_offset or 0), int(piece.size)


def _holds_texts(kind: "h5py.h5t.TypeID") -> bool:
    """Return whether values are references to a heap: texts, or sequences of variable length."""
    import h5py

    if kind.get_class() == h5py.h5t.STRING:
        return bool(kind.is_variable_str())
    return bool(kind.get_class() == h5py.h5t.VLEN)
