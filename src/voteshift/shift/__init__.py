"""The explanation: exact account, counterfactual tallies, parts of a change."""

from voteshift.shift.account import Account, account, account_step
from voteshift.shift.explain import explain
from voteshift.shift.explanation import Explanation
from voteshift.shift.parts import Draws, ModelParts
from voteshift.shift.step import Step

__all__ = ["Account", "Draws", "Explanation", "ModelParts", "Step", "account", "account_step", "explain"]
