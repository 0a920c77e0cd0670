"""Tables of HowTheyVote.eu, LegiScan and Open States: votes, groups on the day, and totals."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import voteshift as vs
from readers.parliaments import (
    GROUPS,
    draw_groups,
    write_howtheyvote,
    write_legiscan,
    write_openstates,
)
from voteshift.errors import DataWarning, InputError
from voteshift.readers import examine, read

WRITERS = {"howtheyvote": write_howtheyvote, "legiscan": write_legiscan, "openstates": write_openstates}
#: The codes of voteshift for yes, no, abstain, absent and no seat.
CODES = {
    "howtheyvote": np.array([2, 0, 1, -1, -3]),
    "legiscan": np.array([2, 0, -2, -1, -3]),
    "openstates": np.array([2, 0, 1, -1, -3]),
}


def matrix_of(record: vs.RollCalls) -> np.ndarray:
    """Return the votes in the order of the numbers of members, since Open States lists no members."""
    order = np.argsort([int("".join(filter(str.isdigit, label))) for label in record.members.index])
    return record.votes[order]


@pytest.mark.parametrize("name", WRITERS)
def test_every_vote_is_read(tmp_path: Path, name: str) -> None:
    drawn = WRITERS[name](tmp_path / "f", 1, 40, 30)
    record = read(tmp_path / "f")
    assert examine(tmp_path / "f").format == name
    assert (matrix_of(record) == CODES[name][drawn]).all()
    assert record.rollcalls["date"].notna().all()
    assert record.rollcalls["reconciled"].all() if "reconciled" in record.rollcalls else True
    assert record.members["name"].map(bool).all()


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("seed", range(3))
def test_planted_mismatches_are_found_to_the_last_one(tmp_path: Path, name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    wrong = {int(k): int(rng.integers(4)) for k in rng.choice(60, size=25, replace=False)}
    WRITERS[name](tmp_path / "f", seed, 30, 60, wrong)
    with pytest.warns(DataWarning, match="the declared totals differ from the votes listed in 25 roll calls"):
        record = read(tmp_path / "f")
    marked = ~record.rollcalls["reconciled"].to_numpy(bool)
    assert set(np.flatnonzero(marked).tolist()) == set(wrong)


def test_the_group_is_the_one_on_the_day(tmp_path: Path) -> None:
    drawn = write_howtheyvote(tmp_path / "f", 3, 60, 40)
    record = read(tmp_path / "f")
    names, codes = record.group_codes()
    groups = np.array(names)[codes]
    seated = drawn >= 0
    assert (groups[seated] == np.array(GROUPS)[draw_groups(3, 60, 40)][seated]).all()
    assert record.groups["member"].nunique() == 3
    assert (record.members["group"] != "").all()


def test_a_title_with_several_votes_has_one_main_vote(tmp_path: Path) -> None:
    write_howtheyvote(tmp_path / "f", 3, 20, 30)
    record = read(tmp_path / "f")
    assert (~record.rollcalls["amendment"]).sum() == 10
    assert record.families().empty
    assert record.rollcalls.loc["100002", "symbol"] == "A9-0000/2020"


def test_bills_name_the_roll_calls_of_a_session(tmp_path: Path) -> None:
    write_legiscan(tmp_path / "l", 1, 10, 6)
    record = read(tmp_path / "l")
    assert record.rollcalls["symbol"].tolist() == ["HB0", "HB0", "HB1", "HB1", "HB2", "HB2"]
    assert set(record.members["group"]) == {"D", "R"}
    write_openstates(tmp_path / "o", 1, 10, 6)
    record = read(tmp_path / "o")
    assert record.rollcalls["symbol"].tolist() == ["HB 0", "HB 0", "HB 1", "HB 1", "HB 2", "HB 2"]
    assert set(record.rollcalls["chamber"]) == {"lower"}


def test_voters_without_an_id_have_their_name(tmp_path: Path) -> None:
    write_openstates(tmp_path / "o", 1, 10, 6)
    path = tmp_path / "o" / "NM_2025_vote_people.csv"
    path.write_text(path.read_text().replace("ocd-person/0003", ""))
    with pytest.warns(DataWarning, match="votes of member Last3, F have no 'voter_id'"):
        record = read(tmp_path / "o")
    assert "Last3, F" in record.members.index


@pytest.mark.parametrize(
    ("name", "file", "old", "new", "match"),
    [
        ("howtheyvote", "member_votes.csv", "FOR", "PERHAPS", "unknown vote 'PERHAPS' .*for, against"),
        ("howtheyvote", "votes.csv", "100001,", ",", "does not name a roll call"),
        ("howtheyvote", "votes.csv", "100001,", "100000,", "roll call 100000 has another row"),
        ("howtheyvote", "votes.csv", "2019-07-01 ", "1.7.2019 ", "in column 'date'"),
        ("howtheyvote", "members.csv", "1001,", "1000,", "member 1000 has another row"),
        ("legiscan", "votes.csv", ",1,Yea", ",7,Yea", "unknown vote '7' .*1, 2, 3, 4"),
        ("openstates", "NM_2025_vote_counts.csv", ",yes,", ",maybe,", "unknown option 'maybe'"),
    ],
)
def test_errors_name_file_and_remedy(
    tmp_path: Path, name: str, file: str, old: str, new: str, match: str
) -> None:
    WRITERS[name](tmp_path / "f", 1, 10, 6)
    path = tmp_path / "f" / file
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(InputError, match=match) as caught:
        read(tmp_path / "f")
    assert caught.value.remedy
    assert caught.value.file is not None


def test_two_sessions_in_a_folder_are_an_error(tmp_path: Path) -> None:
    write_openstates(tmp_path / "o", 1, 10, 6)
    (tmp_path / "o" / "AK_2025_vote_people.csv").write_text("vote_event_id,option\n")
    with pytest.raises(InputError, match=r"2 files that end in _vote_people\.csv"):
        read(tmp_path / "o", "openstates")


@pytest.mark.nightly
def test_a_term_of_the_european_parliament_fits_into_a_minute_and_a_gigabyte(
    tmp_path: Path, root: Path
) -> None:
    write_howtheyvote(tmp_path / "ep", 1, 720, 15_000, {17: 0, 14_999: 3})
    script = (
        "import resource, sys, time, warnings, voteshift as vs; warnings.simplefilter('ignore')\n"
        "start = time.process_time(); record = vs.read(sys.argv[1])\n"
        "print(time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,"
        " *record.votes.shape, int((~record.rollcalls['reconciled']).sum()),"
        " record.groups['member'].nunique())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "ep")], capture_output=True, text=True, check=True
    )
    seconds, peak, *counts = map(float, done.stdout.split())
    assert counts == [720, 15_000, 2, 36]
    assert seconds < 60
    assert peak < 1 << 20  # in KiB: 1 GiB
