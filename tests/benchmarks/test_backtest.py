"""The back-test: what it may look at, and its arithmetic; the whole of it nightly."""

import numpy as np
import pytest

import voteshift as vs

TRIO = "mutually-beneficial-cooperation"


@pytest.fixture
def backtest(benchmark_script):
    return benchmark_script("backtest")


def test_a_forecast_sees_nothing_of_its_day_or_later(backtest, record):
    """Who voted, and that alone, is known of the target: with all later votes turned round it is the same."""
    here = backtest.forecast(record, TRIO, "29575", n_draws=100)
    late = (record.rollcalls["date"] >= record.rollcalls.loc["29575", "date"]).to_numpy(bool)
    votes = record.votes.copy()
    votes[:, late] = np.where(votes[:, late] >= 0, 2 - votes[:, late], votes[:, late])
    frame = record.rollcalls.drop(columns=["yes", "no", "abstain"])
    other = vs.RollCalls(votes, record.members, frame, polarity=record.polarity)
    there = backtest.forecast(other, TRIO, "29575", n_draws=100)
    assert here.means == there.means
    assert here.naive == there.naive
    assert (here.yes, there.yes) == (26, 15)


def test_forecasts_without_a_model_by_hand(backtest):
    votes = np.array([[2, 2, 0], [0, -3, 2], [-3, 2, -3], [-3, 0, 1], [-3, -3, 2]], dtype=np.int8)
    groups = np.array(["a", "a", "a", "b", "b"])
    found = backtest.naive(votes, groups)
    assert found["same as last time"] == 2
    assert found["same share"] == pytest.approx(4 * 2 / 3)
    # yes again; no from the time before; no again; new, and its group said no.
    assert found["repeat own vote"] == 1


def test_intervals_cover_what_they_say(backtest):
    chance = np.array([0.05, 0.1, 0.35, 0.3, 0.15, 0.05])
    assert backtest.interval(chance) == (1, 4)
    assert backtest.interval(np.array([0.0, 1.0])) == (1, 1)


def test_the_summary_is_the_mean_error(backtest):
    one = backtest.Forecast(
        "f", "r", 10, 40, 0, 0.0, None,
        dict.fromkeys(backtest.MODELS, 12.0),
        dict.fromkeys(backtest.MODELS, (8, 11)),
        dict.fromkeys(backtest.NAIVE, 9.0),
    )  # fmt: skip
    found = backtest.summary([one, one])
    assert found["member effects"]["mae"] == 2
    assert found["member effects"]["coverage"] == 1
    assert found["same share"]["difference"] == found["same share"]["low"] == 1


@pytest.mark.nightly
@pytest.mark.parametrize("which", [-1, -2])
def test_forecasts_are_calibrated(backtest, record, which):
    """`pytest -m nightly tests/benchmarks/test_backtest.py`: all families, a few minutes."""
    found = []
    for family in backtest.families(record):
        target = record.families().loc[family, "rollcalls"][which]
        found.append(backtest.forecast(record, family, target))
    found = backtest.summary(found)
    main = found["member effects and drift"]
    assert 0.68 <= main["coverage"] <= 0.92
    assert main["mae"] < min(found["same as last time"]["mae"], found["same share"]["mae"])
