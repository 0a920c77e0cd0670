import json
import pickle
from pathlib import Path

import pandas as pd
import pytest

from readers.files import Write
from voteshift.datasets import load_hrc
from voteshift.errors import InputError, UsageError
from voteshift.readers import Finding, check_file, examine, read
from voteshift.readers.findings import MOST_OF_A_KIND
from voteshift.votes import Vote
from voteshift.writers import write as write_record


def test_everything_is_found_at_once(write: Write) -> None:
    path = write(
        "votes.csv",
        "member,rollcall,vote,yes,no,abstain\n"  # 1
        "m1,r1,yes,2,1,0\n"
        "m2,r1,perhaps,2,1,0\n"  # 3
        "m1,r1,no,2,1,0\n"  # 4
        "m3,r1\n"  # 5
        ",r1,no,2,1,0\n"  # 6
        "m3,,no,2,1,0\n"  # 7
        "m3,r1,no,3,1,0\n",  # 8
    )
    found = [(f.severity, f.line, f.column, f.id) for f in check_file(path)]
    assert found == [
        ("error", 2, None, "r1"),  # totals
        ("error", 3, "vote", "r1"),
        ("error", 4, "vote", "r1"),
        ("error", 5, None, None),
        ("error", 6, "member", None),
        ("error", 7, "rollcall", None),
        ("error", 8, "yes", "r1"),
    ]
    assert {f.file for f in check_file(path)} == {str(path)}
    with pytest.raises(InputError, match="lists 6 more errors"):
        read(path)


def test_it_says_which_files_were_read_as_what(tmp_path: Path) -> None:
    write_record(load_hrc().between("2018", "2018"), tmp_path / "folder")
    (tmp_path / "folder" / "notes.txt").write_text("not a table")
    found = examine(tmp_path / "folder")
    assert (found.format, [Path(file).name for file in found.files]) == (
        "folder",
        ["rollcalls.csv", "votes.csv", "members.csv"],
    )
    record = read(tmp_path / "folder")
    assert (found.members, found.rollcalls) == record.votes.shape
    assert found.votes == int((record.votes >= 0).sum())
    assert found.seats == int((record.votes != Vote.NOT_MEMBER).sum()) > found.votes
    assert str(found).startswith(
        f"{tmp_path / 'folder'} (rollcalls.csv, votes.csv, members.csv): read as folder: "
    )


def test_what_a_workbook_turns_out_to_be_is_said(tmp_path: Path) -> None:
    rows = {"undl_id": [7, 7], "ms_code": ["FRA", "USA"], "ms_vote": ["Y", "N"], "date": ["2001-01-01"] * 2}
    pd.DataFrame(rows).to_excel(tmp_path / "votes.xlsx", index=False)
    assert examine(tmp_path / "votes.xlsx").format == "undl"


def test_votes_that_are_not_understood_are_not_counted(write: Write) -> None:
    found = examine(write("votes.csv", "member,rollcall,vote\nm1,r1,yes\nm2,r1,perhaps\nm1,r1,no\n"))
    assert (found.members, found.votes, found.seats) == (2, 1, 1)
    assert str(found).endswith("2 members, 1 roll call, 1 vote in 1 seat")


def test_what_cannot_be_read_has_no_counts(tmp_path: Path, write: Write) -> None:
    assert str(examine(tmp_path / "nowhere.csv")) == f"{tmp_path / 'nowhere.csv'}: not read"
    found = examine(write("votes.csv", "member,rollcall,vote\n"))
    assert (found.format, found.members, found.votes) == ("table", None, None)
    assert str(found).endswith("votes.csv: detected as table, not read")


def test_a_vote_listed_twice_counts_once(write: Write) -> None:
    (only,) = check_file(write("votes.csv", "member,vote,yes,no,abstain\nm1,yes,1,0,0\nm1,yes,1,0,0\n"))
    assert "m1 is listed twice" in only.message


