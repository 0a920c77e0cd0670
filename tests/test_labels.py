"""Names of roll calls, groups and members."""

import pandas as pd
import pytest

import voteshift as vs
from voteshift.labels import group_name, member_name, rollcall_labels, version_names


def test_a_roll_call_without_a_symbol_is_called_by_its_id() -> None:
    frame = pd.DataFrame({"symbol": ["A/1", "", None, float("nan"), pd.NA]}, index=["a", "b", "c", "d", "e"])
    assert rollcall_labels(frame).tolist() == ["A/1", "b", "c", "d", "e"]
    assert rollcall_labels(frame.drop(columns="symbol")).tolist() == ["a", "b", "c", "d", "e"]
    assert rollcall_labels(frame.iloc[:0]).tolist() == []


def test_a_version_is_named_by_its_year_its_day_or_its_symbol() -> None:
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


def test_every_group_of_the_bundled_record_has_a_name(everything: vs.RollCalls) -> None:
    groups = [group for group in everything.members["group"].dropna().unique() if group]
    names = [group_name(group) for group in groups]
    assert len(set(names)) == len(names) >= 5
    assert not [name for name in names if "_" in name or name.isupper()]
    assert group_name("Greens") == "Greens"


@pytest.mark.parametrize(
    ("official", "written"),
    [
        ("Democratic Republic of the Congo", "DR Congo"),
        ("Venezuela (Bolivarian Republic of)", "Venezuela"),
        ("Germany", "Germany"),
        ("Smith (Texas)", "Smith (Texas)"),
    ],
)
def test_official_names_are_shortened_and_others_kept(official: str, written: str) -> None:
    assert member_name(official) == written


def test_shortened_names_of_the_bundled_record_remain_different(everything: vs.RollCalls) -> None:
    names = everything.members["name"].map(member_name)
    assert names.is_unique
