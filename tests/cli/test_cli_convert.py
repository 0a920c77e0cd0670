import json
from pathlib import Path

import numpy as np
from click.testing import CliRunner

import voteshift as vs
from voteshift.cli.app import app


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["convert", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_from_a_table_to_our_own_format_and_on(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.voteshift"
    source.write_text("member,rollcall,vote\nAda,1,yes\nBob,1,no\n", encoding="utf-8")
    code, out, err = run(source, target, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "file": str(target), "format": "voteshift", "members": 2, "rollcalls": 1, "seats": 2
    }  # fmt: skip
    assert run(target, tmp_path / "out.nc")[0] == 0
    back = vs.read(tmp_path / "out.nc")
    assert np.array_equal(back.votes, vs.read(source).votes)
    assert back.source == "in.csv"


def test_what_reading_has_to_say_goes_to_stderr(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "votes.csv").write_text("member,r1,r2\nAda,yes,no\n", encoding="utf-8")
    (tmp_path / "in" / "rollcalls.csv").write_text("rollcall,title\nr1,On fish\n", encoding="utf-8")
    code, out, err = run(tmp_path / "in", tmp_path / "out.csv")
    assert code == 0
    assert "votes in roll call r2 without a row" in err
    assert out == f"{tmp_path / 'out.csv'}: 1 members, 2 roll calls, 2 seats (long).\n"


def test_nothing_is_written_of_a_bad_file(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.voteshift"
    source.write_text("member,rollcall,vote\nAda,1,perhaps\n", encoding="utf-8")
    target.write_text("old", encoding="utf-8")
    code, out, err = run(source, target)
    assert (code, out) == (3, "")
    assert f"{source}:2: unknown vote 'perhaps'" in err
    assert target.read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.voteshift"]


def test_wrong_usage(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("member,rollcall,vote\nAda,1,yes\n", encoding="utf-8")
    assert run(source, tmp_path / "out.doc")[0] == 2
    assert run(source, tmp_path / "out.csv", "--to", "doc")[0] == 2
    assert run(source, tmp_path / "out.csv", "--from", "doc")[0] == 2
    assert run(tmp_path / "nothing.csv", tmp_path / "out.csv")[0] == 3
