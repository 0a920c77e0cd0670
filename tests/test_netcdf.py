"""What is asked of a netCDF file before HDF5 is let at it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.errors import InputError
from voteshift.netcdf import need_whole


@pytest.fixture
def path(tmp_path: Path) -> Path:
    votes = pd.DataFrame({"member": ["a", "b"], "rollcall": "r", "vote": ["yes", "no"]})
    for name in ("v.nc", "other.nc"):
        vs.write(vs.RollCalls.from_long(votes), tmp_path / name)
    (tmp_path / "raw").write_bytes(b"\2\0")
    return tmp_path / "v.nc"


def link(file: Any, folder: Path) -> None:
    file["votes"] = h5py.ExternalLink(str(folder / "other.nc"), "/votes")


def soft(file: Any, folder: Path) -> None:
    file["votes"] = h5py.SoftLink("/x")
    file["x"] = h5py.SoftLink("/votes")


def elsewhere(file: Any, folder: Path) -> None:
    file.create_dataset("votes", shape=(2, 1), dtype="i1", external=[(str(folder / "raw"), 0, 2)])


def virtual(file: Any, folder: Path) -> None:
    layout = h5py.VirtualLayout((2, 1), "i1")
    layout[:] = h5py.VirtualSource(str(folder / "other.nc"), "votes", (2, 1))
    file.create_virtual_dataset("votes", layout)


def round_and_round(file: Any, folder: Path) -> None:
    group = file.create_group("votes")
    for _ in range(300):
        group = group.create_group("g")
    group["up"] = file


def large(file: Any, folder: Path) -> None:
    file.create_dataset("votes", shape=(1 << 20, 1 << 12), dtype="i1", chunks=(1 << 10, 1 << 10))


def nothing(file: Any, folder: Path) -> None: ...


def a_group(file: Any, folder: Path) -> None:
    file.create_group("votes")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (link, "contains a link, but voteshift does not follow links"),
        (soft, "contains a link, but voteshift does not follow links"),
        (elsewhere, "stores data in another file, but voteshift does not read other files"),
        (virtual, "stores data in another file, but voteshift does not read other files"),
        (round_and_round, "has groups that contain each other"),
        (large, "votes unpacks to 4096 MiB"),
        (nothing, "has no array 'votes'"),
        (a_group, "has no array 'votes'"),
    ],
)
def test_nothing_is_followed(path: Path, change: Callable[[Any, Path], object], says: str) -> None:
    with h5py.File(path, "r+") as file:
        del file["votes"]
        change(file, path.parent)
    with pytest.raises(InputError, match=says) as caught:
        vs.read(path)
    assert (caught.value.file, bool(caught.value.remedy)) == (str(path), True)
    if change in (link, round_and_round, large):
        with pytest.raises(InputError, match=says):
            vs.load_posterior(path)


def test_groups_within_groups_are_no_trap(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        file.create_group("a/b/c").create_dataset("d", data=np.zeros(3))
    need_whole(path, "")
