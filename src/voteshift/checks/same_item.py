"""A likelihood-ratio test that the versions of a resolution share one item, by parametric bootstrap.

Positions come from all other roll calls and are held fixed. Under the null the versions share discriminations
and cutpoints. Under the alternative each version has a separate item. The statistic is twice the difference
of the log-likelihoods, without priors. A chi-square distribution is not used, because cells are empty and
positions are estimates. Each replicate draws positions from their normal approximation. The votes of the
replicate are drawn with these positions and with the fit of one item, for the seats that voted. The replicate
is then tested with the positions that were used to test the record.

Members repeat their votes, so two versions look more similar than they would with votes that are independent
given positions. The test without member effects then accepts the null too easily. With a member effect, both
hypotheses have a lasting member effect, u_i ~ N(0, sigma^2), with sigma fitted under each hypothesis.
Replicates draw member effects too.

Members of a group can change their votes together although the versions are one item. The tests above then
reject too often. With group effects, both hypotheses have an effect of every group on every version, in
addition to member effects, and replicates draw these effects (see `resolution.group_effects`).
"""

from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.arguments import checked
from voteshift.checks.result import CheckResult
from voteshift.errors import NotUsableError, Unavailable, UsageError
from voteshift.ideal.interface import Fit
from voteshift.ideal.links import need_standard
from voteshift.ideal.objective import Link
from voteshift.multiple_tests import holm
from voteshift.resolution.likelihood_ratio import (
    Comparison,
    compare,
    compare_with_effect,
    compare_with_groups,
)
from voteshift.resolution.refit import positions_at
from voteshift.rollcalls import RollCalls
from voteshift.shift.explanation import Explanation
from voteshift.spells import number_groups
from voteshift.streams import Stream, start_stream
from voteshift.writing import p_words

__all__ = [
    "MIN_REPLICATES",
    "MOST_REPLICATES",
    "Effects",
    "OneItemTest",
    "likelihood_ratios",
    "same_item",
]

Floats = NDArray[np.float64]
#: The effects that both hypotheses include.
Effects = Literal["none", "member", "member and group"]
_ONE_ITEM: Final = (
    "the versions have the same discrimination and the same cutpoints, given positions from all other roll "
    "calls and votes that are independent given positions"
)
_NULL: Final[dict[Effects, str]] = {
    "none": _ONE_ITEM,
    "member": f"{_ONE_ITEM} and member effects",
    "member and group": f"{_ONE_ITEM}, member effects and effects of groups on versions",
}
_STREAMS: Final[dict[Effects, Stream]] = {
    "none": Stream.SAME_ITEM,
    "member": Stream.SAME_ITEM_MEMBER_EFFECTS,
    "member and group": Stream.SAME_ITEM_GROUP_EFFECTS,
}
MIN_REPLICATES: Final = 999
_FEWEST_GROUPS: Final = 2
MOST_REPLICATES: Final = 100_000


