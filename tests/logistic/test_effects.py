"""Effects and predictions: against differences taken by hand, and simple laws."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

import voteshift as vs
from logistic.worlds import votes
from voteshift.logistic.effects import contrasts
from voteshift.logistic.profile import best_at


@pytest.fixture(scope="module")
def frame():
    return votes()


@pytest.fixture(scope="module")
def binary(frame):
    return vs.logit("yes ~ C(rollcall) * x + z + group", frame)


def mean_probability(result, frame, **values):
    X = result.design.encode(frame.assign(**values))
    return result.problem.likelihood.probabilities(result.estimate, X).mean(axis=0)


def test_a_slope_is_the_mean_derivative(binary, frame):
    found = binary.effects("x").tidy().iloc[0]
    P = binary.fittedprobabilities()["yes"]
    b = binary.params
    shift = frame["rollcall"].map({"R0": 0, "R1": b["C(rollcall)[T.R1]:x"], "R2": b["C(rollcall)[T.R2]:x"]})
    by_hand = (P * (1 - P) * (b["x"] + shift)).mean()
    assert found["estimate"] == pytest.approx(by_hand, abs=1e-8)
    assert (found["variable"], found["contrast"], found["category"]) == ("x", "slope", "yes")


def test_a_category_is_compared_with_the_first(binary, frame):
    table = binary.effects("group").tidy().set_index("contrast")
    expected = mean_probability(binary, frame, group="c") - mean_probability(binary, frame, group="a")
    assert table.loc["a to c", "estimate"] == pytest.approx(expected[1], abs=1e-12)
    assert list(table.index) == ["a to b", "a to c"]


def test_a_number_wrapped_as_a_category_is_one(frame):
    table = frame.assign(year=frame["rollcall"].map({"R0": 2018, "R1": 2020, "R2": 2021}), d=frame["z"] > 0)
    found = vs.logit("yes ~ C(year) + d", table.astype({"d": int}))
    effects = found.effects().tidy()
    assert list(effects["contrast"]) == ["0 to 1", "2018 to 2020", "2018 to 2021"]


@pytest.mark.parametrize("model", ["ordered", "ordered-probit", "multinomial"])
def test_effects_on_the_categories_cancel(frame, model):
    found = vs.logit("vote ~ x * z + group", frame, model=model)
    table = found.effects().tidy()
    sums = table.groupby(["variable", "contrast"])["estimate"].sum()
    np.testing.assert_allclose(sums, 0, atol=1e-9)
    prediction = found.predict({"x": [-3.0, 0.0, 3.0]})
    np.testing.assert_allclose(prediction.groupby("x")["estimate"].sum(), 1, atol=1e-12)
    assert prediction[["conf_low", "conf_high"]].min().min() > 0
    assert prediction[["conf_low", "conf_high"]].max().max() < 1
    assert set(table["category"]) == {"no", "abstain", "yes"}


def test_the_delta_method_is_that_of_the_estimate(binary):
    """Standard errors against derivatives of the whole effect by differences."""
    (row,) = binary.effects("x").tidy().to_dict("records")
    from voteshift.logistic.effects import contrasts

    (contrast,) = contrasts(binary.design, "x")
    ones = np.ones(binary.nobs)
    slopes = []
    for at in range(len(binary.estimate)):
        step = np.zeros(len(binary.estimate))
        step[at] = 1e-5
        above = contrast.average(binary.problem, binary.estimate + step, ones)[0][1]
        slopes.append((above - contrast.average(binary.problem, binary.estimate - step, ones)[0][1]) / 2e-5)
    by_hand = np.sqrt(np.array(slopes) @ binary.covariance @ slopes)
    assert row["std_error"] == pytest.approx(by_hand, rel=1e-5)


def test_parts_of_the_sample_average_to_the_whole(binary, frame):
    whole = binary.effects("x").tidy()["estimate"].iloc[0]
    parts = binary.effects("x", by="rollcall").tidy()
    sizes = frame["rollcall"].value_counts()
    assert np.average(parts["estimate"], weights=sizes[parts["rollcall"]]) == pytest.approx(whole, abs=1e-12)
    assert list(parts["rollcall"]) == ["R0", "R1", "R2"]


def test_the_bootstrap_agrees_with_the_delta_method_and_with_itself(binary):
    delta = binary.effects("x").tidy().iloc[0]
    options = {"method": "bootstrap", "n_draws": 150, "seed": 3}
    drawn = binary.effects("x", **options)
    row = drawn.tidy().iloc[0]
    assert row["estimate"] == delta["estimate"]
    assert row["std_error"] == pytest.approx(delta["std_error"], rel=0.3)
    pd.testing.assert_frame_equal(drawn.tidy(), binary.effects("x", **options).tidy())
    assert (drawn.seed, drawn.n_draws) == (3, 150)
    assert (
        row["conf_low"] != binary.effects("x", method="bootstrap", n_draws=150, seed=4).tidy()["conf_low"][0]
    )


def test_predictions_average_over_the_votes_fitted(binary, frame):
    found = binary.predict({"x": [0.5], "rollcall": "R1"})
    expected = mean_probability(binary, frame, x=0.5, rollcall="R1")[1]
    assert found["estimate"].tolist() == [pytest.approx(expected, abs=1e-12)]
    assert found.columns[:2].tolist() == ["x", "rollcall"]


def test_what_hangs_on_a_separated_term_is_drawn_out():
    """The effect at either end of the term's interval lies within the interval of the effect."""
    frame = votes(seed=4).assign(w=lambda d: ((d["vote"] == "yes") & (d["z"] > 0)).astype(int))
    found = vs.logit("yes ~ x + w", frame)
    (row,) = found.effects("w").tidy().to_dict("records")
    profile = found.predict({"w": 1}).iloc[0]
    (contrast,) = contrasts(found.design, "w")
    slopes = contrast.average(found.problem, found.estimate, found.problem.weights)[1][1]
    plain = t.ppf(0.95, found.df) * (slopes @ found.covariance @ slopes) ** 0.5
    X = found.design.encode(found.design.frame.assign(w=1))
    there = []
    for end in found.conf_int().loc["w"]:
        params = best_at(found.problem, found.solution, 2, end)
        there.append(contrast.average(found.problem, params, found.problem.weights)[0][1])
        share = found.problem.likelihood.probabilities(params, X)[:, 1].mean()
        assert profile["conf_low"] - 1e-9 <= share <= profile["conf_high"] + 1e-9
    assert row["conf_low"] == pytest.approx(max(-1, min(row["estimate"] - plain, *there)))
    assert row["conf_high"] == pytest.approx(min(1, max(row["estimate"] + plain, *there)))
    assert min(there) < row["estimate"] - plain or max(there) > row["estimate"] + plain


