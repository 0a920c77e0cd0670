import lzma
import warnings
from pathlib import Path

import pandas as pd
import pytest

from readers.files import Write
from voteshift.budget import Budget
from voteshift.errors import InputError
from voteshift.readers import DataWarning, check_file, examine, read
from voteshift.readers import record as record_module
from voteshift.rollcalls import RollCalls

LONG = "member,rollcall,vote\nm1,r1,yes\nm2,r1,No\nm1,r2,abstain\nm2,r2,absent\n"
WIDE = "member,r1,r2\nm1,yes,abstain\nm2,n,X\n"


def refusal(path: Path, *, line: int | None = None, id: str | None = None) -> InputError:
    """Read a file that must be refused at this place; `check_file` must find an error there too."""
    with pytest.raises(InputError) as caught:
        read(path)
    error = caught.value
    assert error.file is not None
    assert Path(error.file) == path or Path(error.file).parent == path
    assert (error.line, error.id) == (line, id)
    assert error.remedy
    assert "\n" not in str(error)
    places = [(f.file, f.line, f.id, f.message) for f in check_file(path) if f.severity == "error"]
    assert (error.file, line, id, error.message) in places
    return error


def matrix(rollcalls: RollCalls) -> dict[str, list[int]]:
    return {
        member: row.tolist() for member, row in zip(rollcalls.members.index, rollcalls.votes, strict=True)
    }


# One row per vote


@pytest.mark.parametrize(
    "content", [LONG, LONG.replace(",", "\t"), "\ufeff" + LONG, LONG.replace("\n", "\r\n")]
)
def test_one_row_per_vote(write: Write, content: str) -> None:
    rollcalls = read(write("votes.csv", content))
    assert matrix(rollcalls) == {"m1": [2, 1], "m2": [0, -1]}
    assert rollcalls.rollcalls.index.tolist() == ["r1", "r2"]
    assert rollcalls.source == "votes.csv"


def test_paths_may_be_text_and_files_packed(write: Write) -> None:
    path = write("votes.csv.xz", lzma.compress(LONG.encode()))
    assert matrix(read(str(path))) == {"m1": [2, 1], "m2": [0, -1]}


@pytest.mark.parametrize("member", ["member", "ISO3", "state", "country", "name", "name_as_printed"])
@pytest.mark.parametrize("rollcall", ["rollcall", "record", "rcid", "id"])
def test_names_of_columns(write: Write, member: str, rollcall: str) -> None:
    content = LONG.replace("member", member).replace("rollcall", rollcall)
    assert matrix(read(write("votes.csv", content))) == {"m1": [2, 1], "m2": [0, -1]}


def test_a_pair_that_is_not_listed_has_no_seat(write: Write) -> None:
    rollcalls = read(write("votes.csv", "member,rollcall,vote\nm1,r1,yes\nm2,r2,no\nm3,r2,not a member\n"))
    assert matrix(rollcalls) == {"m1": [2, -3], "m2": [-3, 0], "m3": [-3, -3]}


def test_a_file_without_roll_calls_is_one(write: Write) -> None:
    rollcalls = read(write("hrc37_l36.csv", "member,vote\nm1,yes\nm2,no\n"))
    assert rollcalls.rollcalls.index.tolist() == ["hrc37_l36"]


def test_facts_of_roll_calls(write: Write) -> None:
    rollcalls = read(
        write(
            "votes.csv",
            "member,rollcall,vote,Date,resolution,draft,title,session,amendment,yes,no,abstain,reconciled,notes\n"
            "m1,r1,yes,2018-03-23,,L.36,Cooperation,37,no,1,0,0,yes,odd\n"
            "m1,r2,no,,RES/2,L.2,Right to food,37,yes,,1.0,,no,even\n",
        )
    ).rollcalls
    assert rollcalls["date"].tolist() == [pd.Timestamp("2018-03-23"), pd.NaT]
    assert rollcalls["symbol"].tolist() == ["L.36", "RES/2"]
    assert rollcalls["title"].tolist() == ["Cooperation", "Right to food"]
    assert rollcalls["amendment"].tolist() == [False, True]
    assert rollcalls["yes"].tolist() == [1, pd.NA]
    assert rollcalls["reconciled"].tolist() == [True, False]
    assert "notes" not in rollcalls


