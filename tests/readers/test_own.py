"""Files of voteshift's own format with blocks, which are mapped into memory."""

import json

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from long_records import chamber, small_blocks
from voteshift.readers.check import examine
from voteshift.readers.own import read_own
from voteshift.store import Store
from voteshift.writers import write


@pytest.fixture
def long() -> vs.RollCalls:
    """A record in 30 blocks, with groups, dates and names that are not ASCII."""
    votes = chamber(30, 40, 60)
    members = pd.DataFrame(
        {"name": [f"Müller {row}" for row in range(len(votes))], "group": "A"},
        index=[f"m{row}" for row in range(len(votes))],
    )
    frame = pd.DataFrame(
        {
            "date": pd.date_range("1990-01-01", periods=votes.shape[1]),
            "title": "",
            "yes": (votes == 2).sum(axis=0),
        },
        index=[f"r{k}" for k in range(votes.shape[1])],
    )
    spells = pd.DataFrame(
        {
            "member": ["m0", "m0"],
            "group": ["B", "A"],
            "from": ["1990-01-01", "1991-01-01"],
            "to": ["1990-12-31"] * 2,
        }
    )
    spells.loc[1, "to"] = "1995-01-01"
    return vs.RollCalls(votes, members, frame, polarity="m3", source="a file", groups=spells)


def assert_same(one: vs.RollCalls, other: vs.RollCalls) -> None:
    assert np.array_equal(one.votes, other.votes)
    for name in ("members", "rollcalls", "groups"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    assert (one.polarity, one.source) == (other.polarity, other.source)


def test_a_record_in_blocks_is_mapped_and_the_same(long, tmp_path):
    path = tmp_path / "long.voteshift"
    write(long, path)
    again = vs.read(path)
    base = again.store.codes
    while isinstance(base.base, np.ndarray):
        base = base.base
    assert isinstance(base, np.memmap)
    assert "_votes" not in vars(again)
    for name in ("columns", "rows", "codes", "ends"):
        assert np.array_equal(getattr(again.store, name), getattr(long.store, name))
        with pytest.raises(ValueError, match="WRITEABLE"):
            getattr(again.store, name).setflags(write=True)
    assert_same(long, again)
    assert path.stat().st_size < 1.5 * long.votes.size / 10


def test_a_compressed_file_and_a_small_record_have_letters(long, tmp_path):
    write(long, tmp_path / "long.voteshift.gz")
    assert_same(long, vs.read(tmp_path / "long.voteshift.gz"))
    small = long.between("1990-01-01", "1990-01-09")
    write(small, tmp_path / "small.voteshift")
    assert json.loads((tmp_path / "small.voteshift").read_text().split("\n")[0])["version"] == 1
    assert_same(small, vs.read(tmp_path / "small.voteshift"))


def test_a_mapped_file_is_examined(long, tmp_path):
    path = tmp_path / "long.voteshift"
    write(long, path)
    result = examine(path)
    assert (result.members, result.rollcalls) == long.store.shape
    assert result.seats == (long.votes != vs.Vote.NOT_MEMBER).sum()
    assert result.votes == (long.votes >= 0).sum()
    assert not [finding for finding in result.findings if finding.severity == "error"]
    one = long.select(rollcalls=["r70"]).seated()
    assert not [finding for finding in examine(path, yardstick=one).findings if "r70" in finding.message]


def changed(path, before: bytes, after: bytes) -> None:
    content = path.read_bytes()
    assert content.count(before) >= 1
    path.write_bytes(content.replace(before, after, 1))


def test_damaged_files_are_errors(long, tmp_path):
    path = tmp_path / "long.voteshift"
    write(long, path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with pytest.raises(vs.InputError, match="does not fit the size"):
        read_own(path)
    path.write_bytes(whole + b"0")
    with pytest.raises(vs.InputError, match="does not fit the size"):
        read_own(path)
    for before, after in (
        (b'"lines": ', b'"lines":-'),
        (b'"arrays": {', b'"arrayz": {'),
        (b'"ends": ', b'"ends":-'),
    ):
        path.write_bytes(whole)
        changed(path, before, after)
        with pytest.raises(vs.InputError, match="does not fit the size"):
            read_own(path)
    path.write_bytes(whole)
    changed(path, '"Müller 0"'.encode(), b'"M\xff\xffller 0"')
    with pytest.raises(vs.InputError, match="not text in UTF-8"):
        read_own(path)
    path.write_bytes(whole)
    changed(path, b'"members": 1200', b'"members": 1199')
    with pytest.raises(vs.InputError):
        read_own(path)
    path.write_bytes(whole[:-1] + b"\x09")
    with pytest.raises(vs.InputError, match="unknown vote code 9"):
        read_own(path)


def test_blocks_that_contradict_each_other_are_an_error(long, tmp_path):
    path = tmp_path / "long.voteshift"
    write(long, path)
    content = bytearray(path.read_bytes())
    begin = len(content) - long.store.codes.nbytes - long.store.rows.nbytes
    content[begin : begin + 4] = np.int32(5).tobytes()
    path.write_bytes(content)
    with pytest.raises(vs.InputError, match="blocks contradict each other: the rows of a block"):
        read_own(path)


def test_votes_that_contradict_the_totals_are_found(long, tmp_path):
    path = tmp_path / "long.voteshift"
    write(long, path)
    content = path.read_bytes()
    with small_blocks():
        store = long.store
        other = Store(
            store.shape,
            store.columns,
            store.rows,
            np.where(store.codes == 2, 0, store.codes).astype(np.int8),
            store.ends,
        )
    path.write_bytes(content[: -store.codes.nbytes] + other.codes.tobytes())
    with pytest.raises(vs.InputError, match="declares"):
        vs.read(path)
