"""A spreadsheet of one's own, as people have them: every stumble names its place and what to do."""

import warnings
from pathlib import Path

import pytest

from readers.files import Write
from voteshift.errors import InputError
from voteshift.readers import check_file, read
from voteshift.readers.findings import DataWarning
from voteshift.rollcalls import RollCalls
from voteshift.writers import write as write_file

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
    assert "no column contains the roll call" in only.message
    assert "('FRANCE' on lines 2 and 4)" in only.message
    assert only.remedy == (
        "name the column 'rollcall', 'record', 'rcid' or 'id', or give columns={'NAME': 'rollcall'}"
    )
    assert refused(path) == str(only)


def test_one_member_listed_twice_is_still_that(write: Write) -> None:
    rows = "FRANCE;Yes\nTURKEY;No\nCHINA;No\nFRANCE;Yes\n"
    (only,) = check_file(write("votes.csv", "Country;Vote\n" + rows))
    assert "FRA is listed twice" in only.message


def test_a_blank_vote_asks_which_it_is(write: Write) -> None:
    path = write("votes.csv", "member,rollcall,vote\nm1,1,yes\nm2,1,\nm3,1,\n")
    assert refused(path).endswith(
        ":3: blank vote of m2, and on 1 other line (if the member has a seat, write absent; if the "
        "member has no seat, remove the row; if all blank cells have one meaning, give for instance "
        "codes={'': 'absent'})"
    )


def test_a_matrix_of_ones_and_noughts_is_told_to_use_words(write: Write) -> None:
    path = write("v.csv", '"","V1","V2"\n"KENNEDY",1,0\n"KYL",0,NA\n"FRIST",1,1\n')
    assert (
        "column 'V1' does not contain votes: numbers and TRUE are not read as votes; write yes and no"
        in refused(path)
    )


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"<stata_dta><header>", "a Stata file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook"),
        (b"X\n\0\0\0\3\0\4", "saved by saveRDS"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"\n<!DOCTYPE html><html>", "a web page"),
        (b'\xef\xbb\xbf[{"member": "A"}]', "JSON"),
    ],
)
def test_a_file_of_another_kind_is_named(write: Write, head: bytes, what: str) -> None:
    path = write("votes.csv", head + b" " * 40)
    assert what in refused(path)
    (only,) = check_file(path)
    assert only.remedy


def test_voteview_without_its_votes_is_told_which_table_it_is(write: Write) -> None:
    members = write("m.csv", "congress,chamber,icpsr,party_code,bioname\n118,Senate,14226,200,SHELBY\n")
    assert "Voteview's table of members, which contains no votes" in refused(members)
    rollcalls = write("r.csv", "congress,chamber,rollnumber,yea_count,nay_count\n118,Senate,1,50,49\n")
    assert "Voteview's table of roll calls, which contains no votes" in refused(rollcalls)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("member,rollcall,vote\nA,1,1\nB,1,yes\n", "numbers are not read as votes"),
        ("member,V1,V2\nA,yes,NA\nB,no,yes\n", "if the member has no seat, leave the cell blank"),
        ("member,shoes,V1\nA,Brown,yes\nB,Black,no\n", "write attributes of members to members.csv"),
        ("Votes of 2018\nmember,V1\nA,yes\n", "the first row must be the header"),
        ("congress,chamber,rollnumber,icpsr,cast_code\n118,Senate,1,1,12\n", "cast codes are 0 to 9"),
        ("rcid,ccode,session,vote\n3,2,1,1\n3,20,1,5\n", "votes are 1 yes, 2 abstain, 3 no, 8 absent"),
    ],
)
def test_what_to_do_is_said_of_common_stumbles(write: Write, table: str, says: str) -> None:
    assert any(says in (finding.remedy or "") for finding in check_file(write("v.csv", table)))


