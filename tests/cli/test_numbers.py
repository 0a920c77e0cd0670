"""Every option that takes a number, with odd numbers: refused in one line, or answered."""

import json
from time import process_time

import click
import numpy as np
import pytest
from click.testing import CliRunner

from cli.commands import COMMANDS
from voteshift.cli.app import app
from voteshift.cli.numbers import LARGEST_SEED, MOST_DRAWS, MOST_THREADS

ODD = ["0", "-1", str(10**30), "nan", "inf", "1e308", "", "٣", "9" * 5000]
#: Options that take a number or a word.
WORDS_TOO = {"tau"}
NUMBERS = [
    (name, parameter)
    for name, command in COMMANDS.items()
    for parameter in command.params
    if isinstance(parameter, click.Option)
    and (
        isinstance(parameter.type, click.types.IntParamType | click.types.FloatParamType)
        or parameter.name in WORDS_TOO
    )
    and not parameter.is_flag
    and not parameter.count
]
DATA = ["--data", "votes.csv"]
#: What makes a quick command line of each command; the option under test comes last.
LINES = {
    "bench": [],
    "explain": ["fish", *DATA, "--no-cache", "--draws", "100", "--replicates", "0", "--json"],
    "report": ["fish", *DATA, "--no-cache", "--draws", "100", "--replicates", "0", "--out", "x.md", "--json"],
    "whatif": ["--council", "r0", "--version", "r1", *DATA, "--no-cache", "--draws", "100", "--json"],
    "fit ideal": [*DATA, "--json"],
    "fit logit": ["yes ~ 1", "--family", "fish", *DATA, "--covariates", "gdp.csv", "--lag", "0", "--json"],
}  # fmt: skip
#: Options that stand with another one.
NEEDED = {"tau": ["--periods", "year"]}
MOST_SECONDS = 5.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Write a small record, and compile what the commands need."""
    path = tmp_path_factory.mktemp("numbers")
    rng = np.random.default_rng(3)
    titles = ("Fish", "Trees", "Rain", "Fish", "Snow", "Sand", "Wind", "Frost")
    rows = []
    for j, title in enumerate(titles):
        for i in range(16):
            latent = (i / 8 - 1) * (-1) ** j + rng.normal(0, 0.6)
            vote = "no" if latent < -0.3 else "yes" if latent > 0.3 else "abstain"
            rows.append(f"m{i},r{j},{vote},{title},{2001 + j}-05-01,g{i % 2}\n")
    (path / "votes.csv").write_text(
        "member,rollcall,vote,title,date,group\n" + "".join(rows), encoding="utf-8"
    )
    years = [f"m{i},{year},{i + year}\n" for i in range(16) for year in range(1990, 2010)]
    (path / "gdp.csv").write_text("member,year,gdp\n" + "".join(years), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def no_benchmark(monkeypatch):
    """Leave the minute of measurements out of `bench`."""
    import voteshift.bench as module

    monkeypatch.setattr(module, "run_cases", lambda _: iter(()))


def test_there_are_numbers():
    assert {name for name, _ in NUMBERS} == set(LINES)
    assert len(NUMBERS) >= 20


@pytest.fixture(scope="module")
def compiled(run, folder):
    """Run every command once: kernels are compiled once per machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, line in LINES.items():
            if name != "bench":
                run(*name.split(), *line)
        run("fit", "ideal", *LINES["fit ideal"], *NEEDED["tau"])  # another method, with other kernels


@pytest.mark.parametrize("value", ODD, ids=[value[:8] or "empty" for value in ODD])
@pytest.mark.parametrize(
    ("name", "parameter"), NUMBERS, ids=[f"{name} {parameter.name}" for name, parameter in NUMBERS]
)
@pytest.mark.usefixtures("compiled")
def test_an_odd_number_is_refused_or_answered(run, folder, monkeypatch, name, parameter, value):
    monkeypatch.chdir(folder)
    begun = process_time()
    needed = NEEDED.get(parameter.name, [])
    arguments = [*name.split(), *LINES[name], *needed, parameter.opts[0], value]
    result = CliRunner().invoke(app, arguments, prog_name="voteshift")
    assert process_time() - begun < MOST_SECONDS
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.exit_code in (0, 1, 2), result.stderr
    if result.exit_code == 2:
        (line,) = result.stderr.splitlines()
        assert result.stdout == ""
        assert line.startswith("voteshift: ")
        assert parameter.opts[0] in line
    elif result.exit_code == 0 and "--json" in arguments:
        json.loads(result.stdout)


def test_the_ranges_are_those_of_the_library():
    from voteshift import IdealPoints, UsageError, ranges

    assert ranges.MOST_DRAWS == MOST_DRAWS
    assert ranges.check_seed(LARGEST_SEED) == LARGEST_SEED
    with pytest.raises(UsageError):
        ranges.check_seed(LARGEST_SEED + 1)
    assert IdealPoints(threads=MOST_THREADS).threads == MOST_THREADS
    with pytest.raises(UsageError):
        IdealPoints(threads=MOST_THREADS + 1)
