"""Errors: one line, an exit code, and a trip between processes."""

import pickle
from pathlib import Path

import pytest

from voteshift.errors import InputError, NotUsableError, UsageError, VoteshiftError


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


def test_an_error_survives_pickling_with_all_its_parts():
    error = UsageError("wrong", file="votes.csv", line=7, id="x", remedy="mend it")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert type(again) is UsageError
    assert vars(again) == vars(error)
    assert str(again) == str(error)
