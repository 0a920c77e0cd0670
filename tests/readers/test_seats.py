from pathlib import Path

import pytest

from readers.files import Write
from voteshift.readers import Finding, check_file, read
from voteshift.rollcalls import RollCalls

YARDSTICK = (
    "member,rollcall,symbol,vote,yes,no,abstain\n"
    "m1,r7,S/7,yes,2,1,0\n"
    "m2,r7,S/7,no,2,1,0\n"
    "m3,r7,S/7,yes,2,1,0\n"
    "m4,r7,S/7,absent,2,1,0\n"
    "m5,r7,S/7,not a member,2,1,0\n"
)


@pytest.fixture
def yardstick(write: Write) -> RollCalls:
    return read(write("yardstick.csv", YARDSTICK))


def errors(path: Path, yardstick: RollCalls) -> list[Finding]:
    return [finding for finding in check_file(path, yardstick=yardstick) if finding.severity == "error"]


@pytest.mark.parametrize("last", ["", "m4,absent\n", "m4,not recorded\n", "m5,not a member\n"])
def test_a_list_that_agrees(write: Write, yardstick: RollCalls, last: str) -> None:
    path = write("votes.csv", "member,vote\nm3,y\nm1,y\nm2,n\n" + last)
    assert errors(path, yardstick) == []


def test_a_swap_is_suggested_only_where_the_votes_are_the_same(write: Write, yardstick: RollCalls) -> None:
    lacking, unseated = errors(write("a.csv", "member,vote\nm1,yes\nm2,no\nm9,yes\n"), yardstick)
    assert "replace m9 by m3" in unseated.remedy
    assert "replace m9 by m3" in lacking.remedy
    found = errors(write("b.csv", "member,vote\nm1,yes\nm2,no\nm9,no\n"), yardstick)
    assert not any("replace" in finding.remedy for finding in found)
    assert {finding.id for finding in found} == {"m9", "m3", "r7"}
    found = errors(write("c.csv", "member,vote\nm1,yes\nm8,no\nm9,yes\n"), yardstick)
    assert not any("replace" in finding.remedy for finding in found)


def test_an_unseated_member_may_be_away(write: Write, yardstick: RollCalls) -> None:
    (found,) = errors(write("a.csv", "member,vote\nm1,y\nm2,n\nm3,y\nm5,absent\n"), yardstick)
    assert (found.line, found.message) == (5, "m5 is listed as absent, but had no seat in S/7")


def test_votes_that_differ(write: Write, yardstick: RollCalls) -> None:
    totals, vote = errors(write("a.csv", "member,vote\nm1,yes\nm2,abstain\nm3,yes\nm4,absent\n"), yardstick)
    assert (vote.line, vote.id) == (3, "m2")
    assert vote.message == "the vote of m2 is abstain in the file, but no on record"
    assert totals.message == "S/7 declares 2-1-0 (yes-no-abstain), but the file lists 2-0-1"
    found = errors(write("b.csv", "member,vote\nm1,yes\nm2,no\nm3,yes\nm4,yes\n"), yardstick)
    assert "the vote of m4 is yes in the file, but absent on record" in [finding.message for finding in found]


@pytest.mark.parametrize("key", ["r7", "S/7"])
def test_of_several_roll_calls_the_one_of_that_name_is_held(
    write: Write, yardstick: RollCalls, key: str
) -> None:
    path = write("wide.csv", f"member,r1,{key}\nm1,no,yes\nm2,yes,no\nm3,,no\n")
    assert [f.id for f in errors(path, yardstick)] == ["r7", "m3"]


def test_of_several_roll_calls_none_of_that_name(write: Write, yardstick: RollCalls) -> None:
    (found,) = errors(write("wide.csv", "member,r1,r2\nm1,no,yes\nm2,yes,no\n"), yardstick)
    assert found.message == "the file has 2 roll calls, and 0 of these roll calls have the id or symbol S/7"
