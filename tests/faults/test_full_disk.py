"""A disk that is full: a clear error, nothing half, the old file kept."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from voteshift import InputError, RollCalls, write


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount 256 KiB of memory as a disk; skipped where that is not allowed."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)]
    if os.name != "posix" or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def large() -> RollCalls:
    votes = np.random.default_rng(1).integers(0, 3, (400, 2_000)).astype(np.int8)
    members, rollcalls = ([f"{what}{k}" for k in range(n)] for what, n in (("m", 400), ("r", 2_000)))
    return RollCalls(votes, pd.DataFrame(index=members), pd.DataFrame(index=rollcalls))


@pytest.mark.parametrize("name", ["x.voteshift", "x.csv", "x.nc"])
def test_files(small_disk: Path, large: RollCalls, name: str) -> None:
    (small_disk / name).write_text("old", encoding="utf-8")
    with pytest.raises(InputError, match="cannot write the file") as caught:
        write(large, small_disk / name)
    assert caught.value.file == str(small_disk / name)
    assert "space" in (caught.value.remedy or "")
    assert [path.name for path in small_disk.iterdir()] == [name]
    assert (small_disk / name).read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize("format", ["folder", "voteview"])
def test_folders(small_disk: Path, large: RollCalls, format: str) -> None:
    with pytest.raises(InputError, match="cannot write the file"):
        write(large, small_disk / "x", format=format)
    assert list(small_disk.iterdir()) == []
