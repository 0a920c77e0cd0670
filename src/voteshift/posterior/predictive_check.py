"""Posterior predictive checks: tallies, switchers and cohesion of groups."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.arguments import checked
from voteshift.descriptives import agreement_index
from voteshift.errors import UsageError
from voteshift.ideal.encode import place_of
from voteshift.ideal.interface import Fit
from voteshift.notebook import Shown
from voteshift.posterior.predictive import (
    blocks,
    cast_cells,
    linear_predictors,
    new_votes,
    some_draws,
)
from voteshift.ranges import MOST_DRAWS, check_count, check_seed
from voteshift.rollcalls import RollCalls
from voteshift.streams import Stream, start_stream
from voteshift.votes import CATEGORIES

__all__ = ["PredictiveCheck", "predictive_check"]

Floats = NDArray[np.float64]
_COLUMNS = ["check", "of", "category", "observed", "estimate", "std_error", "conf_low", "conf_high"]


@dataclass(frozen=True, slots=True)
class PredictiveCheck(Shown):
    """Votes on record compared with votes that the model draws.

    Attributes
    ----------
    table : DataFrame
        ``check`` (tally, switchers, cohesion), ``of`` (roll call; two roll calls; group), ``category``,
        ``observed``, then of the draws ``estimate`` (mean), ``std_error`` (standard deviation), ``conf_low``,
        ``conf_high``, and ``p_as_low``, ``p_as_high``: share of draws at most, and at least, as large as on
        record. These are posterior predictive tails (Rubin 1984; Gelman, Meng & Stern 1996), not p-values of
        a test: the votes have been used to fit.
    level : float
        Coverage of the intervals.
    n_draws, seed : int
        Of the draws behind them.
    """

    table: pd.DataFrame
    level: float
    n_draws: int
    seed: int

    def tidy(self) -> pd.DataFrame:
        """Return `table`."""
        return self.table.copy()

    def summary(self) -> pd.DataFrame:
        """Return one row per check.

        Returns
        -------
        DataFrame, index ``check``
            ``n`` (how many numbers), ``inside`` (share of them within their interval), ``below`` and
            ``above`` (share on record below and above it). A model that draws such records has about
            `level` inside, tallies more.
        """
        table = self.table.assign(
            below=self.table["observed"] < self.table["conf_low"],
            above=self.table["observed"] > self.table["conf_high"],
        )
        grouped = table.groupby("check", sort=False)
        result = grouped[["below", "above"]].mean()
        result.insert(0, "inside", 1.0 - result.sum(axis=1))
        result.insert(0, "n", grouped.size())
        return result


@checked
def predictive_check(
    fit: Fit, rollcalls: RollCalls, *, by: str = "group", n_draws: int = 500, seed: int = 0
) -> PredictiveCheck:
    """Compare the votes on record with votes drawn from a fit.

    Parameters
    ----------
    fit : Fit
        Any fit: at its mode, with draws of the normal approximation, or sampled.
    rollcalls : RollCalls
        The record it was fitted to: its families and groups.
    by : str
        Column of the member frame: the groups whose cohesion is checked.
    n_draws, seed : int
        Number and seed of the draws.

    Returns
    -------
    PredictiveCheck
        The tally of every roll call; the number that changed their vote between every two neighbouring
        versions of a repeated resolution; and of every group the mean agreement index (Hix,
        Noury & Roland 2005) over roll calls in which at least two of it voted. Votes are drawn where votes
        were cast.

    Raises
    ------
    UsageError
        If the fit is of another record, or an argument is out of range.
    """
    members = rollcalls.members
    check_count("n_draws", n_draws, least=2, most=MOST_DRAWS)
    check_seed(seed)
    if by not in members.columns:
        raise UsageError(
            f"by is {by!r}, which is not a column of the members",
            remedy=f"columns are: {', '.join(members.columns)}",
        )
    encoded = fit.encoded
    missing = [
        *encoded.members.difference(members.index),
        *encoded.rollcalls.difference(rollcalls.rollcalls.index),
    ]
    if missing:
        raise UsageError(
            f"{missing[0]} of the fit is not in this record", remedy="give the record that was fitted"
        )
    votes = _Votes(fit, n_draws, seed)
    groups = members[by].reindex(encoded.members).fillna("").astype(str).to_numpy(object)
    frame = rollcalls.rollcalls.loc[encoded.rollcalls]
    rows = [*_tallies(votes, encoded.rollcalls), *_switchers(votes, frame), *_cohesion(votes, groups)]
    tails = (1 - fit.level) / 2, (1 + fit.level) / 2
    table = pd.DataFrame(
        [(*label, seen, *_summary(drawn, seen, tails)) for label, seen, drawn in rows],
        columns=[*_COLUMNS, "p_as_low", "p_as_high"],
    )
    return PredictiveCheck(table, fit.level, n_draws, seed)


def _summary(drawn: Floats, seen: float, tails: tuple[float, float]) -> tuple[float, ...]:
    low, high = np.quantile(drawn, tails)
    as_low, as_high = (drawn <= seen).mean(), (drawn >= seen).mean()
    return tuple(map(float, (drawn.mean(), drawn.std(ddof=1), low, high, as_low, as_high)))


class _Votes:
    """Votes cast, roll call by roll call, as on record and drawn anew; 0 no, 1 abstain, 2 yes."""

    def __init__(self, fit: Fit, n_draws: int, seed: int) -> None:
        encoded, design = fit.encoded, fit.encoded.design
        self.member, self.column = cast_cells(design.codes)
        self.n_rollcalls = design.n_rollcalls
        self.starts = np.searchsorted(self.column, np.arange(self.n_rollcalls))
        places = place_of(encoded)[self.column]
        every = np.arange(len(self.member))
        kinds = design.n_categories[design.item[self.column]]
        draws = fit.draw(n_draws, list(map(str, encoded.rollcalls)), seed)
        rng = start_stream(seed, Stream.PREDICTIVE_CHECK)
        self.seen = places[every, design.codes[self.member, self.column]][None]
        self.drawn = np.empty((n_draws, len(every)), dtype=np.int8)
        for block in blocks(n_draws, len(every)):
            part = some_draws(draws, block)
            eta = linear_predictors(part, self.member, self.column)
            codes = new_votes(kinds, eta, part.cutpoints[:, self.column], fit.link, rng)
            self.drawn[block] = places[every, codes]

    def counts(self, votes: NDArray[np.int8], among: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Tally votes of some, shape (3, n_draws, n_rollcalls)."""
        return np.stack(
            [
                np.add.reduceat(((votes == code) & among).astype(np.int64), self.starts, axis=1)
                for code in range(len(CATEGORIES))
            ]
        )

    @property
    def all(self) -> NDArray[np.bool_]:
        """Every vote."""
        return np.ones(len(self.member), dtype=bool)


