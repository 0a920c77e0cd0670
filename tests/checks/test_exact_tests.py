import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

import voteshift as vs
from voteshift.checks import paired_tables
from voteshift.checks.exact_tests import NULLS, paired_tests

TRIO = "mutually-beneficial-cooperation"


@pytest.fixture(scope="module")
def trio(record):
    return paired_tests(record, TRIO)


def chamber(pairs, groups=None):
    """Two iterations; `pairs` are (old, new) codes."""
    votes = np.array(pairs, dtype=np.int8)
    members = pd.DataFrame({"group": groups or ["all"] * len(votes)})
    members.index = [f"m{i}" for i in range(len(votes))]
    frame = pd.DataFrame({"title": "A text that comes back", "date": ["2018-01-01", "2019-01-01"]})
    frame.index = pd.Index(["r0", "r1"])
    return vs.RollCalls(votes, members, frame)


def test_the_trio(trio):
    """Seven from abstain to no, two from yes to abstain, nobody the other way."""
    first, second, long = trio.steps
    assert (first.pairs, first.changed) == (22, 9)
    assert first.table.loc["abstain", "no"] == 7
    assert first.table.loc["yes", "abstain"] == 2
    p = first.tests["p_value"]
    assert p["mcnemar_no"] == pytest.approx(2 * 0.5**7)
    assert p["mcnemar_yes"] == pytest.approx(2 * 0.5**2)
    assert p["bowker"] == pytest.approx(4 * 0.5**9)
    # Both moves are down: margins are furthest apart where all of either pair go one way, together or not.
    assert p["stuart_maxwell"] == pytest.approx(4 * 0.5**9)
    assert (second.pairs, second.changed, long.pairs, long.changed) == (37, 0, 16, 5)


def test_where_nobody_changed_there_is_a_limit_and_no_p_value(trio):
    step = trio.steps[1]
    assert step.tests.empty
    share, low, high = step.rate
    assert (share, low) == (0, 0)
    assert binom.cdf(0, 37, high) == pytest.approx(0.05)  # a rate this high would show so little 1 time in 20
    said = trio.sentences()[1]
    assert "none of the 37" in said
    assert "7.8%" in said
    assert "p " not in said.replace("exact 90%", "")
    assert trio.tidy().query("old == '29343'")["test"].tolist() == ["switching_rate"]


def test_holm_is_over_the_steps_with_a_p_value(trio):
    first, _, long = trio.steps
    for name in ("bowker", "stuart_maxwell", "mcnemar_no"):
        raw = sorted([first.tests.loc[name, "p_value"], long.tests.loc[name, "p_value"]])
        assert first.tests.loc[name, "p_holm"] == pytest.approx(min(1, 2 * raw[0]))
        assert long.tests.loc[name, "p_holm"] == pytest.approx(max(2 * raw[0], raw[1]))
    assert np.isnan(long.tests.loc["mcnemar_yes", "p_value"])
    assert first.tests.loc["mcnemar_yes", "p_holm"] == first.tests.loc["mcnemar_yes", "p_value"]


def test_large_sample_p_values_are_withheld_where_a_pair_is_empty(trio):
    tests = trio.steps[0].tests
    assert tests["p_asymptotic"].isna().all()
    assert "no member changed between two of the categories" in tests.loc["bowker", "caution"]
    pairs = [(0, 1)] * 5 + [(1, 0)] * 3 + [(0, 2)] * 4 + [(2, 1)] * 2 + [(1, 1)] * 9
    tests = paired_tests(chamber(pairs), "text that comes back").steps[0].tests
    assert tests.loc[["bowker", "stuart_maxwell"], "p_asymptotic"].between(0, 1).all()
    assert "exact p-value only" in tests.loc["bowker", "caution"]


def test_every_test_says_its_null(trio):
    tests = trio.steps[0].tests
    assert tests["null"].to_dict() == NULLS
    assert "1/2" in trio.conditioning


def test_groups_are_the_strata():
    pairs = [(0, 2)] * 6 + [(2, 0)] * 6 + [(1, 1)] * 3
    apart = paired_tests(chamber(pairs, ["a"] * 6 + ["b"] * 9), "text that comes back").steps[0].tests
    assert apart.loc["stuart_maxwell", "p_value"] == pytest.approx(1)
    assert apart.loc["stratified", "p_value"] == pytest.approx(4 * 0.5**12)
    alone = paired_tests(chamber(pairs), "text that comes back").steps[0].tests
    assert "stratified" not in alone.index


def test_who_was_away_is_no_pair():
    found = paired_tests(chamber([(0, 2), (0, -1), (-2, 1), (-3, 2), (1, 1)]), "text that comes back")
    assert (found.steps[0].pairs, found.steps[0].changed) == (2, 1)
    nobody = paired_tests(chamber([(0, -3), (-3, 2), (1, -1)]), "text that comes back")
    assert nobody.steps[0].pairs == 0
    assert nobody.steps[0].rate[1:] == (0, 1)
    assert "nothing to test" in nobody.sentences()[0]


def test_order_of_members_and_direction_of_the_scale_have_no_say(record):
    turned = record.select(members=record.members.index[::-1])
    here, there = paired_tests(record, TRIO).tidy(), paired_tests(turned, TRIO).tidy()
    pd.testing.assert_frame_equal(here, there)


def test_tidy_repeats_the_tables(trio):
    tidy = trio.tidy()
    row = tidy.query("old == '27478' and new == '29343' and test == 'stuart_maxwell'").iloc[0]
    table = trio.steps[0].table.to_numpy()
    assert row["p_value"] == paired_tables.stuart_maxwell(table).p_value
    assert (row["pairs"], row["discordant"]) == (22, 9)
    rates = tidy.query("test == 'switching_rate'")
    assert rates["estimate"].tolist() == [9 / 22, 0, 5 / 16]
    assert (rates["conf_low"] <= rates["estimate"]).all()
    assert (rates["conf_high"] >= rates["estimate"]).all()


def test_sentences_say_moves_and_p_values(trio):
    said = trio.sentences()[0]
    for part in ("9 of 22", "7 from abstain to no", "2 from yes to abstain", "0.008", "Holm 0.016"):
        assert part in said


def test_a_level_that_is_none_is_refused(record):
    with pytest.raises(vs.UsageError, match="level"):
        paired_tests(record, TRIO, level=90)


def test_p_values_by_group_reverse_whole_regional_groups(trio):
    """Seven members of three groups changed to no, two members of two groups from yes to abstain."""
    tests = trio.steps[0].tests
    assert tests["p_group"].dropna().to_dict() == {
        "mcnemar_yes": 0.5,
        "mcnemar_no": 0.25,
        "bowker": 0.125,
        "stuart_maxwell": 0.125,
    }
    assert tests.loc["bowker", ["least_group", "n_groups"]].tolist() == [0.0625, 5]
    assert "by group 0.125, 5 groups, so not below 0.062" in trio.sentences()[0]
    assert "2^(1 - G)" in trio.text


def test_without_groups_there_is_no_p_value_by_group():
    pairs = [(0, 2)] * 6 + [(2, 0)] * 2 + [(1, 1)] * 3
    found = paired_tests(chamber(pairs), "text that comes back").steps[0]
    assert found.tests["p_group"].isna().all()
    assert "by group" not in paired_tests(chamber(pairs), "text that comes back").sentences()[0]
