"""Formulas: only what is on the list runs, no work is without bound, and operators are formulaic's."""

import builtins
import contextlib
import os
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from formulaic import model_matrix

import voteshift as vs
from formulas.adversaries import draw_formulas
from voteshift.formulas.formula import Formula
from voteshift.logistic.design import build_design

CALLED: list[str] = []


class Sentinel:
    """An object that records whatever is done to it."""

    def record(self, *_args, **_kwargs):
        CALLED.append("sentinel")
        return 1.0

    log = exp = sqrt = conjugate = record


for _name in (
    *("call getitem iter len add radd sub rsub mul rmul truediv rtruediv floordiv mod pow rpow and or neg pos"
      " invert abs eq lt le gt ge float int index bool str repr format array getattr bytes").split(),
):  # fmt: skip
    setattr(Sentinel, f"__{_name}__", Sentinel.record)
Sentinel.__hash__ = object.__hash__  # type: ignore[method-assign]


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(3)
    n = 60
    return pd.DataFrame(
        {
            "yes": np.arange(n) % 2,
            "x": rng.standard_normal(n),
            "z": rng.standard_normal(n),
            "year": rng.choice([2018, 2020, 2021], n),
            "group": rng.choice(list("abc"), n),
            "odd name": rng.standard_normal(n),
            "member": [f"M{at % 20:02d}" for at in range(n)],
        }
    )


@pytest.fixture
def canary(monkeypatch):
    """Record calls of what runs code or touches files, from a formula or by way of anything it reaches."""
    CALLED.clear()

    def watch(owner, name, *, only_formulas):
        real = getattr(owner, name)

        def wrapper(*args, **kwargs):
            # Code of a formula is evaluated with globals that have no name.
            if not only_formulas or "__name__" not in sys._getframe(1).f_globals:
                CALLED.append(name)
            return real(*args, **kwargs) if only_formulas else 0

        monkeypatch.setattr(owner, name, wrapper)

    for name in ("eval", "exec", "open", "__import__", "compile", "getattr", "print", "globals", "input"):
        watch(builtins, name, only_formulas=True)
    for owner, name in (
        (os, "system"),
        (os, "popen"),
        (subprocess, "Popen"),
        (np, "load"),
        (sys, "breakpointhook"),
    ):
        watch(owner, name, only_formulas=False)
    return CALLED


def test_the_canary_notices_what_formulaic_runs(frame, canary):
    table = frame.assign(sentinel=[Sentinel() for _ in range(len(frame))])
    canary.clear()
    for formula in (
        "{__import__('os').system('true') + x}",
        "{np.lib._npyio_impl.os.system('true') + x}",
        "log(sentinel)",
    ):
        canary.clear()
        with contextlib.suppress(Exception):  # what it makes of the answer is not the point
            model_matrix(formula, table, context={})
        assert canary, formula


def _refusal(formula, table):
    try:
        build_design(formula, table, "binary")
    except vs.VoteshiftError as error:
        return error
    return None


def test_two_thousand_adversarial_formulas(frame, canary):
    table = frame.assign(sentinel=[Sentinel() for _ in range(len(frame))])
    canary.clear()
    formulas = draw_formulas(2_000, seed=1)
    assert len(set(formulas)) > 1_500
    refused = 0
    for formula in formulas:
        start = time.process_time()
        error = _refusal(formula, table)
        assert time.process_time() - start < 2, formula
        assert not canary, formula
        if error is not None:
            refused += 1
            assert "\n" not in str(error), formula
            assert error.remedy, formula
    assert 1_000 < refused < 2_000  # some are harmless


OPERATORS = [
    "x + z",
    "x - 1 + z",
    "x + z - z",
    "0 + x + group",
    "x + 0",
    "-1 + x",
    "1 + x",
    "x:z",
    "x*group",
    "group/x",
    "(x + z)/group",
    "(x + z + group)**2",
    "(x + z + group)^2",
    "x %in% group",
    "(x + z):group",
    "x*(z + group) - x:z",
    "2:x",
    "+x",
    "`odd name` + x:`odd name`",
    "C(year)",
    "C(year, levels=[2021, 2020, 2018])",
    "C(group, contr.sum)",
    "C(group, contr.treatment('b')) + x",
    "C(group, contr.helmert(reverse=False))",
    "C(group, Treatment('c'))",
    "C(group == 'a')",
    "group + C(year):x",
    "{x + 2 * z}",
    "{x ** 2} + I(z / 3)",
    "{(x > 0) & (z < 1)}",
    "log(year) + exp(x) + exp2(z)",
    "log2(year) + x",
    "log10(year) + x",
    "center(x) + scale(z) + standardize(`odd name`)",
    "poly(x, 3) + bs(z, df=4)",
    "cr(x, df=3) - 1",
    "cc(z, df=3) - 1",
    "cs(x, df=4, constraints='center')",
    "bs(z, knots=[-0.5, 0.5], degree=2)",
    "poly(`odd name`, degree=2, raw=True)",
    "scale(log(year))",
]


