"""A check of the model: members at both ends of the scale that vote together against the middle.

The votes on a resolution get one more term, the square of the position. If the coefficient is not 0 and the
curve turns in the middle of the scale, members at both ends vote alike, and one cutpoint between yes and no
does not describe the resolution (Duck-Mayr & Montgomery 2023). Positions come from all other roll calls. A
score test decides, with a parametric bootstrap of votes without this term. Each replicate draws positions
from their normal approximation, so the uncertainty of the positions is part of the p-value.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.arguments import checked
from voteshift.checks.result import CheckResult, Ends, Verdict
from voteshift.errors import NotUsableError, Unavailable
from voteshift.ideal.interface import Fit
from voteshift.ideal.links import need_standard
from voteshift.ranges import check_count
from voteshift.resolution.further_slope import measure_further_slope
from voteshift.resolution.refit import positions_at
from voteshift.shift.explanation import Explanation
from voteshift.streams import Stream, start_stream
from voteshift.writing import p_words, signed

__all__ = ["ALPHA", "EndsTogether", "ends_together"]

Floats = NDArray[np.float64]
#: The check fails if the p-value is at most this number and the curve turns in the middle.
ALPHA: Final = 0.01
_MIDDLE: Final = (10, 90)  # percentiles of positions between which the middle is
_FEWEST, _MOST = 99, 100_000  # replicates
_LEAST_SPREAD: Final = 1e-6  # of the square of the position, given the position


@dataclass(frozen=True, eq=False)
class EndsTogether(CheckResult):
    """The dependence of the votes on a resolution on the square of the position.

    Attributes
    ----------
    estimate : float
        Coefficient of the square of the position, which all versions share, on the scale without member
        effects, for one standard deviation of the square given the position. Positive: both ends tend to
        yes. One-step estimate.
    std_error : float
        Standard deviation of this number over the replicates, in which the true coefficient is 0.
    p_value : float
        ``(1 + #{|estimate*| >= |estimate|}) / (n_replicates + 1)``.
    turning_point : float
        Position at which the curve of the resolution turns, from the mean discrimination of the versions.
    middle : tuple of float
        10th and 90th percentile of the positions of the members that voted on the resolution.
    members : str
        The word for members in sentences.
    n_replicates, seed : int
        Number of bootstrap replicates, and their seed.
    """

    estimate: float
    std_error: float
    p_value: float
    turning_point: float
    middle: tuple[float, float]
    members: str
    n_replicates: int
    seed: int

    @property
    def turns_in_middle(self) -> bool:
        """True if the turning point is in the middle 80 % of the members."""
        return self.middle[0] < self.turning_point < self.middle[1]

    @property
    def supported(self) -> bool:
        """True if both ends vote together against the middle."""
        return self.p_value <= ALPHA and self.turns_in_middle

    @property
    def failures(self) -> dict[Ends | None, str]:
        """A sentence on the whole answer if both ends vote together against the middle."""
        if not self.supported:
            return {}
        vote = "yes" if self.estimate > 0.0 else "no"
        return {
            None: f"Failed check: {self.members} at both ends of the scale vote {vote} more often on this "
            f"resolution than {self.members} in the middle (p = {p_words(self.p_value)}), but in the model "
            "the votes change in one direction along the scale. The parts can be biased and their intervals "
            "too narrow."
        }

    @property
    def verdict(self) -> Verdict:
        """Failed if both ends vote together against the middle, otherwise passed."""
        return "failed" if self.failures else "passed"

    @property
    def text(self) -> str:
        """The coefficient of the square of the position, with its p-value and the turning point."""
        where = "inside" if self.turns_in_middle else "outside"
        conclusion = (
            f"{self.members.capitalize()} at both ends vote together against the middle."
            if self.supported
            else f"There is no support that {self.members} at both ends vote together against the middle."
        )
        return (
            f"{conclusion} Given positions and member effects, the coefficient of the squared position is "
            f"{signed(self.estimate, 2)} (standard error {self.std_error:.2f}; p = {p_words(self.p_value)}, "
            f"bootstrap of {self.n_replicates} replicates). The curve turns at the position "
            f"{signed(self.turning_point, 1)}, {where} the middle 80% of {self.members} "
            f"({signed(self.middle[0], 1)} to {signed(self.middle[1], 1)}). The check fails if p is at most "
            f"{ALPHA:g} and the curve turns in the middle."
        )

    def tidy(self) -> pd.DataFrame:
        """Return the coefficient and the turning point.

        Returns
        -------
        DataFrame
            ``quantity`` ("square" or "turning_point"), ``estimate``, ``std_error`` and ``p_value`` (NaN for
            the turning point).
        """
        square = {
            "quantity": "square",
            "estimate": self.estimate,
            "std_error": self.std_error,
            "p_value": self.p_value,
        }
        return pd.DataFrame([square, {"quantity": "turning_point", "estimate": self.turning_point}])

    def _title(self) -> str:
        return "Do both ends vote together against the middle?"


@checked
def ends_together(
    why: Explanation, *, n_replicates: int = 499, seed: int | None = None
) -> EndsTogether | Unavailable:
    """Test whether members at both ends of the scale vote together on a resolution.

    Parameters
    ----------
    why : Explanation
        An explanation with a model of one dimension. The null hypothesis includes member effects, also if the
        explanation does not.
    n_replicates : int
        Number of bootstrap replicates, from 99 to 100,000.
    seed : int, optional
        Seed of the random numbers; by default the seed of the explanation.

    Returns
    -------
    EndsTogether or Unavailable
        The check fails if the p-value is at most 0.01 and the curve turns between the 10th and the 90th
        percentile of the positions.

    Raises
    ------
    UsageError
        If there are too few or too many replicates.
    """
    check_count("n_replicates", n_replicates, least=_FEWEST, most=_MOST)
    if isinstance(why.models, Unavailable):
        return why.models
    versions = list(why.models.tallies.rollcalls)
    if len(versions) < 2:
        return Unavailable(
            "the window contains fewer than two contested versions, so member effects cannot be estimated"
        )
    try:
        others = why.models.other_rollcalls()
        if others.dims > 1:
            return Unavailable("the ends of a scale are defined in one dimension, but the model has more")
        return _test(why, others, versions, n_replicates, why.draws.seed if seed is None else seed)
    except NotUsableError as error:
        return Unavailable(str(error))


def _test(why: Explanation, others: Fit, versions: list[str], n_replicates: int, seed: int) -> EndsTogether:
    """Test with positions from a fit to all other roll calls."""
    votes = why.record.select(rollcalls=versions).votes
    voted = (votes >= 0).any(axis=1)
    members = list(map(str, why.record.members.index[voted]))
    held, drawn, _ = positions_at(why.record, others, versions, members, n_replicates, seed)
    x = held.mean(axis=0)[:, 0]
    terms = np.column_stack([np.ones(len(x)), x])
    share: Floats = np.linalg.lstsq(terms, x**2, rcond=None)[0]
    rest = x**2 - terms @ share
    spread = float(rest.std())
    if spread < _LEAST_SPREAD:
        raise NotUsableError(
            "the positions of the members do not separate the ends from the middle",
            remedy="use a window with more members",
        )
    rng = start_stream(seed, Stream.ENDS_TOGETHER)
    link = need_standard(others.link, "explanations")
    slope = measure_further_slope(np.ascontiguousarray(votes[voted]), held, rest / spread, drawn, link, rng)
    if not slope.converged:
        raise NotUsableError("the optimiser found no maximum of the likelihood with member effects")
    curvature = slope.estimate / spread
    # eta = b x + curvature (x^2 - share_0 - share_1 x)
    along = float(slope.discriminations[:, 0].mean()) - curvature * float(share[1])
    turning_point = -along / (2.0 * curvature) if curvature != 0.0 else np.inf
    low, high = np.percentile(x, _MIDDLE)
    return EndsTogether(
        slope.estimate,
        slope.std_error,
        slope.p_value,
        float(turning_point),
        (float(low), float(high)),
        why.words.members,
        n_replicates,
        seed,
    )
