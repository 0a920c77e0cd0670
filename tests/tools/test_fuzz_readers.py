"""The fuzzer runs, finds nothing in a few hundred inputs, and sees a failure when there is one."""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def fuzz(tool_script: Callable[[str], ModuleType]) -> ModuleType:
    return tool_script("fuzz_readers")


@pytest.mark.slow
def test_a_few_hundred_damaged_files(root: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(root / "tools" / "fuzz_readers.py"), "--runs", "400", "--seed", "7"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stderr == ""
    report = json.loads(run.stdout)
    assert (report["runs"], report["failures"]) == (400, 0)
    assert report["refused"] > 100
    assert report["read"] > 10


def test_a_run_that_is_told_to_stop_says_how_far_it_came(
    fuzz: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    read, calls = fuzz.read, []

    def stopping(path: Path, format: str | None = None) -> None:
        calls.append(path)
        if len(calls) == 5:
            os.kill(os.getpid(), signal.SIGTERM)
        read(path, format)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(fuzz, "read", stopping)
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert fuzz.plain(100_000, 1, 1e9) == 0
    finally:
        signal.signal(signal.SIGTERM, before)
    assert json.loads(capsys.readouterr().out)["runs"] == 5


@pytest.mark.nightly
def test_a_hundred_thousand_damaged_files(root: Path, tmp_path: Path) -> None:
    """Run `python tools/fuzz_readers.py --runs 100000 --seed 1`; ten minutes or so."""
    command = [sys.executable, str(root / "tools" / "fuzz_readers.py"), "--runs", "100000", "--seed", "1"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert json.loads(run.stdout)["failures"] == 0
    assert run.returncode == 0


def test_the_corpus_is_read_as_it_is(fuzz: ModuleType, tmp_path: Path) -> None:
    target = fuzz.Target(tmp_path)
    for suffix, data in fuzz.corpus():
        target(data, suffix)
    assert target.outcomes == {"read": len(fuzz.corpus())}


def test_failures_are_kept_once_for_each_place(
    fuzz: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(path: Path, format: str | None = None) -> None:
        raise ZeroDivisionError

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(fuzz, "read", fail)
    assert fuzz.plain(20, 1, 1e9) == 1
    assert json.loads(capsys.readouterr().out)["failures"] == 20
    assert len(list((tmp_path / "fuzz-found").glob("*.txt"))) <= 2  # a file, or a folder


def test_damage_is_the_same_for_the_same_seed(fuzz: ModuleType) -> None:
    one, other = (fuzz.mutate(b"member,vote\n", [b"x"], random.Random(5)) for _ in range(2))  # noqa: S311
    assert one == other
