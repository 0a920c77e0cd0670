import csv
import lzma
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from readers.files import Write
from voteshift.errors import InputError
from voteshift.readers import check_file, read
from voteshift.rollcalls import RollCalls
from voteshift.votes import Vote


@pytest.fixture(scope="module")
def assembly(harvest: Path) -> RollCalls:
    return read(harvest / "unga")


def test_every_vote_of_the_real_record_is_there_once(assembly: RollCalls, harvest: Path) -> None:
    """Counted by the standard library alone."""
    words = {"yes": Vote.YES, "abstain": Vote.ABSTAIN, "no": Vote.NO}
    counts = dict.fromkeys(words, 0)
    ids = {str(label): k for k, label in enumerate(assembly.rollcalls.index)}
    sums = np.zeros((len(ids), 3), dtype=int)
    with lzma.open(harvest / "unga" / "votes.csv.xz", "rt", encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            counts[row["vote"]] += 1
            sums[ids[row["rcid"]], words[row["vote"]]] += 1
    assert sum(counts.values()) == 870_109
    assert {word: int((assembly.votes == code).sum()) for word, code in words.items()} == counts
    for word, code in words.items():
        assert np.array_equal(assembly.tally()[word], sums[:, code])
    assert assembly.votes.shape == (201, 6203)  # 200 names of states, one of them Yugoslavia's and Serbia's


def test_namibia_is_no_missing_value(assembly: RollCalls) -> None:
    namibia = assembly.select(members=["NAM"])
    assert (namibia.votes >= 0).sum() == 2455
    assert namibia.members["name"].tolist() == ["Namibia"]


def test_historical_states_are_members_of_their_own(assembly: RollCalls) -> None:
    def years(member: str) -> tuple[int, int, int]:
        cast = assembly.votes[assembly.members.index.get_loc(member)] >= 0
        dates = assembly.rollcalls["date"][cast]
        return int(cast.sum()), dates.min().year, dates.max().year

    assert years("GFR") == (2151, 1973, 1990)
    assert years("DEU") == (2552, 1991, 2020)
    assert years("YAR") == (3291, 1947, 1990)
    assert years("YMD") == (2378, 1967, 1989)
    assert years("ZAN") == (2, 1963, 1963)
    assert years("YUG")[1:] == (1946, 1992)
    assert years("SRB")[1:] == (2000, 2020)
    assert years("YUG")[0] + years("SRB")[0] == 5475
    assert years("TWN")[2] == years("CHN")[1] == 1971


def test_facts_and_subjects(assembly: RollCalls) -> None:
    frame = assembly.rollcalls
    row = frame.loc["5094"]
    assert (row["session"], row["symbol"], row["title"]) == ("65", "R/65/98", "UNRWA, ACTIVITIES")
    assert row["subject"] == "Palestinian conflict"
    assert frame["session"].nunique() == 74
    assert frame.loc["3", "amendment"]
    assert int(frame["amendment"].sum()) == 311


def test_a_seat_without_a_listed_vote_is_not_recorded(assembly: RollCalls) -> None:
    """South Africa was kept out from 1975 to 1993: no seat; the United States never left."""
    codes = pd.DataFrame(assembly.votes, assembly.members.index, assembly.rollcalls["date"].dt.year)
    assert set(codes.loc["ZAF", 1980]) == {Vote.NOT_MEMBER}
    assert Vote.NOT_MEMBER not in set(codes.loc["USA"])
    assert Vote.NOT_RECORDED in set(codes.loc["USA"])
    assert set(codes.loc["TWN", 1975]) == {Vote.NOT_MEMBER}
    # Before the first vote of all there is no seat, even within the session.
    sudan = assembly.votes[assembly.members.index.get_loc("SSD")]
    dates = assembly.rollcalls["date"].to_numpy()
    assert (sudan[dates < dates[sudan >= 0].min()] == Vote.NOT_MEMBER).all()


def test_check_finds_nothing_in_the_real_record(harvest: Path) -> None:
    assert [str(finding) for finding in check_file(harvest / "unga") if finding.severity == "error"] == []


RAW = """rcid\tccode\tsession\tvote\tdate\tunres\tshort\thr\tme
10\t2\t54\t1\t1999-12-01\tR/54/1\tFISH\t1\t1
10\t345\t54\t9\t1999-12-01\tR/54/1\tFISH\t1\t1
10\t255\t54\t2\t1999-12-01\tR/54/1\tFISH\t1\t1
11\t2\t55\t3\t2000-12-01\tR/55/1\tFISH\t0\t0
11\t345\t55\t8\t2000-12-01\tR/55/1\tFISH\t0\t0
11\t255\t55\t1\t2000-12-01\tR/55/1\tFISH\t0\t0
"""


def test_the_dataverse_coding(write: Write) -> None:
    record = read(write("UNVotes.tab", RAW))
    assert record.to_wide().to_dict() == {
        "10": {"USA": "yes", "YUG": "not a member", "DEU": "abstain", "SRB": "not a member"},
        "11": {"USA": "no", "YUG": "not a member", "DEU": "yes", "SRB": "absent"},
    }
    assert record.rollcalls["subject"].tolist() == ["Palestinian conflict - Human rights", ""]
    assert record.rollcalls["session"].tolist() == ["54", "55"]


@pytest.mark.parametrize(
    ("content", "line", "column", "message"),
    [
        (RAW.replace("10\t2\t54\t1", "10\t2\t54\t7"), 2, "vote", "unknown vote '7' of USA"),
        (
            RAW.replace("\t345\t54", "\t3450\t54"),
            3,
            "ccode",
            "'3450' is not a present or former member state",
        ),
        (RAW.replace("11\t255", "11\t2"), 7, "vote", "USA is listed twice in roll call 11"),
        (RAW.replace("session", "sitting"), 1, None, "no column contains the session"),
        (
            "rcid,iso2,country,vote,session\n3,,Atlantis,yes,1\n",
            2,
            "country",
            "'Atlantis' is not a present or former member state",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place(
    write: Write, content: str, line: int, column: str | None, message: str
) -> None:
    path = write("votes.tab" if "\t" in content else "votes.csv", content)
    errors = [finding for finding in check_file(path) if finding.severity == "error"]
    assert (errors[0].line, errors[0].column) == (line, column)
    assert message in errors[0].message
    with pytest.raises(InputError, match=message):
        read(path)


def test_what_r_writes_for_missing_values_is_missing_and_namibia_is_not(write: Write) -> None:
    """The guide's write.csv(..., row.names = FALSE) of unvotes, where `amend` lacks in more than half."""
    votes = '"rcid","country","country_code","vote"\n3,"United States","US","yes"\n3,"Namibia","NA","no"\n'
    votes += '4,"Namibia","NA","yes"\n5,"Namibia","NA","yes"\n'
    head = '"rcid","session","importantvote","date","unres","amend","para","short","descr"\n'
    facts = '3,1,0,1946-01-01,"R/1/66",1,0,"A",""\n' + "".join(
        f"{rcid},1,NA,1946-01-02,NA,NA,NA,NA,NA\n" for rcid in (4, 5)
    )
    folder = write("un/votes.csv", votes).parent
    write("un/rollcalls.csv", head + facts)
    record = read(folder)
    assert record.to_wide().to_dict("index") == {
        "USA": {"3": "yes", "4": "not recorded", "5": "not recorded"},
        "NAM": {"3": "no", "4": "yes", "5": "yes"},
    }
    for name in ("symbol", "title", "descr", "family"):
        assert record.rollcalls[name].tolist()[1:] == ["", ""]
    assert record.rollcalls["amendment"].tolist() == [True, False, False]


def test_the_dataverse_table_as_r_wrote_it(write: Write) -> None:
    """UNVotes.csv: row names, NA, totals of its own, and a column `member` that says who had a seat."""
    head = '"","rcid","ccode","member","vote","Country","Countryname","session","abstain","yes","no",'
    head += '"importantvote","date","unres","amend","para","short","descr","me","nu","di","hr","co","ec"\n'
    rows = "".join(
        f'"{k}",3,{ccode},{seat},{vote},"{code}","{code}",1,0,1,1,NA,1946-01-01,"R/1/66",NA,0,NA,NA,0,0,1,0,0,0\n'
        for k, (ccode, seat, vote, code) in enumerate(
            [(2, 1, 1, "USA"), (20, 1, 3, "CAN"), (31, "NA", 9, "BHS"), (40, 1, 8, "CUB")], 1
        )
    )
    record = read(write("UNVotes.csv", head + rows))
    assert record.to_wide()["3"].to_dict() == {
        "USA": "yes", "CAN": "no", "BHS": "not a member", "CUB": "absent"
    }  # fmt: skip
    row = record.rollcalls.loc["3"]
    assert (row["title"], row["subject"], row["yes"]) == ("", "Arms control and disarmament", 1)
