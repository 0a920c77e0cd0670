"""The density a chain walks over, against one written down by hand from what the documentation says."""

import numpy as np
import pytensor.tensor as pt
import pytest

import voteshift as vs
from voteshift.ideal import CustomLink
from voteshift.likelihood import evaluate
from voteshift.posterior.coordinates import scattered_start
from voteshift.posterior.item_coordinates import item_coordinates
from voteshift.posterior.model import build_model, ideal_model
from voteshift.posterior.pins import pin_of, static_fit
from voteshift.posterior.quiet import quiet

REPORTED = (
    "position",
    "discrimination",
    "midpoint",
    "log_gap",
    "discrimination_sd",
    "midpoint_sd",
    "raw_position",
)


def normal(values, sd):
    return float((-0.5 * (values / sd) ** 2 - np.log(sd) - 0.5 * np.log(2 * np.pi)).sum())


@pytest.fixture(scope="module")
def fit():
    record = vs.simulate(10, 30, seed=5, missing=0.1).rollcalls
    return static_fit(record, vs.IdealPoints(priors=vs.Priors(4.0, 3.0, 1.5)))


@pytest.fixture(scope="module")
def pin(fit):
    return pin_of(fit, vs.IdealPoints(), None)


@pytest.fixture(scope="module")
def at(fit, pin):
    """The log density and the variables that are reported, at the coordinates of a start."""
    with quiet():
        model = build_model(fit, pin)
        reported = model.replace_rvs_by_values([model[name] for name in REPORTED])
        function = model.compile_fn(
            [model.logp(), *reported], inputs=model.value_vars, mode="FAST_COMPILE", point_fn=False
        )
    free = [model.values_to_rvs[value].name for value in model.value_vars]

    def evaluated(start):
        density, *values = function(*(start[name] for name in free))
        return float(density), dict(zip(REPORTED, values, strict=True))

    return evaluated


def test_the_density_is_likelihood_priors_and_the_change_of_variables(fit, pin, at):
    """Discriminations and midpoints have coordinates of another length; shears change nothing else."""
    row = fit.encoded.members.get_loc(pin.member)
    start, design = scattered_start(fit, row, pin.side), fit.encoded.design
    three = design.n_categories == 3
    assert three.any()
    assert not three.all()
    for seed in range(4):
        here = start(np.random.default_rng(seed))
        density, found = at(here)
        half = np.zeros(design.n_items)
        half[three] = 0.5 * np.exp(found["log_gap"])
        cuts = found["midpoint"][:, None] + half[:, None] * np.array([-1.0, 1.0])
        shares = np.array([found["discrimination_sd"] / 4.0, found["midpoint_sd"] / 3.0])
        raw = found["raw_position"]
        sds = np.array([found["discrimination_sd"], found["midpoint_sd"]])
        lengths = sds / np.sqrt(1.0 + sds**2 * item_coordinates(fit).information)
        by_hand = (
            evaluate(design, found["position"][None], found["discrimination"], cuts).value
            + normal(found["discrimination"], found["discrimination_sd"])
            + normal(found["midpoint"], found["midpoint_sd"])
            + np.log(lengths).sum()
            + normal(found["log_gap"], 1.5)
            + normal(raw, 1.0)
            + np.log(shares * (1.0 - shares)).sum()  # uniform, on the logit scale
            + here["raw_position"][row]  # the exponential that holds a member to its side
        )
        assert density == pytest.approx(by_hand, rel=1e-10)
        np.testing.assert_allclose(found["position"][:, 0], (raw - raw.mean()) / raw.std(), rtol=1e-12)


def test_a_start_without_scatter_is_the_mode(fit, pin, at):
    class Middle:
        def uniform(self, *bounds):
            return np.zeros(bounds[2])

    row = fit.encoded.members.get_loc(pin.member)
    _, found = at(scattered_start(fit, row, pin.side)(Middle()))
    point = fit.mode.point
    np.testing.assert_allclose(found["position"], point.positions, atol=1e-10)
    np.testing.assert_allclose(found["discrimination"], point.discriminations, atol=1e-10)
    np.testing.assert_allclose(found["midpoint"], point.midpoints, atol=1e-10)
    kinds = fit.encoded.design.n_categories
    np.testing.assert_allclose(found["log_gap"], point.log_gaps[kinds == 3], atol=1e-10)


@pytest.mark.parametrize(
    "more", [{}, {"dims": 2}, {"dynamics": vs.RandomWalk("year", bridge="families", tau="estimate")}]
)
def test_a_link_of_your_own_has_the_density_of_the_built_in_link(more):
    record = vs.load_hrc().between("2020-06", "2021-03")
    custom = CustomLink("logistic", lambda z: -pt.softplus(-z))
    one, other = (ideal_model(record, vs.IdealPoints(link=link, **more)) for link in (custom, "logit"))
    start = other.initial_point()
    densities = [model.compile_logp(mode="FAST_COMPILE")(start) for model in (one, other)]
    assert densities[0] == pytest.approx(densities[1], rel=1e-6)


@pytest.mark.nightly
def test_a_sample_with_a_link_of_your_own_is_like_the_sample_of_the_built_in_link():
    record = vs.load_hrc().between("2021-03", "2021-03")
    custom = CustomLink("logistic", lambda z: -pt.softplus(-z))
    fits = [
        vs.sample(record, vs.IdealPoints(link=link), draws=300, tune=300, chains=2, seed=1)
        for link in (custom, "logit")
    ]
    one, other = (fit.tidy().set_index("member") for fit in fits)
    assert (abs(one["estimate"] - other["estimate"]) / other["std_error"]).median() < 0.2
    assert fits[0].link is custom
    checked = fits[0].draw(50, list(fits[0].rollcall_ids[:2]), 0)
    assert checked.positions.shape[0] == 50
