"""K-fold cross-validation: prediction of votes, roll calls or members that are left out of the fit."""

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.special import logsumexp

from voteshift.arguments import checked
from voteshift.errors import NotUsableError, UsageError
from voteshift.ideal.encode import place_of
from voteshift.ideal.interface import Fit
from voteshift.ideal.laplace import JointDraws
from voteshift.ideal.spec import IdealPoints
from voteshift.notebook import Shown
from voteshift.posterior.fit_statistics import FitStatistics, from_probabilities
from voteshift.posterior.predictive import all_probabilities
from voteshift.ranges import check_seed
from voteshift.rollcalls import RollCalls
from voteshift.votes import CAST, CATEGORIES, Vote

__all__ = ["HeldOut", "HoldOut", "assign_folds", "k_fold"]

Floats = NDArray[np.float64]
HoldOut = Literal["votes", "rollcalls", "members"]
_DRAWS = 100
_MEASURES = ("percent_correct", "gmp", "brier")
_K = len(CATEGORIES)


@dataclass(frozen=True, slots=True)
class HeldOut(Shown):
    """Results of k-fold cross-validation.

    Held-out votes are votes that were left out of a fit and predicted from this fit.

    Attributes
    ----------
    by : {"votes", "rollcalls", "members"}
        The unit that was held out.
    method : {"map", "nuts"}
        The predictions come from the mode, or from draws of the posterior.
    statistics : FitStatistics
        Statistics of all held-out votes. Each vote is predicted once. The benchmark of `apre` uses the
        largest category of the held-out votes themselves. The predictions do not use the held-out votes, so
        this benchmark lowers APRE.
    folds : DataFrame, index ``fold``
        ``votes``, ``percent_correct``, ``gmp`` and ``brier`` of each fold.
    gmp_together : float
        The geometric mean probability per vote, computed from the joint probability of all votes in a roll
        call or all votes of a member. It is NaN if single votes were held out.
    log_scores : DataFrame
        Log of the predicted probability of every vote, one row per member and one column per roll call; NaN
        if the vote is not predicted.
    not_predicted : int
        Number of votes that are not predicted, because no other member chose the same category in the roll
        call. Without the vote, this category does not exist in the fit. If single votes are held out, these
        votes stay in every fit. If members are held out, these votes are not scored.
    seed : int
        Seed of the folds.
    """

    by: HoldOut
    method: Literal["map", "nuts"]
    statistics: FitStatistics
    folds: pd.DataFrame
    gmp_together: float
    log_scores: pd.DataFrame
    not_predicted: int
    seed: int

    def tidy(self) -> pd.DataFrame:
        """Return one row per measure.

        Returns
        -------
        DataFrame
            ``measure``, ``estimate`` (over all votes), ``lowest`` and ``highest`` (over the folds; missing
            if the measure is not computed for single folds). There is no interval, because fits of different
            folds share most of their votes and no unbiased variance estimator exists (Bengio & Grandvalet
            2004).
        """
        table = self.statistics.tidy()
        if self.by != "votes":
            table.loc[len(table)] = ["gmp_together", self.gmp_together]
        for end in ("min", "max"):
            ends = self.folds[list(_MEASURES)].agg(end)
            table["lowest" if end == "min" else "highest"] = table["measure"].map(ends)
        return table

    def _title(self) -> str:
        return f"Predictions of held-out votes (by {self.by})"

    def _said(self) -> tuple[str, ...]:
        sentence = f"{len(self.folds)} folds, method {self.method}, seed {self.seed}."
        if not self.not_predicted:
            return (sentence,)
        return (
            sentence,
            f"{self.not_predicted} votes are not predicted, because no other member chose this category in "
            "the roll call.",
        )


