"""Sizes that an HDF5 file states and does not hold."""

import mmap
from pathlib import Path

import h5py
import numpy as np
import pytest

from voteshift.hdf5 import excess


def message(path: Path) -> str | None:
    with (
        h5py.File(path, "r") as file,
        path.open("rb") as raw,
        mmap.mmap(raw.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        return excess(file, content)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a file with texts in an array, in an attribute and in a group, of the oldest layout."""
    with h5py.File(tmp_path / "f.h5", "w", libver=("earliest", "v108")) as file:
        group = file.create_group("members")
        group.create_dataset("names", data=["Lovelace", "Hahn"], dtype=h5py.string_dtype())
        group["names"].attrs["long_name"] = "the name"
        file.create_dataset("votes", data=np.zeros((20, 30), np.int8), chunks=(10, 10), compression="gzip")
    return tmp_path / "f.h5"


def damaged(path: Path, place: int, value: bytes) -> Path:
    content = bytearray(path.read_bytes())
    content[place : place + len(value)] = value
    path.write_bytes(bytes(content))
    return path


def test_a_sound_file_states_nothing_beyond_itself(path: Path) -> None:
    assert message(path) is None


def test_a_text_longer_than_its_file(path: Path) -> None:
    with h5py.File(path) as file:
        place = file["members/names"].id.get_offset()
    assert "names a text of 4294967295 bytes" in str(message(damaged(path, place, b"\xff" * 4)))


def test_a_text_of_an_attribute_longer_than_its_file(path: Path) -> None:
    content = path.read_bytes()
    heap = content.index(b"GCOL\x01\0\0\0").to_bytes(8, "little")
    with h5py.File(path) as file:
        names = file["members/names"]
        data = range(names.id.get_offset(), names.id.get_offset() + names.id.get_storage_size())
    places = [k for k in range(len(content)) if content[k : k + 8] == heap and k not in data]
    assert places
    found = [message(damaged(path, place - 4, b"\xff" * 3 + b"\x7f")) for place in places]
    assert any("an attribute names a text of 2147483647 bytes" in str(text) for text in found)


def test_a_piece_longer_than_its_file(path: Path) -> None:
    with h5py.File(path) as file:
        size = file["votes"].id.get_chunk_info(0).size
        address = file["votes"].id.get_chunk_info(0).byte_offset
    content = path.read_bytes()
    place = content.rindex(size.to_bytes(4, "little"), 0, content.index(address.to_bytes(8, "little")))
    assert "a chunk of votes is longer than the file" in str(message(damaged(path, place, b"\xff" * 4)))


def test_texts_that_are_packed(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "f.h5", "w") as file:
        texts = np.array(["x" * 1000] * 1000, dtype=object)
        file.create_dataset("names", data=texts, dtype=h5py.string_dtype(), compression="gzip")
    assert "the texts of names are compressed" in str(message(tmp_path / "f.h5"))


def test_an_array_larger_than_any_number(tmp_path: Path) -> None:
    """Sizes are multiplied as whole numbers: in 64 bits these would be 0 bytes."""
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file.create_dataset("votes", shape=(1 << 32, 1 << 32), dtype="int8", chunks=(1, 1))
    assert "votes unpacks to" in str(message(tmp_path / "f.h5"))
