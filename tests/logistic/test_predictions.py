"""Predictions for new rows: those of the formula's own arithmetic, and refusals that name the place."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

import voteshift as vs
from logistic.worlds import votes


@pytest.fixture(scope="module")
def fitted():
    return vs.logit("yes ~ x + poly(z, 2) + C(group)", votes())


@pytest.fixture
def rows():
    return pd.DataFrame(
        {"x": [0.5, -1.0, 0.0], "z": [0.1, 1.0, -0.5], "group": ["b", "a", "c"], "other": [None, 1, 2]},
        index=["one", "two", "three"],
    )


def test_a_new_row_has_the_probability_of_its_terms(fitted, rows):
    found = fitted.predict(rows)
    assert list(found["row"]) == ["one", "two", "three"]
    assert list(found.columns) == [
        *("row", "group", "x", "z", "category", "estimate", "std_error", "conf_low", "conf_high")
    ]
    X = fitted.design.encode(rows)
    np.testing.assert_allclose(found["estimate"], expit(X @ fitted.estimate), atol=1e-14)
    error = np.sqrt(np.einsum("ij,jk,ik->i", X, fitted.covariance, X))
    np.testing.assert_allclose(
        found["std_error"], error * found["estimate"] * (1 - found["estimate"]), rtol=1e-10
    )
    assert (found["conf_low"] < found["estimate"]).all()
    assert (found["estimate"] < found["conf_high"]).all()


def test_the_rows_fitted_have_their_fitted_probabilities(fitted):
    found = fitted.predict(fitted.design.frame)
    np.testing.assert_array_equal(found["estimate"], fitted.fittedprobabilities()["yes"])
    several = vs.logit("vote ~ x + C(group)", votes(), model="multinomial")
    table = several.predict(several.design.frame.iloc[:4])
    assert len(table) == 12
    np.testing.assert_allclose(table.groupby("row")["estimate"].sum(), 1)


def test_one_row_is_the_profile_with_its_values(fitted, rows):
    row = fitted.predict(rows.iloc[:1]).iloc[0]
    profile = fitted.predict({"x": 0.5, "z": 0.1, "group": "b"}).iloc[0]
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        assert row[name] == pytest.approx(profile[name], abs=1e-12)


@pytest.mark.parametrize("make", ["polars", "pyarrow"])
def test_rows_of_other_libraries(fitted, rows, make):
    library = pytest.importorskip(make)
    plain = rows[["x", "z", "group"]].reset_index(drop=True)
    other = library.from_pandas(plain) if make == "polars" else library.Table.from_pandas(plain)
    pd.testing.assert_frame_equal(fitted.predict(other), fitted.predict(plain), check_dtype=False)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (lambda d: d.drop(columns="z"), vs.UsageError, "values has no column 'z'"),
        (lambda d: d.iloc[:0], vs.InputError, "values has no rows"),
        (lambda d: d.assign(z=[1, None, 2]), vs.InputError, "'z' is missing in row 'two'"),
        (lambda d: d.assign(group=["a", "b", None]), vs.InputError, "'group' is missing in row 'three'"),
        (lambda d: d.assign(group=["a", "d", "b"]), vs.UsageError, "'group' is 'd' in row 'two', a level"),
        (
            lambda d: d.assign(group=[1, 2, 3]),
            vs.UsageError,
            "'group' contains numbers, but text in the fitted votes",
        ),
        (
            lambda d: d.assign(x=["a", "b", "c"]),
            vs.UsageError,
            "'x' contains text, but numbers in the fitted votes",
        ),
        (
            lambda d: d.assign(x=[object()] * 3),
            vs.InputError,
            "'x' contains a value of type object in row 'one'",
        ),
        (lambda d: d.assign(x=[np.inf, 0, 0]), vs.InputError, "'x' is inf in row 'one'"),
        (lambda d: d.set_axis(["x", "x", "group", "z"], axis=1), vs.InputError, "two columns of values"),
        (lambda _: [1, 2], vs.UsageError, "values is of type list"),
        (lambda _: None, vs.UsageError, "values is of type NoneType"),
        (lambda _: {"x": []}, vs.UsageError, "values has an empty list for 'x'"),
        (lambda _: {"x": None}, vs.InputError, "'x' is missing"),
        (lambda _: {"x": "a"}, vs.UsageError, "'x' contains text"),
        (lambda _: {"group": ["a", 3]}, vs.InputError, "text and also"),
        (lambda _: {"group": "d"}, vs.UsageError, "a value cannot be encoded"),
        (lambda _: {1: "d"}, vs.UsageError, "no variable 1"),
    ],
)
def test_what_cannot_be_predicted_is_said_with_its_place(fitted, rows, change, error, says):
    with pytest.raises(error, match=says) as caught:
        fitted.predict(change(rows))
    assert caught.value.remedy


def test_a_spline_does_not_reach_beyond_the_votes_fitted(rows):
    fitted = vs.logit("yes ~ bs(z, df=4)", votes())
    with pytest.raises(vs.UsageError, match="extend beyond"):
        fitted.predict(rows.assign(z=100.0))


def test_models_without_probabilities_say_so():
    frame = votes(60, n_rollcalls=4)
    with pytest.raises(vs.UsageError, match="cannot predict probabilities"):
        vs.logit("yes ~ z", frame, model="conditional").predict({"z": 1})
    shifted = vs.logit("yes ~ z", frame.assign(known=1.0), offset="known")
    with pytest.raises(vs.UsageError, match="has an offset"):
        shifted.predict(frame)
