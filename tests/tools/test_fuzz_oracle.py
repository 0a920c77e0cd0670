"""The fuzzer with an oracle runs, finds nothing, and notices a reader that is broken."""

import random
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def tool(tool_script: Callable[[str], ModuleType]) -> ModuleType:
    return tool_script("fuzz_oracle")


#: Reads as voteshift does, but for some of the inputs, whose number is the name of their folder.
BROKEN = """
import os
from pathlib import Path

from voteshift import InputError, RollCalls, readers

check_file = readers.check_file
RIGHT = Path(__file__).with_name("right.csv")


def read(path):
    number = int(Path(path).parent.name)
    if number == 0:
        while True:
            pass
    if number == 1:
        os._exit(9)
    if number == 2:
        raise KeyError(path)
    if number == 3:
        raise InputError("something is wrong")
    if number == 4:
        taken = b"x" * (9 << 27)
        return readers.read(RIGHT)
    if number > 30:
        return readers.read(RIGHT)
    record = readers.read(path)
    votes = record.votes.copy()
    votes[0, 0] = {0: 1, 1: 2, 2: 0}.get(int(votes[0, 0]), 2)
    rollcalls = record.rollcalls.drop(columns=["yes", "no", "abstain"], errors="ignore")
    return RollCalls(votes, record.members, rollcalls, source=record.source)
"""


@pytest.mark.slow
def test_a_broken_reader_is_noticed(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_reader.py").write_text(BROKEN)
    (tmp_path / "right.csv").write_text("member,rollcall,vote\nAda,1,yes\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    tally = tool.fuzz(range(60), 7, folder=tmp_path / "found", module="broken_reader", layout="long")
    singles = {kind: tally.failures[kind] for kind in ("hung", "died", "traceback", "bare refusal", "memory")}
    assert singles == dict.fromkeys(singles, 1)
    assert tally.failures["difference"] > 10
    assert tally.failures["read what must be refused"] > 5
    kept = sorted((tmp_path / "found").iterdir())
    assert all((folder / "case.json").is_file() and len(list(folder.iterdir())) > 1 for folder in kept)


@pytest.mark.slow
def test_a_few_hundred_inputs(tool: ModuleType, tmp_path: Path) -> None:
    summary = tool.fuzz(range(120), 44, folder=tmp_path).summary()
    assert summary["failures_by_kind"] == {}
    assert summary["share_equal_to_the_oracle"] > 0.3
    assert summary["outcomes"]["refused"] > 20
    assert set(summary["layouts"]) >= {"long", "matrix", "transposed", "folder", "workbook", "own", "netcdf"}


def test_seed_and_number_say_everything_of_an_input(tool: ModuleType) -> None:
    one, other = (tool.draw_case(random.Random("3:14")) for _ in range(2))  # noqa: S311
    assert one == other


def oracle_of(grid: list[list[str]]) -> list[str] | str:
    """Return the rows of votes that the oracle reads, or why the table must be refused."""
    from fuzz.expected import MustRefuse
    from fuzz.tables import interpret_table

    try:
        return list(interpret_table(grid, "votes")[0].votes)
    except MustRefuse as reason:
        return str(reason)


@pytest.mark.usefixtures("tool")
@pytest.mark.parametrize("transposed", [False, True])
def test_the_oracle_refuses_votes_under_the_name_of_a_description(transposed: bool) -> None:
    grid = [["rollcall", "Ada", "Ben"], ["1", "yes", ""], ["state", "no", "abstain"]]
    if not transposed:
        grid = [list(column) for column in zip(*grid, strict=True)]
        grid[0][0] = "member"
    assert oracle_of(grid) == "votes in a description: 'state'"
    texts = [["Ohio" if word in {"no", "abstain"} else word for word in row] for row in grid]
    assert oracle_of(texts) == ["Y", "."]


@pytest.mark.usefixtures("tool")
@pytest.mark.parametrize(("cell", "read"), [("20210323", True), ("123456789", True), ("9" * 25, False)])
def test_the_oracle_takes_any_whole_number_as_a_declared_total(cell: str, read: bool) -> None:
    grid = [["member", "rollcall", "vote", "Yes", "reconciled"], ["Ada", "1", "yes", cell, "no"]]
    assert oracle_of(grid) == (["Y"] if read else "a total that is not a count")


@pytest.mark.usefixtures("tool")
@pytest.mark.parametrize(
    ("names", "ids"),
    [
        (["bEN"], ["bEN"]),
        (["BEN", "ADA", "CEM"], ["BEN", "ADA", "CEM"]),
        (["fra", "IND"], ["FRA", "IND"]),
        (["fRA"], ["fRA"]),
    ],
)
def test_the_oracle_knows_how_a_code_is_written(names: list[str], ids: list[str]) -> None:
    from fuzz.tables import interpret_table

    record, _ = interpret_table([["member", "1"], *([name, "yes"] for name in names)], "votes")
    assert list(record.members) == ids


@pytest.mark.usefixtures("tool")
@pytest.mark.parametrize("names", [["BEN"], ["ben", "Ada"]])
def test_the_oracle_leaves_open_who_a_name_in_capitals_is(names: list[str]) -> None:
    from fuzz.expected import Unsure
    from fuzz.tables import interpret_table

    with pytest.raises(Unsure):
        interpret_table([["member", "1"], *([name, "yes"] for name in names)], "votes")


@pytest.mark.nightly
def test_a_hundred_thousand_inputs(tool: ModuleType, tmp_path: Path) -> None:
    assert tool.fuzz(range(100_000), 1, folder=tmp_path).summary()["failures_by_kind"] == {}
