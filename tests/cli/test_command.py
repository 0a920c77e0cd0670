"""What every command has in common: text that is text, and wrong usage in one line."""

import inspect
import os
import subprocess
import sys

import click
import pytest

from cli.commands import COMMANDS
from voteshift.cli.command import Command, Group

LEAVES = {name: found for name, found in COMMANDS.items() if not isinstance(found, click.Group)}
TEXTS = [
    (name, parameter)
    for name, found in LEAVES.items()
    for parameter in found.params
    if isinstance(parameter.type, click.types.StringParamType)
]
MOST_PARAMETERS = 12


def test_every_command_is_of_these_classes():
    assert {type(found) for found in COMMANDS.values()} == {Command, Group}


@pytest.mark.parametrize("name", LEAVES)
def test_no_command_takes_more_than_twelve_parameters(name):
    function = LEAVES[name].callback
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    assert len(inspect.signature(function).parameters) <= MOST_PARAMETERS


@pytest.mark.parametrize(
    ("name", "parameter"), TEXTS, ids=[f"{name} {parameter.name}" for name, parameter in TEXTS]
)
def test_bytes_that_are_no_letters_are_refused_before_anything_is_read(run, name, parameter):
    value = "a\udcff"
    option = [parameter.opts[0], value] if isinstance(parameter, click.Option) else [value]
    required = [
        word
        for other in LEAVES[name].params
        if other.required and other is not parameter
        for word in ([other.opts[0], "x.md"] if isinstance(other, click.Option) else ["x"])
    ]
    message = run.error(*name.split(), *required, *option, code=2)
    assert "'a\\udcff' is not text in the encoding of the terminal" in message
    assert f"see voteshift {name} --help" in message


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes on Linux")
def test_a_file_may_have_a_name_that_is_no_text(tmp_path):
    name = os.fsdecode(b"\xff.csv")
    (tmp_path / name).write_text("member,rollcall,vote\na,1,yes\nb,1,no\n", encoding="utf-8")
    call = [sys.executable, "-m", "voteshift", "tally", "--json"]
    done = subprocess.run([*call, "--data", name], cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    done = subprocess.run([*call, "--subject", name], cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--nope"], "no such option '--nope' (see voteshift --help)"),
        (["nope"], "no such command 'nope' (see voteshift --help)"),
        (["fit", "nope"], "no such command 'nope' (see voteshift fit --help)"),
        (["whatif"], "missing option '--council' (see voteshift whatif --help)"),
        (["convert", "a.csv"], "missing argument 'OUT' (see voteshift convert --help)"),
        (["tally", "a", "one more"], "got unexpected extra argument (one more) (see voteshift tally --help)"),
        (["tally", "--no\x1bpe"], "no such option '--no\\x1bpe'"),
        (["fit", "ideal", "--link", "cloglog"], "invalid value for '--link': 'cloglog' is not one of"),
        (["tally", "--since"], "option '--since' requires an argument (see voteshift tally --help)"),
    ],
)
def test_wrong_usage_is_one_line_that_names_the_help_page(run, arguments, words):
    assert words in run.error(*arguments, code=2)


def test_a_long_value_is_cut(run):
    assert len(run.error("explain", "--draws", "9" * 5000, code=2)) < 700


@pytest.mark.parametrize("arguments", [[], ["fit"]])
def test_a_group_alone_prints_its_help(run, arguments):
    result = run(*arguments, code=2)
    assert result.stderr.startswith("Usage: voteshift")
