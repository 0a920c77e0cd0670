import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from voteshift import InputError, RollCalls, UsageError, Vote

codes = st.sampled_from([-3, -2, -1, 0, 1, 2])


@st.composite
def records(draw: st.DrawFn) -> RollCalls:
    """A record on some of ten members and ten ids, so that parts overlap in both."""
    names = st.sampled_from("abcdefghij")
    members = draw(st.lists(names, min_size=1, max_size=5, unique=True))
    rollcalls = draw(st.lists(names, min_size=0, max_size=4, unique=True))
    shape = (len(members), len(rollcalls))
    cells = draw(st.lists(codes, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]))
    votes = np.array(cells, dtype=np.int8).reshape(shape)
    frame = pd.DataFrame({"title": [f"on {name}" for name in rollcalls]}, index=rollcalls)
    return RollCalls(votes, pd.DataFrame({"name": [m.upper() for m in members]}, index=members), frame)


@given(parts=st.lists(records(), min_size=1, max_size=3))
def test_nothing_is_lost(parts: list[RollCalls]) -> None:
    chambers = ["one", "two", "three"][: len(parts)]
    joint = RollCalls.concat(parts, chambers=chambers)
    assert set(joint.members.index) == {member for part in parts for member in part.members.index}
    assert joint.votes.shape[1] == sum(part.votes.shape[1] for part in parts)
    for part, chamber in zip(parts, chambers, strict=True):
        of_it = (joint.rollcalls["chamber"] == chamber).to_numpy(bool)
        votes = pd.DataFrame(joint.votes[:, of_it], index=joint.members.index)
        inside = votes.loc[part.members.index]
        assert np.array_equal(inside.to_numpy(), part.votes)
        assert (votes.drop(index=part.members.index) == Vote.NOT_MEMBER).all(axis=None)
        back = [label.removeprefix(f"{chamber}:") for label in joint.rollcalls.index[of_it]]
        assert back == part.rollcalls.index.tolist()
        assert joint.rollcalls["title"][of_it].tolist() == part.rollcalls["title"].tolist()
        assert joint.members["name"].loc[part.members.index].equals(part.members["name"])


def record(members: dict[str, str], rollcalls: list[str], **facts: list[object]) -> RollCalls:
    votes = np.full((len(members), len(rollcalls)), Vote.YES, dtype=np.int8)
    frame = pd.DataFrame({"group": list(members.values())}, index=list(members))
    return RollCalls(votes, frame, pd.DataFrame(facts, index=rollcalls))


def test_only_ids_and_families_of_two_chambers_are_marked() -> None:
    title = ["On fish", "On fish"]
    one = record({"a": ""}, ["1", "2"], title=title)
    two = record({"a": "", "b": "X"}, ["2", "3"], title=title, yes=pd.array([2, 2], dtype="Int64"))
    joint = RollCalls.concat([one, two], chambers=("council", "assembly"))
    assert joint.rollcalls.index.tolist() == ["1", "council:2", "assembly:2", "3"]
    assert joint.rollcalls["family"].tolist() == [
        "council:fish",
        "council:fish",
        "assembly:fish",
        "assembly:fish",
    ]
    assert joint.rollcalls["yes"].tolist() == [pd.NA, pd.NA, 2, 2]
    assert joint.rollcalls["yes"].dtype == "Int64"
    assert joint.members["group"].tolist() == ["", "X"]
    assert joint.to_wide().loc["b"].tolist() == ["not a member", "not a member", "yes", "yes"]


def test_facts_keep_their_kind() -> None:
    one = record({"a": ""}, ["1"], date=["2001-02-03"], reconciled=[False], odd=[1.5])
    two = record({"a": ""}, ["2"], amendment=[True])
    frame = RollCalls.concat([one, two], chambers=("x", "y")).rollcalls
    assert frame["date"].tolist() == [pd.Timestamp("2001-02-03"), pd.NaT]
    assert frame["reconciled"].tolist() == [False, True]
    assert frame["amendment"].tolist() == [False, True]
    assert frame["odd"].iloc[0] == 1.5
    assert pd.isna(frame["odd"].iloc[1])


def test_contradictions_about_a_member_are_refused() -> None:
    parts = [record({"a": "WEOG"}, ["1"]), record({"a": "EEG"}, ["2"])]
    with pytest.raises(InputError, match="'group' of member a is 'WEOG' in x and 'EEG' in y"):
        RollCalls.concat(parts, chambers=("x", "y"))


@pytest.mark.parametrize("chambers", [("x",), ("x", "x"), ("x", ""), ("x", "y", "z")])
def test_every_record_needs_a_name_of_its_own(chambers: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="2 records need as many different chamber names"):
        RollCalls.concat([record({"a": ""}, ["1"]), record({"a": ""}, ["2"])], chambers=chambers)


def test_a_record_of_chambers_is_not_joined_again() -> None:
    joint = RollCalls.concat([record({"a": ""}, ["1"])], chambers=["x"])
    with pytest.raises(UsageError, match="already consists of several chambers"):
        RollCalls.concat([joint], chambers=["y"])


def test_council_and_assembly(record: RollCalls, assembly: RollCalls) -> None:
    joint = RollCalls.concat([record, assembly], chambers=("council", "assembly"))
    assert joint.votes.shape == (201, 908 + 6203)
    assert (joint.votes >= 0).sum() == (record.votes >= 0).sum() + 870_109
    assert joint.polarity == "USA"
    council = joint.rollcalls["chamber"] == "council"
    nauru = joint.votes[joint.members.index.get_loc("NRU")]
    assert (nauru[council.to_numpy()] == Vote.NOT_MEMBER).all()
    assert joint.rollcalls.loc["27478", "session"] == record.rollcalls.loc["27478", "session"]