def test_the_columns_of_unvotes_as_it_is_now(tmp_path: Path, write: Write) -> None:
    """`country_code` for `iso2`: seats without a listed vote are kept apart from states without a seat."""
    votes = "rcid,country,country_code,vote\n3,United States,US,yes\n3,Canada,CA,no\n4,Canada,CA,yes\n"
    alone = write("alone.csv", votes)
    assert "un_roll_calls of unvotes" in refused(alone)
    write("un/votes.csv", votes)
    write("un/rollcalls.csv", "rcid,session,date\n3,1,1946-01-01\n4,1,1946-01-02\n")
    record = read(tmp_path / "un")
    assert record.to_wide().loc["USA"].tolist() == ["yes", "not recorded"]


def test_a_column_that_numbers_the_rows_holds_no_roll_calls(write: Write) -> None:
    """47 members would be 47 roll calls of one vote each."""
    rows = "1,FRANCE,Yes\n2,TURKEY,No\n3,CHINA,No\n"
    for name in ("id", "Record"):
        path = write("votes.csv", f"{name},Country,Vote\n{rows}")
        assert f"no two rows have the same value of '{name}'" in refused(path)
    assert read(write("votes.csv", "rollcall,Country,Vote\n" + rows)).votes.shape == (3, 3)
    assert read(write("votes.csv", "id,Country,Vote\n1,FRANCE,Yes\n2,FRANCE,No\n")).votes.shape == (1, 2)


def test_persons_are_not_merged_into_the_state_they_are_from(write: Write) -> None:
    """Ada and Cem never vote together, so nothing is listed twice."""
    rows = "Ada,France,1,yes\nBen,Germany,1,no\nCem,France,2,no\n"
    for column in ("country", "State", "iso3"):
        path = write("votes.csv", f"name,{column},rollcall,vote\n{rows}")
        assert f"'France' in column '{column}' stands for both 'Ada' and 'Cem'" in refused(path)
    named = read(write("votes.csv", "member,country,rollcall,vote\n" + rows))
    assert named.members.index.tolist() == ["Ada", "Ben", "Cem"]
    spelled = "iso3,name,rollcall,vote\nTUR,Turkey,1,yes\nTUR,Türkiye,2,no\nPER,PERU,1,no\n"
    assert read(write("votes.csv", spelled)).members.index.tolist() == ["TUR", "PER"]


@pytest.mark.parametrize("other", ["SMITH", "Smi\u0301th", "Old\u00a0Smith", "Old  Smith"])
def test_one_member_under_two_spellings_is_told(write: Write, other: str) -> None:
    one = {"SMITH": "Smith", "Smi\u0301th": "Sm\u00edth"}.get(other, "Old Smith")
    path = write("votes.csv", f"member,rollcall,vote\n{one},1,yes\nHahn,1,no\n{other},2,no\n")
    with pytest.warns(DataWarning, match="are read as two members, but differ only in"):
        assert len(read(path).members) == 3
    (only,) = check_file(path)
    assert (only.severity, only.line, only.id) == ("warning", 4, other)


def test_a_member_with_two_rows_in_the_table_of_members_is_no_second_spelling(write: Write) -> None:
    write("d/votes.csv", "member,r1\nm1,yes\nm2,no\n")
    write("d/rollcalls.csv", "rollcall,title\nr1,On fish\n")
    (only,) = check_file(write("d/members.csv", "member,name\nm1,A\nm1,B\nm2,C\n").parent)
    assert only.message == "m1 has a row on line 2 and another row on this line"


def test_names_with_a_comma_in_a_table_parted_by_semicolons(write: Write) -> None:
    path = write("v.csv", "Name, Vorname;Antrag 1;Antrag 2\nMüller, Hans;yes;no\nMeier, Eva;no;no\n")
    assert read(path).to_wide().to_dict("index") == {
        "Müller, Hans": {"Antrag 1": "yes", "Antrag 2": "no"},
        "Meier, Eva": {"Antrag 1": "no", "Antrag 2": "no"},
    }


