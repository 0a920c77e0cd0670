"""A check of the model: dependence of the votes on a resolution on a further dimension.

The strongest further dimension of all other roll calls is estimated without the votes on the resolution. If
the model has enough dimensions for the resolution, these positions do not predict its votes, given positions
and member effects. A score test decides, with a parametric bootstrap of votes that do not depend on the
further dimension. Each replicate draws positions from their normal approximation, so the uncertainty of the
positions is part of the p-value.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from voteshift.arguments import checked
from voteshift.checks.result import CheckResult, Ends, Verdict
from voteshift.errors import NotUsableError, Unavailable
from voteshift.ideal.further_dimension import further_dimension
from voteshift.ideal.interface import Fit
from voteshift.ideal.links import need_standard
from voteshift.labels import member_name
from voteshift.prose import count_word, join_words
from voteshift.ranges import check_count
from voteshift.resolution.further_slope import measure_further_slope
from voteshift.resolution.refit import positions_at
from voteshift.shift.explanation import Explanation
from voteshift.streams import Stream, start_stream
from voteshift.writing import p_words

__all__ = ["ALPHA", "Dimensions", "dimensions"]

#: Size of the test: the check fails if the p-value is not above this number. It is small, because the short
#: answer prints the failure, and because groups that vote as blocs make the test reject slightly too often.
ALPHA: Final = 0.01
_NAMED: Final = 3  # members named at each end
_FEWEST, _MOST = 99, 100_000  # replicates
#: Of the dimension that follows 1 to 10 dimensions, which is the most that a fit has.
_ORDINALS: Final = (
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
)


@dataclass(frozen=True, eq=False)
class Dimensions(CheckResult):
    """The slope of the votes on a resolution on a further dimension.

    Attributes
    ----------
    dims : int
        Number of dimensions of the model.
    estimate : float
        The discrimination of the versions along the further dimension, which they share, on the scale
        without member effects. It is positive, because the further dimension points to yes. One-step
        estimate.
    std_error : float
        Standard deviation of this number over the replicates, in which the true slope is 0.
    p_value : float
        ``(1 + #{|slope*| >= |slope|}) / (n_replicates + 1)``.
    positions : Series, index ``member``
        Positions on the further dimension of the members that voted on the resolution, in ascending order;
        mean 0 and standard deviation 1 over the members of the fit.
    names : dict of str to str
        The name of each of these members in sentences.
    members : str
        The word for members in sentences.
    effect_sd : float
        Standard deviation of the member effect, on the latent scale.
    n_replicates, seed : int
        Number of bootstrap replicates, and their seed.
    """

    dims: int
    estimate: float
    std_error: float
    p_value: float
    positions: pd.Series
    names: dict[str, str] = field(repr=False)
    members: str
    effect_sd: float
    n_replicates: int
    seed: int

    @property
    def supported(self) -> bool:
        """True if the votes on the resolution depend on the further dimension."""
        return self.p_value <= ALPHA

    @property
    def further(self) -> str:
        """The further dimension in words: "second dimension"."""
        return f"{_ORDINALS[self.dims - 1]} dimension"

    @property
    def failures(self) -> dict[Ends | None, str]:
        """A sentence on the whole answer if the votes depend on the further dimension."""
        if not self.supported:
            return {}
        low, high = (join_words([name for name, _ in end]) for end in self.list_ends(_NAMED))
        more = _count_dimensions(self.dims + 1)
        remedy = (
            f"The check 'sensitivity' shows the parts in {more}."
            if self.dims == 1
            else f"Compare the parts with those in {more} (model=IdealPoints(dims={self.dims + 1}))."
        )
        return {
            None: "Failed check: votes on this resolution also depend on the "
            f"{self.further} of all other votes (p = {p_words(self.p_value)}), but the model has "
            f"{_count_dimensions(self.dims)}. "
            f"{self.members.capitalize()} at one end of it ({high}) vote yes more often, and "
            f"{self.members} at the other end ({low}) vote yes less often, than the model "
            f"expects. The parts can be biased and their intervals too narrow. {remedy}"
        }

    @property
    def verdict(self) -> Verdict:
        """Failed if the votes on the resolution depend on the further dimension, otherwise passed."""
        return "failed" if self.failures else "passed"

    @property
    def text(self) -> str:
        """The discrimination along the further dimension, with its p-value."""
        return (
            f"Given positions and member effects, the discrimination of this resolution along the "
            f"{self.further} of all other votes is {self.estimate:.2f} (standard error {self.std_error:.2f}; "
            f"p = {p_words(self.p_value)}, bootstrap of {self.n_replicates} replicates). The check fails if "
            f"p is at most {ALPHA:g}."
        )

    def list_ends(self, most: int) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
        """Return members at the low end and at the high end of the further dimension.

        Parameters
        ----------
        most : int
            Largest number of members at each end.

        Returns
        -------
        tuple of list
            For each end, the names and the positions of members, the farthest member first.
        """
        ordered = [(self.names[str(member)], float(place)) for member, place in self.positions.items()]
        number = min(most, len(ordered) // 2)
        return ordered[:number], ordered[::-1][:number]

    def tidy(self) -> pd.DataFrame:
        """Return the slope and the positions in one table.

        Returns
        -------
        DataFrame
            ``quantity`` ("slope" or "position"), ``member`` ("" for the slope), ``estimate``, ``std_error``
            and ``p_value`` (NaN for positions).
        """
        slope = {
            "quantity": "slope",
            "member": "",
            "estimate": self.estimate,
            "std_error": self.std_error,
            "p_value": self.p_value,
        }
        rows = [
            {"quantity": "position", "member": str(member), "estimate": float(position)}
            for member, position in self.positions.items()
        ]
        return pd.DataFrame([slope, *rows])

    def _title(self) -> str:
        return f"{_count_dimensions(self.dims).capitalize()}: enough for this resolution?"


def _count_dimensions(dims: int) -> str:
    """Write a number of dimensions."""
    return f"{count_word(dims)} dimension{'' if dims == 1 else 's'}"


@checked
def dimensions(
    why: Explanation, *, n_replicates: int = 499, seed: int | None = None
) -> Dimensions | Unavailable:
    """Test whether the votes on a resolution depend on one more dimension than the model has.

    Parameters
    ----------
    why : Explanation
        An explanation with a model. The null hypothesis includes member effects, also if the explanation
        does not.
    n_replicates : int
        Number of bootstrap replicates, from 99 to 100,000.
    seed : int, optional
        Seed of the random numbers; by default the seed of the explanation.

    Returns
    -------
    Dimensions or Unavailable
        The check fails if the p-value is at most 0.01.

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
        return _test(why, others, versions, n_replicates, why.draws.seed if seed is None else seed)
    except NotUsableError as error:
        return Unavailable(str(error))


def _test(why: Explanation, others: Fit, versions: list[str], n_replicates: int, seed: int) -> Dimensions:
    """Test with positions from a fit to all other roll calls."""
    votes = why.record.select(rollcalls=versions).votes
    voted = (votes >= 0).any(axis=1)
    members = list(map(str, why.record.members.index[voted]))
    held, drawn, _ = positions_at(why.record, others, versions, members, n_replicates, seed)
    place = further_dimension(others)[others.member_ids.get_indexer(members)]
    rng = start_stream(seed, Stream.DIMENSIONS)
    link = need_standard(others.link, "explanations")
    slope = measure_further_slope(np.ascontiguousarray(votes[voted]), held, place, drawn, link, rng)
    if not slope.converged:
        raise NotUsableError("the optimiser found no maximum of the likelihood with member effects")
    towards_yes = place if slope.estimate >= 0.0 else -place
    names = why.record.members["name"].reindex(members).fillna("").astype(str)
    return Dimensions(
        others.dims,
        abs(slope.estimate),
        slope.std_error,
        slope.p_value,
        pd.Series(towards_yes, index=pd.Index(members, name="member"), name="position").sort_values(),
        {member: member_name(name) if name else member for member, name in names.items()},
        why.words.members,
        slope.sd,
        n_replicates,
        seed,
    )
