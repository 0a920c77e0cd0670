import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from voteshift import InputError, files


def test_a_folder_is_made_and_filled(tmp_path: Path) -> None:
    files.write_files(tmp_path / "a" / "b", {"x.csv": "1,2\n", "y.json": {"é": 1}})
    assert (tmp_path / "a" / "b" / "x.csv").read_text(encoding="utf-8") == "1,2\n"
    assert (tmp_path / "a" / "b" / "y.json").read_text(encoding="utf-8") == '{\n  "é": 1\n}'
    assert len(list((tmp_path / "a" / "b").iterdir())) == 2


def test_a_failure_half_way_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "positions.csv"
    target.write_text("old")

    def broken(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", broken)
    with pytest.raises(InputError, match="No space left"):
        files.write_files(tmp_path, {"positions.csv": "new"})
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["positions.csv"]


def test_no_document_holds_what_is_no_json(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        files.write_files(tmp_path, {"fit.json": {"estimate": float("nan")}})
    assert not list(tmp_path.iterdir())


def write(path: Path, text: str) -> None:
    with files.whole_file(path) as beside:
        beside.write_text(text, encoding="utf-8")


@pytest.fixture
def umask() -> Iterator[int]:
    before = os.umask(0o027)
    yield 0o027
    os.umask(before)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_a_file_that_replaces_another_has_its_mode(tmp_path: Path, mode: int, umask: int) -> None:
    path = tmp_path / "x"
    path.write_text("old")
    path.chmod(mode)
    write(path, "new")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", mode)


def test_nobody_reads_what_replaces_a_private_file_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.touch(0o600)
    with files.whole_file(path) as beside:
        assert stat.S_IMODE(beside.stat().st_mode) == 0o600


def test_a_new_file_and_a_new_folder_have_the_mode_of_the_umask(tmp_path: Path, umask: int) -> None:
    write(tmp_path / "x", "new")
    with files.whole_folder(tmp_path / "folder"):
        pass
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "folder").stat().st_mode) == 0o750


def test_an_empty_folder_that_is_filled_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir(0o700)
    with files.whole_folder(tmp_path / "folder") as beside:
        (beside / "x").touch()
    assert stat.S_IMODE((tmp_path / "folder").stat().st_mode) == 0o700
    assert (tmp_path / "folder" / "x").exists()


@pytest.mark.parametrize("there", [True, False])
def test_a_symbolic_link_stays_and_its_file_is_replaced(tmp_path: Path, there: bool) -> None:
    (tmp_path / "data").mkdir()
    target, link = tmp_path / "data" / "x", tmp_path / "link"
    if there:
        target.write_text("old")
        target.chmod(0o600)
    link.symlink_to("data/x")
    write(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert not there or stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["x"]


def test_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(InputError, match="cannot write the file"):
        write(tmp_path / "a", "new")
    assert (tmp_path / "a").is_symlink()


def test_what_is_not_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "pipe"):
        with pytest.raises(InputError, match="not a file"):
            write(tmp_path / name, "new")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_may_not_be_written_is_left(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("old")
    (tmp_path / "x").chmod(0o444)
    with pytest.raises(InputError, match="Permission denied"):
        write(tmp_path / "x", "new")
    assert (tmp_path / "x").read_text() == "old"


def test_the_longest_name_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("\N{GRINNING FACE}" * 63)
    write(path, "new")
    assert path.read_text() == "new"


def test_what_is_being_written_can_be_discarded(tmp_path: Path) -> None:
    pending = files.whole_file(tmp_path / "x")
    beside = pending.__enter__()
    with files.whole_folder(tmp_path / "folder") as folder:
        (folder / "half").touch()
        files.discard_pending()
        assert not list(tmp_path.iterdir())
        folder.mkdir()
    with pytest.raises(InputError, match=r"cannot write the file"):
        pending.__exit__(None, None, None)
    assert not beside.exists()
