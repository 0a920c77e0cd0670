"""A row or column named like a description is a description, or refused because it contains votes."""

import warnings

import pandas as pd
import pytest

from readers.files import Write
from voteshift.errors import InputError
from voteshift.readers import read
from voteshift.readers.findings import DataWarning
from voteshift.rollcalls import RollCalls

VOTES = {"r1": ["yes", "no", "yes", "no"], "r2": ["no", "no", "yes", "abstain"]}
LETTERS = {"r1": ["Y", "N", "Y", "N"], "r2": ["N", "N", "Y", "A"]}
MEMBERS = ["Ada", "Ben", "Cem", "Dia"]


def matrix(name: str, cells: list[str], votes: dict[str, list[str]]) -> pd.DataFrame:
    """Return a matrix with a column after the votes, without an index."""
    return pd.DataFrame({"member": MEMBERS, **votes, name: cells})


def turned(table: pd.DataFrame) -> pd.DataFrame:
    """Return the transposed matrix, with a row below the votes."""
    return table.set_index("member").T.rename_axis("rollcall").reset_index()


def below(name: str, cells: list[str]) -> pd.DataFrame:
    """Return a matrix of two members by four roll calls with a row below the votes."""
    votes = pd.DataFrame([["yes", "no", "yes", "no"], ["no", "no", "yes", "abstain"], cells])
    votes.columns = ["r1", "r2", "r3", "r4"]
    votes.insert(0, "member", ["Ada", "Ben", name])
    return votes


def written(write: Write, table: pd.DataFrame) -> RollCalls:
    return read(write("v.csv", table.to_csv(index=False)))


DOUBTFUL = [
    ("state", ["yes", "no", "abstain", "yes"], VOTES),
    ("state", ["yes", "no", "maybe", "yes"], VOTES),
    ("party", ["in favour", "Against", "", "aye"], VOTES),
    ("chair", ["yes", "no", "abstain", "yes"], VOTES),
    ("gender", ["Y", "N", "A", "X"], LETTERS),
]
CLEAR = [
    ("state", ["NO", "TX", "OH", "UT"], VOTES),
    ("party", ["A", "N", "A", "N"], VOTES),
    ("party", ["A", "B", "A", "N"], LETTERS),
    ("party", ["R", "R", "R", "R"], LETTERS),
    ("iso2", ["NO", "SE", "DK", "FI"], VOTES),
    ("group", ["", "", "", ""], VOTES),
]


@pytest.mark.parametrize(("name", "cells", "votes"), DOUBTFUL)
@pytest.mark.parametrize("transposed", [False, True])
def test_votes_under_the_name_of_a_description_of_members(
    write: Write, name: str, cells: list[str], votes: dict[str, list[str]], transposed: bool
) -> None:
    table = matrix(name, cells, votes)
    with pytest.raises(
        InputError, match=f"'{name}' contains votes, but its name describes members"
    ) as caught:
        written(write, turned(table) if transposed else table)
    assert caught.value.remedy.startswith("rename it if it is a roll call")
    assert caught.value.line == (4 if transposed else 1)


@pytest.mark.parametrize(("name", "cells", "votes"), CLEAR)
@pytest.mark.parametrize("transposed", [False, True])
def test_descriptions_of_members(
    write: Write, name: str, cells: list[str], votes: dict[str, list[str]], transposed: bool
) -> None:
    table = matrix(name, cells, votes)
    record = written(write, turned(table) if transposed else table)
    assert record.rollcalls.index.tolist() == ["r1", "r2"]
    if any(cells):
        kept = record.members["group" if name == "party" else name]
        assert kept.tolist() == cells


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("name", ["incumbent", "Chair", "government"])
def test_yes_and_no_that_describe_members_are_told(write: Write, name: str, transposed: bool) -> None:
    table = matrix(name, ["yes", "no", "no", ""], VOTES)
    with pytest.warns(
        DataWarning, match=f"'{name}' contains yes and no and is read as a description of members"
    ):
        record = written(write, turned(table) if transposed else table)
    assert record.rollcalls.index.tolist() == ["r1", "r2"]
    assert record.members[name].tolist() == ["yes", "no", "no", ""]


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("name", ["title", "Short", "session", "draft", "date"])
def test_votes_under_the_name_of_a_description_of_roll_calls(
    write: Write, name: str, transposed: bool
) -> None:
    table = below(name, ["yes", "no", "", "absent"])
    with pytest.raises(
        InputError, match=f"'{name}' contains votes, but its name describes roll calls"
    ) as caught:
        written(write, turned(table) if transposed else table)
    assert caught.value.remedy.startswith("rename it if it is a member")


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("name", ["amendment", "reconciled"])
def test_yes_and_no_that_describe_roll_calls_are_no_member(write: Write, name: str, transposed: bool) -> None:
    table = below(name, ["yes", "no", "no", "yes"])
    record = written(write, turned(table) if transposed else table)
    assert record.members.index.tolist() == ["Ada", "Ben"]
    assert record.rollcalls[name].tolist() == [True, False, False, True]
    wrong = below(name, ["yes", "no", "no", "abstain"])
    with pytest.raises(InputError, match=f"'abstain' in column '{name}'") as caught:
        written(write, turned(wrong) if transposed else wrong)
    assert caught.value.remedy == "write yes or no"


def test_a_blank_description_is_no_member(write: Write) -> None:
    assert written(write, below("title", [""] * 4)).members.index.tolist() == ["Ada", "Ben"]


@pytest.mark.parametrize(("name", "cells", "votes"), DOUBTFUL)
def test_a_frame_with_votes_under_the_name_of_a_description(
    name: str, cells: list[str], votes: dict[str, list[str]]
) -> None:
    with pytest.raises(InputError, match=f"'{name}' contains votes, but its name describes members"):
        RollCalls.from_wide(matrix(name, cells, votes))


@pytest.mark.parametrize(("name", "cells", "votes"), [*CLEAR, ("incumbent", ["yes", "no", "no", ""], VOTES)])
def test_a_frame_with_descriptions(name: str, cells: list[str], votes: dict[str, list[str]]) -> None:
    record = RollCalls.from_wide(matrix(name, cells, votes))
    assert record.rollcalls.index.tolist() == ["r1", "r2"]
    assert record.members["group" if name == "party" else name].tolist() == cells


@pytest.mark.parametrize("name", ["title", "amendment", "date"])
def test_a_frame_with_a_row_named_like_a_description_of_roll_calls(name: str) -> None:
    with pytest.raises(InputError, match=f"row '{name}' has a name that describes roll calls, not a member"):
        RollCalls.from_wide(below(name, ["yes", "no", "no", "yes"]))


def test_a_member_whose_name_is_a_word_for_a_vote_is_kept() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert RollCalls.from_wide(below("No", ["yes"] * 4)).members.index.tolist() == ["Ada", "Ben", "No"]


@pytest.mark.parametrize("cells", [["", "", ""], ["yes", "no", "yes"]])
@pytest.mark.parametrize("label", ["member", "roll call"])
def test_a_first_column_without_a_name_beside_the_labels_is_refused(
    write: Write, cells: list[str], label: str
) -> None:
    rows = [f"{cell},{row},yes,no" for cell, row in zip(cells, ["a", "b", "c"], strict=True)]
    with pytest.raises(InputError, match="column 1 has no name"):
        read(write("v.csv", "\n".join([f",{label},x,y", *rows])))
