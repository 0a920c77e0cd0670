"""Positions that move, by sampling: one likelihood either way, the scale, the door, and tau."""

import h5py
import numpy as np
import pytensor
import pytest
from pytensor.compile.mode import Mode
from scipy.stats import norm

import voteshift as vs
from voteshift.ideal.dynamic.objective import dynamic_log_posterior
from voteshift.posterior.dynamic import draws as dynamic_draws
from voteshift.posterior.dynamic.model import build_dynamic_model, scatter_start
from voteshift.posterior.dynamic.pins import coords_of, fit_start, start_pin
from voteshift.posterior.dynamic.results import DYNAMIC_SAMPLED, DynamicPosterior
from voteshift.posterior.groups import log_likelihoods
from voteshift.posterior.labels import labelled
from voteshift.posterior.quiet import quiet
from voteshift.posterior.sampling import Chains
from voteshift.posterior.storage import data_groups
from voteshift.simulation import Dynamics, Simulated

PLAIN = Mode(linker="py", optimizer=None)
"""Nothing is compiled but the kernel."""


@pytest.fixture(scope="module")
def council() -> Simulated:
    return vs.simulate(
        16, 60, seed=3, seats=12, missing=0.05, dynamics=Dynamics(n_periods=4, tau=0.3, drift=0.2, bridges=4)
    )


@pytest.fixture(scope="module")
def spec() -> vs.IdealPoints:
    return vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", tau="estimate"))


@pytest.fixture(scope="module")
def fit(council, spec):
    return fit_start(council.rollcalls, spec)


def built(fit, spec, backend="compiled"):
    with quiet():
        pin = start_pin(fit, spec, None)
        return build_dynamic_model(fit.model, fit.mode.point, coords_of(fit), pin, backend=backend)


def function_of(model, names, *more):
    outputs = model.replace_rvs_by_values([model[name] for name in names])
    with quiet():
        return pytensor.function(model.value_vars, [*outputs, *more], mode=PLAIN, on_unused_input="ignore")


def points(model, n, seed=0):
    rng = np.random.default_rng(seed)
    centre = model.initial_point()
    return [
        {name: value + 0.3 * rng.standard_normal(value.shape) for name, value in centre.items()}
        for _ in range(n)
    ]


@pytest.mark.parametrize("link", ["logit", pytest.param("probit", marks=pytest.mark.nightly)])
def test_kernel_and_graph_give_one_density_and_one_gradient(council, link):
    spec = vs.IdealPoints(link=link, dynamics=vs.RandomWalk(bridge="families", tau="estimate"))
    fit = fit_start(council.rollcalls, spec)
    values = []
    for backend in ("compiled", "graph"):
        model = built(fit, spec, backend)
        (point,) = points(model, 1)
        values.append(function_of(model, [], model.logp(), model.dlogp())(**point))
    (logp, gradient), (expected, by_graph) = values
    assert logp == pytest.approx(expected, rel=1e-8)
    np.testing.assert_allclose(gradient, by_graph, rtol=0, atol=1e-8 * np.abs(by_graph).max())


def test_at_the_mode_the_likelihood_is_that_of_the_fit(fit, spec):
    model = built(fit, spec)
    at = function_of(model, ["votes", "position", "tau"])(**model.initial_point())
    point = fit.mode.point
    assert at[0] == pytest.approx(dynamic_log_posterior(fit.model, point).log_likelihood, rel=1e-9)
    np.testing.assert_allclose(at[1], point.positions, atol=1e-8)
    assert at[2] == pytest.approx(0.1, rel=1e-6)


def test_names_and_dimensions(fit, spec):
    model = built(fit, spec)
    dims = model.named_vars_to_dims
    assert dims["position"] == ("period", "member")
    assert dims["common_step"] == ("gap",)
    assert dims["discrimination"] == ("item", "dimension")
    assert model.coords["gap"] == ("2000 to 2001", "2001 to 2002", "2002 to 2003")
    assert len(model.coords["item"]) == fit.encoded.design.n_items < fit.encoded.design.n_rollcalls