def test_many_errors_of_a_kind_are_counted(write: Write) -> None:
    rows = "".join(f"m{k},r1,yes\n" for k in range(200)) * 2
    found = check_file(write("votes.csv", "member,rollcall,vote\n" + rows))
    assert len(found) == MOST_OF_A_KIND
    assert found[-1].message.endswith(f"; and {200 - MOST_OF_A_KIND} more of this kind")


def test_a_file_that_cannot_be_read_is_one_finding(tmp_path: Path) -> None:
    (only,) = check_file(tmp_path / "nowhere.csv")
    assert only == Finding("error", "no such file", str(tmp_path / "nowhere.csv"), remedy="check the path")


def test_findings_as_json_hold_the_contract(write: Write) -> None:
    (finding,) = check_file(write("votes.csv", "member,vote\nm1,hm\n"))
    found = json.loads(json.dumps(finding.to_dict()))
    assert list(found) == ["severity", "file", "line", "column", "id", "message", "remedy"]
    assert (found["line"], found["column"], found["id"]) == (2, "vote", "votes")
    assert str(finding).startswith(f"{found['file']}:2: unknown vote 'hm' of m1 (")
    assert pickle.loads(pickle.dumps(finding)) == finding  # noqa: S301  our own bytes


def test_what_a_file_holds_is_shown_safely(write: Write) -> None:
    (finding,) = check_file(write("votes.csv", 'member,vote\nm1,"\x1b[31m\nred' + "x" * 500 + '"\n'))
    assert "\x1b" not in finding.message
    assert len(finding.message) < 120


def test_ids_with_line_ends_leave_a_message_on_one_line(write: Write) -> None:
    path = write("votes.csv", 'member,rollcall,vote\n"m\n\x071","r\u20281",hm\n')
    (finding,) = check_file(path)
    assert finding.message == "unknown vote 'hm' of m\\n\\x071"
    assert finding.id == "r\u20281"
    assert "\n" not in str(finding)


def test_unreconciled_roll_calls_are_listed(shared: Path) -> None:
    findings = check_file(shared / "hrc")
    assert {finding.severity for finding in findings} == {"warning"}
    marked = {finding.id: finding for finding in findings if "reconciled" in finding.message}
    assert len(marked) == 131
    assert marked["25962"].line == 68
    assert "declares 32-14-0 (yes-no-abstain) but lists 33-13-0" in marked["25962"].message
    # 30246 does not list Libya, as data/README.md says.
    assert {f.id for f in findings if f.id not in marked} == {"SWZ", "30246"}


def test_the_seed_board_names_italy_and_rwanda(shared: Path) -> None:
    record = load_hrc().select(rollcalls=["27478"])
    path = shared / "seed" / "hrc37_l36_board.csv"
    lacking, unseated = check_file(path, yardstick=record)
    assert (unseated.severity, unseated.line, unseated.id) == ("error", 21, "ITA")
    assert unseated.message == "ITA (ITALY) is listed with a vote, but had no seat in A/HRC/RES/37/23"
    assert (lacking.severity, lacking.line, lacking.id) == ("error", None, "RWA")
    assert lacking.message == "RWA (Rwanda) had a seat in A/HRC/RES/37/23, but is not listed"
    assert "replace ITA (ITALY) by RWA (Rwanda)" in unseated.remedy
    assert check_file(path) == []


def test_the_seed_press_summary_has_no_error(shared: Path) -> None:
    record = load_hrc().select(rollcalls=["27478"])
    (only,) = check_file(shared / "seed" / "hrc37_l36_press.csv", yardstick=record)
    assert (only.severity, only.id) == ("warning", "TUN")


def test_a_yardstick_is_one_roll_call(write: Write) -> None:
    with pytest.raises(UsageError, match="but contains 2"):
        check_file(
            write("votes.csv", "member,vote\nm1,yes\n"),
            yardstick=read(write("two.csv", "member,r1,r2\nm1,yes,no\n")),
        )
