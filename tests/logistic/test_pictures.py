"""The tables behind the pictures, and that the pictures show them."""

import numpy as np
import pytest
from matplotlib import pyplot as plt

import voteshift as vs
from logistic.worlds import votes
from voteshift.logistic.pictures import coefficient_rows, effect_rows


@pytest.fixture(scope="module")
def ordered():
    return vs.logit("vote ~ C(rollcall) + x", votes(), model="ordered")


def test_coefficients_leave_out_the_constants(ordered):
    rows = coefficient_rows(ordered)
    assert rows["label"].tolist() == ["R1 against R0", "R2 against R0", "x"]
    assert len(coefficient_rows(ordered, intercepts=True)) == 5
    assert rows["estimate"].tolist() == ordered.params.iloc[:3].tolist()


def test_effects_name_their_group(ordered):
    rows = effect_rows(ordered.effects("x", by="rollcall"), category="no")
    assert rows["label"].tolist() == ["x (slope), R0", "x (slope), R1", "x (slope), R2"]
    with pytest.raises(vs.UsageError, match="category is 'maybe'"):
        effect_rows(ordered.effects("x"), category="maybe")


def test_the_pictures_show_the_rows(ordered):
    ax = ordered.plot()
    assert [tick.get_text() for tick in ax.get_yticklabels()] == coefficient_rows(ordered)["label"].tolist()
    assert "90 % interval" in ax.get_xlabel()
    (marks,) = [line for line in ax.get_lines() if line.get_marker() == "o"]
    np.testing.assert_allclose(
        np.asarray(marks.get_xdata(), dtype=float), coefficient_rows(ordered)["estimate"]
    )
    _, own = plt.subplots()
    assert ordered.effects("x").plot(ax=own) is own
    assert [text.get_text() for text in own.get_legend().get_texts()] == ["no", "abstain", "yes"]
