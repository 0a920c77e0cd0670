"""Fit statistics of the fitted votes.

The benchmark predicts the largest category of a roll call for every member. Percent correct, proportional
reduction in error and geometric mean probability follow Poole & Rosenthal (1997, Congress: A
Political-Economic History of Roll Call Voting), with the largest category instead of the majority. The Brier
score (Brier 1950) includes all categories.
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
    """Statistics of the fit to the votes cast.

    Attributes
    ----------
    table : DataFrame, index ``rollcall``
        - ``votes``: number of votes cast.
        - ``correct``: number of votes in the category with the highest probability.
        - ``modal``: number of votes in the largest category.
        - ``pre``: proportional reduction in error, relative to the prediction of the largest category. This
        value is NaN if the prediction makes no error.
        - ``gmp``: geometric mean probability of the votes.
        - ``brier``: Brier score.
    percent_correct : float
        Percentage of all votes that are in the category with the highest probability.
    percent_modal : float
        Percentage of all votes that are in the largest category of their roll call.
    apre : float
        Aggregate proportional reduction in error, relative to the prediction of the largest category. This
        value is NaN if the prediction makes no error.
    gmp : float
        Geometric mean of the probabilities of the votes cast.
    brier : float
        Mean squared distance between probabilities and votes, summed over categories. The range is 0 to 2,
        and 0 is best.
    """

    table: pd.DataFrame
    percent_correct: float
    percent_modal: float
    apre: float
    gmp: float
    brier: float

    def tidy(self) -> pd.DataFrame:
        """Return one row per measure over all votes, with the columns ``measure`` and ``estimate``."""
        rows = [(name, getattr(self, name)) for name in _MEASURES]
        return pd.DataFrame(rows, columns=["measure", "estimate"])

    def _title(self) -> str:
        return "Fit statistics of the fitted votes"


@checked
def fit_statistics(fit: Fit, *, seed: int = 0) -> FitStatistics:
    """Compute fit statistics of the fitted votes.

    Parameters
    ----------
    fit : Fit
        Any fit. For a fit at its mode, probabilities are computed at the mode. For a sampled fit, they are
        means over 200 draws.
    seed : int
        Seed for the choice of draws.

    Returns
    -------
    FitStatistics
        Statistics of the votes to which the model was fitted. Use `k_fold` to predict votes that were not
        used in the fit.
    """
    codes = fit.encoded.design.codes
    kinds = fit.encoded.design.n_categories[fit.encoded.design.item]
    chances = probabilities(fit, seed=seed)
    return from_probabilities(codes, kinds, chances, fit.encoded.rollcalls)


def probabilities(fit: Fit, *, seed: int = 0) -> Floats:
    """Return P(category) of every member in every roll call, shape (n_members, n_rollcalls, 3).

    Categories are the categories of the design, 0 to K - 1. If a roll call has two categories, the
    probability of the third is 0.
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
    """Compute fit statistics from votes and probabilities; see `fit_statistics`.

    Parameters
    ----------
    codes : ndarray of int8, shape (n_members, n_rollcalls)
        Categories 0 to K - 1; negative numbers mean that no vote was cast.
    kinds : ndarray of int8, shape (n_rollcalls,)
        Number of categories K of each roll call.
    chances : ndarray, shape (n_members, n_rollcalls, 3)
        Probabilities of the categories.
    rollcalls : Index
        Ids of the roll calls.
    """
    cast = codes >= 0
    is_category = np.arange(3) < kinds[:, None]
    chosen = np.where(is_category, chances, -1.0).argmax(axis=-1)
    correct = ((chosen == codes) & cast).sum(axis=0)
    tallies = np.stack([(codes == code).sum(axis=0) for code in range(3)])
    votes, modal = cast.sum(axis=0), tallies.max(axis=0)
    taken = np.take_along_axis(chances, np.maximum(codes, 0)[..., None].astype(np.intp), axis=-1)[..., 0]
    with np.errstate(divide="ignore"):  # the probability of a vote is too small for a float
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
