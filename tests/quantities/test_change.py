"""The change of a chamber: parts that add up, brute force over draws, identification, errors."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.quantities import explain_chamber
from voteshift.quantities.change import ChamberChange

GROUPS = {"median": (), "spread": (), "group_mean": ("left",), "group_distance": ("left", "right")}


def explain(fit, statistic, record, *ends, **options):
    return explain_chamber(
        fit,
        statistic,
        *ends,
        groups=GROUPS[statistic],
        rollcalls=record if GROUPS[statistic] else None,
        **options,
    )


@pytest.mark.parametrize("statistic", GROUPS)
@pytest.mark.parametrize("every_period", [True, False])
def test_parts_add_up_in_every_draw(moving, chamber, statistic, every_period):
    first, last = moving.periods[0], moving.periods[-1]
    change = explain(moving, statistic, chamber, first, last, every_period=every_period, n_draws=300)
    draws = change.draws
    assert np.abs(draws["replacement"] + draws["movement"] - draws["change"]).max() < 1e-9
    table = change.tidy()
    estimates = table["estimate"].to_numpy().reshape(-1, 3)
    assert np.abs(estimates[:, 1] + estimates[:, 2] - estimates[:, 0]).max() < 1e-9
    assert len(estimates) == (4 if every_period else 1)
    if every_period:
        assert estimates[0] == pytest.approx(estimates[1:].sum(axis=0), abs=1e-12)
    assert change.after - change.before == pytest.approx(estimates[0, 0])


def test_the_whole_change_is_that_of_the_medians(moving, chamber):
    first, last = moving.periods[0], moving.periods[-1]
    medians = moving.median(seed=3).tidy().set_index("period")["estimate"]
    change = explain(moving, "median", chamber, first, last, seed=3)
    assert change.tidy()["estimate"].iloc[0] == pytest.approx(medians[last] - medians[first])
    assert change.before == pytest.approx(medians[first])


def test_parts_of_one_pair_by_brute_force(moving):
    """From `draw` and `tidy` alone, member by member."""
    one, other = moving.periods[1], moving.periods[2]
    period = moving.encoded.design.period
    ids = [str(moving.rollcall_ids[int(np.argmax(period == t))]) for t in range(4)]
    x = moving.draw(100, ids, 9).positions[..., 0]
    table = moving.tidy()
    seated = [set(table.loc[table["period"] == label, "member"]) for label in (one, other)]
    column = {member: row for row, member in enumerate(moving.member_ids)}

    def median(members, moved, draw):
        values = []
        for member in members:
            both = member in seated[0] and member in seated[1]
            time = (2 if moved else 1) if both else (1 if member in seated[0] else 2)
            values.append(x[draw, time, column[member]])
        return np.median(values)

    movement = [
        (median(seated[0], True, k) - median(seated[0], False, k)
         + median(seated[1], True, k) - median(seated[1], False, k)) / 2
        for k in range(100)
    ]  # fmt: skip
    change = explain_chamber(moving, "median", one, other, n_draws=100, seed=9)
    assert change.draws["movement"] == pytest.approx(movement)
    row = change.tidy().set_index("part").loc["movement"]
    assert row["stayed"] == len(seated[0] & seated[1])
    assert row["left"] == len(seated[0] - seated[1])
    assert row["joined"] == len(seated[1] - seated[0])


def test_sentences_carry_what_identifies_the_scale(moving, unbridged, chamber):
    ends = moving.periods[0], moving.periods[-1]
    text = explain(moving, "spread", chamber, *ends).text
    assert moving.identified_by in text
    assert "Replacement of members contributes" in text
    assert "do not read" not in text
    assert "do not read a change" in explain(unbridged, "spread", chamber, *ends).text


def test_a_change_that_does_not_add_up_is_not_made(moving, chamber):
    change = explain(moving, "median", chamber, *moving.periods[:2])
    table = change.table.copy()
    table.loc[1, "estimate"] += 1e-6
    with pytest.raises(ValueError, match="do not add up"):
        ChamberChange(table, change.source, "", 0.0, 0.0, change.draws, "")
    draws = change.draws | {"movement": change.draws["movement"] + 1e-6}
    with pytest.raises(ValueError, match="do not add up"):
        ChamberChange(change.table, change.source, "", 0.0, 0.0, draws, "")


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("mean", "2000", "2001"), {}, "unknown statistic 'mean'"),
        (("median", "2001", "2000"), {}, "is not after"),
        (("median", "2000", "2000"), {}, "is not after"),
        (("median", "1980", "2000"), {}, "no period '1980'"),
        (("median", "2000", "2001"), {"groups": ("left",)}, "takes 0 groups"),
        (("group_distance", "2000", "2001"), {"groups": ("left",)}, "takes 2 groups"),
        (("group_mean", "2000", "2001"), {"groups": ("left",)}, "needs the groups"),
    ],
)
def test_errors_name_the_argument(moving, arguments, options, message):
    with pytest.raises(vs.UsageError, match=message):
        explain_chamber(moving, *arguments, **options)


def test_a_static_fit_has_no_change(static):
    with pytest.raises(vs.UsageError, match="constant"):
        explain_chamber(static, "median", "2000", "2001")


def test_an_unknown_group_is_refused(moving, chamber):
    with pytest.raises(vs.UsageError, match="group 'up'"):
        explain_chamber(moving, "group_mean", "2000", "2001", groups=("up",), rollcalls=chamber)


@pytest.fixture(scope="module")
def switched(chamber):
    """The record, in which one member that votes in all periods changes from right to left in 2002."""
    cast = np.stack([
        (chamber.votes[:, (chamber.rollcalls["date"].dt.year == year).to_numpy()] >= 0).any(axis=1)
        for year in (2001, 2002)
    ])  # fmt: skip
    right = (chamber.members["group"] == "right").to_numpy()
    member = chamber.members.index[int(np.argmax(cast.all(axis=0) & right))]
    members = chamber.members.copy()
    members.loc[member, "group"] = "left"
    days = {"from": ["2000-01-01", "2002-01-01"], "to": ["2001-12-31", "2003-12-31"]}
    spells = pd.DataFrame({"member": member, "group": ["right", "left"], **days})
    frame = chamber.rollcalls
    return member, vs.RollCalls(chamber.votes, members, frame, polarity=chamber.polarity, groups=spells)


def test_members_that_change_their_group_are_replaced_in_it(moving, chamber, switched):
    member, record = switched
    old, new = (
        {
            row["part"]: (row["stayed"], row["left"], row["joined"])
            for row in explain(moving, "group_mean", one, "2001", "2002").tidy().to_dict("records")
        }["change"]
        for one in (chamber, record)
    )
    assert (new[0], new[1], new[2]) == (old[0], old[1], old[2] + 1)
    means = [moving.group_means(one, n_draws=50).tidy() for one in (chamber, record)]
    sizes = [table.pivot_table(index="group", columns="period", values="n_members") for table in means]
    assert (sizes[1] - sizes[0]).loc["left", ["2001", "2002"]].tolist() == [0, 1]
    assert (sizes[1] - sizes[0]).loc["right", ["2001", "2002"]].tolist() == [0, -1]
    assert member in moving.member_ids
