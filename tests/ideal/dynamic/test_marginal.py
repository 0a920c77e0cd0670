"""The marginal fit of the dynamic model: its maximum, its scale over time, bridges, and tau."""

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import voteshift as vs
from voteshift.ideal import Marginal
from voteshift.ideal.anderson import Anderson, Proposal
from voteshift.ideal.dynamic import marginal
from voteshift.ideal.dynamic.objective import DynamicModel, DynamicPoint, dynamic_log_posterior
from voteshift.ideal.dynamic.walk import chain_covariances
from voteshift.likelihood import Spread
from voteshift.simulation import Dynamics

Floats = NDArray[np.float64]


def fit_marginal(record: vs.RollCalls, *, walk: dict[str, Any], **spec: Any) -> vs.DynamicFit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", vs.BridgeWarning)
        fit = vs.IdealPoints(**({"method": "marginal"} | spec), dynamics=vs.RandomWalk(**walk)).fit(record)
    assert isinstance(fit, vs.DynamicFit)
    assert fit.converged
    return fit


def growing_assembly(seed: int) -> tuple[vs.RollCalls, Floats, NDArray[np.bool_]]:
    """Simulate an assembly that grows from 30 to 60 members in 10 sessions, with constant true spread.

    In the first sessions members form two camps. Cutpoints lie where the camps divide and gaps have a gamma
    distribution, which the model does not assume.
    """
    rng = np.random.default_rng(seed)
    n_periods, n_members, n_each = 10, 60, 40
    size = np.linspace(30, n_members, n_periods).astype(int)
    positions = np.zeros((n_periods, n_members))
    positions[0] = rng.choice([-1.0, 1.0], n_members, p=[0.65, 0.35]) + rng.normal(0, 0.35, n_members)
    for t in range(1, n_periods):
        positions[t] = positions[t - 1] + 0.12 * rng.normal(size=n_members)
    seen = np.arange(n_members) < size[:, None]
    for t in range(n_periods):
        positions[t] -= positions[t][seen[t]].mean()
        positions[t] /= positions[t][seen[t]].std()
    period = np.repeat(np.arange(n_periods), n_each)
    slopes = np.abs(rng.normal(0, 1.3, len(period))) * rng.choice([-1.0, 1.0], len(period), p=[0.15, 0.85])
    middle = rng.normal(0, 0.5, len(period)) * np.sqrt(1 + slopes**2)
    gap = 0.3 + rng.gamma(3.0, 0.15, len(period))
    eta = positions[period].T * slopes + rng.normal(size=(n_members, len(period)))
    codes = (eta > middle - gap / 2).astype(int) + (eta > middle + gap / 2)
    words = np.array(["no", "abstain", "yes"], dtype=object)[codes]
    words[~seen[period].T] = None
    votes = pd.DataFrame(
        words, [f"m{i:02d}" for i in range(n_members)], [f"r{j:03d}" for j in range(len(period))]
    )
    dates = pd.DataFrame({"date": [f"{1990 + t}-06-01" for t in period]}, index=votes.columns)
    return vs.RollCalls.from_wide(votes, rollcalls=dates), positions, seen


@pytest.fixture(scope="module")
def assembly() -> tuple[vs.DynamicFit, Floats, NDArray[np.bool_]]:
    record, positions, seen = growing_assembly(4)
    fit = fit_marginal(record, walk={"tau": "estimate", "delta": 0.0}, link="probit")
    rows = [int(member[1:]) for member in fit.member_ids]
    return fit, positions[:, rows], seen[:, rows]


def test_positions_and_their_spread_follow_the_truth(
    assembly: tuple[vs.DynamicFit, Floats, NDArray[np.bool_]],
) -> None:
    fit, truth, seen = assembly
    estimate = fit.reported.positions
    assert np.corrcoef(estimate[seen], truth[seen])[0, 1] > 0.97
    ratio = [estimate[t][seen[t]].std() / truth[t][seen[t]].std() for t in range(len(seen))]
    assert 0.85 < min(ratio) <= max(ratio) < 1.15
    covered = np.abs(estimate - truth)[seen] <= 1.645 * fit.laplace.position_errors()[seen]
    assert 0.8 < covered.mean() < 0.96


