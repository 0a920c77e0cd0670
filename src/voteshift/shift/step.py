"""One step between two versions of a resolution: its account, its placebo families, the model's parts."""

from dataclasses import dataclass

import pandas as pd

from voteshift.checks.elections import Election
from voteshift.checks.expected_switchers import Switchers
from voteshift.checks.placebo import Placebo
from voteshift.checks.sign_changes import SignChange, sign_changes, sign_sentence
from voteshift.shift.account import Account
from voteshift.shift.parts import ModelParts
from voteshift.shift.wording import sentence

__all__ = ["Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step between two iterations.

    Attributes
    ----------
    old, new : str
        Ids of the roll calls.
    account : Account
        The exact account.
    placebo : Placebo or str
        The same members' switching in other families, or why there is none.
    model : ModelParts or str
        The model's parts, with member effects where one was fitted; or why there are none.
    without_effect : ModelParts or None
        The parts without member effects, where `model` has one.
    switchers : tuple of Switchers
        Switchers expected and on record: by `model`, then without member effects where it has one.
    after_splitting : ModelParts or None
        The parts of `model` after splitting the bridges that a screen rejects, where it rejects any.
    ranges : DataFrame or None
        How far the parts range without single families and subjects (`LeaveOut.ranges`), where that was run.
    elections : tuple of Election, or str
        The membership part beside elections at random: by `model`, then without member effects where it has one;
        or why there are none.
    """

    old: str
    new: str
    account: Account
    placebo: Placebo | str
    model: ModelParts | str
    without_effect: ModelParts | None = None
    switchers: tuple[Switchers, ...] = ()
    elections: tuple[Election, ...] | str = ()
    after_splitting: ModelParts | None = None
    ranges: pd.DataFrame | None = None

    @property
    def sentence(self) -> str:
        """Where the change of the category that moved most came from, by the model, in words.

        Where the sign of any part depends on which bridges are held, that too.
        """
        if isinstance(self.model, str):
            return f"No model: {self.model}."
        return " ".join(filter(None, (sentence(self.model), sign_sentence(self.sign_changes))))

    @property
    def sign_changes(self) -> tuple[SignChange, ...]:
        """The parts whose sign depends on which bridges are held."""
        if isinstance(self.model, str):
            return ()
        return sign_changes(self.model, self.after_splitting, self.ranges)

    @property
    def modelled(self) -> dict[str, ModelParts]:
        """The model's parts by layer: ``model``, ``model without member effects``, ``model after splitting``."""
        layers = {
            "model": self.model,
            "model without member effects": self.without_effect,
            "model after splitting": self.after_splitting,
        }
        return {name: parts for name, parts in layers.items() if isinstance(parts, ModelParts)}
