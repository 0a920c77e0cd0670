"""Threads, forks and what a second process pays."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from likelihood.draws import NAMES, draw
from voteshift.likelihood import evaluate
from voteshift.likelihood.passes import SMALL


def bits(evaluation):
    parts = [np.float64(evaluation.value).tobytes()]
    parts += [getattr(evaluation, name).tobytes() for name in NAMES if getattr(evaluation, name) is not None]
    return b"".join(parts)


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("information", [None, "observed"])
@pytest.mark.parametrize("n_dims", [1, 2])
def test_the_number_of_threads_changes_nothing_to_the_last_bit(link, precision, information, n_dims):
    design, at = draw(0, 333, 700, n_dims=n_dims, n_periods=2, kinds=2 if link == "probit" else "mixed")
    assert design.codes.size > SMALL
    options = {"link": link, "precision": precision, "information": information}
    one = bits(evaluate(design, *at, threads=1, **options))
    for threads in (2, 3, 7, None):
        assert bits(evaluate(design, *at, threads=threads, **options)) == one


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_evaluates_in_threads_too():
    design, at = draw(0, 333, 700)
    want = bits(evaluate(design, *at, threads=2))
    child = os.fork()
    if child == 0:
        os._exit(0 if bits(evaluate(design, *at, threads=2)) == want else 1)
    assert os.waitpid(child, 0)[1] == 0


def python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_importing_the_likelihood_does_not_import_numba():
    code = "import sys, json, voteshift.likelihood; print(json.dumps('numba' in sys.modules))"
    assert python(code) is False


def test_a_second_process_compiles_nothing():
    design, at = draw(0)
    evaluate(design, *at)
    code = (
        f"import json, sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from draws import draw\n"
        "from voteshift.likelihood import evaluate, blocks, kernels_logit_ordered, compiling\n"
        "design, at = draw(0)\n"
        "evaluate(design, *at)\n"
        "import numpy as np\n"
        "kernel = compiling.compiled(kernels_logit_ordered.line_ordered, "
        "blocks.signature(np.float64, False, False))\n"
        "print(json.dumps([len(kernel.stats.cache_hits), len(kernel.stats.cache_misses)]))"
    )
    hits, misses = python(code)
    assert (hits, misses) == (1, 0)
