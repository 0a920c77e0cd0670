"""Flows of votes from one version to the next, against the account."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle

import voteshift as vs
from voteshift import plots

V18 = "27478"
V20 = "29343"
TRIO = "mutually-beneficial-cooperation"


def test_flows_are_those_of_the_account(why, record):
    table = plots.flow_table(why)
    assert table.equals(plots.flow_table(record, TRIO))
    first = table[table["old"] == V18].set_index(["before", "after"])
    assert first.loc[("abstain", "no"), "members"] == 7
    assert set(first.loc[("abstain", "no"), "who"]) == {"AUS", "DEU", "ESP", "JPN", "KOR", "SVK", "UKR"}
    assert first.loc[("yes", "abstain"), "who"] == ("CHL", "COD")
    assert first.xs("not a member", level="after")["members"].sum() == 25
    second = table[table["old"] == V20]
    stayed = second[(second["before"] != "not a member") & (second["after"] != "not a member")]
    assert (stayed["before"] == stayed["after"]).all()
    assert stayed["members"].sum() == 37


def test_flows_in_and_out_of_an_iteration_are_its_tally(long):
    table = plots.flow_table(long)
    for name in ("yes", "no", "abstain", "absent"):
        out = table[table["before"] == name].groupby("old")["members"].sum()
        into = table[table["after"] == name].groupby("new")["members"].sum()
        for rollcall, count in long.rollcalls[name].items():
            if rollcall in set(table["old"]):
                assert out.get(rollcall, 0) == count
            if rollcall in set(table["new"]):
                assert into.get(rollcall, 0) == count
    assert (table["who"].map(len) == table["members"]).all()


def test_a_flow_wants_a_family_of_a_record_and_none_of_an_explanation(why, record):
    with pytest.raises(vs.UsageError, match="family is missing"):
        plots.flow(record)
    with pytest.raises(vs.UsageError, match="one family"):
        plots.flow(why, TRIO)


def test_ribbons_begin_and_end_at_the_votes_they_join(why):
    """The drawing: every ribbon as high as its flow, every column as high as its tally."""
    ax = plots.flow(why)
    bars = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    drawn = sorted(round(bar.get_height()) for bar in bars)
    tallies = why.rollcalls[["yes", "no", "abstain", "absent"]].to_numpy().ravel()
    assert drawn == sorted(tallies[tallies > 0])
    table = plots.flow_table(why)
    assert len(ax.collections) == len(table)
    for ribbon, members in zip(ax.collections, table["members"], strict=True):
        outline = ribbon.get_paths()[0].vertices
        left = outline[np.isclose(outline[:, 0], outline[:, 0].min()), 1]
        right = outline[np.isclose(outline[:, 0], outline[:, 0].max()), 1]
        assert np.ptp(left) == pytest.approx(members)
        assert np.ptp(right) == pytest.approx(members)
