"""The marginal fit of the static model: against the posterior, against the truth, and its invariances."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import voteshift as vs
from voteshift.ideal import Marginal, marginal, spec
from voteshift.ideal.learned import MARGINAL_TOLERANCE
from voteshift.ideal.objective import log_posterior
from voteshift.simulation import Simulated
from voteshift.votes import Vote


def fit_marginal(record: vs.RollCalls, **spec: Any) -> vs.IdealFit:
    fit = vs.IdealPoints(**({"method": "marginal"} | spec)).fit(record)
    assert isinstance(fit, vs.IdealFit)
    assert fit.converged
    return fit


@pytest.fixture(scope="module")
def world() -> Simulated:
    return vs.simulate(60, 120, seed=5)


@pytest.fixture(scope="module")
def fit(world: Simulated) -> vs.IdealFit:
    return fit_marginal(world.rollcalls)


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


@pytest.mark.parametrize(("n_members", "n_rollcalls"), [(9, 150), (30, 90), (60, 150)])
def test_a_converged_fit_is_within_the_tolerance_of_the_maximum(
    n_members: int, n_rollcalls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The distance is measured from a fit with a tolerance a thousand times smaller."""
    record = vs.simulate(n_members, n_rollcalls, seed=3, categories=2).rollcalls
    usual = fit_marginal(record)
    monkeypatch.setattr(spec, "MARGINAL_TOLERANCE", 1e-6)
    monkeypatch.setattr(marginal, "_ROUNDS", 3000)
    best = fit_marginal(record, tolerance=1e-6)
    apart = (usual.reported.positions - best.reported.positions)[:, 0]
    assert np.abs(apart / best.tidy()["std_error"].to_numpy()).max() < MARGINAL_TOLERANCE


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
    """Discriminations with a t and gaps with a gamma distribution, which the model does not assume."""
    covered, errors = [], []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        truth = rng.normal(size=80)
        truth = (truth - truth.mean()) / truth.std()
        slopes = 1.5 * rng.standard_t(4, 150)
        middle, gap = rng.normal(0, 1.5, 150), 0.3 + rng.gamma(2.0, 0.4, 150)
        eta = np.outer(truth, slopes) + rng.logistic(size=(80, 150))
        codes = (eta > middle - gap / 2).astype(int) + (eta > middle + gap / 2)
        votes = pd.DataFrame(np.array(["no", "abstain", "yes"])[codes])
        votes.index, votes.columns = [f"m{i:02d}" for i in range(80)], [f"r{j:03d}" for j in range(150)]
        fit = vs.IdealPoints(method="marginal").fit(vs.RollCalls.from_wide(votes))
        table = fit.tidy()
        estimate = table["estimate"].to_numpy()
        sign = np.sign(estimate @ truth)
        errors.append(np.std(sign * estimate - truth))
        low, high = sorted_ends(sign, table["conf_low"].to_numpy(), table["conf_high"].to_numpy())
        covered.append(np.mean((low <= truth) & (truth <= high)))
    assert np.mean(errors) < 0.2
    assert 0.86 < np.mean(covered) < 0.94


def sorted_ends(
    sign: float, low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return (low, high) if sign > 0 else (-high, -low)


def test_exchanging_yes_and_no_does_not_change_the_positions(world: Simulated, fit: vs.IdealFit) -> None:
    record = world.rollcalls
    votes = record.votes.copy()
    votes[record.votes == Vote.YES], votes[record.votes == Vote.NO] = Vote.NO, Vote.YES
    member = str(fit.member_ids[int(np.argmax(fit.reported.positions[:, 0]))])
    mirrored = fit_marginal(vs.RollCalls(votes, record.members, record.rollcalls), polarity=member)
    again = fit_marginal(record, polarity=member)
    np.testing.assert_allclose(mirrored.tidy()["estimate"], again.tidy()["estimate"], atol=1e-3)
    np.testing.assert_allclose(mirrored.tidy()["std_error"], again.tidy()["std_error"], rtol=1e-2)


def test_results_do_not_depend_on_the_number_of_threads() -> None:
    record = vs.simulate(400, 600, seed=3).rollcalls  # enough votes for several threads
    one, two = (fit_marginal(record, threads=threads) for threads in (1, 2))
    np.testing.assert_array_equal(one.tidy()["estimate"], two.tidy()["estimate"])


def test_with_many_members_and_votes_mode_and_means_agree() -> None:
    record = vs.simulate(150, 600, seed=2).rollcalls
    mode, means = vs.IdealPoints().fit(record), fit_marginal(record)
    apart = (mode.tidy()["estimate"] - means.tidy()["estimate"]) / mode.tidy()["std_error"]
    assert 0 < np.sqrt(np.mean(apart**2)) < 0.5


def test_priors_that_are_not_learned_are_those_of_the_specification(world: Simulated) -> None:
    priors = vs.Priors(discrimination=2.0, midpoint=1.5)
    fit = fit_marginal(world.rollcalls, method=Marginal(learn=False), priors=priors)
    assert fit.learned is not None
    assert (fit.learned.discrimination, fit.learned.midpoint) == (2.0, 1.5)
    assert not any("upper limit" in caution for caution in fit.cautions)


def test_a_learned_prior_at_its_limit_is_a_caution(world: Simulated) -> None:
    fit = fit_marginal(world.rollcalls, priors=vs.Priors(discrimination=0.5))
    assert fit.learned is not None
    assert fit.learned.discrimination == 0.5
    assert any("upper limit for discriminations (0.5)" in caution for caution in fit.cautions)


def test_few_voters_are_a_caution(fit: vs.IdealFit) -> None:
    court = fit_marginal(vs.simulate(9, 150, seed=1, categories=2).rollcalls)
    assert any("few members vote on each roll call (median 9)" in caution for caution in court.cautions)
    assert any("can be placed too far out" in caution for caution in court.cautions)
    for words in ("few members vote", "too far out"):
        assert not any(words in caution for caution in fit.cautions)


def test_the_fit_names_its_method(fit: vs.IdealFit) -> None:
    assert fit.reached["method"] == "marginal"
    assert fit.verdict.startswith("distance to the maximum")
    assert "uncertainty included" in fit.scale
    assert "expected log posterior" in repr(fit)


def test_a_round_trip_through_the_cache_keeps_the_numbers(
    world: Simulated, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOTESHIFT_CACHE", str(tmp_path))
    spec = vs.IdealPoints(method="marginal")
    first = vs.cached_fit(spec, world.rollcalls)
    second = vs.cached_fit(spec, world.rollcalls)
    assert list(tmp_path.glob("*.npz"))
    pd.testing.assert_frame_equal(first.tidy(), second.tidy())
    assert second.reached["method"] == "marginal"


def test_a_marginal_fit_is_not_bootstrapped(world: Simulated, fit: vs.IdealFit) -> None:
    with pytest.raises(vs.NotUsableError, match=r"a marginal fit cannot be bootstrapped.*method='mode'"):
        vs.bootstrap(fit, world.rollcalls)
