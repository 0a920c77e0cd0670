"""Each foreign format against a file rebuilt from its public description, with counts checked."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from readers.files import Write
from voteshift import InputError, RollCalls, UsageError, Vote, read
from voteshift.readers import FORMATS, Sample, check_file, register_reader
from voteshift.readers.findings import DataWarning

UNDL_NEW = (
    "undl_id,ms_code,ms_name,ms_vote,date,session,resolution,draft,committee_report,meeting,title,agenda_title,"
    "subjects,vote_note,total_yes,total_no,total_abstentions,total_non_voting,total_ms,undl_link\n"
    '4067405,USA,UNITED STATES,N,2024-12-24,79,A/RES/79/243,A/79/L.1,,A/79/PV.55,"Title, here",Agenda,PEACE,,'
    "1,1,1,1,4,https://digitallibrary.un.org/record/4067405\n"
    '4067405,TUR,TÜRKİYE,Y,2024-12-24,79,A/RES/79/243,A/79/L.1,,A/79/PV.55,"Title, here",Agenda,PEACE,,'
    "1,1,1,1,4,https://digitallibrary.un.org/record/4067405\n"
    '4067405,SUN,USSR,A,2024-12-24,79,A/RES/79/243,A/79/L.1,,A/79/PV.55,"Title, here",Agenda,PEACE,,'
    "1,1,1,1,4,https://digitallibrary.un.org/record/4067405\n"
    '4067405,NRU,NAURU,X,2024-12-24,79,A/RES/79/243,A/79/L.1,,A/79/PV.55,"Title, here",Agenda,PEACE,,'
    "1,1,1,1,4,https://digitallibrary.un.org/record/4067405\n"
)
UNDL_OLD = (
    "undl_id,ms_code,ms_name,ms_vote,permanent_member,date,resolution,draft,meeting,description,agenda,subjects,"
    "modality,total_yes,total_no,total_abstentions,total_non_voting,total_ms,undl_link\n"
    "112,FRA,FRANCE,Y,True,1946-01-24,S/RES/1(1946),,S/PV.1,On staff,Rules,,vote,1,0,1,0,2,https://x\n"
    "112,BRA,BRAZIL,A,False,1946-01-24,S/RES/1(1946),,S/PV.1,On staff,Rules,,vote,1,0,1,0,2,https://x\n"
)
UNDL_WIDE = (
    "undl_id,date,session,resolution,draft,committee_report,meeting,title,agenda_title,subjects,total_yes,"
    "total_no,total_abstentions,total_non_voting,total_ms,undl_link,AFGHANISTAN,YUGOSLAVIA,VENEZUELA\n"
    "7,1980-12-01,35,A/RES/35/1,,,,On fish,,FISH,1,0,0,1,2,https://x,Y,X,\n"
    "8,1981-12-01,36,A/RES/36/1,,,,On fish,,FISH,1,1,1,0,3,https://x,Y,N,A\n"
)


@pytest.mark.parametrize("format", [None, "undl"])
def test_un_digital_library(write: Write, format: str | None) -> None:
    record = read(write("ga.csv", UNDL_NEW), format)
    assert record.to_wide()["4067405"].to_dict() == {
        "USA": "no", "TUR": "yes", "RUS": "abstain", "NRU": "absent"
    }  # fmt: skip
    row = record.rollcalls.loc["4067405"]
    assert (row["symbol"], row["session"], row["title"]) == ("A/RES/79/243", "79", "Title, here")
    assert (row["subject"], row["yes"], row["no"], row["abstain"]) == ("PEACE", 1, 1, 1)
    assert row["date"] == pd.Timestamp("2024-12-24")


def test_un_digital_library_as_some_downloads_write_it(write: Write) -> None:
    """Totals as floats, and the NV of the data dictionary where most files have X."""
    text = UNDL_NEW.replace(",,1,1,1,1,4,", ",,1.0,1.0,1.0,1.0,4.0,").replace(",NAURU,X,", ",NAURU,NV,")
    assert text.count("1.0,1.0") == 4 * 2
    assert text.count("NV") == 1
    record = read(write("ga.csv", text))
    plain = read(write("plain.csv", UNDL_NEW))
    assert record.to_wide().equals(plain.to_wide())
    assert record.rollcalls["yes"].tolist() == [1]


def test_un_digital_library_security_council_names(write: Write) -> None:
    record = read(write("sc.csv", UNDL_OLD))
    assert record.to_wide()["112"].to_dict() == {"FRA": "yes", "BRA": "abstain"}
    assert record.rollcalls.loc["112", "title"] == "On staff"
    assert record.rollcalls.loc["112", "symbol"] == "S/RES/1(1946)"


def test_un_digital_library_one_row_per_resolution(write: Write) -> None:
    record = read(write("ga.csv", UNDL_WIDE))
    assert record.to_wide().to_dict() == {
        "7": {"AFG": "yes", "YUG": "absent", "VEN": "not a member"},
        "8": {"AFG": "yes", "YUG": "no", "VEN": "abstain"},
    }
    assert record.rollcalls.loc["8", "symbol"] == "A/RES/36/1"


UNDL_FEW = "undl_id,ms_code,ms_name,ms_vote,date,resolution,total_yes,total_no,total_abstentions\n"
UNDL_STATES = UNDL_FEW + "".join(
    f"{record},{code},{name},{vote},{date},{symbol},{totals}\n"
    for record, date, symbol, totals, votes in (
        ("1", "1990-12-01", "A/RES/45/1", "2,1,1", "SUN USSR Y|YUG YUGOSLAVIA N|BLR BELARUS Y|USA USA A"),
        ("2", "2001-12-01", "A/RES/56/1", "3,1,0", "RUS RUSSIA Y|YUG YUGOSLAVIA Y|BLR BELARUS Y|USA USA N"),
        ("3", "2010-12-01", "A/RES/65/1", "2,1,0", "RUS RUSSIA Y|SRB SERBIA N|BLR BELARUS Y"),
    )
    for code, name, vote in (row.split() for row in votes.split("|"))
)  # fmt: skip


def test_un_digital_library_states_that_changed_their_code(write: Write) -> None:
    """One seat under two codes is one member; Yugoslavia's code stands for two states."""
    record = read(write("ga.csv", UNDL_STATES))
    assert record.to_wide().to_dict("index") == {
        "RUS": {"1": "yes", "2": "yes", "3": "yes"},
        "YUG": {"1": "no", "2": "not a member", "3": "not a member"},
        "BLR": {"1": "yes", "2": "yes", "3": "yes"},
        "USA": {"1": "abstain", "2": "no", "3": "not a member"},
        "SRB": {"1": "not a member", "2": "yes", "3": "no"},
    }
    twice = UNDL_STATES.replace("2,YUG,YUGOSLAVIA", "2,SUN,USSR")
    assert any(
        "RUS is listed twice in roll call 2" in f.message for f in check_file(write("twice.csv", twice))
    )