def test_what_is_said_of_a_roll_call_is_no_member(write: Write) -> None:
    record = read(write("v.csv", "rollcall,amendment,Ada,Hahn\n1,yes,yes,no\n2,no,no,no\n"))
    assert record.members.index.tolist() == ["Ada", "Hahn"]
    assert record.rollcalls["amendment"].tolist() == [True, False]


def test_a_remark_below_a_matrix_is_told(write: Write) -> None:
    path = write("v.csv", "member,V1,V2\nAda,yes,no\nHahn,no,no\nSource: minutes,,\n")
    with pytest.warns(DataWarning, match="no roll call lists a seat for member Source: minutes"):
        assert len(read(path).members) == 3


def test_what_r_writes_for_missing_values_is_told(write: Write) -> None:
    write("d/votes.csv", "member,a,b\nm1,yes,no\nm2,no,no\n")
    folder = write("d/rollcalls.csv", "rollcall,title,date\na,NA,NA\nb,NA,2001-01-01\n").parent
    found = [finding for finding in check_file(folder) if "write.csv" in finding.remedy]
    assert [(f.severity, f.line, f.column, f.id) for f in found] == [
        ("error", 2, "date", "a"),
        ("warning", 2, "title", "a"),
    ]
    assert "'NA' in column 'title' of roll call a, and 1 other is read as text" in found[1].message


@pytest.mark.parametrize(
    "first", ["Roll call", "roll-call", "ROLL_CALL", "Rcid", "Roll.call", '"Roll\ncall"']
)
def test_rows_that_are_roll_calls_by_whatever_spelling(write: Write, first: str) -> None:
    record = read(write("v.csv", f"{first};FRANCE;PERU;CUBA\n7;yes;no;no\n8;no;no;no\n"))
    assert record.members.index.tolist() == ["FRA", "PER", "CUB"]
    assert record.tally()["no"].to_dict() == {"7": 2, "8": 3}


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("Motion;Ada;Hahn;Cem", "the first column is 'Motion'"),
        ("Resolution;FRANCE;PERU;CUBA", "the first column is 'Resolution'"),
        (";FRANCE;PERU;CUBA", "the columns are states and the rows are not"),
    ],
)
def test_members_and_roll_calls_do_not_change_places(write: Write, head: str, why: str) -> None:
    assert f"the rows look like roll calls: {why}" in refused(
        write("v.csv", f"{head}\n7;yes;no;no\n8;no;no;no\n")
    )


def test_roll_calls_may_be_called_after_states_where_the_rows_are_members(write: Write) -> None:
    record = read(write("v.csv", "Member,Iraq,Libya,Syria\nBenn,yes,yes,no\nCox,no,no,no\n"))
    assert record.members.index.tolist() == ["Benn", "Cox"]


@pytest.mark.parametrize("second", ["vote2", "Vote 2", "vote.1"])
def test_a_second_column_of_votes_is_not_left_out(write: Write, second: str) -> None:
    path = write("v.csv", f"member,vote,{second}\nAda,yes,no\nHahn,no,no\n")
    assert f"columns 'vote' and {second!r} both contain votes, but only 'vote' would be read" in refused(path)


@pytest.mark.parametrize("second", ["ballot", "Outcome", "MAJORITY", "Total", "vote_2", "R7"])
@pytest.mark.parametrize("votes", ["yes,no,abstain", "Y,,N", "for,For,FOR", "absent,absent,absent"])
def test_a_second_column_of_vote_words_is_refused_whatever_it_is_called(
    write: Write, second: str, votes: str
) -> None:
    one, other, third = votes.split(",")
    path = write(
        "v.csv",
        f"member,rollcall,Vote,{second}\nAda,1,yes,{one}\nHahn,1,yes,{other}\nCem,1,no,{third}\n",
    )
    message = refused(path)
    assert f"columns 'Vote' and {second!r} both contain votes" in message
    assert f"remove the column {second!r}" in message


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("ballot", ["paper", "yes", "no"]),  # not all of them are votes
        ("remark", ["", "absent", ""]),  # a single cell
        ("incumbent", ["yes", "no", "no"]),
        ("name", ["Y", "X", "N"]),
        ("party", ["R", "R", "N"]),
    ],
)
def test_a_column_that_is_no_second_vote(write: Write, column: str, cells: list[str]) -> None:
    rows = "".join(f"{name},1,yes,{cell}\n" for name, cell in zip("BCD", cells, strict=True))
    path = write("v.csv", f"member,rollcall,vote,{column}\n{rows}")
    assert check_file(path) == []
    assert read(path).tally()["yes"].tolist() == [3]


