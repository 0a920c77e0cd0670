"""The compiled likelihood against the plain one, and both against finite differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from likelihood.draws import NAMES, assert_close, draw
from voteshift.likelihood import Design, cross_information, evaluate, evaluate_reference
from voteshift.likelihood.reference import cross_information_reference

LINKS = ("logit", "probit")
INFORMATION = (None, "observed", "expected")


@st.composite
def drawn(draw_from):
    return draw(
        draw_from(st.integers(0, 2**32)),
        n_members=draw_from(st.sampled_from([1, 2, 3, 5, 60, 61, 130])),
        n_rollcalls=draw_from(st.sampled_from([1, 2, 7, 33])),
        n_dims=draw_from(st.integers(1, 3)),
        kinds=draw_from(st.sampled_from([2, 3, "mixed"])),
        n_periods=draw_from(st.integers(1, 4)),
        shared=draw_from(st.booleans()),
        missing=draw_from(st.sampled_from([0.0, 0.2, 0.9])),
        lopsided=draw_from(st.sampled_from([0.0, 0.95])),
        gap=draw_from(st.sampled_from([(-2.0, 0.5), (-9.0, -8.0), (-4.0, 0.0)])),
    )


@settings(deadline=None, max_examples=150)
@given(drawn(), st.sampled_from(LINKS), st.sampled_from(INFORMATION))
def test_any_design_agrees_with_the_reference(given_design, link, information):
    design, at = given_design
    got = evaluate(design, *at, link=link, information=information)
    want = evaluate_reference(design, *at, link=link, information=information)
    assert_close(got, want, 1e-10)
    assert got.precision == "float64"


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("information", INFORMATION)
@pytest.mark.parametrize("n_dims", [1, 2])
@pytest.mark.parametrize("kinds", [2, 3, "mixed"])
def test_blocks_of_columns_and_chunks_of_rows_add_up(link, information, n_dims, kinds):
    design, at = draw(1, n_members=130, n_rollcalls=2100, n_dims=n_dims, kinds=kinds, missing=0.1)
    got = evaluate(design, *at, link=link, information=information)
    assert_close(got, evaluate_reference(design, *at, link=link, information=information), 1e-10)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("evaluated", [evaluate, evaluate_reference])
@pytest.mark.parametrize("n_dims", [1, 2, 3])
def test_gradient_and_observed_information_are_the_derivatives(link, evaluated, n_dims):
    design, at = draw(
        7, n_members=9, n_rollcalls=12, n_dims=n_dims, n_periods=2, shared=True, gap=(-0.5, 0.3)
    )
    flat = np.concatenate([np.nan_to_num(part).ravel() for part in at])
    shapes = [part.shape for part in at]

    def parts(vector):
        ends = np.cumsum([np.prod(shape) for shape in shapes])[:-1]
        return [piece.reshape(shape) for piece, shape in zip(np.split(vector, ends), shapes, strict=True)]

    def gradient(vector):
        at_vector = evaluated(design, *parts(vector), link=link)
        return np.concatenate([getattr(at_vector, name).ravel() for name in NAMES[:3]])

    def value(vector):
        return evaluated(design, *parts(vector), link=link).value

    step = 1e-5
    steps = step * np.eye(len(flat))
    slope = np.array([value(flat + e) - value(flat - e) for e in steps]) / (2 * step)
    np.testing.assert_allclose(gradient(flat), slope, rtol=0, atol=2e-8 * np.abs(slope).max())
    hessian = np.array([gradient(flat + e) - gradient(flat - e) for e in steps]) / (2 * step)
    blocks = evaluated(design, *at, link=link, information="observed")
    n_positions = at[0].size
    index = np.arange(n_positions).reshape(-1, n_dims)
    for rows, block in zip(index, blocks.position_information.reshape(-1, n_dims, n_dims), strict=True):
        np.testing.assert_allclose(block, -hessian[np.ix_(rows, rows)], rtol=0, atol=1e-6)
    slopes = n_positions + np.arange(at[1].size).reshape(-1, n_dims)
    cuts = n_positions + at[1].size + np.arange(at[2].size).reshape(-1, 2)
    for item, block in enumerate(blocks.item_information):
        rows = np.concatenate([slopes[item], cuts[item]])
        np.testing.assert_allclose(block, -hessian[np.ix_(rows, rows)], rtol=0, atol=1e-6)


@pytest.mark.parametrize("link", LINKS)
def test_cross_information_is_the_mixed_derivative(link):
    design, (positions, slopes, cuts) = draw(
        3, n_members=4, n_rollcalls=5, n_dims=2, kinds=3, gap=(-0.5, 0.3)
    )
    cross = cross_information(design, positions, slopes, cuts, link=link)
    step = 1e-5
    for member in range(4):
        for d in range(2):
            shift = np.zeros_like(positions)
            shift[0, member, d] = step
            up = evaluate_reference(design, positions + shift, slopes, cuts, link=link)
            down = evaluate_reference(design, positions - shift, slopes, cuts, link=link)
            by_slope = (down.discriminations - up.discriminations) / (2 * step)
            by_cut = (down.cutpoints - up.cutpoints) / (2 * step)
            np.testing.assert_allclose(cross[member, :, d, :2], by_slope, rtol=0, atol=1e-7)
            np.testing.assert_allclose(cross[member, :, d, 2:], by_cut, rtol=0, atol=1e-7)


@settings(deadline=None, max_examples=60)
@given(drawn(), st.sampled_from(LINKS), st.sampled_from(INFORMATION[1:]), st.integers(0, 40))
def test_compiled_cross_information_agrees_with_the_reference(given_design, link, information, begin):
    design, at = given_design
    options = {"columns": slice(begin, begin + 20), "link": link, "information": information}
    got = cross_information(design, *at, **options)
    want = cross_information_reference(design, *at, **options)
    assert got.shape == want.shape
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-11 * np.abs(want).max(initial=1.0))


@pytest.mark.parametrize("link", LINKS)
def test_expected_information_is_the_mean_of_the_observed(link):
    design, at = draw(2, n_members=3, n_rollcalls=4, kinds=3, missing=0.0, gap=(-0.5, 0.3))
    expected = evaluate(design, *at, link=link, information="expected")
    total = np.zeros_like(expected.item_information)
    # Each cell by itself in each category, weighted by its probability.
    for row in range(3):
        for column in range(4):
            for category in range(3):
                codes = np.full((3, 4), -1, dtype=np.int8)
                codes[row, column] = category
                one = Design(codes, design.period, design.item, design.n_categories)
                observed = evaluate_reference(one, *at, link=link, information="observed")
                total += np.exp(observed.value) * observed.item_information
    np.testing.assert_allclose(expected.item_information, total, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("kinds", [2, 3])
def test_certain_and_impossible_votes(link, sign, kinds):
    far = 40.0 if link == "logit" else 30.0
    codes = np.repeat(np.array([[0], [kinds - 1]], dtype=np.int8), 5, axis=1)
    design = Design(codes, np.zeros(5, np.int32), np.arange(5, dtype=np.int32), np.full(5, kinds, np.int8))
    at = np.array([[[-1.0], [1.0]]]), np.full((5, 1), sign * far), np.tile([0.0, 1e-2], (5, 1))
    for information in INFORMATION:
        got = evaluate(design, *at, link=link, information=information)
        assert_close(got, evaluate_reference(design, *at, link=link, information=information), 1e-10)
        assert np.isfinite(got.value)


@pytest.mark.parametrize(("link", "far"), [("logit", 20.0), ("probit", 6.0)])
@pytest.mark.parametrize("kinds", [2, 3])
def test_a_sum_of_nearly_certain_votes_keeps_its_digits(link, far, kinds):
    codes = np.repeat(np.array([[0], [kinds - 1]], dtype=np.int8), 5, axis=1)
    design = Design(codes, np.zeros(5, np.int32), np.arange(5, dtype=np.int32), np.full(5, kinds, np.int8))
    at = np.array([[[-1.0], [1.0]]]), np.full((5, 1), far), np.tile([0.0, 1e-2], (5, 1))
    want = evaluate_reference(design, *at, link=link)
    assert -1e-6 < want.value < 0.0
    assert_close(evaluate(design, *at, link=link), want, 1e-10)


@pytest.mark.parametrize("link", LINKS)
def test_absurd_parameters_stay_right(link):
    design, (positions, slopes, cuts) = draw(4, n_members=70, kinds=3)
    at = 1e3 * positions, slopes, cuts
    got = evaluate(design, *at, link=link, information="observed")
    assert_close(got, evaluate_reference(design, *at, link=link), 1e-10, NAMES[:3])
    assert np.isfinite(got.position_information).all()
    assert np.isfinite(got.item_information).all()


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (5, 5)])
def test_nobody_voted(link, shape):
    columns = np.arange(shape[1], dtype=np.int32)
    kinds = np.full(shape[1], 3, np.int8)
    design = Design(np.full(shape, -1, np.int8), np.zeros_like(columns), columns, kinds)
    at = np.zeros((1, shape[0], 1)), np.ones((shape[1], 1)), np.tile([0.0, 1.0], (shape[1], 1))
    got = evaluate(design, *at, link=link, information="observed")
    assert got.value == 0.0
    assert not any(getattr(got, name).any() for name in NAMES)


def test_parameters_that_do_not_fit_are_refused():
    design, (positions, slopes, cuts) = draw(1, kinds=3)
    with pytest.raises(ValueError, match="positions"):
        evaluate(design, positions[:, 1:], slopes, cuts)
    with pytest.raises(ValueError, match="discriminations"):
        evaluate(design, positions, slopes[1:], cuts)
    with pytest.raises(ValueError, match="cutpoints must have shape"):
        evaluate(design, positions, slopes, cuts[1:])
    with pytest.raises(ValueError, match="must increase"):
        evaluate(design, positions, slopes, cuts[:, ::-1])
    with pytest.raises(ValueError, match="link"):
        evaluate(design, positions, slopes, cuts, link="cauchit")
    with pytest.raises(ValueError, match="precision"):
        evaluate(design, positions, slopes, cuts, precision="float16")
    with pytest.raises(ValueError, match="information"):
        evaluate(design, positions, slopes, cuts, information="empirical")
