"""Do both ends of a chamber vote together against the middle? A comparison by held-out votes.

A roll call on which both ends vote alike looks like a second dimension to a monotone model, and a second
dimension looks like such roll calls to an unfolding model. The unfolding shape is therefore compared with
monotone shapes in one dimension and, if it predicts better than these, with a monotone model in two
dimensions.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray

from voteshift.arguments import checked
from voteshift.errors import NotUsableError
from voteshift.ideal.unfolding import Shape, Unfolding, unfold
from voteshift.notebook import Shown
from voteshift.posterior.comparison import clustered_error
from voteshift.posterior.held_out import assign_folds
from voteshift.ranges import check_seed
from voteshift.rollcalls import RollCalls
from voteshift.writing import signed

__all__ = ["LEAST", "SUPPORT", "UnfoldingComparison", "UnfoldingVerdict", "compare_unfolding"]

Floats = NDArray[np.float64]
UnfoldingVerdict = Literal["monotone", "second dimension", "undecided", "ends against the middle"]
#: A gain counts if it is more than this number of standard errors, and at least `LEAST` in the log score: two
#: fits with the same curves differ by their distance from convergence.
SUPPORT: Final = 2.0
LEAST: Final = 1.0
_LINE: Final[tuple[Shape, ...]] = ("straight", "monotone", "unfolding")
_WORDS: Final = {
    "straight": "straight curves",
    "monotone": "monotone curves",
    "plane": "straight curves in two dimensions",
}


@dataclass(frozen=True, slots=True, eq=False)
class UnfoldingComparison(Shown):
    """Log scores of the same held-out votes, predicted by unfolding and by monotone shapes.

    Attributes
    ----------
    table : DataFrame, index ``shape``
        ``votes``; ``log_score``, the sum of the logs of the probabilities predicted for the held-out votes;
        ``gain``, the log score of the unfolding shape minus that of the shape in the row; ``std_error`` of
        the gain. The row ``"unfolding"`` has no gain. The row ``"plane"`` exists only if the unfolding shape
        predicts better than both monotone shapes in one dimension.
    fit : Unfolding
        The unfolding shape, fitted to all votes. Positions point to the polarity member of the record, if it
        has one.
    positions : Series, index ``member``
        Positions of this fit.
    curves : DataFrame, index ``rollcall``
        ``slope``, ``curvature``, ``turning_point``; ``turns_in_middle``, True if the turning point is in the
        middle 80 % of positions; ``ends``, the vote to which both ends tend, "no" or "yes", or "" if the
        curve does not turn in the middle.
    k, seed : int
        Number of folds, and their seed.
    """

    table: pd.DataFrame
    fit: Unfolding
    positions: pd.Series
    curves: pd.DataFrame
    k: int
    seed: int

    @property
    def verdict(self) -> UnfoldingVerdict:
        """The conclusion from the gains, each judged by two standard errors and by 1 in the log score.

        ``"monotone"``: unfolding does not predict better than straight and monotone curves.
        ``"second dimension"``: it does, but two monotone dimensions predict better. ``"undecided"``: the
        votes do not separate unfolding from a second dimension. ``"ends against the middle"``: unfolding
        predicts better than two dimensions too.
        """
        if not _predicts_better(self.table):
            return "monotone"
        gain, std_error = self.table.loc["plane", ["gain", "std_error"]]
        if gain > max(SUPPORT * std_error, LEAST):
            return "ends against the middle"
        return "second dimension" if gain < -max(SUPPORT * std_error, LEAST) else "undecided"

    @property
    def text(self) -> str:
        """The conclusion in a sentence."""
        turning = f"{int(self.curves['turns_in_middle'].sum())} of {len(self.curves)} roll calls"
        return {
            "monotone": "The held-out votes do not support that both ends vote together against the middle: "
            "unfolding does not predict better than monotone curves in one dimension.",
            "second dimension": "The held-out votes do not support that both ends vote together against the "
            "middle: two dimensions predict better than unfolding in one dimension.",
            "undecided": "Monotone curves in one dimension do not suffice, but the held-out votes do not "
            "separate two explanations: both ends vote together against the middle, or the chamber has a "
            "second dimension.",
            "ends against the middle": f"Both ends vote together against the middle on {turning}: unfolding "
            "predicts held-out votes better than monotone curves in one dimension and than two dimensions.",
        }[self.verdict]

    def tidy(self) -> pd.DataFrame:
        """Return one row per shape: ``shape`` and the columns of `table`."""
        return self.table.reset_index()

    def _title(self) -> str:
        return "Do both ends vote together against the middle?"

    def _said(self) -> tuple[str, ...]:
        gains = self.table.drop(index="unfolding")
        rows = (
            f"Unfolding instead of {_WORDS[str(shape)]}: the log score changes by {signed(row['gain'], 1)} "
            f"(standard error {row['std_error']:.1f})."
            for shape, row in gains.iterrows()
        )
        return (self.text, *rows, f"{self.k} folds of single votes, seed {self.seed}.")


@checked
def compare_unfolding(
    rollcalls: RollCalls, *, k: int = 5, seed: int = 0, n_jobs: int | None = None
) -> UnfoldingComparison:
    """Compare unfolding with monotone models by the prediction of held-out votes.

    Parameters
    ----------
    rollcalls : RollCalls
        The record or any part of it. Unanimous roll calls and members without a vote are left out.
    k : int
        Number of folds.
    seed : int
        Seed of the folds, as in `k_fold`.
    n_jobs : int, optional
        Number of parallel jobs, passed to joblib. The default is the setting of ``joblib.parallel_config``.

    Returns
    -------
    UnfoldingComparison

    Raises
    ------
    UsageError
        If an argument is out of range.
    InputError
        If there are fewer than three members or two contested roll calls.
    NotUsableError
        If a fit did not converge.

    Notes
    -----
    All models use the same code, the same folds and the same priors, with estimated standard deviations. The
    standard errors are clustered by roll call and by member, as in `compare_held_out`.
    """
    check_seed(seed)
    contested = rollcalls.contested()
    voted = contested.members.index[(contested.votes >= 0).any(axis=1)]
    contested = contested.select(members=list(voted))
    votes = np.where(contested.votes >= 0, contested.votes, np.int8(-1)).astype(np.int8)
    whole = unfold(votes)
    if not whole.converged:
        raise NotUsableError(
            f"the fit to all votes did not converge (distance {whole.distance:.2g})",
            remedy="use a longer record",
        )
    folds = assign_folds(votes, "votes", k, np.random.default_rng(seed))
    scores = _score(votes, folds, _LINE, k, n_jobs)
    table = _tabulate(scores)
    if _predicts_better(table):
        scores |= _score(votes, folds, ("plane",), k, n_jobs)
        table = _tabulate(scores)
    place = whole.positions[:, 0]
    sign = -1.0 if contested.polarity in voted and place[voted.get_loc(contested.polarity)] < 0.0 else 1.0
    ends = np.where(whole.turns_in_middle, np.where(whole.curvatures > 0.0, "yes", "no"), "")
    curves = pd.DataFrame(
        {
            "slope": sign * whole.slopes,
            "curvature": whole.curvatures,
            "turning_point": sign * whole.turning_points,
            "turns_in_middle": whole.turns_in_middle,
            "ends": ends,
        },
        index=contested.rollcalls.index,
    )
    positions = pd.Series(sign * place, index=voted, name="position")
    return UnfoldingComparison(table, whole, positions, curves, k, seed)


def _score(
    votes: NDArray[np.int8], folds: NDArray[np.intp], shapes: tuple[Shape, ...], k: int, n_jobs: int | None
) -> dict[str, Floats]:
    """Return log scores of held-out votes by shape; NaN if a vote is not held out."""
    jobs = [(shape, fold) for shape in shapes for fold in range(k)]
    results = Parallel(n_jobs=n_jobs)(delayed(_predict)(votes, folds == fold, shape) for shape, fold in jobs)
    scores = {str(shape): np.full(votes.shape, np.nan) for shape in shapes}
    for (shape, fold), predicted in zip(jobs, results, strict=True):
        scores[shape][folds == fold] = predicted
    return scores


def _predict(votes: NDArray[np.int8], held: NDArray[np.bool_], shape: Shape) -> Floats:
    """Return the log probability of each held-out vote."""
    fit = unfold(np.where(held, np.int8(-1), votes), shape=shape)
    if not fit.converged:
        raise NotUsableError(
            f"the fit without one fold did not converge (shape {shape!r}, distance {fit.distance:.2g})",
            remedy="use other folds (seed=) or a longer record",
        )
    member, column = np.nonzero(held)
    return np.asarray(np.log(fit.probabilities[member, column, votes[held]]))


def _tabulate(scores: dict[str, Floats]) -> pd.DataFrame:
    """Return the table of log scores and gains."""
    rows = {}
    for shape, values in scores.items():
        gain = scores["unfolding"] - values
        rows[shape] = {
            "votes": int(np.isfinite(values).sum()),
            "log_score": float(np.nansum(values)),
            "gain": np.nan if shape == "unfolding" else float(np.nansum(gain)),
            "std_error": np.nan if shape == "unfolding" else clustered_error(gain),
        }
    order = [shape for shape in ("straight", "monotone", "plane", "unfolding") if shape in rows]
    return pd.DataFrame.from_dict(rows, orient="index").loc[order].rename_axis("shape")


def _predicts_better(table: pd.DataFrame) -> bool:
    """Return True if unfolding predicts better than both monotone shapes in one dimension."""
    line = table.loc[["straight", "monotone"]]
    return bool((line["gain"] > np.maximum(SUPPORT * line["std_error"], LEAST)).all())
