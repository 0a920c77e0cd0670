"""The command line in this process, and as a program."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from voteshift.cli.app import app


def said(stderr):
    """Lines on stderr without those on progress, which a slow machine adds."""
    return [line for line in stderr.splitlines() if not line.startswith("fitting: ")]


class Run:
    """Run a command in this process; `json` insists that stdout is one JSON document."""

    def __call__(self, *arguments, code=0):
        result = CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="voteshift")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.stderr
        return result

    def json(self, *arguments, code=0):
        result = self(*arguments, "--json", code=code)
        return json.loads(result.stdout, parse_constant=refuse)

    def error(self, *arguments, code):
        """Return the one line on stderr that a command ends with; stdout stays empty."""
        result = self(*arguments, code=code)
        assert result.stdout == ""
        lines = said(result.stderr)
        assert len(lines) == 1, result.stderr
        assert lines[0].startswith("voteshift: ")
        return lines[0]


def refuse(constant):
    raise AssertionError(f"{constant} is no JSON")


@pytest.fixture(scope="session")
def run():
    return Run()


@pytest.fixture(scope="session")
def explained(run, once):
    """`voteshift explain --json`."""
    return once("explained", lambda: run.json("explain"))


@pytest.fixture(scope="session")
def details(run, once):
    """`voteshift explain --details`."""
    return once("details", lambda: run("explain", "--details").stdout)


@pytest.fixture
def program(tmp_path):
    """Run the installed program in an empty folder."""

    def call(*arguments, **options):
        return subprocess.run(
            [sys.executable, "-m", "voteshift", *map(str, arguments)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=tmp_path,
            env=os.environ | {"PYTHONIOENCODING": "utf-8"},
            check=False,
            **options,
        )

    return call


@pytest.fixture
def table(tmp_path):
    """Write a file and return its path."""

    def write(text, name="votes.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write
