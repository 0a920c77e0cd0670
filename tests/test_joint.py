import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.ideal.periods import find_periods
from voteshift.joint import (
    chambers_in,
    held_together,
    link_chambers,
    of_chamber,
    twin_family,
    wider_membership,
)


def chamber(members, dates, titles, source, ids=None):
    ids = ids or [str(number) for number in range(1, len(dates) + 1)]
    votes = np.full((len(members), len(ids)), vs.Vote.YES, dtype=np.int8)
    votes[0] = vs.Vote.NO
    frame = pd.DataFrame(
        {"date": dates, "title": titles, "session": [str(31 + k) for k in range(len(ids))]}, index=ids
    )
    return vs.RollCalls(
        votes, pd.DataFrame({"group": "north"}, index=list(members)), frame, source=source, polarity="a"
    )


@pytest.fixture
def council():
    return chamber("abc", ["2016-03-01", "2018-03-01"], ["On fish", "On fish"], "Council")


@pytest.fixture
def large():
    return chamber("bcde", ["1976-12-01", "1977-12-01", "2016-12-01"], ["On fish"] * 3, "Assembly")


@pytest.fixture
def joint(council, large):
    return link_chambers(council, large)


def test_the_record_that_is_studied_keeps_its_names(joint, council):
    assert list(joint.rollcalls.index) == ["1", "2", "Assembly:1", "Assembly:2", "3"]
    assert list(joint.rollcalls["family"]) == ["fish", "fish"] + ["Assembly:fish"] * 3
    assert joint.select(rollcalls=["1", "2"], members=list("abc")).votes.tolist() == council.votes.tolist()
    assert twin_family(joint, "fish") == ("fish", "Assembly:fish")
    assert joint.polarity == "a"


def test_a_chamber_is_told_from_the_other(joint, council):
    assert list(of_chamber(joint, "2").rollcalls.index) == ["1", "2"]
    assert list(of_chamber(joint, "3").rollcalls.index) == ["Assembly:1", "Assembly:2", "3"]
    assert of_chamber(council, "1") is council


def test_what_holds_two_chambers_together_is_counted(joint, council):
    ids, members = joint.rollcalls.index, joint.members.index
    table = chambers_in(joint, ids, members)
    assert table.to_dict("index") == {
        "Council": {"rollcalls": 2, "members": 3},
        "Assembly": {"rollcalls": 3, "members": 4},
    }
    assert "linked by the 2 members that voted in both" in held_together(joint, ids, members)
    assert held_together(joint, pd.Index(["1", "2"]), members) == ""
    assert held_together(council, council.rollcalls.index, council.members.index) == ""


def test_three_chambers_are_held_together_by_chains(council, large):
    """Council (a to c) and Third (d to f) share nobody; both share two members with the Assembly (b to e)."""
    third = chamber("fed", ["2016-06-01"], ["On trees"], "Third", ids=["t"])
    joint = vs.RollCalls.concat([council, third, large], chambers=("Council", "Third", "Assembly"))
    said = held_together(joint, joint.rollcalls.index, joint.members.index)
    assert "linked by the 4 members that voted in more than one of them" in said
    assert "the same position in each" in said


def test_chambers_that_share_no_voting_members_are_on_no_common_scale(joint, council):
    """One member is not enough: it holds a place, and not how far apart members are."""
    ids, members = joint.rollcalls.index, joint.members.index
    votes = joint.votes.copy()
    votes[members.get_loc("b"), 2:] = vs.Vote.ABSENT
    changed = vs.RollCalls(votes, joint.members, joint.rollcalls)
    with pytest.raises(vs.NotUsableError, match="fewer than two members of the fit voted in Assembly"):
        held_together(changed, ids, members)


def test_the_wider_membership_is_that_of_the_date(joint, council):
    """Of the Assembly's roll calls the nearest is that of 2016; b has no seat there."""
    votes = joint.votes.copy()
    votes[joint.members.index.get_loc("b"), joint.rollcalls.index.get_loc("3")] = vs.Vote.NOT_MEMBER
    changed = vs.RollCalls(votes, joint.members, joint.rollcalls)
    assert list(wider_membership(joint, "2")) == list("bcde")
    assert list(wider_membership(changed, "2")) == list("cde")
    assert len(wider_membership(council, "2")) == 0


def test_records_without_a_common_member_are_no_joint_record(council):
    strangers = chamber("xyz", ["2016-12-01"], ["On birds"], "Assembly")
    with pytest.raises(vs.InputError, match="share no member"):
        link_chambers(council, strangers)


def test_records_of_one_name_are_numbered(council):
    again = link_chambers(council, chamber("abc", ["2016-12-01"], ["On birds"], "Council"))
    assert list(again.rollcalls["chamber"].unique()) == ["Council (1)", "Council (2)"]
    nameless = link_chambers(
        *(vs.RollCalls(part.votes, part.members, part.rollcalls) for part in (council, council))
    )
    assert list(nameless.rollcalls["chamber"].unique()) == ["the first record", "the second record"]


def test_sessions_that_share_a_number_are_no_periods(joint, council):
    with pytest.raises(vs.UsageError, match="two sessions are 39 years apart"):
        find_periods(joint.rollcalls, "session")
    assert find_periods(joint.rollcalls, "year").labels == ("1976", "1977", "2016", "2018")
    assert find_periods(council.rollcalls, "session").labels == ("31", "32")


def test_an_unknown_own_chamber_is_refused(council, large):
    with pytest.raises(vs.UsageError, match="unknown chamber 'x'"):
        vs.RollCalls.concat([council, large], chambers=("council", "assembly"), main="x")


def test_council_and_assembly_on_one_scale(record, assembly):
    """Every member of the United Nations has a position, the same Council roll calls under the same ids."""
    joint = link_chambers(record, assembly)
    assert list(joint.rollcalls.index[: len(record.rollcalls)]) == list(record.rollcalls.index)
    assert list(joint.rollcalls["family"][: len(record.rollcalls)]) == list(record.rollcalls["family"])
    states = wider_membership(joint, "29343")
    assert len(states) == 193
    assert not {"YUG", "DDR", "TWN"} & set(states)
    # As in elections: the United States and Türkiye count with Western Europe, Kiribati is in no group.
    groups = joint.members.loc[states, "group"].value_counts().to_dict()
    assert groups == {"AFRICAN": 54, "ASIA_PACIFIC": 53, "GRULAC": 33, "WEOG": 29, "EEG": 23, "": 1}
