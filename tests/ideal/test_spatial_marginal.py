"""The marginal fit in several dimensions: a maximum, its scale and rotation, and the truth."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.linalg import orthogonal_procrustes

import voteshift as vs
from voteshift.ideal import Marginal, load_fit, spatial_marginal
from voteshift.ideal.encode import encode
from voteshift.ideal.learned import MARGINAL_TOLERANCE
from voteshift.ideal.objective import Model, log_posterior
from voteshift.ideal.results import IdealFit
from voteshift.ideal.spatial_marginal import fit_spatial_marginal, search_start, uncertain_share
from voteshift.likelihood import SpatialSpread

Floats = NDArray[np.float64]


def draw_record(
    seed: int, *, members: int = 40, rollcalls: int = 120, third: float = 0.0
) -> tuple[vs.RollCalls, Floats]:
    """Draw votes with discriminations that have a t distribution and with normal noise."""
    rng = np.random.default_rng(seed)
    truth = np.column_stack([rng.uniform(-1.7, 1.7, members), rng.standard_normal(members)])
    slopes = rng.standard_t(6, (rollcalls, 2)) * np.array([1.6, 0.8])
    further = third * np.outer(rng.standard_normal(members), rng.standard_normal(rollcalls))
    latent = (
        further
        + truth @ slopes.T
        - rng.normal(0.0, 0.7, rollcalls)
        + rng.standard_normal((members, rollcalls))
    )
    votes = np.select(
        [rng.random(latent.shape) < 0.1, latent > 0.2, latent > -0.2], ["absent", "yes", "abstain"], "no"
    )
    frame = pd.DataFrame(
        votes,
        index=[f"m{row:02}" for row in range(members)],
        columns=[f"r{row:03}" for row in range(rollcalls)],
    )
    return vs.RollCalls.from_wide(frame), truth


def fit_plane(record: vs.RollCalls, **spec: Any) -> IdealFit:
    fit = vs.IdealPoints(**({"dims": 2, "method": "marginal"} | spec)).fit(record)
    assert isinstance(fit, IdealFit)
    assert fit.converged
    return fit


def spread_of(fit: IdealFit) -> SpatialSpread:
    assert isinstance(fit.model.spread, SpatialSpread)
    return fit.model.spread


@pytest.fixture(scope="module")
def world() -> tuple[vs.RollCalls, Floats]:
    return draw_record(1)


@pytest.fixture(scope="module")
def fit(world: tuple[vs.RollCalls, Floats]) -> IdealFit:
    return fit_plane(world[0])


def test_positions_have_second_moment_one_with_their_covariances(fit: IdealFit) -> None:
    positions, spread = fit.reported.positions, spread_of(fit)
    inverse = np.linalg.inv(spread.unit)
    total = positions.T @ positions / len(positions) + inverse @ spread.positions[0].mean(axis=0) @ inverse
    np.testing.assert_allclose(total, np.eye(2), atol=1e-10)
    np.testing.assert_allclose(positions.mean(axis=0), 0.0, atol=1e-10)
    np.testing.assert_array_equal(fit.tidy()["estimate"], positions.ravel())


def test_the_means_are_a_maximum_of_the_objective_rotations_included(fit: IdealFit) -> None:
    slope = log_posterior(fit.model, fit.mode.point)
    spread = spread_of(fit)
    by_position = np.abs(slope.gradient.positions) * np.sqrt(np.einsum("idd->id", spread.positions[0]))
    items = np.sqrt(np.einsum("jdd->jd", spread.items))
    by_slope = np.abs(slope.gradient.discriminations) * items[:, :2]
    assert max(by_position.max(), by_slope.max()) < 3e-3


def test_covariances_are_those_of_the_expected_curvature(fit: IdealFit) -> None:
    slope = log_posterior(fit.model, fit.mode.point)
    information, spread = slope.evaluation.position_information, spread_of(fit)
    assert information is not None
    positions = fit.mode.point.positions
    kept = 1.0 - (1.0 + np.sum(positions**2, axis=1)) / len(positions)
    expected = kept[:, None, None] * np.linalg.inv(information[0] + slope.pull)
    np.testing.assert_allclose(spread.positions[0], expected, rtol=5e-3, atol=1e-5)


def test_prior_standard_deviations_are_those_of_the_items_along_the_axes(fit: IdealFit) -> None:
    spread, learned = spread_of(fit), fit.learned
    assert learned is not None
    slopes = fit.reported.discriminations
    unit = spread.unit
    second = slopes.T @ slopes / len(slopes) + (unit @ spread.items[:, :2, :2] @ unit).mean(axis=0)
    np.testing.assert_allclose(np.sqrt(np.diagonal(second)), learned.by_dimension, rtol=3e-3)
    assert abs(second[0, 1]) < 1e-2 * second[1, 1]
    assert learned.by_dimension[0] > learned.by_dimension[1]
    assert [fit.priors[f"discrimination {d}"]["sd"] for d in (1, 2)] == list(learned.by_dimension)


def test_positions_are_near_the_truth(world: tuple[vs.RollCalls, Floats], fit: IdealFit) -> None:
    truth = world[1]
    positions = fit.reported.positions
    turned = positions @ orthogonal_procrustes(positions, truth - truth.mean(axis=0))[0]
    for dimension, least in enumerate((0.98, 0.93)):
        assert np.corrcoef(turned[:, dimension], truth[:, dimension])[0, 1] > least


def test_draws_have_the_means_and_standard_errors_of_the_table(fit: IdealFit) -> None:
    draws = fit.draw(4000, [str(fit.rollcall_ids[0])], seed=1).positions
    table = fit.tidy()
    error = table["std_error"].to_numpy().reshape(-1, 2)
    assert np.abs((draws.mean(axis=0) - fit.reported.positions) / error).max() < 0.15
    np.testing.assert_allclose(draws.std(axis=0), error, rtol=0.12)


def test_items_are_integrated_out_in_a_few_dimensions(fit: IdealFit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Treated as normal, items give errors of the positions that are too small."""
    errors = fit.tidy()["std_error"].to_numpy()
    monkeypatch.setattr("voteshift.ideal.laplace._MOST_DIMS", 1)
    ratio = replace(fit).tidy()["std_error"].to_numpy() / errors
    assert 0.85 < np.median(ratio) < 0.995