def test_reported_positions_have_mean_square_one_with_their_variances(
    assembly: tuple[vs.DynamicFit, Floats, NDArray[np.bool_]],
) -> None:
    fit, _, _ = assembly
    spread, seen = fit.model.spread, fit.model.walk.seen
    assert spread is not None
    total = fit.reported.positions[seen] ** 2 + spread.positions[seen] / fit.unit**2
    np.testing.assert_allclose(total.mean(), 1.0, rtol=1e-12)


def objective(model: DynamicModel, point: DynamicPoint, lags: Floats) -> float:
    """Return the variational objective: expected log posterior plus entropy."""
    spread, walk, priors = model.spread, model.walk, model.priors
    assert spread is not None
    slope = dynamic_log_posterior(model, point)
    items = spread.items[:, 0] / priors.discrimination**2 + spread.items[:, 2] / priors.midpoint**2
    drawn = np.sum(walk.diagonal * spread.positions) - 2.0 * np.sum(walk.precision * lags)
    conditional = spread.positions[:-1] - lags**2 / spread.positions[1:]
    entropy = np.log(conditional).sum() + np.log(spread.positions[-1]).sum()
    entropy += np.log(spread.items[:, 0] * spread.items[:, 2] - spread.items[:, 1] ** 2).sum()
    return slope.value + 0.5 * float(entropy - items.sum() - drawn)


@pytest.mark.parametrize("walk", [{"tau": 0.2, "delta": 0.0}, {"tau": 0.2, "bridge": "families"}])
def test_the_fit_is_a_maximum_of_the_objective(walk: dict[str, Any]) -> None:
    """Moves of means, of variances and of whole periods do not raise the objective."""
    world = vs.simulate(25, 90, seed=8, dynamics=Dynamics(3, tau=0.2, bridges=6 if "bridge" in walk else 0))
    fit = fit_marginal(world.rollcalls, walk=walk, tolerance=1e-3)
    model, point = fit.model, fit.mode.point
    spread = model.spread
    assert spread is not None
    slope = dynamic_log_posterior(model, point)
    information = slope.evaluation.position_information
    assert information is not None
    diagonal = information[..., 0, 0] + model.walk.diagonal + slope.pull * model.walk.seen
    variances, lags = chain_covariances(diagonal, model.walk.precision)
    np.testing.assert_allclose(variances, spread.positions, rtol=5e-3)
    rng = np.random.default_rng(0)
    best = objective(model, point, lags)
    for size in (0.02, 0.05):
        for _ in range(10):
            move = replace(
                point,
                deviations=point.deviations + size * rng.normal(size=variances.shape) * np.sqrt(variances),
                discriminations=point.discriminations
                + size * rng.normal(size=(len(spread.items), 1)) * np.sqrt(spread.items[:, :1]),
            )
            scaled, mean, unit = model.walk.standardised(move.deviations)
            move = replace(
                move,
                deviations=scaled,
                discriminations=move.discriminations * unit,
                midpoints=move.midpoints - move.discriminations[:, 0] * mean,
            )
            assert objective(model, move, lags) < best + 1e-3
            factor = np.exp(size * rng.normal(size=len(spread.items)))[:, None]
            wider = replace(model, spread=Spread(spread.positions, spread.items * factor))
            assert objective(wider, point, lags) < best + 1e-3


@pytest.mark.parametrize("walk", [{"tau": 0.3, "bridge": "families"}, {"tau": "estimate", "delta": 0.0}])
def test_the_extrapolation_does_not_change_the_maximum(
    monkeypatch: pytest.MonkeyPatch, walk: dict[str, Any]
) -> None:
    world = vs.simulate(12, 240, seed=1, categories=2, dynamics=Dynamics(6, tau=0.3, bridges=10))
    fast = fit_marginal(world.rollcalls, walk=walk, link="probit")

    def propose(anderson: Anderson, point: Floats, image: Floats) -> Proposal:
        return Proposal(image, False, extrapolated(anderson, point, image).distance)

    extrapolated = Anderson.propose
    monkeypatch.setattr(Anderson, "propose", propose)
    plain = fit_marginal(world.rollcalls, walk=walk, link="probit")
    assert plain.mode.iterations > 2 * fast.mode.iterations
    assert fast.model.spread is not None
    apart = (fast.mode.point.deviations - plain.mode.point.deviations) / np.sqrt(fast.model.spread.positions)
    assert np.abs(apart).max() < 2e-3
    assert fast.learned is not None
    assert plain.learned is not None
    assert fast.learned.change_from(plain.learned) < 1e-3


