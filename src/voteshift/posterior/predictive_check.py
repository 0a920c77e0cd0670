"""Posterior predictive checks: tallies, numbers of members that switched, and cohesion of groups."""

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
    """Comparison of the votes on record with votes simulated from the model.

    Attributes
    ----------
    table : DataFrame
        - ``check``: ``tally``, ``switchers`` or ``cohesion``.
        - ``of``: the roll call of a tally, the two roll calls of switchers, or the group of cohesion.
        - ``category``: the category of a tally.
        - ``observed``: the value on record.
        - ``estimate``: the mean over the draws.
        - ``std_error``: the standard deviation over the draws.
        - ``conf_low``, ``conf_high``: the interval of the draws.
        - ``p_as_low``: the share of draws with a value at most as large as the value on record.
        - ``p_as_high``: the share of draws with a value at least as large as the value on record.
    level : float
        Coverage of the intervals.
    n_draws, seed : int
        Number and seed of the draws.

    Notes
    -----
    The shares ``p_as_low`` and ``p_as_high`` are posterior predictive tail probabilities (Rubin 1984; Gelman,
    Meng & Stern 1996). They are not p-values of a test, because the model was fitted to the same votes.
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
            ``n`` (number of values compared), ``inside`` (share of the values on record inside their
            interval), ``below`` and ``above`` (share of the values on record below or above their interval).
            If the model is correct, ``inside`` is about `level`, and larger for tallies.
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
    """Compare the votes on record with votes simulated from a fit.

    Parameters
    ----------
    fit : Fit
        Any fit. Draws of a fit at its mode come from the normal approximation. Draws of a sampled fit come
        from the posterior.
    rollcalls : RollCalls
        The record to which the model was fitted. It supplies families and groups.
    by : str
        Column of ``rollcalls.members`` with the groups whose cohesion is checked.
    n_draws, seed : int
        Number and seed of the draws.

    Returns
    -------
    PredictiveCheck
        The table compares three kinds of values: the tally of every roll call; the number of members that
        changed their vote between two consecutive versions of a resolution; and the cohesion of every group.
        Cohesion is the mean agreement index (Hix, Noury & Roland 2005) over the roll calls in which at least
        two members of the group voted. A vote is simulated for every vote cast.

    Raises
    ------
    UsageError
        If the model was fitted to another record, or an argument is out of range.
    """
    members = rollcalls.members
    check_count("n_draws", n_draws, least=2, most=MOST_DRAWS)
    check_seed(seed)
    if by not in members.columns:
        raise UsageError(
            f"by is {by!r}, which is not a column of the members",
            remedy=f"choose one of these columns: {', '.join(members.columns)}",
        )
    encoded = fit.encoded
    missing = [
        *encoded.members.difference(members.index),
        *encoded.rollcalls.difference(rollcalls.rollcalls.index),
    ]
    if missing:
        raise UsageError(
            f"{missing[0]} of the fit is not in this record",
            remedy="pass the record to which the model was fitted",
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
    """Votes on record and simulated votes, in the order of roll calls; 0 no, 1 abstain, 2 yes."""

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
        """Return the tallies of the votes selected by `among`, shape (3, n_draws, n_rollcalls)."""
        return np.stack(
            [
                np.add.reduceat(((votes == code) & among).astype(np.int64), self.starts, axis=1)
                for code in range(len(CATEGORIES))
            ]
        )

    @property
    def all(self) -> NDArray[np.bool_]:
        """Mask that selects every vote."""
        return np.ones(len(self.member), dtype=bool)


_Row = tuple[tuple[str, str, str], float, Floats]


def _tallies(votes: _Votes, rollcalls: pd.Index) -> Iterator[_Row]:
    seen, drawn = (votes.counts(cast, votes.all).astype(float) for cast in (votes.seen, votes.drawn))
    for column, rollcall in enumerate(rollcalls):
        for code, name in enumerate(CATEGORIES):
            yield ("tally", str(rollcall), name), float(seen[code, 0, column]), drawn[code, :, column]


def _switchers(votes: _Votes, frame: pd.DataFrame) -> Iterator[_Row]:
    """Count the members that changed their vote between consecutive versions of every family."""
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
