"""Checks by name, and those that a user registers."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import get_args, get_type_hints

import pandas as pd
import pytest

import voteshift as vs
from voteshift.checks import registry
from voteshift.checks.registry import (
    DEFAULT_CHECKS,
    SHORT_CHECKS,
    check_names,
    find_check,
    register_check,
    registered_checks,
    run_checks,
)
from voteshift.checks.result import CheckResult
from voteshift.errors import Unavailable


class Plain(CheckResult):
    """A result that has a table and nothing else."""

    def tidy(self) -> pd.DataFrame:
        return pd.DataFrame()


@pytest.fixture(autouse=True)
def emptied() -> Iterator[None]:
    """Take out again what a test registers."""
    kept = dict(registry._REGISTERED)
    yield
    registry._REGISTERED.clear()
    registry._REGISTERED.update(kept)


def test_every_check_of_the_package_is_found_under_its_name() -> None:
    assert set(DEFAULT_CHECKS) <= set(check_names())
    for name in registry._BUILT_IN:
        assert find_check(name).__name__ == name
        assert find_check(name) is getattr(vs.checks, name)


def test_a_check_that_the_short_answer_leaves_out_adds_no_sentence_to_it() -> None:
    assert set(SHORT_CHECKS) < set(DEFAULT_CHECKS)
    for name in set(DEFAULT_CHECKS) - set(SHORT_CHECKS):
        results = [
            kind for kind in get_args(get_type_hints(find_check(name))["return"]) if kind is not Unavailable
        ]
        assert results
        assert all(kind.failures is CheckResult.failures for kind in results), name


def test_a_registered_check_is_run_with_the_default_ones() -> None:
    register_check("mine", lambda _: Plain())
    assert "mine" in registered_checks()
    assert isinstance(run_checks(SimpleNamespace(), ("mine",))["mine"], CheckResult)


def test_a_check_is_given_the_results_that_it_needs() -> None:
    asked = {}

    def mine(why: object, **needed: object) -> CheckResult:
        asked.update(needed)
        return Plain()

    register_check("first", lambda _: Plain())
    register_check("second", mine, needs=("first", "never_run"))
    results = run_checks(SimpleNamespace(), ("first", "second"), options={"second": {"more": 1}})
    assert asked == {"first": results["first"], "never_run": None, "more": 1}


@pytest.mark.parametrize("name", ["same_item", "not a name", "1st"])
def test_a_name_that_is_taken_or_none_is_refused(name: str) -> None:
    with pytest.raises(vs.UsageError):
        register_check(name, lambda _: Plain())


def test_an_unknown_check_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(vs.UsageError, match="same_item"):
        find_check("same_items")
