"""The averaged likelihood in several dimensions: against one dimension, and against finite differences."""

import numpy as np
import pytest
from numpy.typing import NDArray

from likelihood.draws import assert_close, draw
from voteshift.likelihood import (
    Design,
    SpatialSpread,
    Spread,
    averaged_cross_information,
    evaluate,
    evaluate_averaged,
)
from voteshift.likelihood.blocks import BLOCK
from voteshift.likelihood.terms import Link

Floats = NDArray[np.float64]
LINKS: tuple[Link, ...] = ("logit", "probit")


def draw_covariances(rng: np.random.Generator, size: float, *shape: int) -> Floats:
    roots = size * rng.standard_normal((*shape, shape[-1]))
    return np.asarray(roots @ np.swapaxes(roots, -1, -2))


def draw_spread(seed: int, design: Design, n_dims: int, size: float = 0.3) -> SpatialSpread:
    rng = np.random.default_rng(seed)
    return SpatialSpread(
        draw_covariances(rng, size, design.n_periods, design.n_members, n_dims),
        draw_covariances(rng, size, design.n_items, n_dims + 1),
    )


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("kinds", [2, "mixed"])
@pytest.mark.parametrize("n_rollcalls", [40, BLOCK + 9])
def test_in_one_dimension_all_agrees_with_the_other_kernels(
    link: Link, kinds: object, n_rollcalls: int
) -> None:
    design, at = draw(3, n_rollcalls=n_rollcalls, kinds=kinds)
    spread = draw_spread(4, design, 1)
    items = spread.items
    narrow = Spread(
        spread.positions[..., 0, 0], np.stack([items[:, 0, 0], items[:, 0, 1], items[:, 1, 1]], axis=1)
    )
    assert_close(
        evaluate_averaged(design, *at, spread, link=link),
        evaluate_averaged(design, *at, narrow, link=link),
        1e-10,
    )
    for with_score in (True, False):
        crosses = [
            averaged_cross_information(design, *at, one, link=link, with_score=with_score)
            for one in (spread, narrow)
        ]
        np.testing.assert_allclose(*crosses, atol=1e-10)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("n_dims", [2, 3])
def test_derivatives_are_those_of_the_value(link: Link, n_dims: int) -> None:
    """By the means, and by the covariances: minus half the expected information (Price's theorem)."""
    design, at = draw(5, n_members=12, n_rollcalls=15, n_dims=n_dims)
    spread = draw_spread(6, design, n_dims)
    whole = evaluate_averaged(design, *at, spread, link=link)
    rng = np.random.default_rng(7)
    steps = [rng.standard_normal(part.shape) for part in at[:2]]
    shift = rng.standard_normal(design.n_items)[:, None]
    by_position = draw_covariances(rng, 1.0, 1, design.n_members, n_dims)
    by_item = draw_covariances(rng, 1.0, design.n_items, n_dims + 1)
    assert whole.position_information is not None
    assert whole.item_information is not None
    square = whole.item_information.copy()
    # The midpoint moves both cutpoints.
    square[:, n_dims] += np.where(np.isnan(at[2][:, 1:]), 0.0, square[:, n_dims + 1])
    square[:, :, n_dims] += np.where(np.isnan(at[2][:, 1:]), 0.0, square[:, :, n_dims + 1])
    square = square[:, : n_dims + 1, : n_dims + 1]

    def value(length: float, which: int) -> float:
        moved, covered = list(at), spread
        if which < 2:
            moved[which] = moved[which] + length * steps[which]
        elif which == 2:
            moved[2] = moved[2] + length * shift
        elif which == 3:
            covered = SpatialSpread(spread.positions + length * by_position, spread.items)
        else:
            covered = SpatialSpread(spread.positions, spread.items + length * by_item)
        return evaluate_averaged(design, *moved, covered, link=link).value

    expected = [
        np.sum(whole.positions * steps[0]),
        np.sum(whole.discriminations * steps[1]),
        np.sum(whole.cutpoints * shift),
        -0.5 * np.sum(whole.position_information * by_position),
        -0.5 * np.sum(square * by_item),
    ]
    for which, slope in enumerate(expected):
        measured = (value(1e-5, which) - value(-1e-5, which)) / 2e-5
        # Five nodes integrate with an error, so Price's theorem holds nearly.
        np.testing.assert_allclose(measured, slope, rtol=1e-6 if which < 3 else 3e-3)


@pytest.mark.parametrize("link", LINKS)
def test_without_spread_it_is_the_likelihood_itself(link: Link) -> None:
    design, at = draw(8, n_dims=2, gap=(-0.5, 0.5))
    spread = draw_spread(9, design, 2, size=1e-5)
    plain = evaluate(design, *at, link=link, information="observed")
    averaged = evaluate_averaged(design, *at, spread, link=link)
    np.testing.assert_allclose(averaged.value, plain.value, rtol=1e-6)
    np.testing.assert_allclose(averaged.positions, plain.positions, atol=1e-4)
    np.testing.assert_allclose(averaged.position_information, plain.position_information, atol=1e-3)


@pytest.mark.parametrize("link", LINKS)
def test_a_rotation_of_everything_changes_no_value(link: Link) -> None:
    design, at = draw(10, n_dims=2)
    spread = draw_spread(11, design, 2)
    turn = np.array([[0.6, 0.8], [-0.8, 0.6]])
    wide = np.eye(3)
    wide[:2, :2] = turn
    turned = SpatialSpread(turn.T @ spread.positions @ turn, wide.T @ spread.items @ wide)
    before = evaluate_averaged(design, *at, spread, link=link)
    after = evaluate_averaged(design, at[0] @ turn, at[1] @ turn, at[2], turned, link=link)
    np.testing.assert_allclose(after.value, before.value, rtol=1e-12)
    np.testing.assert_allclose(after.positions, before.positions @ turn, atol=1e-9)
    np.testing.assert_allclose(after.discriminations, before.discriminations @ turn, atol=1e-9)


def test_the_unit_is_the_root_of_the_second_moment() -> None:
    design, _ = draw(12, n_dims=2)
    spread = draw_spread(13, design, 2)
    unit = spread.unit
    np.testing.assert_allclose(unit, unit.T)
    np.testing.assert_allclose(unit @ unit, np.eye(2) + spread.positions.mean(axis=(0, 1)))


def test_a_spread_of_one_dimension_is_refused_in_two() -> None:
    design, at = draw(14, n_dims=2)
    narrow = Spread(np.ones((1, design.n_members)), np.ones((design.n_items, 3)))
    with pytest.raises(ValueError, match="pass a SpatialSpread"):
        evaluate_averaged(design, *at, narrow)