@pytest.mark.parametrize("right", OPERATORS)
def test_operators_and_functions_are_those_of_formulaic(frame, right):
    ours = build_design(f"yes ~ {right}", frame, "binary")
    theirs = model_matrix(f"yes ~ {right}", frame, context={}).rhs
    assert list(ours.columns) == [str(name) for name in theirs.columns]
    np.testing.assert_array_equal(ours.X, theirs.to_numpy(dtype=float))
    np.testing.assert_array_equal(ours.encode(frame), ours.X)


def test_a_point_stands_for_all_columns_but_the_outcome(frame):
    table = frame[["yes", "x", "z", "odd name"]]
    ours = build_design("yes ~ .", table, "binary")
    theirs = model_matrix("yes ~ .", table, context={}).rhs
    assert list(ours.columns) == list(theirs.columns)
    np.testing.assert_array_equal(ours.X, theirs.to_numpy(dtype=float))
    assert ours.variables == ("odd name", "x", "z")


def test_sqrt_and_abs_are_added(frame):
    design = build_design("yes ~ sqrt(abs(x)) + abs(z)", frame, "binary")
    np.testing.assert_array_equal(design.X[:, 1], np.sqrt(frame["x"].abs()))


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        ("yes ~ {np.lib._npyio_impl.os.system('id') or year}", "'and' or 'or'"),
        ("yes ~ np.log(year)", "write log, without np."),
        ("yes ~ lag(x)", "give lag= to the panel"),
        ("yes ~ exp10(x)", r"write \{10 \*\* x\}"),
        ("yes ~ hashed(group, 4)", r"use C\(\)"),
        ("yes ~ Q('odd name')", "between backticks"),
        ("yes ~ x + _x", "its name must start with a letter"),
        ("yes ~ {_x + 1}", "its name must start with a letter"),
        ("yes ~ (year + group + x)**20000", r"'year \+ group \+ x\)\*\*20000'.* power that is not 1 to 10"),
        ("yes ~ ((year + group + x)**9)**9", "more than 500 terms"),
        ("yes ~ x**0", "power of 0"),
        ("yes ~ x**z", "power that is not"),
        ("yes ~ {year*10**9**9}", "'year[*]10[*][*]9[*][*]9'.* a computed power"),
        ("yes ~ {x**1000}", "a power of 1000"),
        ("yes ~ poly(year, 10000)", "degree=10000"),
        ("yes ~ bs(x, df=100000000)", "df=1e.08"),
        ("yes ~ bs(x, df=-1)", "df=-1"),
        ("yes ~ C(x):C(member):C(year):C(group)", r"at least \d+ columns"),
        ("yes ~ " + " + ".join(["x"] * 2000), "has 8003 characters"),
        ("yes ~ {x" + " + x" * 100 + "}", "too many nested parts"),
        ("yes ~ {'a' * 1000000000}", "the text 'a'"),
        ("yes ~ {group * 2}", "'group' contains text"),
        ("yes ~ log(group)", "'group' contains text"),
        ('yes ~ {"a"}', "the text 'a'"),
        ("yes ~ x + {1}", "no column"),
        ("yes ~ x + 'a'", "the text 'a'"),
        ("yes ~ x | z", "several parts"),
        ("yes ~ [x ~ z]", "needs exactly one ~"),
        ("yes ~ [x + z]", "square brackets"),
        ("yes ~ x ~ z", "needs exactly one ~"),
        ("yes ~ log", "'log', which is not a column"),
        ("yes ~ {log + x}", r"write log\(x\)"),
        ("yes ~ scale(x, mean=2)", "an argument 'mean', which scale"),
        ("yes ~ scale(x, True, True, 1, 2)", "too many arguments"),
        ("yes ~ scale()", "without a column"),
        ("yes ~ scale(x, z)", "the name 'z' as an argument"),
        ("yes ~ C(group, contr.custom)", "contrasts that no formula may use"),
        ("yes ~ C(group, contr.__class__)", "contrasts that no formula may use"),
        ("yes ~ bs(x, extrapolation='it\"s')", "inside a text"),
        ("yes ~ 1.2.3:x", "not a number"),
        ("yes ~ " + "1" * 31 + ":x", "a number of 31 characters"),
        ("yes ~ yes", "both sides"),
        ("", "needs exactly one ~"),
        (None, "formula is of type NoneType"),
        (b"yes ~ x", "formula is of type bytes"),
    ],
)
def test_what_a_formula_may_not_hold_is_named(frame, formula, says):
    with pytest.raises(vs.UsageError, match=says) as caught:
        build_design(formula, frame, "binary")
    assert caught.value.remedy


