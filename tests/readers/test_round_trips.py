import csv
import string
import subprocess
import sys
import warnings
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings

from voteshift.errors import InputError
from voteshift.readers import DataWarning, check_file, read
from voteshift.rollcalls import RollCalls

# Ids that are no states and hold what a CSV must quote.
ids = st.text(string.ascii_lowercase + "0123456789 ,;\"'\t\n/é", max_size=6).map(lambda text: f"q{text}q")
codes = st.sampled_from([-3, -2, -1, 0, 1, 2])
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@st.composite
def worlds(draw: st.DrawFn, ids: st.SearchStrategy[str] = ids) -> RollCalls:
    members = draw(st.lists(ids, min_size=1, max_size=6, unique=True))
    rollcalls = draw(st.lists(ids, min_size=1, max_size=6, unique=True))
    cells = st.lists(codes, min_size=len(rollcalls), max_size=len(rollcalls))
    votes = draw(st.lists(cells, min_size=len(members), max_size=len(members)))
    return RollCalls(np.array(votes, np.int8), pd.DataFrame(index=members), pd.DataFrame(index=rollcalls))


# A file written with tabs or semicolons cannot be told from another if its cells hold the other delimiters.
plain_ids = ids.map(lambda text: "".join(letter for letter in text if letter not in ",;\t"))
written = st.one_of(
    st.tuples(st.just(","), worlds()),
    st.tuples(st.sampled_from([";", "\t"]), worlds(plain_ids)),
)


def read_quietly(path: Path) -> RollCalls:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        return read(path)


def refusal(path: Path) -> InputError | None:
    """Return the error with which a path is refused, if it is, once it is a good one; any other is raised."""
    try:
        read_quietly(path)
    except InputError as error:
        good = (
            error.file and Path(error.file).is_relative_to(path) and error.remedy and "\n" not in str(error)
        )
        if not good:
            raise AssertionError(f"a poor error: {error!r}") from error
        return error
    return None


def seats(rollcalls: RollCalls) -> set[tuple[str, ...]]:
    return set(rollcalls.to_long().itertuples(index=False, name=None))


@same_folder
@given(written=written)
def test_one_row_per_vote(written: tuple[str, RollCalls], tmp_path: Path) -> None:
    delimiter, world = written
    path = tmp_path / "votes.csv"
    long = world.to_long()
    long.to_csv(path, index=False, sep=delimiter)
    if not len(long):
        with pytest.raises(InputError, match="no rows"):
            read(path)
        return
    assert seats(read_quietly(path)) == seats(world)
    assert all("are read as two members" in finding.message for finding in check_file(path))


@same_folder
@given(written=written)
def test_matrix(written: tuple[str, RollCalls], tmp_path: Path) -> None:
    delimiter, world = written
    path = tmp_path / "wide.csv"
    world.to_wide().to_csv(path, sep=delimiter)
    back = read_quietly(path)
    assert back.members.index.tolist() == world.members.index.tolist()
    assert back.rollcalls.index.tolist() == world.rollcalls.index.tolist()
    assert np.array_equal(back.votes, world.votes)


@same_folder
@given(world=worlds())
def test_folder(world: RollCalls, tmp_path: Path) -> None:
    world.to_wide().to_csv(tmp_path / "votes.csv.gz")
    world.rollcalls.join(world.tally()[["yes", "no", "abstain"]]).to_csv(tmp_path / "rollcalls.csv")
    world.members.assign(name="Ada").to_csv(tmp_path / "members.csv")
    back = read_quietly(tmp_path)
    assert np.array_equal(back.votes, world.votes)
    assert back.members["name"].eq("Ada").all()
    assert back.rollcalls[["yes", "no", "abstain"]].equals(
        world.tally()[["yes", "no", "abstain"]].astype("Int64")
    )


lines = st.sampled_from(
    'member,vote|member,rollcall,vote,yes,date|rollcall,m1|,r1,r2|m1,yes|USA,no|m1,r1,yes,1,|m2,x|\ufeff|"|,||'
    "state;vote|Peru;yes|a\tb|\0|\x1c|\x85|NA,NA|iso3,vote|rollcall,yes,no,abstain|r1,1,,|m1|rcid".split("|")
)
garbage = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(lines, max_size=8).map(lambda rows: "\n".join(rows).encode()),
    st.binary(max_size=60).map(lambda tail: b"\x1f\x8b\x08\x00" + tail),
    st.binary(max_size=60).map(lambda tail: b"\xfd7zXZ\x00" + tail),
)


@settings(same_folder, max_examples=400)
@given(content=garbage, name=st.sampled_from(["a.csv", "a.tsv", "a.csv.gz", "folder"]))
@example(content=b"a\r\rb,c", name="a.csv")
@example(content=b"\x0b\n,", name="a.csv")
def test_garbage_raises_nothing_but_an_input_error(content: bytes, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if name == "folder":
        path.mkdir(exist_ok=True)
        for stem in ("votes", "rollcalls", "members"):
            (path / f"{stem}.csv").write_bytes(content)
    else:
        path.write_bytes(content)
    error = refusal(path)
    assert any(finding.severity == "error" for finding in check_file(path)) == (error is not None)


@same_folder
@given(cells=st.lists(st.lists(st.text(max_size=8), min_size=3, max_size=3), min_size=1, max_size=6))
def test_garbled_cells_raise_nothing_but_an_input_error(cells: list[list[str]], tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    with path.open("w", encoding="utf-8", errors="replace", newline="") as handle:
        csv.writer(handle).writerows([["member", "rollcall", "vote"], *cells])
    refusal(path)


def test_importing_the_readers_loads_nothing_heavy() -> None:
    code = "import sys, voteshift.readers; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    heavy = {"scipy", "statsmodels", "numba", "matplotlib", "xarray", "arviz_base", "pymc"}
    assert heavy.isdisjoint(run.stdout.split())
