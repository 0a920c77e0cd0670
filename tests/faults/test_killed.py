"""Whatever kills a command, what it writes is the old file or the new one, never half."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from voteshift.cli.app import app

SCRIPT = Path(__file__).with_name("killing.py")
COMMANDS = {
    "own": ["convert", "in.csv", "OUT.voteshift"],
    "packed": ["convert", "in.csv", "OUT.voteshift.gz"],
    "long": ["convert", "in.csv", "OUT.csv"],
    "netcdf": ["convert", "in.csv", "OUT.nc"],
    "fit": ["fit", "ideal", "--data", "in.csv", "--threads", "1", "--out", "OUT"],
    "report": ["report", "--out", "OUT.html"],
}


def kill(folder: Path, variant: str, kills: int) -> dict[str, Any]:
    arguments = COMMANDS[variant]
    if arguments[0] not in app.list_commands(None):  # type: ignore[arg-type]
        pytest.skip(f"there is no command {arguments[0]}")
    members, rollcalls = range(60), range(150)
    rows = [f"m{i},r{j},{('yes', 'no')[(i * (j % 7) + j) % 3 > 0]}\n" for j in rollcalls for i in members]
    (folder / "in.csv").write_text("member,rollcall,vote\n" + "".join(rows), encoding="utf-8")
    target = arguments[-1]
    if "." in target:
        (folder / target).write_bytes(b"what was there before\n")
    run = subprocess.run(
        [sys.executable, SCRIPT, folder, str(kills), "1", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    report: dict[str, Any] = json.loads(run.stdout)
    return report


@pytest.mark.parametrize("variant", ["own", "long"])
def test_a_few_kills(tmp_path: Path, variant: str) -> None:
    report = kill(tmp_path, variant, 8)
    assert report["halves"] == []


@pytest.mark.nightly
@pytest.mark.parametrize("variant", sorted(COMMANDS))
def test_many_kills(tmp_path: Path, variant: str) -> None:
    """`pytest -m nightly tests/faults`: 50 kills of each of six commands, 300 in all."""
    report = kill(tmp_path, variant, 50)
    assert report["halves"] == []
    assert report["kills"] >= 25  # the others were done before
    assert report["new"] > 0
