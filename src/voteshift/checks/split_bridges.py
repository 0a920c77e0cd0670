"""The parts with bridges split where a screen rejects them."""

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
    """The screen of the bridges, and the parts with the rejected ones split.

    Attributes
    ----------
    constancy : Constancy
        Every two neighbouring roll calls of a shared item, one item against two.
    steps : dict of (str, str) to ModelParts
        The parts after splitting, by the ends of the step; empty where no pair was rejected.
    models : Models or None
        The draws behind them.
    """

    constancy: "Constancy"
    steps: dict[Ends, ModelParts]
    models: Models | None = None

    @property
    def rejected(self) -> list[tuple[str, str, str]]:
        """The pairs that are split: item, and the two roll calls."""
        table = self.constancy.table
        return [(str(row.item), str(row.old), str(row.new)) for row in table[table["rejected"]].itertuples()]

    @property
    def text(self) -> str:
        """The number of pairs screened, and the pairs that were split."""
        screen, split = self.constancy, self.rejected
        text = (
            f"Bridges: {len(screen.table)} pairs of neighbouring versions screened, positions held; "
            f"{len(split)} rejected at {screen.level:g} after Holm's adjustment"
        )
        if not split:
            return f"{text}, so that splitting changes nothing."
        named = [f"{item.removeprefix('family ')} ({old} to {new})" for item, old, new in split[:_SHOWN]]
        more = f" and {len(split) - _SHOWN} more" if len(split) > _SHOWN else ""
        return f"{text} and split: {', '.join(named)}{more}. A screen, not a test to publish."

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
    """Screen the bridges of a model, and fit again with items split where a pair is rejected.

    Parameters
    ----------
    why : Explanation
        One whose steps separate positions from the resolution.

    Returns
    -------
    SplitBridges or Unavailable
        The latter where no step separates the two, or the model was not fitted at its mode.
    """
    from voteshift.ideal.dynamic.constancy import constancy  # brings statsmodels

    bridged = [step for step in why.steps if step.separates]
    if not bridged:
        return Unavailable("no step separates positions from the resolution")
    if why.fit is None or why.fit.periods is None or why.fit.sampled:
        return Unavailable("only bridges of a model fitted at its mode are screened (take the method map)")
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