def test_a_column_may_have_the_name_of_a_function(frame):
    table = frame.rename(columns={"x": "log", "z": "contr"}).assign(log=lambda d: d["log"].abs() + 1)
    design = build_design(
        "yes ~ log(year) + log + C(group, contr.sum) + contr + {log * 2 - year}", table, "binary"
    )
    np.testing.assert_array_equal(design.X[:, design.columns.index("log(year)")], np.log(table["year"]))
    np.testing.assert_array_equal(design.X[:, design.columns.index("log")], table["log"])
    with pytest.raises(vs.UsageError, match="both as a column and as a function"):
        build_design("yes ~ log(log)", table, "binary")


def test_names_between_backticks_keep_their_state_apart(frame):
    """formulaic renames `a b` to a_b, and at random where there is a column a_b."""
    table = frame.rename(columns={"x": "a b", "z": "a_b"}).assign(**{"a-b": frame["x"] ** 2})
    design = build_design("yes ~ scale(`a b`) + scale(a_b) + poly(`a-b`, 2)", table, "binary")
    np.testing.assert_allclose(design.X[:, 1], (table["a b"] - table["a b"].mean()) / table["a b"].std())
    half = table.iloc[:20]
    np.testing.assert_allclose(design.encode(half), design.X[:20])  # as the rows fitted were, not anew


def test_names_that_formulaic_confuses_are_refused(frame):
    table = frame.assign(**{"odd name too": frame["x"] ** 2, "\u00b5 g": frame["z"] ** 2})
    for piece in ("{`odd name too` + `odd name`}", "exp(`x`)", "log(`\u00b5 g`)"):
        with pytest.raises(vs.UsageError, match="names between backticks"):
            build_design(f"yes ~ {piece}", table, "binary")
    assert build_design("yes ~ `\u00b5 g`", table, "binary").columns == ("Intercept", "\u00b5 g")


def test_integers_do_not_overflow(frame):
    design = build_design("yes ~ {year ** 7}", frame, "binary")
    np.testing.assert_array_equal(design.X[:, 1], frame["year"].astype(float) ** 7)
    assert "C(year * 2)[T.4040.0]" in build_design("yes ~ C(year * 2)", frame, "binary").columns
    assert "C(year - 2000)[T.20]" in build_design("yes ~ C(year - 2000)", frame, "binary").columns
    with pytest.raises(vs.InputError, match="which are too large"):
        build_design("yes ~ {year ** 50}", frame, "binary")


def test_functions_of_the_caller(frame):
    def share(values, of=1.0):
        return values / of

    design = build_design(Formula("yes ~ share(x, of=4) + share(z)", {"share": share}), frame, "binary")
    np.testing.assert_array_equal(design.X[:, 1], frame["x"] / 4)
    np.testing.assert_array_equal(design.encode(frame), design.X)
    with pytest.raises(vs.UsageError, match="a call of 'share'"):
        build_design("yes ~ share(x)", frame, "binary")
    for functions, says in (
        ({"log": share}, "which already has a meaning in formulas"),
        ({"_share": share}, "'_share'"),
        ({"a b": share}, "'a b'"),
        ({"share": 3}, "of type int"),
        ([share], "of type list"),
    ):
        with pytest.raises(vs.UsageError, match=says):
            build_design(Formula("yes ~ x", functions), frame, "binary")


def test_a_factor_of_one_level_does_not_vanish(frame):
    table = frame.assign(same="a")
    for formula in ("yes ~ x + same", "yes ~ x + C(same)"):
        with pytest.raises(vs.NotUsableError, match=r"same.* has no column.* is a in every row"):
            build_design(formula, table, "binary")


@pytest.mark.parametrize(
    ("values", "error", "says"),
    [
        ([object()] * 60, vs.InputError, "'odd' contains a value of type object in row 0"),
        ([(1,), (2,)] * 30, vs.InputError, "type tuple"),
        (["a", 1] * 30, vs.InputError, "text and also a value of type int in row 1"),
        (pd.Series([1, 2] * 30, dtype=object), vs.InputError, "pandas.to_numeric"),
        ([1j, 2j] * 30, vs.InputError, "complex128"),
        (
            pd.date_range("2020", periods=60),
            vs.UsageError,
            "dates, but a formula uses dates only as categories",
        ),
        (pd.Categorical([(1,), (2,)] * 30), vs.InputError, "type tuple"),
    ],
)
def test_columns_that_are_neither_numbers_nor_text_are_refused(frame, values, error, says):
    with pytest.raises(error, match=says):
        build_design("yes ~ x + odd", frame.assign(odd=values), "binary")


@pytest.mark.parametrize("dtype", ["object", "string", "string[pyarrow]", "category", "str"])
def test_text_is_text_whatever_its_type(frame, dtype):
    if "pyarrow" in dtype:
        pytest.importorskip("pyarrow")
    plain = build_design("yes ~ x + group", frame, "binary")
    other = build_design("yes ~ x + group", frame.astype({"group": dtype}), "binary")
    assert other.columns == plain.columns
    np.testing.assert_array_equal(other.X, plain.X)