def test_everybody_voting_alike_is_legitimate(write: Write) -> None:
    path = write("votes.csv", "member,vote\nm1,yes\nm2,yes\n")
    assert read(path).contested().votes.shape[1] == 0
    assert check_file(path) == []


def test_nothing_reads_as_missing(write: Write) -> None:
    rollcalls = read(write("votes.csv", "member,rollcall,vote\nNAM,NA,yes\nGHA,null,no\nNER,nan,n\n"))
    assert rollcalls.members.index.tolist() == ["NAM", "GHA", "NER"]
    assert rollcalls.rollcalls.index.tolist() == ["NA", "null", "nan"]


def test_columns_that_mean_nothing_are_not_read(write: Write) -> None:
    rollcalls = read(write("votes.csv", "iso3,iso2,vote\nNAM,NA,yes\nPER,PE,no\n"))
    assert matrix(rollcalls) == {"NAM": [2], "PER": [0]}


# Members


@pytest.mark.parametrize("column", ["group", "Regional group", "party"])
def test_groups_beside_the_votes(write: Write, column: str) -> None:
    rows = "m1,r1,yes,G1\nm2,r1,no,G2\nm3,r1,no,\nm1,r2,no,G1\n"
    record = read(write("votes.csv", f"member,rollcall,vote,{column}\n{rows}"))
    assert record.members["group"].to_dict() == {"m1": "G1", "m2": "G2", "m3": ""}
    states = read(write("states.csv", f"member,rollcall,vote,{column}\nFRA,r1,yes,Europe\nDEU,r1,yes,\n"))
    assert states.members["group"].to_dict() == {"FRA": "Europe", "DEU": "WEOG"}


def test_a_member_whose_group_changes_without_dates_has_none_and_others_keep_theirs(write: Write) -> None:
    rows = "m1,r1,yes,G1\nm2,r1,no,G2\nm1,r2,no,G3\n"
    path = write("votes.csv", f"member,rollcall,vote,group\n{rows}")
    with pytest.warns(DataWarning, match="groups of member m1 change and are not read, because a vote"):
        record = read(path)
    assert record.members["group"].tolist() == ["", "G2"]
    (finding,) = check_file(path)
    assert (finding.severity, finding.line, finding.id) == ("warning", 2, "m1")


def test_columns_that_are_not_read_are_listed(write: Write) -> None:
    head = "member,name,rollcall,date,vote,party,weight,note"
    path = write("votes.csv", f"{head}\nm1,Ada,r1,2001-01-01,yes,x,3,hm\n")
    assert examine(path).unread == ("weight", "note")
    assert str(examine(path)).endswith("1 vote in 1 seat; not read: 'weight', 'note'")
    assert examine(write("wide.csv", WIDE)).unread == ()


def test_names_of_states_become_codes_with_name_and_group(write: Write) -> None:
    rollcalls = read(write("votes.csv", "state,vote\nVIETNAM,yes\nCote d'Ivoire,no\nTurkey,abstain\n"))
    assert rollcalls.members.index.tolist() == ["VNM", "CIV", "TUR"]
    assert rollcalls.members["name"].tolist() == ["Viet Nam", "Côte d'Ivoire", "Türkiye"]
    assert rollcalls.members["group"].tolist() == ["ASIA_PACIFIC", "AFRICAN", "WEOG"]


def test_persons_stay_as_printed(write: Write) -> None:
    rollcalls = read(write("votes.csv", "id,name,vote\nr1,Ada,yes\nr1,Chad,no\nr1,Björn,x\n"))
    assert rollcalls.members.index.tolist() == ["Ada", "Chad", "Björn"]