@checked
def k_fold(
    rollcalls: RollCalls,
    spec: IdealPoints | None = None,
    *,
    by: HoldOut = "votes",
    k: int = 10,
    method: Literal["map", "nuts"] = "map",
    draws: int = 1000,
    seed: int = 0,
    n_jobs: int | None = None,
) -> HeldOut:
    """Predict the votes of each fold from a fit to the other folds.

    Parameters
    ----------
    rollcalls : RollCalls
        The record or any part of it. Unanimous roll calls are left out.
    spec : IdealPoints, optional
        The specification to fit. The default is ``IdealPoints()``.
    by : {"votes", "rollcalls", "members"}
        The unit that is held out: single votes, whole roll calls, or all votes of a member. Units are
        assigned to folds at random.
    k : int
        Number of folds.
    method : {"map", "nuts"}
        Predict from the mode (``"map"``) or from draws of the posterior (``"nuts"``). With ``"nuts"``, the
        model is sampled for each fold, which takes minutes.
    draws : int
        Number of draws in each of the four chains, with ``method="nuts"``.
    seed : int
        Seed of the random numbers for the folds and for the samples.
    n_jobs : int, optional
        Number of parallel jobs, passed to joblib. The default is the setting of ``joblib.parallel_config``.

    Returns
    -------
    HeldOut

    Raises
    ------
    UsageError
        If an argument is out of range, if ``by`` is not ``"votes"`` in a dynamic model, or if the model has
        covariates of the unit that is held out.
    NotUsableError
        If a fit did not converge.

    Notes
    -----
    The prediction for a held-out roll call averages over the items of all fitted roll calls, with equal
    weights. The prediction for a held-out member averages over the positions of all fitted members. A single
    vote is held out only if another vote in the same roll call has the same category. The votes of each
    category in a roll call are distributed evenly over the folds.
    """
    check_seed(seed)
    spec = replace(spec or IdealPoints(), threads=1)
    if by not in get_args(HoldOut) or method not in ("map", "nuts"):
        raise UsageError(
            f"by is {by!r} and method is {method!r}, which is not an available combination",
            remedy="pass by='votes', by='rollcalls' or by='members', and method='map' or method='nuts'",
        )
    if by != "votes" and spec.dynamics is not None:
        raise UsageError(
            "the specification has dynamics=, so only single votes can be held out", remedy='pass by="votes"'
        )
    _need_no_covariates(spec, by)
    if by == "members" and (spec.polarity is not None or spec.target is not None):
        # Predictions do not depend on the direction of the scale. The polarity member may be held out.
        spec = replace(spec, polarity=None, target=None)
    contested = rollcalls.contested()
    folds = assign_folds(contested.votes, by, k, np.random.default_rng(seed))
    scored = _scored(contested.votes, folds, by, k)
    jobs = Parallel(n_jobs=n_jobs)(
        delayed(_predict)(contested, spec, folds == fold, scored, by, method, draws, seed + fold)
        for fold in range(k)
    )
    chances = np.zeros((*folds.shape, _K))
    together = 0.0
    codes = np.where(scored, contested.votes, np.int8(-1))
    kinds = np.full(folds.shape[1], _K, dtype=np.int8)
    rows = []
    for fold, (predicted, joint) in enumerate(jobs):
        chances[folds == fold] = predicted
        together += joint
        alone = np.where(folds == fold, codes, np.int8(-1))
        columns = (alone >= 0).any(axis=0)
        statistics = from_probabilities(
            alone[:, columns], kinds[columns], chances[:, columns], contested.rollcalls.index[columns]
        )
        rows.append(
            (int(statistics.table["votes"].sum()), *(getattr(statistics, name) for name in _MEASURES))
        )
    held = (codes >= 0).any(axis=0)
    n_votes = int((codes >= 0).sum())
    with np.errstate(divide="ignore"):
        scores = np.log(np.take_along_axis(chances, np.maximum(codes, 0)[..., None], axis=2)[..., 0])
    labels = contested.members.index, contested.rollcalls.index
    return HeldOut(
        by,
        method,
        from_probabilities(codes[:, held], kinds[held], chances[:, held], contested.rollcalls.index[held]),
        pd.DataFrame(rows, columns=["votes", *_MEASURES]).rename_axis("fold"),
        float(np.exp(together / n_votes)) if by != "votes" else np.nan,
        pd.DataFrame(np.where(codes >= 0, scores, np.nan), *labels),
        int((contested.votes >= 0).sum()) - n_votes,
        seed,
    )


def _need_no_covariates(spec: IdealPoints, by: HoldOut) -> None:
    """Refuse to hold out a unit with covariates: its prediction averages over all units and ignores them."""
    has = {"rollcalls": spec.priors.item_covariates, "members": spec.priors.covariates, "votes": None}
    if has[by] is not None:
        name, unit = ("item_means", "items") if by == "rollcalls" else ("positions", "positions")
        raise UsageError(
            f"held-out {by} are predicted from the {unit} of all other {by}, without the covariates of "
            f"Priors({name}=)",
            remedy=f"pass by='votes', or a specification without {name}=",
        )