def test_the_scale_is_that_of_deviations_and_tau_is_on_it(fit, spec):
    model = built(fit, spec)
    names = ["deviation", "position", "tau", "raw_tau", "raw_step"]
    deviation, position, tau, raw_tau, raw_step = function_of(model, names)(**points(model, 1)[0])
    seen = deviation[fit.model.walk.seen]
    assert seen.mean() == pytest.approx(0.0, abs=1e-12)
    assert seen.std() == pytest.approx(1.0)
    steps = np.diff(deviation, axis=0) / np.sqrt(fit.model.walk.gaps)[:, None]
    np.testing.assert_allclose(steps, tau * raw_step, atol=1e-12)
    assert tau != raw_tau
    common = position - deviation
    np.testing.assert_allclose(common, common[:, :1] + np.zeros_like(common), atol=1e-12)


def test_no_common_step_where_it_is_declared(council):
    spec = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", tau="estimate", delta=0))
    fit = fit_start(council.rollcalls, spec)
    model = built(fit, spec)
    assert "common_step" not in model.named_vars
    start = scatter_start(fit.model, fit.mode.point, start_pin(fit, spec, None))(np.random.default_rng(0))
    assert {model.values_to_rvs[value].name for value in model.value_vars} == set(start)


def test_starts_lie_about_the_mode_on_the_side_of_the_pin(fit, spec):
    model = built(fit, spec)
    pin = start_pin(fit, spec, None)
    draw = scatter_start(fit.model, fit.mode.point, pin)
    for seed in range(5):
        here = draw(np.random.default_rng(seed))
        for value in model.value_vars:
            name = model.values_to_rvs[value].name
            assert np.shape(here[name]) == model.initial_point()[value.name].shape
            assert np.isfinite(here[name]).all()
    named = vs.IdealPoints(polarity="M04", dynamics=vs.RandomWalk(bridge="families", tau="estimate"))
    assert start_pin(fit, named, None).row == fit.encoded.members.get_loc("M04")


@pytest.fixture(scope="module")
def some(fit, spec) -> tuple[DynamicPosterior, list[float]]:
    """A handful of points of the parameter space as if they were draws, and their log-likelihoods."""
    model = built(fit, spec)
    names = [name for name in DYNAMIC_SAMPLED if name in model.named_vars]
    function = function_of(model, [*names, "votes"])
    found = [function(**point) for point in points(model, 6)]
    draws = {name: np.stack([one[at] for one in found])[None] for at, name in enumerate(names)}
    chains = Chains(draws, {"diverging": np.zeros((1, 6), dtype=bool)}, "nutpie", 0.0, 0.0)
    settings = {"seed": 0, "tune": 1, "target_accept": 0.8, "sampler": "nutpie"}
    settings |= {"seconds_compiling": 0.0, "seconds_sampling": 0.0}
    tree = labelled(chains, model.named_vars_to_dims, model.coords, settings, **data_groups(fit.encoded))
    return DynamicPosterior(fit, "", tree), [float(one[-1]) for one in found]


def test_what_is_reported_predicts_as_the_model_does(some):
    """Positions, items and cutpoints on the reported scale give the likelihood of the model, draw by draw."""
    found, expected = some
    np.testing.assert_allclose(log_likelihoods(found, np.arange(6)), expected, rtol=1e-9)
    draws = found.picked(np.array([4]), list(map(str, found.encoded.rollcalls)))
    period = found.encoded.design.period
    by_period = {t: draws.positions[0, np.flatnonzero(period == t)[0], :, 0] for t in range(4)}
    seen = np.concatenate([by_period[t][row] for t, row in enumerate(found.model.walk.seen)])
    assert seen.mean() == pytest.approx(0.0, abs=1e-9)
    assert seen.std() == pytest.approx(1.0)


