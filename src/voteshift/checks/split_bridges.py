"""The parts estimated with separate items for the bridges that the tests reject."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import pandas as pd

from voteshift.arguments import checked
from voteshift.checks.result import CheckResult, Ends
from voteshift.errors import NotUsableError, Unavailable
from voteshift.shift.explanation import Explanation
from voteshift.shift.models import Models
from voteshift.shift.parts import ModelParts

if TYPE_CHECKING:
    from voteshift.ideal.dynamic.constancy import Constancy
    from voteshift.ideal.dynamic.results import DynamicFit

__all__ = ["SplitBridges", "split_bridges"]

_SHOWN: Final = 10


@dataclass(frozen=True, eq=False)
class SplitBridges(CheckResult):
    """Tests of the bridges, and the parts estimated with separate items for the rejected pairs.

    Attributes
    ----------
    constancy : Constancy
        For every two successive roll calls that share an item, the test of one common item against a separate
        item for each roll call.
    steps : dict of (str, str) to ModelParts
        The parts estimated with separate items, for the old and the new roll call of each step. Empty if no
        pair was rejected.
    models : Models or None
        The draws behind these parts.
    """

    constancy: "Constancy"
    steps: dict[Ends, ModelParts]
    models: Models | None = None

    @property
    def rejected(self) -> list[tuple[str, str, str]]:
        """The pairs that were split: the item and the ids of the two roll calls."""
        table = self.constancy.table
        return [(str(row.item), str(row.old), str(row.new)) for row in table[table["rejected"]].itertuples()]

    @property
    def text(self) -> str:
        """The number of pairs that were tested, and the pairs that were split."""
        screen, split = self.constancy, self.rejected
        text = (
            f"Bridges: {len(screen.table)} pairs of successive versions were tested, with positions held "
            f"fixed; {_count(len(split))} rejected at {screen.level:g} after Holm's adjustment"
        )
        if not split:
            return f"{text}, so no item was split."
        named = [f"{item.removeprefix('family ')} ({old} to {new})" for item, old, new in split[:_SHOWN]]
        more = f" and {len(split) - _SHOWN} more" if len(split) > _SHOWN else ""
        return f"{text} and split: {', '.join(named)}{more}. This is a screening, not a test to publish."

    def tidy(self) -> pd.DataFrame:
        """Return the parts after splitting, step by step, with their intervals."""
        frames = [
            parts.table.drop(columns=["order_low", "order_high"]).assign(old=old, new=new)
            for (old, new), parts in self.steps.items()
        ]
        columns = ["old", "new", "component", "category", "estimate", "conf_low", "conf_high"]
        return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)


@checked
def split_bridges(why: Explanation) -> SplitBridges | Unavailable:
    """Test the bridges of a model, and fit the model again with the items of rejected pairs split.

    Parameters
    ----------
    why : Explanation
        An explanation whose steps have separate parts for positions and for the resolution.

    Returns
    -------
    SplitBridges or Unavailable
        `Unavailable` if no step has separate parts for positions and for the resolution, or the model was
        sampled.
    """
    bridged = [step for step in why.steps if step.separates]
    if not bridged:
        return Unavailable("no step has separate parts for positions and for the resolution")
    if why.fit is None or why.fit.periods is None or why.fit.sampled:
        return Unavailable(
            "bridges can be tested only if the model was fitted at its mode, but this model was sampled"
        )
    from voteshift.ideal.dynamic.constancy import constancy

    try:
        screen = constancy(cast("DynamicFit", why.fit))
        if not screen.table["rejected"].any():
            return SplitBridges(screen, {})
        models = why.refit(items=screen.items)
    except NotUsableError as error:
        return Unavailable(str(error))
    versions = why.versions
    parts = {step.ends: models.split_main(versions, *step.ends) for step in bridged}
    return SplitBridges(screen, parts, models)


def _count(n_pairs: int) -> str:
    return "1 pair was" if n_pairs == 1 else f"{n_pairs} pairs were"
