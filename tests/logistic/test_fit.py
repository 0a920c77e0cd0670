"""Fits: what is refused and why, what is done about separation, and what does not change an answer."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import chi2
from scipy.stats import t as student

import voteshift as vs
from logistic.worlds import votes
from voteshift.logistic import Multinomial
from voteshift.logistic.clusters import score_test
from voteshift.logistic.likelihoods import Likelihood
from voteshift.logistic.maximise import Problem, maximise
from voteshift.logistic.profile import best_at
from voteshift.logistic.separation import separated

FAMILIES = ["binary", "ordered", "ordered-probit", "multinomial"]


@pytest.fixture(scope="module")
def frame():
    return votes()


def problem(family, *, penalised=False, seed=1):
    rng = np.random.default_rng(seed)
    n, K = 80, 2 if family == "binary" else 3
    X = rng.standard_normal((n, 2))
    if not family.startswith("ordered"):
        X = np.column_stack([np.ones(n), X])
    return Problem(
        Likelihood(family, K),
        rng.integers(0, K, n).astype(np.intp),
        X,
        rng.uniform(0.5, 2.0, n),
        np.zeros(n) if family == "multinomial" else 0.3 * rng.standard_normal(n),
        penalised,
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_slopes_are_the_derivatives_of_the_probabilities(family):
    at = problem(family)
    params = maximise(at).params + 0.1
    slopes = at.likelihood.slopes(params, at.X, at.offset)
    for p in range(len(params)):
        step = np.zeros_like(params)
        step[p] = 1e-6
        above = at.likelihood.probabilities(params + step, at.X, at.offset)
        below = at.likelihood.probabilities(params - step, at.X, at.offset)
        np.testing.assert_allclose(slopes[:, :, p], (above - below) / 2e-6, atol=1e-9)
    np.testing.assert_allclose(
        at.likelihood.probabilities(params, at.X, at.offset).sum(axis=1), 1, atol=1e-14
    )


@pytest.mark.parametrize("penalised", [False, True])
@pytest.mark.parametrize("family", FAMILIES)
def test_no_better_point_is_found_by_a_search_that_knows_no_derivative(family, penalised):
    at = problem(family, penalised=penalised)
    found = maximise(at)
    assert found.converged
    start = found.params + 0.05
    rival = minimize(lambda b: -at.objective(b), start, method="Nelder-Mead", options={"maxfev": 4000})
    assert found.objective >= -rival.fun - 1e-9
    assert np.abs(at.gradient(found.params)).max() < 1e-6


@pytest.mark.parametrize("family", FAMILIES)
def test_separation_is_found_where_it_is_and_only_there(family):
    at = problem(family)
    assert not separated(at).any()
    K = at.likelihood.n_categories
    order = np.digitize(at.X[:, -1], [0.0] if K == 2 else [-0.5, 0.5]).astype(np.intp)
    apart = Problem(at.likelihood, order, at.X, at.weights, np.zeros(len(order)))
    assert separated(apart).any()
    assert not maximise(apart).converged or maximise(apart).objective > -1e-6
    penalised = Problem(at.likelihood, order, at.X, at.weights, np.zeros(len(order)), penalised=True)
    assert maximise(penalised).converged


def test_quasi_separation_names_the_term_and_its_direction():
    frame = votes(seed=4).assign(w=lambda d: ((d["vote"] == "yes") & (d["z"] > 0)).astype(int))
    found = vs.logit("yes ~ x + w", frame)
    assert found.separated == {"w": 1}
    assert found.separation
    assert found.model == "firth"
    assert any("no finite estimate of w (to +infinity)" in note for note in found.notes)
    with pytest.raises(vs.NotUsableError, match=r"separated: .* no finite estimate of w"):
        vs.logit("yes ~ x + w", frame, penalised=False)
    low, high = found.profile_int("w")[["conf_low", "conf_high"]].iloc[0]
    assert 0 < low < found.params["w"] < high
    interval = found.tidy().set_index("term").loc["w"]
    reach = found.covariance[2, 2] ** 0.5 * 1.671  # t with 59 degrees of freedom
    assert interval["conf_high"] == pytest.approx(max(high, found.params["w"] + reach), rel=1e-3)
    assert interval["conf_low"] == pytest.approx(min(low, found.params["w"] - reach), rel=1e-3)
    wider = found.conf_int(alpha=0.01).loc["w"]
    assert wider[0] < interval["conf_low"]
    assert wider[1] > interval["conf_high"]


def test_a_separated_term_has_no_standard_error_and_the_larger_of_two_p_values():
    frame = votes(seed=4).assign(w=lambda d: ((d["vote"] == "yes") & (d["z"] > 0)).astype(int))
    found = vs.logit("yes ~ x + w", frame)
    table = found.tidy().set_index("term")
    assert table.loc["w", ["std_error", "statistic"]].isna().all()
    assert table.drop("w").notna().all(axis=None)
    t = abs(found.params["w"]) / found.covariance[2, 2] ** 0.5
    held = best_at(found.problem, found.solution, 2, 0.0)
    ratio = 2 * (found.llf - found.problem.objective(held))
    assert table.loc["w", "p_value"] == pytest.approx(max(2 * student.sf(t, 59), chi2.sf(ratio, 1)))
    for level in (0.5, 0.8, 0.9, 0.99, 0.999, 0.9999):  # the interval holds 0 where the p-value says so
        low, high = found.conf_int(alpha=1 - level).loc["w"]
        assert (low <= 0 <= high) == (found.pvalues["w"] >= 1 - level)
    assert "penalised log-likelihood" in found.summary()


def test_every_term_without_a_finite_estimate_is_named():
    """No Western state said yes, and who had no seat the first time, no less: all its terms are open."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"group": rng.choice(["A", "B", "W"], 240), "time": rng.choice(["1", "2"], 240)})
    frame["vote"] = rng.choice(["no", "abstain", "yes"], 240)
    frame.loc[(frame["group"] == "W") & (frame["vote"] == "yes"), "vote"] = "no"
    frame["member"] = [f"M{k % 80}" for k in range(240)]
    frame["yes"] = (frame["vote"] == "yes").astype(int)
    for model, formula in (("multinomial", "vote ~ time + group"), ("binary", "yes ~ time * group")):
        found = vs.logit(formula, frame, model=model)
        west = {name for name in found.names if "W]" in name}
        assert set(found.separated) == west
        assert len(west) == 2
        ways = set(found.separated.values())
        assert ways == ({1} if model == "multinomial" else {-1, 0})  # the slope over time may go either way
    assert any("(to +infinity or \N{MINUS SIGN}infinity)" in note for note in found.notes)


