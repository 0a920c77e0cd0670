import re
from pathlib import Path

import pandas as pd
import pytest

from readers.files import Write
from voteshift.readers import Finding, check_file

VOTES = "member,a,b,c,d\nm1,yes,yes,yes,no\nm2,no,no,no,no\nm3,yes,,yes,yes\n"
ROLLCALLS = (
    "rollcall,date,session,yes,no,abstain,reconciled\n"
    "a,2001-01-01,1,2,1,0,yes\n"
    "b,2001-01-02,1,1,1,0,yes\n"
    "c,2001-01-03,1,2,1,0,yes\n"
    "d,2001-01-04,1,1,2,0,yes\n"
)


def findings(write: Write, votes: str = VOTES, rollcalls: str = ROLLCALLS) -> list[Finding]:
    folder = write("votes.csv", votes).parent
    write("rollcalls.csv", rollcalls)
    return check_file(folder)


def test_a_member_that_every_other_roll_call_of_the_session_lists(write: Write) -> None:
    (only,) = findings(write)
    assert (only.severity, only.line, only.id) == ("warning", 3, "b")
    assert only.message == "roll call b does not list m3, which every other roll call of session 1 lists"


def test_a_member_that_no_other_roll_call_of_the_session_lists(write: Write) -> None:
    votes = VOTES.replace("m3,yes,,yes,yes", "m3,,abstain,,").replace("m1,", "m1,")
    rollcalls = (
        ROLLCALLS.replace(",2,1,0", ",1,1,0")
        .replace(",1,1,0,yes\nc", ",1,1,1,yes\nc")
        .replace("1,2,0", "0,2,0")
    )
    (only,) = findings(write, votes, rollcalls)
    assert only.message == "roll call b lists m3, which no other roll call of session 1 lists"


def test_a_copied_vote(write: Write) -> None:
    """c lists the votes of a; one of the two declares other totals."""
    found = findings(write, VOTES, ROLLCALLS.replace("c,2001-01-03,1,2,1,0,yes", "c,2001-01-03,1,1,2,0,yes"))
    errors = [finding for finding in found if finding.severity == "error"]
    assert [error.id for error in errors] == ["c", "c"]
    assert (
        "declares 1-2-0 (yes-no-abstain) but lists the same votes as a, which declares 2-1-0"
        in errors[1].message
    )
    marked = findings(write, VOTES, ROLLCALLS.replace("c,2001-01-03,1,2,1,0,yes", "c,2001-01-03,1,1,2,0,no"))
    assert {finding.severity for finding in marked} == {"warning"}
    assert any("the same votes as a" in finding.message for finding in marked)


def test_the_same_votes_with_the_same_totals_are_nothing(write: Write) -> None:
    assert all("the same votes" not in finding.message for finding in findings(write))


@pytest.mark.parametrize(
    ("old", "new", "id", "message"),
    [
        ("2001-01-02,1", ",1", "b", "has no date"),
        ("2001-01-02,1", "2999-01-02,1", "b", "is dated in the future (2999-01-02)"),
        ("2001-01-04,1", "2000-01-01,2", "d", "of session 2 is dated before session 1 began (2000-01-01)"),
    ],
)
def test_dates(write: Write, old: str, new: str, id: str, message: str) -> None:
    found = findings(write, VOTES.replace("m3,yes,,", "m3,yes,abstain,"), ROLLCALLS.replace(old, new).replace(
        "b,,1,1,1,0", "b,,1,1,1,1").replace("b,2001-01-02,1,1,1,0", "b,2001-01-02,1,1,1,1").replace(
        "2999-01-02,1,1,1,0", "2999-01-02,1,1,1,1"))  # fmt: skip
    dated = [finding for finding in found if finding.column == "date"]
    assert (id, f"roll call {id} {message}") in [(finding.id, finding.message) for finding in dated]
    assert all(finding.severity == "warning" for finding in dated)


def test_all_131_discrepancies_of_the_catalogue_are_named(harvest: Path) -> None:
    table = pd.read_csv(harvest / "hrc" / "rollcalls.csv", dtype=str)
    marked = set(table["record"][table["reconciled"] == "no"])
    assert len(marked) == 131
    found = check_file(harvest / "hrc")
    named = {finding.id for finding in found if "reconciled" in finding.message}
    assert marked <= named
    assert all(finding.severity == "warning" and finding.line for finding in found if finding.id in marked)


def test_the_copied_amendment_votes_of_2016_and_2017(harvest: Path) -> None:
    """About 15 lists are plainly copied; which of a pair is the copy the votes do not tell."""
    copies = [finding for finding in check_file(harvest / "hrc") if "the same votes" in finding.message]
    pairs = [
        re.findall(r"roll call (\S+) declares .* the same votes as (\S+),", finding.message)[0]
        for finding in copies
    ]
    table = pd.read_csv(harvest / "hrc" / "rollcalls.csv", dtype=str).set_index("record")
    years = [table.loc[one, "date"][:4] for one, _ in pairs]
    assert len([year for year in years if year in ("2016", "2017")]) >= 15
    assert all((table.loc[list(pair), "reconciled"] == "no").any() for pair in pairs)


def test_the_seats_of_the_catalogue(harvest: Path) -> None:
    found = {
        finding.id: finding.message
        for finding in check_file(harvest / "hrc")
        if "of session" in finding.message
    }
    assert "does not list LBY" in found["30246"]
    assert "CHE, SVK" in found["26264"]