def test_the_id_counts_where_there_is_a_name_too(write: Write) -> None:
    rollcalls = read(write("votes.csv", "name,member,vote\nAda,m1,yes\nBob,m2,no\n"))
    assert rollcalls.members.index.tolist() == ["m1", "m2"]
    assert rollcalls.members["name"].tolist() == ["Ada", "Bob"]


def test_a_name_that_is_no_state_among_states(write: Write) -> None:
    path = write("votes.csv", "state,rollcall,vote\nChile,1,yes\nRwnada,1,no\nPeru,1,no\nRwnada,2,no\n")
    error = refusal(path, line=3, id="Rwnada")
    assert error.remedy is not None
    assert "Rwanda (RWA)" in error.remedy


def test_a_code_that_is_no_member_state_is_kept_with_a_warning(write: Write) -> None:
    path = write("votes.csv", "iso3,vote\nCHL,yes\nPSE,no\nPER,no\n")
    with pytest.warns(DataWarning, match=r"votes\.csv:3: PSE is not the code of a member state"):
        rollcalls = read(path)
    assert rollcalls.members.index.tolist() == ["CHL", "PSE", "PER"]


def test_a_name_beside_the_code_of_another_state(write: Write) -> None:
    path = write("votes.csv", "name,iso3,vote\nCHILE,CHL,yes\nITALY,RWA,no\n")
    with pytest.warns(
        DataWarning,
        match=r"votes\.csv:3: the name 'ITALY' and the code RWA .Rwanda. in one row are different",
    ):
        assert read(path).members["name"].tolist() == ["Chile", "Rwanda"]


def test_two_spellings_of_one_state_are_one_member(write: Write) -> None:
    rollcalls = read(write("votes.csv", "state,rollcall,vote\nVietnam,1,yes\nViet Nam,2,no\nPeru,2,no\n"))
    assert matrix(rollcalls) == {"VNM": [2, 0], "PER": [-3, 0]}
    path = write("twice.csv", "state,rollcall,vote\nVietnam,1,yes\nPeru,1,no\nViet Nam,1,no\n")
    assert "VNM is listed twice" in refusal(path, line=4, id="1").message


# What is refused


@pytest.mark.parametrize(
    ("content", "line", "id", "message"),
    [
        (
            "member,vote\nm1,yes\nm2,maybe\nm3,maybe\nm4,maybe\n",
            3,
            "votes",
            "'maybe' of m2, and on 2 other lines",
        ),
        ("member,vote\nm1,yes\nm2,\n", 3, "votes", "blank vote of m2"),
        ("member,vote\nm1,yes\nm2,1\n", 3, "votes", "unknown vote '1'"),
        (
            LONG + "\nm1,r1,no\n",
            7,
            "r1",
            "m1 is listed twice in roll call r1, as 'yes' and as 'no', first on line 2",
        ),
        (LONG + "m1,r1,yes\n", 6, "r1", "m1 is listed twice in roll call r1, first on line 2"),
        ("member,vote\nm1,yes\n,no\n", 3, None, "the row does not name a member"),
        ("member,id,vote\nm1,r1,yes\nm2,,no\n", 3, None, "the row does not name a roll call"),
        ("member,vote\nm1,yes\nm2\n", 3, None, "the row has 1 cells, but the header has 2"),
        ("who,vote\nm1,yes\n", 1, None, "no column contains the members: the columns are 'who', 'vote'"),
        ("member,choice,date\nm1,yes,2020-01-01\n", 1, None, "no column contains the votes"),
        ("member\nm1\n", 1, None, "no column contains the votes"),
        ("AFG,25354,Yes\nAGO,25354,No\n", 1, None, "no column contains the votes"),
        ("member,vote,date\nm1,yes,23.3.2018\n", 2, "votes", "'23.3.2018' in column 'date'"),
        ("member,vote,date\nm1,yes,2018-02-30\n", 2, "votes", "'2018-02-30' in column 'date'"),
        ("member,vote,yes\nm1,yes,one\n", 2, "votes", "'one' in column 'yes'"),
        ("member,vote,yes\nm1,yes,-1\n", 2, "votes", "'-1' in column 'yes'"),
        ("member,vote,amendment\nm1,yes,perhaps\n", 2, "votes", "'perhaps' in column 'amendment'"),
        ("\nmember,vote\n", 2, None, "no rows"),
    ],
)
def test_refused_with_the_line(write: Write, content: str, line: int, id: str | None, message: str) -> None:
    assert message in refusal(write("votes.csv", content), line=line, id=id).message


