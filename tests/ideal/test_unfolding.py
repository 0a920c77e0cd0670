"""Unfolding: chambers whose ends vote together, and numbers that hold outside the code that made them."""

from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import spearmanr

from voteshift.errors import InputError, UsageError
from voteshift.ideal.unfolding import Shape, Unfolding, unfold

Floats = NDArray[np.float64]


class Chamber(NamedTuple):
    votes: NDArray[np.int8]
    positions: Floats
    theta: Floats


def draw_chamber(seed: int = 1, n: int = 47, n_rollcalls: int = 150) -> Chamber:
    """Draw yes near a point theta: a bell curve of the distance, with noise from a t distribution."""
    rng = np.random.default_rng(seed)
    x = np.linspace(-1.7, 1.7, n)
    theta = rng.normal(0.0, 0.7, n_rollcalls)
    latent = 4.0 * np.exp(-((x[:, None] - theta) ** 2) / 1.28) + 1.5 * rng.standard_t(3, (n, n_rollcalls))
    votes = (latent > 1.6).astype(np.int8) + (latent > 2.6)
    votes[:, : n_rollcalls // 3] = np.where(votes[:, : n_rollcalls // 3] > 0, 2, 0)
    votes[rng.random(votes.shape) < 0.1] = -1
    return Chamber(votes, x, theta)


@pytest.fixture(scope="module")
def chamber() -> Chamber:
    return draw_chamber()


@pytest.fixture(scope="module")
def fit(chamber: Chamber) -> Unfolding:
    return unfold(chamber.votes)


def correlation(positions: Floats, truth: Floats) -> float:
    return abs(float(spearmanr(positions[:, 0], truth)[0]))


def test_positions_are_recovered_where_monotone_curves_fold_them(chamber: Chamber, fit: Unfolding) -> None:
    assert fit.converged
    assert correlation(fit.positions, chamber.positions) >= 0.95
    straight = unfold(chamber.votes, shape="straight")
    assert straight.converged
    assert correlation(straight.positions, chamber.positions) < 0.9
    assert fit.evidence > straight.evidence + 100


def test_curves_turn_where_the_votes_do(chamber: Chamber, fit: Unfolding) -> None:
    central = np.abs(chamber.theta) < 0.8
    assert fit.turns_in_middle[central].mean() > 0.9
    assert (fit.curvatures[fit.turns_in_middle] < 0).mean() > 0.9  # the ends vote no
    assert abs(np.corrcoef(fit.turning_points[central], chamber.theta[central])[0, 1]) > 0.7


def test_probabilities_are_those_of_positions_and_items(chamber: Chamber, fit: Unfolding) -> None:
    """At the posterior means, without their uncertainty: close for most votes."""
    x = fit.positions
    eta = fit.slopes * x + fit.curvatures * x**2
    low, high = (expit(fit.cutpoints[:, cut] - eta) for cut in range(2))
    binary = np.isinf(fit.cutpoints[:, 1])
    middle = np.where(binary, 0.0, high - low)
    plain = np.stack([low, middle, 1.0 - low - middle], axis=2)
    np.testing.assert_allclose(fit.probabilities.sum(axis=2), 1.0)
    assert (fit.probabilities[:, binary, 1] == 0.0).all()
    assert np.abs(fit.probabilities - plain).mean() < 0.03
    cast = chamber.votes >= 0
    shares = np.stack([((chamber.votes == code) & cast).sum(axis=0) / cast.sum(axis=0) for code in range(3)])
    np.testing.assert_allclose(fit.probabilities.mean(axis=0).T, shares, atol=0.06)


def test_positions_are_on_the_scale_of_their_prior(fit: Unfolding) -> None:
    assert fit.positions.mean() == pytest.approx(0.0, abs=0.05)
    assert fit.positions.std() == pytest.approx(1.0, abs=0.08)


@pytest.mark.parametrize("shape", ["straight", "monotone", "unfolding", "plane"])
def test_the_stated_distance_is_not_below_the_true_one(chamber: Chamber, shape: Shape) -> None:
    votes = chamber.votes[:, :60]
    fit, exact = (unfold(votes, shape=shape, tolerance=tolerance) for tolerance in (1e-3, 1e-6))
    assert fit.converged
    assert exact.converged
    assert fit.distance <= 0.001
    finite = np.isfinite(fit.cutpoints)
    gaps = [np.abs(fit.cutpoints[finite] - exact.cutpoints[finite])]
    gaps += [np.abs(fit.slopes - exact.slopes), np.abs(fit.curvatures - exact.curvatures)]
    assert max(gap.max() for gap in gaps) <= 1.1 * fit.distance
    assert fit.evidence == pytest.approx(exact.evidence, abs=0.02)


def test_a_fit_that_was_cut_short_is_not_converged(chamber: Chamber) -> None:
    fit = unfold(chamber.votes, max_iterations=3)
    assert not fit.converged
    assert fit.distance > 0.001


def test_yes_and_no_are_symmetric(chamber: Chamber) -> None:
    votes = chamber.votes[:, :60]
    fit, mirrored = unfold(votes), unfold(np.where(votes >= 0, 2 - votes, -1).astype(np.int8))
    assert mirrored.evidence == pytest.approx(fit.evidence, abs=0.1)
    np.testing.assert_allclose(mirrored.curvatures, -fit.curvatures, atol=0.02)
    np.testing.assert_allclose(mirrored.probabilities[:, :, ::-1], fit.probabilities, atol=0.01)


def test_curvatures_vanish_where_curves_are_straight() -> None:
    rng = np.random.default_rng(3)
    x, slope = rng.standard_normal(47), rng.normal(0.0, 2.0, 120)
    latent = x[:, None] * slope + rng.logistic(size=(47, 120))
    votes = (latent > rng.normal(-0.5, 0.5, 120)).astype(np.int8) + (latent > 1.0)
    fit = unfold(votes[:, votes.std(axis=0) > 0])
    assert fit.curvature_sd == 0.0
    assert not fit.turns_in_middle.any()
    assert correlation(fit.positions, x) > 0.95


def test_monotone_curves_bend_but_do_not_turn(chamber: Chamber) -> None:
    fit = unfold(chamber.votes[:, :60], shape="monotone")
    assert not fit.turns_in_middle.any()


def test_a_plane_has_two_dimensions_and_no_turning_point() -> None:
    rng = np.random.default_rng(4)
    x, slope = rng.standard_normal((50, 2)), rng.normal(0.0, [2.0, 1.5], (120, 2))
    votes = np.where(x @ slope.T + rng.logistic(size=(50, 120)) > 0.0, 2, 0).astype(np.int8)
    fit = unfold(votes, shape="plane")
    assert fit.positions.shape == (50, 2)
    explained = x - fit.positions @ np.linalg.lstsq(fit.positions, x, rcond=None)[0]
    assert (explained.var(axis=0) < 0.2).all()
    assert not fit.turns_in_middle.any()
    assert (fit.probabilities[:, :, 1] == 0.0).all()


def test_a_member_without_votes_has_the_prior() -> None:
    votes = draw_chamber(5, 20, 30).votes
    votes[7] = -1
    votes = votes[:, [len(set(column[column >= 0])) > 1 for column in votes.T]]
    fit = unfold(votes)
    assert fit.positions[7, 0] == pytest.approx(0.0, abs=1e-9)
    np.testing.assert_allclose(fit.probabilities.sum(axis=2), 1.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda votes: votes[:2], "at least three members"),
        (lambda votes: votes[:, :1], "at least three members"),
        (lambda votes: votes[0], "at least three members"),
        (lambda votes: np.where(votes == 2, 3, votes), "code 3"),
        (lambda votes: np.where(np.arange(votes.shape[1]) == 4, 1, votes), "roll call in column 4"),
    ],
)
def test_votes_that_cannot_be_unfolded_are_named(chamber: Chamber, change: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        unfold(change(chamber.votes).astype(np.int8))  # type: ignore[operator]


def test_arguments_out_of_range_are_errors(chamber: Chamber) -> None:
    with pytest.raises(UsageError, match="shape is 'bent'"):
        unfold(chamber.votes, shape="bent")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="positive"):
        unfold(chamber.votes, tolerance=0.0)
    with pytest.raises(UsageError, match="positive"):
        unfold(chamber.votes, max_iterations=0)
