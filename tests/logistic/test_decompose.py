"""Decompositions: by brute force, and the laws they obey."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import voteshift as vs
from logistic.worlds import votes
from voteshift.logistic.likelihoods import Likelihood
from voteshift.logistic.panel import Panel
from voteshift.logistic.parts import Columns, fairlie_parts, shapley_parts, yun_parts
from voteshift.logistic.specifications import Fairlie, MemberBootstrap

EMPTY = pd.DataFrame()
MODELS = [("yes", "binary"), ("vote", "ordered"), ("vote", "multinomial")]
METHODS = ["shapley", "fairlie", "yun"]


def panel(n_members=60, seed=0):
    """Two votes of overlapping councils, the second on a harder text."""
    frame = votes(n_members, seed=seed, n_rollcalls=2)
    rng = np.random.default_rng(seed)
    stay = dict(zip(frame["member"].unique(), rng.choice(["both", "R0", "R1"], n_members), strict=True))
    where = frame["member"].map(stay)
    frame = frame[(where == "both") | (where == frame["rollcall"])].reset_index(drop=True)
    frame["symbol"] = "S/" + frame["rollcall"]
    return Panel(frame, EMPTY, EMPTY, ())


@pytest.fixture(scope="module")
def two():
    return panel()


def split(two, left="yes", n_draws=12, seed=0, **options):
    bootstrap = MemberBootstrap(n_draws, seed)
    return vs.logistic.decompose(f"{left} ~ x + group", two, "R0", "R1", bootstrap=bootstrap, **options)


@pytest.mark.parametrize("penalised", [False, True])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("left", "model"), MODELS)
def test_parts_add_up_to_the_change(two, left, model, method, penalised):
    found = split(two, left, model=model, method=method, penalised=penalised, n_draws=3)
    sums = found.tidy().groupby("category")["estimate"].sum()
    counts = two.frame.groupby("rollcall")[list(sums.index)].mean()
    np.testing.assert_allclose(sums, (counts.loc["R1"] - counts.loc["R0"])[sums.index], atol=1e-9)
    residual = found.tidy().query("part == 'residual'")["estimate"].abs().max()
    # Only an ordered fit without the penalty need not reproduce the shares.
    assert residual < (0.05 if (model, penalised) == ("ordered", False) else 1e-9)


def test_shapley_is_the_mean_over_all_orders():
    values = np.random.default_rng(0).standard_normal((16, 2))
    by_hand = np.mean([fairlie_parts(values, order) for order in permutations(range(4))], axis=0)
    np.testing.assert_allclose(shapley_parts(values), by_hand, atol=1e-12)


def test_fairlie_by_brute_force(two):
    """Every pair of members, every order, one row at a time."""
    found = split(two, method="fairlie").tidy().set_index(["part", "variable"])["estimate"]
    old, new = (two.frame[two.frame["rollcall"] == name] for name in ("R0", "R1"))
    fit = vs.logit("yes ~ x + group", old, errors="naive", penalised=False)
    b = fit.params

    def p(x, group):
        eta = b["Intercept"] + b["x"] * x + b.get(f"group[T.{group}]", 0.0)
        return 1 / (1 + np.exp(-eta))

    total = {"x": 0.0, "group": 0.0}
    for a in old.itertuples():
        for c in new.itertuples():
            first = p(c.x, a.group) - p(a.x, a.group), p(c.x, c.group) - p(c.x, a.group)
            second = p(c.x, c.group) - p(a.x, c.group), p(a.x, c.group) - p(a.x, a.group)
            total["x"] += (first[0] + second[0]) / 2
            total["group"] += (first[1] + second[1]) / 2
    for name, value in total.items():
        assert found["characteristics", name] == pytest.approx(value / len(old) / len(new), abs=1e-9)


def test_one_order_of_fairlie_is_one_of_those_averaged(two):
    ways = [split(two, method=Fairlie(order=order)) for order in (("x", "group"), ("group", "x"))]
    mean = np.mean([way.tidy()["estimate"] for way in ways], axis=0)
    np.testing.assert_allclose(mean, split(two, method="fairlie").tidy()["estimate"], atol=1e-9)
    with pytest.raises(vs.UsageError, match="every variable once"):
        split(two, method=Fairlie(order=("x",)))


def test_whose_coefficients_weigh_matters_and_pooled_lies_elsewhere(two):
    parts = {
        held: split(two, method=Fairlie(coefficients=held)).tidy()["estimate"].iloc[0]
        for held in ("old", "new", "pooled")
    }
    assert len({round(value, 6) for value in parts.values()}) == 3


@pytest.mark.parametrize(("left", "model"), MODELS)
def test_yun_does_not_depend_on_the_level_left_out(left, model):
    """Even where the levels are not equally common."""
    two = panel(80, seed=3)
    one = split(two, left, model=model, method="yun", n_draws=2)
    renamed = two.frame.assign(group=two.frame["group"].map({"a": "z", "b": "y", "c": "x"}))
    other = split(Panel(renamed, EMPTY, EMPTY, ()), left, model=model, method="yun", n_draws=2)
    np.testing.assert_allclose(one.tidy()["estimate"], other.tidy()["estimate"], atol=1e-8)


def test_yun_on_a_line_is_oaxaca_and_blinder():
    """Where probabilities are all but linear, weights are the parts themselves."""
    likelihood = Likelihood("binary", 2)
    columns = Columns(0, ((1,), (2,)), (False, False))
    old, new = 1e-4 * np.array([0.5, 1.0, -2.0]), 1e-4 * np.array([0.3, 2.0, 1.0])
    x_old, x_new = np.array([1.0, 0.2, 0.4]), np.array([1.0, 0.9, 0.1])
    slope = 0.25
    signs = slope * np.array([-1, 1])
    totals = signs * ((x_new - x_old) @ old), signs * (x_new @ (new - old))
    made, replied = yun_parts(likelihood, columns, (old, new), (x_old, x_new), totals)
    np.testing.assert_allclose(made[:, 1], slope * ((x_new - x_old) * old)[1:], rtol=1e-6)
    np.testing.assert_allclose(replied[:, 1], slope * (x_new * (new - old))[[1, 2, 0]], rtol=1e-6)


def test_weights_that_cancel_are_not_used():
    likelihood = Likelihood("binary", 2)
    columns = Columns(0, ((1,), (2,)), (False, False))
    b = np.array([0.0, 1.0, -1.0])
    made, _ = yun_parts(
        likelihood, columns, (b, b), (np.zeros(3), np.ones(3)), (np.full(2, 0.1), np.zeros(2))
    )
    assert np.isnan(made).all()


@settings(max_examples=10)
@given(st.integers(0, 1000))
def test_turning_time_round_turns_the_parts_round(seed):
    two = panel(40, seed=seed)
    forth = vs.logistic.decompose("yes ~ x", two, "R0", "R1", bootstrap=MemberBootstrap(2), penalised=True)
    back = vs.logistic.decompose("yes ~ x", two, "R1", "R0", bootstrap=MemberBootstrap(2), penalised=True)
    np.testing.assert_allclose(forth.tidy()["estimate"], -back.tidy()["estimate"], atol=1e-9)


def test_a_council_that_is_the_same_has_no_characteristics():
    frame = votes(60, seed=4, n_rollcalls=2).assign(symbol=lambda d: "S/" + d["rollcall"])
    found = vs.logistic.decompose(
        "yes ~ x + group", Panel(frame, EMPTY, EMPTY, ()), "S/R0", "S/R1", bootstrap=MemberBootstrap(10)
    )
    table = found.tidy().set_index(["part", "variable"])
    # x and group are traits of members, and the same members sat both times: only responses can differ.
    shapley = table.loc["characteristics", ["estimate", "conf_low", "conf_high"]].abs().to_numpy()
    assert shapley.max() < 1e-9


def test_the_bootstrap_weighs_members_and_is_repeatable(two):
    one, same, other = (split(two, n_draws=40, seed=seed).tidy() for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, same)
    assert not np.allclose(one["conf_low"], other["conf_low"])
    assert (one["conf_low"] <= one["conf_high"]).all()
    assert split(two).seed == 0


def test_separated_votes_are_penalised_and_it_is_said():
    two = panel(50, seed=5)
    two.frame.loc[two.frame["group"] == "c", ["yes", "no", "abstain"]] = [0, 1, 0]
    found = split(two)
    assert sum("are separated: both fits have Jeffreys' penalty" in note for note in found.notes) == 2
    with pytest.raises(vs.NotUsableError, match="the votes in R0 are separated"):
        split(two, penalised=False)


@pytest.mark.parametrize(
    ("formula", "options", "error", "says"),
    [
        ("yes ~ x + C(rollcall)", {}, vs.UsageError, "'rollcall' always differs between the two votes"),
        ("yes ~ x * group", {"method": "yun"}, vs.UsageError, "does not allow interactions"),
        ("yes ~ x + only", {}, vs.NotUsableError, "the terms are collinear in the votes of R1"),
        ("yes ~ x", {"method": "oaxaca"}, vs.UsageError, "method is 'oaxaca'"),
        ("vote ~ x", {"model": "ordered"}, vs.NotUsableError, "nobody voted no in R1"),
        ("yes ~ w", {}, vs.UsageError, "'w'"),
        ("yes ~ x", {"model": "firth"}, vs.UsageError, "model is 'firth'"),
        ("yes ~ x", {"missing": "fill"}, vs.UsageError, "missing is 'fill'"),
        ("yes ~ x", {"level": 90}, vs.UsageError, "level is 90"),
    ],
)
def test_what_cannot_be_split_is_said(two, formula, options, error, says):
    frame = two.frame.assign(only=np.where(two.frame["rollcall"] == "R0", two.frame["z"], 0.0))
    frame.loc[(frame["rollcall"] == "R1") & (frame["vote"] == "no"), "vote"] = "abstain"
    with pytest.raises(error, match=says):
        vs.logistic.decompose(
            formula, Panel(frame, EMPTY, EMPTY, ()), "R0", "R1", bootstrap=MemberBootstrap(2), **options
        )


def test_one_roll_call_is_no_step(two):
    with pytest.raises(vs.UsageError, match="the same roll call"):
        vs.logistic.decompose("yes ~ x", two, "R0", "S/R0")


def test_interactions_are_taken_by_shapley(two):
    found = vs.logistic.decompose("yes ~ x * group", two, "R0", "R1", bootstrap=MemberBootstrap(2))
    assert found.tidy()["variable"].tolist() == ["group", "x", "all", "all"]
