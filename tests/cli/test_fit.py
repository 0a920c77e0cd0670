import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from voteshift.cli import files, fit
from voteshift.cli.app import app
from voteshift.errors import InputError


def run(*words: str) -> tuple[int, str, str]:
    found = CliRunner().invoke(app, ["fit", "ideal", "--since", "2020", "--until", "2021", *words])
    return found.exit_code, found.stdout, found.stderr


def test_json_keeps_the_contract() -> None:
    code, out, _ = run("--json")
    document = json.loads(out)
    assert code == 0
    assert document["converged"] is True
    assert document["gradient_norm"] <= 1e-6
    assert (document["link"], document["dims"], document["method"], document["level"]) == (
        "logit",
        1,
        "map",
        0.9,
    )
    assert {"objective", "iterations", "seconds", "direction", "scale"} <= set(document)
    wanted = {"member", "period", "dimension", "estimate", "std_error", "conf_low", "conf_high", "n_votes"}
    assert all(set(row) == wanted for row in document["positions"])
    for item in document["items"]:
        assert set(item) == {"rollcall", "item", "dimension", "discrimination", "cutpoints"}
        assert list(item["cutpoints"].values()) == sorted(item["cutpoints"].values())
        assert len(item["cutpoints"]) in (1, 2)


def test_the_table_says_scale_sign_and_verdict() -> None:
    code, out, _ = run("--polarity", "CHN", "--link", "probit")
    flat = " ".join(out.split())
    assert code == 0
    assert "CHN is on the positive side" in flat
    assert "mean 0 and standard deviation 1" in flat
    assert "converged, gradient norm" in flat


def test_out_writes_whole_files(tmp_path: Path) -> None:
    code, _, _ = run("--out", str(tmp_path / "new"), "--dims", "2")
    assert code == 0
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "fit.json",
        "items.csv",
        "positions.csv",
    ]
    positions = pd.read_csv(tmp_path / "new" / "positions.csv")
    document = json.loads((tmp_path / "new" / "fit.json").read_text())
    assert len(positions) == len(document["positions"])
    assert set(positions["dimension"]) == {1, 2}


def test_a_place_that_cannot_be_written_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    code, out, err = run("--out", str(tmp_path / "file"), "--json")
    assert code == 3
    assert out == ""
    assert "cannot write there" in err


def test_a_failure_half_way_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "positions.csv"
    target.write_text("old")

    def broken(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", broken)
    with pytest.raises(InputError, match="No space left"):
        files.write_files(tmp_path, {"positions.csv": "new"})
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["positions.csv"]


def test_a_fit_that_did_not_converge_exits_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    original = fit.IdealPoints
    monkeypatch.setattr(fit, "IdealPoints", lambda **given: original(**given, tolerance=1e-30))
    code, out, err = run("--json")
    assert code == 1
    assert json.loads(out)["converged"] is False
    assert "did not converge" in err


@pytest.mark.parametrize(
    ("words", "code"),
    [(["--link", "cauchit"], 2), (["--dims", "0"], 2), (["--polarity", "ATL"], 2), (["--since", "2030"], 3)],
)
def test_wrong_requests_are_named(words: list[str], code: int) -> None:
    found, out, err = run(*words)
    assert found == code
    assert out == ""
    assert err.strip()
    assert "Traceback" not in err
