"""One step between two versions of a resolution: its exact account and the model's parts."""

from dataclasses import dataclass

from voteshift.errors import Unavailable
from voteshift.shift.account import Account
from voteshift.shift.parts import ModelParts

__all__ = ["Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step between two versions.

    Attributes
    ----------
    old, new : str
        Ids of the roll calls.
    account : Account
        The exact account.
    model : ModelParts or Unavailable
        The model's parts, with member effects if they were estimated.
    positions_only : ModelParts or None
        The parts estimated without member effects, if `model` includes member effects.
    """

    old: str
    new: str
    account: Account
    model: ModelParts | Unavailable
    positions_only: ModelParts | None = None

    @property
    def ends(self) -> tuple[str, str]:
        """Ids of the two roll calls."""
        return self.old, self.new

    @property
    def separates(self) -> bool:
        """True if positions and resolution are separate parts."""
        return isinstance(self.model, ModelParts) and "positions" in self.model.components

    @property
    def layers(self) -> dict[str, ModelParts]:
        """The model's parts by layer: ``model``, ``model without member effects``."""
        named = {"model": self.model, "model without member effects": self.positions_only}
        return {name: parts for name, parts in named.items() if isinstance(parts, ModelParts)}