def test_anchors_and_polarity_set_the_axes_and_change_nothing_else(
    world: tuple[vs.RollCalls, Floats], fit: IdealFit
) -> None:
    record = world[0]
    target = {"m00": (1.0, 0.0), "m01": (0.0, 1.0), "m02": (-1.0, -1.0)}
    turned = fit_plane(record, target=target)
    assert turned.mode.objective == pytest.approx(fit.mode.objective, abs=1e-2)
    here, there = fit.reported.positions, turned.reported.positions
    turn = orthogonal_procrustes(here, there)[0]
    np.testing.assert_allclose(here @ turn, there, atol=1e-3)
    rows = turned.encoded.members.get_indexer(list(target))
    anchored = there[rows] @ orthogonal_procrustes(there[rows], np.array(list(target.values())))[0]
    np.testing.assert_allclose(anchored, there[rows], atol=1e-8)
    member = str(fit.encoded.members[int(np.argmin(here[:, 0]))])
    mirrored = fit_plane(record, polarity=member).reported.positions
    np.testing.assert_allclose(mirrored[:, 0], -here[:, 0], atol=1e-3)


def test_fixed_standard_deviations_stay_fixed(world: tuple[vs.RollCalls, Floats]) -> None:
    fit = fit_plane(
        world[0], method=Marginal(learn=False), priors=vs.Priors(discrimination=2.0, midpoint=3.0)
    )
    assert fit.learned is not None
    np.testing.assert_allclose(fit.learned.by_dimension, 2.0, rtol=1e-12)
    assert fit.learned.midpoint == 3.0


def test_three_dimensions_and_the_probit_link() -> None:
    fit = fit_plane(draw_record(2, third=1.5)[0], dims=3, link="probit")
    assert fit.reported.positions.shape[1] == 3
    assert fit.learned is not None
    assert list(fit.learned.by_dimension) == sorted(fit.learned.by_dimension, reverse=True)
    assert not any("hardly show" in caution for caution in fit.cautions)


