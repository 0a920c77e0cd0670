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
"""

from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.arguments import checked
from voteshift.checks.paired_tables import holm
from voteshift.checks.result import CheckResult
from voteshift.errors import NotUsableError, Unavailable, UsageError
from voteshift.ideal.interface import Fit
from voteshift.ideal.objective import Link
from voteshift.resolution.likelihood_ratio import compare, compare_with_effect
from voteshift.resolution.refit import positions_at
from voteshift.rollcalls import RollCalls
from voteshift.shift.explanation import Explanation
from voteshift.streams import Stream, start_stream
from voteshift.writing import p_words

__all__ = ["MIN_REPLICATES", "MOST_REPLICATES", "OneItemTest", "likelihood_ratios", "same_item"]

Floats = NDArray[np.float64]
_NULL: Final = {
    member_effect: "the versions have the same discrimination and the same cutpoints, given positions from "
    "all other roll calls and votes that are independent given positions"
    f"{' and member effects' * member_effect}"
    for member_effect in (False, True)
}
MIN_REPLICATES: Final = 999
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
    without_effect : OneItemTest or None
        The test without member effects, if this is the test with member effects.
    no_effect : str
        The reason why a requested test with member effects could not be computed; "" otherwise.
    """

    table: pd.DataFrame
    n_replicates: int
    seed: int
    unconverged: int
    null: str
    effect_sd: float | None = None
    without_effect: "OneItemTest | None" = None
    no_effect: str = ""

    def tidy(self) -> pd.DataFrame:
        """Return both tests in one table: the statistic as ``estimate``, and a column ``member_effect``."""
        frame = self.table.rename(columns={"statistic": "estimate"}).assign(
            member_effect=self.effect_sd is not None
        )
        if self.without_effect is None:
            return frame
        return pd.concat([frame, self.without_effect.tidy()], ignore_index=True)

    def _title(self) -> str:
        return "Do the versions share one item?"

    @property
    def text(self) -> str:
        """The test in sentences."""
        return self.sentence()

    def sentence(self, names: pd.Series | None = None) -> str:
        """Return the results of the test with and without member effects, in sentences.

        Parameters
        ----------
        names : Series of str, optional
            The name of each roll call; by default its id.
        """

        def join_names(rollcalls: tuple[str, ...]) -> str:
            return " and ".join(rollcalls if names is None else [str(names[r]) for r in rollcalls])

        plain = None if self.without_effect is None else self.without_effect.table
        sentences = []
        for row, (rollcalls, statistic, p_value, p_holm) in enumerate(
            self.table[["rollcalls", "statistic", "p_value", "p_holm"]].itertuples(index=False)
        ):
            column = "p_value" if row == 0 else "p_holm"
            p = p_value if row == 0 else p_holm
            who = f"All {len(rollcalls)} versions" if row == 0 else join_names(rollcalls)
            beside = "" if plain is None else f" (without member effects {p_words(plain.iloc[row][column])})"
            sentences.append(f"{who}: likelihood-ratio statistic {statistic:.1f}, p = {p_words(p)}{beside}")
        listed = f"; pairs with Holm's adjustment: {'; '.join(sentences[1:])}" if sentences[1:] else ""
        short = f"; a fit did not converge in {self.unconverged} replicates" if self.unconverged else ""
        alone = f" There is no test with member effects: {self.no_effect}." if self.no_effect else ""
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
        effects.
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
    groups = [tuple(range(len(iterations)))]
    if len(iterations) > 2:
        wanted = list(combinations(iterations, 2)) if pairs is None else pairs
        groups += [tuple(iterations.index(rollcall) for rollcall in pair) for pair in wanted]
    plain = _tested(votes, held, drawn, others.link, iterations, groups, seed, member_effect=False)
    if not member_effect:
        return plain
    try:
        with_own = _tested(votes, held, drawn, others.link, iterations, groups, seed, member_effect=True)
    except NotUsableError as error:
        return replace(plain, no_effect=str(error))
    return replace(with_own, without_effect=plain)


def _tested(
    votes: NDArray[np.int8],
    held: Floats,
    drawn: Floats,
    link: Link,
    iterations: list[str],
    groups: list[tuple[int, ...]],
    seed: int,
    *,
    member_effect: bool,
) -> OneItemTest:
    """Test every group of versions, with positions at the date of every version as in `compare`."""
    rows, unconverged, sd = [], 0, None
    for group in groups:
        # From the versions of the test, so that a test does not depend on the other tests of a run.
        stream = Stream.SAME_ITEM_MEMBER_EFFECTS if member_effect else Stream.SAME_ITEM
        rng = start_stream(seed, stream, group)
        dates = list(group) if len(held) > 1 else [0]
        test = compare_with_effect if member_effect else compare
        result = test(np.ascontiguousarray(votes[:, group]), held[dates], drawn[:, dates], link, rng)
        if not result.observed_converged:
            kind = " with member effects" if member_effect else ""
            who = " and ".join(iterations[k] for k in group)
            raise NotUsableError(f"no maximum of the likelihood was found for the items of {who}{kind}")
        unconverged += result.unconverged
        sd = result.sd if sd is None else sd
        rows.append(
            {
                "rollcalls": tuple(iterations[k] for k in group),
                "statistic": result.observed,
                "p_value": (1 + int((result.null >= result.observed).sum())) / (len(drawn) + 1),
                "p_holm": np.nan,
                "null_mean": float(result.null.mean()),
                "null_95": float(np.quantile(result.null, 0.95)),
            }
        )
    table = pd.DataFrame(rows)
    if len(table) > 1:
        table.loc[1:, "p_holm"] = holm(table["p_value"].to_numpy()[1:])
    elif len(iterations) == 2:
        table["p_holm"] = table["p_value"]
    return OneItemTest(table, len(drawn), seed, unconverged, _NULL[member_effect], sd)
