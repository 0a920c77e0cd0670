"""A spreadsheet of one's own, as people have them: every stumble names its place and what to do."""

from pathlib import Path

import pytest

from readers.files import Write
from voteshift.errors import InputError
from voteshift.readers import check_file, read

COUNCIL = """Country;Motion 12;Motion 13;Motion 14;;
SWAZILAND;Yes;No;;;
"BOLIVIA (PLURINATIONAL STATE OF)";Yes;Yes;Yes;;
UNITED STATES OF AMERICA;No;No;Abstain;;
FRANCE;For;Against;Abstention;;
TURKEY;;yes;YES;;
Czech Republic;No ; no;ABSTAIN;;
;;;;;
"""


def exported(text: str) -> bytes:
    """Return text as a spreadsheet saves it: byte-order mark, lines that end in two characters."""
    return b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()


def test_a_messy_matrix_of_states_is_read_as_meant(write: Write) -> None:
    path = write("council.csv", exported(COUNCIL))
    assert check_file(path) == []
    record = read(path)
    assert list(record.members.index) == ["SWZ", "BOL", "USA", "FRA", "TUR", "CZE"]
    assert list(record.rollcalls.index) == ["Motion 12", "Motion 13", "Motion 14"]
    assert record.tally()[["yes", "no", "abstain"]].to_numpy().tolist() == [[3, 2, 0], [2, 4, 0], [2, 0, 3]]


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value) in map(str, check_file(path)) or "voteshift check" in str(caught.value)
    return str(caught.value)


def test_a_table_that_says_nothing_of_roll_calls_is_told_so_once(write: Write) -> None:
    rows = "FRANCE;On water;Yes\nTURKEY;On water;No\nFRANCE;On sand;No\nTURKEY;On sand;No\n"
    path = write("votes.csv", "Country;Motion;Vote\n" + rows)
    (only,) = check_file(path)
    assert "no column says which roll call a vote is of" in only.message
    assert "('FRANCE' on lines 2 and 4)" in only.message
    assert only.remedy == "name that column rollcall, record, rcid or id"
    assert refused(path) == str(only)


def test_one_member_listed_twice_is_still_that(write: Write) -> None:
    rows = "FRANCE;Yes\nTURKEY;No\nCHINA;No\nFRANCE;Yes\n"
    (only,) = check_file(write("votes.csv", "Country;Vote\n" + rows))
    assert "FRA is listed twice" in only.message


def test_a_blank_vote_asks_which_it_is(write: Write) -> None:
    path = write("votes.csv", "member,rollcall,vote\nm1,1,yes\nm2,1,\nm3,1,\n")
    assert refused(path).endswith(
        ":3: no vote of m2, and on 1 other line (write absent for a member with a seat, remove the row of "
        "one without)"
    )


def test_a_matrix_of_ones_and_noughts_is_told_to_use_words(write: Write) -> None:
    path = write("v.csv", '"","V1","V2"\n"KENNEDY",1,0\n"KYL",0,NA\n"FRIST",1,1\n')
    assert "column 'V1' holds no vote: numbers are not taken for votes, write yes and no" in refused(path)
