"""Results in a notebook: well-formed, escaped, the numbers those of the result, and what is cut is said."""

from datetime import date
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.checks.exact_tests import paired_tests
from voteshift.checks.placebo import placebo
from voteshift.notebook import Shown, html_table

pytestmark = pytest.mark.filterwarnings("ignore::voteshift.errors.BridgeWarning")  # of the dynamic fit

TRIO = "mutually-beneficial-cooperation"
HOSTILE = "<script>alert('1')</script>\"&"


class Read(HTMLParser):
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.open, self.cells, self.said = set(), [], [], ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.open.append(tag)
        assert {name for name, _ in attrs} <= {"style"}

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.said += data
        if self.open[-1] in ("td", "th"):
            self.cells.append(data)


def test_cells_are_written_as_a_reader_would():
    frame = pd.DataFrame(
        {
            "n": [1, 2],
            "x": [-0.123456, np.nan],
            "day": [pd.Timestamp("2021-03-23"), date(2020, 1, 2)],
            "ids": [("a", "b"), None],
            "sure": [True, False],
        },
        index=pd.Index(["r", "s"], name="rollcall"),
    )
    read = Read(html_table("T", frame, ["Said.", ""]))
    assert read.cells[:6] == ["rollcall", "n", "x", "day", "ids", "sure"]
    assert read.cells[6:12] == ["r", "1", "\N{MINUS SIGN}0.1235", "2021-03-23", "a, b", "yes"]
    assert read.cells[12:] == ["s", "2", "\N{EN DASH}", "2020-01-02", "\N{EN DASH}", "no"]
    assert read.tags == {"div", "p", "b", "table", "thead", "tbody", "tr", "th", "td"}
    assert read.said.startswith("TSaid.rollcall")


def test_nothing_of_the_record_becomes_markup():
    frame = pd.DataFrame({HOSTILE: [HOSTILE]}, index=pd.Index([HOSTILE], name=HOSTILE))
    read = Read(html_table(HOSTILE, frame, [HOSTILE]))
    assert "script" not in read.tags
    assert read.cells == [HOSTILE] * 4
    assert read.said == HOSTILE * 6


@pytest.mark.parametrize(
    ("rows", "more"), [(3, ""), (4, "1 more row: `tidy()`."), (9, "6 more rows: `tidy()`.")]
)
def test_a_long_table_is_cut_and_said_to_be(rows, more):
    read = Read(html_table("T", pd.DataFrame({"x": range(rows)}), most=3))
    assert read.cells == ["x", "0", "1", "2"]
    assert read.said.endswith(more or "2")


@pytest.fixture(scope="module")
def results(record):
    window = record.between("2016", "2021")
    fit = vs.IdealPoints().fit(window)
    why = vs.explain(record, TRIO, model=fit, draws=vs.Draws(100))
    return {
        "RollCalls": record,
        "Account": why.steps[0].account,
        "PlaceboSteps": placebo(why),
        "Explanation": why,
        "IdealFit": fit,
        "DynamicFit": vs.IdealPoints(dynamics=vs.RandomWalk(tau=0.2)).fit(record.between("2020", "2021")),
        "PairedTests": paired_tests(record, TRIO),
        "Overview": vs.overview(record),
        "WhatIf": vs.whatif(
            record, fit, council="2018", version="29575", member_effect=False, draws=vs.Draws(100)
        ),
        "Similarity": vs.descriptives.similarity(record.between("2021", "2021"), by="group"),
    }


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("RollCalls", "127 members x 908 roll calls"),
        ("Account", "22 members held a seat both times, and 9 of these members switched"),
        ("PlaceboSteps", "here 9 of 22"),
        ("Explanation", "28-1-17 \N{RIGHTWARDS ARROW} 23-16-8"),
        ("IdealFit", "Scale: positions have mean 0"),
        ("DynamicFit", "2 periods"),
        ("PairedTests", "Exact p-values condition on"),
        ("Overview", "Turnover is arithmetic"),
        ("WhatIf", "Probability of adoption"),
        ("Similarity", "kappa"),
    ],
)
def test_a_result_shows_itself(results, name, holds):
    read = Read(results[name]._repr_html_())
    assert holds in read.said
    assert "script" not in read.tags


def test_an_explanation_shows_every_part_of_every_step(results):
    why = results["Explanation"]
    cells = Read(why._repr_html_()).cells
    first = why.steps[0].model.table.set_index(["component", "category"]).loc[("switching", "no")]
    assert f"+{first['estimate']:.1f} [+{first['conf_low']:.1f}, +{first['conf_high']:.1f}]" in cells
    assert cells[4:8] == ["yes", "no", "abstain", "absent"]
    assert cells[8:12] == ["27478", "29343", "account", "change"]
    assert cells[12:16] == ["\N{MINUS SIGN}5", "+15", "\N{MINUS SIGN}9", "\N{MINUS SIGN}1"]


def test_every_public_result_with_a_table_shows_itself():
    for name in vs.__all__:
        found = getattr(vs, name)
        if isinstance(found, type) and hasattr(found, "tidy") and found is not vs.Fit:
            assert hasattr(found, "_repr_html_"), name
            assert found.tidy is not Shown.tidy, name


def test_an_explanation_draws_and_reports_itself(results, tmp_path, monkeypatch):
    """Checks take long, and tests of the report run them all."""
    monkeypatch.setattr("voteshift.report.build.REPORT_CHECKS", ())
    why = results["Explanation"]
    from matplotlib.figure import Figure

    ax = Figure(figsize=(6, 6)).subplots()
    assert why.plot(ax=ax, step=1) is ax
    with pytest.raises(vs.UsageError, match="there is no picture 'pie'"):
        why.plot("pie")
    written = why.report(tmp_path / "why.md")
    assert "# Promoting mutually beneficial cooperation" in written.read_text(encoding="utf-8")