@dataclass(frozen=True, eq=False)
class OneItemTest(CheckResult):
    """Test that all versions of a resolution share one item.

    Attributes
    ----------
    table : DataFrame
        One row for all versions together, then one row for each pair: ``rollcalls`` (ids), ``statistic``,
        ``p_value``, ``p_holm`` (over the pairs; NaN for all together), ``null_mean`` and ``null_95`` (mean
        and 95 % quantile of the statistic's bootstrap distribution).
    n_replicates, seed : int
        Number of bootstrap replicates, and their seed.
    unconverged : int
        Number of replicates, over all rows, in which a fit did not converge. These replicates are used with
        the values that the fit reached.
    null : str
        The null hypothesis, in words.
    effect_sd : float or None
        Sigma of the test with member effects, on the latent scale like `MemberEffectFit.sd`, with one item
        for all versions. None for the test without member effects.
    group_sd : float or None
        Standard deviation of the effects of groups on versions, on the latent scale, with one item for all
        versions. None for the tests without group effects.
    without_groups : OneItemTest or None
        The test with member effects and without group effects, if this is the test with both.
    without_effect : OneItemTest or None
        The test without member effects and group effects, if this is a test with effects.
    no_effect : str
        The reason why a requested test with member effects could not be computed; "" otherwise.
    no_groups : str
        The reason why there is no test with group effects; "" otherwise.
    """

    table: pd.DataFrame
    n_replicates: int
    seed: int
    unconverged: int
    null: str
    effect_sd: float | None = None
    group_sd: float | None = None
    without_groups: "OneItemTest | None" = None
    without_effect: "OneItemTest | None" = None
    no_effect: str = ""
    no_groups: str = ""

    @property
    def effects(self) -> Effects:
        """The effects that both hypotheses include."""
        if self.group_sd is not None:
            return "member and group"
        return "none" if self.effect_sd is None else "member"

    @property
    def tests(self) -> tuple["OneItemTest", ...]:
        """The test, then the tests with fewer effects."""
        return tuple(test for test in (self, self.without_groups, self.without_effect) if test is not None)

    def tidy(self) -> pd.DataFrame:
        """Return all tests in one table.

        Returns
        -------
        DataFrame
            The columns of `table`, with the statistic as ``estimate``, and the columns ``member_effect`` and
            ``group_effect`` (True for the tests with these effects).
        """
        frames = [
            test.table.rename(columns={"statistic": "estimate"}).assign(
                member_effect=test.effect_sd is not None, group_effect=test.group_sd is not None
            )
            for test in self.tests
        ]
        return pd.concat(frames, ignore_index=True)

    @property
    def missing(self) -> tuple[str, ...]:
        """A sentence for each test that could not be computed, with the reason."""
        reasons = (("member", self.no_effect), ("group", self.no_groups))
        return tuple(f"There is no test with {kind} effects: {reason}." for kind, reason in reasons if reason)

    def _title(self) -> str:
        return "Do the versions share one item?"

    @property
    def text(self) -> str:
        """The test in sentences."""
        return self.sentence()

    def sentence(self, names: pd.Series | None = None) -> str:
        """Return the results of the tests with and without effects, in sentences.

        Parameters
        ----------
        names : Series of str, optional
            The name of each roll call; by default its id.
        """

        def join_names(rollcalls: tuple[str, ...]) -> str:
            return " and ".join(rollcalls if names is None else [str(names[r]) for r in rollcalls])

        others = [
            (words, test.table)
            for words, test in (
                ("without group effects", self.without_groups),
                ("without member effects", self.without_effect),
            )
            if test is not None
        ]
        sentences = []
        for row, (rollcalls, statistic, p_value, p_holm) in enumerate(
            self.table[["rollcalls", "statistic", "p_value", "p_holm"]].itertuples(index=False)
        ):
            column = "p_value" if row == 0 else "p_holm"
            p = p_value if row == 0 else p_holm
            who = f"All {len(rollcalls)} versions" if row == 0 else join_names(rollcalls)
            compared = "; ".join(f"{words} {p_words(table.iloc[row][column])}" for words, table in others)
            sentences.append(
                f"{who}: likelihood-ratio statistic {statistic:.1f}, p = {p_words(p)}"
                f"{f' ({compared})' if compared else ''}"
            )
        listed = f"; pairs with Holm's adjustment: {'; '.join(sentences[1:])}" if sentences[1:] else ""
        short = f"; a fit did not converge in {self.unconverged} replicates" if self.unconverged else ""
        alone = "".join(f" {reason}" for reason in self.missing)
        how = f"bootstrap of {self.n_replicates} replicates{short}; null hypothesis: {self.null}"
        return f"Do the versions share one item? {sentences[0]}{listed} ({how}).{alone}"


@checked
def same_item(
    why: Explanation, *, n_replicates: int = MIN_REPLICATES, seed: int | None = None
) -> OneItemTest | Unavailable:
    """Test that versions of a resolution share one item: all together, each step, first to last.

    Parameters
    ----------
    why : Explanation
        An explanation with a model. If the explanation has member effects, both hypotheses include member
        effects, and effects of groups on versions if the members have groups (column ``group``).
    n_replicates : int
        Number of bootstrap replicates, from 999 to 100,000.
    seed : int, optional
        Seed of the random numbers; by default the seed of the explanation.

    Returns
    -------
    OneItemTest or Unavailable
        ``p = (1 + #{LR* >= LR}) / (n_replicates + 1)`` (Davison & Hinkley 1997, section 4.2).

    Raises
    ------
    UsageError
        If there are too few or too many replicates.
    """
    if isinstance(why.models, Unavailable):
        return why.models
    versions = list(why.models.tallies.rollcalls)
    if len(versions) < 2:
        return Unavailable(
            "the window contains fewer than two contested versions, so there is nothing to compare"
        )
    others = why.models.fit_others()
    if isinstance(others, Unavailable):
        return others
    try:
        return likelihood_ratios(
            why.record,
            others,
            versions,
            member_effect=why.member_effect is not None,
            n_replicates=n_replicates,
            seed=why.draws.seed if seed is None else seed,
            pairs=[*pairwise(versions), (versions[0], versions[-1])],
        )
    except NotUsableError as error:
        return Unavailable(str(error))