def test_a_fact_that_changes_within_a_roll_call(write: Write) -> None:
    path = write("votes.csv", "member,rollcall,vote,title\nm1,r1,yes,A\nm1,r2,yes,B\n\nm2,r1,no,a\n")
    error = refusal(path, line=5, id="r1")
    assert error.message == "'title' of roll call r1 is 'A' on line 2 and 'a' on this line"


def test_totals_that_do_not_add_up(write: Write) -> None:
    content = "member,rollcall,vote,yes,no,abstain\nm1,r0,yes,1,,\nm1,r1,yes,2,0,0\nm2,r1,no,2,0,0\n"
    path = write("votes.csv", content)
    error = refusal(path, line=3, id="r1")
    assert error.message == "roll call r1 declares 2-0-0 (yes-no-abstain) but lists 1-1-0"


def test_totals_in_another_order_are_told_apart_from_others(write: Write) -> None:
    (swapped,) = check_file(write("v.csv", "member,vote,yes,no,abstain\nm1,yes,0,1,0\n"))
    (other,) = check_file(write("w.csv", "member,vote,yes,no,abstain\nm1,yes,2,0,0\n"))
    assert swapped.remedy.startswith("the declared and the listed numbers are the same in another order")
    assert other.remedy.startswith("correct the votes or the totals")


def test_one_total_is_enough_to_differ(write: Write) -> None:
    path = write("votes.csv", "member,vote,no\nm1,yes,1\n")
    assert "declares ?-1-? (yes-no-abstain) but lists 1-0-0" in refusal(path, line=2, id="votes").message


def test_totals_of_a_roll_call_marked_unreconciled_are_not_held(write: Write) -> None:
    path = write("votes.csv", "member,vote,yes,no,abstain,reconciled\nm1,yes,5,0,0,no\n")
    rollcalls = read(path)
    assert rollcalls.rollcalls["reconciled"].tolist() == [False]
    assert rollcalls.rollcalls["yes"].tolist() == [5]


def test_the_first_error_tells_of_the_others(write: Write) -> None:
    error = refusal(write("votes.csv", "member,vote\nm1,maybe\nm1,no\nm2\n"), line=4)
    assert error.remedy is not None
    assert error.remedy.endswith("`voteshift check` lists 2 more errors")
    error = refusal(write("both.csv", "member,what\nm1,maybe,1\nm1,maybe\n"), line=2)
    assert error.remedy is not None
    assert error.remedy.endswith("lists 1 more error")


def test_a_matrix_that_would_not_fit(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_module, "SEATS", Budget(free=3, ratio=0, most=3))
    with pytest.raises(InputError, match="2 members by 2 roll calls are too many"):
        read(write("votes.csv", LONG))


# A matrix


@pytest.mark.parametrize("content", [WIDE, WIDE.replace(",", ";"), WIDE.replace("member", ""), "\n" + WIDE])
def test_matrix(write: Write, content: str) -> None:
    rollcalls = read(write("wide.csv", content))
    assert matrix(rollcalls) == {"m1": [2, 1], "m2": [0, -1]}
    assert rollcalls.rollcalls.index.tolist() == ["r1", "r2"]


def test_matrix_the_other_way_round(write: Write) -> None:
    rollcalls = read(write("wide.csv", "rollcall,m1,m2\nr1,yes,n\nr2,abstain,X\n"))
    assert matrix(rollcalls) == {"m1": [2, 1], "m2": [0, -1]}


