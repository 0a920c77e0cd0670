import copy
import pickle
from dataclasses import replace

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from numpy.typing import NDArray

from long_records import chamber, matrices, small_blocks
from voteshift import RollCalls, UsageError, Vote, store
from voteshift.blocks import store_matrix
from voteshift.store import (
    Store,
    count_votes,
    dense_part,
    find_categories,
    find_seated,
    find_voting,
    join_stores,
    list_seats,
    make_matrix,
    present_categories,
    take_part,
)


def record(votes: NDArray[np.int8] | Store, **columns: object) -> RollCalls:
    members = pd.DataFrame(index=[f"m{row}" for row in range(votes.shape[0])])
    dates = pd.date_range("2001-01-01", periods=votes.shape[1])
    frame = pd.DataFrame({"date": dates, **columns}, index=[f"r{k}" for k in range(votes.shape[1])])
    return RollCalls(votes, members, frame)


def pair(votes: NDArray[np.int8]) -> tuple[RollCalls, RollCalls]:
    """The same record as a matrix and in blocks."""
    with small_blocks():
        held = store_matrix(votes)
    return record(votes), record(held)


def assert_same(one: RollCalls, other: RollCalls) -> None:
    assert np.array_equal(one.votes, other.votes)
    assert one.members.equals(other.members)
    assert one.rollcalls.equals(other.rollcalls)


@given(votes=matrices())
def test_counts_are_those_of_the_matrix(votes: NDArray[np.int8]) -> None:
    with small_blocks():
        held = store_matrix(votes)
    for vote, count in count_votes(held).items():
        assert np.array_equal(count, (votes == vote).sum(axis=0))
    assert np.array_equal(find_categories(held), present_categories(votes))
    assert np.array_equal(find_seated(held), (votes != Vote.NOT_MEMBER).any(axis=1))
    assert np.array_equal(find_voting(held), (votes >= 0).any(axis=1))
    assert np.array_equal(find_voting(held, slice(0, 1)), votes[:, 0] >= 0)


@given(votes=matrices())
def test_seats_are_listed_in_both_orders(votes: NDArray[np.int8]) -> None:
    with small_blocks():
        held = store_matrix(votes)
    row, column = np.nonzero(votes != Vote.NOT_MEMBER)
    listed = list_seats(held, by_member=True)
    for part, expected in zip(listed, (row, column, votes[row, column]), strict=True):
        assert np.array_equal(part, expected)
    column, row = np.nonzero((votes != Vote.NOT_MEMBER).T)
    for part, expected in zip(list_seats(held), (row, column, votes[row, column]), strict=True):
        assert np.array_equal(part, expected)


@given(votes=matrices(), data=st.data())
def test_a_part_is_that_of_the_matrix(votes: NDArray[np.int8], data: st.DataObject) -> None:
    rows = data.draw(st.permutations(range(votes.shape[0])))
    columns = data.draw(st.permutations(range(votes.shape[1])))
    rows = np.array(rows[: data.draw(st.integers(0, len(rows)))], dtype=np.intp)
    columns = np.array(columns[: data.draw(st.integers(0, len(columns)))], dtype=np.intp)
    with small_blocks():
        held = store_matrix(votes)
        part = take_part(held, rows, columns)
        again = take_part(part, slice(None, None, -1), slice(1, None))
    expected = votes[rows][:, columns]
    assert np.array_equal(make_matrix(part), expected)
    assert np.array_equal(make_matrix(again), expected[::-1, 1:])
    assert np.array_equal(dense_part(held, rows, columns), expected)


@given(votes=matrices(), other=matrices())
def test_stores_are_joined(votes: NDArray[np.int8], other: NDArray[np.int8]) -> None:
    n_members = len(votes) + len(other)
    rows = np.arange(len(votes))[::-1], np.arange(len(other)) + len(votes)
    expected = np.full((n_members, votes.shape[1] + other.shape[1]), Vote.NOT_MEMBER, dtype=np.int8)
    expected[rows[0], : votes.shape[1]] = votes
    expected[rows[1], votes.shape[1] :] = other
    for small in (True, False):
        with small_blocks():
            stores = store_matrix(votes), store_matrix(other)
            joint = join_stores(stores, rows, n_members) if small else None
        joint = join_stores(stores, rows, n_members) if joint is None else joint
        assert np.array_equal(make_matrix(joint), expected)


