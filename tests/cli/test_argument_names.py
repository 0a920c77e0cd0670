"""Arguments of the library in texts, and the options that a person reads in their place."""

import ast
import re
from functools import cache

import click
import pytest

from cli.commands import COMMANDS
from voteshift.cli.argument_names import name_options, translate_error, translate_text
from voteshift.errors import InputError, UsageError

#: Arguments that no command has, so that a message about them reaches nobody there.
PYTHON_ONLY = {
    "absence",
    "apart",
    "by",
    "categories",
    "chambers",
    "context",
    "discrimination",
    "effect",
    "every_period",
    "groups",
    "information",
    "k",
    "keep_default_na",
    "kind",
    "largest",
    "members",
    "name",
    "offset",
    "origin",
    "penalised",
    "period",
    "rollcalls",
    "sampler",
    "target",
    "target_accept",
    "yardstick",
}
#: A name with a value; of `draws=Draws(seed=1)` what is inside.
ARGUMENT = re.compile(r"(?<![\w.\"'<-])([a-z_]+)=(?!=|[A-Z]\w*\()")
LEAVES = {name: found for name, found in COMMANDS.items() if not isinstance(found, click.Group)}


@cache
def list_texts(root):
    """Return file, line and text of every string of the library that is no docstring."""
    strings = []
    library = root / "src" / "voteshift"
    for path in sorted(library.rglob("*.py")):
        if path.is_relative_to(library / "cli"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        comments = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in comments:
                strings.append((path.relative_to(library).as_posix(), node.lineno, node.value))
    return strings


def test_no_text_of_the_library_names_an_option(root):
    options = {
        name
        for command in LEAVES.values()
        for parameter in command.params
        for name in (*parameter.opts, *parameter.secondary_opts)
        if name.startswith("--")
    }
    pattern = re.compile(rf"(?:{'|'.join(sorted(options))})\b")
    assert len(options) > 30
    assert [f"{file}:{line}: {text}" for file, line, text in list_texts(root) if pattern.search(text)] == []


def test_every_argument_in_a_text_of_the_library_is_an_option_or_python_alone(root):
    known = {name for command in LEAVES.values() for name in name_options(command)} | PYTHON_ONLY
    pages = ("report/", "notebook.py")  # which write HTML
    strange = [
        f"{file}:{line}: {text}"
        for file, line, text in list_texts(root)
        if not file.startswith(pages) and not {*ARGUMENT.findall(text)} <= known
    ]
    assert strange == []


@pytest.mark.parametrize(
    ("command", "text", "expected"),
    [
        ("explain", "give since= and until=", "give --since and --until"),
        ("fit ideal", "dims is 1000000", "--dims is 1000000"),
        ("fit ideal", "tau (a standard deviation) is nan", "--tau (a standard deviation) is nan"),
        ("fit ideal", "tau is a standard deviation", "tau is a standard deviation"),
        ("fit ideal", "level is missing for DEU", "level is missing for DEU"),
        ("fit ideal", "fix tau, for instance tau=0.1, and see", "fix tau, for instance --tau 0.1, and see"),
        ("fit ideal", "pass periods='year', for instance", "pass --periods year, for instance"),
        ("fit ideal", "name a member with polarity=", "name a member with --polarity"),
        ("fit ideal", "items= names roll call 9", "--bridge names roll call 9"),
        ("explain", "take member_effect=False", "take --no-member-effect"),
        ("explain", "take member_effect=True", "take --member-effect"),
        ("explain", "take member_effect='pooled'", "take --pool-member-effect"),
        ("explain", "leave out draws=Draws(...)", "leave out --draws"),
        ("explain", "draws=Draws(seed=3, level=0.5)", "--seed 3 --level 0.5"),
        ("explain", "n_replicates=999", "--replicates 999"),
        ("explain", "polarity=None", "no --polarity"),
        ("explain", 'bridge="families"', "--bridge families"),
        ("explain", "for instance link_chambers(council, assembly)", "for instance --also"),
        ("explain", "The check 'sensitivity' shows them.", "--details shows them."),
        ("explain", "The check 'placebo' shows them.", "The check 'placebo' shows them."),
        ("report", "The check 'sensitivity' shows them.", "The check 'sensitivity' shows them."),
        (
            "fit ideal",
            "dynamics=RandomWalk(periods='year', bridge='families')",
            "--periods year --bridge families",
        ),
        ("fit logit", "use errors='CR1'", "use --errors CR1"),
        (
            "fit logit",
            "lag=1 takes the year before, lag=0 its own",
            "--lag 1 takes the year before, --lag 0 its own",
        ),
        ("fit logit", "formula is 5, not text", "FORMULA is 5, not text"),
        ("fit logit", "poly(x, degree=2)", "poly(x, degree=2)"),
        ("tally", "take dims=1", "take dims=1"),
    ],
)
def test_texts(command, text, expected):
    assert translate_text(text, LEAVES[command]) == expected


def test_without_a_running_command_a_text_stays():
    assert translate_text("give since= and until=") == "give since= and until="


def test_an_error_keeps_its_class_and_its_place():
    error = translate_error(
        InputError("no date", file="a.csv", line=3, id="r1", remedy="give since="), LEAVES["explain"]
    )
    assert type(error) is InputError
    assert str(error) == "a.csv:3: no date (give --since)"
    assert (error.file, error.line, error.id, error.remedy) == ("a.csv", 3, "r1", "give --since")
    assert str(translate_error(UsageError("seed is -1"), LEAVES["explain"])) == "--seed is -1"


VOTES = "member,rollcall,vote,title,group\n" + "".join(
    f"m{i},r{j},{('yes', 'no')[(i * (j % 7) + j) % 3 > 0]},{('Fish', 'Fish', 'Trees', 'Rain')[j]},g{i % 2}\n"
    for i in range(12)
    for j in range(4)
)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["whatif", "--council", "r0", "--version", "r1"], 3, "(give --since and --until)"),
        (["fit", "ideal", "--also", "DATA"], 3, "(give --since and --until)"),
        (["fit", "ideal", "--bridge", "families"], 2, "(add --periods year, for instance)"),
        (["fit", "ideal", "--tau", "0.5"], 2, "(add --periods year, for instance)"),
        (["fit", "ideal", "--delta-group", "1"], 2, "(add --periods year, for instance)"),
        (["explain", "--delta-group", "1"], 2, "(add --bridge families)"),
        (["explain", "--bridge", "families", "--delta-group", "-1"], 2, "--delta-group"),
        (["fit", "ideal", "--method", "nuts", "--dims", "3"], 2, "(use --dims 2, or "),
        (["fit", "ideal", "--level", "1e-9"], 2, "--level is 1e-09 "),
        (["explain", "fish", "--level", "1e-9"], 2, "--level is 1e-09 "),
        (["report", "fish", "--out", "x.md", "--level", "1e-9"], 2, "--level is 1e-09 "),
        (["report", "fish", "--out", "x.pdf"], 2, "add --format html or --format md"),
        (["explain", "fish", "--leave-out"], 2, "(add --bridge families)"),
        (["fit", "logit", "yes ~ lag(year)", "--family", "fish"], 2, "or give --lag to the panel"),
        (
            ["fit", "logit", "yes ~ 1", "--family", "fish", "--lag", "1"],
            2,
            "give --covariates, or leave --lag out",
        ),
        (["describe", "--by", "nope"], 2, "members have no column 'nope'"),
        (["tally", "nope"], 2, "no family has the slug or title 'nope'"),
    ],
)
def test_a_wrong_command_line_meets_options_alone(run, table, arguments, code, words):
    path = str(table(VOTES))
    message = run.error(*(path if one == "DATA" else one for one in arguments), "--data", path, code=code)
    assert words in message
    assert not ARGUMENT.search(message.replace(path, ""))


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["convert", "DATA", "x.xlsx"], 2, "x.xlsx"),
        (["convert", "DATA", "x.csv", "--to", "nope"], 2, "unknown format 'nope'"),
        (["convert", "DATA", "x.csv", "--from", "nope"], 2, "unknown format 'nope'"),
        (["check", "DATA", "--rollcall", "nope"], 2, "no roll call has the symbol or id 'nope'"),
        (["families", "--data", "nothing.csv"], 3, "nothing.csv: no such file"),
        (["bench", "--threads", "0"], 2, "'--threads': 0 is less than 1"),
    ],
)
def test_so_does_one_of_a_command_without_a_model(run, table, arguments, code, words):
    path = str(table(VOTES))
    message = run.error(*(path if one == "DATA" else one for one in arguments), code=code)
    assert words in message
    assert not ARGUMENT.search(message.replace(path, ""))


def test_a_reason_in_the_output_names_options_too(run, table):
    document = run.json("explain", "--draws", "100", "--replicates", "0")
    reasons = {step["election"]["unavailable"] for step in document["steps"]}
    assert all("--also" in reason and "link_chambers" not in reason for reason in reasons)
