"""How results show themselves: no p-value of 0, a minus that is one, a plus on changes alone."""

import numpy as np
import pandas as pd
from voteshift.logistic.tables import written

import voteshift as vs
from logistic.worlds import votes
from voteshift.logistic import Effects, Estimates
from voteshift.logistic.decompose import Decomposition
from voteshift.logistic.terms import Term

MINUS, NONE = "\N{MINUS SIGN}", "\N{EN DASH}"


def estimates(**changed):
    made = {
        "model": "conditional",
        "formula": "yes ~ a + b",
        "terms": (Term("a", "a"), Term("b", "b")),
        "estimate": np.array([-1.25, 0.0003]),
        "covariance": np.diag([0.01, 1.0]),
        "errors": "plain",
        "df": np.inf,
        "llf": -12.3456,
        "nobs": 9,
        "n_clusters": 3,
        "level": 0.9,
        "notes": (),
        "about": "yes against all other votes",
    }
    return Estimates(**(made | changed))


def cells(line):
    return line.split()


def test_a_table_of_estimates():
    shown = estimates().summary().splitlines()
    assert cells(shown[-2]) == [
        *("a", f"{MINUS}1.250", "0.100", f"{MINUS}12.500", "<0.001", f"{MINUS}1.414", f"{MINUS}1.086")
    ]
    assert cells(shown[-1]) == ["b", "0.000", "1.000", "0.000", "1.000", f"{MINUS}1.645", "1.645"]
    assert f"log-likelihood {MINUS}12.346" in shown[2]


def test_an_effect_per_little_is_not_zero():
    """Two figures of the largest number of a row, at least: dollars are small."""
    table = pd.DataFrame(
        {
            "estimate": [-4.5e-5, 0.25],
            "std_error": [6e-6, 1e-5],
            "conf_low": [-5.6e-5, 0.2],
            "conf_high": [0, 0.3],
        }
    )
    first, second = written(table).to_numpy().tolist()
    assert first == [f"{MINUS}0.000045", "0.000006", f"{MINUS}0.000056", "0.000000"]
    assert second == ["0.250", "0.000", "0.200", "0.300"]


def test_in_a_notebook_it_is_written_alike():
    shown = estimates(terms=(Term("a", "a"), Term("b", "<b>")))._repr_html_()
    for text in (f"<td>{MINUS}1.250</td>", "<td>&lt;0.001</td>", "<td>&lt;b&gt;</td>", f"{MINUS}12.346;"):
        assert text in shown
    assert "-1.25" not in shown


def test_where_there_is_no_number_there_is_a_dash():
    frame = votes(seed=4).assign(w=lambda d: ((d["vote"] == "yes") & (d["z"] > 0)).astype(int))
    (line,) = (line for line in vs.logit("yes ~ x + w", frame).summary().splitlines() if line[:2] == "w ")
    assert cells(line)[2:4] == [NONE, NONE]


def test_effects():
    row = {"variable": "a", "contrast": "slope", "label": "a (slope)", "category": "yes"}
    table = pd.DataFrame([row | {"estimate": -0.25, "std_error": 0.5, "n": 7}])
    shown = Effects(table, 0.9, "delta", None, None)
    assert cells(repr(shown).splitlines()[-1]) == ["a", "(slope)", "yes", f"{MINUS}0.250", "0.500", "7"]
    assert f"<td>{MINUS}0.250</td>" in shown._repr_html_()


def test_parts_of_a_change_carry_a_sign_and_their_errors_none():
    row = {"part": "responses", "variable": "all", "label": "responses", "category": "yes"}
    table = pd.DataFrame([row | {"estimate": 0.25, "std_error": 0.5, "conf_low": -0.5, "conf_high": 1.0}])
    names = ("2018", "2020")
    shown = Decomposition("1", "2", names, "yun", pd.Series({"yes": 0.25}), table, 0.9, 9, 1, ())
    assert repr(shown).startswith("yun: 2018 to 2020, 90 % intervals")
    assert cells(repr(shown).splitlines()[-1])[2:] == ["+0.250", "0.500", f"{MINUS}0.500", "+1.000"]
    assert "<td>+0.250</td>" in shown._repr_html_()


def test_a_table_is_written_without_being_changed():
    table = pd.DataFrame({"p_value": [1e-9, np.nan], "x": [-np.inf, np.nan], "n": [-1, 2], "who": ["a", "b"]})
    before = table.copy()
    shown = written(table)
    pd.testing.assert_frame_equal(table, before)
    assert shown.to_dict("list") == {
        "p_value": ["<0.001", NONE],
        "x": [f"{MINUS}inf", NONE],
        "n": [-1, 2],
        "who": ["a", "b"],
    }