@pytest.mark.parametrize("rows", ["Ben,1,yes\n", "Ben,1,yes\nAl,1,no\n", "Dom,1,yes\nMar,1,no\nPer,2,no\n"])
def test_a_person_whose_name_is_some_states_code_stays_a_person(write: Write, rows: str) -> None:
    names = list(dict.fromkeys(row.split(",")[0] for row in rows.split()))
    assert read(write("v.csv", f"member,rollcall,vote\n{rows}")).members.index.tolist() == names
    codes = read(write("c.csv", f"member,rollcall,vote\n{rows.replace('Al', 'Alb').lower()}"))
    assert set(codes.members["group"]) != {""}


@pytest.mark.parametrize("name", ["Ben", "bEN", "beN", "Ben.", "Bén", "BÉN", "Dom.", "mAr"])
def test_a_code_is_written_in_one_case_and_without_accents(write: Write, name: str) -> None:
    assert read(write("v.csv", f"member,rollcall,vote\n{name},1,yes\n")).members.index.tolist() == [name]


@pytest.mark.parametrize("layout", ["long", "wide", "folder"])
def test_a_person_whose_initials_are_a_code_has_no_region(write: Write, layout: str) -> None:
    rows = [f"{name},1,yes\n" for name in ("AND", "Cem", "Eve")]
    text = "member,rollcall,vote\n" + "".join(rows)
    path = write("d/votes.csv", text if layout != "wide" else "member,1\nAND,yes\nCem,yes\nEve,yes\n")
    if layout == "folder":
        write("d/rollcalls.csv", "rollcall,title\n1,On fish\n")
        write("d/members.csv", "member,party\nCem,Left\nEve,Left\n")
        path = path.parent
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a member without a row in members.csv
        members = read(path).members
    assert members.loc["AND", "group"] == ""
    assert members.loc["AND", "name"] in ("", "AND")


@pytest.mark.parametrize("name", ["BEN", "ben", "B.E.N.", "\uff22\uff25\uff2e", "Benin", "bENIN", "BÉNIN"])
def test_other_spellings_of_a_state_are_that_state(write: Write, name: str) -> None:
    assert read(write("v.csv", f"member,rollcall,vote\n{name},1,yes\n")).members.index.tolist() == ["BEN"]


@pytest.mark.parametrize(
    "content",
    [
        "R33,Name,2021-03-23\nabstain,Ida,no\nno,Jon,Y\n",
        "R36,R6,R39\nfor,AGAINST,In Favour\nX,N,abstained\n",
        "R36,R6,R39\nIn favour,AGAINST,In Favour\nnon-voting,N,abstained\n",
        "R36,R6,R39\nno,AGAINST,yes\n",
        "member,R6,R39\nyes,AGAINST,yes\nno,no,yes\n",
    ],
)
def test_votes_are_not_taken_for_the_names_of_members(write: Write, content: str) -> None:
    with pytest.raises(
        InputError, match=r"column .* should contain the names of the rows, but contains votes \("
    ):
        read(write("v.csv", content))


