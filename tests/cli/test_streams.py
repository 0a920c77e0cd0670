"""Standard streams that are closed, full, left by their reader, or in an encoding that lacks letters."""

import json
import os
import subprocess
import sys

import pytest

from voteshift.votes import CAST

TABLE = "".join(
    f"m{i},{name},r{j},{vote},2020-01-0{j},Über łódź\n"
    for j in (1, 2)
    for i, (name, vote) in enumerate([("Müller", "yes"), ("Jörg", "no"), ("Ĉapek", "abstain")])
)


@pytest.fixture
def shell(tmp_path):
    """Run a line of shell in which `voteshift` is the program."""
    (tmp_path / "votes.csv").write_text("member,name,rollcall,vote,date,title\n" + TABLE, encoding="utf-8")

    def call(line, **variables):
        return subprocess.run(
            ["bash", "-c", f'voteshift() {{ "{sys.executable}" -m voteshift "$@"; }}; {line}'],
            capture_output=True,
            cwd=tmp_path,
            env=os.environ | variables,
            check=False,
        )

    return call


@pytest.mark.parametrize("arguments", ["tally --json", "describe"])
def test_a_full_disk_is_one_sentence(shell, arguments):
    done = shell(f"voteshift {arguments} > /dev/full")
    text = done.stderr.decode()
    assert done.returncode == 3
    assert text.startswith(
        "voteshift: the results cannot be written to standard output: No space left on device ("
    )
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize("arguments", ["tally", "families --json"])
def test_a_closed_stdout_is_one_sentence(shell, arguments):
    done = shell(f"voteshift {arguments} >&-")
    assert done.returncode == 3
    text = done.stderr.decode()
    assert text.startswith("voteshift: standard output is closed")
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize("stderr", ["2>&-", "2>/dev/full"])
@pytest.mark.parametrize(
    ("arguments", "code"), [("tally --data votes.csv", 0), ("tally nothing", 2), ("--no", 2)]
)
def test_a_stderr_that_takes_nothing_changes_no_result(shell, stderr, arguments, code):
    done = shell(f"voteshift {arguments} {stderr}")
    assert done.returncode == code
    assert bool(done.stdout) == (code == 0)


def test_no_file_takes_the_number_of_a_closed_stream(shell, tmp_path):
    done = shell("voteshift convert votes.csv new.csv <&- 2>&-")
    assert done.returncode == 0
    assert (tmp_path / "new.csv").read_text(encoding="utf-8").startswith("member,name,rollcall,vote")


@pytest.mark.parametrize("arguments", ["tally --json", "describe", "--help"])
def test_a_reader_that_leaves_is_no_error(shell, arguments):
    done = shell(f"set -o pipefail; voteshift {arguments} | head -c 1")
    assert (done.returncode, done.stderr) == (0, b"")


BARE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize("arguments", ["tally", "describe", "tally --json"])
def test_a_locale_without_an_encoding_gets_utf8(shell, arguments):
    done = shell(f"voteshift {arguments} --data votes.csv", **BARE)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Über łódź" in done.stdout.decode("utf-8")


def test_a_letter_that_the_encoding_lacks_is_its_code(shell):
    done = shell("voteshift tally --data votes.csv", PYTHONIOENCODING="latin-1")
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Über \\u0142ód\\u017a" in done.stdout.decode("latin-1")


@pytest.mark.parametrize("encoding", ["cp1252", "shift-jis"])
def test_json_is_valid_in_every_encoding(shell, encoding):
    done = shell("voteshift tally --data votes.csv --json", PYTHONIOENCODING=encoding)
    first, _ = json.loads(done.stdout.decode(encoding))
    assert first["title"] == "Über łódź"
    assert [first[name] for name in CAST] == [1, 1, 1]


def test_a_minus_stays_one_where_the_encoding_lacks_the_sign(shell):
    code = "from voteshift.cli.streams import open_streams; open_streams(); print('\u22122 \u2026 \u2013')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "latin-1"},
        check=True,
    )
    assert done.stdout == b"-2 ... -\n"