def test_a_dimension_that_the_votes_do_not_show_is_refused(world: tuple[vs.RollCalls, Floats]) -> None:
    with pytest.raises(vs.NotUsableError, match=r"the votes do not identify 3 dimensions.*fewer dimensions"):
        vs.IdealPoints(dims=3, method="marginal", link="probit").fit(world[0])


def test_the_share_of_uncertainty_is_that_of_the_worst_axis() -> None:
    spread = SpatialSpread(np.broadcast_to(np.diag([3.0, 0.1]), (1, 5, 2, 2)), np.zeros((1, 3, 3)))
    assert uncertain_share(spread) == pytest.approx(0.75)


def test_a_saved_fit_is_the_same(fit: IdealFit, tmp_path: Path) -> None:
    fit.save(tmp_path / "fit.npz")
    loaded = load_fit(tmp_path / "fit.npz")
    pd.testing.assert_frame_equal(loaded.tidy(), fit.tidy())
    names = [str(name) for name in fit.rollcall_ids[:2]]
    np.testing.assert_array_equal(loaded.draw(5, names, 1).positions, fit.draw(5, names, 1).positions)


def test_words_say_that_uncertainty_is_included(fit: IdealFit) -> None:
    assert "uncertainty included" in fit.scale
    assert fit.verdict.startswith("distance to the maximum")
    assert fit.reached["method"] == "marginal"


def test_a_fit_that_stops_early_does_not_claim_convergence(
    world: tuple[vs.RollCalls, Floats], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voteshift.ideal.spatial_marginal._ROUNDS", 8)
    fit = vs.IdealPoints(dims=2, method="marginal").fit(world[0])
    assert not fit.converged
    assert "NOT CONVERGED" in repr(fit)


def test_an_explanation_refuses_it_in_one_sentence(world: tuple[vs.RollCalls, Floats], fit: IdealFit) -> None:
    record = vs.load_hrc()
    family = next(name for name in record.rollcalls["family"] if name)
    for model in (vs.IdealPoints(dims=2, method="marginal"), fit):
        with pytest.raises(
            vs.UsageError, match=r"does not use a marginal fit in several dimensions .*with dims=1"
        ):
            vs.explain(record, family, model=model)


def test_a_start_from_some_roll_calls_leads_to_the_same_fit(
    world: tuple[vs.RollCalls, Floats], fit: IdealFit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Large records compare modes on evenly spaced roll calls."""
    design = fit.encoded.design
    monkeypatch.setattr(spatial_marginal, "_SEARCH_CELLS", design.n_cells // 2)
    assert spatial_marginal._thinned(design).n_rollcalls < design.n_rollcalls
    thinned = fit_plane(world[0])
    np.testing.assert_allclose(thinned.tidy()["estimate"], fit.tidy()["estimate"], atol=5e-3)
    monkeypatch.setattr(spatial_marginal, "_LEAST_VOTES", 10_000)
    assert spatial_marginal._thinned(design) is design


@pytest.mark.parametrize(
    ("seed", "members", "rollcalls"),
    [(1, 40, 120), (7, 25, 60), (1, 15, 100), (101, 15, 100), (104, 15, 100), (111, 15, 100), (101, 20, 200)],
)
def test_a_converged_fit_is_within_its_tolerance_of_the_maximum(
    seed: int, members: int, rollcalls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In posterior standard deviations, against a fit that continues longer. Small chambers are hardest."""
    record = draw_record(seed, members=members, rollcalls=rollcalls)[0]
    model = Model(encode(record).design, vs.Priors(), threads=1)
    start, _ = search_start(model, n_dims=2, n_starts=2)
    fit = fit_spatial_marginal(model, start)
    monkeypatch.setattr(spatial_marginal, "_ROUNDS", 3000)
    best = fit_spatial_marginal(model, start, tolerance=MARGINAL_TOLERANCE / 300)
    here, there = fit.reported.positions, best.reported.positions
    spread = best.model.spread
    assert isinstance(spread, SpatialSpread)
    sds = np.sqrt(np.einsum("idd->id", spread.positions[0]))
    distance = float((np.abs(here @ orthogonal_procrustes(here, there)[0] - there) / sds).max())
    assert fit.mode.converged
    assert best.mode.converged
    assert fit.mode.gradient_norm <= MARGINAL_TOLERANCE
    assert 0 < distance <= MARGINAL_TOLERANCE
