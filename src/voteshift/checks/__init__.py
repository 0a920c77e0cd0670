"""Checks that stand on an explanation: each a function of it that returns a verdict, a text and a table.

>>> why = vs.explain(record)  # doctest: +SKIP
>>> vs.checks.same_item(why).text  # doctest: +SKIP
"""

from typing import Any

from voteshift.checks.registry import (
    DEFAULT_CHECKS,
    check_names,
    find_check,
    register_check,
    registered_checks,
    run_checks,
)
from voteshift.checks.result import CheckResult, Verdict

__all__ = [
    "DEFAULT_CHECKS",
    "CheckResult",
    "Verdict",
    "check_names",
    "register_check",
    "registered_checks",
    "run_checks",
]


def __getattr__(name: str) -> Any:
    """Return a check by its name; its module is imported on first use."""
    if name.startswith("_") or name not in check_names():
        raise AttributeError(f"module 'voteshift.checks' has no attribute {name!r}")
    # The function takes the place of the module of the same name, which importing put there.
    globals()[name] = check = find_check(name)
    return check


def __dir__() -> list[str]:
    """List the checks, too."""
    return sorted({*__all__, *check_names()})
