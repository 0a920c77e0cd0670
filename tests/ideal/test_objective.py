import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ideal.worlds import ordered_world
from voteshift.errors import NotUsableError
from voteshift.ideal.objective import Model, Point, Priors, item_information, log_posterior, standardise
from voteshift.likelihood import Design

PRIORS = Priors(discrimination=3.0, midpoint=4.0, log_gap=1.5)


def random_point(design: Design, seed: int, n_dims: int = 1) -> Point:
    rng = np.random.default_rng(seed)
    return Point(
        standardise(rng.standard_normal((design.n_members, n_dims))),
        rng.standard_normal((design.n_items, n_dims)),
        rng.standard_normal(design.n_items),
        0.5 * rng.standard_normal(design.n_items),
    )


@given(seed=st.integers(0, 10_000), n_dims=st.integers(1, 3))
def test_standardise_gives_mean_zero_and_unit_covariance(seed: int, n_dims: int) -> None:
    raw = np.random.default_rng(seed).standard_normal((12, n_dims)) * 3 + 1
    found = standardise(raw)
    assert np.allclose(found.mean(axis=0), 0, atol=1e-12)
    assert np.allclose(found.T @ found / 12, np.eye(n_dims), atol=1e-10)
    assert np.allclose(standardise(found), found)


def test_standardise_refuses_positions_without_spread() -> None:
    with pytest.raises(NotUsableError, match="do not identify 1 dimension"):
        standardise(np.ones((4, 1)))


@pytest.mark.parametrize("n_dims", [1, 2])
def test_gradient_is_the_slope_along_the_constraint(n_dims: int) -> None:
    design = ordered_world(1, 12, 9).design
    point = random_point(design, 2, n_dims)
    slope = log_posterior(Model(design, PRIORS), point)
    rng = np.random.default_rng(3)
    for _ in range(5):
        direction = Point.from_flat(rng.standard_normal(point.flat().shape), design.n_members, n_dims)
        live = design.n_categories == 3
        direction = Point(
            direction.positions, direction.discriminations, direction.midpoints, direction.log_gaps * live
        )
        ahead, behind = (
            log_posterior(Model(design, PRIORS), point.moved(direction, sign * 1e-5)).value
            for sign in (1, -1)
        )
        expected = float(slope.gradient.flat() @ direction.flat())
        assert (ahead - behind) / 2e-5 == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_item_information_is_the_negative_hessian() -> None:
    design = ordered_world(4, 15, 8).design
    point = random_point(design, 5)
    slope = log_posterior(Model(design, PRIORS), point, information="observed")
    blocks = item_information(Model(design, PRIORS), point, slope, observed=True)
    step = 1e-5
    for item in range(design.n_items):
        live = 3 if design.n_categories[item] == 3 else 2
        numeric = np.empty((live, live))
        for axis in range(live):
            gradients = []
            for sign in (1, -1):
                items = point.items()
                items[item, axis] += sign * step
                moved = log_posterior(Model(design, PRIORS), Point.from_items(point.positions, items))
                gradients.append(moved.gradient.items()[item, :live])
            numeric[axis] = -(gradients[0] - gradients[1]) / (2 * step)
        assert np.allclose(blocks[item, :live, :live], numeric, rtol=1e-5, atol=1e-5)


def test_turning_yes_into_no_mirrors_the_objective() -> None:
    design = ordered_world(6, 20, 15).design
    point = random_point(design, 7)
    flipped = np.where(design.codes >= 0, design.n_categories[design.item] - 1 - design.codes, -1).astype(
        np.int8
    )
    mirror = Design(flipped, design.period, design.item, design.n_categories)
    turned = Point(point.positions, -point.discriminations, -point.midpoints, point.log_gaps)
    here, there = log_posterior(Model(design, PRIORS), point), log_posterior(Model(mirror, PRIORS), turned)
    assert here.value == pytest.approx(there.value, rel=1e-12)
    assert np.allclose(here.gradient.positions, there.gradient.positions, atol=1e-10)


def test_log_gap_of_a_binary_item_does_not_matter() -> None:
    design = ordered_world(8, 20, 15, binary=1.0).design
    point = random_point(design, 9)
    other = Point(point.positions, point.discriminations, point.midpoints, point.log_gaps + 1)
    assert (
        log_posterior(Model(design, PRIORS), point).value == log_posterior(Model(design, PRIORS), other).value
    )
    assert not log_posterior(Model(design, PRIORS), point).gradient.log_gaps.any()


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf"), 1e308, True])
def test_priors_must_be_standard_deviations(bad: float) -> None:
    with pytest.raises(ValueError, match=r"discrimination.* is .*give a number from 1e-06 to 1e\+06"):
        Priors(discrimination=bad)
