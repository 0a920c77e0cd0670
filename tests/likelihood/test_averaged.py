"""The averaged likelihood against plain NumPy, finite differences, and integration over all parameters."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from likelihood.draws import NAMES, assert_close, draw
from voteshift.likelihood import (
    Design,
    Evaluation,
    Spread,
    averaged_cross_information,
    evaluate,
    evaluate_averaged,
)
from voteshift.likelihood.blocks import BLOCK
from voteshift.likelihood.passes import SMALL
from voteshift.likelihood.terms import Link, VoteTerms, vote_terms

Floats = NDArray[np.float64]
Point = tuple[Floats, Floats, Floats]
LINKS: tuple[Link, ...] = ("logit", "probit")
N_NODES = 5


def draw_spread(seed: int, design: Design, size: float = 0.3) -> Spread:
    """Draw variances and covariances whose standard deviations are of order `size`."""
    rng = np.random.default_rng(seed)
    roots = size * rng.standard_normal((design.n_items, 2, 2))
    covariances = roots @ roots.transpose(0, 2, 1)
    return Spread(
        size**2 * rng.gamma(2.0, 0.5, (design.n_periods, design.n_members)),
        np.stack([covariances[:, 0, 0], covariances[:, 0, 1], covariances[:, 1, 1]], axis=1),
    )


class Cells(NamedTuple):
    """Limits of every vote around its midpoint, and the cutpoint that each limit is."""

    lower: Floats
    upper: Floats
    cast: NDArray[np.bool_]
    codes: NDArray[np.int8]
    three: NDArray[np.bool_]

    def first(self, by_lower: Floats, by_upper: Floats) -> Floats:
        """Take what belongs to the first cutpoint of the item."""
        middle = np.where(self.codes == 1, by_lower, 0.0)
        return np.where(self.cast, np.where(self.codes == 0, by_upper, middle), 0.0)

    def second(self, by_lower: Floats, by_upper: Floats) -> Floats:
        """Take what belongs to the second cutpoint of an item with three categories."""
        high = np.where(self.codes == 2, by_lower, 0.0)
        return np.where(self.cast & self.three, np.where(self.codes == 1, by_upper, high), 0.0)


def cells_of(design: Design, half: Floats) -> Cells:
    codes, three = design.codes, (design.n_categories == 3)[design.item]
    middle = (codes == 1) & three
    lower = np.where(codes <= 0, -np.inf, np.where(middle | ~three, -half, half))
    upper = np.where(codes <= 0, -half, np.where(middle, half, np.inf))
    return Cells(lower, upper, codes >= 0, codes, three)


def evaluate_plain(
    design: Design, at: Point, spread: Spread, link: Link
) -> tuple[Evaluation, Floats, Floats]:
    """Compute the averaged likelihood and both cross informations by the formulas of the kernels."""
    positions, slopes, cuts = at
    item, period = design.item, design.period
    three = design.n_categories == 3
    half = np.where(three, 0.5 * (cuts[:, 1] - cuts[:, 0]), 0.0)
    midpoint = np.where(three, cuts[:, 0] + half, cuts[:, 0])[item]
    cells = cells_of(design, half[item])
    m, v, b = positions[period, :, 0].T, spread.positions[period].T, slopes[item, 0]
    var_b, cov, var_k = spread.items[item].T
    sd = np.sqrt(var_k + m * (m * var_b - 2.0 * cov) + v * (b**2 + var_b))
    nodes, weights = np.polynomial.hermite_e.hermegauss(N_NODES)
    weights = weights / weights.sum()
    value, g, h = 0.0, np.zeros(m.shape), np.zeros(m.shape)
    cut_scores, bends, curves = np.zeros((2, *m.shape)), np.zeros((2, *m.shape)), np.zeros((3, *m.shape))
    gaps = np.zeros(m.shape)
    for a, w in zip(nodes, weights, strict=True):
        terms = vote_terms(m * b - midpoint + a * sd, cells.lower, cells.upper, link)
        value += w * float(terms.log_p[cells.cast].sum())
        g += w * np.where(cells.cast, terms.by_eta, 0.0)
        h -= w * a * np.where(cells.cast, terms.by_eta, 0.0) / sd
        cut_scores[0] += w * cells.first(terms.by_lower, terms.by_upper)
        cut_scores[1] += w * cells.second(terms.by_lower, terms.by_upper)
        by_first = cells.first(terms.info_eta_lower, terms.info_eta_upper)
        by_second = cells.second(terms.info_eta_lower, terms.info_eta_upper)
        bends -= w * np.stack([by_first, by_second])
        curve, gap = curvature_by_cuts(terms, cells, link)
        curves += w * curve
        gaps += w * gap
    total = bends.sum(axis=0)
    scale = np.divide(h, total, out=np.zeros(m.shape), where=total > 0)
    bends, curves = scale * bends, scale * curves + gaps * np.array([1.0, 1.0, -1.0])[:, None, None]

    def by_period(values: Floats) -> Floats:
        return np.stack([values[:, period == t].sum(axis=1) for t in range(design.n_periods)])

    def by_item(values: Floats) -> Floats:
        return np.bincount(item, values.sum(axis=0), design.n_items).astype(np.float64)

    first, second, both = (by_item(curve) for curve in curves)
    by_slope = by_item(h * (m**2 + v))
    slope_first, slope_second = (-by_item(bend * m) for bend in bends)
    blocks = [[by_slope, slope_first, slope_second], [slope_first, first, both], [slope_second, both, second]]
    evaluation = Evaluation(
        value,
        by_period(g * b - h * (m * var_b - cov))[..., None],
        by_item(g * m - h * v * b)[:, None],
        np.stack([by_item(score) for score in cut_scores], axis=1),
        by_period(h * (b**2 + var_b))[..., None, None],
        np.moveaxis(np.array(blocks), 2, 0),
    )
    crosses = [np.stack([h * b * m - score * g, -bends[0] * b, -bends[1] * b], axis=2) for score in (1, 0)]
    return evaluation, crosses[0][:, :, None], crosses[1][:, :, None]


def curvature_by_cuts(terms: VoteTerms, cells: Cells, link: Link) -> tuple[Floats, Floats]:
    """Return the curvature by first cutpoint, second cutpoint and both, and the part of the gap alone.

    The part of the gap alone has sum 0 and does not depend on eta with the logistic link.
    """
    mixed = np.where(cells.cast & cells.three & (cells.codes == 1), terms.info_lower_upper, 0.0)
    curves = np.stack(
        [
            cells.first(terms.info_lower, terms.info_upper),
            cells.second(terms.info_lower, terms.info_upper),
            mixed,
        ]
    )
    gap = -mixed if link == "logit" else np.zeros_like(mixed)
    return curves - gap * np.array([1.0, 1.0, -1.0])[:, None, None], gap


def assert_near(got: Floats, differences: Floats) -> None:
    np.testing.assert_allclose(got, differences, rtol=0, atol=2e-8)


def check_all(design: Design, at: Point, spread: Spread, link: Link) -> None:
    want, observed, expected = evaluate_plain(design, at, spread, link)
    got = evaluate_averaged(design, *at, spread, link=link)
    tolerance = 1e-9
    if link == "probit":  # the middle of the normal is a difference of tails: see the notes of the function
        cutpoints = at[2][design.n_categories == 3]
        tolerance = max(tolerance, 1e-14 / np.diff(cutpoints, axis=1).min(initial=1.0) ** 2)
    assert_close(got, want, tolerance)
    for cross, with_score in ((observed, True), (expected, False)):
        found = averaged_cross_information(design, *at, spread, link=link, with_score=with_score)
        assert found.shape == cross.shape
        np.testing.assert_allclose(found, cross, rtol=0, atol=tolerance * np.abs(cross).max(initial=1e-3))


@st.composite
def drawn(draw_from: st.DrawFn) -> tuple[Design, Point, Spread]:
    design, at = draw(
        draw_from(st.integers(0, 2**32)),
        n_members=draw_from(st.sampled_from([1, 2, 5, 60, 61, 130])),
        n_rollcalls=draw_from(st.sampled_from([1, 2, 7, 33])),
        kinds=draw_from(st.sampled_from([2, 3, "mixed"])),
        n_periods=draw_from(st.integers(1, 4)),
        shared=draw_from(st.booleans()),
        missing=draw_from(st.sampled_from([0.0, 0.2, 0.9])),
        lopsided=draw_from(st.sampled_from([0.0, 0.95])),
        gap=draw_from(st.sampled_from([(-2.0, 0.5), (-4.0, 0.0)])),
    )
    size = draw_from(st.sampled_from([0.03, 0.3, 1.0]))
    return design, at, draw_spread(draw_from(st.integers(0, 2**32)), design, size)


@settings(deadline=None, max_examples=60)
@given(drawn(), st.sampled_from(LINKS))
def test_any_design_agrees_with_the_formulas(given_design: tuple[Design, Point, Spread], link: Link) -> None:
    check_all(*given_design, link)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("kinds", [2, 3, "mixed"])
def test_blocks_of_columns_and_chunks_of_rows_add_up(link: Link, kinds: object) -> None:
    design, at = draw(1, n_members=130, n_rollcalls=BLOCK + 90, kinds=kinds, missing=0.1, gap=(-0.5, 0.3))
    check_all(design, at, draw_spread(0, design), link)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("kinds", [2, 3, "mixed"])
def test_members_without_votes_and_shared_items_in_several_periods(link: Link, kinds: object) -> None:
    design, at = draw(2, n_members=70, n_rollcalls=60, kinds=kinds, n_periods=3, shared=True)
    codes = design.codes.copy()
    codes[[0, 33, 69]] = -1
    codes[10:60, design.period == 1] = -1
    design = Design(codes, design.period, design.item, design.n_categories, 3)
    spread = draw_spread(3, design)
    check_all(design, at, spread, link)
    got = evaluate_averaged(design, *at, spread, link=link)
    assert not got.positions[:, [0, 33, 69]].any()
    part = averaged_cross_information(design, *at, spread, columns=slice(7, 31), link=link)
    whole = averaged_cross_information(design, *at, spread, link=link)
    np.testing.assert_allclose(part, whole[:, 7:31], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("kinds", [2, 3, "mixed"])
def test_derivatives_by_means_variances_and_covariances(link: Link, kinds: object) -> None:
    design, at = draw(4, 9, 12, kinds=kinds, n_periods=2, shared=True, gap=(-0.5, 0.3))
    at = (at[0], at[1], np.nan_to_num(at[2]))
    spread = draw_spread(5, design, 0.5)
    got = evaluate_averaged(design, *at, spread, link=link)
    assert got.position_information is not None
    assert got.item_information is not None

    def by_differences(part: int) -> Floats:
        """Differentiate the value by one array of parameters."""
        parts = [*at, spread.positions, spread.items]
        result = np.zeros_like(parts[part])
        for index in np.ndindex(result.shape):
            values = []
            for step in (1e-5, -1e-5):
                moved = [array.copy() for array in parts]
                moved[part][index] += step
                positions, slopes, cuts, of_positions, of_items = moved
                values.append(
                    evaluate_averaged(
                        design, positions, slopes, cuts, Spread(of_positions, of_items), link=link
                    ).value
                )
            result[index] = (values[0] - values[1]) / 2e-5
        return result

    info, by_variance, by_item = got.item_information, by_differences(3), by_differences(4)
    with_midpoint = info[:, 0, 1] + info[:, 0, 2]
    of_midpoint = info[:, 1, 1] + info[:, 2, 2] + 2.0 * info[:, 1, 2]
    assert_near(got.positions, by_differences(0))
    assert_near(got.discriminations, by_differences(1))
    assert_near(got.cutpoints, by_differences(2))
    assert_near(got.position_information[..., 0, 0], -2.0 * by_variance)
    assert_near(info[:, 0, 0], -2.0 * by_item[:, 0])
    assert_near(with_midpoint, -by_item[:, 1])
    assert_near(of_midpoint, -2.0 * by_item[:, 2])


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("kinds", [2, 3, "mixed"])
def test_with_hardly_any_spread_it_is_the_plain_likelihood(link: Link, kinds: object) -> None:
    """With a variance of 1e-10 the averages differ from the terms by 1e-10 and h by rounding, 1e-11."""
    design, at = draw(6, 65, 40, kinds=kinds, n_periods=2, shared=True, gap=(-0.5, 0.3))
    spread = draw_spread(7, design, 1e-5)
    got = evaluate_averaged(design, *at, spread, link=link)
    assert_close(got, evaluate(design, *at, link=link, information="observed"), 1e-8)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("kinds", [2, "mixed"])
def test_the_number_of_threads_changes_nothing_to_the_last_bit(link: Link, kinds: object) -> None:
    design, at = draw(0, 333, 700, kinds=kinds, n_periods=2)
    assert design.codes.size > SMALL
    spread = draw_spread(8, design)
    one, two, all_cores = (
        evaluate_averaged(design, *at, spread, link=link, threads=threads) for threads in (1, 2, None)
    )
    for other in (two, all_cores):
        assert other.value == one.value
        for name in NAMES:
            np.testing.assert_array_equal(getattr(other, name), getattr(one, name))


def integrate(
    m: float, v: float, item: Floats, covariance: Floats, code: int, half: float, link: Link
) -> float:
    """Integrate the log-likelihood of one vote over position, discrimination and midpoint, 24 nodes each."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(24)
    weights = weights / weights.sum()
    grid = np.stack(np.meshgrid(nodes, nodes, nodes, indexing="ij"))
    weight = weights[:, None, None] * weights[:, None] * weights
    b, k = item[:, None, None, None] + np.einsum("ab,bijk->aijk", np.linalg.cholesky(covariance), grid[1:])
    eta = (m + np.sqrt(v) * grid[0]) * b - k
    return float(np.sum(weight * vote_terms(eta, *limits_of(code, half), link).log_p))


