"""The kernels of explanations are compiled in a second process."""

import os
import subprocess
import sys

import pytest

from voteshift.likelihood import ahead


@pytest.fixture
def asked(monkeypatch):
    """What `start_compilation` asks the system for; no process is started."""
    calls = []

    def popen(command, **options):
        calls.append((command, options))
        return object()

    monkeypatch.setattr(ahead, "_STARTED", [])
    monkeypatch.setattr(ahead.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(ahead.subprocess, "Popen", popen)
    return calls


def test_one_process_with_the_packages_of_this_one_is_started(asked):
    ahead.start_compilation()
    ahead.start_compilation()
    ((command, options),) = asked
    assert command == [sys.executable, "-m", "voteshift.likelihood.ahead"]
    assert options["env"]["PYTHONPATH"].split(os.pathsep) == [path for path in sys.path if path]
    assert {options[name] for name in ("stdin", "stdout", "stderr")} == {subprocess.DEVNULL}


def test_with_one_core_or_without_an_interpreter_none_is(asked, monkeypatch):
    monkeypatch.setattr(ahead.os, "cpu_count", lambda: 1)
    ahead.start_compilation()
    monkeypatch.setattr(ahead.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(ahead.sys, "executable", None)
    ahead.start_compilation()
    assert not asked


def test_a_process_that_cannot_be_started_is_no_error(asked, monkeypatch):
    def refuse(*_, **__):
        raise OSError("too many processes")

    monkeypatch.setattr(ahead.subprocess, "Popen", refuse)
    ahead.start_compilation()
    assert not ahead._STARTED


@pytest.mark.slow
def test_the_process_compiles_all_kernels_after_the_fit(tmp_path):
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-m", "voteshift.likelihood.ahead"], env=environment, check=True)
    compiled = {path.name.split(".")[0] for path in tmp_path.rglob("*.nbc")}
    assert compiled == {"kernels_item_draws", "kernels_persistence", "kernels_testlet"}
