"""The checks by name: checks of this package, of other packages, and checks registered in code."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from voteshift.checks.result import CheckResult
from voteshift.errors import Unavailable, UsageError, did_you_mean
from voteshift.extensions import installed, load_extension

__all__ = [
    "DEFAULT_CHECKS",
    "SHORT_CHECKS",
    "Check",
    "check_names",
    "default_checks",
    "find_check",
    "register_check",
    "registered_checks",
    "run_checks",
]

#: A check: a function of an explanation.
Check = Callable[..., CheckResult | Unavailable]
_GROUP: Final = "voteshift.checks"
_BUILT_IN: Final = (
    "placebo",
    "expected_switchers",
    "same_item",
    "group_dependence",
    "dimensions",
    "split_bridges",
    "leave_one_out",
    "sign_changes",
    "elections",
    "prior_sensitivity",
    "exact_tests",
    "sensitivity",
    "unlikely_votes",
    "documents",
    "bridge_drift",
    "covariate_parts",
    "ends_together",
)
#: The checks that `findings` runs by default: the checks of the package that take seconds.
DEFAULT_CHECKS: Final = (
    "placebo",
    "expected_switchers",
    "same_item",
    "group_dependence",
    "dimensions",
    "split_bridges",
    "sign_changes",
    "elections",
    "prior_sensitivity",
)
#: The default checks that can add a sentence to the short answer.
SHORT_CHECKS: Final = (
    "placebo",
    "expected_switchers",
    "group_dependence",
    "dimensions",
    "split_bridges",
    "sign_changes",
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A check, and the names of other checks whose results are passed to it as keyword arguments."""

    check: Check
    needs: tuple[str, ...] = ()


_NEEDS: Final = {"sign_changes": ("split_bridges", "leave_one_out")}
_REGISTERED: dict[str, _Entry] = {}


def register_check(name: str, check: Check, *, needs: tuple[str, ...] = ()) -> None:
    """Register a check, so that `findings` runs it with the default checks.

    Parameters
    ----------
    name : str
        The name of the check in `findings`, in JSON and in the report: letters, digits and underscores.
    check : callable
        Takes an `Explanation`; returns a `CheckResult` or `Unavailable`.
    needs : tuple of str
        Names of checks whose results are passed to `check` as keyword arguments. The argument is None if a
        check was not run.

    Raises
    ------
    UsageError
        If another check has this name, or the name is not valid.
    """
    if not name.isidentifier():
        raise UsageError(
            f"name={name!r} is not a valid name of a check", remedy="use letters, digits and underscores"
        )
    if name in _BUILT_IN or name in _REGISTERED:
        raise UsageError(f"a check with the name {name!r} already exists", remedy="choose another name")
    _REGISTERED[name] = _Entry(check, needs)


def check_names() -> tuple[str, ...]:
    """Return the names of all checks: of this package, of other packages, and registered in code."""
    return (*_BUILT_IN, *_installed(), *_REGISTERED)


def default_checks(why: Any) -> tuple[str, ...]:
    """Return the names of the checks that an explanation gets by default.

    Parameters
    ----------
    why : Explanation
        The explanation to check.

    Returns
    -------
    tuple of str
        `DEFAULT_CHECKS`; "covariate_parts" if the model has covariates of positions; then the checks of other
        packages and the checks registered in code.
    """
    has_covariates = why.fit is not None and why.fit.spec.priors.covariates is not None
    return (*DEFAULT_CHECKS, *(("covariate_parts",) if has_covariates else ()), *registered_checks())


def registered_checks() -> tuple[str, ...]:
    """Return the names of the checks of other packages and of the checks registered in code."""
    return (*_installed(), *_REGISTERED)


def find_check(name: str) -> Check:
    """Return the check with this name.

    Raises
    ------
    UsageError
        If there is no check with this name.
    """
    return _find_entry(name).check


def _find_entry(name: str) -> _Entry:
    if name in _BUILT_IN:
        module = import_module(f"voteshift.checks.{name}")
        return _Entry(getattr(module, name), _NEEDS.get(name, ()))
    if name in _REGISTERED:
        return _REGISTERED[name]
    if name in _installed():
        return _Entry(load_extension(_GROUP, name))
    raise UsageError(f"there is no check with the name {name!r}", remedy=did_you_mean(name, check_names()))


def _installed() -> tuple[str, ...]:
    """Return the names of the checks that other packages declare."""
    return tuple(name for name in installed(_GROUP) if name not in _BUILT_IN)


def run_checks(
    why: Any, names: tuple[str, ...] | None = None, *, options: dict[str, dict[str, Any]] | None = None
) -> dict[str, CheckResult | Unavailable]:
    """Run checks on an explanation.

    Parameters
    ----------
    why : Explanation
        The explanation to check.
    names : tuple of str, optional
        Names of checks, run in this order. By default those of `default_checks`.
    options : dict of str to dict, optional
        Keyword arguments of a check, by its name.

    Returns
    -------
    dict of str to CheckResult or Unavailable

    Raises
    ------
    UsageError
        If a name is not the name of a check.
    """
    chosen = default_checks(why) if names is None else names
    results: dict[str, CheckResult | Unavailable] = {}
    for name in chosen:
        entry = _find_entry(name)
        needed = {other: results.get(other) or None for other in entry.needs}
        results[name] = entry.check(why, **needed, **(options or {}).get(name, {}))
    return results