def limits_of(code: int, half: float) -> tuple[float, float]:
    """Return the limits of a category around the midpoint."""
    return (-np.inf, -half, half, np.inf)[code], (-half, half, np.inf)[code]


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("code", [0, 1, 2])
def test_the_expected_log_likelihood_up_to_the_skewness_of_eta(link: Link, code: int) -> None:
    """Mean and variance of eta are exact. What is left is its skewness, and then terms of third order.

    The product of position and discrimination gives eta the third cumulant 6 b v (m B - C), which adds
    b v (m B - C) L''' to the expectation. With covariances of order s^2, this term is of order s^4 and what
    remains is of order s^6: a factor of 64 if s is halved. An error in the mean or variance of eta of order
    s^2 or s^4 would leave a factor of 4 or 16.
    """
    m, v, half = 0.7, 0.5, 0.4
    item, covariance = np.array([1.3, -0.2]), np.array([[0.6, -0.25], [-0.25, 0.4]])
    eta = m * item[0] - item[1]
    bends = [vote_terms(np.array(eta + d), *limits_of(code, half), link).info_eta for d in (1e-5, -1e-5)]
    third = -float(bends[0] - bends[1]) / 2e-5
    skewness = item[0] * v * (m * covariance[0, 0] - covariance[0, 1]) * third
    left = []
    for size in (0.25, 0.125):
        design = Design(
            np.array([[code]], dtype=np.int8),
            np.zeros(1, np.int32),
            np.zeros(1, np.int32),
            np.full(1, 3, np.int8),
        )
        variances = size**2 * covariance
        spread = Spread(
            np.array([[size**2 * v]]), np.array([[variances[0, 0], variances[0, 1], variances[1, 1]]])
        )
        cuts = item[1] + np.array([[-half, half]])
        got = evaluate_averaged(design, np.array([[[m]]]), item[:1, None], cuts, spread, link=link)
        exact = integrate(m, size**2 * v, item, variances, code, half, link)
        assert abs(got.value - exact) < 2.0 * size**4 * abs(skewness) + size**6
        left.append(abs(got.value + size**4 * skewness - exact))
    assert left[1] < left[0] / 40
    assert left[0] < 0.25**6


def test_more_dimensions_are_refused() -> None:
    design, at = draw(1, n_dims=2)
    spread = draw_spread(0, design)
    with pytest.raises(ValueError, match="one dimension"):
        evaluate_averaged(design, *at, spread)
    with pytest.raises(ValueError, match="one dimension"):
        averaged_cross_information(design, *at, spread)


@pytest.mark.parametrize("link", LINKS)
def test_many_votes_in_a_narrow_middle_category_do_not_underflow(link: Link) -> None:
    design, at = draw(1, n_members=130, n_rollcalls=3, kinds=3, gap=(-6.0, -5.0))
    middle = Design(np.ones_like(design.votes), design.period, design.item, design.n_categories)
    spread = draw_spread(2, middle, 0.3)
    got = evaluate_averaged(middle, *at, spread, link=link)
    want, _, _ = evaluate_plain(middle, at, spread, link)
    assert got.value == pytest.approx(want.value, rel=1e-9)