def test_blanks_of_a_matrix_are_no_seats_and_keep_their_places(write: Write) -> None:
    path = write("wide.csv", "state,r1,r2,r3\nPeru,yes,,\nChile,,,no\nCuba,,,\n")
    with (
        pytest.warns(DataWarning, match="no votes in roll call r2"),
        pytest.warns(DataWarning, match="no roll call lists a seat for member CUB"),
    ):
        rollcalls = read(path)
    assert matrix(rollcalls) == {"PER": [2, -3, -3], "CHL": [-3, -3, 0], "CUB": [-3, -3, -3]}


@pytest.mark.parametrize(
    ("content", "line", "id", "message"),
    [
        (WIDE + "m3,yes,hmm\n", 4, "r2", "unknown vote 'hmm' of m3"),
        (WIDE + "\nm1,yes,\n", 5, "m1", "m1 has a row on line 2 and another row on this line"),
        (WIDE + ",yes,no\n", 4, None, "the row does not name a label"),
        ("member,r1,r1\nm1,yes,no\n", 1, None, "two columns are named 'r1'"),
        ("member,r1,note\nm1,yes,so\nm2,no,so\n", 1, None, "no column contains the votes"),
        ("member,r1\nm1,yes\nm2,so\nm3,la\n", 1, None, "no column contains the votes"),
        ("member,r1\nm1,\nm2,\n", 1, None, "no column contains the votes"),
        ("state,r1\nPeru,yes\nVietnam,yes\nViet Nam,no\n", 4, "r1", "VNM is listed twice in roll call r1"),
    ],
)
def test_matrix_refused_with_the_line(
    write: Write, content: str, line: int, id: str | None, message: str
) -> None:
    assert message in refusal(write("wide.csv", content), line=line, id=id).message


# A folder

ROLLCALLS = (
    "rollcall,symbol,date,yes,no,abstain,outcome\nr1,S/1,2020-01-01,1,1,0,Adopted\nr2,S/2,2020-01-02,0,0,1,\n"
)


def test_folder(write: Write) -> None:
    folder = write("rollcalls.csv", ROLLCALLS).parent
    write("votes.csv.xz", lzma.compress(LONG.encode()))
    write("members.csv", "member,name,party,born\nm0,Zoe,C,1\nm2,Bob,B,2\nm1,Ada,A,3\n")
    rollcalls = read(folder)
    assert matrix(rollcalls) == {"m0": [-3, -3], "m2": [0, -1], "m1": [2, 1]}
    assert rollcalls.members.loc["m2", ["name", "group", "born"]].tolist() == ["Bob", "B", "2"]
    assert rollcalls.rollcalls.loc["r1", ["symbol", "outcome", "yes"]].tolist() == ["S/1", "Adopted", 1]


def test_folder_with_a_matrix_and_no_members(write: Write) -> None:
    folder = write("rollcalls.csv", ROLLCALLS).parent
    write("votes.csv", "member,r2,r1\nPeru,a,y\nChad,x,n\n")
    rollcalls = read(folder)
    assert matrix(rollcalls) == {"PER": [2, 1], "TCD": [0, -1]}
    assert rollcalls.members["group"].tolist() == ["GRULAC", "AFRICAN"]


def test_nothing_in_a_folder_is_dropped(write: Write) -> None:
    folder = write("rollcalls.csv", ROLLCALLS + "r3,S/3,,,,,\n").parent
    write("votes.csv", LONG + "m1,r9,yes\nm3,r2,absent\n")
    write("members.csv", "member,name\nm1,Ada\nm2,Bob\n")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        rollcalls = read(folder)
    said = [str(warning.message) for warning in caught]
    assert [warning.category for warning in caught] == [DataWarning] * 3
    assert "the table of members has no row for member m3 in the table of votes" in said[0]
    assert "no votes in roll call r3" in said[1]
    assert "votes.csv:6: votes in roll call r9 without a row in rollcalls.csv: the votes are kept" in said[2]
    assert matrix(rollcalls) == {"m1": [2, 1, -3, 2], "m2": [0, -1, -3, -3], "m3": [-3, -1, -3, -3]}
    last = rollcalls.rollcalls.loc["r9"]
    assert (last["symbol"], last["outcome"], last["yes"]) == ("", "", pd.NA)
    assert pd.isna(last["date"])


