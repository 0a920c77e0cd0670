"""Paired comparison of held-out predictions."""

from dataclasses import replace

import numpy as np
import pytest

import voteshift as vs
from voteshift.errors import UsageError
from voteshift.posterior.comparison import clustered_error, compare_held_out
from voteshift.posterior.held_out import HeldOut, k_fold
from voteshift.writing import signed


def predictions(record: vs.RollCalls, dims: tuple[int, ...] = (1, 2)) -> dict[str, HeldOut]:
    priors = vs.Priors(discrimination=2.0)
    return {str(n): k_fold(record, vs.IdealPoints(dims=n, priors=priors), k=4, seed=3) for n in dims}


@pytest.fixture(scope="module")
def flat() -> dict[str, HeldOut]:
    return predictions(vs.simulate(40, 90, seed=4).rollcalls)


@pytest.fixture(scope="module")
def plane() -> dict[str, HeldOut]:
    return predictions(vs.simulate(40, 90, seed=5, dims=2).rollcalls)


def test_a_second_dimension_helps_where_there_is_one(plane: dict[str, HeldOut]) -> None:
    row = compare_held_out(plane).table.loc["2"]
    assert row["difference"] > 4 * row["std_error"]


def test_a_second_dimension_does_not_help_where_there_is_none(flat: dict[str, HeldOut]) -> None:
    row = compare_held_out(flat).table.loc["2"]
    assert row["difference"] < 2 * row["std_error"]


def test_scores_are_the_logs_of_the_predicted_probabilities(flat: dict[str, HeldOut]) -> None:
    table = compare_held_out(flat).table
    for name, held in flat.items():
        scores = held.log_scores.to_numpy()
        assert np.exp(np.nanmean(scores)) == pytest.approx(held.statistics.gmp)
        by_rollcall = np.exp(np.nanmean(scores, axis=0))
        np.testing.assert_allclose(by_rollcall, held.statistics.table["gmp"])
        assert table.loc[name, "log_score"] == pytest.approx(np.nansum(scores))
        assert table.loc[name, "votes"] == np.isfinite(scores).sum() == held.folds["votes"].sum()
    assert np.isnan(table["difference"].iloc[0])
    difference = table["log_score"].iloc[1] - table["log_score"].iloc[0]
    assert table["difference"].iloc[1] == pytest.approx(difference)
    (sentence,) = compare_held_out(flat)._said()
    assert sentence.startswith(
        f"2 instead of 1: the log score changes by {signed(difference)} (standard error"
    )


def test_the_error_is_that_of_sums_over_random_rows_and_columns() -> None:
    """Effects of rows and of columns: the spread of the total over worlds, not that of single votes."""
    rng = np.random.default_rng(0)

    def world() -> np.ndarray:
        return rng.normal(size=(30, 1)) + 0.5 * rng.normal(size=(1, 50)) + rng.normal(size=(30, 50))

    totals = [world().sum() for _ in range(2000)]
    errors = [clustered_error(world()) for _ in range(200)]
    assert np.mean(errors) == pytest.approx(np.std(totals), rel=0.06)
    alone = rng.normal(size=(30, 50))
    alone[rng.random(alone.shape) < 0.3] = np.nan
    expected = np.sqrt(np.isfinite(alone).sum())
    assert clustered_error(alone) == pytest.approx(expected, rel=0.35)


def test_predictions_of_other_votes_or_folds_are_refused(flat, plane) -> None:
    for other in (plane["2"], replace(flat["2"], seed=9), replace(flat["2"], by="rollcalls")):
        with pytest.raises(UsageError, match="'one' and 'other' are not of the same votes and folds"):
            compare_held_out({"one": flat["1"], "other": other})
    with pytest.raises(UsageError, match="two or more"):
        compare_held_out({"one": flat["1"]})