def test_tau_of_the_specification_is_kept_and_an_estimate_is_named() -> None:
    world = vs.simulate(30, 160, seed=3, dynamics=Dynamics(4, tau=0.3))
    fixed = fit_marginal(world.rollcalls, walk={"tau": 0.25, "delta": 0.0})
    assert fixed.tau == 0.25
    assert "tau fixed at 0.25" in fixed.identified_by
    np.testing.assert_allclose(fixed.model.walk.tau / fixed.unit, 0.25, rtol=1e-2)
    free = fit_marginal(world.rollcalls, walk={"tau": "estimate", "delta": 0.0})
    assert isinstance(free.tau, float)
    assert 0.15 < free.tau < 0.45
    assert f"tau estimated as {free.tau:.2g}" in free.identified_by


def test_common_steps_are_on_the_reported_scale() -> None:
    world = vs.simulate(40, 240, seed=6, dynamics=Dynamics(4, tau=0.1, drift=0.4, bridges=25))
    walk = {"tau": 0.1, "bridge": "families"}
    means = fit_marginal(world.rollcalls, walk=walk).steps()
    mode = vs.IdealPoints(dynamics=vs.RandomWalk(**walk)).fit(world.rollcalls).steps()
    np.testing.assert_allclose(means["prior_sd"], mode["prior_sd"])
    np.testing.assert_allclose(means["estimate"], mode["estimate"], atol=0.12)
    assert (means["estimate"].abs() > 0.15).all()


def test_a_mirrored_fit_has_mirrored_covariances(
    assembly: tuple[vs.DynamicFit, Floats, NDArray[np.bool_]],
) -> None:
    """With the other side positive, draws of eta and so of votes stay what they were."""
    fit, _, _ = assembly
    mean = np.nanmean(np.where(fit.model.walk.seen, fit.reported.positions, np.nan), axis=0)
    member = str(fit.member_ids[int(np.argmin(mean))])
    record, _, _ = growing_assembly(4)
    other = fit_marginal(record, walk={"tau": "estimate", "delta": 0.0}, link="probit", polarity=member)
    np.testing.assert_allclose(other.reported.positions, -fit.reported.positions, atol=1e-8)
    spreads = fit.model.spread, other.model.spread
    assert spreads[0] is not None
    assert spreads[1] is not None
    np.testing.assert_allclose(spreads[1].items, spreads[0].items * [1, -1, 1], atol=1e-8)
    np.testing.assert_allclose(other.laplace.position_errors(), fit.laplace.position_errors(), rtol=1e-6)


def test_learned_priors_can_be_fixed() -> None:
    world = vs.simulate(25, 90, seed=8, dynamics=Dynamics(3, tau=0.2))
    fit = fit_marginal(
        world.rollcalls,
        walk={"tau": 0.2, "delta": 0.0},
        method=Marginal(learn=False),
        priors=vs.Priors(discrimination=2.0, midpoint=2.0),
    )
    assert fit.learned is not None
    assert (fit.learned.discrimination, fit.learned.midpoint) == (2.0, 2.0)
    np.testing.assert_allclose(fit.model.priors.discrimination * fit.unit, 2.0, rtol=1e-2)


@pytest.mark.parametrize(("members", "rollcalls", "periods", "seed"), [(20, 60, 6, 2), (9, 200, 20, 4)])
def test_where_the_votes_do_not_identify_tau_it_is_refused(
    members: int, rollcalls: int, periods: int, seed: int
) -> None:
    world = vs.simulate(members, rollcalls, seed=seed, dynamics=Dynamics(periods, tau=0.05))
    with pytest.raises(vs.NotUsableError, match=r"do not identify tau.*pass a fixed value"):
        fit_marginal(world.rollcalls, walk={"tau": "estimate", "delta": 0.0})
    fit = fit_marginal(world.rollcalls, walk={"tau": 0.1, "delta": 0.0})
    assert np.isfinite(fit.tidy()["std_error"]).all()


