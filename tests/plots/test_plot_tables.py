"""The tables behind the pictures, held to the record and to each other."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

import voteshift as vs
from voteshift import plots
from voteshift.resolution.noise import cumulative
from voteshift.votes import CATEGORIES

V18, V20, V21 = "27478", "29343", "29575"
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
    with pytest.raises(vs.UsageError, match="which family"):
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
    with pytest.raises(vs.NotUsableError, match="lies outside"):
        plots.waterfall(without)


def test_councils_are_the_expected_tallies_with_the_record_on_the_diagonal(why):
    table = plots.councils_table(why)
    expected = why.expected().set_index(["council", "version", "category"])
    assert len(table) == 9
    for row in table.itertuples():
        for name in CATEGORIES:
            there = expected.loc[(row.council, row.version, name)]
            assert getattr(row, name) == there["estimate"]
            assert getattr(row, f"{name}_low") == there["conf_low"]
            assert getattr(row, f"{name}_high") == there["conf_high"]
    known = table[table["on_record"] != ""].set_index("council")["on_record"]
    assert known.to_dict() == {V18: "28-1-17", V20: "23-16-8", V21: "26-15-6"}
    with pytest.raises(vs.UsageError, match="not 'absent'"):
        plots.councils(why, "absent")


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
    with pytest.raises(vs.NotUsableError, match="several dimensions"):
        plots.regions_table(why)
    ax = plots.positions(why)
    assert not ax.patches


def test_seats_are_all_seats_once(record):
    table = plots.seats_table(record, TRIO)
    votes = record.select(family=TRIO)
    counts = pd.crosstab(table["rollcall"], table["vote"])
    tally = votes.tally()
    for name in ("yes", "no", "abstain", "absent"):
        assert (counts[name] == tally.loc[counts.index, name]).all()
    assert not table.duplicated(["rollcall", "member"]).any()
    assert not table.duplicated(["rollcall", "group", "line", "place"]).any()
    first = table[(table["group"] == "AFRICAN") & (table["rollcall"] == V18)]
    assert list(first["vote"]) == ["yes"] * 11 + ["abstain", "absent"]
    assert first.iloc[-1]["member"] == "TUN"


def test_a_colour_stands_for_the_vote_of_its_seat(record):
    from matplotlib.colors import to_hex

    from voteshift.plots.style import COLOURS

    ax = plots.seats(record, TRIO)
    assert len(ax.patches) == 3 * 47
    said = {to_hex(p.get_facecolor()) for p in ax.patches}
    assert said == set(COLOURS.values())
    tunisia = next(text for text in ax.texts if text.get_text() == "TUN")
    under = [p for p in ax.patches if p.get_bbox().contains(*tunisia.get_position())]
    assert [to_hex(p.get_facecolor()) for p in under] == [COLOURS["absent"]]


def test_a_legend_shows_votes_as_they_are_drawn(record):
    def look(patch):
        return patch.get_facecolor(), patch.get_hatch(), patch.get_linewidth()

    ax = plots.seats(record, TRIO)
    keys = {text.get_text(): key for text, key in zip(*_legend(ax), strict=True)}
    assert {look(patch) for patch in ax.patches} == {look(key) for key in keys.values()}
    assert keys["no"].get_linewidth() > keys["yes"].get_linewidth()
    ax = plots.timelines(record)
    drawn = {tuple(part.get_facecolor()[0]): part.get_hatch() for part in ax.collections}
    assert {key.get_facecolor(): key.get_hatch() for key in _legend(ax)[1]} == drawn


def _legend(ax):
    legend = ax.get_legend()
    return legend.get_texts(), legend.get_patches()


def test_timelines_hold_every_iteration_with_its_shares(record):
    table = plots.timelines_table(record)
    families = record.families()
    assert set(table["family"]) == set(families.index)
    assert len(table) == families["rollcalls"].map(len).sum()
    shares = table[["share_yes", "share_no", "share_abstain", "share_absent"]]
    assert np.allclose(shares.sum(axis=1), 1, rtol=0, atol=1e-12)
    row = table.set_index("rollcall").loc[V20]
    assert row["share_no"] == 16 / 47
    firsts = table.groupby("family", sort=False)["date"].min()
    assert firsts.is_monotonic_increasing
    with pytest.raises(vs.UsageError, match="twice"):
        plots.timelines(record.select(rollcalls=[V18]))


@pytest.fixture(scope="module")
def moving(record):
    return vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", tau=0.2)).fit(
        record.between("2018", "2021")
    )


def test_trajectories_are_the_positions_of_the_fit(moving):
    table = plots.trajectories_table(moving, ["USA", "MEX"])
    assert list(dict.fromkeys(table["member"])) == ["USA", "MEX"]
    fitted = moving.tidy().set_index(["member", "period"])
    for row in table.itertuples():
        there = fitted.loc[(row.member, row.period)]
        assert moving.periods[row.time] == row.period
        assert (row.estimate, row.conf_low, row.conf_high) == tuple(
            there[["estimate", "conf_low", "conf_high"]]
        )
        assert row.extrapolated == (row.n_votes < 5)
    assert list(table.loc[table["member"] == "USA", "period"]) == ["2018"]  # it left the Council that year


def test_trajectories_are_those_that_moved_furthest(moving):
    chosen = list(dict.fromkeys(plots.trajectories_table(moving)["member"]))
    seen = moving.tidy()
    seen = seen[~seen["extrapolated"]].groupby("member")["estimate"]
    moved = (seen.last() - seen.first()).abs().sort_values(ascending=False)
    assert len(chosen) == 5
    assert chosen == list(moved.index[:5])


@pytest.mark.filterwarnings("ignore::voteshift.errors.BridgeWarning")
def test_trajectories_break_where_a_member_is_away_and_mark_what_is_extrapolated():
    """Four votes in 2001; the first member is away in 2002."""
    simulated = vs.simulate(15, 40, seed=2).rollcalls
    years = np.repeat([2001, 2002, 2003, 2004], [4, 12, 12, 12])
    votes = simulated.votes.copy()
    votes[0, years == 2002] = vs.Vote.NOT_MEMBER
    frame = pd.DataFrame({"date": [f"{year}-05-01" for year in years]}, index=simulated.rollcalls.index)
    fit = vs.IdealPoints(dynamics=vs.RandomWalk(tau=0.2)).fit(vs.RollCalls(votes, simulated.members, frame))
    one, other = simulated.members.index[:2]
    table = plots.trajectories_table(fit, [one, other])
    assert list(table["time"]) == [0, 2, 3, 0, 1, 2, 3]
    assert list(table["extrapolated"]) == [True, False, False, True, False, False, False]
    ax = plots.trajectories(fit, [one, other])
    hollow = [line for line in ax.lines if line.get_markerfacecolor() == "#ffffff"]
    assert [list(line.get_xdata()) for line in hollow] == [[0], [0]]
    spans = {line.get_linestyle(): [] for line in ax.lines}
    for line in ax.lines:
        if len(line.get_xdata()) == 2 and line.get_color() == "#0072b2" and line.get_linewidth() > 0.6:
            spans[line.get_linestyle()].append(tuple(line.get_xdata()))
    assert spans[":"] == [(0, 2)]  # away in between
    assert spans["-"] == [(2, 3)]


def test_trajectories_that_cannot_be_drawn_say_why(why, moving):
    with pytest.raises(vs.NotUsableError, match="do not move"):
        plots.trajectories(why)
    with pytest.raises(vs.UsageError, match="'XXX' has no position"):
        plots.trajectories(moving, ["XXX"])
    with pytest.raises(vs.UsageError, match="named twice"):
        plots.trajectories(moving, ["MEX", "MEX"])
    with pytest.raises(vs.UsageError, match="no member to draw"):
        plots.trajectories(moving, [])
    with pytest.raises(vs.UsageError, match="8 lines cannot be told apart"):
        plots.trajectories(moving, list(dict.fromkeys(moving.tidy()["member"]))[:8])


def test_the_overview_lays_every_step_end_to_end(record):
    found = vs.overview(record)
    table = plots.overview_table(record)
    assert table.equals(plots.overview_table(found))
    assert len(table) == 2 * len(found.steps) == 2 * 365
    assert table.groupby("component")["estimate"].sum().to_dict() == {"switching": 609, "turnover": 780}
    for (family, component), part in table.groupby(["family", "component"], sort=False):
        side = -1 if component == "switching" else 1
        assert part["begin"].iloc[0] == 0
        assert (part["begin"].iloc[1:].to_numpy() == part["end"].iloc[:-1].to_numpy()).all()
        assert (side * (part["end"] - part["begin"]) == part["estimate"]).all()
        assert side * part["end"].iloc[-1] == found.families.loc[family, f"moved_{component}"]
    total = table.groupby("family", sort=False)["estimate"].sum()
    assert total.is_monotonic_decreasing
    with pytest.raises(vs.UsageError, match="twice"):
        plots.overview(record.select(rollcalls=[V18]))


def test_a_piece_of_the_overview_is_as_long_as_its_step(record):
    ax = plots.overview(record, highlight=TRIO)
    table = plots.overview_table(record)
    drawn = sorted(abs(patch.get_width()) for patch in ax.patches)
    assert drawn == sorted(table.loc[table["estimate"] > 0, "estimate"])
    bold = [label.get_text() for label in ax.get_yticklabels() if label.get_fontweight() == "bold"]
    assert bold == [TRIO]
    with pytest.raises(vs.UsageError, match=rf"no row is called 'beneficial' .did you mean {TRIO}"):
        plots.overview(record, highlight="beneficial")


def test_the_seats_stand_under_the_names_of_groups_and_not_their_codes(record):
    written = {text.get_text() for text in plots.seats(record, TRIO).texts}
    names = {"Africa", "Asia-Pacific", "Eastern Europe", "Latin America and the Caribbean"}
    assert names | {"Western Europe and Others"} <= written
    assert not written & {"AFRICAN", "ASIA_PACIFIC", "EEG", "GRULAC", "WEOG"}
