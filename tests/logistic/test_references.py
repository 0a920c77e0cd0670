"""Every estimate against the package people know it from.

Numbers of R are in ../references/logistic.json, written by benchmarks/references/logistic.R, with versions.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from voteshift.logistic import Multinomial, logit

REFERENCES = Path(__file__).parents[1] / "references"
CLOSE = {"rtol": 1e-6, "atol": 1e-6}
FORMULA = "yes ~ rollcall + x * z + group"


@pytest.fixture(scope="module")
def reference():
    return json.loads((REFERENCES / "logistic.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def frame():
    table = pd.read_csv(REFERENCES / "logistic_panel.csv", dtype={"member": str, "rollcall": str})
    for word in ("yes", "no", "abstain"):
        table[word] = (table["vote"] == word).astype(int)
    return table


def by_name(result, theirs):
    """Put R's numbers in our order: its names write a level after the variable, ours in brackets."""
    ours = [
        name.replace("[T.", "").replace("]", "").replace("Intercept", "(Intercept)") for name in result.names
    ]
    return np.array([theirs[name] for name in ours])


def test_binary_against_glm(frame, reference):
    theirs = reference["binary"]
    found = logit(FORMULA, frame)
    np.testing.assert_allclose(found.estimate, by_name(found, theirs["params"]), **CLOSE)
    assert found.llf == pytest.approx(theirs["llf"], abs=1e-9)
    order = [list(theirs["params"]).index(name) for name in map(str, by_position(found))]
    for errors, key in (("naive", "naive"), ("CR1", "cr1"), ("CR3", "cr3")):
        covariance = logit(FORMULA, frame, errors=errors).covariance
        np.testing.assert_allclose(covariance, np.array(theirs[key])[np.ix_(order, order)], **CLOSE)


def by_position(result):
    return [
        name.replace("[T.", "").replace("]", "").replace("Intercept", "(Intercept)") for name in result.names
    ]


@pytest.mark.parametrize(("model", "key"), [("ordered", "logit"), ("ordered-probit", "probit")])
def test_ordered_against_polr_and_sandwich(frame, reference, model, key):
    theirs = reference["ordered"][key]
    found = logit(FORMULA.replace("yes", "vote", 1), frame, model=model, errors="CR1")
    np.testing.assert_allclose(found.estimate, by_name(found, theirs["params"]), **CLOSE)
    assert found.llf == pytest.approx(theirs["llf"], abs=1e-9)
    order = [list(theirs["params"]).index(name) for name in by_position(found)]
    # polr's curvature comes from differences of its gradient: the sixth digit is theirs.
    np.testing.assert_allclose(
        found.covariance, np.array(theirs["cr1"])[np.ix_(order, order)], rtol=1e-6, atol=1e-6
    )


def test_multinomial_against_multinom(frame, reference):
    theirs = reference["multinomial"]
    found = logit("vote ~ rollcall + x + group", frame, model="multinomial", errors="CR1")
    flat = np.concatenate([list(theirs["params"][category].values()) for category in ("no", "abstain")])
    names = list(theirs["params"]["no"])
    order = [
        names.index(name.partition(": ")[2]) + (len(names) if name.startswith("abstain") else 0)
        for name in by_position(found)
    ]
    np.testing.assert_allclose(found.estimate, flat[order], **CLOSE)
    assert found.llf == pytest.approx(theirs["llf"], abs=1e-9)
    np.testing.assert_allclose(found.covariance, np.array(theirs["cr1"])[np.ix_(order, order)], **CLOSE)


def test_jeffreys_penalty_against_brglm2(frame, reference):
    found = logit(FORMULA, frame, model="firth")
    np.testing.assert_allclose(found.estimate, by_name(found, reference["firth"]["params"]), **CLOSE)
    theirs = reference["firth_multinomial"]
    some = frame[frame["rollcall"] == theirs["rollcall"]]
    multi = logit("vote ~ x + group", some, model="multinomial", penalised=True)
    for category in ("no", "abstain"):
        ours = [value for name, value in multi.params.items() if name.startswith(category)]
        names = [name.partition(": ")[2] for name in by_position(multi) if name.startswith(category)]
        np.testing.assert_allclose(ours, [theirs["params"][category][name] for name in names], **CLOSE)


