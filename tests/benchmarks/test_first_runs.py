"""First runs of a command that begin at the same time end, and share what they compile."""

import json
import subprocess
import sys

import pytest


def test_a_run_that_fails_or_takes_too_long_is_no_run_that_ended(benchmark_script, tmp_path):
    run_round = benchmark_script("first_runs").run_round
    assert run_round(["families", "--json"], 2, 120.0, tmp_path).ended == 2
    assert run_round(["tally", "--data", "nowhere"], 1, 120.0, tmp_path).ended == 0
    assert run_round(["families", "--json"], 1, 0.01, tmp_path).ended == 0


@pytest.mark.nightly
def test_ten_first_runs_at_once_end(root):
    command = [sys.executable, "benchmarks/first_runs.py", "--runs", "10", "--limit", "600"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    measured = json.loads(done.stdout)
    assert measured["together"]["ended"] == 10
    # Ten runs that each compile for themselves take 11 times the processor time of one.
    assert measured["processor_ratio"] < 7
