"""A check of the model: members of a group that vote together more often than their positions predict.

The model treats votes as independent given positions. If members of a group coordinate, their residuals are
correlated, and the group is more cohesive than the model expects. Both are computed here from the fit behind
an explanation: Yen's Q3 of every two members (Yen 1984, https://doi.org/10.1177/014662168400800201), averaged
over the pairs of two groups, and the agreement index of every group (Hix, Noury & Roland 2005,
https://doi.org/10.1017/S0007123405000128) with its predictive interval.
"""

from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from voteshift.arguments import checked
from voteshift.checks.result import CheckResult, Ends, Verdict
from voteshift.errors import Unavailable
from voteshift.labels import group_name
from voteshift.posterior.residuals import draw_cohesion, residual_correlations
from voteshift.ranges import MOST_DRAWS, check_count
from voteshift.shift.explanation import Explanation
from voteshift.shift.parts import tails
from voteshift.writing import signed

__all__ = ["LARGE_Q3", "GroupDependence", "group_dependence", "pair_groups"]

Floats = NDArray[np.float64]
#: A residual correlation above this number counts as dependence (Christensen, Makransky & Horton 2017,
#: https://doi.org/10.1177/0146621616677520).
LARGE_Q3: Final = 0.2
_COHESION: Final = ["group", "observed", "estimate", "conf_low", "conf_high"]
_PAIRS: Final = ["group", "other", "pairs", "estimate", "share_large"]


@dataclass(frozen=True, eq=False)
class GroupDependence(CheckResult):
    """Residual correlations by pair of groups, and cohesion of groups.

    Attributes
    ----------
    correlations : DataFrame
        One row for each pair of groups, a group with itself included: ``group``, ``other``, ``pairs`` (pairs
        of members with at least 20 common roll calls), ``estimate`` (mean Q3 over these pairs) and
        ``share_large`` (share of these pairs with a Q3 above 0.2).
    cohesion : DataFrame
        One row for each group: ``observed`` (mean agreement index over the roll calls in which at least two
        members of the group voted), ``estimate`` (mean over draws of the model), ``conf_low`` and
        ``conf_high``. The intervals are simultaneous: they hold the cohesion of all groups together with the
        probability `level` at least (Bonferroni).
    members : str
        The word for members in sentences.
    level : float
        Joint coverage of the predictive intervals.
    n_draws, seed : int
        Number and seed of the draws.
    """

    correlations: pd.DataFrame
    cohesion: pd.DataFrame
    members: str
    level: float
    n_draws: int
    seed: int

    @property
    def outside(self) -> pd.DataFrame:
        """The groups whose cohesion is outside its predictive interval."""
        table = self.cohesion
        return table[(table["observed"] < table["conf_low"]) | (table["observed"] > table["conf_high"])]

    @property
    def within(self) -> pd.DataFrame:
        """The rows of `correlations` of two members of the same group."""
        return self.correlations[self.correlations["group"] == self.correlations["other"]]

    def describe_between(self) -> str:
        """Return a sentence on the residual correlations of two groups; "" if there is one group."""
        between = self.correlations[self.correlations["group"] != self.correlations["other"]]
        if not len(between):
            return ""
        ends = [between.loc[between["estimate"].idxmin()], between.loc[between["estimate"].idxmax()]]
        low, high = (f"{signed(row['estimate'], 2)} ({_name_pair(row)})" for row in ends)
        return f" Between two groups the mean residual correlation is from {low} to {high}."

    @property
    def failures(self) -> dict[Ends | None, str]:
        """A sentence on the whole answer if a cohesion is outside its interval or a mean Q3 is above 0.2."""
        parts = []
        for words, chosen in (
            ("more", self.outside[self.outside["observed"] > self.outside["conf_high"]]),
            ("less", self.outside[self.outside["observed"] < self.outside["conf_low"]]),
        ):
            if len(chosen):
                names = "; ".join(map(group_name, chosen["group"]))
                parts.append(f"{self.members} vote together {words} than positions predict ({names})")
        large = self.correlations[self.correlations["estimate"] > LARGE_Q3]
        if len(large):
            pairs = "; ".join(f"{_name_pair(row)} {row.estimate:.2f}" for row in large.itertuples())
            parts.append(f"in these groups the mean residual correlation is above {LARGE_Q3:g}: {pairs}")
        if not parts:
            return {}
        return {None: f"Failed check: {', and '.join(parts)}, so intervals can be too narrow."}

    @property
    def verdict(self) -> Verdict:
        """Failed if a cohesion is outside its interval or a mean Q3 is above 0.2, otherwise passed."""
        return "failed" if self.failures else "passed"

    @property
    def text(self) -> str:
        """The cohesion of every group and the mean residual correlations, in sentences."""
        cohesion = "; ".join(
            f"{group_name(row.group)} {row.observed:.2f} (model {row.conf_low:.2f} to {row.conf_high:.2f})"
            for row in self.cohesion.itertuples()
        )
        inside = "; ".join(
            f"{group_name(row.group)} {signed(row.estimate, 2)}" for row in self.within.itertuples()
        )
        kind = f"simultaneous {100 * self.level:g}% predictive intervals"
        text = f"Cohesion of groups, with {kind}: {cohesion}."
        if inside:
            text += f" Mean residual correlation (Yen's Q3) of two {self.members} of one group: {inside}."
        return text + self.describe_between()

    def tidy(self) -> pd.DataFrame:
        """Return both tables in one: ``check`` is "cohesion" or "residual_correlation"."""
        return pd.concat(
            [
                self.cohesion.assign(check="cohesion"),
                self.correlations.assign(check="residual_correlation"),
            ],
            ignore_index=True,
        )[
            [
                "check",
                "group",
                "other",
                "pairs",
                "observed",
                "estimate",
                "conf_low",
                "conf_high",
                "share_large",
            ]
        ]

    def _title(self) -> str:
        return "Do the members of a group vote together?"


