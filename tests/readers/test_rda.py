"""R files are walked over before they are parsed: whole ones pass, others are refused."""

import contextlib
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readers.files import Write
from readers.traps import NULL, numbers, saved_rda
from voteshift import InputError, read
from voteshift.readers.rda import need_sound

HERE = Path(__file__).parent
BINARY = gzip.decompress((HERE / "rollcall.rda").read_bytes())
TEXT = (HERE / "rollcall_as_text.rda").read_bytes()  # by pscl 1.5.5 on R 4.2.2


@pytest.mark.parametrize("content", [BINARY, TEXT, TEXT.replace(b"\n", b"\r\n").replace(b"3\r\n", b"3\n", 1)])
def test_whole_files_pass(content: bytes) -> None:
    need_sound(content)


def test_text_holds_the_same_record(write: Write) -> None:
    binary, text = read(write("a.rda", BINARY)), read(write("b.rda", TEXT))
    assert binary.to_long().equals(text.to_long())
    assert binary.members.equals(text.members)


@pytest.mark.parametrize("content", [BINARY, TEXT])
def test_no_beginning_of_a_file_is_a_file(content: bytes) -> None:
    for end in range(5, len(content)):
        with pytest.raises(InputError, match="the R file"):
            need_sound(content[:end])


@given(place=st.integers(5, len(BINARY) - 4), number=st.binary(min_size=4, max_size=4))
def test_any_other_number_passes_or_is_refused(place: int, number: bytes) -> None:
    with contextlib.suppress(InputError):
        need_sound(BINARY[:place] + number + BINARY[place + 4 :])


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (numbers(13, -1), "a length of -1"),
        (numbers(9, -2), "a length of -2"),
        (numbers(13, 2, 1), "ends before the data announced at byte"),
        (numbers(16, 3, 9, 1), "ends"),
        (numbers(21, 1) + NULL, "compiled functions"),
        (numbers(24, 1), "a part of kind 24"),
    ],
)
def test_what_is_refused(value: bytes, says: str) -> None:
    need_sound(saved_rda(numbers(13, 1, 7)))
    with pytest.raises(InputError, match=says):
        need_sound(saved_rda(value)[: -len(NULL)])


def test_a_native_file_passes_in_either_order() -> None:
    """Number by number: 3 parts, an integer vector of one."""
    words = [3, 0x040202, 0x030500, 0, 13, 1, 7]
    for order in ("little", "big"):
        content = b"".join(word.to_bytes(4, order) for word in words)  # type: ignore[arg-type]
        need_sound(b"RDX3\nB\n" + content)
        with pytest.raises(InputError, match="damaged"):
            need_sound(b"RDX3\nB\n" + content[:-1])
