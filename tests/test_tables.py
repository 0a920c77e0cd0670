"""Tables for a paper: frames of text, summaries, LaTeX."""

from dataclasses import dataclass

import pandas as pd

from voteshift.tables import Printed, Tabled, written


@dataclass(frozen=True)
class Result(Tabled):
    @property
    def _coverage(self) -> float:
        return 0.9

    def tidy(self):
        return pd.DataFrame(
            {
                "member": ["A & B", "50%_C"],
                "period": ["2001", "2002"],
                "estimate": [-0.12345, 0.5],
                "std_error": [0.1, float("nan")],
                "conf_low": [-0.3, 0.1],
                "conf_high": [0.1, 0.9],
                "n_votes": [12, 7],
                "extrapolated": [False, True],
                "level": 0.9,
            }
        )

    def _said(self):
        return ["One sentence."]


def test_a_frame_holds_text_and_names_the_ends_by_their_quantiles():
    frame = Result().summary_frame()
    assert list(frame) == [
        "member",
        "period",
        "estimate",
        "std error",
        "5 %",
        "95 %",
        "n votes",
        "extrapolated",
    ]
    assert frame.map(lambda cell: isinstance(cell, str)).all(axis=None)
    assert frame["estimate"].tolist() == ["\N{MINUS SIGN}0.123", "0.500"]
    assert frame["n votes"].tolist() == ["12", "7"]


def test_a_summary_has_title_sentences_and_table():
    text = Result().summary()
    assert isinstance(text, Printed)
    assert text.splitlines()[:3] == ["Result", "One sentence.", ""]
    assert "A & B" in text


def test_latex_escapes_names_and_writes_minus_signs():
    latex = Result().to_latex()
    assert r"A \& B & 2001 & $-$0.123" in latex
    assert r"50\%\_C" in latex
    assert r"5 \%" in latex
    assert "\N{MINUS SIGN}" not in latex
    assert latex.startswith("\\begin{tabular}{llrrrrrl}")


def test_numbers_are_written_with_enough_decimals():
    table = pd.DataFrame({"estimate": [0.00001], "conf_low": [-0.00002], "conf_high": [0.00003]})
    assert written(table)["estimate"].tolist() == ["0.000010"]