def test_un_digital_library_yugoslavia_in_a_column_of_its_own(write: Write) -> None:
    later = "9,2001-12-01,56,A/RES/56/1,,,,On fish,,FISH,2,0,0,0,2,https://x,Y,Y,\n"
    record = read(write("ga.csv", UNDL_WIDE + later))
    assert record.to_wide().loc[["YUG", "SRB"]].to_numpy().tolist() == [
        ["absent", "no", "not a member"],
        ["not a member", "not a member", "yes"],
    ]


def test_a_table_without_any_vote(write: Write) -> None:
    path = write("ga.csv", UNDL_WIDE.replace("\n7,", "\n,").replace("\n8,", "\n,"))
    with pytest.raises(InputError, match=r":2: the row does not name a label .* lists 4 more errors"):
        read(path)
    assert "no cell contains a vote" in [finding.message for finding in check_file(path)]


def test_a_workbook_by_any_name(tmp_path: Path) -> None:
    TABLE.drop(index=3).to_excel(tmp_path / "x.xlsx", index=False)
    (tmp_path / "x.xlsx").rename(tmp_path / "x.bin")
    assert read(tmp_path / "x.bin").votes.shape == (2, 2)


def test_totals_nobody_can_correct_are_told_and_marked(write: Write) -> None:
    path = write("ga.csv", UNDL_WIDE.replace("FISH,1,1,1", "FISH,9,1,1"))
    with pytest.warns(DataWarning, match="the declared totals differ from the votes listed in roll call 8"):
        record = read(path)
    assert record.rollcalls["reconciled"].to_dict() == {"7": True, "8": False}


def test_findings_name_the_columns_as_printed(write: Write) -> None:
    (finding,) = [
        f for f in check_file(write("ga.csv", UNDL_NEW.replace(",X,2024", ",Q,2024"))) if f.line == 5
    ]
    assert (finding.severity, finding.column) == ("error", "ms_vote")
    assert "unknown vote 'Q' of NRU" in finding.message