def test_progress_is_reported_and_an_unfinished_fit_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    world = vs.simulate(25, 90, seed=8, dynamics=Dynamics(3, tau=0.2))
    seen: list[int] = []
    monkeypatch.setattr("voteshift.ideal.dynamic.marginal._MOST_SWEEPS", 5)
    with pytest.warns(vs.BridgeWarning):
        fit = vs.IdealPoints(method="marginal", dynamics=vs.RandomWalk(tau=0.1)).fit(
            world.rollcalls, progress=lambda sweep, _: seen.append(sweep)
        )
    assert seen == [1, 2, 3, 4, 5]
    assert not fit.converged


def test_a_tau_that_votes_do_not_identify_is_fixed_by_default_and_said_so() -> None:
    """Members do not move. An estimate that was asked for is refused; the default is a fixed number."""
    record = vs.simulate(25, 90, seed=8, dynamics=Dynamics(3, tau=0.0)).rollcalls
    with pytest.warns(vs.BridgeWarning):
        fit = vs.IdealPoints(dynamics=vs.RandomWalk()).fit(record)
    with pytest.warns(vs.BridgeWarning):
        fixed = vs.IdealPoints(dynamics=vs.RandomWalk(tau=0.1)).fit(record)
    assert fit.converged
    assert fit.tau == 0.1
    assert "the votes do not identify tau, so it is fixed at 0.1" in " ".join(fit.cautions)
    assert "identify tau" not in " ".join(fixed.cautions)
    np.testing.assert_array_equal(fit.tidy()["estimate"], fixed.tidy()["estimate"])
    with pytest.raises(vs.NotUsableError, match="the votes do not identify tau"):
        vs.IdealPoints(method="marginal", dynamics=vs.RandomWalk(tau="estimate")).fit(record)


def test_tau_is_estimated_by_default_if_the_votes_identify_it() -> None:
    record = vs.simulate(40, 400, seed=3, dynamics=Dynamics(5, tau=0.4, bridges=8)).rollcalls
    default, asked = (
        vs.IdealPoints(method="marginal", dynamics=vs.RandomWalk(bridge="families", tau=tau)).fit(record)
        for tau in (None, "estimate")
    )
    assert default.tau == asked.tau
    assert default.learned is not None
    assert default.learned.tau == pytest.approx(0.4, rel=0.3)
    assert not any("identify tau" in caution for caution in default.cautions)
    mode = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families")).fit(record)
    assert mode.tau == 0.1


def test_moves_are_extrapolated_only_near_the_maximum(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no step small enough, the fit sweeps to the same maximum without extrapolation, in more sweeps."""
    world = vs.simulate(20, 90, seed=2, categories=2, dynamics=Dynamics(3, tau=0.2, bridges=6)).rollcalls
    usual = fit_marginal(world, walk={"tau": 0.2})
    monkeypatch.setattr(marginal, "_NEAR", 0.0)
    plain = fit_marginal(world, walk={"tau": 0.2})
    assert plain.mode.iterations > usual.mode.iterations
    one, two = (each.tidy()[["estimate", "std_error"]].to_numpy() for each in (usual, plain))
    assert np.abs((one[:, 0] - two[:, 0]) / one[:, 1]).max() < 0.01


def test_a_start_far_from_the_maximum_does_not_run_off() -> None:
    """Extrapolated from the first sweep on, this fit did not end; tau by the first sweeps went to 0."""
    shape = Dynamics(4, tau=0.2, bridges=6)
    world = vs.simulate(24, 120, seats=15, term=2, seed=4, categories=2, dynamics=shape)
    fit = fit_marginal(world.rollcalls, walk={})
    assert fit.learned is not None
    assert fit.learned.tau is not None
    assert 0.1 < fit.learned.tau < 0.3
