"""Two dimensions: the density a chain walks over, against one by hand, and the fit that is returned."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

import voteshift as vs
from voteshift.likelihood import evaluate
from voteshift.posterior import draws as drawing
from voteshift.posterior.item_coordinates import item_coordinates
from voteshift.posterior.pins import static_fit
from voteshift.posterior.quiet import quiet
from voteshift.posterior.sampling import Chains
from voteshift.posterior.spatial import build_spatial_model, spatial_start

REPORTED = (
    "position",
    "discrimination",
    "midpoint",
    "log_gap",
    "discrimination_sd",
    "midpoint_sd",
    "larger_sd_share",
    "sd_ratio",
    "axis_vector",
    "total_log_likelihood",
)
SPEC = vs.IdealPoints(dims=2, priors=vs.Priors(4.0, 3.0, 1.5))


@pytest.fixture(scope="module")
def record():
    return vs.simulate(12, 40, seed=5, missing=0.1, dims=2).rollcalls


@pytest.fixture(scope="module")
def fit(record):
    return static_fit(record, SPEC)


@pytest.fixture(scope="module")
def at(fit):
    """The log density and the variables that are reported, at the coordinates of a start."""
    with quiet():
        model = build_spatial_model(fit)
        reported = model.replace_rvs_by_values([model[name] for name in REPORTED])
        function = model.compile_fn(
            [model.logp(), *reported], inputs=model.value_vars, mode="FAST_COMPILE", point_fn=False
        )
    free = [model.values_to_rvs[value].name for value in model.value_vars]

    def evaluated(start):
        density, *values = function(*(np.asarray(start[name]) for name in free))
        return float(density), dict(zip(REPORTED, values, strict=True))

    return evaluated


def angle_to(fit, raw):
    """Angle between the first axis of the mode and its image in the space of some coordinates."""
    centred = raw - raw.mean(axis=0)
    first = centred[:, 0] / centred[:, 0].std()
    second = centred[:, 1] - (centred[:, 1] @ first) / len(first) * first
    second /= second.std()
    axis = fit.mode.point.positions[:, 0]
    return np.arctan2(axis @ second, axis @ first)


def test_the_density_is_likelihood_priors_and_the_change_of_variables(fit, at):
    """Discriminations have coordinates of another length; shears move nothing but the coordinates."""
    start, design = spatial_start(fit), fit.encoded.design
    three = design.n_categories == 3
    assert three.any()
    for seed in range(4):
        vector = np.array([1.3 * np.cos(seed), 1.3 * np.sin(seed)])
        here = start(np.random.default_rng(seed)) | {"axis_vector": vector}
        density, found = at(here)
        half = np.zeros(design.n_items)
        half[three] = 0.5 * np.exp(found["log_gap"])
        cuts = found["midpoint"][:, None] + half[:, None] * np.array([-1.0, 1.0])
        votes = evaluate(design, found["position"][None], found["discrimination"], cuts).value
        angle = 0.5 * np.arctan2(vector[1], vector[0])
        axes = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        covariance = axes @ np.diag(found["discrimination_sd"] ** 2) @ axes.T
        second_sd = np.sqrt(np.linalg.det(covariance) / covariance[0, 0])
        sds = np.array([np.sqrt(covariance[0, 0]), second_sd, found["midpoint_sd"]])
        lengths = sds / np.sqrt(1.0 + sds**2 * item_coordinates(fit).information)
        larger, ratio = found["discrimination_sd"][0] / 4.0, np.divide(*found["discrimination_sd"][::-1])
        shares = np.array([larger, ratio, found["midpoint_sd"] / 3.0])
        by_hand = (
            votes
            + multivariate_normal(np.zeros(2), covariance).logpdf(found["discrimination"]).sum()
            + np.log(lengths).sum()
            + norm.logpdf(found["midpoint"], 0.0, found["midpoint_sd"]).sum()
            + norm.logpdf(found["log_gap"], 0.0, 1.5).sum()
            + norm.logpdf(here["raw_position"]).sum()
            + np.log(2.0 * larger)  # of the larger of two uniform numbers
            + np.log(shares * (1.0 - shares)).sum()  # on the logit scale
            + norm.logpdf(vector).sum()
            - 0.5 * (0.3 / 0.1) ** 2  # the length of the vector is 1.3
            + fit.n_members * np.cos(angle_to(fit, here["raw_position"]))
        )
        assert density == pytest.approx(by_hand, rel=1e-9)
        assert found["total_log_likelihood"] == pytest.approx(votes, rel=1e-12)
        np.testing.assert_allclose(found["larger_sd_share"], larger)
        np.testing.assert_allclose(found["sd_ratio"], ratio)


def test_starts_are_near_the_mode(fit, at):
    """A start is one of discriminations within a standard error of the mode, whatever the coordinates."""
    roots = fit.laplace.item_roots
    errors = np.sqrt(np.einsum("jab,jab->jb", roots, roots))[:, :2]
    for seed in range(3):
        _, found = at(spatial_start(fit)(np.random.default_rng(seed)))
        assert (np.abs(found["discrimination"] - fit.mode.point.discriminations) <= errors + 1e-9).all()


def test_positions_are_whitened_and_turned_to_the_mode(fit, at):
    _, found = at(spatial_start(fit)(np.random.default_rng(1)))
    position = found["position"]
    np.testing.assert_allclose(position.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(position.T @ position / fit.n_members, np.eye(2), atol=1e-12)
    axis = fit.mode.point.positions[:, 0]
    assert axis @ position[:, 0] > 0
    assert axis @ position[:, 1] == pytest.approx(0.0, abs=1e-10)


@pytest.mark.parametrize("angle", [0.4, 2.0, -1.1])
def test_a_rotation_of_the_coordinates_changes_the_potential_and_nothing_else(fit, at, angle):
    """So the posterior of everything that is reported does not depend on the potential."""
    here = spatial_start(fit)(np.random.default_rng(2))
    cos, sin = np.cos(angle), np.sin(angle)
    turned = here | {"raw_position": here["raw_position"] @ np.array([[cos, -sin], [sin, cos]])}
    density, found = at(here)
    other, same = at(turned)
    for name in REPORTED:
        np.testing.assert_allclose(same[name], found[name], atol=1e-9)
    potentials = [fit.n_members * np.cos(angle_to(fit, one["raw_position"])) for one in (here, turned)]
    assert other - density == pytest.approx(potentials[1] - potentials[0], abs=1e-7)
    assert abs(other - density) > 0.1


def test_a_start_without_scatter_is_the_mode(fit, at):
    class Middle:
        def uniform(self, *bounds):
            return np.zeros(bounds[2])

    _, found = at(spatial_start(fit)(Middle()))
    point = fit.mode.point
    np.testing.assert_allclose(found["position"], point.positions, atol=1e-10)
    np.testing.assert_allclose(found["discrimination"], point.discriminations, atol=1e-10)
    np.testing.assert_allclose(found["midpoint"], point.midpoints, atol=1e-10)
    kinds = fit.encoded.design.n_categories
    np.testing.assert_allclose(found["log_gap"], point.log_gaps[kinds == 3], atol=1e-10)


def replayed(monkeypatch, *, separate=False):
    """Return draws of the normal approximation, each in axes of its own, in place of those of a sampler."""

    def run(model, names, start, *, draws, tune, chains, seed, nuts, progress=None):
        del tune, nuts, progress
        fit = fitted[-1]
        start(np.random.default_rng(seed))
        drawn = fit.draw(chains * draws, list(map(str, fit.encoded.rollcalls)), seed)
        rng = np.random.default_rng(seed)
        turns = np.linalg.qr(rng.standard_normal((chains * draws, 2, 2)))[0]
        positions = drawn.positions.copy()
        if separate:  # the second half of the draws has another second dimension
            other = rng.standard_normal(positions.shape[1])
            positions[draws:, :, 1] = vs.ideal.objective.standardise(other[:, None])[:, 0]
        three = fit.encoded.design.n_categories == 3
        gaps = drawn.cutpoints[..., 1] - drawn.cutpoints[..., 0]
        slopes = drawn.discriminations @ turns
        values = {
            "position": positions @ turns,
            "discrimination": slopes,
            "discrimination_sd": np.sort(drawn.discriminations.std(axis=1))[:, ::-1],
            "midpoint_sd": drawn.cutpoints.mean(axis=2).std(axis=1),
            "midpoint": drawn.cutpoints.mean(axis=-1),
            "log_gap": np.log(gaps[:, three]),
            "total_log_likelihood": rng.standard_normal(chains * draws),
        }
        assert set(values) == set(names)
        return Chains(
            {name: value.reshape(chains, draws, *value.shape[1:]) for name, value in values.items()},
            {"diverging": np.zeros((chains, draws), dtype=bool)},
            "nutpie",
            0.0,
            0.0,
        )

    fitted = []

    def kept(*arguments):
        fitted.append(static_fit(*arguments))
        return fitted[-1]

    monkeypatch.setattr(drawing, "run_sampler", run)
    monkeypatch.setattr(drawing, "static_fit", kept)


def test_draws_are_in_the_axes_of_the_mode_and_come_back_from_a_file(monkeypatch, record, fit, tmp_path):
    replayed(monkeypatch)
    drawn = vs.sample(record, SPEC, chains=2, draws=600)
    assert drawn.dims == 2
    assert drawn.converged, drawn.verdict
    assert not any("do not use" in caution for caution in drawn.cautions)
    assert "covariance I" in drawn.scale
    assert drawn.direction.endswith("every draw is rotated to these axes")
    table, mode = drawn.tidy(), fit.tidy()
    assert list(table["dimension"][:2]) == [1, 2]
    assert np.corrcoef(table["estimate"], mode["estimate"])[0, 1] > 0.95
    assert ((table["conf_low"] < table["estimate"]) & (table["estimate"] < table["conf_high"])).all()
    assert table["std_error"].median() < 2.0 * mode["std_error"].median()
    assert np.corrcoef(drawn.items()["discrimination"], fit.items()["discrimination"])[0, 1] > 0.9

    drawn.save(tmp_path / "two.nc")
    again = vs.load_posterior(tmp_path / "two.nc")
    assert again.tree.identical(drawn.tree)
    assert again.tidy().equals(table)
    assert again.diagnostics == drawn.diagnostics


def test_invariants_count_in_the_verdict(monkeypatch, record):
    """A chain of another space is found by distances, and named."""
    replayed(monkeypatch, separate=True)
    drawn = vs.sample(record, SPEC, chains=2, draws=300)
    assert not drawn.converged
    assert any("chains 1 and 2 sampled different parts" in caution for caution in drawn.cautions)
    alone = drawn.diagnostics
    assert alone.rhat > 1.5


def test_quantities_take_a_dimension_and_the_map_draws_its_ellipses(monkeypatch, record):
    from voteshift.plots.spatial_map import spatial_map_table

    replayed(monkeypatch)
    drawn = vs.sample(record, SPEC, chains=2, draws=600)
    first, second, *_ = drawn.member_ids
    one = drawn.contrast(first, second, dimension=1).tidy()
    two = drawn.contrast(first, second, dimension=2).tidy()
    assert not np.allclose(one["estimate"], two["estimate"])
    ellipses = spatial_map_table(drawn, record, by="name")
    assert (ellipses["major"] >= ellipses["minor"]).all()
    assert (ellipses["minor"] > 0).all()
    with pytest.raises(vs.UsageError, match="dimension is 3"):
        drawn.contrast(first, second, dimension=3)


def test_a_target_sets_the_axes(monkeypatch, record):
    replayed(monkeypatch)
    free = vs.sample(record, SPEC, chains=2, draws=300)
    where = free.tidy().pivot_table(index="member", columns="dimension", values="estimate")
    some = list(where.index[:4])
    target = {name: (-where.loc[name, 2], where.loc[name, 1]) for name in some}
    spec = vs.IdealPoints(dims=2, priors=SPEC.priors, target=target)
    turned = vs.sample(record, spec, chains=2, draws=300)
    found = turned.tidy().pivot_table(index="member", columns="dimension", values="estimate")
    assert np.corrcoef(found[1], -where[2])[0, 1] > 0.97
    assert np.corrcoef(found[2], where[1])[0, 1] > 0.97


def test_what_cannot_be_sampled_is_refused(record):
    with pytest.raises(vs.UsageError, match="dims is 3, but sampling supports one or two dimensions"):
        vs.sample(record, vs.IdealPoints(dims=3))
    with pytest.raises(vs.UsageError, match="absence='hurdle' requires one dimension, but dims is 2"):
        vs.sample(record, SPEC, absence="hurdle")
    with pytest.raises(vs.UsageError, match="target= is for several dimensions"):
        vs.sample(record, vs.IdealPoints(target={"M01": (1.0,)}))


@pytest.mark.slow
def test_a_sample_covers_the_truth_and_agrees_with_the_mode():
    pytest.importorskip("nutpie")
    from scipy.linalg import orthogonal_procrustes

    world = vs.simulate(40, 120, seed=3, dims=2)
    drawn = vs.sample(world.rollcalls, vs.IdealPoints(dims=2), chains=4, draws=1000, seed=1)
    assert drawn.converged, drawn.verdict
    means = drawn.flat("position").mean(axis=0)
    truth = vs.ideal.objective.standardise(world.positions[0])
    turned = truth @ orthogonal_procrustes(truth, means)[0]
    table = drawn.tidy()
    inside = (table["conf_low"] <= turned.ravel()) & (turned.ravel() <= table["conf_high"])
    assert 0.8 <= inside.mean() <= 0.98
    for dimension in range(2):
        assert np.corrcoef(means[:, dimension], turned[:, dimension])[0, 1] > 0.97