def test_a_column_that_no_row_describes_and_that_holds_no_vote(write: Write) -> None:
    """Every row is too long for the header, so none is read."""
    write("d/rollcalls.csv", "rollcall,yes,no\nR28,1,0\n")
    found = check_file(write("d/votes.csv", "name,2021\nAda,R28,abstain\nCem,R28,no\n").parent)
    assert any("votes in roll call 2021 without a row" in finding.message for finding in found)
    assert any("the row has 3 cells, but the header has 2" in finding.message for finding in found)


CELLS = [
    ("bool", "1"), ("bool", "null"), ("bool", '"inf"'), ("text", "true"), ("text", "1"), ("int64", "null"),
    ("int64", "true"), ("Int64", "1.5"), ("float64", '"NaN"'), ("float64", "false"), ("boolean", "0"),
    ("datetime64[s]", "20210323"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "cell"), CELLS)
def test_cells_of_another_kind_than_their_columns_are_refused(write: Write, kind: str, cell: str) -> None:
    head = (
        '{"format": "voteshift", "version": 1, "members": 1, "rollcalls": 1, '
        f'"member_columns": [["trait", "{kind}"]], "rollcall_columns": []}}'
    )
    path = write("v.voteshift", f'{head}\n["Ada", {cell}]\n["r1", "Y"]\n')
    with pytest.raises(InputError, match=r"does not fit its column: .* in a column of kind"):
        read(path)


def test_declared_totals_that_are_text_and_blank(write: Write) -> None:
    head = (
        '{"format": "voteshift", "version": 1, "members": 1, "rollcalls": 1, "member_columns": [], '
        '"rollcall_columns": [["yes", "text"], ["no", "Int64"]]}'
    )
    assert check_file(write("v.voteshift", f'{head}\n["Ada"]\n["r1", "Y", "", 0]\n')) == []


OWN = (
    '{"format": "voteshift", "version": 1, "polarity": %s, "members": 1, "rollcalls": 1, '
    '"member_columns": [], "rollcall_columns": [["amendment", "object"]]}\n["Ada"]\n["%s", "Y", %s]\n'
)


@pytest.mark.parametrize("id_", ["\\u0000", "\\u001b[31m", "\\n2", "\\u202e"])
@pytest.mark.parametrize("cell", ["0", "1.5", '"\\u0007"'])
def test_messages_hold_no_control_characters_and_no_types_of_numpy(write: Write, id_: str, cell: str) -> None:
    message = refused(write("v.voteshift", OWN % ("null", id_, cell)))
    assert message.isprintable()
    assert "np." not in message
    assert "in column 'amendment' (write True or False)" in message


@pytest.mark.parametrize("name", ["v.voteshift", "v.nc"])
def test_a_polarity_member_that_is_not_there_is_named(write: Write, name: str) -> None:
    record = read(write("w.csv", "member,rollcall,vote\nAda,1,yes\nHahn,1,no\nCem,1,no\n"))
    record = RollCalls(record.votes, record.members, record.rollcalls, polarity="Ada")
    path = write("w.csv", "").with_name(name)
    write_file(record, path)
    assert check_file(path) == []
    write_file(record.select(members=["Hahn", "Cem"]), path)
    with pytest.warns(DataWarning, match="the polarity member 'Ada' is not among the members"):
        assert read(path).polarity == "Ada"
    (only,) = check_file(path)
    assert (only.severity, only.id) == ("warning", "Ada")


def test_a_truth_value_is_not_a_version(write: Write) -> None:
    text = (OWN % ("null", "r1", "true")).replace('"version": 1', '"version": true')
    assert "the file has version True of the format, not 1" in refused(write("v.voteshift", text))


@pytest.mark.parametrize("names", ["yes,Yes", "Party,party", "date,DATE"])
@pytest.mark.parametrize("first", ["rollcall", "member"])
def test_two_columns_of_a_matrix_with_one_known_name_are_refused(
    write: Write, first: str, names: str
) -> None:
    message = refused(write("v.csv", f"{first},Leo,{names}\n1,yes,X,no\n2,no,no,no\n"))
    one, other = names.split(",")
    assert f"columns {one!r} and {other!r} have the same name" in message
