"""The names of columns and of their values."""

import numpy as np
import pandas as pd
import pytest

from voteshift.logistic.names import describe_level, name_column, name_levels

FRAME = pd.DataFrame(
    {
        "rollcall": ["1", "2", "3"],
        "symbol": ["A/1", "A/2", "A/3"],
        "date": pd.to_datetime(["2018-03-23", "2020-06-22", "2020-09-01"]),
        "member": ["BOL", "DEU", "DEU"],
        "name": ["Bolivia (Plurinational State of)", "Germany", "Germany"],
    }
)


@pytest.mark.parametrize("column", ["rollcall", "symbol"])
def test_a_roll_call_is_named_by_its_year_or_by_its_day(column):
    first, second = FRAME.iloc[:2], FRAME
    assert name_levels(first, column, list(first[column])) == ["2018", "2020"]
    days = ["23 March 2018", "22 June 2020", "1 September 2020"]
    assert name_levels(second, column, list(second[column])) == days


def test_a_roll_call_without_a_date_keeps_its_symbol_or_id():
    undated = FRAME.assign(date=pd.Series([pd.NaT] * 3, dtype="datetime64[ns]"))
    assert name_levels(undated, "rollcall", ["1", "3"]) == ["A/1", "A/3"]
    assert name_levels(FRAME.drop(columns="date"), "rollcall", ["1", "3"]) == ["1", "3"]
    assert name_levels(FRAME.assign(date="2018"), "symbol", ["A/1"]) == ["A/1"]


def test_a_symbol_of_two_roll_calls_names_neither():
    twice = FRAME.assign(symbol=["A/1", "A/1", "A/3"])
    assert name_levels(twice, "symbol", ["A/1", "A/3"]) == ["A/1", "A/3"]


def test_groups_and_members_have_their_full_names():
    assert name_levels(FRAME, "group", ["WEOG", "Greens"]) == ["Western Europe and Others", "Greens"]
    assert name_levels(FRAME, "member", ["BOL", "DEU", "XXX"]) == ["Bolivia", "Germany", "XXX"]
    assert name_levels(FRAME, "name", ["Bolivia (Plurinational State of)"]) == ["Bolivia"]
    assert name_levels(FRAME.drop(columns="name"), "member", ["BOL"]) == ["BOL"]


def test_values_that_would_share_a_name_keep_their_codes():
    assert name_levels(FRAME, "group", ["AFRICAN", "Africa"]) == ["AFRICAN", "Africa"]
    assert name_levels(FRAME, "x", [1, 1.0]) == ["1", "1.0"]


@pytest.mark.parametrize(
    ("column", "levels", "names"),
    [
        ("sponsor", [0, 1], ["0", "1"]),
        ("x", [2.0, 2.5, np.float64(3)], ["2", "2.5", "3"]),
        ("x", [1e9 + 1, 12345678.0], ["1000000001", "12345678"]),
        ("x > 2", [False, True], ["False", "True"]),
        ("year", [2018, np.int64(2020)], ["2018", "2020"]),
        ("date", list(FRAME["date"][:2]), ["2018", "2020"]),
        ("date", list(FRAME["date"]), ["23 March 2018", "22 June 2020", "1 September 2020"]),
        (
            "since",
            [np.datetime64("2018-03-23"), np.datetime64("2020-01-01")],
            ["23 March 2018", "1 January 2020"],
        ),
    ],
)
def test_any_other_value_stands_as_it_is(column, levels, names):
    assert name_levels(FRAME, column, levels) == names


def test_a_column_is_named_where_its_values_are_not_clear():
    assert name_column("lagged_vote") == "lagged vote"
    assert name_column("v2x_polyarchy") == "v2x_polyarchy"
    assert describe_level("group", "Africa", contrast=False) == "Africa"
    assert describe_level("lagged_vote", "no against yes", contrast=True) == "lagged vote (no against yes)"
    assert describe_level("lagged_vote", "no", contrast=False) == "lagged vote = no"
