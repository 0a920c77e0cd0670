"""The explanation: exact account, counterfactual tallies, parts of a change."""

from voteshift.checks.placebo import Placebo, placebo
from voteshift.checks.same_item import OneItemTest, one_item_test
from voteshift.shift.account import Account, account, account_step
from voteshift.shift.explain import Explanation, Step, explain
from voteshift.shift.parts import ModelParts

__all__ = [
    "Account",
    "Explanation",
    "ModelParts",
    "OneItemTest",
    "Placebo",
    "Step",
    "account",
    "account_step",
    "explain",
    "one_item_test",
    "placebo",
]
