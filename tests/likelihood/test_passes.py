"""How a design is laid out for the kernels: blocks, periods, segments of rows, items that share columns."""

import numpy as np
import pytest

from likelihood.draws import NAMES, assert_close, draw
from voteshift.likelihood import Design, Spread, evaluate, evaluate_averaged, evaluate_reference, passes
from voteshift.likelihood.blocks import BLOCK, CHUNK
from voteshift.likelihood.passes import LANES, SMALL, prepare, prepare_whole


@pytest.mark.parametrize("n_periods", [1, 2, 7])
def test_blocks_hold_every_roll_call_once_and_one_period(n_periods):
    design, _ = draw(5, 20, 1700, n_periods=n_periods, shared=True)
    columns = prepare(design)
    begins, ends, periods, _ = columns.bounds.T
    np.testing.assert_array_equal(periods, columns.period)
    assert begins[0] == 0
    assert ends[-1] == columns.codes.shape[1]
    np.testing.assert_array_equal(begins[1:], ends[:-1])
    assert (ends - begins).max() <= BLOCK
    assert not (begins % LANES).any()
    found = []
    for begin, end, period, _ in columns.bounds:
        for column in range(begin, end):
            votes = columns.codes[:, column]
            same = (design.codes == votes[:, None]).all(axis=0) & (design.period == period)
            same &= design.item == columns.item[column]
            if same.any():
                found.append(int(np.flatnonzero(same)[0]))
            else:
                assert (votes < 0).all()
    assert sorted(found) == list(range(1700))


def test_no_roll_call_is_copied_where_there_is_one_period():
    design, _ = draw(1, 20, 100)
    assert np.shares_memory(prepare(design).codes, design.codes)


