"""The ratio of the spreads of two periods under three assumptions, and whether votes identify its direction.

If the positions of a period are multiplied by a number and the discriminations of its roll calls are divided
by it, the likelihood of these roll calls does not change. The votes of a period therefore identify only the
product of the spread of positions and the size of discriminations. Three assumptions divide the product:

- members move independently of each other, as the random walks say, so that a movement of all members towards
  the centre or away from it is improbable. The ratio of the fit depends on this assumption, on shared items,
  and to a smaller part on the prior of the discriminations;
- the roll calls of both periods discriminate alike: the mean square of their discriminations is the same. The
  ratio of the products is then the ratio of the spreads;
- items that several periods share kept their parameters. The votes on these items then compare the periods.

If an assumption is wrong, the ratio under it is wrong. The third is what a bridge assumes anyway, so the
direction of a change counts as identified by it alone.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from voteshift.prose import join_words
from voteshift.tables import Tabled
from voteshift.writing import number

__all__ = ["LogRatio", "Ratios", "SpreadRatio", "compare_periods", "compare_sizes", "drawn_ratios"]

Floats = NDArray[np.float64]
_ASSUMPTIONS: Final = (
    "members move independently of each other",
    "the roll calls of both periods discriminate alike",
    "shared items kept their meaning",
)


@dataclass(frozen=True, slots=True)
class LogRatio:
    """Log of a number of a later period over that of an earlier one, and its standard error."""

    estimate: float
    std_error: float


@dataclass(frozen=True, slots=True)
class Ratios:
    """The log ratio of spreads under each assumption.

    Attributes
    ----------
    independent : LogRatio
        Members move independently of each other: the ratio of the fit.
    alike : LogRatio
        The roll calls of both periods discriminate alike.
    shared : LogRatio
        Items that several periods share kept their parameters. Nothing else compares the periods; the
        standard error is infinite if no items do.
    """

    independent: LogRatio
    alike: LogRatio
    shared: LogRatio


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SpreadRatio(Tabled):
    """The spread of positions in a later period, divided by the spread in an earlier one.

    The table has one row per assumption: ``before``, ``after``, ``assumption``, ``estimate``, ``conf_low``,
    ``conf_high``, ``shared_items`` (the smallest number of items that span a gap between the periods) and
    ``level``.

    Attributes
    ----------
    table : DataFrame
        The table that `tidy` returns.
    identified : bool
        True if shared items connect the periods and the interval of the ratio by shared items does not
        contain 1. Otherwise do not read the direction of a change of the spread from the fit.
    """

    table: pd.DataFrame
    identified: bool

    def tidy(self) -> pd.DataFrame:
        """Return the ratio under each assumption."""
        return self.table.copy()

    @property
    def text(self) -> str:
        """The ratio in words, as a clause that begins with a small letter.

        Only the ratio by shared items has its interval there. The other intervals leave out the error of an
        assumption on all members or on all roll calls.
        """
        rows = self.table.to_dict("records")
        sizes = [f"{number(row['estimate'], 2)} if {row['assumption']}" for row in rows]
        if rows[-1]["assumption"] == _ASSUMPTIONS[-1]:
            low, high = (number(rows[-1][end], 2) for end in ("conf_low", "conf_high"))
            sizes[-1] += f" ({100 * rows[-1]['level']:g}% interval {low} to {high})"
        return (
            f"the spread of positions in {rows[0]['after']}, divided by the spread in {rows[0]['before']}, "
            f"is {join_words(sizes)}; {self._verdict()}"
        )

    def _verdict(self) -> str:
        last = self.table.iloc[-1]
        if self.identified:
            return f"shared items identify that the spread {'rose' if last['estimate'] > 1 else 'fell'}"
        if last["shared_items"]:
            return "shared items do not identify whether the spread rose or fell"
        return (
            "no item is shared across a gap between these periods, so the votes do not identify whether the "
            "spread rose or fell"
        )

    @property
    def _coverage(self) -> float:
        return float(self.table["level"].iloc[0])

    def _title(self) -> str:
        return "Ratio of the spreads of two periods"

    def _said(self) -> list[str]:
        return [f"{self.text[0].upper()}{self.text[1:]}."]


def compare_periods(ratios: Ratios, before: str, after: str, shared_items: int, level: float) -> SpreadRatio:
    """Compute normal intervals of both ratios, and whether the direction is identified.

    Parameters
    ----------
    ratios : Ratios
        The log ratios.
    before, after : str
        Labels of the periods.
    shared_items : int
        The smallest number of items that span a gap between the periods.
    level : float
        Coverage.
    """
    compared = [ratios.independent, ratios.alike]
    connected = bool(shared_items > 0 and np.isfinite(ratios.shared.std_error))
    if connected:
        compared.append(ratios.shared)
    estimate = np.array([ratio.estimate for ratio in compared])
    reach = float(ndtri(0.5 + level / 2)) * np.array([ratio.std_error for ratio in compared])
    low, high = estimate - reach, estimate + reach
    table = pd.DataFrame(
        {
            "before": before,
            "after": after,
            "assumption": _ASSUMPTIONS[: len(compared)],
            "estimate": np.exp(estimate),
            "conf_low": np.exp(low),
            "conf_high": np.exp(high),
            "shared_items": shared_items,
            "level": level,
        }
    )
    return SpreadRatio(table, connected and bool(low[-1] > 0 or high[-1] < 0))


def drawn_ratios(
    positions: tuple[Floats, Floats], discriminations: tuple[Floats, Floats], shared: LogRatio
) -> Ratios:
    """Compute the log ratios of two periods from draws.

    Parameters
    ----------
    positions : pair of ndarray, shape (n_draws, n_members)
        Positions of the members that voted in the earlier and in the later period.
    discriminations : pair of ndarray, shape (n_draws, n_rollcalls)
        Discriminations of the roll calls of the two periods.
    shared : LogRatio
        How much larger the log ratio is by shared items alone.
    """
    logs = np.log(positions[1].std(axis=1)) - np.log(positions[0].std(axis=1))
    ratio = LogRatio(float(logs.mean()), float(logs.std()))
    old, new = ((np.mean(part**2, axis=0), np.var(part**2, axis=0)) for part in discriminations)
    by_items = LogRatio(ratio.estimate + shared.estimate, shared.std_error)
    return Ratios(ratio, compare_sizes(ratio, old, new), by_items)


def compare_sizes(ratio: LogRatio, before: tuple[Floats, Floats], after: tuple[Floats, Floats]) -> LogRatio:
    """Compute the log ratio of spread times root mean square of the discriminations.

    Parameters
    ----------
    ratio : LogRatio
        The log ratio of the spreads in the fit.
    before, after : pair of ndarray, shape (n_rollcalls,)
        Posterior means and variances of the squared discriminations of the roll calls of each period.

    Returns
    -------
    LogRatio
        The roll calls are a sample, so the standard error is that of two means over roll calls. Squares
        differ by their posterior means and by their posterior variances. A single roll call gets the variance
        of the square of a normal variable.
    """
    estimate, variance = ratio.estimate, 0.0
    for sign, (means, variances) in ((-1.0, before), (1.0, after)):
        mean, n = float(means.mean()), len(means)
        total = float(means.var(ddof=1) + variances.mean()) if n > 1 else 2.0 * mean**2
        estimate += sign * 0.5 * float(np.log(mean))
        variance += 0.25 * total / (n * mean**2)
    return LogRatio(estimate, variance**0.5)
