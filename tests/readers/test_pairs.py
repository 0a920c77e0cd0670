from pathlib import Path

import pytest

from readers.files import Write
from voteshift.errors import InputError
from voteshift.readers import read, read_pairs


def test_the_assemblys_own_pairs(harvest: Path) -> None:
    known = read(harvest / "unga").rollcalls.index
    pairs = read_pairs(harvest / "unga" / "matches.csv", known)
    assert (len(pairs.kept), len(pairs.left_out)) == (947, 8)
    assert pairs.kept[0] == ("299", "331")
    first = pairs.left_out[0]
    assert (first.line, first.id) == (835, "5436 and 5541")
    assert first.message == "5436 and 5541: roll call 5541 is not in the record"


@pytest.mark.parametrize(
    "text",
    ["rcid1,rcid2\na,b\nb,c\n", "n,rollcall1,rollcall2\n1,a,b\n2,b,c\n", "one;other\na;b\nb;c\n"],
)
def test_layouts(write: Write, text: str) -> None:
    pairs = read_pairs(write("pairs.csv", text), ["a", "b", "c"])
    assert pairs.kept == (("a", "b"), ("b", "c"))
    assert pairs.left_out == ()


def test_a_pair_written_twice_counts_once(write: Write) -> None:
    pairs = read_pairs(write("pairs.csv", "rcid1,rcid2\na,b\nb,a\n"), ["a", "b"])
    assert pairs.kept == (("a", "b"),)
    assert pairs.left_out[0].message == "b and a: the pair is already on line 2"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("rcid1,rcid2\na,z\n", None, "none of the 1 pairs has both roll calls in the record"),
        ("rcid1,rcid2\na,b\na,a\n", 3, "'a' with itself"),
        ("rcid1,rcid2\na,b\na,\n", 3, "does not name two roll calls"),
        ("x,y,z\n1,a,b\n", 1, "no column contains the paired roll calls"),
        ("rollcall1,y,z\n1,a,b\n", 1, "only one column has a known name for roll-call ids"),
    ],
)
def test_refusals(write: Write, text: str, line: int | None, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_pairs(write("pairs.csv", text), ["a", "b"])
    assert caught.value.line == line
    assert caught.value.remedy
