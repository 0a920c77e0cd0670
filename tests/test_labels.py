"""Names of roll calls, groups and members."""

import pandas as pd
import pytest

import voteshift as vs
from voteshift.labels import group_name, member_name, rollcall_labels


def test_a_roll_call_without_a_symbol_is_called_by_its_id() -> None:
    frame = pd.DataFrame({"symbol": ["A/1", "", None, float("nan"), pd.NA]}, index=["a", "b", "c", "d", "e"])
    assert rollcall_labels(frame).tolist() == ["A/1", "b", "c", "d", "e"]
    assert rollcall_labels(frame.drop(columns="symbol")).tolist() == ["a", "b", "c", "d", "e"]
    assert rollcall_labels(frame.iloc[:0]).tolist() == []


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