def assign_folds(votes: NDArray[np.int8], by: HoldOut, k: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return the fold of every vote, shape (n_members, n_rollcalls); -1 if a vote is in no fold."""
    folds = np.full(votes.shape, -1, dtype=np.intp)
    n_units = {"votes": int((votes >= 0).sum()), "rollcalls": votes.shape[1], "members": len(votes)}[by]
    if not 2 <= k <= n_units:
        raise UsageError(
            f"k is {k}, but the number of folds must be between 2 and the number of {by} ({n_units})",
            remedy="choose k= within this range",
        )
    if by != "votes":
        fold = rng.permutation(n_units) % k
        folds[:] = fold if by == "rollcalls" else fold[:, None]
        folds[votes < 0] = -1
        return folds
    for column in range(votes.shape[1]):
        for code in range(_K):
            rows = np.flatnonzero(votes[:, column] == code)
            if len(rows) > 1:
                folds[rng.permutation(rows), column] = (rng.integers(k) + np.arange(len(rows))) % k
    return folds


def _scored(votes: NDArray[np.int8], folds: NDArray[np.intp], by: HoldOut, k: int) -> NDArray[np.bool_]:
    """Return the votes that are scored: another fold contains a vote of the same category."""
    scored = folds >= 0
    if by == "members":
        for fold in range(k):
            for code in range(_K):
                in_category = votes == code
                left = (in_category & (folds != fold)).any(axis=0)
                scored &= ~(in_category & (folds == fold) & ~left)
    return scored


def _predict(
    record: RollCalls,
    spec: IdealPoints,
    held: NDArray[np.bool_],
    scored: NDArray[np.bool_],
    by: HoldOut,
    method: Literal["map", "nuts"],
    n_draws: int,
    seed: int,
) -> tuple[Floats, float]:
    """Return P(no, abstain, yes) of the held-out votes, and the joint log-probability of scored votes."""
    frame = record.rollcalls.drop(columns=[*CAST], errors="ignore")
    seen = RollCalls(
        np.where(held, np.int8(Vote.ABSENT), record.votes),
        record.members,
        frame,
        record.polarity,
        record.source,
        record.groups,
    )
    fit = _fit(seen, spec, method, n_draws, seed)
    names = list(map(str, fit.encoded.rollcalls))
    # The fold assignment already uses the seed of the first fold, so draws use the next seed.
    cube = _chances(fit, fit.draw(_DRAWS, names, seed + 1) if method == "nuts" else fit.at_mode(names))
    member, column = np.nonzero(held)
    row = fit.encoded.members.get_indexer(record.members.index)[member]
    item = fit.encoded.rollcalls.get_indexer(record.rollcalls.index)[column]
    if by == "votes":
        everybody = cube.mean(axis=1, keepdims=True)  # for members that cast no other vote
        chances = np.where((row >= 0)[:, None], cube[:, row, item], everybody[:, 0, item])
        return chances.mean(axis=0), 0.0
    result, joint = np.zeros((len(member), _K)), 0.0
    votes, counted = record.votes[member, column], scored[member, column]
    unit = member if by == "members" else column
    for one in np.unique(unit):
        rows = np.flatnonzero(unit == one)
        # Axes: draws and candidates, votes, categories. Candidates are all members or all items of the fit.
        if by == "members":
            chances = np.where(
                (item[rows] >= 0)[:, None], cube[:, :, item[rows]], cube.mean(axis=2, keepdims=True)
            )
        else:
            someone = np.where(
                (row[rows] >= 0)[:, None, None], cube[:, row[rows]], cube.mean(axis=1, keepdims=True)
            )
            chances = someone.swapaxes(1, 2)
        chances = chances.reshape(-1, len(rows), _K)
        result[rows] = chances.mean(axis=0)
        with np.errstate(divide="ignore"):
            logs = np.log(chances[:, counted[rows], votes[rows][counted[rows]]]).sum(axis=1)
        joint += float(logsumexp(logs) - np.log(len(logs)))
    return result, joint


def _chances(fit: Fit, draws: JointDraws) -> Floats:
    """Return P(no, abstain, yes) of every vote, shape (n_draws, n_members, n_rollcalls, 3)."""
    kinds = fit.encoded.design.n_categories[fit.encoded.design.item]
    ranked = all_probabilities(draws, kinds, fit.link)
    places = place_of(fit.encoded)
    named = [np.where(places == code, ranked, 0.0).sum(axis=-1) for code in range(_K)]
    return np.stack(named, axis=-1)


def _fit(record: RollCalls, spec: IdealPoints, method: str, n_draws: int, seed: int) -> Fit:
    fit: Fit
    if method == "map":
        fit = spec.fit(record)
    else:
        from voteshift.posterior.draws import sample
        from voteshift.posterior.nuts import NUTS

        fit = sample(record, spec, draws=n_draws, seed=seed, nuts=NUTS(cores=1))
    if not fit.converged:
        raise NotUsableError(
            f"the fit without one fold did not converge ({fit.verdict})",
            remedy="use fewer folds; with method='nuts', also use more draws",
        )
    return fit
