"""Seats and their colours, against the record."""

import pandas as pd

from voteshift import plots

V18 = "27478"
TRIO = "mutually-beneficial-cooperation"


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


def test_the_seats_stand_under_the_names_of_groups_and_not_their_codes(record):
    written = {text.get_text() for text in plots.seats(record, TRIO).texts}
    names = {"Africa", "Asia-Pacific", "Eastern Europe", "Latin America and the Caribbean"}
    assert names | {"Western Europe and Others"} <= written
    assert not written & {"AFRICAN", "ASIA_PACIFIC", "EEG", "GRULAC", "WEOG"}