def test_a_difference_of_probabilities_ends_at_one():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"g": rng.choice(["a", "b"], 12), "member": [f"M{k % 6}" for k in range(12)]})
    frame["yes"] = rng.integers(0, 2, 12)
    (row,) = vs.logit("yes ~ g", frame, level=0.9999).effects().tidy().to_dict("records")
    assert -1 <= row["conf_low"] < row["estimate"] < row["conf_high"] <= 1
    assert row["conf_low"] == -1 or row["conf_high"] == 1


def test_effects_and_predictions_are_those_of_statsmodels(frame):
    """Slopes and their errors; of a factor statsmodels toggles one dummy and leaves the others, we do not."""
    import statsmodels.formula.api as smf

    found = vs.logit("yes ~ C(rollcall) + x + z", frame, errors="naive")
    theirs = smf.logit("yes ~ C(rollcall) + x + z", frame).fit(disp=0, tol=1e-12)
    slopes = theirs.get_margeff().summary_frame().loc[["x", "z"]]
    ours = found.effects(["x", "z"]).tidy()
    np.testing.assert_allclose(ours["estimate"], slopes["dy/dx"], rtol=1e-6)
    np.testing.assert_allclose(ours["std_error"], slopes["Std. Err."], rtol=1e-5)
    at = found.predict({"x": 1.0})["estimate"].item()
    assert at == pytest.approx(theirs.predict(frame.assign(x=1.0)).mean(), abs=1e-8)


def test_what_the_model_lacks_is_said(binary):
    with pytest.raises(vs.UsageError, match="no variable 'w'"):
        binary.effects("w")
    with pytest.raises(vs.UsageError, match="no variable 'w'"):
        binary.predict({"w": 1})
    with pytest.raises(vs.UsageError, match="a value cannot be encoded"):
        binary.predict({"rollcall": "R9"})
    with pytest.raises(vs.UsageError, match="no column 'w'"):
        binary.effects("x", by="w")
    with pytest.raises(vs.UsageError, match=r"method is 'bootstap' .give one of delta, bootstrap"):
        binary.effects("x", method="bootstap")


def test_the_slope_of_a_spline_is_one_sided_at_its_ends(frame):
    found = vs.logit("yes ~ bs(z, df=4)", frame, errors="naive")
    slope = found.effects("z").tidy().iloc[0]
    table, reach = found.design.frame, 1e-6
    inner = table[table["z"].between(table["z"].min() + reach, table["z"].max() - reach)]
    high, low = (found.predict(inner.assign(z=inner["z"] + side))["estimate"] for side in (reach, -reach))
    assert slope["estimate"] == pytest.approx(((high - low) / (2 * reach)).mean(), abs=0.02)
    assert slope["conf_low"] < slope["estimate"] < slope["conf_high"]
