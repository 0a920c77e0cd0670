"""The program as a whole: help, exit codes, streams."""

import json
import subprocess
import sys

import click
import pytest

import voteshift
from cli.commands import COMMANDS
from voteshift.cli.app import app


def test_results_go_to_stdout_and_nothing_else_does(program):
    done = program("explain", "--json", "--draws", "100", "--replicates", "0", "--no-member-effect")
    assert done.returncode == 0
    # Where the machine is slow, or a kernel is compiled, progress is told: on stderr, and nothing else is.
    assert all(line.startswith("fitting: iteration") for line in done.stderr.splitlines())
    assert json.loads(done.stdout)["rollcalls"][0]["yes"] == 28


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["families"], 0),
        (["explain", "nothing-of-the-kind"], 2),
        (["nothing-of-the-kind"], 2),
        (["tally", "--nothing"], 2),
        (["tally", "--data", "nothing.csv"], 3),
        (["check", "nothing.csv"], 3),
    ],
)
def test_exit_codes_without_a_traceback(program, arguments, code):
    done = program(*arguments)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_leaves_early_is_no_error():
    writer = subprocess.Popen(
        [sys.executable, "-m", "voteshift", "tally", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert writer.stdout is not None
    assert writer.stderr is not None
    writer.stdout.read(10)
    writer.stdout.close()
    messages = writer.stderr.read().decode()
    writer.stderr.close()
    assert writer.wait() in (0, 1)
    assert messages == ""


def test_the_version_is_printed(run):
    assert run("--version").stdout == f"voteshift, version {voteshift.__version__}\n"


def test_the_console_script_is_installed(python):
    from importlib.metadata import entry_points

    (script,) = entry_points(group="console_scripts", name="voteshift")
    assert script.value == "voteshift.cli:main"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_does_and_so_does_every_option(command):
    found = COMMANDS[command]
    assert found.name == command.split()[-1]
    assert found.help
    for parameter in found.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{command} {parameter.opts}"


@pytest.mark.parametrize(
    "command", [name for name, found in COMMANDS.items() if not isinstance(found, click.Group)]
)
def test_every_command_prints_json_on_request(command):
    assert "--json" in {name for parameter in COMMANDS[command].params for name in parameter.opts}


def test_the_help_lists_every_command_and_the_exit_codes(run):
    text = run("--help").stdout
    for command in app.list_commands(click.Context(app)):
        assert f"\n  {command} " in text
    codes = "Exit codes: 0 done, 1 the answer is not usable, 2 wrong usage, 3 bad input, 130 interrupted."
    assert codes in " ".join(text.split())


def test_an_answer_that_is_not_usable_exits_1(run, monkeypatch):
    import voteshift.shift.explain as module
    from voteshift.errors import NotUsableError

    def refuse(*arguments, **options):
        raise NotUsableError("the fit did not converge", remedy="choose another window")

    monkeypatch.setattr(module, "explain", refuse)
    text = run.error("explain", code=1)
    assert text == "voteshift: the fit did not converge (choose another window)"