_Row = tuple[tuple[str, str, str], float, Floats]


def _tallies(votes: _Votes, rollcalls: pd.Index) -> Iterator[_Row]:
    seen, drawn = (votes.counts(cast, votes.all).astype(float) for cast in (votes.seen, votes.drawn))
    for column, rollcall in enumerate(rollcalls):
        for code, name in enumerate(CATEGORIES):
            yield ("tally", str(rollcall), name), float(seen[code, 0, column]), drawn[code, :, column]


def _switchers(votes: _Votes, frame: pd.DataFrame) -> Iterator[_Row]:
    """Count members that changed their vote between neighbouring versions of every family."""
    dated = frame.assign(column=np.arange(len(frame))).sort_values("date", kind="stable")
    for _, family in dated[dated["family"].astype(str) != ""].groupby("family", sort=False):
        for (old, one), (new, other) in pairwise(family["column"].items()):
            first, second = (np.flatnonzero(votes.column == column) for column in (one, other))
            _, left, right = np.intersect1d(votes.member[first], votes.member[second], return_indices=True)
            if len(left):
                differ = [
                    (cast[:, first[left]] != cast[:, second[right]]).sum(axis=1)
                    for cast in (votes.seen, votes.drawn)
                ]
                yield ("switchers", f"{old} to {new}", ""), float(differ[0][0]), differ[1].astype(float)


def _cohesion(votes: _Votes, groups: NDArray[np.object_]) -> Iterator[_Row]:
    for group in sorted(set(groups) - {""}):
        among = (groups == group)[votes.member]
        no, abstain, yes = votes.counts(votes.seen, among)
        enough = (no + abstain + yes)[0] >= 2
        if not enough.any():
            continue
        seen = agreement_index(yes, no, abstain)[:, enough].mean(axis=1)
        no, abstain, yes = votes.counts(votes.drawn, among)
        yield (
            ("cohesion", str(group), ""),
            float(seen[0]),
            agreement_index(yes, no, abstain)[:, enough].mean(axis=1),
        )
