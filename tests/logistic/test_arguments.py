"""Public functions misused: an error that says what to do, never one of Python's own."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from logistic.worlds import record, votes
from voteshift.logistic import (
    Fairlie,
    Formula,
    InterceptPriors,
    MemberBootstrap,
    Multinomial,
    RandomIntercept,
    calibration,
    compare,
    decompose,
    influence,
    kinds,
    proportional_odds,
    read_covariates,
)
from voteshift.ranges import MOST_DRAWS, check_count, check_seed

FORMULA = "yes ~ x + z"
SEEDS = [-1, 1.5, 2**64, "1", None, True, float("nan"), [1]]


@pytest.fixture(scope="module")
def fitted():
    return vs.logit(FORMULA, votes(24))


@pytest.fixture(scope="module")
def panel():
    frame = votes(24, n_rollcalls=2)
    made = vs.panel(record())
    return type(made)(frame.assign(symbol=frame["rollcall"]), made.unmatched, made.left_out.iloc[:0], ())


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"level": 2}, "level is 2"),
        ({"level": "0.9"}, "level is '0.9'"),
        ({"level": float("nan")}, "level is nan"),
        ({"level": True}, "level is True"),
        ({"level": None}, "level is None"),
        ({"cluster": "nobody"}, "cluster is 'nobody', which is not a column"),
        ({"cluster": None}, "cluster is of type NoneType"),
        ({"cluster": 3}, "cluster is of type int"),
        ({"cluster": ["member", "rollcall"]}, "by one column only"),
        ({"cluster": "thing"}, "'thing' contains a value of type object in row 0"),
        ({"model": "probit"}, "model is 'probit'"),
        ({"model": ["binary"]}, r"model is \['binary'\]"),
        ({"errors": None}, "errors is None"),
        ({"missing": 1}, "missing is 1"),
        ({"penalised": "yes"}, "penalised is of type str"),
        ({"weights": 3}, "of type int"),
        ({"weights": "thing"}, "'thing' contains a value of type object"),
        ({"offset": ["x"]}, "of type list"),
        ({"model": Multinomial()}, "does not contain votes"),
    ],
)
def test_options_of_a_fit(options, says):
    with pytest.raises(vs.VoteshiftError, match=says) as caught:
        vs.logit(FORMULA, votes(24).assign(thing=[object()] * 72), **options)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "table", [None, 3, "panel", [1], np.zeros((2, 2)), votes(3).iloc[:0], pd.DataFrame()]
)
def test_a_panel_that_is_none(table):
    with pytest.raises(vs.VoteshiftError, match=r"panel (is of type|has no rows)") as caught:
        vs.logit(FORMULA, table)
    assert caught.value.remedy


def test_columns_with_one_name():
    frame = votes(6)
    with pytest.raises(vs.InputError, match="two columns of panel have the name 'x'"):
        vs.logit(FORMULA, frame.set_axis(["x" if name == "group" else name for name in frame], axis=1))


def test_a_frame_without_members_names_its_rows():
    frame = votes(24).drop(columns="member").assign(x=lambda d: d["x"].where(d.index > 1))
    with pytest.raises(vs.InputError, match=r"missing values of x in 2 of 72 rows: 0, 1"):
        vs.logit("yes ~ x", frame, cluster="rollcall")


@pytest.mark.parametrize("formula", ["yes ~", "yes ~ 1", "yes ~ 0 + 1"])
def test_a_conditional_model_of_nothing(formula):
    with pytest.raises(vs.UsageError, match="no intercept, and the formula has no other term"):
        vs.logit(formula, votes(60, n_rollcalls=4), model="conditional")


@pytest.mark.parametrize("seed", SEEDS)
def test_seeds(fitted, seed):
    calls = [
        lambda: check_seed(seed),
        lambda: fitted.score_test("x", seed=seed),
        lambda: fitted.effects(method="bootstrap", n_draws=2, seed=seed),
        lambda: MemberBootstrap(seed=seed),
        lambda: RandomIntercept(seed=seed),
    ]
    for call in calls:
        with pytest.raises(vs.UsageError, match="seed is"):
            call()


@pytest.mark.parametrize("count", [-1, 0, 1.5, "9", None, 10**9, True])
def test_counts(fitted, count):
    calls = [
        lambda: check_count("draws", count, most=MOST_DRAWS),
        lambda: fitted.score_test("x", n_draws=count),
        lambda: fitted.effects(method="bootstrap", n_draws=count),
        lambda: MemberBootstrap(n_draws=count),
        lambda: calibration(fitted, n_bins=count),
        lambda: RandomIntercept(draws=count),
        lambda: RandomIntercept(chains=count),
    ]
    for call in calls:
        with pytest.raises(vs.UsageError, match=f"is {count!r}"):
            call()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda fit, _: fit.conf_int(alpha=2), "alpha is 2"),
        (lambda fit, _: fit.conf_int(alpha="a"), "alpha is 'a'"),
        (lambda fit, _: fit.profile_int(3), "terms is of type int"),
        (lambda fit, _: fit.profile_int("w"), "no term 'w'"),
        (lambda fit, _: fit.score_test(["x", "z"]), "term is of type list"),
        (lambda fit, _: fit.score_test("x", "a"), "value is 'a'"),
        (lambda fit, _: fit.effects(3), "variables is of type int"),
        (lambda fit, _: fit.effects("x", by=["x"]), "by is of type list"),
        (lambda fit, _: fit.effects("x", method=1), "method is 1"),
        (lambda fit, _: compare([fit]), "results is of type list"),
        (lambda _, panel: compare({"a": panel}), "of type Panel"),
        (lambda _, panel: calibration(panel), "result is of type Panel"),
        (lambda fit, _: calibration(fit, category=["yes"]), "category is"),
        (lambda *_: influence(None), "result is of type NoneType"),
        (lambda *_: proportional_odds("fit"), "result is of type str"),
        (lambda *_: decompose("yes ~ x", votes(6), "R0", "R1"), "panel is of type DataFrame"),
        (lambda _, panel: decompose(None, panel, "R0", "R1"), "formula is of type NoneType"),
        (lambda _, panel: decompose("yes ~ x", panel, 0, "R1"), "of type int"),
        (lambda _, panel: decompose("yes ~ x", panel, "R0", "R1", level=2), "level is 2"),
        (lambda _, panel: decompose("yes ~ x", panel, "R0", "R1", bootstrap=9), "bootstrap is of type int"),
        (lambda *_: Fairlie(order=3), "order is of type int"),
        (lambda *_: Fairlie(coefficients="both"), "coefficients is 'both'"),
        (lambda *_: Multinomial(base=3), "base is 3"),
        (lambda *_: RandomIntercept(priors=2.5), "priors is of type float"),
        (lambda *_: RandomIntercept(progress="yes"), "progress is of type str"),
        (lambda *_: RandomIntercept(nuts=0.9), "nuts is of type float"),
        (lambda *_: vs.logit(Formula("yes ~ x", 3), votes(24)), "functions is of type int"),
        (lambda *_: vs.logit(Formula(3), votes(24)), "formula is of type int"),
        (lambda *_: kinds(votes(6), "group", "R0", "R1"), "panel is of type DataFrame"),
        (lambda _, panel: kinds(panel, None, "R0", "R1"), "by is of type NoneType"),
        (lambda _, panel: panel.only(3), "of type int"),
        (lambda _, panel: panel.transitions("R0", "R1", origin=None, to="no"), "origin is None"),
        (lambda *_: vs.panel("record"), "rollcalls is of type str"),
        (lambda *_: vs.panel(record(), 3), "family is of type int"),
        (lambda *_: vs.panel(record(), covariates=3), "covariates is of type int"),
        (lambda *_: vs.panel(record(), fit=3), "fit is of type int"),
        (lambda *_: InterceptPriors(effect="2"), "standard deviation of '2'"),
        (lambda *_: read_covariates(None), "path is of type NoneType"),
        (lambda *_: read_covariates(3), "path is of type int"),
    ],
)
def test_other_functions(fitted, panel, call, says):
    with pytest.raises(vs.VoteshiftError, match=says) as caught:
        call(fitted, panel)
    assert caught.value.remedy


@pytest.mark.parametrize("lag", [-1, 1.5, "1", 10**6, True])
def test_lags(lag):
    table = pd.DataFrame({"member": ["AAA"], "year": [2017], "voice": [1.0]})
    with pytest.raises(vs.UsageError, match="lag is"):
        vs.panel(record(), covariates=table, lag=lag)


@pytest.mark.parametrize("years", [[2017.5], ["2017"], [None], [np.inf]])
def test_years_of_covariates_are_whole(years):
    table = pd.DataFrame({"member": ["AAA"], "year": years, "voice": [1.0]})
    with pytest.raises(vs.InputError, match="year"):
        vs.panel(record(), covariates=table, lag=1)


@pytest.mark.parametrize("library", ["polars", "pyarrow"])
def test_frames_of_other_libraries(library):
    made = pytest.importorskip(library)

    def convert(frame):
        return made.from_pandas(frame) if library == "polars" else made.Table.from_pandas(frame)

    table = pd.DataFrame({"iso3": ["AAA", "BBB"], "year": [2017, 2017], "voice": [1.0, None]})
    plain = vs.panel(record(), covariates=table, lag=1)
    other = vs.panel(record(), covariates=convert(table), lag=1)
    pd.testing.assert_frame_equal(other.frame, plain.frame)
    pd.testing.assert_frame_equal(other.unmatched, plain.unmatched)
    np.testing.assert_array_equal(
        vs.logit("vote ~ x + group", convert(votes(24)), model="ordered").estimate,
        vs.logit("vote ~ x + group", votes(24), model="ordered").estimate,
    )
