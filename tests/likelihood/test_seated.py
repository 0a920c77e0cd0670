import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray

from long_records import chamber, matrices, small_blocks
from voteshift.blocks import store_matrix
from voteshift.likelihood import Design, Spread, evaluate, evaluate_averaged
from voteshift.likelihood.averaged import averaged_cross_information
from voteshift.likelihood.cross import cross_information
from voteshift.likelihood.passes import prepare
from voteshift.likelihood.seated import seat_votes
from voteshift.store import Store, find_voting


def in_blocks(votes: NDArray[np.int8]) -> Store:
    with small_blocks():
        return store_matrix(votes)


@given(votes=matrices())
def test_any_part_is_that_of_the_matrix(votes: NDArray[np.int8]) -> None:
    store = in_blocks(votes)
    seated = seat_votes(store)
    expected = np.maximum(votes, np.int8(-1))
    columns = np.arange(votes.shape[1])[::-2]
    members = np.arange(votes.shape[0])[::-1]
    part = seated.matrix(columns, members)
    assert np.array_equal(np.maximum(part, np.int8(-1)), expected[members][:, columns])
    assert np.array_equal(seated.voting_members(columns), np.flatnonzero(find_voting(store, columns)))
    doubled = seated.mapped(lambda codes, chosen: np.where(codes < 0, codes, codes + chosen).astype(np.int8))
    shifted = np.where(votes < 0, -1, votes + np.arange(votes.shape[1]))
    every = doubled.matrix(np.arange(votes.shape[1]))
    assert np.array_equal(np.maximum(every, -1), shifted)


def designs(*, three: bool, recorded: bool = False) -> tuple[Design, Design]:
    """The same long record as a matrix and in blocks: ten periods of 40 roll calls, some on shared items."""
    rng = np.random.default_rng(4)
    votes = chamber(10, 60, 40)
    if three:
        votes[(votes == 2) & (rng.random(votes.shape) < 0.4)] = 1
    elif not recorded:
        votes[votes == 2] = 1
    period = np.repeat(np.arange(10, dtype=np.int32), 40)
    # The roll calls are not sorted by period, and the columns of blocks not in the order of the design.
    order = rng.permutation(votes.shape[1])
    item = np.arange(votes.shape[1], dtype=np.int32)
    item[::20] = 0
    item = np.unique(item, return_inverse=True)[1].astype(np.int32)
    kinds = np.full(item.max() + 1, 3 if three else 2, dtype=np.int8)
    rest = period[order], item, kinds, 10, recorded
    held = votes[:, order]
    dense = np.ascontiguousarray(held if recorded else np.maximum(held, np.int8(-1)))
    return Design(dense, *rest), Design(in_blocks(held), *rest)


def point(design: Design) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng(7)
    positions = rng.standard_normal((design.n_periods, design.n_members, 1))
    cuts = np.sort(rng.standard_normal((design.n_items, 2)), axis=1) + np.array([0.0, 0.5])
    return positions, rng.standard_normal((design.n_items, 1)), cuts


@pytest.mark.parametrize("three", [True, False])
@pytest.mark.parametrize("recorded", [True, False])
@pytest.mark.parametrize("link", ["logit", "probit"])
def test_the_likelihood_is_the_same_to_the_last_bit(three: bool, recorded: bool, link: str) -> None:
    dense, blocked = designs(three=three, recorded=recorded)
    assert dense.n_cells == 600 * 400
    one = evaluate(dense, *point(dense), link=link, information="expected")
    other = evaluate(blocked, *point(blocked), link=link, information="expected")
    assert "_matrix" not in vars(blocked)
    assert one.value == other.value
    for name in ("positions", "discriminations", "cutpoints", "position_information", "item_information"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    columns, whole = prepare(blocked), prepare(dense)
    assert np.array_equal(np.maximum(columns.codes, -1), np.maximum(whole.codes, -1))
    for name in ("bounds", "period", "item", "three", "n_middle", "order", "firsts", "present"):
        assert np.array_equal(getattr(columns, name), getattr(whole, name)), name
    assert columns.seats is not None
    assert (columns.step, columns.n_segments) == (whole.step, whole.n_segments)


def test_counts_parts_and_codes_are_those_of_the_matrix() -> None:
    dense, blocked = designs(three=False, recorded=True)
    assert np.array_equal(dense.count_votes(), blocked.count_votes())
    assert dense.count_votes().sum() == (dense.votes >= 0).sum()
    assert np.array_equal(dense.count_voters(), blocked.count_voters())
    members = np.array([5, 2, 599])
    for columns in (slice(3, 90), np.array([7, 1])):
        for rows in (None, members):
            one, other = dense.part(columns, rows), blocked.part(columns, rows)
            assert np.array_equal(np.maximum(one, -1), np.maximum(other, -1))
            assert other.flags.c_contiguous
    again = Design(blocked.coded, blocked.period, blocked.item, blocked.n_categories, 10)
    assert "_matrix" not in vars(blocked)
    assert np.array_equal(again.votes, dense.codes)
    assert np.array_equal(blocked.codes, dense.codes)
    assert np.array_equal(blocked.by_rollcall.votes, dense.by_rollcall.votes)


@pytest.mark.parametrize("three", [True, False])
def test_mixed_derivatives_of_some_members_are_those_of_all(three: bool) -> None:
    dense, blocked = designs(three=three)
    members, columns = np.array([0, 17, 300]), slice(10, 50)
    every = cross_information(dense, *point(dense), columns=columns)
    some = cross_information(blocked, *point(blocked), columns=columns, members=members)
    assert np.array_equal(every[members], some)
    shape = dense.n_periods, dense.n_members
    spread = Spread(np.full(shape, 0.1), np.tile([0.2, 0.01, 0.3], (dense.n_items, 1)))
    every = averaged_cross_information(dense, *point(dense), spread, columns=columns)
    some = averaged_cross_information(blocked, *point(blocked), spread, columns=columns, members=members)
    assert np.array_equal(every[members], some)
    one = evaluate_averaged(dense, *point(dense), spread)
    other = evaluate_averaged(blocked, *point(blocked), spread)
    assert one.value == other.value
    assert np.array_equal(one.positions, other.positions)


def test_a_code_that_is_not_a_category_of_its_item_is_an_error() -> None:
    _, blocked = designs(three=True)
    kinds = np.full(blocked.n_items, 2, dtype=np.int8)
    with pytest.raises(ValueError, match="not among the categories"):
        Design(blocked.coded, blocked.period, blocked.item, kinds, 10)