def likelihood_ratios(
    rollcalls: RollCalls,
    others: Fit,
    iterations: list[str],
    *,
    member_effect: bool,
    n_replicates: int,
    seed: int,
    pairs: list[tuple[str, str]] | None = None,
) -> OneItemTest:
    """Test as `same_item` does, with positions from a fit of all other roll calls.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    others : Fit
        The fit from `fit_without`.
    iterations : list of str
        Two or more contested roll calls, in date order.
    member_effect, n_replicates, seed
        As in `same_item`.
    pairs : list of tuple of str, optional
        The pairs to test, in addition to all versions together; by default every pair.

    Raises
    ------
    UsageError
        If there are too few or too many replicates.
    NotUsableError
        If no maximum of the likelihood was found for the record.
    """
    if not MIN_REPLICATES <= n_replicates <= MOST_REPLICATES:
        raise UsageError(
            f"n_replicates must be from {MIN_REPLICATES} to {MOST_REPLICATES}, not {n_replicates}"
        )
    votes = rollcalls.select(rollcalls=iterations).votes
    voted = (votes >= 0).any(axis=1)
    members = list(rollcalls.members.index[voted])
    votes = np.ascontiguousarray(votes[voted])
    held, drawn, _ = positions_at(rollcalls, others, iterations, members, n_replicates, seed)
    subsets = [tuple(range(len(iterations)))]
    if len(iterations) > 2:
        wanted = list(combinations(iterations, 2)) if pairs is None else pairs
        subsets += [tuple(iterations.index(rollcall) for rollcall in pair) for pair in wanted]
    groups = number_groups(rollcalls.members.loc[members, "group"])
    link = need_standard(others.link, "explanations")
    data = _Data(votes, held, drawn, groups, link, tuple(iterations), tuple(subsets), seed)
    plain = _test(data, "none")
    if not member_effect:
        return plain
    try:
        with_effect = _test(data, "member")
    except NotUsableError as error:
        return replace(plain, no_effect=str(error))
    if (np.unique(groups[groups >= 0])).size < _FEWEST_GROUPS:
        reason = "the record does not assign the members to two or more groups of two or more members"
        return replace(with_effect, without_effect=plain, no_groups=reason)
    try:
        with_groups = _test(data, "member and group")
    except NotUsableError as error:
        return replace(with_effect, without_effect=plain, no_groups=str(error))
    return replace(with_groups, without_groups=with_effect, without_effect=plain)


@dataclass(frozen=True, slots=True)
class _Data:
    """The votes on all versions, the positions, and the subsets of versions to compare."""

    votes: NDArray[np.int8]
    held: Floats
    drawn: Floats
    groups: NDArray[np.intp]
    link: Link
    iterations: tuple[str, ...]
    subsets: tuple[tuple[int, ...], ...]
    seed: int

    def compare(self, subset: tuple[int, ...], effects: Effects) -> Comparison:
        """Compare some versions, with positions at the date of every version as in `compare`."""
        # From the versions of the test, so that a test does not depend on the other tests of a run.
        rng = start_stream(self.seed, _STREAMS[effects], subset)
        dates = list(subset) if len(self.held) > 1 else [0]
        votes, held = np.ascontiguousarray(self.votes[:, subset]), self.held[dates]
        drawn = self.drawn[:, dates]
        if effects == "member and group":
            return compare_with_groups(votes, held, drawn, self.groups, self.link, rng)
        test = compare_with_effect if effects == "member" else compare
        return test(votes, held, drawn, self.link, rng)


def _test(data: _Data, effects: Effects) -> OneItemTest:
    """Test every subset of versions."""
    rows, unconverged = [], 0
    sd: float | None = None
    group_sd: float | None = None
    for place, subset in enumerate(data.subsets):
        result = data.compare(subset, effects)
        names = tuple(data.iterations[k] for k in subset)
        if not result.observed_converged:
            kind = "" if effects == "none" else f" with {effects} effects"
            raise NotUsableError(
                f"no maximum of the likelihood was found for the items of {' and '.join(names)}{kind}"
            )
        unconverged += result.unconverged
        if place == 0:
            sd, group_sd = result.sd, result.group_sd
        rows.append(
            {
                "rollcalls": names,
                "statistic": result.observed,
                "p_value": (1 + int((result.null >= result.observed).sum())) / (len(data.drawn) + 1),
                "p_holm": np.nan,
                "null_mean": float(result.null.mean()),
                "null_95": float(np.quantile(result.null, 0.95)),
            }
        )
    table = pd.DataFrame(rows)
    if len(table) > 1:
        table.loc[1:, "p_holm"] = holm(table["p_value"].to_numpy()[1:])
    elif len(data.iterations) == 2:
        table["p_holm"] = table["p_value"]
    return OneItemTest(table, len(data.drawn), data.seed, unconverged, _NULL[effects], sd, group_sd)
