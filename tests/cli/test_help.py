"""Help pages: whole, with an example each, and without a library loaded."""

import json
import shlex
import subprocess
import sys

import click
import pytest

from cli.commands import COMMANDS
from voteshift.cli.app import app

HEAVY = {
    "arviz", "arviz_base", "arviz_stats", "formulaic", "h5py", "matplotlib", "numba", "numpy", "pandas",
    "pymc", "pytensor", "rich", "scipy", "statsmodels", "xarray",
}  # fmt: skip
LISTED = """
import json, sys
from voteshift.cli import main
sys.argv[1:] = {arguments}
try:
    main()
except SystemExit as ended:
    code = ended.code
print(json.dumps([code, sorted({{name.partition(".")[0] for name in sys.modules}})]))
"""


def loaded(arguments):
    """Return the exit code of a command and the packages it loads."""
    code = LISTED.format(arguments=arguments)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_loads_no_library(command):
    code, packages = loaded([*command.split(), "--help"])
    assert code == 0
    assert not HEAVY & set(packages)


@pytest.mark.parametrize("arguments", [["--version"], ["nothing"], ["tally", "--nothing"]])
def test_neither_does_what_ends_before_a_command_runs(arguments):
    assert not HEAVY & set(loaded(arguments)[1])


@pytest.mark.parametrize("arguments", [["tally"], ["families"], ["tally", "--json"], ["families", "--json"]])
def test_listings_load_numpy_and_pandas_alone(arguments):
    code, packages = loaded(arguments)
    assert code == 0
    assert HEAVY & set(packages) <= {"numpy", "pandas", "rich"}


def help_of(command):
    widths = {"terminal_width": 80, "max_content_width": 80}
    # A command keeps the help option of the first context that it meets: it must be the program's own.
    context = click.Context(app, info_name="voteshift", **widths, **app.context_settings)
    found = app
    for name in command.split():
        found = found.get_command(context, name)
        context = click.Context(found, info_name=name, parent=context)
    return found.get_help(context)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_whole(command):
    text = help_of(command)
    assert not [line for line in text.splitlines() if line.endswith("...") and "Usage" not in line]


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_ends_with_one_example_that_can_be_run(command):
    examples = [
        line.strip() for line in help_of(command).splitlines() if line.strip().startswith("Example: ")
    ]
    assert len(examples) == 1
    program, *words = shlex.split(examples[0].removeprefix("Example: "))
    assert program == "voteshift"
    assert words[: len(command.split())] == command.split()
    # A command keeps the names of its help option from its first context, which must be that of the program.
    found, context = app, click.Context(app, **app.context_settings)
    while isinstance(found, click.Group):
        found = found.get_command(context, words.pop(0))
    found.make_context("example", words, parent=context)  # options and arguments are what they must be


def test_names_that_the_help_writes_out_are_those_of_the_library():
    from voteshift.checks.same_item import MIN_REPLICATES as LEAST
    from voteshift.checks.same_item import MOST_REPLICATES as MOST
    from voteshift.cli.convert import READABLE, WRITABLE
    from voteshift.cli.model_options import MIN_REPLICATES, MOST_REPLICATES
    from voteshift.readers import FORMATS
    from voteshift.writers.writing import WRITERS

    assert tuple(FORMATS) == READABLE
    assert tuple(WRITERS) == WRITABLE
    assert (LEAST, MOST) == (MIN_REPLICATES, MOST_REPLICATES)
