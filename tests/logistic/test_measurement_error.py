"""A logit with positions measured with error: labels, requests that do not fit, and today's two steps."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

import voteshift as vs
from voteshift.errors import InputError, NotUsableError, UsageError

MODEL = {"model": "measurement-error"}


def panel(n_members=120, *, error=0.6, effect=1.0, seed=0):
    """Return votes with posterior means of positions, a trait that goes with them, and groups."""
    rng = np.random.default_rng(seed)
    trait = rng.standard_normal(n_members)
    x = 0.5 * trait + np.sqrt(0.75) * rng.standard_normal(n_members)
    noise = error**2 / (1 - error**2)
    position = (x + np.sqrt(noise) * rng.standard_normal(n_members)) * (1 - error**2)
    member = np.repeat(np.arange(n_members), 3)
    version = np.tile(["2018", "2020", "2021"], n_members)
    logit = 0.3 - 0.5 * (version == "2020") + effect * x[member] - 0.4 * trait[member]
    return pd.DataFrame(
        {
            "member": [f"M{i:03d}" for i in member],
            "version": version,
            "yes": (rng.random(len(member)) < expit(logit)).astype(int),
            "position": position[member],
            "position_se": error,
            "trait": trait[member],
            "half": np.where(member % 2, "a", "b"),
        }
    )


def test_the_slope_is_larger_than_that_of_the_estimates():
    frame = panel()
    known = vs.logit("yes ~ C(version) + position + trait", frame)
    fitted = vs.logit("yes ~ C(version) + position + trait", frame, **MODEL)
    assert fitted.names == known.names
    assert fitted.params["position"] > known.params["position"] > 0
    assert fitted.bse["position"] > known.bse["position"]
    assert fitted.tidy().columns.tolist() == known.tidy().columns.tolist()
    assert any("the reliability of 'position' is 0.64" in note for note in fitted.notes)
    assert any("model='measurement-error' takes the error into account" in note for note in known.notes)
    with pytest.raises(UsageError, match="does not predict"):
        fitted.predict(frame)


def test_slopes_are_those_drawn_where_two_steps_are_wrong():
    """The prior of the ideal points ignores the trait: both slopes of two steps are wrong."""
    frame = panel(2500, error=0.7, seed=5)
    formula = "yes ~ C(version) + position + trait"
    fitted = vs.logit(formula, frame, **MODEL)
    known = vs.logit(formula, frame, errors="CR1")
    for term, slope in (("position", 1.0), ("trait", -0.4)):
        assert abs(fitted.params[term] - slope) < 3 * fitted.bse[term]
        assert abs(known.params[term] - slope) > 3 * known.bse[term]


def test_positions_without_error_give_the_binary_model():
    frame = panel(error=1e-5)
    known = vs.logit("yes ~ C(version) * position + trait", frame)
    fitted = vs.logit("yes ~ C(version) * position + trait", frame, **MODEL)
    assert fitted.estimate == pytest.approx(known.estimate, abs=1e-4)
    assert fitted.llf == pytest.approx(known.llf, abs=1e-4)
    assert fitted.bse.to_numpy() == pytest.approx(known.bse.to_numpy(), rel=0.05)


def test_any_term_with_the_position_is_evaluated_at_the_nodes():
    frame = panel()
    one = vs.logit("yes ~ position + trait", frame, **MODEL)
    two = vs.logit("yes ~ {2 * position} + trait", frame, **MODEL)
    assert two.estimate[1] == pytest.approx(one.estimate[1] / 2, rel=1e-5)
    assert two.llf == pytest.approx(one.llf, abs=1e-6)
    curved = vs.logit("yes ~ position + {position**2} + trait", frame, **MODEL)
    assert curved.llf >= one.llf - 0.5
    with pytest.raises(UsageError, match="cannot be computed for all values"):
        vs.logit("yes ~ log(position)", frame.assign(position=frame["position"].abs() + 0.01), **MODEL)


def test_rows_in_another_order_change_nothing():
    frame = panel()
    mixed = frame.sample(frac=1, random_state=1)
    formula = "yes ~ C(version) + position + trait"
    one, two = (vs.logit(formula, rows, **MODEL) for rows in (frame, mixed))
    assert two.estimate == pytest.approx(one.estimate, abs=1e-6)
    assert two.covariance == pytest.approx(one.covariance, abs=1e-6)


def test_clusters_may_be_larger_than_members():
    frame = panel()
    frame["pair"] = (frame["member"].str[1:].astype(int) // 2).astype(str)
    fitted = vs.logit("yes ~ position", frame, cluster="pair", **MODEL)
    assert (fitted.n_clusters, fitted.df) == (60, 59)
    frame["row"] = [f"r{k}" for k in range(len(frame))]
    with pytest.raises(UsageError, match="the votes of a member are in several clusters"):
        vs.logit(
            "yes ~ position", frame.assign(row=[f"r{k}" for k in range(len(frame))]), cluster="row", **MODEL
        )


@pytest.mark.parametrize(
    ("formula", "change", "error", "says"),
    [
        ("yes ~ trait", {}, UsageError, "needs the variable 'position'"),
        ("yes ~ position", {"position_se": np.nan}, InputError, "M000 has no valid standard error"),
        ("yes ~ position", {"position_se": -1.0}, InputError, "no valid standard error"),
        ("yes ~ position", {"position": range(360)}, InputError, "M000 has several positions"),
        ("yes ~ position + {yes0}", {}, NotUsableError, "separated"),
    ],
)
def test_what_does_not_fit_is_refused(formula, change, error, says):
    frame = panel()
    frame["yes0"] = frame["yes"]
    with pytest.raises(error, match=says):
        vs.logit(formula, frame.assign(**change), **MODEL)


def test_a_panel_without_standard_errors_is_refused():
    with pytest.raises(UsageError, match="no column 'position_se'"):
        vs.logit("yes ~ position", panel().drop(columns="position_se"), **MODEL)


@pytest.mark.parametrize("options", [{"errors": "CR1"}, {"weights": "trait"}, {"penalised": True}])
def test_it_has_one_kind_of_standard_error(options):
    with pytest.raises(UsageError, match="a measurement-error model does not allow"):
        vs.logit("yes ~ position", panel(), **MODEL, **options)


def test_positions_at_the_mode_are_no_posterior_means():
    world = vs.simulate(40, 30, seed=1, categories=2)
    rest = world.rollcalls.select(rollcalls=world.rollcalls.rollcalls.index[3:])
    votes = world.rollcalls.select(rollcalls=world.rollcalls.rollcalls.index[:3])
    mode = vs.panel(votes, fit=vs.IdealPoints().fit(rest))
    assert mode.position_method == "map"
    with pytest.raises(UsageError, match="a joint mode"):
        vs.logit("yes ~ C(rollcall) + position", mode, **MODEL)
    means = vs.panel(votes, fit=vs.IdealPoints(method="marginal").fit(rest))
    assert means.position_method == "marginal"
    fitted = vs.logit("yes ~ position", means, **MODEL)
    assert np.isfinite(fitted.estimate).all()
    assert vs.panel(votes).position_method is None