@pytest.mark.parametrize("shape", [(3000, 70), (130, 5000), (200, 1000)])
def test_segments_hold_whole_chunks_of_all_rows(shape):
    design, _ = draw(2, *shape)
    columns = prepare(design)
    assert columns.step <= CHUNK
    assert columns.segment_rows % columns.step == 0
    assert (
        (columns.n_segments - 1) * columns.segment_rows
        < shape[0]
        <= columns.n_segments * columns.segment_rows
    )
    # Enough units for threads where there is enough to do.
    assert design.codes.size < SMALL or columns.n_segments * len(columns.bounds) >= 8


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("information", [None, "observed", "expected"])
@pytest.mark.parametrize("shape", [(1200, 200, 1), (70, 3000, 40)])
def test_threads_and_layouts_leave_no_trace(link, information, shape):
    n_members, n_rollcalls, n_periods = shape
    design, at = draw(
        4, n_members, n_rollcalls, kinds=3, n_periods=n_periods, shared=n_periods > 1, missing=0.3
    )
    codes = design.codes.copy()
    codes[: n_members // 3, : n_rollcalls // 2] = -1  # members that sat in some of the periods alone
    design = Design(codes, np.sort(design.period), design.item, design.n_categories, n_periods)
    one = evaluate(design, *at, link=link, information=information, threads=1)
    assert_close(one, evaluate_reference(design, *at, link=link, information=information), 1e-10)
    for threads in (2, 5):
        other = evaluate(design, *at, link=link, information=information, threads=threads)
        assert other.value == one.value
        for name in NAMES:
            np.testing.assert_array_equal(getattr(other, name), getattr(one, name))


@pytest.mark.parametrize("n_periods", [1, 6])
def test_blocks_of_a_long_record_hold_the_members_that_voted_in_them(n_periods):
    design, at = draw(5, 300, 3000, n_periods=n_periods, missing=0.2)
    period = np.sort(design.period)
    codes = design.codes.copy()
    first = np.linspace(0, 2400, 300).astype(int)  # every member has a seat for a fifth of the record
    place = np.arange(3000) - first[:, None]
    codes[(place < 0) | (place >= 600)] = -1
    codes[7] = -1  # a member without a vote
    design = Design(codes, period, design.item, design.n_categories, n_periods)
    columns = prepare(design)
    whole = prepare_whole(design)
    assert columns.seats is not None
    assert columns.codes.size < 0.5 * whole.codes.size
    assert (columns.codes >= 0).sum() == (codes >= 0).sum()
    for (begin, end, _, rows), members in zip(columns.bounds, columns.seats, strict=True):
        assert rows == len(members)
        np.testing.assert_array_equal(columns.codes[:rows, begin:end], whole.codes[members, begin:end])
    for information in (None, "observed"):
        want = evaluate_reference(design, *at, information=information)
        one = evaluate(design, *at, information=information, threads=1)
        assert_close(one, want, 1e-10)
        assert not one.positions[:, 7].any()
        other = evaluate(design, *at, information=information, threads=3)
        for name in NAMES:
            np.testing.assert_array_equal(getattr(other, name), getattr(one, name))
    rng = np.random.default_rng(0)
    items = np.column_stack([np.full(3000, 0.1), np.zeros(3000), np.full(3000, 0.1)])
    spread = Spread(rng.uniform(0.01, 0.2, at[0].shape[:2]), items)
    averaged = evaluate_averaged(design, *at, spread)
    parts = [
        evaluate_averaged(
            Design(np.ascontiguousarray(codes[members]), period, design.item, design.n_categories, n_periods),
            at[0][:, members],
            *at[1:],
            Spread(spread.positions[:, members], items),
        )
        for members in np.array_split(np.arange(300), 5)  # parts too small for blocks with seats
    ]
    assert averaged.value == pytest.approx(sum(part.value for part in parts), rel=1e-12)
    np.testing.assert_allclose(
        averaged.positions, np.concatenate([part.positions for part in parts], axis=1), atol=1e-10
    )


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("kinds", [2, 3])
@pytest.mark.parametrize("n_dims", [1, 2])
def test_every_kernel_reads_blocks_of_seated_members(link, kinds, n_dims, monkeypatch):
    monkeypatch.setattr(passes, "SMALL", 0)
    design, at = draw(6, 80, 700, kinds=kinds, n_dims=n_dims, n_periods=3, missing=0.3)
    codes = design.codes.copy()
    period = np.sort(design.period)
    codes[np.arange(80)[:, None] % 3 != period] = -1
    design = Design(codes, period, design.item, design.n_categories, 3)
    assert prepare(design).seats is not None
    for information in ("observed", "expected"):
        got = evaluate(design, *at, link=link, information=information)
        assert_close(got, evaluate_reference(design, *at, link=link, information=information), 1e-10)


def test_an_item_without_a_roll_call_may_have_any_parameters():
    design, (positions, slopes, cuts) = draw(6, kinds=3)
    idle = Design(
        design.codes, design.period, design.item, np.append(design.n_categories, np.int8(3)), design.n_periods
    )
    at = positions, np.append(slopes, [[np.nan]], axis=0), np.append(cuts, [[1.0, -1.0]], axis=0)
    got, want = evaluate(idle, *at), evaluate(design, positions, slopes, cuts)
    assert got.value == want.value
    np.testing.assert_array_equal(got.cutpoints[:-1], want.cutpoints)
    assert not got.cutpoints[-1].any()
    assert not got.discriminations[-1].any()


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("information", [None, "observed", "expected"])
@pytest.mark.parametrize("scale", [3.0, 7.0, 12.0, 40.0])
def test_kernels_give_way_to_each_other_without_a_seam(link, information, scale):
    # What reaches beyond the numbers of a fast kernel is done by the general one.
    design, (positions, slopes, cuts) = draw(8, 70, 90, kinds="mixed", gap=(-1.0, 0.5))
    at = scale * positions / np.abs(positions).max(), slopes, cuts
    got = evaluate(design, *at, link=link, information=information)
    want = evaluate_reference(design, *at, link=link, information=information)
    assert_close(got, want, 1e-10)


@pytest.mark.parametrize("scale", [1.0, 40.0])
def test_float32_gives_way_too(scale):
    design, (positions, slopes, cuts) = draw(9, 70, 90, kinds=3)
    at = scale * positions, slopes, cuts
    single, double = (evaluate(design, *at, precision=precision) for precision in ("float32", "float64"))
    assert single.precision == "float32"
    assert single.value == pytest.approx(double.value, rel=1e-6)


@pytest.mark.parametrize("information", ["observed", "expected"])
def test_two_categories_beside_three_far_out(information):
    # The second cutpoint that the item with two does not have leaves numbers that can be divided by.
    codes = np.array([[0, 0], [1, 1], [0, 2], [1, 0]], dtype=np.int8)
    columns = np.arange(2, dtype=np.int32)
    design = Design(codes, np.zeros_like(columns), columns, np.array([2, 3], dtype=np.int8))
    at = np.array([[[-8.0], [8.0], [7.0], [-7.0]]]), np.array([[2.5], [0.1]]), np.tile([-0.2, 0.4], (2, 1))
    got = evaluate(design, *at, link="probit", information=information)
    want = evaluate_reference(design, *at, link="probit", information=information)
    assert_close(got, want, 1e-10)
