"""The speed gate decides on made-up numbers, and compares a checkout with itself."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("base", "head", "slower"),
    [
        ([1.0, 1.0, 1.0], [1.2, 1.2, 1.2], True),
        ([1.0, 1.0, 1.0], [1.14, 1.14, 1.14], False),  # 14 %
        ([0.1, 0.1, 0.1], [0.149, 0.149, 0.149], False),  # 49 %, but less than 0.05 s
        ([0.1, 0.1, 0.1], [0.16, 0.16, 0.16], True),
        ([1.0, 1.0, 1.0], [1.0, 1.0, 9.0], False),  # one repeat that something else delayed
        ([1.2, 1.2, 1.2], [1.0, 1.0, 1.0], False),
        ([1.0], [1.15], False),  # exactly the limit
    ],
)
def test_a_case_is_slower_by_both_a_share_and_a_time(benchmark_script, base, head, slower):
    found = benchmark_script("gate").verdict("fit", base, head)
    assert found.slower is slower
    assert ("SLOWER" in str(found)) is slower


def test_a_case_that_no_longer_runs_fails_and_a_new_one_does_not(benchmark_script):
    verdict = benchmark_script("gate").verdict
    assert verdict("fit", [1.0], []).slower
    assert "no longer runs" in str(verdict("fit", [1.0], []))
    assert not verdict("fit", None, [1.0]).slower
    assert "new" in str(verdict("fit", None, [1.0]))
    assert not verdict("fit", None, None).slower


@pytest.mark.slow
def test_a_checkout_is_as_fast_as_itself(root):
    command = [sys.executable, "benchmarks/gate.py", ".", ".", "--cases", "explain", "--repeats", "1"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert "cannot run" not in done.stdout, done.stdout + done.stderr
    assert "explain" in done.stdout
    # What else runs on this machine may make either side slower; that it decides is what counts.
    assert done.returncode in (0, 1), done.stderr


def test_a_folder_without_voteshift_is_refused(root, tmp_path):
    command = [sys.executable, "benchmarks/gate.py", tmp_path, "."]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "holds no src/voteshift" in done.stderr
