"""Whatever ends a command, what it writes is the old file or the new one, never half."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("killing.py")
SMALL = ["--data", "small.csv", "--no-cache"]
COMMANDS = {
    "own": ["convert", "in.csv", "OUT.voteshift"],
    "packed": ["convert", "in.csv", "OUT.voteshift.gz"],
    "long": ["convert", "in.csv", "OUT.csv"],
    "netcdf": ["convert", "in.csv", "OUT.nc"],
    "fit": ["fit", "ideal", "--data", "in.csv", "--threads", "1", "--out", "OUT"],
    "explain": ["explain", *SMALL, "--draws", "100", "--replicates", "0", "--json"],
    "report": ["report", *SMALL, "--draws", "100", "--replicates", "0", "--out", "OUT.html"],
}
#: How often each command is ended in the nightly run: 200 in all.
OFTEN = {
    ("INT", "own"): 26,
    ("INT", "long"): 16,
    ("INT", "fit"): 32,
    ("INT", "explain"): 26,
    ("INT", "report"): 20,
    ("TERM", "netcdf"): 10,
    ("TERM", "fit"): 10,
    ("TERM", "report"): 5,
    ("KILL", "own"): 10,
    ("KILL", "packed"): 10,
    ("KILL", "netcdf"): 10,
    ("KILL", "fit"): 12,
    ("KILL", "explain"): 5,
    ("KILL", "report"): 8,
}
ON_LINUX = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")


def long_table(members: int, titles: list[str]) -> str:
    """Return votes on roll calls of given titles, a year apart, in which members differ."""
    rows = [
        f"m{i},r{j},{('yes', 'no')[(i * (j % 7) + j) % 3 > 0]},{title},{1900 + j}-05-01\n"
        for j, title in enumerate(titles)
        for i in range(members)
    ]
    return "member,rollcall,vote,title,date\n" + "".join(rows)


def kill(folder: Path, name: str, variant: str, kills: int) -> dict[str, Any]:
    arguments = COMMANDS[variant]
    (folder / "in.csv").write_text(long_table(60, [f"Title {j}" for j in range(100)]), encoding="utf-8")
    titles = [f"Title {j}" for j in range(9)]
    titles[6:6] = titles[3:3] = ["The one that came back"]
    (folder / "small.csv").write_text(long_table(15, titles), encoding="utf-8")
    target = arguments[-1]
    if target.startswith("OUT."):
        (folder / target).write_bytes(b"what was there before\n")
    run = subprocess.run(
        [sys.executable, SCRIPT, folder, name, str(kills), "1", *arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"VOTESHIFT_CACHE": "off"},
        check=False,
    )
    assert run.returncode == 0, run.stderr
    report: dict[str, Any] = json.loads(run.stdout)
    return report


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["own", "long"])
def test_a_few_kills(tmp_path: Path, variant: str) -> None:
    report = kill(tmp_path, "KILL", variant, 8)
    assert report["halves"] == []


@pytest.mark.slow
@ON_LINUX
@pytest.mark.parametrize(("name", "variant"), [("INT", "own"), ("INT", "fit"), ("TERM", "long")])
def test_a_few_interrupts(tmp_path: Path, name: str, variant: str) -> None:
    report = kill(tmp_path, name, variant, 4)
    assert (report["halves"], report["tracebacks"], report["leftovers"]) == ([], [], [])
    assert set(report["codes"]) <= {"0", "130" if name == "INT" else "-15"}


@ON_LINUX
@pytest.mark.nightly
@pytest.mark.parametrize(("name", "variant"), OFTEN)
def test_many_ends(tmp_path: Path, name: str, variant: str) -> None:
    """`pytest -m nightly tests/faults`: 200 interrupts, terminations and kills."""
    kills = OFTEN[name, variant]
    report = kill(tmp_path, name, variant, kills)
    print(name, variant, kills, json.dumps(report))
    assert (report["halves"], report["tracebacks"]) == ([], [])
    if name != "KILL":
        assert report["leftovers"] == []
        assert set(report["codes"]) <= {"0", "130" if name == "INT" else "-15"}
    assert report["kills"] >= kills / 3  # the others were done before


def test_the_ends_are_two_hundred() -> None:
    assert sum(OFTEN.values()) == 200
    for name in ("INT", "KILL"):  # of each command by both
        assert {variant for signal, variant in OFTEN if signal == name} >= {"own", "fit", "explain", "report"}
