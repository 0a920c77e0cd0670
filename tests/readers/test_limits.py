import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from readers.files import Write
from voteshift.errors import InputError
from voteshift.readers import read

SCRIPT = Path(__file__).with_name("traps.py")
#: What a busy machine may take; an idle one takes a second or two at the most.
SECONDS, MIB = 15.0, 600


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """Read every trap in a process of its own, so that its memory is its own."""
    folder = tmp_path_factory.mktemp("traps")
    run = subprocess.run(
        [sys.executable, SCRIPT, folder],
        check=True,
        capture_output=True,
        text=True,
        env=dict(os.environ),
        timeout=600,  # some are made to be read for ever
    )
    assert run.stderr == ""
    found: dict[str, dict[str, object]] = json.loads(run.stdout)
    return found


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("rows.csv.gz", "the archive unpacks to more than 400 times its size"),
        ("rows.csv.xz", "the archive unpacks to more than 400 times its size"),
        ("line.csv.gz", "the archive unpacks to more than 400 times its size"),
        ("line.csv", ":1: the line is longer than 16 MiB"),
        ("zeros.csv.gz", ":1: the file is binary, not text"),
        ("deep.voteshift", ":2: the line is nested too deeply"),
        ("deep.rda", "the R file cannot be read: maximum recursion depth"),
        ("sequence.rda", "a sequence that is longer than any record of votes"),
        ("texts.rda", "a sequence that is longer than any record of votes"),
        ("promising.rda", "the R file contains compiled functions"),
        ("crowded.rda", "the R file contains more than 1,000,000 names, words and lists"),
        ("huge.nc", "votes unpacks to 1048576 MiB"),
        ("endless.nc", "it contains an invalid table of texts"),
        ("bomb.xlsx", "the workbook unpacks to 64 MiB"),
        ("text.nc", "member names a text of 4294967295 bytes, which is not in the file"),
        ("sparse.csv", "43000 members by 43000 roll calls are too many for a file of this size"),
        ("sparse.csv.gz", "cells, the limit for a file of this size"),
        ("wide.csv", "the header has 400001 columns; a table has at most 131072"),
        ("long.ord", "votes; a file has at most 131072 roll calls"),
        ("texts.xlsx", "the workbook unpacks to 104 MiB"),
        ("zeros.rda", "the file unpacks to more than"),
        ("many.parquet", "unpacks to 8388608 rows of 2 cells"),
    ],
)
def test_traps_are_refused_soon_and_in_little_memory(
    report: dict[str, dict[str, object]], name: str, says: str
) -> None:
    found = report[name]
    assert says in str(found["said"])
    assert found["check"] == ["error"]
    assert float(str(found["seconds"])) < SECONDS
    assert int(str(found["peak_mib"])) < MIB


def test_no_trap_is_left_out(report: dict[str, dict[str, object]]) -> None:
    assert len(report) == 22


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(InputError, match="the path is not a regular file"):
            read(path)


def test_a_real_record_is_no_trap(write: Write) -> None:
    """Unanimous votes pack well: a million of them in order, and they are read."""
    rows = "".join(f"m{i},r{j},yes\n" for j in range(500) for i in range(200))
    record = read(write("votes.csv.gz", gzip.compress(f"member,rollcall,vote\n{rows}".encode(), 9)))
    assert record.votes.shape == (200, 500)
    assert np.all(record.votes == 2)


MILLION = """
import sys, time
sys.path.insert(0, sys.argv[3])
from traps import peak_mib
from voteshift.readers import read
begun = time.process_time()  # of this process alone: other work on the machine does not count
record = read(sys.argv[1])
seconds = time.process_time() - begun
peak = peak_mib()
assert record.votes.shape == (200, 5000) and (record.votes >= 0).all()
assert int(record.tally()["yes"].sum()) == int(sys.argv[2])
print(seconds, peak)
"""


def million(path: Path) -> tuple[float, float]:
    """Return seconds and MiB that reading a million votes takes in a process of its own."""
    words = np.array(["Yes", "No", "Abstain"])[np.random.default_rng(1).integers(0, 3, (5000, 200))]
    with path.open("w", encoding="utf-8") as handle:
        handle.write("member,rollcall,date,vote\n")
        for j, row in enumerate(words):
            handle.writelines(f"m{i:03d},rc{j},2020-01-01,{word}\n" for i, word in enumerate(row.tolist()))
    command = [sys.executable, "-c", MILLION, path, str((words == "Yes").sum()), SCRIPT.parent]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, peak = map(float, run.stdout.split())
    return seconds, peak


def test_a_million_votes_fit_into_half_a_gigabyte(tmp_path: Path) -> None:
    assert million(tmp_path / "votes.csv")[1] < 500


@pytest.mark.nightly
def test_a_million_votes_are_read_in_three_seconds(tmp_path: Path) -> None:
    """`pytest -m nightly tests/readers/test_limits.py`; seconds of processor time."""
    assert million(tmp_path / "votes.csv")[0] < 3.0
