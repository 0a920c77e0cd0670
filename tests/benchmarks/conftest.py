"""Import the scripts of the benchmarks, which are no package."""

import importlib
import sys

import pytest


@pytest.fixture
def script(root, monkeypatch):
    def load(name):
        monkeypatch.syspath_prepend(str(root / "benchmarks"))
        return importlib.import_module(name)

    yield load
    for name in ("gate", "report", "worker", "peers", "worlds", "causes"):
        sys.modules.pop(name, None)
