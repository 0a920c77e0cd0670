import pandas as pd

from voteshift.labels import rollcall_labels, version_names


def test_a_roll_call_without_a_symbol_is_called_by_its_id():
    frame = pd.DataFrame({"symbol": ["A/1", "", None, float("nan"), pd.NA]}, index=["a", "b", "c", "d", "e"])
    assert rollcall_labels(frame).tolist() == ["A/1", "b", "c", "d", "e"]
    assert rollcall_labels(frame.drop(columns="symbol")).tolist() == ["a", "b", "c", "d", "e"]
    assert rollcall_labels(frame.iloc[:0]).tolist() == []


def test_a_version_is_named_by_its_year_its_day_or_its_symbol():
    frame = pd.DataFrame(
        {"symbol": ["A/1", "A/2", "A/3"], "date": pd.to_datetime(["2018-03-23", "2018-06-01", "2018-06-01"])},
        index=["1", "2", "3"],
    )
    assert version_names(frame.iloc[:1]) == {"1": "2018"}
    assert version_names(frame.iloc[:2]) == {"1": "23 March 2018", "2": "1 June 2018"}
    assert version_names(frame)["3"] == "A/3 (1 June 2018)"
    undated = frame.assign(date=[pd.NaT, *frame["date"][1:]])
    assert version_names(undated) == {"1": "A/1", "2": "A/2", "3": "A/3"}
    assert version_names(undated.assign(symbol="A/1")) == {"1": "1", "2": "2", "3": "3"}
