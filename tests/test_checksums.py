"""Checksums find what was changed, wherever in a file it is."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import voteshift as vs
from voteshift.checksums import NAME, checksum_of
from voteshift.errors import DataWarning, InputError

DIFFERS = "differs from the checksum"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    votes = np.random.default_rng(1).integers(0, 3, (20, 60)).astype(np.int8)
    members = pd.DataFrame({"name": [f"Member {k}" for k in range(20)]}, index=[f"m{k}" for k in range(20)])
    rollcalls = pd.DataFrame({"title": "t"}, index=[f"r{k}" for k in range(60)])
    vs.write(vs.RollCalls(votes, members, rollcalls), tmp_path / "v.nc")
    return tmp_path / "v.nc"


def zeroed(file: Any) -> None:
    file["votes"][:] = 0


def one_vote(file: Any) -> None:
    file["votes"][3, 4] = 2 - file["votes"][3, 4] if file["votes"][3, 4] != 1 else 0


def one_text(file: Any) -> None:
    file["member_0"][2] = '"Other"'


def one_id(file: Any) -> None:
    file["member"][2] = "m99"


def one_attribute(file: Any) -> None:
    file.attrs["polarity"] = "m1"


@pytest.mark.parametrize("change", [zeroed, one_vote, one_text, one_id, one_attribute])
def test_a_changed_record_is_refused(path: Path, change: Callable[[Any], None]) -> None:
    with h5py.File(path, "r+") as file:
        change(file)
    with pytest.raises(InputError, match=DIFFERS) as caught:
        vs.read(path)
    assert caught.value.file == str(path)
    assert NAME in (caught.value.remedy or "")


def test_zeroed_votes_are_found(path: Path) -> None:
    """A checksum that HDF5 keeps with a chunk would be written anew, or zeroed, with it."""
    with h5py.File(path, "r+") as file:
        file["votes"][:2] = 0
    with pytest.raises(InputError, match=DIFFERS):
        vs.read(path)


def test_a_file_without_one_is_read_with_a_caution(path: Path) -> None:
    before = vs.read(path)
    with h5py.File(path, "r+") as file:
        del file.attrs[NAME]
    with pytest.warns(DataWarning, match="contains no checksum") as caught:
        after = vs.read(path)
    assert len(caught) == 1
    assert np.array_equal(before.votes, after.votes)
    vs.write(after, path)
    vs.read(path)


def test_an_edit_with_xarray_needs_the_attribute_deleted(path: Path) -> None:
    with xr.open_dataset(path, engine="h5netcdf") as lazy:
        dataset = lazy.load()
    dataset["votes"][0, 0] = 2 - int(dataset["votes"][0, 0]) if int(dataset["votes"][0, 0]) != 1 else 0
    dataset.to_netcdf(path, engine="h5netcdf")
    with pytest.raises(InputError, match=DIFFERS):
        vs.read(path)
    del dataset.attrs[NAME]
    dataset.to_netcdf(path, engine="h5netcdf")
    with pytest.warns(DataWarning, match="contains no checksum"):
        record = vs.read(path)
    assert record.votes[0, 0] == int(dataset["votes"][0, 0])


def test_random_damage_is_refused_or_changes_nothing(path: Path) -> None:
    whole = path.read_bytes()
    votes = vs.read(path).votes
    rng = np.random.default_rng(7)
    refused = 0
    for _ in range(150):
        content = bytearray(whole)
        begin, length = int(rng.integers(len(whole))), int(rng.integers(1, 64))
        content[begin : begin + length] = (
            bytes(len(content[begin : begin + length]))
            if rng.random() < 0.5
            else rng.bytes(len(content[begin : begin + length]))
        )
        path.write_bytes(bytes(content))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DataWarning)
                record = vs.read(path)
        except InputError:
            refused += 1
        else:
            assert np.array_equal(record.votes, votes)
    assert refused > 20


def test_names_types_shapes_and_bytes_count() -> None:
    zeros = np.zeros(6)
    others = [
        ("b", zeros),
        ("a", zeros.reshape(2, 3)),
        ("a", zeros.astype(np.float32)),
        ("a", zeros.view(np.int64)),
        ("a", np.append(zeros[1:], 1e-300)),
        ("a", zeros.tolist()),
    ]
    digests = {checksum_of([part]) for part in [("a", zeros), *others]}
    assert len(digests) == 7
    assert checksum_of([("a", zeros)]) == checksum_of([("a", np.zeros(12)[::2])])
