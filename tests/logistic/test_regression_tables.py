"""Results as columns of regression tables of maketables."""

import maketables
import numpy as np
import pytest

import voteshift as vs

FAMILY = "mutually-beneficial-cooperation"


@pytest.fixture(scope="module")
def panel(record):
    return vs.panel(record, FAMILY)


@pytest.fixture(scope="module")
def fits(panel):
    return [
        vs.logit("yes ~ C(rollcall)", panel),
        vs.logit("yes ~ C(rollcall) + C(group)", panel),
        vs.logit("vote ~ C(rollcall)", panel, model="ordered"),
    ]


def test_numbers_are_those_of_the_result(fits):
    for fit in fits:
        table = fit.table_column().__maketables_coef_table__
        tidy = fit.tidy()
        assert list(table.index) == list(tidy["label"])
        np.testing.assert_array_equal(table["b"], tidy["estimate"])
        np.testing.assert_array_equal(table["se"], tidy["std_error"])
        np.testing.assert_array_equal(table[["ci90l", "ci90u"]], tidy[["conf_low", "conf_high"]])


def test_a_separated_term_has_no_star_and_the_table_says_what_was_done(fits):
    (separated,) = fits[1].separated
    label = dict(zip(fits[1].names, fits[1].labels, strict=True))[separated]
    assert fits[1].pvalues[separated] < 0.001
    table = maketables.ETable([fit.table_column() for fit in fits]).df
    cells = {row: table.loc[("coef", row)].iloc[1] for row in table.loc["coef"].index}
    assert cells[label].endswith("(-)")
    assert "*" not in cells[label]
    assert "***" in cells["Eastern Europe against Africa"]
    stats = table.loc["stats"].iloc[:, 1]
    assert dict(stats)["Penalty"] == "Jeffreys"
    assert str(dict(stats)["Separated terms"]) == "1"
    assert str(dict(stats)["Clusters"]) == "77"
    assert str(dict(table.loc["stats"].iloc[:, 0])["Penalty"]) == "-"


def test_models_share_the_rows_of_their_terms(fits):
    table = maketables.ETable([fit.table_column() for fit in fits]).df
    row = table.loc[("coef", "2020 against 2018")]
    assert (row != "").all()
    assert [str(outcome) for outcome, _ in table.columns] == ["yes", "yes", "vote"]


def test_a_table_in_latex(fits):
    text = maketables.ETable([fit.table_column() for fit in fits]).make(type="tex")
    assert r"\toprule" in text
    assert "2020 against 2018" in text
