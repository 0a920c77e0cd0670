"""Switching, attendance and turnover of every family, against the overview."""

import pytest

import voteshift as vs
from voteshift import plots

V18 = "27478"
TRIO = "mutually-beneficial-cooperation"


def test_the_overview_lays_every_step_end_to_end(record):
    found = vs.overview(record)
    table = plots.overview_table(record)
    assert table.equals(plots.overview_table(found))
    once = int((found.steps["voted_once"] > 0).sum())
    assert len(table) == 2 * len(found.steps) + once == 2 * 365 + once
    total = {"switching": 539, "attendance": 89, "turnover": 780}
    assert table.groupby("component")["estimate"].sum().to_dict() == total
    for (family, component), part in table.groupby(["family", "component"], sort=False):
        side = 1 if component == "turnover" else -1
        first = -found.families.loc[family, "moved_switching"] if component == "attendance" else 0
        assert part["begin"].iloc[0] == first
        assert (part["begin"].iloc[1:].to_numpy() == part["end"].iloc[:-1].to_numpy()).all()
        assert (side * (part["end"] - part["begin"]) == part["estimate"]).all()
        assert side * (part["end"].iloc[-1] - first) == found.families.loc[family, f"moved_{component}"]
    total = table.groupby("family", sort=False)["estimate"].sum()
    assert total.is_monotonic_decreasing
    with pytest.raises(vs.UsageError, match="two versions"):
        plots.overview(record.select(rollcalls=[V18]))


def test_a_piece_of_the_overview_is_as_long_as_its_step(record):
    ax = plots.overview(record, highlight=TRIO)
    table = plots.overview_table(record)
    drawn = sorted(abs(patch.get_width()) for patch in ax.patches)
    assert drawn == sorted(table.loc[table["estimate"] > 0, "estimate"])
    bold = [label.get_text() for label in ax.get_yticklabels() if label.get_fontweight() == "bold"]
    assert bold == [TRIO]
    with pytest.raises(vs.UsageError, match=rf"no family has the slug 'beneficial' .did you mean {TRIO}"):
        plots.overview(record, highlight="beneficial")
