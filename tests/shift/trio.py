"""The three votes on mutually beneficial cooperation, and the model of a step."""

import voteshift as vs
from voteshift.shift.parts import ModelParts
from voteshift.shift.step import Step

__all__ = ["V18", "V20", "V21", "modelled"]

V18, V20, V21 = "27478", "29343", "29575"


def modelled(step: Step) -> ModelParts:
    """Return the model's parts of a step that has them."""
    assert not isinstance(step.model, vs.Unavailable)
    return step.model
