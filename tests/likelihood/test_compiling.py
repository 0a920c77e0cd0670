"""A kernel that is kept on disk is that of the source at hand."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import voteshift

CODE = """
import numpy as np
from voteshift.likelihood import Design, evaluate
votes = np.array([[0, 1, 1], [1, 0, 1]], np.int8)
design = Design(votes, np.zeros(3, np.int32), np.arange(3, dtype=np.int32), np.full(3, 2, np.int8), 1)
print(evaluate(design, np.ones((1, 2, 1)), np.ones((3, 1)), np.zeros((3, 2))).value)
"""


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