MEMBERS = (
    "congress,chamber,icpsr,state_icpsr,district_code,state_abbrev,party_code,bioname\n"
    '116,Senate,14921,51,0,KY,200,"McCONNELL, Addison Mitchell (Mitch)"\n'
    '116,Senate,29147,6,0,VT,328,"SANDERS, Bernard"\n'
)
VOTES = "congress,chamber,rollnumber,icpsr,cast_code,prob\n" + "".join(
    f"116,Senate,{roll},{icpsr},{code},99.0\n"
    for roll, icpsr, code in [
        (1, 14921, 1), (1, 29147, 6), (2, 14921, 9), (2, 29147, 7), (3, 14921, 0), (3, 29147, 4)
    ]
)  # fmt: skip
ROLLCALLS = (
    "congress,chamber,rollnumber,date,session,clerk_rollnumber,yea_count,nay_count,nominate_mid_1,bill_number,"
    "vote_result,vote_desc\n"
    "116,Senate,1,2019-01-08,1,1,1,1,0.1,S1,Rejected,On cloture\n"
    "116,Senate,2,2019-01-09,1,2,0,0,0.1,S1,Rejected,On fish\n"
    "116,Senate,3,2019-01-10,1,3,0,1,0.1,S2,Rejected,On fish\n"
)


def test_voteview_folder(write: Write) -> None:
    folder = write("S116_votes.csv", VOTES).parent
    write("S116_members.csv", MEMBERS)
    write("S116_rollcalls.csv", ROLLCALLS)
    record = read(folder)
    assert record.to_wide().to_dict() == {
        "RS1160001": {"14921": "yes", "29147": "no"},
        "RS1160002": {"14921": "absent", "29147": "abstain"},
        "RS1160003": {"14921": "not a member", "29147": "no"},
    }
    assert record.members["group"].tolist() == ["Republican", "Independent"]
    assert record.members.loc["29147", "name"] == "SANDERS, Bernard"
    row = record.rollcalls.loc["RS1160001"]
    assert (row["symbol"], row["title"], row["session"], row["chamber"]) == (
        "S1",
        "On cloture",
        "116",
        "Senate",
    )
    assert row["yes"] == 1


def test_voteview_numbers_written_with_a_point_are_the_same_numbers(write: Write) -> None:
    """Some downloads write icpsr and cast_code as floats in the file of votes, not in that of members."""
    plain = read(write("plain.csv", VOTES))
    pointed = VOTES.replace("14921,", "14921.0,").replace(",6,", ",6.0,")
    folder = write("S116_votes.csv", pointed).parent
    write("S116_members.csv", MEMBERS.replace(",29147,", ",29147.0,"))
    record = read(folder)
    assert record.to_wide().equals(plain.to_wide())
    assert record.members.index.tolist() == ["14921", "29147"]
    assert record.members["name"].notna().all()


def test_voteview_counts_leave_out_who_did_not_vote_in_the_chamber(write: Write) -> None:
    """Roll call 1 has the President's position, 2 an announced vote (as RS0930403 has), 3 another count."""
    president = '116,President,99912,99,0,USA,200,"TRUMP, Donald John"\n'
    votes = VOTES + "116,Senate,1,99912,1,\n116,Senate,2,15021,3,\n116,Senate,2,15022,1,\n"
    folder = write("S116_votes.csv", votes).parent
    write("S116_members.csv", MEMBERS + president)
    counts = ROLLCALLS.replace("2019-01-09,1,2,0,0", "2019-01-09,1,2,1,0")
    write("S116_rollcalls.csv", counts.replace("2019-01-10,1,3,0,1", "2019-01-10,1,3,0,2"))
    with (
        pytest.warns(DataWarning, match=r"of 2 roll calls \(RS1160001, RS1160002\) leave out paired"),
        pytest.warns(DataWarning, match="differ from the votes listed in roll call RS1160003"),
        pytest.warns(DataWarning, match="no row for 2 members"),
    ):
        record = read(folder)
    assert record.tally()["yes"].tolist() == [2, 2, 0]
    assert record.rollcalls["yes"].isna().tolist() == [True, True, False]
    assert record.rollcalls["reconciled"].tolist() == [True, True, False]
    chamber = record.select(members=record.members.query("state != 'USA'").index)
    assert chamber.tally()["yes"].tolist() == [1, 2, 0]


