"""Unfolding against monotone models, by held-out votes."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.stats import spearmanr

import voteshift as vs
from voteshift.errors import NotUsableError, UsageError
from voteshift.ideal.unfolding import Unfolding, unfold
from voteshift.posterior import unfolding_comparison
from voteshift.posterior.comparison import clustered_error
from voteshift.posterior.held_out import assign_folds
from voteshift.posterior.unfolding_comparison import UnfoldingComparison, compare_unfolding

Floats = NDArray[np.float64]
N_MEMBERS, N_ROLLCALLS = 40, 70


def make_record(latent: Floats) -> vs.RollCalls:
    votes = (latent > 0.0).astype(np.int8) + (latent > 1.0)
    members = pd.DataFrame(index=[f"m{row:02d}" for row in range(len(votes))])
    frame = pd.DataFrame(index=[f"r{column:03d}" for column in range(votes.shape[1])])
    return vs.RollCalls(votes, members, frame, polarity="m39")


def straight(rng: np.random.Generator, x: Floats) -> Floats:
    return np.asarray(
        x[:, None] * rng.normal(0.0, 2.0, N_ROLLCALLS) + rng.normal(0.5, 1.7, (len(x), N_ROLLCALLS))
    )


X = np.linspace(-1.7, 1.7, N_MEMBERS)


@pytest.fixture(scope="module")
def ends() -> UnfoldingComparison:
    """Half of the roll calls have a bell-shaped utility, with noise of a t distribution."""
    rng = np.random.default_rng(1)
    distance = X[:, None] - rng.normal(0.0, 0.5, N_ROLLCALLS)
    bells = 5.0 * np.exp(-(distance**2) / 1.28) - 2.0 + rng.standard_t(3, distance.shape)
    latent = np.where(np.arange(N_ROLLCALLS) % 2, bells, straight(rng, X))
    return compare_unfolding(make_record(latent), k=2, seed=2)


@pytest.fixture(scope="module")
def plane() -> UnfoldingComparison:
    rng = np.random.default_rng(3)
    other = rng.standard_normal(N_MEMBERS)
    latent = straight(rng, X) + other[:, None] * rng.normal(0.0, 2.0, N_ROLLCALLS)
    return compare_unfolding(make_record(latent), k=2, seed=2)


def test_ends_that_vote_together_are_found(ends: UnfoldingComparison) -> None:
    line = ends.table.loc[["straight", "monotone"]]
    assert (line["gain"] > 2.0 * line["std_error"]).all()
    assert ends.verdict in ("undecided", "ends against the middle")
    assert abs(spearmanr(ends.positions, X)[0]) > 0.95
    assert ends.positions["m39"] > 0.0
    turned = ends.curves["turns_in_middle"].to_numpy()
    assert turned[1::2].mean() > 0.75
    assert turned[::2].mean() < 0.3
    assert (ends.curves["ends"][turned] == "no").mean() > 0.8
    assert (ends.curves["ends"][~turned] == "").all()
    better = ends.table.copy()
    better.loc["plane", ["gain", "std_error"]] = 30.0, 2.0
    assert f"middle on {turned.sum()} of 70 roll calls" in replace(ends, table=better).text


def test_one_straight_dimension_has_no_gain() -> None:
    rng = np.random.default_rng(4)
    skewed = np.exp(X)  # the noise is of the extreme-value distribution
    latent = skewed[:, None] * rng.normal(0.0, 1.5, N_ROLLCALLS) + 1.3 * rng.gumbel(
        size=(N_MEMBERS, N_ROLLCALLS)
    )
    result = compare_unfolding(make_record(latent - np.median(latent, axis=0)), k=2)
    assert result.verdict == "monotone"
    assert "plane" not in result.table.index
    row = result.table.loc["monotone"]
    assert abs(row["gain"]) <= 2.0 * row["std_error"] + 0.5
    assert "does not predict better than monotone curves" in result.text


def test_a_second_dimension_is_not_taken_for_ends_that_vote_together(plane: UnfoldingComparison) -> None:
    assert plane.verdict in ("second dimension", "monotone")
    assert plane.table.loc["straight", "gain"] > 0.0


def test_scores_are_those_of_fits_without_the_fold(ends: UnfoldingComparison) -> None:
    rng = np.random.default_rng(5)
    record = make_record(straight(rng, X)[:, :30])
    result = compare_unfolding(record, k=2, seed=7)
    votes = record.votes
    folds = assign_folds(votes, "votes", 2, np.random.default_rng(7))
    scores = {}
    for shape in ("straight", "unfolding"):
        scores[shape] = np.full(votes.shape, np.nan)
        for fold in range(2):
            held = folds == fold
            fit = unfold(np.where(held, np.int8(-1), votes), shape=shape)
            chances = np.take_along_axis(
                fit.probabilities, np.maximum(votes, 0)[..., None].astype(int), axis=2
            )
            scores[shape][held] = np.log(chances[..., 0][held])
    row = result.table.loc["straight"]
    assert row["log_score"] == pytest.approx(np.nansum(scores["straight"]))
    assert row["votes"] == np.isfinite(scores["straight"]).sum()
    gain = scores["unfolding"] - scores["straight"]
    assert row["gain"] == pytest.approx(np.nansum(gain), abs=1e-6)
    assert row["std_error"] == pytest.approx(clustered_error(gain), abs=1e-6)


@pytest.mark.parametrize(
    ("gains", "verdict", "words"),
    [
        ((9.0, 9.0, 9.0), "ends against the middle", "predicts held-out votes better"),
        ((9.0, 9.0, 1.0), "undecided", "do not separate two explanations"),
        ((9.0, 9.0, -1.0), "undecided", "do not separate two explanations"),
        ((9.0, 9.0, -9.0), "second dimension", "two dimensions predict better"),
        ((9.0, 1.0, None), "monotone", "does not predict better"),
        ((1.0, 9.0, None), "monotone", "does not predict better"),
        ((0.9, 0.9, None), "monotone", "does not predict better"),
    ],
)
def test_the_verdict_needs_two_standard_errors(
    ends: UnfoldingComparison, gains: tuple[float, float, float | None], verdict: str, words: str
) -> None:
    table = ends.table.copy()
    table["std_error"] = 2.0 if gains[0] > 0.9 else 0.01  # fits that differ by their convergence alone
    for shape, gain in zip(("straight", "monotone", "plane"), gains, strict=True):
        if gain is None:
            table = table.drop(index=shape)
        else:
            table.loc[shape, "gain"] = gain
    changed = replace(ends, table=table)
    assert changed.verdict == verdict
    assert words in changed.text
    sentences = list(changed._said())
    assert sentences[0] == changed.text
    assert len(sentences) == len(table) + 1
    assert changed.tidy()["shape"].tolist() == table.index.tolist()
    assert changed.text in changed._repr_html_()


def test_a_fit_that_did_not_converge_is_an_error(
    ends: UnfoldingComparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = make_record(straight(np.random.default_rng(5), X)[:, :30])

    def short(votes: NDArray[np.int8], **options: object) -> Unfolding:
        return replace(ends.fit, converged=False)

    monkeypatch.setattr(unfolding_comparison, "unfold", short)
    with pytest.raises(NotUsableError, match="did not converge"):
        compare_unfolding(record, k=2)


def test_folds_out_of_range_are_errors() -> None:
    record = make_record(straight(np.random.default_rng(5), X)[:, :10])
    with pytest.raises(UsageError, match="k is 1"):
        compare_unfolding(record, k=1)
    with pytest.raises(UsageError):
        compare_unfolding(record, seed=-1)
