"""Interrupts at awkward moments: the program ends, with its own exit code and one line."""

import subprocess
import sys

import pytest

INTERRUPTED = """
import os, signal, sys, types
from voteshift.cli.interrupts import end_on_signals
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
end_on_signals()
sys.modules["{module}"] = module = types.ModuleType("{module}")
{function}
try:
    os.kill(os.getpid(), signal.SIG{name})
    signal.pause()
except Exception as error:
    print("went on after", error)
"""
FAILS = "def fail(): raise KeyError('half done')\nmodule.{} = fail"


def interrupt(module, function="", name="INT"):
    code = INTERRUPTED.format(module=module, function=function, name=name)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals of this kind")
@pytest.mark.parametrize("module", ["voteshift.files", "multiprocessing"])
def test_while_a_module_is_imported(module):
    done = interrupt(module)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "voteshift: stopped\n")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals of this kind")
@pytest.mark.parametrize(("name", "code"), [("INT", 130), ("TERM", -15)])
@pytest.mark.parametrize(
    ("module", "function"), [("voteshift.files", "discard_pending"), ("multiprocessing", "active_children")]
)
def test_where_cleaning_up_fails(module, function, name, code):
    done = interrupt(module, FAILS.format(function), name)
    assert (done.returncode, done.stdout) == (code, "")
    assert "Traceback" not in done.stderr
