import gzip
import lzma
import os
from pathlib import Path

import numpy as np
import pytest

from readers.files import Write
from voteshift.budget import Budget
from voteshift.errors import InputError
from voteshift.readers import read, text
from voteshift.readers.text import read_lines, stem_of


def refusal(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        list(read_lines(path))
    assert caught.value.file == str(path)
    assert caught.value.remedy
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_plain_and_packed_whatever_the_name(write: Write, pack: object) -> None:
    assert list(read_lines(write("votes.csv", pack("é,b\n".encode())))) == ["é,b\n"]  # type: ignore[operator]


def test_a_byte_order_mark_is_no_text(write: Write) -> None:
    assert list(read_lines(write("votes.csv", "\ufeffmember\n"))) == ["member\n"]


def test_no_such_file(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "nowhere.csv").message


def test_paths_that_cannot_be() -> None:
    assert "cannot be read" in refusal(Path("a\0b")).message
    assert "cannot be read" in refusal(Path("a" * 5000)).message


def test_a_file_that_may_not_be_read(write: Write) -> None:
    path = write("votes.csv", "member,vote\n")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert "no permission to read" in refusal(path).message


def test_permission_denied_is_told(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = write("votes.csv", "member,vote\n")
    monkeypatch.setattr(Path, "open", refuse)
    assert "no permission to read" in refusal(path).message


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf"])
def test_empty(write: Write, content: bytes) -> None:
    with pytest.raises(InputError, match="the file is empty"):
        read(write("votes.csv", content))


def test_binary_names_the_line(write: Write) -> None:
    error = refusal(write("votes.csv", b"member,vote\nAFG,Yes\nAGO,\0\n"))
    assert (error.message, error.line) == ("the file is binary, not text", 3)


def test_binary_far_into_a_large_file(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "_CHUNK", 8)
    assert refusal(write("votes.csv", b"abc\n" * 10 + b"\0")).line == 11


def test_other_encodings_name_the_line(write: Write) -> None:
    latin = refusal(write("latin.csv", "member,vote\nCôte d'Ivoire,Yes\n".encode("latin-1")))
    assert (latin.line, "0xf4" in latin.message) == (2, True)
    assert "UTF-16" in refusal(write("wide.csv", "member,vote\n".encode("utf-16"))).message


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_damaged_archives(write: Write, pack: object) -> None:
    packed: bytes = pack(os.urandom(5000).hex().encode())  # type: ignore[operator]
    assert "damaged" in refusal(write("cut.gz", packed[:-20])).message
    middle = len(packed) // 2
    garbled = (
        packed[:middle] + bytes(byte ^ 0xFF for byte in packed[middle : middle + 40]) + packed[middle + 40 :]
    )
    refusal(write("garbled.gz", garbled))


def test_a_bomb_is_refused_before_it_fills_the_memory(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "UNPACKED", Budget(1 << 21, 400, 1 << 22))
    content = np.random.default_rng(1).bytes(3 << 20).hex().encode()  # 6 MiB that pack to a half
    assert "larger than 4 MiB" in refusal(write("bomb.csv.gz", gzip.compress(content, 1))).message


def test_stems() -> None:
    names = ["v.csv", "v.csv.gz", "v.tsv.xz", "V.CSV", "a.b.csv", "v", ".csv"]
    assert [stem_of(Path(name)) for name in names] == ["v", "v", "v", "V", "a.b", "v", ".csv"]
