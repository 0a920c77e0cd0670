"""Blocks of a marginal fit: items integrated out, in a court that few members vote in at a time."""

import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import voteshift as vs
from voteshift.ideal.dynamic import blocks
from voteshift.ideal.dynamic.laplace import dynamic_laplace
from voteshift.ideal.dynamic.objective import dynamic_log_posterior
from voteshift.likelihood import integrated, integrated_information
from voteshift.simulation import Dynamics

Floats = NDArray[np.float64]
N_PERIODS, N_CASES = 20, 40


def make_court(seed: int) -> tuple[vs.RollCalls, Floats]:
    """Nine seats with turnover; first positions are uniform, discriminations from a t distribution."""
    rng = np.random.default_rng(seed)
    begins = np.concatenate([np.zeros(9, dtype=int), rng.integers(3, N_PERIODS - 2, 9)])
    ends = np.concatenate([begins[9:], np.full(9, N_PERIODS)])
    years = np.arange(N_PERIODS)[:, None]
    seated = (years >= begins) & (years < ends)
    steps = 0.12 * rng.choice([-1.0, 1.0], seated.shape)
    x = rng.uniform(-1.7, 1.7, 18) + np.cumsum(steps * (np.cumsum(seated, axis=0) > 1), axis=0)
    x = (x - x[seated].mean()) / x[seated].std()
    period = np.repeat(np.arange(N_PERIODS), N_CASES)
    slopes, midpoints = 1.2 * rng.standard_t(5, len(period)), 0.7 * rng.normal(size=len(period))
    yes = x[period] * slopes[:, None] - midpoints[:, None] + rng.normal(size=(len(period), 18)) > 0
    votes = np.where(seated[period], np.where(yes, vs.Vote.YES, vs.Vote.NO), vs.Vote.NOT_MEMBER)
    rollcalls = pd.DataFrame(
        {"date": pd.to_datetime([f"{1960 + t}-06-01" for t in period])},
        index=pd.Index([f"r{row:03d}" for row in range(len(period))], name="rollcall"),
    )
    members = pd.DataFrame(index=pd.Index([f"m{row:02d}" for row in range(18)], name="member"))
    return vs.RollCalls(votes.T.astype(np.int8), members, rollcalls), np.where(seated, x, np.nan)


def fit_court(record: vs.RollCalls) -> vs.DynamicFit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", vs.BridgeWarning)
        fit = vs.IdealPoints(link="probit", dynamics=vs.RandomWalk(delta=0.0)).fit(record)
    assert isinstance(fit, vs.DynamicFit)
    assert fit.learned is not None
    return fit


@pytest.fixture(scope="module")
def court() -> vs.DynamicFit:
    return fit_court(make_court(1)[0])


def test_standard_errors_are_those_of_a_dense_inverse(court: vs.DynamicFit) -> None:
    """The chain with integrated items, assembled and inverted in plain NumPy."""
    model, point = court.model, court.mode.point
    walk, design = model.walk, model.design
    laplace = dynamic_laplace(model, point)
    roots = laplace.curvature.factor.blocks.item_roots
    sds = np.array([model.priors.discrimination, model.priors.midpoint, model.priors.log_gap])
    n_periods, n_members = walk.seen.shape
    curvatures = integrated_information(
        design, point.deviations[..., None], point.items(), roots, np.diag(sds**-2.0), link="probit",
        columns=[np.flatnonzero(design.period == t) for t in range(n_periods)],
        rows=[np.arange(n_members)] * n_periods,
    )  # fmt: skip
    z, seen = point.deviations, walk.seen
    pull = dynamic_log_posterior(model, point).pull
    dense = np.zeros((n_periods, n_members, n_periods, n_members))
    every = np.arange(n_members)
    for t, block in enumerate(curvatures):
        dense[t, :, t, :] = block + np.diag(walk.diagonal[t] + pull * seen[t])
        if t:
            dense[t, every, t - 1, every] = dense[t - 1, every, t, every] = -walk.precision[t - 1]
    covariance = np.linalg.inv(dense.reshape(z.size, z.size))
    normals = np.column_stack([seen.ravel(), (seen * z).ravel()]).astype(float)
    reach = covariance @ normals
    covariance -= reach @ np.linalg.solve(normals.T @ reach, reach.T)
    spread = court.unit
    to_reported = np.eye(z.size) - np.outer(z.ravel(), (seen * z).ravel()) / (seen.sum() * spread**2)
    errors = np.sqrt(np.einsum("ij,jk,ik->i", to_reported, covariance, to_reported)).reshape(z.shape) / spread
    np.testing.assert_allclose(laplace.position_errors()[seen], errors[seen], rtol=1e-6)


def test_few_nodes_suffice(court: vs.DynamicFit, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = court.model.walk.seen
    few = dynamic_laplace(court.model, court.mode.point).position_errors()[seen]
    monkeypatch.setattr(integrated, "_N_NODES", 15)
    monkeypatch.setattr(integrated, "_rule", integrated._rule.__wrapped__)
    many = dynamic_laplace(court.model, court.mode.point).position_errors()[seen]
    np.testing.assert_allclose(few, many, rtol=0.01)
    assert not np.array_equal(few, many)


def test_intervals_in_courts_cover_the_truth() -> None:
    """Items eliminated as if they were normal give intervals that are too narrow, and too small a tau."""
    covered, ratios = [], []
    for seed in range(1, 7):
        record, truth = make_court(seed)
        fit = fit_court(record)
        table = fit.tidy()
        x = truth[
            np.searchsorted(fit.periods, table["period"]), record.members.index.get_indexer(table["member"])
        ]
        x *= np.sign(np.corrcoef(x, table["estimate"])[0, 1])
        covered.append(np.mean((table["conf_low"] <= x) & (x <= table["conf_high"])))
        ratios.append(fit.learned.tau / np.nanstd(np.diff(truth, axis=0)))
    assert 0.84 < np.mean(covered) <= 0.95
    assert 0.8 <= np.mean(ratios) <= 1.2


def test_with_many_voters_and_bridges_normal_items_give_nearly_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Items that bridge periods stay in the border; the others hardly differ from normal ones."""
    shape = Dynamics(4, tau=0.2, bridges=12)
    record = vs.simulate(80, 200, seed=3, categories=3, dynamics=shape).rollcalls
    walk = vs.RandomWalk(bridge="families")
    fit = vs.IdealPoints(method="marginal", dynamics=walk, priors=vs.Priors(2.0, 2.0, 1.0)).fit(record)
    assert isinstance(fit, vs.DynamicFit)
    assert fit.converged
    model, point, seen = fit.model, fit.mode.point, fit.model.walk.seen
    found = dynamic_laplace(model, point).position_errors()[seen]
    slope = dynamic_log_posterior(model, point, information="observed")
    information = slope.evaluation.position_information
    assert information is not None
    monkeypatch.setattr(blocks, "_integrated", lambda *_: (information[..., 0, 0], None))
    normal = dynamic_laplace(model, point).position_errors()[seen]
    ratio = found / normal
    assert 1.0 < ratio.mean() < 1.05
    assert 0.97 < ratio.min() < ratio.max() < 1.15
