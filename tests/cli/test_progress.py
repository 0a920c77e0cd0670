"""Progress on stderr: nothing while work is short, and a word on what takes long."""

import io
import time

import pytest

from voteshift.cli import progress
from voteshift.cli.progress import fit_progress
from voteshift.likelihood.progress import announce_compilation

WORD = "compiling numerical code, which happens once per machine"


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(params=[Terminal, io.StringIO], ids=["terminal", "log"])
def shown(request, monkeypatch):
    """What compilations that take so many seconds each write to a terminal, or to a log."""

    def show(*seconds):
        stream = request.param()
        with monkeypatch.context() as patch:
            patch.setattr("sys.stderr", stream)
            patch.setenv("TERM", "xterm")
            with fit_progress():
                for one in seconds:
                    compile_for(one)
        return stream.getvalue()

    return show


def compile_for(seconds):
    with announce_compilation():
        time.sleep(seconds)


def test_a_long_compilation_is_shown(shown, monkeypatch):
    monkeypatch.setattr(progress, "_PATIENCE", 0.05)
    monkeypatch.setattr(progress, "_PATIENCE_ELSEWHERE", 0.05)
    assert WORD in shown(0.5)


def test_a_short_one_is_not(shown):
    assert WORD not in shown(0.01)


def test_patience_is_counted_over_several_compilations(shown, monkeypatch):
    monkeypatch.setattr(progress, "_PATIENCE", 0.5)
    monkeypatch.setattr(progress, "_PATIENCE_ELSEWHERE", 0.5)
    assert WORD in shown(*[0.2] * 6)


def test_nothing_is_shown_outside_a_command(capsys):
    compile_for(0.0)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("explains", [True, False])
def test_a_command_that_explains_has_a_second_process_compile_what_it_needs_later(explains, monkeypatch):
    started = []
    monkeypatch.setattr("voteshift.likelihood.ahead.start_compilation", lambda: started.append(1))
    with fit_progress(explains=explains):
        assert not started
        compile_for(0.0)
    assert bool(started) is explains
