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
