"""Waterfalls from tally to tally, against the parts of the model."""

import numpy as np
import pytest

import voteshift as vs
from voteshift import plots
from voteshift.votes import CATEGORIES

TRIO = "mutually-beneficial-cooperation"


@pytest.mark.parametrize("step", [0, 1, 2, -1])
def test_a_waterfall_leads_from_tally_to_tally(why, step):
    table = plots.waterfall_table(why, step)
    chosen = why.steps[step]
    for name, part in table.groupby("category"):
        assert part["end"].iloc[0] == why.rollcalls.loc[chosen.old, name]
        assert part["end"].iloc[-1] == why.rollcalls.loc[chosen.new, name]
        inner = part.iloc[1:-1]
        assert inner["begin"].iloc[0] == part["end"].iloc[0]
        assert (inner["begin"].iloc[1:].to_numpy() == inner["end"].iloc[:-1].to_numpy()).all()
        assert inner["end"].iloc[-1] == pytest.approx(part["end"].iloc[-1], abs=1e-9)
        told = chosen.model.table.set_index(["component", "category"])
        for row in inner.itertuples():
            assert row.estimate == pytest.approx(told.loc[(row.component, name), "estimate"], abs=1e-9)
            assert row.conf_low == told.loc[(row.component, name), "conf_low"]


def test_a_waterfall_of_expected_tallies_has_a_bar_for_what_was_not_expected(record):
    why = vs.explain(record, draws=vs.Draws(100), member_effect=False, estimand="expected")
    table = plots.waterfall_table(why)
    assert list(table["component"].unique()) == ["tally", "membership", "switching", "residual"]
    for _, part in table.groupby("category"):
        assert part["end"].iloc[-2] == pytest.approx(part["end"].iloc[-1], abs=1e-9)


@pytest.mark.parametrize(("explained", "step"), [("why", 0), ("why", -1), ("long", 0), ("long", 1)])
def test_a_waterfall_has_room_for_its_caps_and_keeps_headings_off_the_line(request, explained, step):
    """In pixels: whiskers end inside the axis, also below 0, and every heading begins right of 0."""
    ax = plots.waterfall(request.getfixturevalue(explained), step)
    ax.figure.draw_without_rendering()
    box, zero = ax.get_window_extent(), ax.transData.transform((0, 0))[0]
    whiskers = [line for line in ax.lines if line.get_marker() == "|"]
    ends = np.concatenate([line.get_xdata() for line in whiskers])
    drawn = ax.transData.transform(np.column_stack([ends, 0 * ends]))[:, 0]
    thick = ax.figure.dpi / 72  # of a cap, and more
    assert drawn.max() + thick < box.x1
    assert drawn[ends < 0].min(initial=np.inf) - thick > box.x0
    for patch in ax.patches:
        assert ax.transData.transform((patch.get_bbox().x1, 0))[0] + thick < box.x1
    headings = [text for text in ax.texts if text.get_text() in CATEGORIES]
    assert len(headings) == 3
    assert all(zero + thick < text.get_window_extent().x0 < zero + 12 * thick for text in headings)


def test_a_waterfall_that_cannot_be_drawn_says_why(why, record):
    with pytest.raises(vs.UsageError, match="no step 7"):
        plots.waterfall(why, 7)
    without = vs.explain(
        record, TRIO, model=vs.IdealPoints().fit(record.between("2018", "2018")), draws=vs.Draws(100)
    )
    with pytest.raises(vs.NotUsableError, match="is outside the fitted roll calls"):
        plots.waterfall(without)
