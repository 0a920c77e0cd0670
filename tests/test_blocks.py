import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray

from long_records import chamber, matrices, small_blocks
from voteshift import Vote
from voteshift.blocks import choose_blocks, store_matrix, store_seats
from voteshift.store import list_seats, make_matrix


@given(votes=matrices())
def test_a_matrix_is_the_same_after_it_was_stored(votes: NDArray[np.int8]) -> None:
    with small_blocks():
        held = store_matrix(votes)
        matrix = make_matrix(held)
    assert np.array_equal(matrix, votes)
    assert matrix.dtype == np.int8
    seats = sum(len(block.rows) * len(block.columns) for block in held.blocks())
    assert len(held.codes) == seats


@given(votes=matrices(), seed=st.integers(0, 100))
def test_a_list_of_seats_in_any_order_gives_the_matrix(votes: NDArray[np.int8], seed: int) -> None:
    row, column = np.nonzero(votes != Vote.NOT_MEMBER)
    order = np.random.default_rng(seed).permutation(len(row))
    row, column = row[order], column[order]
    with small_blocks():
        held = store_seats(row, column, votes[row, column], votes.shape)
        same = store_matrix(votes)
    assert np.array_equal(make_matrix(held), votes)
    for name in ("columns", "rows", "codes", "ends"):
        assert np.array_equal(getattr(held, name), getattr(same, name))


def test_a_seat_listed_as_not_a_member_is_no_seat() -> None:
    code = np.array([2, -3, 0], dtype=np.int8)
    with small_blocks():
        held = store_seats(np.array([0, 1, 2]), np.array([0, 0, 1]), code, (3, 2))
    assert list_seats(held)[2].tolist() == [2, 0]


def test_a_pair_that_occurs_twice_is_an_error() -> None:
    with small_blocks(), pytest.raises(ValueError, match="listed twice"):
        store_seats(np.array([1, 1]), np.array([0, 0]), np.array([2, 0], dtype=np.int8), (2, 1))


def test_a_small_or_full_matrix_is_one_block() -> None:
    assert store_matrix(chamber(3, 10, 4)).is_matrix
    full = np.full((1200, 1000), 2, dtype=np.int8)
    full[:, :200] = Vote.NOT_MEMBER
    assert store_matrix(full).is_matrix
    row, column = np.nonzero(full > 0)
    assert store_seats(row, column, full[row, column], full.shape).is_matrix


def test_a_long_record_takes_little_more_than_a_byte_for_each_seat() -> None:
    votes = chamber(30, 40, 60)
    held = store_matrix(votes)
    assert held.n_blocks == 30
    assert np.array_equal(make_matrix(held), votes)
    assert held.nbytes < 1.35 * (votes != Vote.NOT_MEMBER).sum()


def test_two_chambers_in_turn_are_two_blocks() -> None:
    votes = np.full((30, 40), Vote.NOT_MEMBER, dtype=np.int8)
    votes[:10, ::2] = Vote.YES
    votes[10:, 1::2] = Vote.NO
    with small_blocks():
        held = store_matrix(votes)
    assert [len(block.rows) for block in held.blocks()] == [10, 20]
    assert np.array_equal(make_matrix(held), votes)


def test_one_more_member_does_not_begin_a_block_and_a_new_chamber_does() -> None:
    seats = [np.arange(50)] * 20 + [np.arange(51)] * 20 + [np.arange(60, 110)] * 20
    starts = np.concatenate([[0], np.cumsum([len(part) for part in seats])])
    chosen = choose_blocks(starts, np.concatenate(seats).astype(np.int32), 110)
    assert [(columns[0], columns[-1], len(rows)) for columns, rows in chosen] == [(0, 39, 51), (40, 59, 50)]


def test_a_record_without_roll_calls_has_no_blocks() -> None:
    assert choose_blocks(np.array([0]), np.zeros(0, dtype=np.int32), 3) == []