@pytest.mark.parametrize("family", FAMILIES)
def test_separated_terms_are_those_that_grow_without_end(family):
    """A term is open if and only if the likelihood gets as high as it can with the term held far out."""
    at = problem(family)
    y = at.y.copy()
    y[at.X[:, -1] > 0.8] = at.likelihood.n_categories - 1
    X = np.column_stack([at.X, (at.X[:, -1] > 0.8).astype(float)])
    apart = Problem(at.likelihood, y, X, at.weights, at.offset)
    found = separated(apart)
    assert found.any()
    top = maximise(replace(apart, penalised=True)).params
    best = -minimize(lambda b: -apart.log_likelihood(b), top, method="BFGS").fun
    for k, way in enumerate(found):
        for sign in (-1, 1):
            start = top.copy()
            start[k] += sign * 15
            free = np.arange(len(top)) != k

            def fall(b, start=start, free=free):
                whole = start.copy()
                whole[free] = b
                return -max(apart.log_likelihood(whole), -1e6)

            reached = -minimize(fall, start[free], method="Nelder-Mead", options={"maxfev": 6000}).fun
            assert (reached > best - 1) == (way in (sign, 2)), (k, sign, reached, best)


def test_a_cutpoint_is_profiled_past_its_neighbour():
    """The step from one cutpoint goes beyond the next: the next is pushed on, and the ends are true."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"x": rng.normal(size=60), "member": [f"M{k}" for k in range(60)]})
    latent = frame["x"] + rng.logistic(size=60)
    frame["vote"] = np.where(latent < 0, "no", np.where(latent < 0.15, "abstain", "yes"))
    found = vs.logit("vote ~ x", frame, model="ordered")
    apart = found.params["abstain|yes"] - found.params["no|abstain"]
    low, high = found.profile_int("no|abstain").loc[0, ["conf_low", "conf_high"]]
    assert apart < found.bse["no|abstain"]
    for end in (low, high):
        fall = minimize(
            lambda b, end=end: (
                -max(found.problem.log_likelihood(np.array([b[0], end, end + np.exp(b[1])])), -1e6)
            ),
            [1.0, -2.0],
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-12, "maxfev": 4000},
        )
        assert 2 * (found.llf + fall.fun) == pytest.approx(chi2.ppf(0.9, 1), abs=1e-5)


def test_a_search_from_crossed_cutpoints_does_not_stay_there():
    at = problem("ordered")
    found = maximise(at)
    crossed = found.params.copy()
    crossed[-2:] = crossed[:-3:-1]
    again = maximise(at, start=crossed)
    assert again.converged
    np.testing.assert_allclose(again.params, found.params, atol=1e-6)


def test_a_member_on_whom_a_finite_estimate_hangs_is_named():
    frame = votes(seed=4)
    only = frame["member"].unique()[0]
    frame["w"] = ((frame["yes"] == 1) & (frame["z"] > 0)).astype(int)
    frame.loc[frame["member"] == only, "w"] = 1
    frame.loc[frame["member"] == only, "yes"] = 0
    found = vs.logit("yes ~ x + w", frame)
    assert not found.separation  # the whole has finite estimates
    assert found.penalised
    assert any(note.startswith(f"without {only} the votes are separated:") for note in found.notes)
    with pytest.raises(vs.NotUsableError, match=f"without {only}"):
        vs.logit("yes ~ x + w", frame, penalised=False)
    assert vs.logit("yes ~ x + w", frame, penalised=False, errors="CR1").model == "binary"


def test_a_category_that_one_member_holds_up_is_seen_too():
    """Quasi-separation that closes one category and leaves the others open."""
    frame = votes(seed=6)
    first = frame["rollcall"] == "R0"
    frame.loc[first & (frame["vote"] == "no"), "vote"] = "abstain"
    frame.loc[frame.index[first][0], "vote"] = "no"
    found = vs.logit("vote ~ C(rollcall) + x", frame, model="multinomial")
    assert found.penalised
    assert any(frame["member"].iloc[0] in note for note in found.notes)
    assert found.bse.max() < 5


@pytest.mark.parametrize(
    ("formula", "model", "error", "says"),
    [
        ("yes ~ x + nonsense", "binary", vs.UsageError, "'nonsense', which is not a column"),
        ("yes ~ ((x", "binary", vs.UsageError, "cannot be read"),
        ("yes + no ~ x", "binary", vs.UsageError, "write the name of one column on the left"),
        ("~ x", "binary", vs.UsageError, "cannot be read"),
        ("yes ~ yes + x", "binary", vs.UsageError, "both sides"),
        ("vote ~ x", "binary", vs.UsageError, "other values than 0 and 1"),
        ("yes ~ x", "ordered", vs.UsageError, "does not contain votes"),
        ("yes ~ x + I(2 * x)", "binary", vs.NotUsableError, "collinear"),
        ("vote ~ 0 + C(group)", "ordered", vs.NotUsableError, "collinear"),
        ("yes ~ x + C(member)", "binary", vs.NotUsableError, "collinear|clusters cannot carry"),
        ("always ~ x", "binary", vs.NotUsableError, "1 in every row"),
        ("yes ~ log(0 * x)", "binary", vs.UsageError, "cannot be computed"),
        ("yes ~ gappy", "binary", vs.InputError, "missing values of gappy in 3 of 180 rows: M000"),
        ("yes ~ x", "probit", vs.UsageError, "model is 'probit'"),
    ],
)
def test_what_cannot_be_fitted_is_said(frame, formula, model, error, says):
    table = frame.assign(always=1, gappy=frame["z"].where(frame["member"] != "M000"))
    with pytest.raises(error, match=says):
        vs.logit(formula, table, model=model)


def test_rows_are_dropped_only_when_asked_and_then_named(frame):
    table = frame.assign(gappy=frame["z"].where(frame["member"] != "M000"))
    found = vs.logit("yes ~ gappy", table, missing="drop")
    assert found.nobs == 177
    assert any("3 votes are left out" in note and "M000" in note for note in found.notes)
    same = vs.logit("yes ~ gappy", table[table["member"] != "M000"])
    np.testing.assert_array_equal(found.estimate, same.estimate)


def test_two_categories_are_no_ordered_model(frame):
    with pytest.raises(vs.NotUsableError, match="nobody voted abstain"):
        vs.logit("vote ~ x", frame[frame["vote"] != "abstain"], model="ordered")


def test_two_way_clusters_are_refused(frame):
    with pytest.raises(vs.UsageError, match="by one column only"):
        vs.logit("yes ~ x", frame, cluster=("member", "rollcall"))
    with pytest.raises(vs.NotUsableError, match=r"too few clusters \(3\) for 3 parameters"):
        vs.logit("yes ~ x + z", frame, cluster="rollcall")


def test_names_and_tables_are_those_of_statsmodels(frame):
    found = vs.logit("yes ~ C(rollcall) + x", frame, level=0.95)
    assert list(found.params.index) == list(found.bse.index) == list(found.pvalues.index)
    table = found.tidy()
    assert list(table.columns) == [
        *("term", "label", "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")
    ]
    np.testing.assert_allclose(found.conf_int(alpha=0.05)[0], table["conf_low"])
    assert (found.nobs, found.n_clusters, found.df) == (180, 60, 59)
    from scipy.stats import t

    np.testing.assert_allclose(table["conf_high"] - table["estimate"], t.ppf(0.975, 59) * table["std_error"])
    np.testing.assert_allclose(table["p_value"], 2 * t.sf(np.abs(table["statistic"]), 59))
    assert "60 clusters" in found.summary()
    assert "<table" in found._repr_html_()
    assert found.aic == pytest.approx(-2 * found.llf + 2 * 4)


@settings(max_examples=25, phases=[Phase.explicit, Phase.generate])
@given(st.integers(0, 10_000), st.floats(0.01, 100), st.floats(-5, 5))
def test_units_and_order_of_rows_do_not_matter(seed, scale, shift):
    frame = votes(24, seed=3)
    one = vs.logit("yes ~ x + z", frame)
    shuffled = frame.sample(frac=1, random_state=seed).assign(x=lambda d: scale * d["x"] + shift)
    other = vs.logit("yes ~ x + z", shuffled)
    np.testing.assert_allclose(other.params[["x", "z"]] * [scale, 1], one.params[["x", "z"]], rtol=1e-6)
    np.testing.assert_allclose(other.bse[["x", "z"]] * [scale, 1], one.bse[["x", "z"]], rtol=1e-6)
    assert other.llf == pytest.approx(one.llf, abs=1e-9)


def test_weights_are_repeats(frame):
    table = frame.assign(w=np.tile([1, 2, 3], 60))
    weighed = vs.logit("yes ~ x + z", table, weights="w")
    repeated = vs.logit("yes ~ x + z", table.loc[table.index.repeat(table["w"])])
    np.testing.assert_allclose(weighed.estimate, repeated.estimate, atol=1e-8)
    np.testing.assert_allclose(weighed.covariance, repeated.covariance, atol=1e-8)


def test_weights_are_above_0(frame):
    with pytest.raises(vs.InputError, match="are not above 0"):
        vs.logit("yes ~ x", frame.assign(w=0.0), weights="w")
    with pytest.raises(vs.UsageError, match="no column 'w'"):
        vs.logit("yes ~ x", frame, weights="w")


def test_variables_inside_transforms_are_known_too(frame):
    """poly() and scale() keep a state, and formulaic forgets to say what they are of."""
    found = vs.logit("yes ~ poly(x, 2) + scale(z)", frame)
    assert found.design.variables == ("x", "z")
    assert found.effects().tidy()["variable"].tolist() == ["x", "z"]
    gappy = frame.assign(x=frame["x"].where(frame["member"] != "M000"))
    with pytest.raises(vs.InputError, match="missing values of x in 3 of 180 rows: M000"):
        vs.logit("yes ~ scale(x)", gappy)
    assert vs.logit("yes ~ scale(x)", gappy, missing="drop").nobs == 177


def test_an_offset_takes_its_share(frame):
    free = vs.logit("yes ~ x + z", frame)
    held = vs.logit("yes ~ x + z", frame.assign(o=2 * frame["x"]), offset="o")
    np.testing.assert_allclose(held.params["x"], free.params["x"] - 2, atol=1e-8)
    with pytest.raises(vs.UsageError, match="does not allow an offset"):
        vs.logit("vote ~ x", frame, model="multinomial", offset="z")


def test_the_base_of_a_multinomial_model_is_a_way_of_writing(frame):
    by_yes = vs.logit("vote ~ x + z", frame, model="multinomial")
    by_no = vs.logit("vote ~ x + z", frame, model=Multinomial("no"))
    assert by_yes.llf == pytest.approx(by_no.llf, abs=1e-9)
    assert by_yes.params["no: x"] == pytest.approx(-by_no.params["yes: x"], abs=1e-8)
    columns = ["no", "abstain", "yes"]
    np.testing.assert_allclose(
        by_yes.fittedprobabilities()[columns], by_no.fittedprobabilities()[columns], atol=1e-9
    )
    with pytest.raises(vs.UsageError, match="base is 'maybe'"):
        vs.logit("vote ~ x", frame, model=Multinomial("maybe"))


def test_the_score_bootstrap_enumerates_few_clusters():
    """With few clusters all sign patterns are taken: the p-value is exact and needs no seed."""
    frame = votes(8, seed=2)
    found = vs.logit("yes ~ z", frame, errors="CR1")
    p = found.score_test("z", n_draws=300, seed=1)
    assert p == found.score_test("z", n_draws=300, seed=2)
    assert (p * 256) % 1 == 0
    drawn = score_test(found.problem, found.estimate, found.clusters, (1, 0.0), n_draws=200, seed=1)
    assert drawn == pytest.approx(p, abs=0.12)
    assert found.score_test("z", value=found.params["z"]) > 0.9
    assert found.score_test("z", value=-30.0, n_draws=300) < 0.05


def test_the_score_bootstrap_looks_past_the_other_terms(frame):
    """What is added to a variable of the others changes nothing about it."""
    one = vs.logit("yes ~ x + z", frame).score_test("x", value=0.7, n_draws=999, seed=4)
    moved = frame.assign(w=frame["x"] + 3 * frame["z"] - 2)
    other = vs.logit("yes ~ w + z", moved.assign(o=0.7 * (frame["x"] - moved["w"])), offset="o")
    assert other.score_test("w", value=0.7, n_draws=999, seed=4) == pytest.approx(one, abs=1e-12)
    assert 0.01 < one < 0.99


def test_the_score_bootstrap_is_for_plain_likelihood(frame):
    with pytest.raises(vs.NotUsableError, match="penalised"):
        vs.logit("yes ~ z", frame, model="firth").score_test("z")
    with pytest.raises(vs.UsageError, match="no term 'q'"):
        vs.logit("yes ~ z", frame).score_test("q")


def test_conditional_logit(frame):
    found = vs.logit("yes ~ z", frame, model="conditional")
    both = frame.groupby("member")["yes"].transform("nunique") == 2
    assert found.n_clusters == frame.loc[both, "member"].nunique()
    # Three votes, conditional on their number of 1s, by hand.
    from itertools import combinations

    def minus(b):
        total = 0.0
        for _, part in frame[both].groupby("member"):
            eta = (b * part["z"]).to_numpy()
            ways = [eta[list(c)].sum() for c in combinations(range(len(eta)), int(part["yes"].sum()))]
            total += eta[part["yes"].to_numpy() == 1].sum() - np.log(np.exp(ways).sum())
        return -total

    by_hand = minimize(lambda b: minus(b[0]), [0.0], tol=1e-10)
    assert found.params["z"] == pytest.approx(by_hand.x[0], abs=1e-5)
    assert found.llf == pytest.approx(-by_hand.fun, abs=1e-8)
    assert "Do not compare these effects" in found.notes[0]
    with pytest.raises(vs.NotUsableError, match="cannot estimate the effect of x"):
        vs.logit("yes ~ x + z", frame, model="conditional")


def test_a_conditional_model_of_the_trio_is_refused(record):
    trio = vs.panel(record, "mutually-beneficial-cooperation")
    with pytest.raises(vs.NotUsableError, match="the outcome varies for only 2 members"):
        vs.logit("yes ~ C(rollcall)", trio, model="conditional")
    with pytest.raises(vs.NotUsableError, match="the outcome varies for only 8 members"):
        vs.logit("no ~ C(rollcall)", trio, model="conditional")


def test_a_panel_and_its_frame_are_the_same(record):
    trio = vs.panel(record, "mutually-beneficial-cooperation")
    one = vs.logit("yes ~ C(group)", trio, model="firth")
    pd.testing.assert_frame_equal(one.tidy(), vs.logit("yes ~ C(group)", trio.frame, model="firth").tidy())
