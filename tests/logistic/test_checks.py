"""Members left out: predictions by hand, the order of models, and what one member does."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from logistic.worlds import votes
from voteshift.logistic import calibration, compare, influence, proportional_odds
from voteshift.logistic.checks import left_out_probabilities


@pytest.fixture(scope="module")
def frame():
    return votes(40)


@pytest.fixture(scope="module")
def fitted(frame):
    return vs.logit("yes ~ x + z", frame)


def test_a_vote_is_predicted_without_its_member(frame, fitted):
    P = left_out_probabilities(fitted)
    gone = frame["member"] == "M007"
    rest = vs.logit("yes ~ x + z", frame[~gone])
    X = rest.design.encode(frame[gone])
    expected = rest.problem.likelihood.probabilities(rest.estimate, X)
    np.testing.assert_allclose(P[gone.to_numpy()], expected, atol=1e-8)


def test_scores_are_those_of_the_left_out_predictions(frame, fitted):
    noise = frame.assign(noise=np.random.default_rng(5).standard_normal(len(frame)))
    models = {
        "nothing": vs.logit("yes ~ 1", noise),
        "truth": vs.logit("yes ~ x + z", noise),
        "noise": vs.logit("yes ~ noise", noise),
    }
    table = compare(models).set_index("model")
    assert table.index[0] == "truth"
    P = left_out_probabilities(fitted)[:, 1]
    y = frame["yes"].to_numpy()
    assert table.loc["truth", "log_score"] == pytest.approx(
        np.log(np.where(y == 1, P, 1 - P)).mean(), abs=1e-9
    )
    assert table.loc["truth", "brier"] == pytest.approx(2 * ((y - P) ** 2).mean(), abs=1e-9)
    assert table.loc["truth", ["behind", "behind_error"]].tolist() == [0.0, 0.0]
    gap = table.loc["truth", "log_score"] - table.loc["nothing", "log_score"]
    assert table.loc["nothing", "behind"] == pytest.approx(gap)
    assert table.loc["truth", "aic_working"] == pytest.approx(fitted.aic)
    assert list(table.columns) == [
        "log_score",
        "behind",
        "behind_error",
        "brier",
        "aic_working",
        "bic_working",
    ]


def test_models_of_other_votes_are_not_compared(frame, fitted):
    with pytest.raises(vs.UsageError, match="has another outcome, other rows or other clusters"):
        compare({"a": fitted, "b": vs.logit("yes ~ x", frame[frame["rollcall"] != "R0"])})
    with pytest.raises(vs.UsageError, match="has another outcome, other rows or other clusters"):
        compare({"a": fitted, "b": vs.logit("no ~ x", frame)})
    with pytest.raises(vs.UsageError, match="results is empty"):
        compare({})


def test_calibration_bins_cover_the_votes(frame, fitted):
    table = calibration(fitted, n_bins=4)
    assert table["n"].sum() == len(frame)
    assert table["predicted"].is_monotonic_increasing
    assert np.average(table["observed"], weights=table["n"]) == pytest.approx(frame["yes"].mean())
    assert np.abs(table["predicted"] - table["observed"]).max() < 0.25
    with pytest.raises(vs.UsageError, match="category is"):
        calibration(fitted, category="maybe")


def test_influence_lists_every_member_and_finds_the_one_that_matters():
    frame = votes(30, seed=9)
    at = frame["member"] == "M004"
    frame.loc[at, "x"] = 4.0
    frame.loc[at, "yes"] = 0
    found = vs.logit("yes ~ x", frame, errors="CR3")
    table = influence(found)
    assert len(table) == 2 * 30
    assert table["left_out"].iloc[0] == "M004"
    rest = vs.logit("yes ~ x", frame[~at], errors="CR1")
    row = table[(table["left_out"] == "M004") & (table["term"] == "x")].iloc[0]
    assert row["estimate"] == pytest.approx(rest.params["x"], abs=1e-8)
    np.testing.assert_allclose([row["conf_low"], row["conf_high"]], rest.conf_int().loc["x"], atol=1e-6)
    whole = vs.logit("yes ~ x", frame, errors="CR1").conf_int().loc["x"]
    clear = bool(whole[0] > 0 or whole[1] < 0)
    assert row["changes_verdict"] == (clear != bool(row["conf_low"] > 0 or row["conf_high"] < 0))


def test_proportional_odds_hold_where_they_hold():
    p = [
        proportional_odds(vs.logit("vote ~ x + z", votes(80, seed=seed), model="ordered"))["p_value"].iloc[-1]
        for seed in range(8)
    ]
    assert sum(value < 0.05 for value in p) <= 2


def test_proportional_odds_are_refuted_where_they_fail():
    frame = votes(80, seed=1)
    rng = np.random.default_rng(1)
    low, high = 1 / (1 + np.exp(-(1.5 - 2 * frame["x"]))), 1 / (1 + np.exp(-(-0.5 + 2 * frame["x"])))
    u = rng.uniform(size=len(frame))
    frame["vote"] = np.select([u > low, u < np.minimum(high, low)], ["no", "yes"], "abstain")
    table = proportional_odds(vs.logit("vote ~ x", frame, model="ordered")).set_index("term")
    assert table.loc["all terms", "p_value"] < 1e-4
    assert table.loc["x", "lower"] < 0 < table.loc["x", "upper"]
    assert table.loc["all terms", "statistic"] == pytest.approx(table.loc["x", "statistic"] ** 2)


def test_proportional_odds_want_an_ordered_logit(fitted):
    with pytest.raises(vs.UsageError, match="ordered logit"):
        proportional_odds(fitted)


def test_two_slopes_are_those_of_two_binary_logits(frame):
    found = proportional_odds(vs.logit("vote ~ x + z", frame, model="ordered")).set_index("term")
    lower = vs.logit("notno ~ x + z", frame.assign(notno=1 - frame["no"]))
    assert found.loc["x", "lower"] == pytest.approx(lower.params["x"], abs=1e-8)
    assert found.loc["x", "upper"] == pytest.approx(vs.logit("yes ~ x + z", frame).params["x"], abs=1e-8)
    assert pd.isna(found.loc["all terms", "difference"])