def test_firth_against_firthmodels_with_profile_intervals_and_weights(frame):
    from firthmodels import FirthLogisticRegression

    weighed = frame.assign(w=np.tile([1.0, 2.0, 0.5], len(frame))[: len(frame)], o=0.3 * frame["z"])
    found = logit(FORMULA, weighed, model="firth", weights="w", offset="o", level=0.95)
    theirs = FirthLogisticRegression(
        # Not tighter: at the last bits its step-halving finds no better point and warns.
        backend="numpy",
        gtol=1e-8,
        xtol=1e-8,
        max_iter=200,
        fit_intercept=False,
    ).fit(
        found.design.X, found.design.y, sample_weight=weighed["w"].to_numpy(), offset=weighed["o"].to_numpy()
    )
    np.testing.assert_allclose(found.estimate, theirs.coef_, **CLOSE)
    assert found.llf == pytest.approx(theirs.loglik_, abs=1e-9)
    intervals = theirs.conf_int(alpha=0.05, method="pl", max_iter=200, tol=1e-8)
    np.testing.assert_allclose(found.profile_int()[["conf_low", "conf_high"]], intervals, **CLOSE)


def test_statsmodels_gives_the_same(frame):
    import statsmodels.api as sm
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    found = logit("yes ~ x + z", frame, errors="CR1")
    glm = sm.GLM(found.design.y, found.design.X, sm.families.Binomial()).fit(tol=1e-14)
    np.testing.assert_allclose(found.estimate, glm.params, **CLOSE)
    multi = logit("vote ~ x + z", frame, model=Multinomial("no"), errors="naive")
    theirs = sm.MNLogit(multi.design.y, multi.design.X).fit(disp=0, tol=1e-14)
    np.testing.assert_allclose(multi.estimate, theirs.params.T.ravel(), **CLOSE)
    np.testing.assert_allclose(multi.bse, theirs.bse.T.ravel(), **CLOSE)
    ordered = logit("vote ~ x + z", frame, model="ordered", errors="naive")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = OrderedModel(ordered.design.y, ordered.design.X, distr="logit")
        fitted = model.fit(method="bfgs", disp=0, gtol=1e-10)
    np.testing.assert_allclose(ordered.estimate[:3], fitted.params[:3], **CLOSE)
    assert ordered.llf == pytest.approx(fitted.llf, abs=1e-9)


# Urinary tract infections of 239 students (Foxman et al. 1997), the example of the package logistf: infected,
# 24 or older, oral contraceptive, condom, lubricated condom, spermicide, diaphragm; how many.
STUDENTS = """
0010000 42  1010000 44  0110000 14  1110000 5  0001000 2  1001000 14  1101000 2  0011000 1  1011000 15
0111000 1  1111000 3  0001100 8  1001100 10  0101100 2  1101100 1  0011100 5  1011100 7  0000010 1  1000010 1
0010010 1  0110010 1  0001010 1  1001010 3  1101010 1  1011010 2  0001110 18  1001110 12  0101110 4
0011110 6  1011110 3  0111110 2  1010001 3  1011001 1  1101011 1  1001111 1  1101111 1
"""
# As printed by logistf (Heinze, Ploner, Dunkler): estimate, lower and upper 95 % profile limit.
PUBLISHED = {
    "Intercept": (0.12025404, -0.81855740, 1.07315180),
    "age": (-1.10598130, -1.97378840, -0.30742850),
    "oc": (-0.06881673, -0.94144360, 0.78920600),
    "vic": (2.26887464, 1.27302330, 3.43543300),
    "vicl": (-2.11140816, -3.26086080, -1.11773640),
    "vis": (-0.78831694, -1.60808790, 0.01518370),
    "dia": (3.09601263, 0.77456980, 8.03029340),
}


def test_firth_against_the_published_example_of_logistf():
    words = STUDENTS.split()
    rows = [[int(digit) for digit in pattern] for pattern in words[::2]]
    table = pd.DataFrame(rows, columns=["case", "age", "oc", "vic", "vicl", "vis", "dia"])
    table = table.assign(n=[int(word) for word in words[1::2]], member=np.arange(len(rows)))
    assert table["n"].sum() == 239
    found = logit("case ~ age + oc + vic + vicl + vis + dia", table, weights="n", level=0.95)
    assert found.separation  # nobody with a diaphragm was well
    assert found.separated == {"dia": 1}
    assert found.model == "firth"
    intervals = found.profile_int().set_index("term")
    for name, (estimate, low, high) in PUBLISHED.items():
        assert found.params[name] == pytest.approx(estimate, abs=2e-6)
        assert intervals.loc[name, "conf_low"] == pytest.approx(low, abs=1e-4)
        assert intervals.loc[name, "conf_high"] == pytest.approx(high, abs=1e-4)