@given(votes=matrices())
def test_a_record_in_blocks_has_the_public_face_of_a_matrix(votes: NDArray[np.int8]) -> None:
    whole, blocked = pair(votes)
    with small_blocks():
        assert_same(whole, blocked)
        assert_same(whole.contested(), blocked.contested())
        assert_same(whole.seated(), blocked.seated())
        assert_same(whole.between("2001-01-02", "2001-01-05"), blocked.between("2001-01-02", "2001-01-05"))
        ids = whole.members.index[::-2]
        assert_same(whole.select(members=ids), blocked.select(members=ids))
        assert whole.tally().equals(blocked.tally())
        assert whole.to_long().equals(blocked.to_long())
        assert whole.to_wide().equals(blocked.to_wide())
        assert repr(whole) == repr(blocked)
        assert_same(whole, copy.copy(blocked))
        assert_same(whole, copy.deepcopy(blocked))
        assert_same(whole, pickle.loads(pickle.dumps(blocked)))  # noqa: S301  written here
        parts = [blocked.select(rollcalls=[label]) for label in blocked.rollcalls.index]
        names = [str(k) for k in range(len(parts))]
        assert np.array_equal(RollCalls.concat(parts, chambers=names).votes, votes)
        words = whole.to_long()
        if len(words):
            members, rollcalls = whole.members, whole.rollcalls
            assert_same(whole, RollCalls.from_long(words, members=members, rollcalls=rollcalls))


def test_totals_of_a_part_of_the_members_are_dropped_only_if_others_voted() -> None:
    votes = np.array([[2, -3], [2, -3], [-3, 0], [-3, 0]], dtype=np.int8)
    with small_blocks():
        blocked = record(store_matrix(votes), yes=[2, 0])
        assert "yes" in blocked.between("2001-01-01", "2001-01-01").select(members=["m0", "m1"]).rollcalls
        assert "yes" not in blocked.select(members=["m0", "m1"]).rollcalls


def test_a_large_record_with_few_seats_is_stored_in_blocks_and_builds_its_matrix_once() -> None:
    votes = chamber(30, 40, 60)
    long = record(votes)
    assert long.store.n_blocks == 30
    assert "_votes" not in vars(long)
    assert long.votes is long.votes
    assert np.array_equal(long.votes, votes)
    with pytest.raises(ValueError, match="read-only"):
        long.votes[0, 0] = 1


def test_a_small_record_is_its_matrix() -> None:
    small = record(chamber(2, 5, 3))
    assert small.store.is_matrix
    assert np.shares_memory(small.store.codes, small.votes)


def test_arrays_of_a_store_cannot_be_made_writable() -> None:
    with small_blocks():
        held = store_matrix(chamber(3, 10, 4))
    for copied in (held, copy.deepcopy(held), take_part(held, slice(0, 9), slice(0, 3))):
        for name in ("columns", "rows", "codes", "ends"):
            with pytest.raises(ValueError, match="cannot set WRITEABLE"):
                getattr(copied, name).setflags(write=True)


def test_a_matrix_larger_than_half_the_memory_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    long = record(chamber(30, 40, 60))
    monkeypatch.setattr(store, "_memory", lambda: 4_000_000)
    with pytest.raises(UsageError, match=r"0\.0 GB \(1,200 members x 1,800 roll calls\)") as caught:
        _ = long.votes
    assert "between()" in str(caught.value)
    assert long.tally()["members"].max() <= 40
    assert long.between("2001-01-01", "2001-01-09").votes.shape == (1200, 9)
    monkeypatch.setattr(store, "_memory", lambda: None)
    assert long.votes.shape == (1200, 1800)


def test_an_unknown_code_in_a_store_is_an_error() -> None:
    with small_blocks():
        held = store_matrix(np.array([[2, 7]], dtype=np.int8))
    with pytest.raises(Exception, match="unknown vote code 7"):
        record(held)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"codes": np.zeros(3, dtype=np.int8)}, "do not fill"),
        ({"codes": np.zeros(4)}, "type int8"),
        ({"rows": np.array([1, 0], dtype=np.int32)}, "ascending"),
        ({"rows": np.array([0, 2], dtype=np.int32)}, "not in the record"),
        ({"columns": np.array([0, 0], dtype=np.int32)}, "exactly one block"),
        ({"columns": np.array([1, 0], dtype=np.int32)}, "ascending"),
        ({"ends": np.array([[2, 1]])}, "do not match"),
    ],
)
def test_a_store_whose_arrays_contradict_each_other_is_an_error(
    changes: dict[str, object], message: str
) -> None:
    held = store_matrix(np.array([[2, 0], [1, 1]], dtype=np.int8))
    with pytest.raises(ValueError, match=message):
        replace(held, **changes)
