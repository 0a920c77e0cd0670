"""The parts of an explanation with bridges if all bridging texts had changed at a constant rate.

Bridges identify movement of members by the assumption that the bridging texts meant the same at every date.
If all these texts moved along the scale by k a year, members moved by k a year more than the fit shows. Let
x_b be the fitted position at date b, and beta_v and kappa_v the fitted item of version v. The latent value of
a vote is

    beta_v (x_b + k t_b) - (kappa_v + beta_v k t_v) = beta_v x_b - kappa_v + beta_v k (t_b - t_v),

where t is the time of a date in years. At the version's date the last term is 0, so every vote on record has
the same probability for every k. No vote can show k, and the parts under another k need no other fit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from voteshift.arguments import checked
from voteshift.checks.result import CheckResult, Ends
from voteshift.errors import Unavailable, UsageError
from voteshift.ranges import check_number
from voteshift.shift.answer import Wording
from voteshift.shift.counterfactual import Counterfactual
from voteshift.shift.explanation import Explanation
from voteshift.shift.parts import ModelParts, StepDraws, model_parts
from voteshift.votes import CAST
from voteshift.writing import number

__all__ = ["RATES", "BridgeDrift", "bridge_drift"]

#: Rates of change of the bridging texts, in standard deviations of positions a year.
RATES: Final = (-0.2, -0.1, -0.05, 0.0, 0.05, 0.1, 0.2)
_YEAR: Final = 365.25  # days
_MOST: Final = 10.0


@dataclass(frozen=True, eq=False)
class BridgeDrift(CheckResult):
    """The parts of every step under several rates of change of all bridging texts.

    Attributes
    ----------
    table : DataFrame
        ``rate`` (standard deviations of positions a year, positive towards the positive side of the scale),
        ``old``, ``new``, ``component``, ``category``, ``estimate``, ``conf_low``, ``conf_high``. The rate 0
        is the assumption of the explanation.
    direction : str
        The positive side of the scale, in words.
    words : Wording
        The names of members and versions in sentences.
    """

    table: pd.DataFrame
    direction: str
    words: Wording

    @property
    def text(self) -> str:
        """The range of positions and resolution over the rates, step by step."""
        rates = self.table["rate"]
        lines = [
            "The votes cannot show whether all bridging texts moved along the scale at a common rate. For "
            f"rates from {number(rates.min(), 2)} to {number(rates.max(), 2)} standard deviations of "
            f"positions a year ({self.direction}), the parts have these ranges."
        ]
        return " ".join([*lines, *(self.describe_step(ends) for ends in self._steps())])

    def tidy(self) -> pd.DataFrame:
        """Return every part of every step under every rate: the columns of `table`."""
        return self.table.copy()

    def _steps(self) -> list[Ends]:
        pairs = self.table[["old", "new"]].drop_duplicates()
        return [(str(old), str(new)) for old, new in pairs.to_numpy()]

    def describe_step(self, ends: Ends) -> str:
        """Return the ranges of two parts in the category that changed most; "" without bridges."""
        step = self.table[(self.table["old"] == ends[0]) & (self.table["new"] == ends[1])]
        if step.empty:
            return ""
        reported = step[step["rate"] == step["rate"].abs().min()]
        change = reported.groupby("category")["estimate"].sum()
        name = max(CAST, key=lambda category: abs(change[category]))
        ranges = step[step["category"] == name].groupby("component")["estimate"].agg(["min", "max"])
        parts = ", ".join(
            f"{part} {number(ranges.loc[part, 'min'])} to {number(ranges.loc[part, 'max'])}"
            for part in ("positions", "resolution")
        )
        names = self.words.versions
        return f"{names[ends[0]]} to {names[ends[1]]}, {name}: {parts}."


@checked
def bridge_drift(why: Explanation, *, rates: Sequence[float] = RATES) -> BridgeDrift | Unavailable:
    """Compute the parts if all bridging texts had moved along the scale at a constant rate.

    Parameters
    ----------
    why : Explanation
        An explanation in which positions and resolution are separate parts.
    rates : sequence of float
        Rates in standard deviations of positions a year, positive towards the positive side of the scale.

    Returns
    -------
    BridgeDrift or Unavailable
        Unavailable if no step separates positions and resolution. The parts are exact under each rate, apart
        from the prior of the common step, which is wide. Membership and attendance can change too, because
        they are averages over the other factors.

    Raises
    ------
    UsageError
        If a rate is not a number between -10 and 10.
    """
    for rate in rates:
        check_number("rates", rate, least=-_MOST, most=_MOST, what="a rate a year")
    if not len(rates):
        raise UsageError("rates is empty", remedy="pass at least one rate")
    steps = [step for step in why.steps if step.separates]
    if isinstance(why.models, Unavailable) or not steps or why.fit is None:
        return Unavailable("positions and resolution are not separate parts, so no bridge can drift")
    main = why.models.main
    days = why.rollcalls.loc[list(main.rollcalls), "date"]
    years = ((days - days.iloc[0]).dt.days / _YEAR).to_numpy(float)
    frames = []
    for rate in rates:
        moved = _shift(main, rate * years)
        for step in steps:
            ends = tuple(main.rollcalls.index(end) for end in step.ends)
            draws = StepDraws(moved, ends[0], ends[1], why.estimand, apart=True)
            parts = model_parts(draws, level=why.level, identified_by="", notes=())
            frames.append(_label(parts, float(rate), step.ends))
    return BridgeDrift(pd.concat(frames, ignore_index=True), why.fit.direction, why.words)


def _shift(tallies: Counterfactual, shift: np.ndarray) -> Counterfactual:
    """Return tallies with all positions of a date, and the item of the version of this date, moved together.

    Parameters
    ----------
    tallies : Counterfactual
        The tallies of the explanation.
    shift : ndarray, shape (n_versions,)
        The movement at the date of each version, in the unit of positions, along the first dimension.
    """
    latent = tallies.latent
    positions = latent.positions.copy()
    positions[..., 0] += shift[:, None]
    moved = latent.discriminations[..., 0] * shift
    cutpoints = latent.cutpoints + moved[..., None]
    return replace(tallies, latent=replace(latent, positions=positions, cutpoints=cutpoints))


def _label(parts: ModelParts, rate: float, ends: Ends) -> pd.DataFrame:
    table = parts.rows.drop(columns=["order_low", "order_high"]).assign(rate=rate, old=ends[0], new=ends[1])
    columns = ["rate", "old", "new", "component", "category", "estimate", "conf_low", "conf_high"]
    return table[columns]
