"""Sentences on a step whose model contradicts the account, or has a part that exceeds the whole change."""

from typing import Final

import pandas as pd

from voteshift.prose import join_words
from voteshift.shift.account import Account
from voteshift.shift.parts import ModelParts
from voteshift.writing import number

__all__ = ["VOTES", "describe_contradiction", "describe_excess"]

VOTES: Final = {"yes": '"Yes" votes', "no": '"No" votes', "abstain": "abstentions"}
_COUNCIL: Final = ("membership", "attendance")
_PARTS: Final = {
    "membership": "the change of membership",
    "attendance": "attendance",
    "switching": "{members} voting differently",
    "positions": "{members} moving on all resolutions",
    "resolution": "this resolution",
    "residual": "what the model did not expect",
}
#: The smallest part, and the smallest excess of a part over the whole change, that is named, in votes.
_LEAST: Final = 0.5


def describe_contradiction(model: ModelParts, account: Account, member: str, members: str) -> str:
    """Return a sentence if no stayer switched and the model still attributes votes to switching.

    Parameters
    ----------
    model : ModelParts
        The model's parts of the step.
    account : Account
        The exact account of the step.
    member, members : str
        "state" and "states", or "member" and "members".

    Returns
    -------
    str
        "" if a stayer switched, no stayer voted both times, or no category has such a part: of half a vote or
        more, or with an interval that excludes 0. Also "" if the model does not split the change on record.
    """
    twice = account.stayers - len(account.voted_once)
    if model.estimand != "realised" or not twice or len(account.switchers):
        return ""
    booked = model.table[~model.table["component"].isin((*_COUNCIL, "residual"))]
    total = booked.groupby("category")["estimate"].sum()
    beyond = total.abs() >= _LEAST
    if model.components[-1] == "switching":
        rows = booked.set_index("category")
        beyond |= (rows["conf_low"] > 0) | (rows["conf_high"] < 0)
    if not beyond.any():
        return ""
    name = str(total[beyond].abs().idxmax())
    return (
        f"Contradiction: no {member} that voted both times changed its vote, but the model attributes a "
        f"change of {number(total[name])} {VOTES[name]} to {members} voting differently. The model predicts "
        f"this change for {members} that left or joined; no vote on record shows it."
    )


def describe_excess(model: ModelParts, category: str, members: str) -> str:
    """Return a sentence if a part exceeds the whole change of a category by half a vote; otherwise "".

    Parameters
    ----------
    model : ModelParts
        The model's parts of the step.
    category : str
        yes, no or abstain; its tally changed.
    members : str
        "states" or "members".
    """
    size = model.observed[category]
    parts: pd.Series = model.rows.set_index(["category", "component"]).loc[category, "estimate"]
    larger = parts[parts.abs() - abs(size) >= _LEAST].sort_values(key=abs, ascending=False)
    if larger.empty:
        return ""
    names = join_words([_PARTS[str(part)].format(members=members) for part in larger.index])
    return (
        f"The part of {names} is larger than the whole change, because other parts have the opposite sign. "
        "The parts are therefore not shares of the change."
    )
