"""Positions and the regions of votes, against the fit."""

import numpy as np
import pytest

import voteshift as vs
from voteshift import plots
from voteshift.resolution.noise import cumulative
from voteshift.simulation import Dynamics
from voteshift.votes import CATEGORIES

V18 = "27478"
V20 = "29343"
V21 = "29575"
TRIO = "mutually-beneficial-cooperation"


def test_positions_are_those_of_the_fit_with_the_last_vote(why, record):
    table = plots.positions_table(why).set_index("member")
    fitted = why.fit.tidy().set_index("member")
    assert table["estimate"].is_monotonic_increasing
    for member, row in table.iterrows():
        assert row["estimate"] == fitted.loc[member, "estimate"]
    wide = record.select(family=TRIO).to_wide()[[V18, V20, V21]]
    for member, vote in table["vote"].items():
        cast = [word for word in wide.loc[member] if word in CATEGORIES]
        assert cast[-1] == vote
    assert len(plots.positions_table(why.fit)) == 92
    assert list(plots.positions_table(why, ["USA", "CHN"])["member"]) == ["CHN", "USA"]
    with pytest.raises(vs.UsageError, match="'XXX' has no position"):
        plots.positions(why, ["XXX"])


def _likeliest_at(x, item, link):
    cuts = item[["no|abstain", "abstain|yes"]].to_numpy(float)
    below = cumulative(cuts - x * float(item["discrimination"]), link)
    return CATEGORIES[int(np.diff(below, prepend=0.0, append=1.0).argmax())]


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("slope", [-3.0, -0.04, 0.0, 0.04, 2.0])
@pytest.mark.parametrize("gap", [0.3, 1.0, 2.5])
def test_a_region_is_where_its_vote_is_the_likeliest(why, monkeypatch, link, slope, gap):
    """Of a weak item one vote is the likeliest for all: 4-7-2 is abstention, not abstention against no."""
    items = why.fit.items()
    here = items["rollcall"] == V20
    items.loc[here, ["discrimination", "no|abstain", "abstain|yes"]] = [slope, 0.8 - gap, 0.8]
    monkeypatch.setattr(type(why.fit), "items", lambda _: items)
    monkeypatch.setattr(type(why.fit), "link", link)
    part = plots.regions_table(why).query("version == @V20")
    assert (part["begin"].iloc[0], part["end"].iloc[-1]) == (-np.inf, np.inf)
    for x in np.linspace(-3, 3, 61) + 1e-6:
        (inside,) = part.loc[(part["begin"] < x) & (x <= part["end"]), "category"]
        assert inside == _likeliest_at(x, items[here].iloc[0], link)
    if abs(slope) < 0.1 and gap == 2.5:
        assert set(part.loc[(part["begin"] < 3) & (part["end"] > -3), "category"]) == {"abstain"}


def test_regions_turn_with_the_scale(record):
    turned = vs.explain(record, model=vs.IdealPoints(polarity="CHN"), draws=vs.Draws(100))
    assert list(plots.regions_table(turned)["category"][:3]) == ["no", "abstain", "yes"]


def test_several_dimensions_have_no_regions(record):
    fit = vs.IdealPoints(dims=2).fit(record.between("2018", "2021"))
    why = vs.explain(record, model=fit, draws=vs.Draws(100))
    with pytest.raises(vs.NotUsableError, match="with one dimension"):
        plots.regions_table(why)
    ax = plots.positions(why)
    assert not ax.patches


def test_a_member_whose_id_is_a_number_is_drawn_with_its_name():
    record = vs.simulate(5, 60, seed=3, categories=2, dynamics=Dynamics(2, bridges=3)).rollcalls
    names = record.members.assign(name=["KYL", "REED", "DODD", "FRIST", ""])
    names.index = ["101", "102", "103", "104", "105"]
    record = vs.RollCalls(record.votes, names, record.rollcalls)
    wanted = {"KYL (101)", "REED (102)", "DODD (103)", "FRIST (104)", "105"}
    drawn = plots.positions(vs.IdealPoints().fit(record))
    assert {label.get_text() for label in drawn.get_yticklabels()} == wanted
    fit = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families")).fit(record)
    moving = plots.trajectories(fit, ["101"])
    assert any("KYL (101)" in text.get_text() for text in moving.texts)
