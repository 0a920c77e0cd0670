"""Groups that change: spells, the group on the day of a vote, and what counts by group."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.descriptives import cohesion, mean_cohesion
from voteshift.errors import DataWarning
from voteshift.logistic import panel
from voteshift.plots.seats import seats_table
from voteshift.shift.account import account_step
from voteshift.spells import complete_spells, find_spells, number_groups

DAYS = ["2001-01-01", "2001-06-01", "2002-01-01", "2002-06-01"]


def long_frame(groups_of):
    """Return votes in which member m has the group groups_of[m][k] at roll call k; None is no seat."""
    words = ("yes", "no", "abstain")
    return pd.DataFrame(
        [
            (member, f"r{k}", words[(i * 7 + k * k) % 3], DAYS[k], group)
            for i, (member, groups) in enumerate(groups_of.items())
            for k, group in enumerate(groups)
            if group is not None
        ],
        columns=["member", "rollcall", "vote", "date", "group"],
    )


MOVING = {
    "a": ["L", "L", "L", "L"],
    "b": ["L", "L", "R", "R"],
    "c": ["R", "L", "R", "R"],
    "d": ["R", None, "R", "R"],
    "e": [None, "R", "R", "L"],
}


def test_two_who_change_do_not_cost_the_others_their_group(tmp_path):
    groups = {f"m{i}": ["L" if i % 2 else "R"] * 4 for i in range(118)}
    groups |= {"x": ["L", "L", "R", "R"], "y": ["R", "L", "L", "L"]}
    path = tmp_path / "votes.csv"
    long_frame(groups).to_csv(path, index=False)
    record = vs.read(path)
    assert record.members["group"].to_dict() == {member: cells[-1] for member, cells in groups.items()}
    assert record.groups["member"].tolist() == ["x", "x", "y", "y"]
    assert record.groups["group"].tolist() == ["L", "R", "R", "L"]
    assert [f"{day:%Y-%m-%d}" for day in record.groups["from"]] == [DAYS[0], DAYS[2], DAYS[0], DAYS[1]]
    assert [f"{day:%Y-%m-%d}" for day in record.groups["to"]] == [DAYS[1], DAYS[3], DAYS[0], DAYS[3]]


@pytest.mark.parametrize("seed", range(5))
def test_the_group_on_the_day_is_the_one_in_the_table(seed):
    rng = np.random.default_rng(seed)
    drawn = np.array(["L", "R", "G", None], dtype=object)[rng.integers(4, size=(9, len(DAYS)))]
    groups_of = {f"m{i}": cells for i, cells in enumerate(drawn.tolist())}
    frame = long_frame(groups_of).sample(frac=1, random_state=seed)
    record = vs.RollCalls.from_long(frame)
    names, codes = record.group_codes()
    for row in frame.itertuples():
        where = record.members.index.get_loc(row.member), record.rollcalls.index.get_loc(row.rollcall)
        assert names[codes[where]] == row.group


def test_cohesion_and_account_take_the_group_on_the_day():
    record = vs.RollCalls.from_long(long_frame(MOVING))
    votes = record.to_long().merge(long_frame(MOVING)[["member", "rollcall", "group"]])
    table = cohesion(record).set_index(["group", "rollcall"])
    counts = pd.crosstab([votes["group"], votes["rollcall"]], votes["vote"])
    counts = counts[counts.sum(axis=1) > 1]
    assert set(table.index) == set(counts.index)
    for word in ("yes", "no", "abstain"):
        assert (table[word] == counts[word].reindex(table.index)).all()
    assert mean_cohesion(record)["rollcalls"].to_dict() == {"L": 3, "R": 3}
    early = account_step(record, "r0", "r1").members["group"].to_dict()
    assert early == {"a": "L", "b": "L", "c": "L", "d": "R", "e": "R"}
    assert account_step(record, "r1", "r2").members["group"].to_dict()["c"] == "R"


def test_the_picture_of_seats_takes_the_group_on_the_day():
    record = vs.RollCalls.from_long(long_frame(MOVING))
    drawn = seats_table(record)[["member", "rollcall", "group"]]
    pd.testing.assert_frame_equal(
        drawn.sort_values(["member", "rollcall"], ignore_index=True),
        long_frame(MOVING)[["member", "rollcall", "group"]],
        check_dtype=False,
    )


def test_the_panel_has_the_group_on_the_day():
    frame = long_frame(MOVING)
    table = panel(vs.RollCalls.from_long(frame)).frame.astype({"member": str, "rollcall": str})
    both = table.merge(frame, on=["member", "rollcall"], suffixes=("", "_listed"))
    assert len(both) == len(frame)
    assert (both["group"].astype(str) == both["group_listed"]).all()


def test_records_with_spells_are_copied_selected_joined_and_written(tmp_path):
    record = vs.RollCalls.from_long(long_frame(MOVING), source="x")
    for same in (copy.deepcopy(record), pickle.loads(pickle.dumps(record))):  # noqa: S301
        pd.testing.assert_frame_equal(same.groups, record.groups)
    mine = record.groups
    mine.loc[0, "group"] = "other"
    assert record.groups.loc[0, "group"] == "L"
    assert set(record.select(members=["a", "c"]).groups["member"]) == {"c"}
    assert len(record.between("2001", "2001").groups) == len(record.groups)
    joined = vs.RollCalls.concat([record, record], chambers=["one", "two"])
    pd.testing.assert_frame_equal(joined.groups, record.groups)
    for name in ("r.voteshift", "r.nc", "folder"):
        vs.write(record, tmp_path / name)
        back = vs.read(tmp_path / name)
        pd.testing.assert_frame_equal(back.groups, record.groups)
        assert back.members["group"].to_dict() == record.members["group"].to_dict()


def test_the_order_of_days_counts_and_not_the_order_of_rows():
    frame = long_frame({"a": ["L", "L", "R", "R"], "b": ["L"] * 4}).iloc[::-1]
    record = vs.RollCalls.from_long(frame)
    assert record.members["group"]["a"] == "R"
    assert record.groups["group"].tolist() == ["L", "R"]


def test_what_is_no_function_of_the_date_is_refused_or_named(tmp_path):
    frame = long_frame({"a": ["L", "R"], "b": ["L", "L"], "c": ["R", "R"]})
    frame["date"] = DAYS[0]
    with pytest.raises(vs.InputError, match=f"member a has two groups on {DAYS[0]}"):
        vs.RollCalls.from_long(frame)
    with pytest.raises(vs.InputError, match="'group' of member a is 'L' in one row and 'R'"):
        vs.RollCalls.from_long(frame.drop(columns="date"))
    path = tmp_path / "v.csv"
    frame.to_csv(path, index=False)
    with pytest.warns(DataWarning, match="member a change and are not read, because they have two"):
        record = vs.read(path)
    assert record.members["group"].to_dict() == {"a": "", "b": "L", "c": "R"}


def spell(member="a", group="L", begin="2001-01-01", end="2001-02-01"):
    return {"member": member, "group": group, "from": begin, "to": end}


@pytest.mark.parametrize(
    ("rows", "match"),
    [
        ([{"member": "a", "group": "L", "from": "2001-01-01"}], "lacks the column 'to'"),
        ([spell() | {"note": "x"}], "unknown column 'note'"),
        ([spell("z")], "unknown member 'z'"),
        ([spell(begin="1.2.2001")], "column 'from' .* not a day"),
        ([spell(end=20010201)], "column 'to' .* not a day"),
        ([spell(end=None)], "column 'to' .* not a day"),
        ([spell(end="2000-12-31")], "ends before it begins"),
        ([spell(), spell(group="R", begin="2001-02-01", end="2002-01-01")], "overlap: L and R on 2001-02-01"),
    ],
)
def test_spells_that_cannot_be_are_refused(rows, match):
    with pytest.raises(vs.InputError, match=match) as caught:
        complete_spells(pd.DataFrame(rows), pd.Index(["a", "b"]))
    assert caught.value.remedy


def test_spells_without_votes_are_no_spells():
    none = np.array([], dtype=np.intp)
    days = np.array([], dtype="datetime64[s]")
    spells = find_spells(np.array(["a"], object), np.array(["L"], object), (none, none, none), days)
    assert (len(spells.table), spells.unknown) == (0, ())
    assert len(complete_spells(None, pd.Index(["a"]))) == 0


def test_the_table_of_spells_in_a_folder_names_its_faults(tmp_path):
    record = vs.RollCalls.from_long(long_frame(MOVING))
    vs.write(record, tmp_path / "folder")
    path = tmp_path / "folder" / "groups.csv"
    text = path.read_text()
    path.write_text(text.replace("member,", "who,"))
    with pytest.raises(vs.InputError, match=r"groups\.csv:1: no column contains the member of the spell"):
        vs.read(tmp_path / "folder")
    path.write_text(text.replace("b,L", "q,L"))
    with pytest.raises(vs.InputError, match=r"groups\.csv: .*unknown member 'q'"):
        vs.read(tmp_path / "folder")


def test_groups_are_numbered_by_their_first_member() -> None:
    groups = pd.Series(["y", "x", "", "y", None, "x", "alone"], index=list("gfedcba"))
    assert number_groups(groups).tolist() == [1, 0, -1, 1, -1, 0, -1]
