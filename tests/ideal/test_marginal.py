"""The marginal fit of the static model: against the posterior, against the truth, and its invariances."""

from dataclasses import replace

import numpy as np
import pytest

import voteshift as vs
from voteshift.ideal import Marginal
from voteshift.ideal.learned import Learned
from voteshift.ideal.marginal import fit_marginal
from voteshift.ideal.objective import Model, Point, log_posterior
from voteshift.simulation import World


def marginal(world: World, **spec: object) -> vs.IdealFit:
    fit = vs.IdealPoints(method="marginal", **spec).fit(world.rollcalls)  # type: ignore[arg-type]
    assert isinstance(fit, vs.IdealFit)
    assert fit.converged
    return fit


@pytest.fixture(scope="module")
def world() -> World:
    return vs.simulate(60, 120, seed=5)


@pytest.fixture(scope="module")
def fit(world: World) -> vs.IdealFit:
    return marginal(world)


def test_reported_positions_have_mean_square_one_with_their_variances(fit: vs.IdealFit) -> None:
    reported = fit.reported.positions[:, 0]
    spread = fit.model.spread
    assert spread is not None
    variances = spread.positions[0] / spread.unit**2
    np.testing.assert_allclose(np.mean(reported**2 + variances), 1.0, rtol=1e-12)
    np.testing.assert_allclose(reported.mean(), 0.0, atol=1e-12)
    np.testing.assert_array_equal(fit.tidy()["estimate"], reported)


def test_draws_have_the_means_and_the_standard_errors_of_the_table(fit: vs.IdealFit) -> None:
    draws = fit.draw(4000, [str(fit.rollcall_ids[0])], seed=1)
    table = fit.tidy()
    error = table["std_error"].to_numpy()
    z = (draws.positions[..., 0].mean(axis=0) - table["estimate"]) / error
    assert np.abs(z).max() < 0.1
    np.testing.assert_allclose(draws.positions[..., 0].std(axis=0), error, rtol=0.1)


def test_the_means_are_a_maximum_of_the_objective(fit: vs.IdealFit) -> None:
    """The variances are those that the curvature at the means gives, and the gradient there is 0."""
    slope = log_posterior(fit.model, fit.mode.point)
    spread = fit.model.spread
    assert spread is not None
    by_position = np.abs(slope.gradient.positions[:, 0]) * np.sqrt(spread.positions[0])
    by_slope = np.abs(slope.gradient.discriminations[:, 0]) * np.sqrt(spread.items[:, 0])
    assert max(by_position.max(), by_slope.max()) < 2e-3


def test_prior_standard_deviations_are_those_of_the_items(fit: vs.IdealFit) -> None:
    spread, point = fit.model.spread, fit.mode.point
    assert spread is not None
    assert fit.learned is not None
    expected = np.sqrt(np.mean(point.discriminations[:, 0] ** 2 + spread.items[:, 0]))
    np.testing.assert_allclose(fit.learned.discrimination / spread.unit, expected, rtol=2e-3)
    expected = np.sqrt(np.mean(point.midpoints**2 + spread.items[:, 2]))
    np.testing.assert_allclose(fit.learned.midpoint, expected, rtol=2e-3)
    assert fit.priors["discrimination"]["sd"] == fit.learned.discrimination


def test_the_positions_cover_the_truth() -> None:
    """Discriminations have a t distribution and gaps a gamma distribution, which the model does not assume."""
    covered, errors = [], []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        truth = rng.normal(size=80)
        truth = (truth - truth.mean()) / truth.std()
        slopes = 1.5 * rng.standard_t(4, 150)
        middle, gap = rng.normal(0, 1.5, 150), 0.3 + rng.gamma(2.0, 0.4, 150)
        eta = np.outer(truth, slopes) + rng.logistic(size=(80, 150))
        votes = (eta > middle - gap / 2).astype(np.int8) + (eta > middle + gap / 2)
        record = vs.RollCalls.from_matrix(votes, codes={0: "no", 1: "abstain", 2: "yes"})
        fit = vs.IdealPoints(method="marginal").fit(record)
        table = fit.tidy()
        estimate = table["estimate"].to_numpy()
        sign = np.sign(estimate @ truth)
        errors.append(np.std(sign * estimate - truth))
        low, high = sorted_ends(sign, table["conf_low"].to_numpy(), table["conf_high"].to_numpy())
        covered.append(np.mean((low <= truth) & (truth <= high)))
    assert np.mean(errors) < 0.2
    assert 0.86 < np.mean(covered) < 0.94


def sorted_ends(sign: float, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return (low, high) if sign > 0 else (-high, -low)
