"""Fit statistics of the votes fitted, relative to the guess that all members vote alike.

Percent correct, proportional reduction in error and geometric mean probability are those of Poole &
Rosenthal (1997, Congress: A Political-Economic History of Roll Call Voting), with the largest category in
the place of the majority; the score is that of Brier (1950) over all categories.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.arguments import checked
from voteshift.ideal.interface import Fit
from voteshift.notebook import Shown
from voteshift.posterior.predictive import all_probabilities, blocks, some_draws

__all__ = ["FitStatistics", "fit_statistics"]

Floats = NDArray[np.float64]
_DRAWS = 200
_MEASURES = ("percent_correct", "percent_modal", "apre", "gmp", "brier")


@dataclass(frozen=True, slots=True)
class FitStatistics(Shown):
    """Fit to the votes cast.

    Attributes
    ----------
    table : DataFrame, index ``rollcall``
        ``votes``, ``correct`` (the most probable category was chosen), ``modal`` (votes of the largest
        category), ``pre`` (share by which errors are fewer than those of the guess; NaN where it makes none),
        ``gmp`` and ``brier``.
    percent_correct, percent_modal : float
        Of all votes: predicted, and in the largest category of their roll call.
    apre : float
        Aggregate proportional reduction in error; NaN where the guess makes none.
    gmp : float
        Geometric mean of the probabilities of the votes cast.
    brier : float
        Mean squared distance between probabilities and votes, summed over categories: 0 to 2, 0 is best.
    """

    table: pd.DataFrame
    percent_correct: float
    percent_modal: float
    apre: float
    gmp: float
    brier: float

    def tidy(self) -> pd.DataFrame:
        """Return one row per measure of all votes: ``measure``, ``estimate``."""
        rows = [(name, getattr(self, name)) for name in _MEASURES]
        return pd.DataFrame(rows, columns=["measure", "estimate"])

    def _title(self) -> str:
        return "Fit to the votes that were fitted"


@checked
def fit_statistics(fit: Fit, *, seed: int = 0) -> FitStatistics:
    """Compute fit statistics of the votes that were fitted.

    Parameters
    ----------
    fit : Fit
        Any fit. Probabilities are those at the mode, or, of a sampled fit, means over 200 draws.
    seed : int
        Of the choice of draws.

    Returns
    -------
    FitStatistics
        Of the votes that were fitted; `k_fold` predicts votes that were not.
    """
    codes = fit.encoded.design.codes
    kinds = fit.encoded.design.n_categories[fit.encoded.design.item]
    chances = probabilities(fit, seed=seed)
    return from_probabilities(codes, kinds, chances, fit.encoded.rollcalls)


def probabilities(fit: Fit, *, seed: int = 0) -> Floats:
    """Return P(category) of every member in every roll call, shape (n_members, n_rollcalls, 3).

    Categories are those of the design, 0 to K - 1; the third is 0 where a roll call has two.
    """
    rollcalls = list(map(str, fit.encoded.rollcalls))
    kinds = fit.encoded.design.n_categories[fit.encoded.design.item]
    sampled = fit.reached["method"] == "nuts"
    draws = fit.draw(_DRAWS, rollcalls, seed) if sampled else fit.at_mode(rollcalls)
    n_draws, shape = len(draws.positions), fit.encoded.design.codes.shape
    total = np.zeros((*shape, 3))
    for block in blocks(n_draws, 3 * int(np.prod(shape))):
        total += all_probabilities(some_draws(draws, block), kinds, fit.link).sum(axis=0)
    return total / n_draws


def from_probabilities(
    codes: NDArray[np.int8], kinds: NDArray[np.int8], chances: Floats, rollcalls: pd.Index
) -> FitStatistics:
    """Compute the statistics of votes and their probabilities; see `fit_statistics`.

    Parameters
    ----------
    codes : ndarray of int8, shape (n_members, n_rollcalls)
        Categories 0 to K - 1; negative numbers mean that no vote was cast.
    kinds : ndarray of int8, shape (n_rollcalls,)
        K.
    chances : ndarray, shape (n_members, n_rollcalls, 3)
        Probabilities of the categories.
    rollcalls : Index
        Names of the columns.
    """
    cast = codes >= 0
    is_category = np.arange(3) < kinds[:, None]
    chosen = np.where(is_category, chances, -1.0).argmax(axis=-1)
    correct = ((chosen == codes) & cast).sum(axis=0)
    tallies = np.stack([(codes == code).sum(axis=0) for code in range(3)])
    votes, modal = cast.sum(axis=0), tallies.max(axis=0)
    taken = np.take_along_axis(chances, np.maximum(codes, 0)[..., None].astype(np.intp), axis=-1)[..., 0]
    with np.errstate(divide="ignore"):  # a vote too improbable for a float
        logs = np.where(cast, np.log(np.where(cast, taken, 1.0)), 0.0)
    misses = (chances**2).sum(axis=-1) - 2.0 * taken + 1.0
    squares = np.where(cast, misses, 0.0).sum(axis=0)
    errors, guess = votes - correct, votes - modal
    with np.errstate(divide="ignore", invalid="ignore"):
        pre = np.where(guess > 0, (guess - errors) / guess, np.nan)
        table = pd.DataFrame(
            {
                "votes": votes,
                "correct": correct,
                "modal": modal,
                "pre": pre,
                "gmp": np.exp(logs.sum(axis=0) / votes),
                "brier": squares / votes,
            },
            index=pd.Index(rollcalls, name="rollcall"),
        )
    n = int(votes.sum())
    return FitStatistics(
        table=table,
        percent_correct=100.0 * float(correct.sum()) / n,
        percent_modal=100.0 * float(modal.sum()) / n,
        apre=float((guess - errors).sum() / guess.sum()) if guess.any() else float("nan"),
        gmp=float(np.exp(logs.sum() / n)),
        brier=float(squares.sum() / n),
    )
