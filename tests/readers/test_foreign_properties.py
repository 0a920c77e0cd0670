"""Any votes, written as a foreign format describes them, come back; any damage is an InputError."""

import warnings
from collections.abc import Callable
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from numpy.typing import NDArray

from voteshift.errors import InputError
from voteshift.readers import DataWarning, check_file, read
from voteshift.rollcalls import RollCalls
from voteshift.votes import Vote

same_folder = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30
)
Y, N, A, X, OUT = (int(v) for v in (Vote.YES, Vote.NO, Vote.ABSTAIN, Vote.ABSENT, Vote.NOT_MEMBER))
STATES = {"USA": 2, "FRA": 220, "CHN": 710, "NAM": 565, "IND": 750, "DEU": 255}
Votes = NDArray[np.int8]


@st.composite
def matrices(draw: st.DrawFn) -> Votes:
    """Six members; everyone votes in the first roll call, so that none is lost where a seat is not listed."""
    cells = st.lists(st.sampled_from([Y, N, A, X, OUT]), min_size=6, max_size=6)
    rest = draw(st.lists(cells, max_size=4))
    return np.array([[Y, N, A, X, Y, N], *rest], dtype=np.int8).T


def kh(votes: Votes) -> tuple[str, str]:
    digit = {Y: "1", N: "6", A: "7", X: "9", OUT: "0"}
    heads = [f"109{10000 + k:5d}41 0ALABAMA 20011{'NAME' + str(k):<11}" for k in range(len(votes))]
    return "x.ord", "".join(
        f"{head}{''.join(digit[v] for v in row.tolist())}\n" for head, row in zip(heads, votes, strict=True)
    )


def voteview(votes: Votes) -> tuple[str, str]:
    digit = {Y: 2, N: 5, A: 8, X: 9, OUT: 0}
    rows = [
        f"116,House,{j + 1},{k},{digit[int(votes[k, j])]}\n"
        for j in range(votes.shape[1])
        for k in range(len(votes))
    ]
    return "x.csv", "congress,chamber,rollnumber,icpsr,cast_code\n" + "".join(rows)


def voeten(votes: Votes) -> tuple[str, str]:
    digit = {Y: 1, N: 3, A: 2, X: 8, OUT: 9}
    rows = [
        f"{j}\t{number}\t10\t{digit[int(votes[k, j])]}\n"
        for j in range(votes.shape[1])
        for k, number in enumerate(STATES.values())
    ]
    return "x.tab", "rcid\tccode\tsession\tvote\n" + "".join(rows)


def undl(votes: Votes) -> tuple[str, str]:
    letter = {Y: "Y", N: "N", A: "A", X: "X"}
    rows = [
        f"{j},{code},{letter[int(votes[k, j])]},1999-01-01\n"
        for j in range(votes.shape[1])
        for k, code in enumerate(STATES)
        if votes[k, j] != OUT
    ]
    return "x.csv", "undl_id,ms_code,ms_vote,date\n" + "".join(rows)


def undl_wide(votes: Votes) -> tuple[str, str]:
    letter = {Y: "Y", N: "N", A: "A", X: "X", OUT: ""}
    rows = [
        f"{j},1999-01-01,{','.join(letter[v] for v in votes[:, j].tolist())},{(votes[:, j] == Y).sum()}\n"
        for j in range(votes.shape[1])
    ]
    return "x.csv", f"undl_id,date,{','.join(STATES)},total_yes\n" + "".join(rows)


FORMATS: dict[str, Callable[[Votes], tuple[str, str]]] = {
    "kh": kh, "voteview": voteview, "voeten": voeten, "undl": undl, "undl wide": undl_wide
}  # fmt: skip


def judge(error: InputError, path: Path) -> None:
    assert error.file == str(path)
    assert error.remedy
    assert "\n" not in str(error)


def quietly(path: Path, format: str | None = None) -> RollCalls:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        return read(path, format)


@pytest.mark.parametrize("name", FORMATS)
@same_folder
@given(votes=matrices())
def test_every_vote_comes_back(name: str, votes: Votes, tmp_path: Path) -> None:
    file, content = FORMATS[name](votes)
    path = tmp_path / file
    path.write_text(content, encoding="utf-8")
    assert np.array_equal(quietly(path, name.partition(" ")[0]).votes, votes)
    assert np.array_equal(quietly(path).votes, votes)


@pytest.mark.parametrize("suffix", ["xlsx", "parquet"])
@settings(same_folder, max_examples=8)
@given(votes=matrices())
def test_every_vote_of_a_sheet_comes_back(suffix: str, votes: Votes, tmp_path: Path) -> None:
    members, rollcalls = ([f"{what}{k}" for k in range(n)] for what, n in zip("mr", votes.shape, strict=True))
    record = RollCalls(votes, pd.DataFrame(index=members), pd.DataFrame(index=rollcalls))
    path = tmp_path / f"x.{suffix}"
    frame = record.to_long()
    frame.to_excel(path, index=False) if suffix == "xlsx" else frame.to_parquet(path)
    assert np.array_equal(read(path).votes, votes)


@pytest.mark.parametrize("name", FORMATS)
@same_folder
@given(votes=matrices(), data=st.data())
@example(votes=np.full((6, 1), Y, dtype=np.int8), data=None)
def test_damage_is_an_input_error_with_its_place(
    name: str, votes: Votes, data: st.DataObject | None, tmp_path: Path
) -> None:
    file, content = FORMATS[name](votes)
    if data is not None:
        at = data.draw(st.integers(0, len(content)))
        until = data.draw(st.integers(at, min(len(content), at + 30)))
        content = (
            content[:at] + data.draw(st.text("0123456789,\t\n\"'.-YNAXyes é", max_size=12)) + content[until:]
        )
    path = tmp_path / file
    path.write_text(content, encoding="utf-8")
    for format in (None, name.partition(" ")[0]):
        try:
            quietly(path, format)
        except InputError as error:
            judge(error, path)
            wrong = [finding for finding in check_file(path) if finding.severity == "error"]
            judge(wrong[0].to_error(), path) if format is None else None
