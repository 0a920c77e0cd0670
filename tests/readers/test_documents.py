"""Tables of statements and sponsors."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.datasets import load_documents
from voteshift.readers import read_documents

ROW = {"member": "AAA", "rollcall": "r1", "kind": "sponsor", "stance": "supports", "source": "draft"}


@pytest.fixture
def small() -> vs.RollCalls:
    members = pd.DataFrame({"name": ["Alpha", "France"]}, index=["AAA", "FRA"])
    rollcalls = pd.DataFrame({"symbol": ["X/1", "X/2"]}, index=["r1", "r2"])
    return vs.RollCalls(np.array([[2, 0], [0, 1]], dtype=np.int8), members, rollcalls)


def rows(*changes: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame([ROW | change for change in changes])


def test_members_and_roll_calls_are_found_by_name_and_symbol(small, tmp_path):
    frame = rows({}, {"member": "alpha", "rollcall": "X/2"}, {"member": "FRANCE"}, {"member": "Atlantis"})
    found = read_documents(frame, small)
    assert found["member"].tolist() == ["AAA", "AAA", "FRA", "Atlantis"]
    assert found["rollcall"].tolist() == ["r1", "r2", "r1", "r1"]
    path = tmp_path / "documents.csv"
    frame.to_csv(path, index=False)
    pd.testing.assert_frame_equal(read_documents(path, small), found)
    pd.testing.assert_frame_equal(read_documents(str(path), small), found)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stance": "against"}, "stance 'against' is unknown .write supports, criticises or neutral"),
        ({"source": None}, "the source is blank .fill in the cell"),
        ({"member": " "}, "the member is blank"),
        ({"rollcall": "X/9"}, "no roll call has the symbol or id 'X/9'"),
        ({}, "the row occurs twice .remove one of the two rows"),
    ],
)
def test_a_row_that_is_not_valid_is_named(small, tmp_path, change, message):
    frame = rows({}, change)
    with pytest.raises(vs.InputError, match=f"the data frame:2: {message}"):
        read_documents(frame, small)
    path = tmp_path / "documents.csv"
    frame.to_csv(path, index=False)
    with pytest.raises(vs.InputError, match=rf"documents\.csv:3: {message}"):
        read_documents(path, small)


def test_a_column_that_is_missing_is_named(small):
    with pytest.raises(vs.InputError, match=r"no column contains the stance.*name the column 'stance'"):
        read_documents(rows({}).drop(columns="stance"), small)
    with pytest.raises(vs.InputError, match="has no rows"):
        read_documents(rows({}).iloc[:0], small)


def test_the_bundled_documents_are_valid_and_concern_one_vote(record):
    found = read_documents(load_documents(), record)
    assert set(found["rollcall"]) == {"27478"}
    assert (found["kind"] == "sponsor").sum() == 19
    votes = record.select(rollcalls=["27478"])
    seated = votes.members.index[votes.votes[:, 0] != vs.Vote.NOT_MEMBER]
    spoke = found[found["kind"] != "sponsor"]
    assert spoke["member"].isin(seated).all()
    assert len(spoke) == 14 + 7  # one of the fourteen spoke for seven others with a seat
    assert spoke["kind"].str.contains("European Union").sum() == 7
