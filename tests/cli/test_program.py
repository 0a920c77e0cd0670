"""What no command foresees: one sentence, an exit code, no traceback."""

import os
import subprocess
import sys

import pytest

RAISE = """
import sys
from voteshift.cli import main
import voteshift.datasets

def fail(**options):
    raise {error}

voteshift.datasets.load_hrc = fail
sys.argv = ["voteshift", "tally"]
main()
"""


def run(error, **variables):
    return subprocess.run(
        [sys.executable, "-c", RAISE.format(error=error)],
        capture_output=True,
        text=True,
        env=os.environ | variables,
        check=False,
    )


@pytest.mark.parametrize(
    "error", ["KeyError('symbol')", "RecursionError('too deep')", "OSError(5, 'broken\\ndisk')"]
)
def test_an_unforeseen_error_is_one_sentence_that_says_what_to_do(error):
    done = run(error)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("voteshift: the command stopped at an error that voteshift did not foresee: ")
    assert error.partition("(")[0] in line
    assert "please report it" in line
    assert "VOTESHIFT_TRACEBACK=1" in line


def test_a_long_message_is_cut():
    assert len(run("ValueError('x' * 10_000)").stderr) < 700


def test_the_environment_shows_where_it_happened():
    text = run("KeyError('symbol')", VOTESHIFT_TRACEBACK="1").stderr
    assert "Traceback (most recent call last)" in text
    assert "in fail" in text
    assert text.splitlines()[-1].startswith("voteshift: the command stopped")


def test_memory_that_runs_out_is_one_sentence():
    done = run("MemoryError()")
    assert done.returncode == 1
    assert done.stderr.startswith(
        "voteshift: there is not enough memory for this command (choose a shorter window"
    )
    assert len(done.stderr.splitlines()) == 1


def test_a_library_that_cannot_be_loaded_is_one_sentence():
    code = "import sys; sys.modules['click'] = None; from voteshift.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "click" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_bundled_record_under_a_limit_of_memory():
    """What NumPy raises where the system gives no more."""
    code = (
        "import resource, sys, pandas\nfrom voteshift.cli import main\n"
        "import voteshift.datasets, voteshift.shift.overview, voteshift.cli.views.listings, numpy\n"
        "voteshift.datasets.load_hrc = lambda **options: numpy.ones(1 << 48)\n"
        "sys.argv = ['voteshift', 'tally']\nmain()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "not enough memory" in done.stderr
    assert len(done.stderr.splitlines()) == 1
