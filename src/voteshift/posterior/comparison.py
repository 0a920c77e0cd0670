"""Paired comparison of specifications by their predictions of the same held-out votes."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from voteshift.arguments import checked
from voteshift.errors import UsageError, quote
from voteshift.notebook import Shown
from voteshift.posterior.held_out import HeldOut
from voteshift.writing import signed

__all__ = ["HeldOutComparison", "clustered_error", "compare_held_out"]


@dataclass(frozen=True, slots=True)
class HeldOutComparison(Shown):
    """Log scores of several specifications, and the differences between them.

    The log score of a vote is the log of the probability that was predicted for it, without this vote in the
    fit. The log score of a specification is the sum over all votes.

    Attributes
    ----------
    table : DataFrame, index ``specification``
        ``votes``; ``gmp`` (geometric mean probability of a vote); ``log_score``; ``difference`` (of the log
        score, from the specification in the row above) and ``std_error`` (of the difference). The first row
        has no difference.
    """

    table: pd.DataFrame

    def tidy(self) -> pd.DataFrame:
        """Return one row per specification: ``specification`` and the columns of `table`."""
        return self.table.reset_index()

    def _title(self) -> str:
        return "Predictions of the same held-out votes"

    def _said(self) -> tuple[str, ...]:
        return tuple(
            f"{name} instead of {above}: the log score changes by {signed(row['difference'], 0)} (standard "
            f"error {row['std_error']:.0f})."
            for (above, _), (name, row) in pairwise(self.table.iterrows())
        )


@checked
def compare_held_out(held: Mapping[str, HeldOut]) -> HeldOutComparison:
    """Compare specifications by the log scores of the same held-out votes.

    Parameters
    ----------
    held : mapping of str to HeldOut
        The result of `k_fold` for every specification, by its name, with the same record, `by`, `k` and
        `seed`. A specification is compared with the one before it.

    Returns
    -------
    HeldOutComparison

    Raises
    ------
    UsageError
        If fewer than two results are given, or the results are not of the same votes and folds.

    Notes
    -----
    The standard error of a difference is clustered by roll call and by member (Cameron, Gelbach & Miller
    2011, https://doi.org/10.1198/jbes.2010.07136), because the votes on a roll call share its item and the
    votes of a member share its position. Fits of different folds share most of their votes, so the standard
    error is somewhat too small (Bengio & Grandvalet 2004). A difference of less than two standard errors does
    not favour either specification.
    """
    if len(held) < 2 or not all(isinstance(result, HeldOut) for result in held.values()):
        raise UsageError(
            "a comparison needs the predictions of two or more specifications",
            remedy="pass a mapping of names to results of k_fold",
        )
    (first, one), *others = held.items()
    for name, other in others:
        if not _same_votes(one, other):
            raise UsageError(
                f"the predictions {quote(first)} and {quote(name)} are not of the same votes and folds",
                remedy="call k_fold with the same record, by=, k= and seed= for every specification",
            )
    rows = {
        name: {
            "votes": int(result.log_scores.notna().to_numpy().sum()),
            "gmp": result.statistics.gmp,
            "log_score": float(np.nansum(result.log_scores.to_numpy())),
            "difference": np.nan,
            "std_error": np.nan,
        }
        for name, result in held.items()
    }
    for (_, above), (name, below) in pairwise(held.items()):
        gain = below.log_scores.to_numpy() - above.log_scores.to_numpy()
        rows[name]["difference"] = float(np.nansum(gain))
        rows[name]["std_error"] = clustered_error(gain)
    return HeldOutComparison(pd.DataFrame.from_dict(rows, orient="index").rename_axis("specification"))


def _same_votes(one: HeldOut, other: HeldOut) -> bool:
    """Return True if two results are predictions of the same votes in the same folds."""
    scores = one.log_scores, other.log_scores
    return bool(
        one.by == other.by
        and one.seed == other.seed
        and one.folds["votes"].tolist() == other.folds["votes"].tolist()
        and scores[0].index.equals(scores[1].index)
        and scores[0].columns.equals(scores[1].columns)
        and (scores[0].notna() == scores[1].notna()).to_numpy().all()
    )


def clustered_error(gain: np.ndarray) -> float:
    """Return the standard error of the sum of a matrix, clustered by its rows and its columns.

    NaN marks votes without a prediction. The variance is the sum of the variances clustered by rows and by
    columns, less that of single votes; at least the larger of the first two.
    """
    centred = np.nan_to_num(gain - np.nanmean(gain))
    by_row, by_column = (float((centred.sum(axis=axis) ** 2).sum()) for axis in (1, 0))
    both = by_row + by_column - float((centred**2).sum())
    return float(np.sqrt(max(both, by_row, by_column)))
