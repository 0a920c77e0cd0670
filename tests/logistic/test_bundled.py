"""The bundled covariates that a formula names."""

import pytest

import voteshift as vs
from voteshift.datasets import load_covariates
from voteshift.logistic.bundled import BUNDLED_LAG, select_bundled


@pytest.mark.parametrize(
    ("formula", "named"),
    [
        ("yes ~ C(version) * voice + log(gdp_per_head)", ["voice", "gdp_per_head"]),
        ("yes ~ scale(log(population))", ["population"]),
        ("yes ~ `voice`", ["voice"]),
    ],
)
def test_only_the_columns_that_are_named_are_selected(formula, named):
    assert list(select_bundled(formula).columns) == ["member", "year", *named]


@pytest.mark.parametrize("formula", ["yes ~ C(group)", "yes ~ voices + my_voice", "yes ~ year + member"])
def test_a_formula_without_them_selects_nothing(formula):
    assert select_bundled(formula) is None


def test_the_panel_has_their_values_of_the_year_before(record):
    panel = vs.panel(record, "mutually-beneficial-cooperation", covariates=load_covariates(), lag=BUNDLED_LAG)
    frame = panel.frame.set_index(["member", "version"])
    values = load_covariates().set_index(["member", "year"])
    for version, year in (("2018", 2017), ("2020", 2019), ("2021", 2020)):
        assert frame.loc[("DEU", version), "voice"] == values.loc[("DEU", year), "voice"]
    missing = panel.unmatched[panel.unmatched["column"] == "gdp_per_head"]
    assert set(missing["member"]) == {"ERI", "VEN"}
