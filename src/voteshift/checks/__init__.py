"""Checks of an explanation: each function takes an explanation and returns a verdict, a text and a table.

>>> why = vs.explain(record)  # doctest: +SKIP
>>> vs.checks.same_item(why).text  # doctest: +SKIP
"""

# A check has the name of its module: imported here, the function stands for both.
from voteshift.checks.bridge_drift import bridge_drift
from voteshift.checks.covariate_parts import covariate_parts
from voteshift.checks.dimensions import dimensions
from voteshift.checks.documents import documents
from voteshift.checks.elections import elections
from voteshift.checks.ends_together import ends_together
from voteshift.checks.exact_tests import exact_tests
from voteshift.checks.expected_switchers import expected_switchers
from voteshift.checks.group_dependence import group_dependence
from voteshift.checks.leave_one_out import leave_one_out
from voteshift.checks.placebo import placebo
from voteshift.checks.prior_sensitivity import prior_sensitivity
from voteshift.checks.registry import (
    DEFAULT_CHECKS,
    check_names,
    default_checks,
    register_check,
    registered_checks,
    run_checks,
)
from voteshift.checks.result import CheckResult, Verdict
from voteshift.checks.same_item import same_item
from voteshift.checks.sensitivity import sensitivity
from voteshift.checks.sign_changes import sign_changes
from voteshift.checks.split_bridges import split_bridges
from voteshift.checks.unlikely_votes import unlikely_votes

__all__ = [
    "DEFAULT_CHECKS",
    "CheckResult",
    "Verdict",
    "bridge_drift",
    "check_names",
    "covariate_parts",
    "default_checks",
    "dimensions",
    "documents",
    "elections",
    "ends_together",
    "exact_tests",
    "expected_switchers",
    "group_dependence",
    "leave_one_out",
    "placebo",
    "prior_sensitivity",
    "register_check",
    "registered_checks",
    "run_checks",
    "same_item",
    "sensitivity",
    "sign_changes",
    "split_bridges",
    "unlikely_votes",
]