def test_voteview_of_two_chambers_in_one_folder(write: Write) -> None:
    for chamber in "HS":
        folder = write(f"{chamber}116_votes.csv", VOTES).parent
    with pytest.raises(InputError, match=r"has 2 files of votes: H116_votes\.csv, S116"):
        read(folder)


def test_voteview_votes_alone(write: Write) -> None:
    record = read(write("votes.csv", VOTES))
    assert record.rollcalls.index.tolist() == ["RS1160001", "RS1160002", "RS1160003"]
    assert record.tally()["no"].tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (VOTES.replace("116,Senate,1,14921,1,", "116,Senate,1,14921,11,"), 2, "unknown vote '11' of 14921"),
        (VOTES.replace("116,Senate,2,14921", "116,Senate,two,14921"), 4, "does not name a roll call"),
        (VOTES.replace("116,Senate,1,14921,1,", "116,Senate,1,,1,"), 2, "the row does not name a member"),
        (VOTES + "116,Senate,3,29147,4,9\n", 8, "29147 is listed twice in roll call RS1160003"),
    ],
)
def test_voteview_refusals(write: Write, content: str, line: int, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read(write("votes.csv", content))
    assert caught.value.line == line


def kh_line(icpsr: int, party: int, name: str, votes: str) -> str:
    return f"109{icpsr:5d}41 0ALABAMA {party:3d}11{name:<11}"[:36].ljust(36) + votes + "\n"


KH = kh_line(49700, 200, "SESSIONS", "1690") + kh_line(94659, 100, "SHELBY", "6171")


def test_kh_names_with_accents(write: Write) -> None:
    record = read(write("x.ord", KH.replace("SHELBY     ", "LUJÁN, Ñ   ")))
    assert record.members["name"].tolist() == ["SESSIONS", "LUJÁN, Ñ"]
    assert record.to_wide().loc["94659"].tolist() == ["no", "yes", "abstain", "yes"]


def test_kh(write: Write) -> None:
    record = read(write("sen109kh.ord", KH))
    assert record.to_wide().to_numpy().tolist() == [
        ["yes", "no", "absent", "not a member"],
        ["no", "yes", "abstain", "yes"],
    ]
    assert record.members.index.tolist() == ["49700", "94659"]
    assert record.members["name"].tolist() == ["SESSIONS", "SHELBY"]
    assert record.members["group"].tolist() == ["Republican", "Democrat"]
    assert record.rollcalls.index.tolist() == ["109-1", "109-2", "109-3", "109-4"]


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (KH[:-2] + "\n", 2, "has 3 votes, but the first line has 4"),
        (KH + KH, 3, "member 49700 has another row on line 1"),
        (KH + "what\n", 3, "not in the KH format"),
        (KH.replace("\n109", "\n110"), 2, "belongs to congress 110, but the first line to congress 109"),
        (KH.replace("SHELBY     ", "LUJÁN     "), 2, "the name has letters of two bytes"),
    ],
)
def test_kh_refusals(write: Write, content: str, line: int, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read(write("x.ord", content))
    assert caught.value.line == line


TABLE = pd.DataFrame(
    {
        "member": ["a", "b", "a", "b"],
        "rollcall": [1, 1, 2, 2],
        "date": pd.to_datetime(["2020-01-01"] * 2 + ["2021-01-01"] * 2),
        "vote": ["Yes", "No", "Abstain", None],
    }
)


def test_excel(tmp_path: Path) -> None:
    table = TABLE.drop(index=3)
    table.to_excel(tmp_path / "votes.xlsx", index=False)
    record = read(tmp_path / "votes.xlsx")
    assert record.to_long()["vote"].tolist() == ["yes", "no", "abstain"]
    assert record.rollcalls["date"].tolist() == [pd.Timestamp("2020-01-01"), pd.Timestamp("2021-01-01")]
    TABLE.to_excel(tmp_path / "blank.xlsx", index=False)
    (finding,) = check_file(tmp_path / "blank.xlsx")
    assert (finding.line, finding.column) == (5, "vote")


def test_parquet(tmp_path: Path) -> None:
    TABLE.drop(index=3).to_parquet(tmp_path / "votes.parquet")
    record = read(tmp_path / "votes.parquet")
    assert record.to_long()["vote"].tolist() == ["yes", "no", "abstain"]
    assert record.rollcalls.index.tolist() == ["1", "2"]


def test_layouts_are_told_in_a_workbook_too(write: Write, tmp_path: Path) -> None:
    pd.read_csv(write("x.csv", UNDL_WIDE), keep_default_na=False).to_excel(tmp_path / "x.xlsx", index=False)
    assert read(tmp_path / "x.xlsx").to_wide().loc["YUG"].tolist() == ["absent", "no"]


@pytest.mark.parametrize("library", ["polars", "pyarrow"])
def test_frames_of_other_libraries(library: str) -> None:
    long = {"member": ["a", "b"], "rollcall": ["1", "1"], "vote": ["yes", "no"]}
    wide = {"member": ["a", "b"], "1": ["yes", None]}
    facts = {"rollcall": ["1"], "title": ["On fish"]}
    if library == "polars":
        import polars as pl

        frames = [pl.DataFrame(long).lazy(), pl.DataFrame(wide), pl.DataFrame(facts)]
    else:
        import pyarrow as pa

        frames = [pa.table(long), pa.table(wide), pa.table(facts)]
    record = RollCalls.from_long(frames[0], rollcalls=frames[2])
    assert record.to_wide()["1"].to_dict() == {"a": "yes", "b": "no"}
    assert record.rollcalls["title"].tolist() == ["On fish"]
    assert RollCalls.from_wide(frames[1]).to_wide()["1"].to_dict() == {"a": "yes", "b": "not a member"}
    with pytest.raises(UsageError, match="list is not a data frame"):
        RollCalls.from_long([1, 2])  # type: ignore[arg-type]


def test_a_format_of_ones_own(write: Write) -> None:
    def sniff(sample: Sample) -> bool:
        return sample.head.startswith(b"#minutes")

    def minutes(path: Path) -> RollCalls:
        _, *lines = path.read_text(encoding="utf-8").splitlines()
        if not lines:
            raise InputError("the minutes name nobody", line=1)
        names, words = zip(*(line.split(":") for line in lines), strict=True)
        return RollCalls.from_long(pd.DataFrame({"member": names, "rollcall": "1", "vote": words}))

    register_reader("minutes", sniff, minutes)
    try:
        path = write("x.txt", "#minutes\nAda:yes\nBen:no\n")
        assert read(path).tally().loc["1", ["yes", "no"]].tolist() == [1, 1]
        assert check_file(path) == []
        empty = write("y.txt", "#minutes\n")
        with pytest.raises(InputError, match="name nobody") as caught:
            read(empty)
        assert (caught.value.file, caught.value.line) == (str(empty), 1)
        with pytest.raises(UsageError, match="a format with the name 'minutes' already exists"):
            register_reader("minutes", sniff, minutes)
    finally:
        del FORMATS["minutes"]


def test_a_format_that_the_file_is_not_of(write: Write) -> None:
    with pytest.raises(
        InputError, match="no column contains the record number of the library: the columns are 'mem"
    ):
        read(write("x.csv", "member,vote\na,yes\n"), "undl")


def test_no_such_format(write: Write) -> None:
    with pytest.raises(UsageError, match="unknown format 'xml'"):
        read(write("x.csv", "member,vote\na,yes\n"), "xml")


def test_codes_stay_apart(write: Write) -> None:
    """Absent and not a member are two codes in every format that knows both."""
    for name, content in (("a.ord", KH), ("b.csv", VOTES)):
        codes = set(np.unique(read(write(name, content)).votes).tolist())
        assert {int(Vote.ABSENT), int(Vote.NOT_MEMBER)} <= codes


def test_dates_no_calendar_has(tmp_path: Path, record: RollCalls) -> None:
    from voteshift import write

    write(record.select(rollcalls=["27478"]), tmp_path / "x.voteshift")
    text = (tmp_path / "x.voteshift").read_text(encoding="utf-8").replace("2018-03-23T", "+12018-03-23T")
    for year in ("12018", "-0044"):
        frame = record.select(rollcalls=["27478"]).rollcalls
        frame["date"] = np.array([f"{year}-03-23"], dtype="datetime64[s]")
        with pytest.raises(InputError, match="27478 is in a year before 1 or after 9999"):
            RollCalls(record.select(rollcalls=["27478"]).votes, record.members, frame)
    (tmp_path / "x.voteshift").write_text(text, encoding="utf-8")
    with pytest.raises(InputError):
        read(tmp_path / "x.voteshift")
