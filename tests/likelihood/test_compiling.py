"""A kernel that is kept on disk is that of the source at hand."""

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import numba
import pytest
from filelock import FileLock
from numba import types

import voteshift
from voteshift.likelihood import compiling
from voteshift.likelihood.compiling import compiled
from voteshift.likelihood.progress import observe_compilation

CODE = """
import numpy as np
from voteshift.likelihood import Design, evaluate
votes = np.array([[0, 1, 1], [1, 0, 1]], np.int8)
design = Design(votes, np.zeros(3, np.int32), np.arange(3, dtype=np.int32), np.full(3, 2, np.int8), 1)
print(evaluate(design, np.ones((1, 2, 1)), np.ones((3, 1)), np.zeros((3, 2))).value)
"""


LISTEN = """
from numba.core import event
compilations = event.RecordingListener()
event.register("numba:compile", compilations)
"""

SIGNATURE = types.float64(types.float64)


def one_more(x):
    return x + 1.0


@pytest.fixture
def kernels(tmp_path, monkeypatch):
    """An empty cache of kernels, and what compiles `one_more` anew or loads it."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(compiling._KernelCache, "longest_wait", 120.0)
    compiled.cache_clear()
    yield tmp_path
    compiled.cache_clear()


@pytest.fixture
def seen():
    """What an observer sees; it is there for the length of the test."""
    steps = []

    @contextmanager
    def observer():
        steps.append("begins")
        yield
        steps.append("ends")

    with observe_compilation(observer):
        yield steps


def lock_of(kernels):
    """Return the lock that a compilation left behind, with the cache empty again."""
    compiled(one_more, SIGNATURE)
    for path in [*kernels.rglob("*.nbi"), *kernels.rglob("*.nbc")]:
        path.unlink()
    compiled.cache_clear()
    (path,) = kernels.rglob("*.lock")
    return FileLock(path, thread_local=False)


def test_a_compilation_is_announced_and_a_kernel_that_is_loaded_is_not(kernels, seen):
    assert compiled(one_more, SIGNATURE)(1.0) == 2.0
    assert seen == ["begins", "ends"]
    compiled.cache_clear()
    assert compiled(one_more, SIGNATURE)(1.0) == 2.0
    assert seen == ["begins", "ends"]


def test_a_process_waits_for_the_one_that_compiles_and_then_compiles(kernels, seen):
    lock = lock_of(kernels)
    seen.clear()

    def release():
        seen.append("released")
        lock.release()

    lock.acquire()
    timer = Timer(0.3, release)
    timer.start()
    assert compiled(one_more, SIGNATURE)(1.0) == 2.0
    timer.join()
    assert seen == ["begins", "released", "ends"]
    assert list(kernels.rglob("*.nbi"))


def test_the_wait_is_bounded_and_does_not_add_up(kernels, seen, monkeypatch):
    lock = lock_of(kernels)
    monkeypatch.setattr(compiling._KernelCache, "longest_wait", 0.1)
    with lock:
        assert compiled(one_more, SIGNATURE)(1.0) == 2.0
    assert compiling._KernelCache.longest_wait == 0
    assert not list(kernels.rglob("*.nbi")), "the files belong to the process that holds the lock"


@pytest.mark.parametrize("error", [OSError(38, "no locks on this disk"), NotImplementedError()])
def test_a_disk_without_locks_still_keeps_kernels(kernels, monkeypatch, error):
    def refuse(*_, **__):
        raise error

    monkeypatch.setattr(compiling.FileLock, "acquire", refuse)
    assert compiled(one_more, SIGNATURE)(1.0) == 2.0
    assert list(kernels.rglob("*.nbi"))


def value(folder):
    """Return a log-likelihood found by the package in a folder, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    environment.pop("NUMBA_CACHE_DIR", None)
    run = subprocess.run(
        [sys.executable, "-c", CODE], check=True, capture_output=True, text=True, env=environment
    )
    return float(run.stdout)


def test_a_changed_helper_makes_another_kernel(tmp_path):
    """Of itself Numba looks at the kernel's own file alone."""
    package = tmp_path / "voteshift"
    shutil.copytree(
        Path(voteshift.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__", "data")
    )
    before = value(tmp_path)
    powers = package / "likelihood" / "powers.py"
    source = powers.read_text(encoding="utf-8")
    assert source.count("1.0000000000000127") == 1
    powers.write_text(source.replace("1.0000000000000127", "1.1000000000000127"), encoding="utf-8")
    kernels = list(package.rglob("*.nbi"))
    assert value(tmp_path) != before
    powers.write_text(source, encoding="utf-8")
    assert value(tmp_path) == before
    assert list(package.rglob("*.nbi")) == kernels != []


def test_processes_that_begin_together_compile_once(tmp_path):
    """Of itself Numba lets each of them compile the same kernel, and save it over the others'."""
    code = LISTEN + CODE + "print(len(compilations.buffer) > 0)"
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(voteshift.__file__).parents[1]),
        "NUMBA_CACHE_DIR": str(tmp_path),
    }
    processes = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(4)
    ]
    answers = [process.communicate()[0].split() for process in processes]
    assert len({value for value, _ in answers}) == 1
    assert [compiled for _, compiled in answers].count("True") == 1
