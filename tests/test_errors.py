"""Errors: one line, an exit code, and a trip between processes."""

import ast
import pickle
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from voteshift.errors import (
    InputError,
    NotUsableError,
    UsageError,
    VoteshiftError,
    did_you_mean,
    quote,
)


@pytest.mark.parametrize(
    ("kind", "code", "builtin"),
    [(NotUsableError, 1, RuntimeError), (UsageError, 2, ValueError), (InputError, 3, ValueError)],
)
def test_every_kind_has_its_exit_code_and_a_builtin_parent(kind, code, builtin):
    assert kind("x").exit_code == code
    assert issubclass(kind, VoteshiftError)
    assert issubclass(kind, builtin)


@pytest.mark.parametrize(
    ("known", "text"),
    [
        ({}, "wrong"),
        ({"file": "votes.csv"}, "votes.csv: wrong"),
        ({"file": Path("a") / "votes.csv", "line": 3}, "a/votes.csv:3: wrong"),
        ({"file": "votes.csv", "line": 3, "remedy": "mend it"}, "votes.csv:3: wrong (mend it)"),
        ({"remedy": "mend it", "id": "27478"}, "wrong (mend it)"),
    ],
)
def test_an_error_is_one_line_with_place_fault_and_remedy(known, text):
    assert str(InputError("wrong", **known)) == text


@pytest.mark.parametrize("odd", ["\x00", "\x1b[31m", "a\nb", "\u202e", "\x85"])
def test_what_cannot_be_printed_is_escaped_wherever_it_stands(odd):
    error = InputError(f"roll call {odd} is odd", file=f"{odd}.csv", line=2, remedy=f"rename {odd}")
    assert str(error).isprintable()
    assert error.message.isprintable()
    assert quote(odd).isprintable()


def test_values_stand_in_messages_as_a_person_writes_them():
    assert quote(np.int64(0)) == "0"
    assert quote(np.float64(1.5)) == "1.5"
    assert quote(np.bool_(True)) == "True"
    assert quote("a\tb") == r"'a\tb'"
    assert quote("x" * 100) == repr("x" * 57 + "...")
    assert len(quote(list(range(1000)))) < 80


def test_an_error_survives_pickling_with_all_its_parts():
    error = UsageError("wrong", file="votes.csv", line=7, id="x", remedy="mend it")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert type(again) is UsageError
    assert vars(again) == vars(error)
    assert str(again) == str(error)


def test_an_unknown_name_is_answered_with_those_that_are_known():
    known = pd.Index(["Old Town", "Harbour", "Mill", "Park"])
    assert did_you_mean("harbor", known) == "did you mean Harbour?"
    assert did_you_mean("town", known) == "did you mean Old Town?"
    assert did_you_mean("XYZ", known) == "choose from Old Town, Harbour, Mill, \N{HORIZONTAL ELLIPSIS}"
    assert did_you_mean("XYZ", known[:2]) == "choose from Old Town, Harbour"
    assert did_you_mean("XYZ", []) == "there is no name to choose from"


#: Messages that name what is right, and so say what to do.
SAYS_IT = re.compile(
    r", not ({}|from both|by both)$|\bmust\b|\bat least\b|: it goes with |: a (positive|finite) number"
    r"|, for instance$|every variable once: "
)
#: Where nobody can do anything but read on, by how they begin; and those that end in another error's words.
NOTHING_TO_DO = (
    "no seat changed hands",
    "no mode is known of this fit",
    "what this fit was drawn with",
    "the optimiser found no maximum",
    "the fit of the member effect did not converge",
    "no maximum of the likelihood was found for the items of",
    "the fit of the items of the bridges",
    "the votes contain no information on a further dimension",
    "the parts of {} miss its change",
    "only an IdealFit or a DynamicFit can be fitted again without a resolution",
)
IN_OTHER_WORDS = re.compile(r"(: |, )\{\}$")


def raised(path):
    """Return the message of every error made in a file without a remedy, its fields as {}."""
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
            continue
        if call.func.id in ("InputError", "UsageError", "NotUsableError"):
            remedied = {"remedy", None} & {keyword.arg for keyword in call.keywords}
            parts = getattr(call.args[0], "values", call.args[:1])  # of an f-string, or the text alone
            if not remedied:
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)


def test_every_error_says_what_to_do(root):
    for path in sorted((root / "src").rglob("*.py")):
        if path.name in ("pscl.py", "rda.py"):  # of an R file: one is added to all of them, at its door
            continue
        for message in raised(path):
            said = SAYS_IT.search(message) or IN_OTHER_WORDS.search(message)
            assert said or message == "{}" or message.startswith(NOTHING_TO_DO), f"{path.name}: {message}"
