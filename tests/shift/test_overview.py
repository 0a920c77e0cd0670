import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import voteshift as vs
from voteshift.shift.account import account_step
from voteshift.shift.overview import overview, step_flows, votes_moved
from voteshift.votes import TALLY_COLUMNS

TRIO = "mutually-beneficial-cooperation"
CODES = [int(vote) for vote in vs.Vote]


@pytest.fixture(scope="module")
def whole(record):
    return overview(record)


def test_every_family_and_every_step_is_there(record, whole):
    listed = record.families()
    assert len(listed) > 40
    pd.testing.assert_frame_equal(whole.families[listed.columns], listed)
    assert len(whole.steps) == sum(len(ids) - 1 for ids in listed["rollcalls"])
    assert whole.families["steps"].sum() == len(whole.steps)
    assert len(whole.tallies) == sum(len(ids) for ids in listed["rollcalls"])
    assert whole.undated == ()


def test_steps_are_those_of_the_exact_account(record, whole):
    """A sample of a record of hundreds."""
    for _, row in whole.steps.iloc[::12].iterrows():
        exact = account_step(record, row["old"], row["new"])
        assert (row["stayers"], row["left"], row["joined"]) == (exact.stayers, exact.left, exact.joined)
        assert row["switchers"] == len(exact.switchers)
        assert row["voted_once"] == len(exact.voted_once)
        for part in ("change", "switching", "attendance", "turnover"):
            counts = [row[f"{part}_{name}"] for name in TALLY_COLUMNS]
            assert counts == getattr(exact, part).tolist(), (row["old"], part)


@settings(max_examples=40)
@given(votes=hnp.arrays(np.int8, st.tuples(st.integers(1, 12), st.just(2)), elements=st.sampled_from(CODES)))
def test_flows_add_up_and_are_those_of_the_account(votes):
    votes[0] = vs.Vote.YES
    found = step_flows(votes[:, 0], votes[:, 1])
    assert (found.change == found.switching + found.attendance + found.turnover).all()
    members = pd.DataFrame(index=[f"m{i}" for i in range(len(votes))])
    exact = account_step(vs.RollCalls(votes, members, pd.DataFrame(index=["a", "b"])), "a", "b")
    assert (found.stayers, found.left, found.joined) == (exact.stayers, exact.left, exact.joined)
    assert found.switchers == len(exact.switchers)
    assert found.voted_once == len(exact.voted_once)
    assert found.switching.tolist() == exact.switching.tolist()
    assert found.attendance.tolist() == exact.attendance.tolist()
    assert found.turnover.tolist() == exact.turnover.tolist()
    assert votes_moved(found.switching) <= found.switchers
    assert votes_moved(found.attendance) <= found.voted_once
    assert votes_moved(found.turnover) <= (found.left + found.joined) / 2


def test_votes_moved_is_what_it_says():
    assert votes_moved(np.array([-5, 15, -9, -1])) == 15
    assert votes_moved(np.array([[0, 0, 0, 0], [2, 0, -2, 0]])).tolist() == [0, 2]


def test_the_trio(whole):
    trio = whole.steps[whole.steps["family"] == TRIO]
    assert trio["moved_switching"].tolist() == [7, 0]
    assert trio["moved_turnover"].tolist() == [8, 3]
    assert trio["turnover_share"].tolist() == [8 / 15, 1]
    row = whole.families.loc[TRIO]
    assert (row["moved_switching"], row["moved_turnover"]) == (7, 11)
    assert row["turnover_share"] == pytest.approx(11 / 18)
    assert trio["years"].tolist() == pytest.approx([2.25, 0.75], abs=0.01)


def test_shares_are_shares_or_missing(whole):
    share = whole.steps["turnover_share"]
    moved = [f"moved_{part}" for part in ("switching", "attendance", "turnover")]
    nothing = (whole.steps[moved] == 0).all(axis=1)
    assert (share.isna() == nothing).all()
    assert share.dropna().between(0, 1).all()
    assert whole.moved == tuple(whole.families[moved].sum())


def test_tidy_holds_every_number(whole):
    tidy = whole.tidy()
    once = (whole.steps["voted_once"] > 0).sum()
    assert 0 < once < len(whole.steps)
    assert len(tidy) == 12 * len(whole.steps) + 4 * once
    one = tidy.query("old == '27478' and component == 'turnover' and category == 'no'")
    assert one["estimate"].tolist() == [8]
    totals = tidy.groupby("component")["estimate"].apply(lambda part: part.abs().sum() / 2)
    assert totals[["switching", "attendance", "turnover"]].tolist() == list(whole.moved)


def test_without_attendance_the_sentence_does_not_name_it(record):
    trio = overview(record, [TRIO])
    assert "ttendance" not in trio.sentence()
    assert "attendance" not in set(trio.tidy()["component"])


def test_a_choice_of_families(record, whole):
    some = overview(record, ["mutually beneficial cooperation", "right-development"])
    assert list(some.families.index) == [TRIO, "right-development"]
    mine = whole.steps[whole.steps["family"] == TRIO].reset_index(drop=True)
    theirs = some.steps[some.steps["family"] == TRIO].reset_index(drop=True)
    pd.testing.assert_frame_equal(mine, theirs)
    with pytest.raises(vs.UsageError):
        overview(record, ["no such text"])


def test_the_sentence_gives_the_totals(whole):
    switching, attendance, turnover = whole.moved
    said = whole.sentence()
    for part in (
        f"moved {turnover:g} votes",
        f"switching moved {switching:g} votes",
        f"Attendance moved {attendance:g} votes",
        f"{len(whole.steps)} steps",
    ):
        assert part in said


def test_a_family_without_dates_has_tallies_and_no_steps():
    votes = np.array([[2, 0], [0, 1]], dtype=np.int8)
    frame = pd.DataFrame({"title": ["A text that comes back"] * 2}, index=["a", "b"])
    found = overview(vs.RollCalls(votes, pd.DataFrame(index=["x", "y"]), frame))
    assert found.undated == tuple(found.families.index)
    assert len(found.tallies) == 2
    assert found.steps.empty
    assert found.families["moved_turnover"].isna().all()
    assert found.families["steps"].tolist() == [0]


def test_a_record_without_families():
    found = overview(
        vs.RollCalls(np.array([[2]], dtype=np.int8), pd.DataFrame(index=["x"]), pd.DataFrame(index=["a"]))
    )
    assert found.families.empty
    assert found.tidy().empty
    assert found.sentence() == "No resolution came back."
