"""Groups that change in Voteview's files and in folders of tables."""

from pathlib import Path

import pandas as pd
import pytest

from readers.files import Write
from voteshift.errors import DataWarning
from voteshift.readers import read


def write_congress(folder: Path, *, dated: bool = True) -> Path:
    """Write two congresses of four senators; senator 14002 changes from Democrat to Republican."""
    folder.mkdir()
    congresses = {116: "2019", 117: "2021"}
    votes = [
        (congress, "Senate", k, 14000 + i, (1, 6, 9, 1)[(i + k) % 4])
        for congress in congresses
        for k in (1, 2)
        for i in range(4)
    ]
    members = [
        (congress, "Senate", 14000 + i, f"N{i}", 200 if (congress, i) == (117, 2) else 100)
        for congress in congresses
        for i in range(4)
    ]
    rollcalls = [
        (congress, "Senate", k, f"{year}-0{k}-01" if dated else "")
        for congress, year in congresses.items()
        for k in (1, 2)
    ]
    for name, head, rows in (
        ("votes", "congress chamber rollnumber icpsr cast_code", votes),
        ("members", "congress chamber icpsr bioname party_code", members),
        ("rollcalls", "congress chamber rollnumber date", rollcalls),
    ):
        pd.DataFrame(rows, columns=head.split()).to_csv(folder / f"S_{name}.csv", index=False)
    return folder


def test_a_senator_has_its_party_of_each_congress(tmp_path: Path) -> None:
    record = read(write_congress(tmp_path / "S"))
    assert record.members["group"].tolist() == ["Democrat", "Democrat", "Republican", "Democrat"]
    assert record.groups["member"].tolist() == ["14002", "14002"]
    names, codes = record.group_codes()
    assert [names[code] for code in codes[2]] == ["Democrat", "Democrat", "Republican", "Republican"]
    assert {names[code] for code in codes[[0, 1, 3]].ravel()} == {"Democrat"}


def test_without_dates_a_senator_has_its_last_party(tmp_path: Path) -> None:
    with pytest.warns(DataWarning, match="1 members are listed with several parties, for example 14002"):
        record = read(write_congress(tmp_path / "S", dated=False))
    assert record.members["group"].tolist() == ["Democrat", "Democrat", "Republican", "Democrat"]
    assert record.groups.empty


def test_groups_next_to_the_votes_of_a_folder_complete_its_table_of_members(write: Write) -> None:
    folder = write("f/votes.csv", "member,rollcall,vote,group\na,1,yes,L\nb,1,no,R\na,2,no,R\n").parent
    write("f/rollcalls.csv", "rollcall,date\n1,2001-01-01\n2,2002-01-01\n")
    write("f/members.csv", "member,name\na,Ada\nb,Bob\n")
    record = read(folder)
    assert record.members["group"].tolist() == ["R", "R"]
    assert record.groups["group"].tolist() == ["L", "R"]
    write("f/members.csv", "member,name,group\na,Ada,\nb,Bob,Other\n")
    assert read(folder).members["group"].tolist() == ["R", "Other"]