def test_a_folder_that_lacks_a_file(write: Write) -> None:
    folder = write("rollcalls.csv", ROLLCALLS).parent
    assert refusal(folder).message == "the folder has no votes.csv; the folder contains rollcalls.csv"


def test_a_folder_that_has_a_file_twice(write: Write) -> None:
    folder = write("rollcalls.csv", ROLLCALLS).parent
    write("votes.csv", LONG)
    write("votes.csv.gz", LONG)
    assert refusal(folder).message == "the folder has both votes.csv and votes.csv.gz"


def test_a_folder_that_may_not_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert refusal(tmp_path).message == "the folder cannot be listed: Permission denied"


@pytest.mark.parametrize(
    ("name", "content", "line", "id", "message"),
    [
        (
            "rollcalls.csv",
            ROLLCALLS + "r1,S/1,,,,,\n",
            4,
            "r1",
            "roll call r1 has a row on line 2 and another row on this line",
        ),
        ("rollcalls.csv", ROLLCALLS + ",S/1,,,,,\n", 4, None, "the row does not name a roll call"),
        (
            "rollcalls.csv",
            ROLLCALLS.replace("rollcall,", "key,"),
            1,
            None,
            "no column contains the roll call",
        ),
        (
            "rollcalls.csv",
            ROLLCALLS.replace("1,1,0", "2,1,0"),
            2,
            "r1",
            "declares 2-1-0 (yes-no-abstain) but lists 1-1-0",
        ),
        ("votes.csv", LONG + "m1,r1,no\n", 6, "r1", "m1 is listed twice"),
        ("votes.csv", LONG.replace("rollcall", "key"), 1, None, "no column contains the roll call"),
        (
            "members.csv",
            "member,name\nm1,A\nm1,B\nm2,C\n",
            3,
            "m1",
            "m1 has a row on line 2 and another row on this line",
        ),
        ("members.csv", "member,name\nm1,A\n,B\nm2,C\n", 3, None, "the row does not name a member"),
        ("members.csv", "who\nm1\n", 1, None, "no column contains the members"),
    ],
)
def test_folder_refused_with_file_and_line(
    write: Write, name: str, content: str, line: int, id: str | None, message: str
) -> None:
    folder = write("rollcalls.csv", ROLLCALLS).parent
    write("votes.csv", LONG)
    path = write(name, content)
    error = refusal(folder, line=line, id=id)
    assert error.file == str(path)
    assert message in error.message


# Real files


def test_the_harvest_of_the_councils_votes(shared: Path) -> None:
    with pytest.warns(match="SWZ") as caught:
        rollcalls = read(shared / "hrc")
    assert len(caught) == 1
    assert rollcalls.votes.shape == (127, 1039)
    assert (rollcalls.rollcalls["reconciled"]).sum() == 1039 - 131
    assert rollcalls.rollcalls.loc["27478", "symbol"] == "A/HRC/RES/37/23"
    assert rollcalls.tally().loc["27478"].tolist() == [28, 1, 17, 1, 47]
    assert int((rollcalls.votes != -3).sum()) == 48_820


def test_the_press_summary(shared: Path) -> None:
    rollcalls = read(shared / "seed" / "hrc37_l36_press.csv")
    assert rollcalls.tally().loc["hrc37_l36_press"].tolist() == [28, 1, 17, 0, 46]
    assert {"VEN", "CIV", "COD", "USA", "KOR"} <= set(rollcalls.members.index)