def _name_pair(row: Any) -> str:
    """Write the names of a pair of groups, or of one group."""
    return " with ".join(dict.fromkeys((group_name(row.group), group_name(row.other))))


@checked
def group_dependence(why: Explanation, *, n_draws: int = 100) -> GroupDependence | Unavailable:
    """Compute residual correlations by pair of groups, and the cohesion of groups with predictive intervals.

    Parameters
    ----------
    why : Explanation
        An explanation with a model. All roll calls of its fit are used. Groups are those of the column
        ``group`` of the members.
    n_draws : int
        Number of draws for the predictive intervals, at least 20; 100 by default, because each draw simulates
        every vote.

    Raises
    ------
    UsageError
        If the number of draws is out of range.
    """
    check_count("n_draws", n_draws, least=20, most=MOST_DRAWS)
    if why.fit is None:
        return Unavailable("there is no fit of a model")
    members = why.record.members
    groups = members["group"].reindex(why.fit.member_ids).fillna("").astype(str).to_numpy(object)
    if not any((groups == group).sum() > 1 for group in set(groups) - {""}):
        return Unavailable("the record does not assign members to groups of two or more")
    correlations = pair_groups(residual_correlations(why.fit), groups)
    rows = []
    cohesions = draw_cohesion(why.fit, groups, n_draws, why.draws.seed)
    # A mean over hundreds of roll calls is close to normal, and quantiles of few draws are not precise.
    reach = ndtri(tails(1.0 - (1.0 - why.level) / len(cohesions)))
    for group, (observed, drawn) in cohesions.items():
        low, high = drawn.mean() + drawn.std(ddof=1) * reach
        rows.append((group, observed, float(drawn.mean()), float(low), float(high)))
    cohesion = pd.DataFrame(rows, columns=_COHESION)
    return GroupDependence(correlations, cohesion, why.words.members, why.level, n_draws, why.draws.seed)


def pair_groups(correlations: Floats, groups: NDArray[np.object_]) -> pd.DataFrame:
    """Return mean residual correlations over the pairs of members of every two groups.

    Parameters
    ----------
    correlations : ndarray, shape (n_members, n_members)
        From `residual_correlations`.
    groups : ndarray of str, shape (n_members,)
        Group of every member; "" if the member has no group.

    Returns
    -------
    DataFrame
        As `GroupDependence.correlations`. Groups without a usable pair are left out.
    """
    rows = []
    for one, other in combinations_with_replacement(sorted(set(groups) - {""}), 2):
        values = correlations[np.ix_(groups == one, groups == other)]
        if one == other:
            values = values[np.triu_indices(len(values), 1)]
        values = values[np.isfinite(values)]
        if values.size:
            rows.append((one, other, values.size, float(values.mean()), float((values > LARGE_Q3).mean())))
    return pd.DataFrame(rows, columns=_PAIRS)