def test_it_answers_like_the_fit_at_the_mode(some, fit):
    found, _ = some
    for table, other in (
        (found.tidy(), fit.tidy()),
        (found.items(), fit.items()),
        (found.steps(), fit.steps()),
    ):
        assert list(table.columns) == list(other.columns)
        assert len(table) == len(other)
    assert found.periods == fit.periods
    assert found.bridged
    assert not found.converged
    assert any("do not use" in caution for caution in found.cautions)
    assert any("can be placed too far out" in caution for caution in found.cautions)
    assert "estimated as" in found.identified_by
    assert found.with_log_likelihood().tree["log_likelihood"]["vote"].shape[:2] == (1, 6)
    assert "tally" in found.with_posterior_predictive().tree["posterior_predictive"]
    assert found.draw(10, list(found.encoded.rollcalls[:2]), seed=0).positions.shape == (10, 2, 16, 1)


def test_its_priors_say_what_is_learned(some, fit):
    priors = some[0].priors
    for name in ("discrimination", "midpoint"):
        assert priors[name]["sd"] == {"distribution": "uniform", "low": 0.0, "high": fit.priors[name]["sd"]}
    assert priors["raw_tau"] == {"distribution": "half-normal", "sd": 0.5}
    assert "raw_tau" not in fit.priors


def test_the_prior_of_the_common_step_counts_among_the_fixed_ones(some):
    """It is what holds movement of all members apart from the change of items, so it is scaled too."""
    found, _ = some
    steps = found.flat("common_step")
    expected = norm(0, found.model.walk.delta * np.sqrt(found.model.walk.gaps)).logpdf(steps)
    group = found.with_log_prior().tree["log_prior"]
    np.testing.assert_allclose(group["common_step"][0], expected, rtol=1e-12)
    gaps = group["log_gap"][0].sum(axis=-1).to_numpy()
    np.testing.assert_allclose(found.log_priors(), gaps + expected.sum(axis=-1))
    assert found.fixed_priors == "gaps and the step common to all members"


@pytest.mark.parametrize("group", ["posterior", "start"])
def test_zeroed_numbers_are_refused(some, tmp_path, group):
    found, _ = some
    path = tmp_path / "posterior.nc"
    found.save(path)
    with h5py.File(path, "r+") as file:
        name = next(name for name, array in file[group].items() if array.ndim > 1 and array.dtype == float)
        file[f"{group}/{name}"][0] = 0.0
    with pytest.raises(vs.InputError, match="differs from the checksum"):
        vs.load_posterior(path)


def test_it_is_saved_and_loaded_without_loss(some, tmp_path):
    found, _ = some
    path = tmp_path / "posterior.nc"
    found.save(path)
    back = vs.load_posterior(path)
    assert back.tree.identical(found.tree)
    assert back.tidy().equals(found.tidy())
    assert back.items().equals(found.items())
    assert back.steps().equals(found.steps())
    assert (back.identified_by, back.cautions, back.direction) == (
        found.identified_by,
        found.cautions,
        found.direction,
    )
    rollcalls = list(found.encoded.rollcalls[:2])
    assert np.array_equal(back.draw(4, rollcalls, 0).positions, found.draw(4, rollcalls, 0).positions)


def test_what_cannot_be_sampled_is_refused(council):
    with pytest.raises(vs.UsageError, match="estimates tau"):
        vs.sample(council.rollcalls, vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", tau=0.1)))
    estimated = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", tau="estimate"))
    with pytest.raises(vs.UsageError, match="static positions"):
        vs.sample(council.rollcalls, estimated, absence="hurdle")


def test_chains_that_disagree_in_sign_end_in_an_error(council, spec, monkeypatch):
    def mirrored(model, names, start, *, chains, draws, **_):
        line = np.broadcast_to(np.linspace(-1, 1, 16), (chains, draws, 4, 16)).copy()
        line[1] *= -1
        return Chains({"position": line}, {}, "nutpie", 0.0, 0.0)

    monkeypatch.setattr(dynamic_draws, "metric_of", lambda _: None)
    monkeypatch.setattr(dynamic_draws, "run_sampler", mirrored)
    with pytest.raises(vs.NotUsableError, match="mirror"):
        vs.sample(council.rollcalls, spec)
